/* SPDX-License-Identifier: Apache-2.0
 *
 * reps.h - the repetitions of a test: every combination of its `each` values, and how a control shares them. */
#ifndef HARNESS_REPS_H
#define HARNESS_REPS_H

#include "harness/plan.h"

struct rep { char name[512]; json_t *each; };   /* "outage=link_down,at=1.2s"; {"outage":"link_down"} */

/* A test without `each` has one repetition, named "". At most 10 000. */
bool reps_make(const struct test *t, uint64_t seed, int unit, struct rep **ret, size_t *ret_n, struct err *err) MUST_CHECK;
/* The same for a run that was: with the values that its run.json names in "each" (a redacted copy, which has no seed), else its seed. */
bool reps_of_run(const struct test *t, const json_t *run, struct rep **ret, size_t *ret_n, struct err *err) MUST_CHECK;
/* All values that the seed of a run folder made, as "each" of run.json holds them: {"1/BT9-01/each/outage": [..]}; new reference. */
bool reps_values(const char *dir, const json_t *run, json_t **ret, struct err *err) MUST_CHECK;
void reps_free(struct rep *rep, size_t n);

/* The part of `full` that the control refers to: repetitions that agree in it share one control. Its name is made of
 * the same pieces, so a reader of the journal knows a control serves a repetition when all its pieces occur there. */
void rep_for_control(const struct test *t, const struct rep *full, struct rep *ret);
bool rep_covers(const char *control, const char *full);
void rep_done(struct rep *r);
#endif
