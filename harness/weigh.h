/* SPDX-License-Identifier: Apache-2.0
 *
 * weigh.h - what stands between the verdicts of the tests and the score: on which limits they rest, how good their evidence
 * is, known misjudgements, and what people decided. Pure but for review_load(), which reads RUN/review/. */
#ifndef HARNESS_WEIGH_H
#define HARNESS_WEIGH_H

#include <jansson.h>

#include "harness/base/date.h"
#include "harness/base/err.h"

struct plan;
struct score_in;

struct review {                         /* what people added to the run */
	json_t *entries;                /* of review_read(); owned */
	char day[DATE_TEXT];            /* on which expiry is judged */
};
/* as_of: a day, or NULL for the day the run ended. Fails like review_read(). */
bool review_load(const char *dir, const json_t *run, const char *as_of, struct review *ret, struct err *err) MUST_CHECK;
void review_free(struct review *r);     /* a zeroed one is fine */

/* Gives tests "profile_sha256", "on_default", "grade", "grade_why" and perhaps "decision"; sets "as_of", "on_default" (how many
 * tests), "records", "waivers" and "marks" in out, and fills in->records and in->marks (borrowed from out). out holds "tests",
 * and "run", whose day counts when the plan carries no review. */
void weigh_tests(const struct plan *p, json_t *out, struct score_in *in);
#endif
