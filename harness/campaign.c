// SPDX-License-Identifier: Apache-2.0
#include "harness/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/reps.h"

#define ATTEMPTS 2
#define UNREACHED_MAX 2

struct trial {                          /* one attempt of one test */
	struct campaign *c;
	const struct test *t;
	json_t *limits, *controls;      /* controls: key -> outcome word of a control that ran */
	const char *state;              /* that this repetition needs */
	bool held;                      /* the control of this repetition did, or there is none */
	enum verdict verdict;
	char *why;                      /* 512 bytes */
};

static void worsen(struct trial *x, enum verdict v, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void worsen(struct trial *x, enum verdict v, const char *fmt, ...)
{
	va_list ap;

	if (verdict_severity(v) <= verdict_severity(x->verdict))
		return;
	x->verdict = v;
	va_start(ap, fmt);
	vsnprintf(x->why, 512, fmt, ap);
	va_end(ap);
}

/* ---- state and liveness ---- */

static bool put_state(struct trial *x, const char *from, const char *to, bool ok, const char *text, struct err *err)
{
	struct campaign *c = x->c;

	return journal_append(c->journal, "state", json_pack("{s:s,s:i,s:s,s:s,s:b,s:s}", "test", x->t->id, "unit", c->session.unit,
							     "from", from[0] ? from : "unknown", "to", to, "ok", (int)ok,
							     "text", text), NULL, err);
}

static bool reach(struct trial *x, const char *state, bool *ret_ok, struct err *err)
{
	struct campaign *c = x->c;
	char name[64], from[32], why[512] = "";
	const struct procedure *p;
	CLEANUP(free_json) json_t *facts = NULL;
	int64_t begin = clock_ns();

	snprintf(from, sizeof(from), "%s", c->state);
	snprintf(name, sizeof(name), "reach_%s", state);
	p = device_procedure(&c->session.plan->device, name);
	c->state[0] = '\0';
	if (!p)
		return err_set(err, ERR_CONF, "device.yaml has no procedure %s", name);
	lane_begin(&c->lane, x->t->id, "state", "", x->limits, NULL);
	if (!lane_procedure(&c->lane, p, 0, "1", name, &facts, err) || !lane_finish(&c->lane, err))
		return false;
	*ret_ok = !c->lane.bench_fault && json_is_true(json_object_get(facts, "ok"));
	if (c->lane.bench_fault)
		snprintf(why, sizeof(why), "%s", c->lane.fault);
	else if (!*ret_ok)
		snprintf(why, sizeof(why), "%s", json_is_string(json_object_get(facts, "why")) ?
			 json_string_value(json_object_get(facts, "why")) : "its proof did not hold");
	c->boots++;
	c->boots_ns += clock_ns() - begin;
	if (*ret_ok)
		snprintf(c->state, sizeof(c->state), "%s", state);
	else
		worsen(x, c->lane.bench_fault ? VERDICT_ERROR : VERDICT_INCONCLUSIVE, "state %s not reached: %.400s", state, why);
	return put_state(x, from, state, *ret_ok, why, err);
}

/* Of several states of one test the device may be without a way to some: that leaves those open, and the device is not lost. */
static bool has_way(struct trial *x, const char *state)
{
	const struct procedure *p;
	char name[64];

	snprintf(name, sizeof(name), "reach_%s", state);
	p = device_procedure(&x->c->session.plan->device, name);
	if (p && !p->skip)
		return true;
	worsen(x, VERDICT_INCONCLUSIVE, "state %s not reached: %s%s%s%.300s", state, p ? "procedure " : "device.yaml has no procedure ", name,
	       p ? ": " : "", p ? p->skip : "");
	return false;
}

/* What it needs in this repetition; NULL = any. */
static const char *state_of(const struct test *t, const struct rep *rep)
{
	if (t->state_each)
		return json_string_value(json_object_get(rep->each, t->state_each));
	return t->state && strcmp(t->state, "any") ? t->state : NULL;
}

/* The state a test needs; a second try counts, because the first one may have met a device in any condition. */
static bool need_state(struct trial *x, bool *ret_ok, struct err *err)
{
	struct campaign *c = x->c;
	const char *want = x->state ? x->state : "initialised";
	enum verdict before = x->verdict;

	*ret_ok = true;
	if (c->state[0] && (!x->state || !strcmp(c->state, want)))
		return true;
	if (x->t->state_each && !has_way(x, want)) {
		*ret_ok = false;
		return put_state(x, c->state, want, false, x->why, err);
	}
	if (!reach(x, want, ret_ok, err))
		return false;
	if (!*ret_ok) {
		if (!reach(x, want, ret_ok, err))
			return false;
		if (*ret_ok)
			x->verdict = before;
	}
	c->unreached = *ret_ok ? 0 : c->unreached + 1;
	if (c->unreached >= UNREACHED_MAX)
		snprintf(c->lost, sizeof(c->lost), "%s", x->t->id);
	return true;
}

static bool alive(struct trial *x, const char *when, const char *rep, bool *ret_ok, struct err *err)
{
	struct campaign *c = x->c;
	const struct procedure *p = device_procedure(&c->session.plan->device, "alive");
	CLEANUP(free_json) json_t *facts = NULL;
	const char *why;

	*ret_ok = false;
	if (!p)
		return true;            /* nothing proves it: judge will not believe an absence */
	lane_begin(&c->lane, x->t->id, "alive", rep, x->limits, NULL);
	if (!lane_procedure(&c->lane, p, SEC(5), "1", "alive", &facts, err) || !lane_finish(&c->lane, err))
		return false;
	*ret_ok = !c->lane.bench_fault && json_is_true(json_object_get(facts, "ok"));
	why = json_string_value(json_object_get(facts, "why"));
	return journal_append(c->journal, "alive", json_pack("{s:s,s:s,s:s,s:b,s:s}", "test", x->t->id, "rep", rep, "part", when,
							     "ok", (int)*ret_ok, "text", *ret_ok ? "" : c->lane.bench_fault ?
							     c->lane.fault : why ? why : "no answer"), NULL, err);
}

/* ---- one part ---- */

/* As judge will: a false claim of the control is no fault of the device, and without a control only what was seen
 * itself stands. */
static enum verdict claim_verdict(const struct trial *x, const struct finding *f, bool is_control)
{
	if (is_control)
		return f->truth == TRUTH_TRUE ? VERDICT_PASS : VERDICT_INCONCLUSIVE;
	return f->verdict == VERDICT_FAIL && !x->held && !f->seen ? VERDICT_INCONCLUSIVE : f->verdict;
}

static void judge_part(struct trial *x, const struct part *p, bool is_control, enum verdict *ret, char why[static 512])
{
	struct scene scene = lane_scene(&x->c->lane);

	*ret = VERDICT_PASS;
	why[0] = '\0';
	for (size_t i = 0; p->expect && i < p->expect->n; i++) {
		struct finding f = { 0 };
		enum verdict v;

		claim_eval(claim_at(p->expect, i), &scene, &f);
		v = claim_verdict(x, &f, is_control);
		if (verdict_severity(v) > verdict_severity(*ret)) {
			*ret = v;
			snprintf(why, 512, "%s%.200s: expected %.80s, got %.150s", is_control ? "control: " : "", f.text, f.expected,
				 f.truth == TRUTH_UNKNOWN ? f.why : f.actual);
		}
		finding_done(&f);
	}
	records_free(scene.records);
	if (x->c->lane.bench_fault && *ret != VERDICT_FAIL) {
		*ret = VERDICT_ERROR;
		snprintf(why, 512, "%.500s", x->c->lane.fault);
	}
}

static bool run_watched(struct trial *x, const struct part *p, struct err *err)
{
	const struct steps *watch = &x->t->watch;
	struct side *side[16] = { 0 };
	size_t n = 0;
	bool ok = true;

	for (; ok && n < watch->n && n < 16; n++) {
		char path[16];

		snprintf(path, sizeof(path), "w%zu", n + 1);
		ok = side_start(&x->c->lane, &watch->step[n], path, &side[n], err);
	}
	ok = ok && lane_run(&x->c->lane, &p->steps, err);
	for (size_t i = n; i-- > 0;) {
		ok = ok && side_join(side[i], true, err);
		side_free(side[i]);
	}
	return ok && lane_finish(&x->c->lane, err);
}

static bool run_part(struct trial *x, const struct part *p, const char *name, const struct rep *rep, enum verdict *ret,
		     char why[static 512], struct err *err)
{
	bool is_control = !strcmp(name, "control");
	struct lane *l = &x->c->lane;
	int64_t n;

	lane_begin(l, x->t->id, name, rep->name, x->limits, rep->each);
	if (!lane_record(l, "rep", json_pack("{s:O,s:O}", "each", rep->each, "limits", x->limits), &n, err) ||
	    !run_watched(x, p, err))
		return false;
	judge_part(x, p, is_control, ret, why);
	return true;
}

/* ---- one repetition ---- */

static bool run_control(struct trial *x, const struct rep *rep, bool *ret_held, struct err *err)
{
	struct rep own;
	enum verdict v = VERDICT_PASS;
	char why[512];
	bool ok = true;
	const char *before;

	*ret_held = true;
	if (!x->t->control.steps.n)
		return true;
	rep_for_control(x->t, rep, &own);       /* only the `each` values that it uses */
	before = json_string_value(json_object_get(x->controls, own.name));
	if (before) {
		*ret_held = !strcmp(before, "PASS");
	} else {
		ok = run_part(x, &x->t->control, "control", &own, &v, why, err);
		json_object_set_new(x->controls, own.name, json_string(verdict_name(v)));
		*ret_held = v == VERDICT_PASS;
		if (v != VERDICT_PASS)
			worsen(x, v, "%s", why);
		if (v != VERDICT_PASS || x->t->control.leaves)
			snprintf(x->c->state, sizeof(x->c->state), "%s", v == VERDICT_PASS ? x->t->control.leaves : "");
	}
	rep_done(&own);
	return ok;
}

static bool run_body(struct trial *x, const struct rep *rep, struct err *err)
{
	enum verdict v;
	char why[512];
	bool ok;

	if (!run_part(x, &x->t->body, "expect", rep, &v, why, err))
		return false;
	worsen(x, v, "%s%s%s", rep->name, rep->name[0] ? ": " : "", why);
	if (v == VERDICT_FAIL || v == VERDICT_ERROR || v == VERDICT_INCONCLUSIVE)
		x->c->state[0] = '\0';
	else if (x->t->leaves)
		snprintf(x->c->state, sizeof(x->c->state), "%s", strcmp(x->t->leaves, "unknown") ? x->t->leaves : "");
	if (!alive(x, "after", rep->name, &ok, err))
		return false;
	if (!ok) {
		worsen(x, VERDICT_INCONCLUSIVE, "the device did not answer afterwards");
		x->c->state[0] = '\0';
	}
	return true;
}

static bool run_rep(struct trial *x, const struct rep *rep, struct err *err)
{
	bool ok;

	x->state = state_of(x->t, rep);
	if (!need_state(x, &ok, err))
		return false;
	if (!ok)
		return true;
	if (!alive(x, "before", rep->name, &ok, err))
		return false;
	if (!ok) {
		worsen(x, VERDICT_INCONCLUSIVE, "the device did not answer beforehand");
		x->c->state[0] = '\0';
		return true;
	}
	if (!run_control(x, rep, &x->held, err) || !need_state(x, &ok, err))
		return false;
	return !ok || run_body(x, rep, err);
}

/* After an ERROR the attempt is void: the next one starts from the beginning. When the control that all repetitions
 * share did not hold, nothing can pass any more: the one repetition that was run looked for a counterexample. */
static bool pointless(const struct trial *x)
{
	return x->verdict == VERDICT_ERROR || (x->t->once && !x->held && x->verdict == VERDICT_INCONCLUSIVE);
}

static bool run_reps(struct trial *x, struct err *err)
{
	struct rep *rep;
	size_t n;
	bool ok = true;

	if (!reps_make(x->t, x->c->session.seed, x->c->session.unit, &rep, &n, err))
		return false;
	if (!n)
		worsen(x, VERDICT_INCONCLUSIVE, "nothing to repeat over");
	for (size_t i = 0; ok && i < n && !x->c->lost[0] && !pointless(x); i++)
		ok = run_rep(x, &rep[i], err);
	reps_free(rep, n);
	return ok;
}

/* ---- one attempt, one test ---- */

/* How much there is to do on this machine; 0 where nobody counts it. */
static int64_t busy_percent(void)
{
	double mean;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus > 0 && getloadavg(&mean, 1) == 1 && mean < 1e6 ? (int64_t)(mean * 100) / cpus : 0;
}

static bool attempt(struct trial *x, int round, int number, struct err *err)
{
	struct journal *j = x->c->journal;
	const char *id = x->t->id;
	int unit = x->c->session.unit;
	int64_t begin, before = busy_percent(), after;

	x->verdict = VERDICT_PASS;
	x->held = true;
	x->why[0] = '\0';
	json_object_clear(x->controls);
	if (!journal_append(j, "begin", json_pack("{s:s,s:i,s:i,s:i}", "test", id, "unit", unit, "round", round, "attempt", number), &begin,
			    err) ||
	    !run_reps(x, err))
		return false;
	if (x->verdict == VERDICT_ERROR)
		x->c->state[0] = '\0';
	after = busy_percent();
	return journal_append(j, "end", json_pack("{s:s,s:i,s:i,s:i,s:s,s:s,s:I,s:I}", "test", id, "unit", unit, "round", round, "attempt",
						  number, "outcome", verdict_name(x->verdict), "text", x->why, "records",
						  (json_int_t)(journal_count(j) + 2 - begin), "busy",
						  (json_int_t)(after > before ? after : before)), NULL, err);
}

bool campaign_test(struct campaign *c, const struct test *t, int round, enum verdict *ret, char why[static 512], struct err *err)
{
	struct trial x = { .c = c, .t = t, .why = why, .limits = limits_now(t), .controls = json_object() };
	int before = (int)json_integer_value(json_object_get(c->attempts, t->id));
	bool ok = true;

	for (int i = 1; ok && i <= ATTEMPTS; i++) {
		json_object_set_new(c->attempts, t->id, json_integer(before + i));
		ok = attempt(&x, round, before + i, err);
		if (x.verdict != VERDICT_ERROR || c->lost[0])
			break;
	}
	*ret = x.verdict;
	json_decref(x.limits);
	json_decref(x.controls);
	return ok;
}
