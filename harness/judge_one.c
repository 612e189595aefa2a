// SPDX-License-Identifier: Apache-2.0
// One test: its attempts, their repetitions, the claims in them, one verdict.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge.h"
#include "harness/reps.h"
#include "harness/value.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static bool is(const json_t *o, const char *key, const char *value)
{
	return !strcmp(text_of(o, key), value);
}

/* ---- attempts: the records of this test between `begin` and `end` ---- */
struct attempt {
	json_t *records;                /* owned array of borrowed-by-count records */
	const json_t *end;              /* NULL: interrupted */
	int64_t begin_ns, end_ns, unit;
};
struct attempts { struct attempt *a; size_t n; };

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

/* ---- one repetition of one attempt ---- */
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

static json_t *part_records(const struct attempt *a, const char *part, const char *rep)
{
	json_t *out = json_array(), *rec;
	size_t i;

	json_array_foreach(a->records, i, rec)
		if (is(rec, "part", part) && is(rec, "rep", rep) && !is(rec, "kind", "alive"))
			json_array_append(out, rec);
	return out;
}

/* The `rep` record that says what each.X was; NULL when the part was not run. */
static const json_t *head_of(const json_t *records)
{
	size_t i;
	json_t *rec;

	json_array_foreach((json_t *)records, i, rec)
		if (is(rec, "kind", "rep"))
			return rec;
	return NULL;
}

/* Repetitions that agree in what the control uses share one. */
static json_t *control_records(const struct trial *tr)
{
	struct rep own;
	json_t *out;

	rep_for_control(tr->test, tr->rep->rep, &own);
	out = part_records(tr->attempt, "control", own.name);
	rep_done(&own);
	return out;
}

static void add_claim(const struct trial *tr, const char *part, const struct finding *f)
{
	static const char *const truth[] = { "unknown", "false", "true" };

	json_array_append_new(tr->rep->claims,
		json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:O}", "part", part, "rep", tr->rep->rep->name, "text", f->text, "expected",
			  f->expected, "actual", f->actual, "truth", truth[f->truth], "verdict", verdict_name(f->verdict), "why",
			  f->why, "at", f->at));
}

static struct scene scene_of(const struct trial *tr, const json_t *records)
{
	return (struct scene){ .limits = tr->limits, .each = json_object_get(head_of(records), "each"),
			       .declared = tr->plan->device.json, .records = records };
}

/* A step that the bench could not do. */
static bool find_fault(const json_t *records, char *why, size_t n)
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
	json_t *records = control_records(tr);
	struct scene scene = scene_of(tr, records);
	bool faulty = find_fault(records, fault, n);

	tr->held = true;
	if (c->steps.n && !head_of(records)) {
		tr->held = false;
		text_add(tr->control_why, sizeof(tr->control_why), "control: was not run");
	}
	for (size_t i = 0; c->expect && head_of(records) && i < c->expect->n; i++) {
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
static int alive(const struct trial *tr, const char *when)
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
	json_t *records = part_records(tr->attempt, "expect", tr->rep->rep->name);
	struct scene scene = scene_of(tr, records);
	bool faulty = find_fault(records, fault, n), ran = head_of(records) != NULL;

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
	json_t *records = part_records(tr->attempt, "expect", tr->rep->rep->name), *rec;
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
static void judge_rep(struct trial *tr)
{
	char fault[512] = "", hole[128] = "";
	struct main_result m;
	bool faulty = judge_control(tr, fault, sizeof(fault));
	int before = alive(tr, "before"), after = alive(tr, "after");

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

/* ---- all repetitions of all attempts ---- */

/* Did the run reach this repetition in this attempt? A control that did not hold, or a device that was not alive, is
 * an answer; a shared control alone is not. */
static bool begun(const struct trial *tr)
{
	json_t *body = part_records(tr->attempt, "expect", tr->rep->rep->name), *control = control_records(tr);
	char fault[64];
	bool yes = head_of(body) || alive(tr, "before") == 0;

	yes |= head_of(control) && (!tr->held || find_fault(control, fault, sizeof(fault)));
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
	judge_rep(tr);
	one.finished = finished(tr);
	if (!begun(tr) || (best->claims && !replaces(best, &one))) {
		json_decref(one.claims);
		return;
	}
	json_decref(best->claims);
	*best = one;
}

/* ---- the verdict of the test ---- */
struct outcome { enum verdict verdict; char why[512]; };

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

/* ---- as JSON ---- */
const char *judge_short_path(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	if (!strncmp(path, dir, n) && path[n] == '/')
		path += n + 1;
	return strncmp(path, "inputs/", 7) ? path : path + 7;
}

/* Takes every "DIR/inputs/" out of a message of the loader: verdicts do not depend on where the folder stands. */
static void forget_dir(const char *dir, char *text)
{
	char prefix[1100];
	size_t n;

	snprintf(prefix, sizeof(prefix), "%.1024s/inputs/", dir);
	n = strlen(prefix);
	for (char *p = text; (p = strstr(p, prefix));)
		memmove(p, p + n, strlen(p + n) + 1);
}

static json_t *id_list(const char *const *ids)
{
	json_t *out = json_array();

	for (; ids && *ids; ids++)
		json_array_append_new(out, json_string(*ids));
	return out;
}

static json_t *limits_json(const struct test *t, const char *dir)
{
	json_t *out = json_array();

	for (size_t i = 0; i < t->n_limits; i++) {
		const struct limit_value *v = &t->limit[i].now;
		char text[256];

		if (!v->value)
			continue;
		if (json_is_string(v->value))
			snprintf(text, sizeof(text), "%.200s", json_string_value(v->value));
		else
			value_text(v->value, v->type, text, sizeof(text));
		json_array_append_new(out, json_pack("{s:s,s:O,s:s,s:s,s:s,s:s,s:b}", "name", t->limit[i].name, "value", v->value,
			"type", value_type_name[v->type], "text", text, "origin", v->origin ? v->origin : "", "source",
			judge_short_path(dir, v->source ? v->source : ""), "flag", v->flag));
	}
	return out;
}

static json_t *limit_values(const struct test *t)
{
	json_t *out = json_object();

	for (size_t i = 0; i < t->n_limits; i++)
		if (t->limit[i].now.value)
			json_object_set(out, t->limit[i].name, t->limit[i].now.value);
	return out;
}

static void add_texts(json_t *to, const json_t *from)
{
	size_t i, k;
	json_t *e, *have;

	json_array_foreach((json_t *)from, i, e) {
		bool known = !json_is_string(e);

		json_array_foreach(to, k, have)
			known |= json_equal(have, e) != 0;
		if (!known)
			json_array_append(to, e);
	}
}

/* Steps of the test itself, not those inside procedures. */
static void add_steps(json_t *steps, json_t *open, const json_t *rec)
{
	char key[800];

	if (strchr(text_of(rec, "label"), '/'))
		return;
	snprintf(key, sizeof(key), "%s|%s|%s", text_of(rec, "part"), text_of(rec, "rep"), text_of(rec, "step"));
	if (is(rec, "kind", "step")) {
		json_object_set(open, key, json_object_get(rec, "n"));
		return;
	}
	json_array_append_new(steps, json_pack("{s:I,s:s,s:s,s:s,s:s,s:I,s:I,s:s,s:s}", "n",
		json_integer_value(json_object_get(open, key)), "rep", text_of(rec, "rep"), "part", text_of(rec, "part"), "label",
		text_of(rec, "label"), "verb", text_of(rec, "verb"), "begin_ns", json_integer_value(json_object_get(rec, "begin_ns")),
		"end_ns", json_integer_value(json_object_get(rec, "end_ns")), "status", text_of(rec, "status"), "text",
		text_of(rec, "text")));
}

static void add_records(json_t *out, const struct attempts *as)
{
	json_t *steps = json_array(), *scope = json_array(), *observers = json_array(), *rec;
	size_t i;

	for (size_t k = 0; k < as->n; k++) {
		json_t *open = json_object();

		json_array_foreach(as->a[k].records, i, rec) {
			if (is(rec, "kind", "step") || is(rec, "kind", "done"))
				add_steps(steps, open, rec);
			if (!is(rec, "kind", "observe"))
				continue;
			add_texts(observers, json_object_get(rec, "observers"));
			if (is(rec, "part", "expect") && !strchr(text_of(rec, "label"), '/'))
				add_texts(scope, json_object_get(rec, "scope"));
		}
		json_decref(open);
	}
	json_object_set_new(out, "steps", steps);
	json_object_set_new(out, "scope", scope);
	json_object_set_new(out, "observers", observers);
}

/* Beyond never_above: a finding on the document, beside the verdict on the device. */
static void add_limit_findings(const struct test *t, const char *dir, json_t *claims)
{
	for (size_t i = 0; i < t->n_limits; i++) {
		const struct limit_value *v = &t->limit[i].now;
		char text[128], source[96] = "", bound[96] = "";

		if (!v->finding)
			continue;
		snprintf(text, sizeof(text), "limit %.64s lies within its bounds", t->limit[i].name);
		text_add(source, sizeof(source), "declared beyond it at %s", judge_short_path(dir, v->source ? v->source : "?"));
		value_text(v->value, v->type, bound, sizeof(bound));
		json_array_append_new(claims, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:[]}", "part", "limit", "rep", "", "text", text,
			"expected", bound, "actual", source, "truth", "false", "verdict", "REVIEW", "why",
			"the declaration claims more than the profile lets it", "at"));
	}
}

static json_t *claims_json(const struct test *t, const struct answer *best, size_t n, const char *dir)
{
	json_t *out = json_array();
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		any |= best[i].claims != NULL;
		if (best[i].claims)
			json_array_extend(out, best[i].claims);
	}
	if (any)
		add_limit_findings(t, dir, out);
	return out;
}

static json_t *reproduce(const struct test *t, const json_t *run)
{
	char text[512] = "";
	const char *id = text_of(run, "id");

	text_add(text, sizeof(text), "jusan run --bench runs/%s/inputs/bench.yaml --device runs/%s/inputs/device.yaml "
		 "--suites runs/%s/inputs/suites --profile runs/%s/inputs/profile.yaml --only %s --seed %lld", id, id, id, id, t->id,
		 (long long)json_integer_value(json_object_get(run, "seed")));
	if (json_integer_value(json_object_get(run, "unit")) > 1)
		text_add(text, sizeof(text), " --unit %lld", (long long)json_integer_value(json_object_get(run, "unit")));
	return json_string(text);
}

static json_t *test_json(const struct test *t, const struct outcome *o, const json_t *run, const char *dir)
{
	return json_pack("{s:s,s:{s:s,s:s},s:s,s:o,s:o,s:s,s:s,s:s,s:o,s:o,s:s,s:I}", "id", t->id, "title", "en",
			 t->title_en ? t->title_en : "", "ja", t->title_ja ? t->title_ja : "", "guideline", t->guideline, "decides",
			 id_list(t->decides), "supports", id_list(t->supports), "state", t->state ? t->state : "", "verdict",
			 verdict_name(o->verdict), "why", o->why, "limits", limits_json(t, dir), "reproduce", reproduce(t, run),
			 "file", judge_short_path(dir, t->file ? t->file : ""), "line", (json_int_t)t->at.line);
}

static void add_times(json_t *out, const struct attempts *as)
{
	const struct attempt *last = as->n ? &as->a[as->n - 1] : NULL;

	json_object_set_new(out, "unit", json_integer(last ? last->unit : 0));
	json_object_set_new(out, "attempts", json_integer((json_int_t)as->n));
	json_object_set_new(out, "begin_ns", json_integer(last ? as->a[0].begin_ns : 0));
	json_object_set_new(out, "end_ns", json_integer(last ? last->end_ns : 0));
}

/* PASS is never more than this: nothing found where it looked. */
static void say_scope(json_t *out, size_t reps)
{
	char why[512] = "no indication of a fault";
	size_t i;
	json_t *s;

	if (reps > 1)
		text_add(why, sizeof(why), " in %zu repetitions", reps);
	json_array_foreach(json_object_get(out, "scope"), i, s)
		text_add(why, sizeof(why), "%s %s", i ? ";" : ", scope:", json_string_value(s));
	json_object_set_new(out, "why", json_string(why));
}

json_t *judge_one_test(const struct plan *p, const struct test *t, const json_t *run, const json_t *records, const char *dir)
{
	struct attempts as = { 0 };
	struct outcome o = { 0 };
	struct err err = { 0 };
	struct rep *rep = NULL;
	struct answer *best;
	json_t *limits = limit_values(t), *out;
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
	forget_dir(dir, o.why);
	out = test_json(t, &o, run, dir);
	add_times(out, &as);
	json_object_set_new(out, "claims", claims_json(t, best, n, dir));
	add_records(out, &as);
	if (o.verdict == VERDICT_PASS)
		say_scope(out, n);
	for (size_t i = 0; i < n; i++)
		json_decref(best[i].claims);
	free(best);
	reps_free(rep, n);
	attempts_done(&as);
	json_decref(limits);
	return out;
}
