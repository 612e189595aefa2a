/* SPDX-License-Identifier: Apache-2.0
 *
 * judge_in.h - the way from records to the verdict of one test, for judge_rep.c (one repetition of one attempt), judge_shape.c,
 * judge_one.c (all of them, one verdict) and judge_json.c (how it is written down) only. */
#ifndef HARNESS_JUDGE_IN_H
#define HARNESS_JUDGE_IN_H

#include <string.h>

#include "harness/judge.h"
#include "harness/reps.h"

struct attempt {
	struct records *records;        /* of the whole run */
	const char *test;
	size_t first, last;             /* its `begin`, and the last of the test's records in it; others may lie in between */
	const struct record **rec;      /* owned: its records, those of one place beside each other, in the order of the journal */
	size_t *start;                  /* owned: where the records of a place begin in rec, by its id */
	const struct record *last_rep;  /* the last `rep` or `alive` record that names a repetition, or NULL */
	json_t *end;                    /* owned; NULL: interrupted */
	char lost[96];                  /* records of it are not in the journal any more, and why that is known; "" = none is missed */
	int64_t begin_ns, end_ns, unit, round;
	int64_t busy;                   /* percent of what the machine can do at once; 0: nobody counted */
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
	const char *control;            /* name of the repetition under which its control was run: some share one */
	struct answer *rep;
	bool held;                      /* the control held, or there is none */
	bool shown;                     /* a control, or a claim with else: INCONCLUSIVE, held */
	char control_why[300];
	char shape_why[300];            /* it was done with other limits than are asked for; "" = it was not */
	size_t n_claims;
};

struct outcome { enum verdict verdict; char why[512]; };

struct round { struct attempts as; struct answer *best; struct outcome o; };    /* the attempts' records stay those of all */
struct judging {                        /* what all rounds of a test are judged with */
	const struct plan *plan;
	const struct test *test;
	const json_t *run;
	struct records *records;
	json_t *limits;
	struct rep *rep; size_t n;
};

static inline const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static inline bool is(const json_t *o, const char *key, const char *value)
{
	return !strcmp(text_of(o, key), value);
}

#define ROUNDS_MAX 1000

/* ---- judge_attempts.c ---- */
void attempts_split(const struct test *t, struct records *r, struct attempts *as);
void attempts_done(struct attempts *as);

/* ---- judge_one.c ---- */
void judge_round(const struct judging *j, struct round *r);     /* r->as is given; fills best and o */

/* ---- judge_rep.c ---- */
void trial_judge(struct trial *tr);     /* fills tr->rep: verdict, why, claims */
struct record_list trial_records(const struct attempt *a, const char *part, const char *rep);
/* The `rep` record that says what each.X was; NULL when the part was not run. */
const struct record *trial_head(struct record_list list);
bool trial_fault(struct records *r, struct record_list list, char *why, size_t n);      /* a step that the bench could not do */
int trial_alive(const struct trial *tr, const char *when);      /* 1, 0, or -1 when nobody looked */

/* ---- judge_shape.c ---- */
/* Was this part done with the limits and values that the plan asks for now? If not, tr->shape_why says so. head: its `rep` record. */
void trial_shape(struct trial *tr, bool control, const json_t *head);

/* ---- judge_json.c ---- */
json_t *judge_test_json(const struct test *t, const struct outcome *o, const struct attempts *as, const struct answer *best, size_t n,
			const json_t *run, const char *dir);
/* Takes every "DIR/inputs/" out of a message: verdicts do not depend on where the folder stands. */
void judge_forget_dir(const char *dir, char *text);
#endif
