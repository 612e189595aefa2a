/* SPDX-License-Identifier: Apache-2.0
 *
 * score.h - from the verdicts of tests to requirements, guidelines and the gate. A pure function of JSON.
 *
 * Requirement  FAIL when any of its tests is FAIL, or any record that serves it (REVIEW when such a decision cannot count any
 *              more); else NOT_APPLICABLE when the declaration says so with evidence and every test of it that was to be
 *              run has passed (one without an answer might have told otherwise); else, class c: the worst of its records
 *              (review.h) and of the tests that decide it, so REVIEW while a record waits, NOT_TESTED when none is named; else
 *              the worst of the tests that decide it. Tests and records that only support it never make it PASS. An alias has
 *              the verdict of what it restates and is not scored again. A known misjudgement (misjudge.h) makes a good verdict
 *              worse, never a bad one better.
 * Guideline    the worst of its applicable shall requirements; the should ones beside it.
 * Score        [low, high] in ppm with weights shall 3, should 2, may and info 0: low counts PASS only, high also
 *              everything that is not known. Not applicable leaves both sums. Nothing applicable: [0, 1000000].
 * Coverage     requirements with an answer (PASS or FAIL) of the applicable ones, by class.
 * Gate         MET when every applicable shall is PASS, NOT MET when one is FAIL, else OPEN; a rehearsal is never MET. */
#ifndef HARNESS_SCORE_H
#define HARNESS_SCORE_H

#include <jansson.h>
#include <stdbool.h>

struct score_in {
	const json_t *requirements;     /* requirements.yaml as JSON */
	const json_t *tests;            /* [{"id","guideline","decides","supports","verdict","why"}] */
	const json_t *records;          /* [{"id","verdict","why"}] of review_records(); NULL = every record waits */
	json_t *marks;                  /* misjudgements of requirements are appended; NULL = they only count */
	const json_t *not_applicable;   /* {"G10.1": {"why","evidence"}}, see applies.c; both needed; NULL = none */
	const json_t *planned;          /* {"BT10-01": true}: tests that the run was to carry out; NULL = none */
	bool rehearsal;
	const char *profile;            /* its name, for the gate's reason */
};

/* Sets decided, open, of, counts, gate, guidelines and requirements in `verdicts` (an object). */
void score(const struct score_in *in, json_t *verdicts);
#endif
