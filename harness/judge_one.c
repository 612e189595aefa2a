// SPDX-License-Identifier: Apache-2.0
// One test: its attempts, their repetitions, one verdict.
#include <stdio.h>
#include <stdlib.h>

#include "harness/judge_in.h"
#include "harness/value.h"

/* ---- attempts: the records of this test between `begin` and `end` ---- */
static void add_attempt(struct attempts *as, const json_t *rec)
{
	struct attempt *more = realloc(as->a, (as->n + 1) * sizeof(*more));

	if (!more)
		abort();
	as->a = more;
	as->a[as->n++] = (struct attempt){ .records = json_array(), .unit = json_integer_value(json_object_get(rec, "unit")),
					   .begin_ns = json_integer_value(json_object_get(rec, "t_ns")) };
}

static void split(const struct test *t, const json_t *records, struct attempts *as)
{
	size_t i;
	json_t *rec;

	json_array_foreach((json_t *)records, i, rec) {
		struct attempt *a;

		if (!is(rec, "test", t->id))
			continue;
		if (is(rec, "kind", "begin"))
			add_attempt(as, rec);
		a = as->n ? &as->a[as->n - 1] : NULL;
		if (!a || a->end)
			continue;
		a->end_ns = json_integer_value(json_object_get(rec, "t_ns"));
		if (is(rec, "kind", "end"))
			a->end = rec;
		json_array_append(a->records, rec);
	}
}

static void attempts_done(struct attempts *as)
{
	for (size_t i = 0; i < as->n; i++)
		json_decref(as->a[i].records);
	free(as->a);
}

/* ---- all repetitions of all attempts ---- */

/* Did the run reach this repetition in this attempt? A control that did not hold, or a device that was not alive, is
 * an answer; a shared control alone is not. */
static bool begun(const struct trial *tr)
{
	json_t *body = trial_records(tr->attempt, "expect", tr->rep->rep->name), *control = trial_control(tr);
	char fault[64];
	bool yes = trial_head(body) || trial_alive(tr, "before") == 0;

	yes |= trial_head(control) && (!tr->held || trial_fault(control, fault, sizeof(fault)));
	json_decref(body);
	json_decref(control);
	return yes;
}

/* The run went on after it: the attempt ended, or another repetition began later. */
static bool finished(const struct trial *tr)
{
	bool mine = false, later = false;
	size_t i;
	json_t *rec;

	json_array_foreach(tr->attempt->records, i, rec) {
		if (!json_object_get(rec, "rep") || !(is(rec, "kind", "rep") || is(rec, "kind", "alive")))
			continue;
		if (is(rec, "rep", tr->rep->rep->name)) {
			mine = true;
			later = false;
		} else {
			later = mine && !is(rec, "part", "control");
		}
	}
	return tr->attempt->end || later;
}

/* Is `later` the answer that counts, now that both are there? */
static bool replaces(const struct answer *old, const struct answer *later)
{
	if (old->finished != later->finished)
		return later->finished ? old->verdict != VERDICT_FAIL : later->verdict == VERDICT_FAIL;
	if (old->verdict == VERDICT_ERROR)
		return true;
	return later->verdict != VERDICT_ERROR && verdict_severity(later->verdict) > verdict_severity(old->verdict);
}

/* The answer of one attempt to one repetition, kept in *best when it is the one that counts. */
static void judge_attempt(struct trial *tr, const struct rep *rep, struct answer *best)
{
	struct answer one = { .rep = rep, .claims = json_array() };

	tr->rep = &one;
	trial_judge(tr);
	one.finished = finished(tr);
	if (!begun(tr) || (best->claims && !replaces(best, &one))) {
		json_decref(one.claims);
		return;
	}
	json_decref(best->claims);
	*best = one;
}

/* ---- the verdict of the test ---- */
static void worse(struct outcome *o, enum verdict v, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void worse(struct outcome *o, enum verdict v, const char *fmt, ...)
{
	char why[sizeof(o->why)];
	va_list ap;

	if (verdict_severity(v) <= verdict_severity(o->verdict))
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	*o = (struct outcome){ .verdict = v };
	text_add(o->why, sizeof(o->why), "%s", why);
}

static void fold(const struct test *t, const struct attempts *as, const struct answer *best, size_t want, struct outcome *o)
{
	size_t done = 0;
	const struct attempt *last = &as->a[as->n - 1];
	const char *end = last->end ? text_of(last->end, "text") : "interrupted";

	*o = (struct outcome){ .verdict = VERDICT_NOT_APPLICABLE };
	for (size_t i = 0; i < want; i++) {
		const struct answer *r = &best[i];

		if (!r->claims || (!r->finished && r->verdict != VERDICT_FAIL))
			continue;
		done += r->finished;
		worse(o, r->verdict, r->why[0] && r->rep->name[0] ? "%s [%s]" : "%s%.0s", r->why, r->rep->name);
	}
	if (done < want && !done)
		worse(o, VERDICT_NOT_TESTED, "%s", end[0] ? end : "no repetition was run");
	else if (done < want)
		worse(o, VERDICT_NOT_TESTED, "%zu of %zu repetitions were not run%s%s", want - done, want, end[0] ? ": " : "", end);
	if (!want)
		worse(o, VERDICT_NOT_TESTED, "nothing to repeat it with");
	/* what the run saw and no record of a repetition shows: a state not reached, a line that broke */
	if (last->end && is(last->end, "outcome", "ERROR") && o->verdict != VERDICT_FAIL && (done < want || o->verdict == VERDICT_PASS))
		worse(o, VERDICT_ERROR, "%s", end[0] ? end : "the bench failed");
	if (last->end && is(last->end, "outcome", "INCONCLUSIVE") && done < want)
		worse(o, VERDICT_INCONCLUSIVE, "%s", end[0] ? end : "it could not be carried out");
	for (size_t i = 0; i < t->n_limits && done; i++)
		if (t->limit[i].now.finding)
			worse(o, VERDICT_REVIEW, "limit %s: the declaration lies beyond its bound and was cut there", t->limit[i].name);
}

/* Why there is no record of it. */
static void not_run(const struct test *t, const json_t *run, const json_t *records, struct outcome *o)
{
	const json_t *lost = NULL;
	const char *last_test = "", *lost_at = "";
	const json_t *last_run = NULL;
	bool left_out = json_array_size(json_object_get(run, "only")) > 0;
	size_t i;
	json_t *e;

	json_array_foreach(json_object_get(run, "only"), i, e)
		if (json_is_string(e) && (!strcmp(json_string_value(e), t->id) || !strcmp(json_string_value(e), t->guideline)))
			left_out = false;
	json_array_foreach((json_t *)records, i, e) {
		if (is(e, "kind", "begin"))
			last_test = text_of(e, "test");
		if (is(e, "kind", "state")) {
			lost = json_is_false(json_object_get(e, "ok")) ? e : NULL;
			lost_at = last_test;
		}
		last_run = is(e, "kind", "run") ? e : last_run;
	}
	o->verdict = VERDICT_NOT_TESTED;
	if (t->not_tested)
		text_add(o->why, sizeof(o->why), "%s", t->not_tested);
	else if (t->skip)
		text_add(o->why, sizeof(o->why), "%s", t->skip);
	else if (left_out)
		text_add(o->why, sizeof(o->why), "left out: the run was limited to other tests");
	else if (lost)
		text_add(o->why, sizeof(o->why), "device lost at %s: %s", lost_at[0] ? lost_at : "the start", text_of(lost, "text"));
	else
		text_add(o->why, sizeof(o->why), is(last_run, "what", "close") ? "the run has no record of it" :
			 is(last_run, "what", "stop") ? "the run stopped: %s" : "interrupted%.0s", text_of(last_run, "text"));
}

json_t *judge_one_test(const struct plan *p, const struct test *t, const json_t *run, const json_t *records, const char *dir)
{
	struct attempts as = { 0 };
	struct outcome o = { 0 };
	struct err err = { 0 };
	struct rep *rep = NULL;
	struct answer *best;
	json_t *limits = limits_now(t), *out;
	size_t n = 0;

	if (!reps_make(t, (uint64_t)json_integer_value(json_object_get(run, "seed")), (int)json_integer_value(json_object_get(run, "unit")),
		       &rep, &n, &err))
		n = 0;
	best = calloc(n + 1, sizeof(*best));
	if (!best)
		abort();
	split(t, records, &as);
	for (size_t a = 0; a < as.n; a++)
		for (size_t i = 0; i < n; i++) {
			struct trial tr = { .plan = p, .test = t, .attempt = &as.a[a], .limits = limits };

			judge_attempt(&tr, &rep[i], &best[i]);
		}
	if (as.n)
		fold(t, &as, best, n, &o);
	else
		not_run(t, run, records, &o);
	judge_forget_dir(dir, o.why);
	out = judge_test_json(t, &o, &as, best, n, run, dir);
	for (size_t i = 0; i < n; i++)
		json_decref(best[i].claims);
	free(best);
	reps_free(rep, n);
	attempts_done(&as);
	json_decref(limits);
	return out;
}
