/* SPDX-License-Identifier: Apache-2.0
 *
 * judge.h - from a run folder to verdicts.json. A pure function: same folder, same options, same bytes.
 *
 * Reads   run.json, inputs/, journal.jsonl, review/ (decisions, and the documents they name), seals/ for which of them are
 *         sealed; serial/, wire/ and capture/ only for the time line and drop counts; of files that claims point to the size.
 * Writes  DIR/verdicts.json (or another file below DIR).
 * Fails   ERR_CONF: inputs do not load. ERR_BENCH: the journal's chain is broken: nothing is judged from a record that
 *         was altered or has lost a line. The same goes for decisions.
 *
 * A test     FAIL when a counterexample was seen, whatever else went wrong; else ERROR when the bench failed; else
 *            INCONCLUSIVE when the device was not alive, a control did not hold or a claim is unknown; else the worst
 *            of its claims. PASS needs every planned repetition, at least one claim, liveness before and after, and for
 *            claims of absence something that shows the test could have seen the opposite.
 * Attempts   only ERROR and interruption are superseded; of finished repetitions the worst counts.
 * Rounds     of `run --repeat N` each is judged like a run of its own and the worst counts; one that is missing is NOT_TESTED.
 *            "flaky" is the share of rounds (ppm) that did not say what most of them say.
 * Re-scored  (another profile) a limit that only judges is simply the new one. One that shaped what was done (a parameter
 *            of a step) must be what it was then: else nobody tested that, and the answer is INCONCLUSIVE, save for a
 *            counterexample, which was seen all the same. */
#ifndef HARNESS_JUDGE_H
#define HARNESS_JUDGE_H

#include "harness/plan.h"
#include "harness/records.h"

struct judge_options {
	const char *profile;            /* path or name of another profile; NULL: the run's own */
	const char *as_of;              /* day on which expiry is judged, "2027-11-26"; NULL: the day the run ended */
	const char *file;               /* below DIR; NULL: verdicts.json */
	const json_t *peers;            /* what other units of a campaign showed: {"BT1-02|expect|REP": {"LABEL.FACT":
					   [{"unit","values","whole","apart"}]}}; NULL: nobody knows of any */
};

bool judge_run(const char *dir, const struct judge_options *o, struct err *err) MUST_CHECK;
/* The same without writing anything; *ret is a new reference. */
bool judge_folder(const char *dir, const struct judge_options *o, json_t **ret, struct err *err) MUST_CHECK;
/* Everything above the tests (weighing, requirements, guidelines, gate, other schemes) of a result whose tests are there. */
struct judge_above {
	const char *dir;                /* a run whose inputs it is scored by */
	const char *reviewed;           /* the folder whose review/ counts */
	const char *as_of;              /* a day, or NULL: the day that the result's run ended */
};
bool judge_scores(const struct judge_above *o, json_t *verdicts, struct err *err) MUST_CHECK;
/* "BT1-02|expect|REP" */
void judge_place(char *buf, size_t n, const char *test, const char *part, const char *rep);
/* The part without files: everything but timeline and drop counts. New reference, never NULL. dir is taken off the
 * front of file names; records are those of records_read(), or in tests of records_of(). */
json_t *judge_records(const struct plan *p, const json_t *run, struct records *records, const char *dir);
/* DIR/inputs/suites/G09.yaml -> suites/G09.yaml */
const char *judge_short_path(const char *dir, const char *path);
/* Was the run limited to others (`only` of run.json)? */
bool judge_left_out(const struct test *t, const json_t *run);
/* One test of verdicts.json from all records of the run. New reference. (judge_test.c tests it) */
json_t *judge_one_test(const struct plan *p, const struct test *t, const json_t *run, struct records *records, const char *dir);
#endif
