/* SPDX-License-Identifier: Apache-2.0
 *
 * judge.h - from a run folder to verdicts.json. A pure function: same folder, same options, same bytes.
 *
 * Reads   run.json, inputs/, journal.jsonl; serial/, wire/ and capture/ only for the time line and drop counts.
 * Writes  DIR/verdicts.json (or another file below DIR).
 * Fails   ERR_CONF: inputs do not load. ERR_BENCH: the journal's chain is broken: nothing is judged from a record that
 *         was altered or has lost a line.
 *
 * A test     FAIL when a counterexample was seen, whatever else went wrong; else ERROR when the bench failed; else
 *            INCONCLUSIVE when the device was not alive, a control did not hold or a claim is unknown; else the worst
 *            of its claims. PASS needs every planned repetition, at least one claim, liveness before and after, and for
 *            claims of absence something that shows the test could have seen the opposite.
 * Attempts   only ERROR and interruption are superseded; of finished repetitions the worst counts. */
#ifndef HARNESS_JUDGE_H
#define HARNESS_JUDGE_H

#include "harness/plan.h"

struct judge_options {
	const char *profile;            /* path or name of another profile; NULL: the run's own */
	const char *file;               /* below DIR; NULL: verdicts.json */
};

bool judge_run(const char *dir, const struct judge_options *o, struct err *err) MUST_CHECK;
/* The part without files: everything but timeline and drop counts. New reference, never NULL. dir is taken off the
 * front of file names; records must have passed journal_read. */
json_t *judge_records(const struct plan *p, const json_t *run, const json_t *records, const char *dir);
/* DIR/inputs/suites/G09.yaml -> suites/G09.yaml */
const char *judge_short_path(const char *dir, const char *path);
/* One test of verdicts.json from all records of the run. New reference. (judge_test.c tests it) */
json_t *judge_one_test(const struct plan *p, const struct test *t, const json_t *run, const json_t *records, const char *dir);
#endif
