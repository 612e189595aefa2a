/* SPDX-License-Identifier: Apache-2.0
 *
 * campaign_judge.h - several runs, one unit each, judged together.
 *
 * In       run folders that are intact, sealed, and of one kind: the same declaration, suites and profile, each of another unit.
 * Out      a folder of its own: run.json (which runs, and the SHA-256 of the last seal of each), verdicts.json, report/, seals.
 *          Evidence stays where it is; a pointer `unit2/serial/console.raw` leads into the run of unit 2.
 * Test     judged for every unit; the worst counts. A claim with `distinct` is judged with what the other units showed.
 * Above    requirements, guidelines and gate come of the tests as in score.h: PASS needs PASS in every unit.
 * Bound    CAMPAIGN_RUNS runs.
 * Fails    ERR_CONF: runs that do not belong together, with what differs. ERR_BENCH: a run that is not intact.
 *
 * Pure: the same runs and the same name of the folder give the same bytes. */
#ifndef HARNESS_CAMPAIGN_JUDGE_H
#define HARNESS_CAMPAIGN_JUDGE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define CAMPAIGN_RUNS 64

/* out is made; a campaign that stands there already is judged again (with what people decided on it meanwhile), anything else is
 * not written over. as_of: the day on which decisions must hold; NULL: that on which the last run ended. */
bool campaign_judge(const char *out, const char *const *runs, size_t n, const char *as_of, struct err *err) MUST_CHECK;
/* One that was judged before, from the folders that its runs were in then; run: its campaign_run(). */
bool campaign_again(const char *dir, const json_t *run, const char *as_of, struct err *err) MUST_CHECK;
/* The part without files. verdict[n]: of each unit alone, from judge_folder; NULL is no such. New reference: what unit `me`
 * has to be compared with (judge_options.peers). */
json_t *campaign_peers(json_t *const *verdict, size_t n, size_t me);
/* {"id", ..., "runs": [..]} and the verdicts of each unit -> tests of the campaign. New reference. */
json_t *campaign_tests(const json_t *run, json_t *const *verdict, size_t n);
/* What contradicts the declaration (see declare.h), whichever unit showed it. New reference. */
json_t *campaign_findings(json_t *const *verdict, size_t n);

/* Is this the folder of a campaign? Its run.json, new reference, or NULL. */
json_t *campaign_run(const char *dir);
/* The folder of a unit's run, where it was when the campaign was judged; false when it is not there any more. */
bool campaign_folder(const char *dir, const json_t *run, int64_t unit, char *ret, size_t n);
/* Calls `say` for each run of a campaign whose folder is among given[n] or where it was: intact, and sealed as it was judged?
 * Returns how many are not. A run that is not here is said to be so and counts as neither. key: as for seal_verify. */
size_t campaign_verify(const char *dir, const json_t *run, const char *key, const char *const *given, size_t n,
		       void (*say)(const json_t *one, bool good, const char *text, void *data), void *data);
#endif
