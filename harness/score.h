/* SPDX-License-Identifier: Apache-2.0
 *
 * score.h - from the verdicts of tests to requirements, guidelines and the gate. A pure function of JSON.
 *
 * Requirement  FAIL when any of its tests is FAIL; else, class c: NOT_TESTED until a reviewer signed its record; else
 *              the worst of the tests that decide it. Tests that only support it never make it PASS. An alias has the
 *              verdict of what it restates and is not scored again.
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
	const json_t *not_applicable;   /* {"G10.1": {"why","evidence"}} from device.yaml; both needed; NULL = none */
	bool rehearsal;
	const char *profile;            /* its name, for the gate's reason */
};

/* Sets decided, open, of, counts, gate, guidelines and requirements in `verdicts` (an object). */
void score(const struct score_in *in, json_t *verdicts);
#endif
