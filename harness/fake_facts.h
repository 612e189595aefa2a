/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_facts.h - the part of fake_run.h that invents what was seen: facts that make the claims of a test true. */
#ifndef HARNESS_FAKE_FACTS_H
#define HARNESS_FAKE_FACTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/claim_see.h"
#include "harness/plan.h"
#include "harness/reps.h"

#define FAKE_SEED 7                     /* of run.json */

struct fake_run {
	const struct plan *plan;
	struct rng rng;
	void (*put)(void *data, json_t *rec);   /* takes rec */
	void *data;
	int looks, inner;                       /* of a watch during each step; steps of a procedure */
	int frames;                             /* of capture/lan.pcapng, which observations then point into as well */
	/* chances in a thousand, at each occasion */
	int flip, silent, hole, error, dead, crash;

	/* while it runs */
	int64_t n, t_ns, begun;
	int attempt;
	const struct test *t;
	const struct part *p;
	const char *part, *rep;
	json_t *limits, *each, *seen;           /* seen: {"LABEL": facts} of this part */
	bool fault, gone;                       /* a step failed; the run was killed */
};

static inline bool fake_chance(struct fake_run *f, int thousandths)
{
	return thousandths > 0 && (int)rng_below(&f->rng, 1000) < thousandths;
}

static inline json_t *fake_default(enum value_type type)
{
	switch (type) {
	case VALUE_BOOL: return json_true();
	case VALUE_INT: return json_integer(1);
	case VALUE_TIME: return json_integer(MS(1));
	case VALUE_SHARE: return json_integer(1000000);
	case VALUE_SET: return json_array();
	case VALUE_SECRET: return json_pack("{s:s}", "hmac", "0");
	default: return json_string("x");
	}
}

static inline json_t *fake_other(const json_t *v)
{
	int64_t n;

	if (json_is_boolean(v))
		return json_boolean(!json_is_true(v));
	if (value_number(v, &n))
		return json_integer(n < INT64_MAX ? n + 1 : n - 1);
	return json_is_array(v) ? json_pack("[s]", "zz") : json_string("zz");
}

static inline json_t *fake_listed(json_t *v, enum value_type type)
{
	return type == VALUE_SET && !json_is_array(v) ? json_pack("[o]", v) : v;
}

/* A value that stands in that relation to the operand (or does not); new reference. */
static inline json_t *fake_fit(enum comparison how, const json_t *o, enum value_type type, bool hold)
{
	static const int change[COMPARE_COUNT][2] = { [COMPARE_at_most] = { 1, 0 }, [COMPARE_below] = { 0, -1 },
						      [COMPARE_at_least] = { -1, 0 }, [COMPARE_above] = { 0, 1 } };
	const json_t *first = json_is_array(o) ? json_array_get(o, 0) : o;
	bool inside = how == COMPARE_has_not ? !hold : hold;
	int64_t n;

	switch (how) {
	case COMPARE_is:
	case COMPARE_is_not: return hold == (how == COMPARE_is) ? json_deep_copy(o) : fake_other(o);
	case COMPARE_has:
	case COMPARE_has_not:
	case COMPARE_within:
		first = how == COMPARE_has && hold ? o : first;
		return fake_listed(inside && first ? json_deep_copy(first) : json_string("zz"), type);
	default: return json_integer(value_number(o, &n) ? n + change[how][hold] : 1);
	}
}

static inline json_t *fake_operand(const struct fake_run *f, const struct claim *c)
{
	struct scene s = { .limits = f->limits, .each = f->each, .declared = f->plan->device.json };
	const char *dot = c->ref ? strchr(c->ref, '.') : NULL;
	json_t *v = c->ref ? scene_value(&s, c->ref) : c->operand ? scene_literal(&s, c->operand) : NULL;
	char label[64];

	if (v || !dot)
		return v;
	snprintf(label, sizeof(label), "%.*s", (int)(dot - c->ref), c->ref);
	return json_incref(json_object_get(json_object_get(f->seen, label), dot + 1));
}

static inline void fake_solve(struct fake_run *f, const struct claim *c, json_t *facts)
{
	json_t *o = fake_operand(f, c);

	if (c->quantifier == QUANTIFIER_share || c->quantifier == QUANTIFIER_longest)
		json_object_set_new(facts, c->fact, json_object_get(facts, c->fact) && !json_is_boolean(json_object_get(facts, c->fact)) ?
				    json_integer(f->t_ns) : json_true());
	else if (c->quantifier == QUANTIFIER_spread)
		json_object_set_new(facts, c->fact, json_integer((json_int_t)rng_below(&f->rng, 9) * SEC(10)));
	else if (c->quantifier == QUANTIFIER_count)
		json_object_set_new(facts, c->fact, json_integer(f->t_ns));
	else if (o)
		json_object_set_new(facts, c->fact, fake_fit(c->comparison, o, c->type, c->quantifier != QUANTIFIER_no));
	json_decref(o);
}

/* ---- which claims speak of what is seen during step k ---- */
static inline size_t fake_index(const struct steps *s, const char *label)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct step_spec *x = &s->step[i];

		if (x->label && !strcmp(x->label, label))
			return i;
		if ((x->inner && fake_index(x->inner, label) < x->inner->n) || (x->beside && fake_index(x->beside, label) < x->beside->n))
			return i;
	}
	return s->n;
}

static inline bool fake_covers(const struct fake_run *f, const struct claim *c, size_t k)
{
	return !c->from || (fake_index(&f->p->steps, c->from) <= k && k <= fake_index(&f->p->steps, c->to));
}

typedef void fake_claim_fn(struct fake_run *f, const struct claim *c, json_t *x);

/* Calls fn for the plain claims on that label, the last of each `any`. */
static inline void fake_claims(struct fake_run *f, const char *label, size_t k, fake_claim_fn *fn, json_t *x)
{
	for (size_t i = 0; label && f->p->expect && i < f->p->expect->n; i++) {
		const struct claim *c = claim_at(f->p->expect, i);

		c = c->any.n ? &c->any.claim[c->any.n - 1] : c;
		if (!strcmp(c->label, label) && fake_covers(f, c, k))
			fn(f, c, x);
	}
}

static inline json_t *fake_facts(struct fake_run *f, const struct step_spec *s, size_t k)
{
	const char *name = json_string_value(json_object_get(s->args, "procedure"));
	const struct procedure *p = name ? device_procedure(&f->plan->device, name) : NULL;
	const struct fact *d = p ? p->facts : s->verb ? s->verb->facts : NULL;
	json_t *facts = json_object();

	for (; d && d->name; d++)
		json_object_set_new(facts, d->name, fake_default(d->type));
	fake_claims(f, s->label, k, fake_solve, facts);
	return facts;
}

static inline void fake_flip(struct fake_run *f, json_t *facts)
{
	const char *key;
	json_t *v;
	void *next;

	if (!fake_chance(f, f->flip))
		return;
	json_object_foreach_safe(facts, next, key, v)
		if (rng_below(&f->rng, 2))
			json_object_set_new(facts, key, fake_other(v));
}

#endif
