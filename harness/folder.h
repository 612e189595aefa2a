/* SPDX-License-Identifier: Apache-2.0
 *
 * folder.h - the run folder: made new with copies of every input, or opened again to go on. */
#ifndef HARNESS_FOLDER_H
#define HARNESS_FOLDER_H

#include "harness/run.h"
#include "harness/session.h"

/* Makes the folder, copies bench.yaml, device.yaml, profile.yaml and suites/ to inputs/, writes run.json, makes the
 * scratch folder. Fills s->run_dir, dir, prefix, work, suites, root, seed. */
bool folder_new(const struct run_options *o, const struct plan *p, struct session *s, struct err *err) MUST_CHECK;
/* Opens o->resume: seed and unit from run.json, evidence into resumeN/. */
bool folder_resume(const struct run_options *o, struct session *s, struct err *err) MUST_CHECK;
/* A folder for evidence without inputs: `dir`, or (NULL) a new one below /tmp; and the scratch folder. */
bool folder_by_hand(const char *dir, struct session *s, struct err *err) MUST_CHECK;
/* Puts keys into run.json (new values replace old ones). Takes ownership of patch. */
bool folder_note(const struct session *s, json_t *patch, struct err *err) MUST_CHECK;
/* Now, as run.json writes it: 2026-11-23T09:15:00Z. */
void folder_utc(char *buf, size_t n);
/* Frees the space held back for a partial report after "no space left". */
void folder_release_reserve(const struct session *s);
/* Paths of the copied inputs for plan_load, and the tests that were selected then unless ret->only selects now;
 * buffers are static. */
void folder_inputs(const char *dir, struct plan_input *ret);
#endif
