/* SPDX-License-Identifier: Apache-2.0
 *
 * judge_in.h - the way from records to the verdict of one test, for judge_rep.c (one repetition of one attempt),
 * judge_one.c (all of them, one verdict) and judge_json.c (how it is written down) only. */
#ifndef HARNESS_JUDGE_IN_H
#define HARNESS_JUDGE_IN_H

#include <string.h>

#include "harness/judge.h"
#include "harness/reps.h"

struct attempt {
	json_t *records;                /* owned array of borrowed-by-count records */
	const json_t *end;              /* NULL: interrupted */
	int64_t begin_ns, end_ns, unit;
};
struct attempts { struct attempt *a; size_t n; };

struct answer {
	const struct rep *rep;          /* of the plan */
	bool finished;                  /* the run went on after it, or ended */
	enum verdict verdict;
	char why[512];
	json_t *claims;                 /* owned */
};

struct trial {                          /* everything that a repetition is judged from */
	const struct plan *plan;
	const struct test *test;
	const struct attempt *attempt;
	json_t *limits;
	struct answer *rep;
	bool held;                      /* the control held, or there is none */
	bool shown;                     /* a control, or a claim with else: INCONCLUSIVE, held */
	char control_why[300];
	size_t n_claims;
};

struct outcome { enum verdict verdict; char why[512]; };

static inline const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static inline bool is(const json_t *o, const char *key, const char *value)
{
	return !strcmp(text_of(o, key), value);
}

/* ---- judge_rep.c ---- */
void trial_judge(struct trial *tr);     /* fills tr->rep: verdict, why, claims */
json_t *trial_records(const struct attempt *a, const char *part, const char *rep);      /* new reference */
json_t *trial_control(const struct trial *tr);  /* the control's records; repetitions may share one; new reference */
/* The `rep` record that says what each.X was; NULL when the part was not run. */
const json_t *trial_head(const json_t *records);
bool trial_fault(const json_t *records, char *why, size_t n);   /* a step that the bench could not do */
int trial_alive(const struct trial *tr, const char *when);      /* 1, 0, or -1 when nobody looked */

/* ---- judge_json.c ---- */
json_t *judge_test_json(const struct test *t, const struct outcome *o, const struct attempts *as, const struct answer *best, size_t n,
			const json_t *run, const char *dir);
/* Takes every "DIR/inputs/" out of a message: verdicts do not depend on where the folder stands. */
void judge_forget_dir(const char *dir, char *text);
#endif
