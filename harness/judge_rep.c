// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "harness/judge_in.h"
#include "harness/value.h"

/* ---- one repetition of one attempt ---- */
json_t *trial_records(const struct attempt *a, const char *part, const char *rep)
{
	json_t *out = json_array(), *rec;
	size_t i;

	json_array_foreach(a->records, i, rec)
		if (is(rec, "part", part) && is(rec, "rep", rep) && !is(rec, "kind", "alive"))
			json_array_append(out, rec);
	return out;
}

/* The `rep` record that says what each.X was; NULL when the part was not run. */
const json_t *trial_head(const json_t *records)
{
	size_t i;
	json_t *rec;

	json_array_foreach((json_t *)records, i, rec)
		if (is(rec, "kind", "rep"))
			return rec;
	return NULL;
}

/* Repetitions that agree in what the control uses share one. */
json_t *trial_control(const struct trial *tr)
{
	struct rep own;
	json_t *out;

	rep_for_control(tr->test, tr->rep->rep, &own);
	out = trial_records(tr->attempt, "control", own.name);
	rep_done(&own);
	return out;
}

static void add_claim(const struct trial *tr, const char *part, const struct finding *f)
{
	static const char *const truth[] = { "unknown", "false", "true" };

	json_array_append_new(tr->rep->claims,
		json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:O,s:O*}", "part", part, "rep", tr->rep->rep->name, "text", f->text, "expected",
			  f->expected, "actual", f->actual, "truth", truth[f->truth], "verdict", verdict_name(f->verdict), "why",
			  f->why, "at", f->at, "observers", f->observers));
}

static struct scene scene_of(const struct trial *tr, const json_t *records)
{
	return (struct scene){ .limits = tr->limits, .each = json_object_get(trial_head(records), "each"),
			       .declared = tr->plan->device.json, .records = records };
}

/* A step that the bench could not do. */
bool trial_fault(const json_t *records, char *why, size_t n)
{
	size_t i;
	json_t *rec;

	json_array_foreach((json_t *)records, i, rec) {
		if (!is(rec, "kind", "done") || is(rec, "status", "ok"))
			continue;
		why[0] = '\0';
		text_add(why, n, "step %s %s: %s%s%s", text_of(rec, "step"), text_of(rec, "verb"), text_of(rec, "status"),
			 text_of(rec, "text")[0] ? ": " : "", text_of(rec, "text"));
		return true;
	}
	return false;
}

static bool judge_control(struct trial *tr, char *fault, size_t n)
{
	const struct part *c = &tr->test->control;
	json_t *records = trial_control(tr);
	struct scene scene = scene_of(tr, records);
	bool faulty = trial_fault(records, fault, n);

	tr->held = true;
	if (c->steps.n && !trial_head(records)) {
		tr->held = false;
		text_add(tr->control_why, sizeof(tr->control_why), "control: was not run");
	}
	for (size_t i = 0; c->expect && trial_head(records) && i < c->expect->n; i++) {
		struct finding f;

		claim_eval(claim_at(c->expect, i), &scene, &f);
		if (f.truth != TRUTH_TRUE) {
			f.verdict = VERDICT_INCONCLUSIVE;       /* a control accuses nobody */
			if (tr->held)
				text_add(tr->control_why, sizeof(tr->control_why), "control: %s: %s", f.text, f.why);
			tr->held = false;
		} else {
			tr->shown = true;
		}
		add_claim(tr, "control", &f);
		finding_done(&f);
	}
	tr->shown &= tr->held;
	json_decref(records);
	return faulty;
}

/* before: true = alive; -1 when nobody looked. A record of another repetition says nothing. */
int trial_alive(const struct trial *tr, const char *when)
{
	int found = -1;
	size_t i;
	json_t *rec;

	json_array_foreach(tr->attempt->records, i, rec) {
		if (!is(rec, "kind", "alive") || !is(rec, "part", when))
			continue;
		if (text_of(rec, "rep")[0] && !is(rec, "rep", tr->rep->rep->name))
			continue;
		if (!json_is_true(json_object_get(rec, "ok")))
			return 0;
		found = 1;
	}
	return found;
}

static void say_alive(const struct trial *tr, const char *when, int state)
{
	struct finding f = { .truth = state < 0 ? TRUTH_UNKNOWN : state ? TRUTH_TRUE : TRUTH_FALSE, .at = json_array() };

	f.verdict = state == 1 ? VERDICT_PASS : VERDICT_INCONCLUSIVE;
	text_add(f.text, sizeof(f.text), "the device is alive %s the test", when);
	text_add(f.expected, sizeof(f.expected), "alive");
	text_add(f.actual, sizeof(f.actual), state < 0 ? "nobody looked" : state ? "alive" : "no sign of life");
	if (state != 1)
		text_add(f.why, sizeof(f.why), "without it, what is absent proves nothing");
	add_claim(tr, "alive", &f);
	json_decref(f.at);
}

struct main_result { enum verdict worst; char why[512]; bool seen, bench; char seen_why[512], bench_why[512]; bool absence; };

static void take(struct main_result *m, const struct claim *c, const struct finding *f)
{
	if (f->seen && claim_else(c) == VERDICT_FAIL && !m->seen) {
		m->seen = true;
		text_add(m->seen_why, sizeof(m->seen_why), "%s: %s", f->text, f->why);
	}
	if (f->truth == TRUTH_FALSE && claim_else(c) == VERDICT_ERROR && !m->bench) {
		m->bench = true;
		text_add(m->bench_why, sizeof(m->bench_why), "%s: %s", f->text, f->why);
	}
	if (verdict_severity(f->verdict) > verdict_severity(m->worst)) {
		m->worst = f->verdict;
		m->why[0] = '\0';
		text_add(m->why, sizeof(m->why), "%s: %s", f->text, f->why);
	}
}

static bool judge_main(struct trial *tr, struct main_result *m, char *fault, size_t n)
{
	const struct claims *expect = tr->test->body.expect;
	json_t *records = trial_records(tr->attempt, "expect", tr->rep->rep->name);
	struct scene scene = scene_of(tr, records);
	bool faulty = trial_fault(records, fault, n), ran = trial_head(records) != NULL;

	*m = (struct main_result){ .worst = VERDICT_NOT_APPLICABLE };
	for (size_t i = 0; expect && ran && i < expect->n; i++) {
		const struct claim *c = claim_at(expect, i);
		struct finding f;

		claim_eval(c, &scene, &f);
		tr->n_claims++;
		tr->shown |= f.truth == TRUTH_TRUE && claim_else(c) == VERDICT_INCONCLUSIVE;
		m->absence |= f.truth == TRUTH_TRUE && claim_absence(c);
		take(m, c, &f);
		add_claim(tr, "expect", &f);
		finding_done(&f);
	}
	json_decref(records);
	if (!tr->n_claims) {
		m->worst = VERDICT_NOT_TESTED;
		text_add(m->why, sizeof(m->why), ran ? "the test claims nothing" : "its steps were not run");
	}
	return faulty;
}

/* Did every step of the body leave its `done`? A record that breaks off proves nothing. */
static bool all_done(const struct trial *tr, char *why, size_t n)
{
	json_t *records = trial_records(tr->attempt, "expect", tr->rep->rep->name), *rec;
	size_t i, open = 0;

	json_array_foreach(records, i, rec) {
		open += is(rec, "kind", "step");
		open -= is(rec, "kind", "done") && open > 0;
	}
	for (size_t k = 0; !open && k < tr->test->body.steps.n; k++) {
		char path[32], side[32];
		bool found = false;

		snprintf(path, sizeof(path), "%zu", k + 1);
		snprintf(side, sizeof(side), "%zuw", k + 1);
		json_array_foreach(records, i, rec)
			found |= is(rec, "kind", "done") && (is(rec, "step", path) || !strncmp(text_of(rec, "step"), side, strlen(side)));
		open += !found;
		if (!found)
			text_add(why, n, "step %s was not run", path);
	}
	if (open && !why[0])
		text_add(why, n, "a step did not finish");
	json_decref(records);
	return !open;
}

static void settle(struct answer *r, enum verdict v, const char *why)
{
	r->verdict = v;
	text_add(r->why, sizeof(r->why), "%s", why);
}

/* The order of the questions is the order in which they can make the others meaningless. */
void trial_judge(struct trial *tr)
{
	char fault[512] = "", hole[128] = "";
	struct main_result m;
	bool faulty = judge_control(tr, fault, sizeof(fault));
	int before = trial_alive(tr, "before"), after = trial_alive(tr, "after");

	faulty |= judge_main(tr, &m, fault, sizeof(fault));
	say_alive(tr, "before", before);
	say_alive(tr, "after", after);
	if (m.seen)
		settle(tr->rep, VERDICT_FAIL, m.seen_why);
	else if (faulty)
		settle(tr->rep, VERDICT_ERROR, fault);
	else if (m.bench)
		settle(tr->rep, VERDICT_ERROR, m.bench_why);
	else if (before == 0)
		settle(tr->rep, VERDICT_INCONCLUSIVE, "the device was not alive before the test");
	else if (!tr->held)
		settle(tr->rep, VERDICT_INCONCLUSIVE, tr->control_why);
	else if (m.worst != VERDICT_PASS)
		settle(tr->rep, m.worst, m.why);
	else if (!all_done(tr, hole, sizeof(hole)))
		settle(tr->rep, VERDICT_INCONCLUSIVE, hole);
	else if (before < 0 || after != 1)
		settle(tr->rep, VERDICT_INCONCLUSIVE, after == 0 ? "the device was not alive after the test" :
			"nobody looked whether the device was alive");
	else if (m.absence && !tr->shown)
		settle(tr->rep, VERDICT_INCONCLUSIVE, "nothing shows that this test could have seen the opposite");
	else
		settle(tr->rep, VERDICT_PASS, "");
}
