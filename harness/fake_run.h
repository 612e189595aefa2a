/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_run.h - the records of a run that never was: for tests of a plan their attempts, controls, repetitions, watches and
 * procedures, as campaign.c and lane.c would write them, with facts that make the claims true, and mishaps by chance. For
 * property tests and figures. Include it in one file.
 *
 *   struct fake_run f = { .plan = &plan, .put = take, .data = x };
 *   rng_init(&f.rng, seed, "fake");
 *   fake_open(&f); fake_test(&f, t); ... fake_close(&f); */
#ifndef HARNESS_FAKE_RUN_H
#define HARNESS_FAKE_RUN_H

#include "harness/fake_facts.h"

/* ---- records ---- */
static inline void fake_put(struct fake_run *f, const char *kind, json_t *rec)
{
	f->gone |= fake_chance(f, f->crash);
	if (f->gone) {
		json_decref(rec);
		return;
	}
	f->t_ns += US(20);
	json_object_set_new(rec, "kind", json_string(kind));
	json_object_set_new(rec, "n", json_integer(++f->n));
	json_object_set_new(rec, "t_ns", json_integer(f->t_ns));
	f->put(f->data, rec);
}

static inline void fake_put_in(struct fake_run *f, const char *kind, json_t *rec)
{
	json_object_set_new(rec, "test", json_string(f->t->id));
	json_object_set_new(rec, "part", json_string(f->part));
	json_object_set_new(rec, "rep", json_string(f->rep));
	fake_put(f, kind, rec);
}

static inline json_t *fake_head(const char *step, const char *label, const char *verb)
{
	return json_pack("{s:s,s:s,s:s}", "step", step, "label", label ? label : "", "verb", verb);
}

static inline void fake_step(struct fake_run *f, const char *step, const char *label, const char *verb, const char *kind,
			     const json_t *args)
{
	json_t *rec = fake_head(step, label, verb);

	json_object_set_new(rec, "kind_of", json_string(kind));
	json_object_set_new(rec, "args", args ? json_deep_copy(args) : json_null());
	fake_put_in(f, "step", rec);
}

static inline void fake_done(struct fake_run *f, const char *step, const char *label, const char *verb, int64_t begin_ns)
{
	json_t *rec = fake_head(step, label, verb);
	bool bad = fake_chance(f, f->error);

	f->fault |= bad;
	json_object_set_new(rec, "status", json_string(bad ? "error" : "ok"));
	if (bad)
		json_object_set_new(rec, "text", json_string("the line broke"));
	json_object_set_new(rec, "begin_ns", json_integer(begin_ns));
	json_object_set_new(rec, "end_ns", json_integer(f->t_ns));
	fake_put_in(f, "done", rec);
}

static inline void fake_observe(struct fake_run *f, const char *step, const char *label, const char *verb, json_t *facts)
{
	json_t *rec = fake_head(step, label, verb);

	json_object_set_new(rec, "facts", facts);
	json_object_set_new(rec, "at_ns", json_integer(f->t_ns));
	json_object_set_new(rec, "at", json_pack("[{s:s,s:I,s:i}]", "file", "serial/console.raw", "off", (json_int_t)f->n, "len", 7));
	if (f->frames)
		json_array_append_new(json_object_get(rec, "at"), json_pack("{s:s,s:I}", "capture", "capture/lan.pcapng", "frame",
									    (json_int_t)(f->n % f->frames + 1)));
	json_object_set_new(rec, "observers", json_pack("[s]", "serial.console"));
	if (fake_chance(f, f->hole))
		json_object_set_new(rec, "incomplete", json_string("frames were dropped"));
	fake_put_in(f, "observe", rec);
}

/* What a procedure's own steps leave: three records each, under "LABEL/". */
static inline void fake_inner(struct fake_run *f, const char *step, const char *label, const char *verb, int n)
{
	char path[96], inside[160];

	for (int i = 1; i <= n; i++) {
		int64_t begin = f->t_ns;

		snprintf(path, sizeof(path), "%s.%d", step, i);
		snprintf(inside, sizeof(inside), "%s/", label && *label ? label : step);
		fake_step(f, path, inside, verb, "probe", NULL);
		fake_observe(f, path, inside, verb, json_pack("{s:I,s:b}", "after", (json_int_t)rng_below(&f->rng, MS(90)), "level", 1));
		fake_done(f, path, inside, verb, begin);
	}
}

/* ---- watches ---- */
static inline void fake_counts(struct fake_run *f, const struct claim *c, json_t *wanted)
{
	json_t *o = fake_operand(f, c);
	int64_t n = 0;

	if (c->quantifier != QUANTIFIER_count)
		json_object_set_new(wanted, "look", json_true());
	else if (value_number(o, &n) && n > 0 && n < 9 && (c->comparison == COMPARE_is || c->comparison == COMPARE_at_least))
		json_object_set_new(wanted, "count", json_integer(n));
	json_decref(o);
}

static inline int64_t fake_every(const struct fake_run *f, const struct step_spec *w)
{
	const json_t *every = json_object_get(w->args, "every");
	const char *ref = json_string_value(json_object_get(every, "$"));
	int64_t ns = SEC(1);

	if (ref && !strncmp(ref, "limit.", 6))
		every = json_object_get(f->limits, ref + 6);
	return value_number(every, &ns) && ns > 0 ? ns : SEC(1);
}

static inline void fake_watch(struct fake_run *f, size_t w, size_t k)
{
	const struct step_spec *s = &f->t->watch.step[w];
	json_t *wanted = json_object();
	char path[16];
	json_int_t n;

	snprintf(path, sizeof(path), "w%zu", w + 1);
	fake_claims(f, s->label, k, fake_counts, wanted);
	n = json_object_get(wanted, "look") ? f->looks : json_integer_value(json_object_get(wanted, "count"));
	for (json_int_t i = 0; i < n; i++) {
		json_t *facts = fake_facts(f, s, k);

		f->t_ns += fake_every(f, s) * 9 / 10;
		if (f->inner)
			fake_inner(f, path, s->label, "wire.read", 1);
		fake_flip(f, facts);
		fake_observe(f, path, s->label, s->name, facts);
	}
	json_decref(wanted);
}

/* ---- steps ---- */
static inline void fake_one(struct fake_run *f, const struct step_spec *s, const char *path, size_t k)
{
	bool procedure = s->kind == STEP_PROCEDURE;
	int64_t begin = f->t_ns;
	json_t *facts = fake_facts(f, s, k);

	fake_step(f, path, s->label, s->name, procedure ? "procedure" : "probe", s->args);
	fake_inner(f, path, s->label, "http.get", procedure ? f->inner : 0);
	for (size_t w = 0; w < f->t->watch.n; w++)
		fake_watch(f, w, k);
	fake_flip(f, facts);
	if (s->label)
		json_object_set(f->seen, s->label, facts);
	if (fake_chance(f, f->silent) || s->kind == STEP_WAIT)
		json_decref(facts);
	else
		fake_observe(f, path, s->label, s->name, facts);
	fake_done(f, path, s->label, s->name, begin);
}

static inline void fake_steps(struct fake_run *f, const struct steps *steps)
{
	for (size_t k = 0; k < steps->n && !f->fault && !f->gone; k++) {
		const struct step_spec *s = &steps->step[k];
		char path[32];

		snprintf(path, sizeof(path), s->kind == STEP_WHILE ? "%zuw.1" : "%zu", k + 1);
		fake_one(f, s->kind == STEP_WHILE ? &s->inner->step[0] : s, path, k);
		for (size_t i = 0; s->beside && i < s->beside->n; i++) {
			snprintf(path, sizeof(path), "%zu", i + 1);
			fake_one(f, &s->beside->step[i], path, k);
		}
	}
}

static inline void fake_part(struct fake_run *f, const char *name, const struct part *p, const struct rep *rep)
{
	int64_t begin[8];
	char path[16];

	f->p = p;
	f->part = name;
	f->rep = rep->name;
	f->each = rep->each;
	f->seen = json_object();
	fake_put_in(f, "rep", json_pack("{s:O,s:O}", "each", rep->each, "limits", f->limits));
	for (size_t w = 0; w < f->t->watch.n && w < 8; w++) {
		snprintf(path, sizeof(path), "w%zu", w + 1);
		begin[w] = f->t_ns;
		fake_step(f, path, f->t->watch.step[w].label, f->t->watch.step[w].name, "watch", f->t->watch.step[w].args);
		fake_watch(f, w, p->steps.n);           /* outside of every window */
	}
	fake_steps(f, &p->steps);
	for (size_t w = 0; w < f->t->watch.n && w < 8; w++) {
		snprintf(path, sizeof(path), "w%zu", w + 1);
		fake_done(f, path, f->t->watch.step[w].label, f->t->watch.step[w].name, begin[w]);
	}
	json_decref(f->seen);
}

static inline bool fake_alive(struct fake_run *f, const char *when, const char *rep)
{
	bool ok = !fake_chance(f, f->dead);

	f->part = "alive";
	f->rep = rep;
	fake_inner(f, "1", "alive", "http.get", f->inner);
	f->part = when;
	fake_put_in(f, "alive", json_pack("{s:b,s:s}", "ok", ok, "text", ok ? "" : "no answer"));
	return ok;
}

/* ---- tests ---- */
static inline void fake_rep(struct fake_run *f, const struct rep *rep, json_t *controls)
{
	struct rep own;

	if (!fake_alive(f, "before", rep->name))
		return;
	rep_for_control(f->t, rep, &own);
	if (f->t->control.steps.n && !json_object_get(controls, own.name)) {
		json_object_set_new(controls, own.name, json_true());
		fake_part(f, "control", &f->t->control, &own);
	}
	rep_done(&own);
	f->fault = false;
	fake_part(f, "expect", &f->t->body, rep);
	fake_alive(f, "after", rep->name);
}

static inline void fake_attempt(struct fake_run *f, const struct rep *rep, size_t n)
{
	json_t *controls = json_object();
	bool fault = false;

	f->begun = f->n + 1;
	fake_put(f, "begin", json_pack("{s:s,s:i,s:i}", "test", f->t->id, "unit", 1, "attempt", ++f->attempt));
	f->part = "state";
	f->rep = "";
	fake_inner(f, "1", "reach_initialised", "power.off", f->inner);
	fake_put(f, "state", json_pack("{s:s,s:i,s:s,s:s,s:b,s:s}", "test", f->t->id, "unit", 1, "from", "unknown", "to", "initialised",
				       "ok", 1, "text", ""));
	f->fault = false;
	for (size_t i = 0; i < n && !fault && !f->gone; i++) {
		fake_rep(f, &rep[i], controls);
		fault = f->fault;
		f->fault = false;
	}
	f->fault = fault;
	fake_put(f, "end", json_pack("{s:s,s:i,s:i,s:s,s:s,s:I}", "test", f->t->id, "unit", 1, "attempt", f->attempt, "outcome",
				     fault ? "ERROR" : "PASS", "text", fault ? "the line broke" : "", "records",
				     (json_int_t)(f->n + 2 - f->begun)));
	json_decref(controls);
}

static inline void fake_say(struct fake_run *f, const char *what)
{
	fake_put(f, "run", json_pack("{s:s,s:s,s:I}", "what", what, "text", "", "records", (json_int_t)f->n));
}

static inline void fake_open(struct fake_run *f) { f->t_ns = f->t_ns ? f->t_ns : SEC(5); fake_say(f, "open"); }
static inline void fake_close(struct fake_run *f) { fake_say(f, "close"); }

/* All attempts: another one after a fault of the bench, and after the run was killed and resumed. */
static inline void fake_test(struct fake_run *f, const struct test *t)
{
	struct rep *rep = NULL;
	size_t n = 0;
	struct err err = { 0 };

	f->t = t;
	f->attempt = 0;
	f->limits = limits_now(t);
	if (!reps_make(t, FAKE_SEED, 1, &rep, &n, &err))
		abort();
	for (int i = 0; i < 2; i++) {
		fake_attempt(f, rep, n);
		if (f->gone) {
			f->gone = false;
			fake_say(f, "resume");
			f->gone = false;
		} else if (!f->fault) {
			break;
		}
	}
	json_decref(f->limits);
	reps_free(rep, n);
}
#endif
