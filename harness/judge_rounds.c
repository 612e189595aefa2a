// SPDX-License-Identifier: Apache-2.0
// One test: all its rounds (`run --repeat`), of which the worst counts.
#include <stdlib.h>

#include "harness/judge_in.h"
#include "harness/value.h"

/* What run.json asks for, and no fewer than the journal shows: a changed number hides none of them. */
static int rounds_wanted(const json_t *run, const struct attempts *as)
{
	json_int_t n = json_integer_value(json_object_get(run, "repeat"));

	n = n < 1 ? 1 : n > ROUNDS_MAX ? ROUNDS_MAX : n;
	for (size_t i = 0; i < as->n; i++)
		n = as->a[i].round > n ? as->a[i].round : n;
	return (int)n;
}

/* The attempts of one round; their records stay those of `all`. */
static struct attempts of_round(const struct attempts *all, int round)
{
	struct attempts mine = { .a = calloc(all->n + 1, sizeof(*mine.a)) };

	if (!mine.a)
		abort();
	for (size_t i = 0; i < all->n; i++)
		if (all->a[i].round == round)
			mine.a[mine.n++] = all->a[i];
	return mine;
}

static void round_done(struct round *r, size_t n)
{
	for (size_t i = 0; r->best && i < n; i++)
		json_decref(r->best[i].claims);
	free(r->best);
	free(r->as.a);
	*r = (struct round){ 0 };
}

/* Verdict of each round, and how many did not say what most of them say. */
static void add_rounds(json_t *out, const json_t *verdicts)
{
	size_t most = 0, n = json_array_size(verdicts), i, k;
	json_t *a, *b;

	json_array_foreach((json_t *)(uintptr_t)verdicts, i, a) {
		size_t same = 0;

		json_array_foreach((json_t *)(uintptr_t)verdicts, k, b)
			same += json_equal(a, b) ? 1 : 0;
		most = same > most ? same : most;
	}
	json_object_set_new(out, "rounds", json_integer((json_int_t)n));
	json_object_set_new(out, "flaky", json_integer((json_int_t)((n - most) * 1000000 / n)));
	json_object_set(out, "round_verdicts", (json_t *)(uintptr_t)verdicts);
}

/* Judges every round; *worst is the first of the worst ones. */
static json_t *judge_rounds(const struct judging *j, const struct attempts *as, int rounds, struct round *worst)
{
	json_t *verdicts = json_array();
	int at = 1;

	for (int i = 1; i <= rounds; i++) {
		struct round r = { .as = of_round(as, i) };

		judge_round(j, &r);
		json_array_append_new(verdicts, json_string(verdict_name(r.o.verdict)));
		if (i > 1 && verdict_severity(r.o.verdict) <= verdict_severity(worst->o.verdict)) {
			round_done(&r, j->n);
			continue;
		}
		round_done(worst, j->n);
		*worst = r;
		at = i;
	}
	if (rounds > 1 && worst->o.why[0])
		text_add(worst->o.why, sizeof(worst->o.why), " (round %d of %d)", at, rounds);
	return verdicts;
}

json_t *judge_one_test(const struct plan *p, const struct test *t, const json_t *run, struct records *records, const char *dir)
{
	struct judging j = { .plan = p, .test = t, .run = run, .records = records, .limits = limits_now(t) };
	struct attempts as = { 0 };
	struct round worst = { 0 };
	struct err err = { 0 };
	json_t *out, *verdicts;

	if (!reps_of_run(t, run, &j.rep, &j.n, &err))
		j.n = 0;
	attempts_split(t, records, &as);
	verdicts = judge_rounds(&j, &as, as.n ? rounds_wanted(run, &as) : 1, &worst);
	judge_forget_dir(dir, worst.o.why);
	out = judge_test_json(t, &worst.o, &as, worst.best, j.n, run, dir);
	if (json_array_size(verdicts) > 1)
		add_rounds(out, verdicts);
	round_done(&worst, j.n);
	reps_free(j.rep, j.n);
	attempts_done(&as);
	json_decref(verdicts);
	json_decref(j.limits);
	return out;
}
