// SPDX-License-Identifier: Apache-2.0
// One round of one test: the repetitions of its attempts, one verdict.
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/cleanup.h"
#include "harness/judge_in.h"
#include "harness/stamp.h"
#include "harness/value.h"

/* ---- all repetitions of all attempts ---- */

/* Did the run reach this repetition in this attempt? A control that did not hold, or a device that was not alive, is
 * an answer; a shared control alone is not. */
static bool begun(const struct trial *tr)
{
	const struct attempt *a = tr->attempt;
	struct record_list body = trial_records(a, "expect", tr->rep->rep->name), control = trial_records(a, "control", tr->control);
	char fault[64];

	return trial_head(body) || trial_alive(tr, "before") == 0 ||
	       (trial_head(control) && (!tr->held || trial_fault(a->records, control, fault, sizeof(fault))));
}

static bool names_rep(const struct attempt *a, const char *rep)
{
	static const char *const part[] = { "before", "control", "expect", "after" };

	for (size_t k = 0; k < 4; k++) {
		struct record_list list = trial_records(a, part[k], rep);

		for (size_t i = 0; i < list.n; i++)
			if (list.rec[i]->kind == RECORD_rep || list.rec[i]->kind == RECORD_alive)
				return true;
	}
	return false;
}

/* The run went on after it: the attempt ended, or another repetition began later. */
static bool finished(const struct trial *tr)
{
	const struct record *last = tr->attempt->last_rep;
	const char *name = tr->rep->rep->name;

	return tr->attempt->end || (last && strcmp(last->where->rep, name) != 0 && strcmp(last->where->part, "control") != 0 &&
				    names_rep(tr->attempt, name));
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
	const json_t *ended = NULL;             /* the last one that has an end */

	for (size_t i = 0; i < as->n; i++)
		ended = as->a[i].end ? as->a[i].end : ended;
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
	/* what is lost may have told against the device, whatever the rest says */
	for (size_t i = 0; i < as->n; i++)
		if (as->a[i].lost[0])
			worse(o, VERDICT_INCONCLUSIVE, "records are lost: %s", as->a[i].lost);
	/* what the run saw and no record of a repetition shows: a state not reached, a line that broke */
	if (is(ended, "outcome", "ERROR") && o->verdict != VERDICT_FAIL && (done < want || o->verdict == VERDICT_PASS))
		worse(o, VERDICT_ERROR, "%s", text_of(ended, "text")[0] ? text_of(ended, "text") : "the bench failed");
	if (last->end && is(last->end, "outcome", "INCONCLUSIVE") && done < want)
		worse(o, VERDICT_INCONCLUSIVE, "%s", end[0] ? end : "it could not be carried out");
	for (size_t i = 0; i < t->n_limits && done; i++)
		if (t->limit[i].now.finding)
			worse(o, VERDICT_REVIEW, "limit %s: the declaration lies beyond its bound and was cut there", t->limit[i].name);
}

/* The last record of that kind; new reference, NULL when there is none. *ret_test: the test that had begun by then. */
static json_t *last_of(struct records *r, enum record_kind kind, const char **ret_test)
{
	struct record_list rare = records_rare(r);
	size_t i = rare.n;

	while (i > 0 && rare.rec[i - 1]->kind != kind)
		i--;
	if (i == 0)
		return NULL;
	for (size_t k = i; ret_test && k-- > 0;)
		if (rare.rec[k]->kind == RECORD_begin) {
			*ret_test = rare.rec[k]->where->test;
			break;
		}
	return records_json(r, rare.rec[i - 1]);
}

bool judge_left_out(const struct test *t, const json_t *run)
{
	const json_t *only = json_object_get(run, "only");
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)(uintptr_t)only, i, e)
		if (json_is_string(e) && (!strcmp(json_string_value(e), t->id) || !strcmp(json_string_value(e), t->guideline)))
			return false;
	return json_array_size(only) > 0;
}

/* Why there is no record of it. */
static void not_run(const struct test *t, const json_t *run, struct records *r, struct outcome *o)
{
	CLEANUP(free_json) json_t *state = NULL;
	CLEANUP(free_json) json_t *last_run = last_of(r, RECORD_run, NULL);
	const char *lost_at = "";
	bool lost;

	state = last_of(r, RECORD_state, &lost_at);
	lost = json_is_false(json_object_get(state, "ok"));
	o->verdict = VERDICT_NOT_TESTED;
	if (t->not_tested)
		text_add(o->why, sizeof(o->why), "%s", t->not_tested);
	else if (t->skip)
		text_add(o->why, sizeof(o->why), "%s", t->skip);
	else if (judge_left_out(t, run))
		text_add(o->why, sizeof(o->why), "left out: the run was limited to other tests");
	else if (lost)
		text_add(o->why, sizeof(o->why), "device lost at %s: %s", lost_at[0] ? lost_at : "the start", text_of(state, "text"));
	else
		text_add(o->why, sizeof(o->why), is(last_run, "what", "close") ? "the run has no record of it" :
			 is(last_run, "what", "stop") ? "the run stopped: %s" : "interrupted%.0s", text_of(last_run, "text"));
}

/* What a line of the bench says counts for the device only when somebody made sure of the line. */
static void unqualified(const struct judging *j, struct round *r)
{
	CLEANUP(free_json) json_t *observers = json_array();
	const struct stamp_need need = { j->plan, j->test, observers };
	char why[sizeof(r->o.why)] = "";
	size_t i;
	json_t *claim;

	if (r->o.verdict != VERDICT_PASS && r->o.verdict != VERDICT_REVIEW)
		return;
	for (size_t k = 0; k < j->n; k++)
		json_array_foreach(r->best[k].claims, i, claim)
			json_array_append(observers, json_object_get(claim, "observers"));
	if (stamp_lacks(&need, why, sizeof(why)))
		worse(&r->o, VERDICT_INCONCLUSIVE, "%s", why);
}

void judge_round(const struct judging *j, struct round *r)
{
	r->best = calloc(j->n + 1, sizeof(*r->best));
	if (!r->best)
		abort();
	for (size_t i = 0; i < j->n; i++) {
		struct rep control;

		rep_for_control(j->test, &j->rep[i], &control);
		for (size_t a = 0; a < r->as.n; a++) {
			struct trial tr = { .plan = j->plan, .test = j->test, .attempt = &r->as.a[a], .limits = j->limits, .control = control.name };

			judge_attempt(&tr, &j->rep[i], &r->best[i]);
		}
		rep_done(&control);
	}
	if (r->as.n) {
		fold(j->test, &r->as, r->best, j->n, &r->o);
		unqualified(j, r);
	} else {
		not_run(j->test, j->run, j->records, &r->o);
	}
}
