// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/claim_see.h"

/* ---- truth ---- */
void eval_keep(struct eval *e, const struct record *rec)
{
	if (e->n_kept < EVAL_POINTERS)
		e->kept[e->n_kept++] = rec;
}

void eval_say(struct eval *e, const char *why)
{
	if (!e->v.why[0])
		text_add(e->v.why, sizeof(e->v.why), "%s", why);
}

/* Nothing is missing: the step ended well, watched all the time, and each observation is complete. */
static bool all_whole(const struct eval *e)
{
	for (size_t i = 0; i < e->v.n; i++)
		if (!e->v.item[i].whole)
			return false;
	return e->v.ok && e->v.covers && e->operand_whole;
}

static bool certain(const struct eval *e, const struct seen *o)
{
	return e->operand_whole && value_certain(o->value, e->c->comparison, e->operand, e->c->type);
}

/* One observation: an answer that more evidence could change is no answer. */
static enum truth judge_seen(struct eval *e, const struct seen *o)
{
	enum truth t = value_compare(o->value, e->c->comparison, e->operand);

	if (t == TRUTH_UNKNOWN && e->operand)
		eval_say(e, "the values cannot be compared");
	if (o->whole && e->v.ok && e->operand_whole)
		return t;
	return certain(e, o) ? t : TRUTH_UNKNOWN;
}

/* Of a set that should lie in another: only what does not is what a person looks for. */
static void show_beyond(struct eval *e, const json_t *value)
{
	json_t *beyond;
	char text[128];
	size_t i;
	json_t *v;

	if (!json_is_array(value) || json_array_size(value) < 2 || !json_array_size(e->operand) ||
	    (e->c->comparison != COMPARE_within && e->c->comparison != COMPARE_is))
		return;
	beyond = json_array();
	json_array_foreach((json_t *)value, i, v)
		if (value_compare(v, COMPARE_within, e->operand) == TRUTH_FALSE)
			json_array_append(beyond, v);
	if (json_array_size(beyond))
		text_add(e->f->actual, sizeof(e->f->actual), ", beyond it %s", value_text(beyond, VALUE_SET, text, sizeof(text)));
	json_decref(beyond);
}

static enum truth eval_the(struct eval *e)
{
	const struct seen *o = e->v.n ? &e->v.item[e->v.n - 1] : NULL;
	enum truth t;

	if (!o)
		return TRUTH_UNKNOWN;
	eval_keep(e, o->rec);
	value_text(o->value, e->c->type, e->f->actual, sizeof(e->f->actual));
	t = judge_seen(e, o);
	if (t == TRUTH_FALSE)
		show_beyond(e, o->value);
	e->seen = t == TRUTH_FALSE && certain(e, o);
	/* true needs all of the evidence; false needs only the counterexample */
	return t == TRUTH_TRUE && !(o->whole && e->v.ok) ? TRUTH_UNKNOWN : t;
}

static void show_hits(struct eval *e, size_t hits, const struct seen *first)
{
	char text[128], when[32];
	size_t n = sizeof(e->f->actual);

	if (first && e->v.n == 1)
		text_add(e->f->actual, n, "%s", value_text(first->value, e->c->type, text, sizeof(text)));
	else if (first)
		text_add(e->f->actual, n, "%zu of %zu, first %s at +%s", hits, e->v.n,
			 value_text(first->value, e->c->type, text, sizeof(text)),
			 time_text(first->at_ns - e->v.origin_ns, when, sizeof(when)));
	else if (e->v.n)
		text_add(e->f->actual, n, e->c->quantifier == QUANTIFIER_every ? "all of %zu, last %s" : "none of %zu, last %s", e->v.n,
			 value_text(e->v.item[e->v.n - 1].value, e->c->type, text, sizeof(text)));
}

/* every, some, no. A hit is what decides: a false one for `every`, a true one for the others. */
static enum truth eval_all(struct eval *e)
{
	enum quantifier q = e->c->quantifier;
	enum truth hit = q == QUANTIFIER_every ? TRUTH_FALSE : TRUTH_TRUE;
	size_t hits = 0, unknown = 0;
	const struct seen *first = NULL;

	for (size_t i = 0; i < e->v.n; i++) {
		const struct seen *o = &e->v.item[i];
		enum truth t = judge_seen(e, o);

		if (q == QUANTIFIER_some && t == TRUTH_TRUE && !(o->whole && e->v.ok))
			t = TRUTH_UNKNOWN;
		unknown += t == TRUTH_UNKNOWN;
		if (t != hit)
			continue;
		first = hits++ ? first : o;
		e->seen |= q != QUANTIFIER_some && certain(e, o);
		eval_keep(e, o->rec);
	}
	for (size_t i = e->v.n; i-- > 0 && !hits && e->n_kept < 4;)
		eval_keep(e, e->v.item[i].rec);
	show_hits(e, hits, first);
	if (hits)
		return q == QUANTIFIER_some ? TRUTH_TRUE : TRUTH_FALSE;
	if (!e->v.n || unknown || !all_whole(e))
		return TRUTH_UNKNOWN;
	return q == QUANTIFIER_some ? TRUTH_FALSE : TRUTH_TRUE;
}

/* A number known to lie in [low, high]: the answer must be the same for both. */
enum truth eval_settle(struct eval *e, int64_t low, int64_t high)
{
	json_t *a = json_integer(low), *b = json_integer(high);
	enum truth x = value_compare(a, e->c->comparison, e->operand), y = value_compare(b, e->c->comparison, e->operand);

	json_decref(a);
	json_decref(b);
	if (x != y && high < INT64_MAX)
		eval_say(e, "the uncertainty lies across the limit");
	return x == y ? x : TRUTH_UNKNOWN;
}

static enum truth eval_count(struct eval *e)
{
	enum truth t;
	bool sure;

	for (size_t i = 0; i < e->v.n && i < 8; i++)
		eval_keep(e, e->v.item[i].rec);
	text_add(e->f->actual, sizeof(e->f->actual), "%zu", e->v.n);
	if (!e->operand_whole)
		return TRUTH_UNKNOWN;
	sure = all_whole(e);
	t = eval_settle(e, (int64_t)e->v.n, INT64_MAX);      /* there may have been more */
	e->seen = t == TRUTH_FALSE;
	if (sure)
		t = eval_settle(e, (int64_t)e->v.n, (int64_t)e->v.n);
	return t == TRUTH_TRUE && !sure ? TRUTH_UNKNOWN : t;
}

/* Uniform moments over a range R lie within R/12 of each other with probability n/12^(n-1): 1 in 432 for four, 1 in
 * 41 000 for six. */
enum { SPREAD_ENOUGH = 6 };

static enum truth eval_spread(struct eval *e)
{
	int64_t low = INT64_MAX, high = INT64_MIN;
	char text[48];

	for (size_t i = 0; i < e->v.n; i++) {
		int64_t v;

		if (!json_is_integer(e->v.item[i].value))
			return TRUTH_UNKNOWN;
		v = json_integer_value(e->v.item[i].value);
		low = v < low ? v : low;
		high = v > high ? v : high;
		eval_keep(e, e->v.item[i].rec);
	}
	if (e->v.n < 2 || __builtin_sub_overflow(high, low, &high)) {
		eval_say(e, "a spread needs two observations");
		return TRUTH_UNKNOWN;
	}
	json_t *shown = json_integer(high);

	value_text(shown, e->c->type, e->f->actual, sizeof(e->f->actual));
	json_decref(shown);
	text_add(e->f->actual, sizeof(e->f->actual), " over %zu observations, from %s", e->v.n, time_text(low, text, sizeof(text)));
	if (!all_whole(e))
		return TRUTH_UNKNOWN;

	enum truth t = eval_settle(e, high, high);
	bool near_by_chance = e->c->comparison == COMPARE_at_least || e->c->comparison == COMPARE_above;

	if (t == TRUTH_FALSE && near_by_chance && e->v.n < SPREAD_ENOUGH) {
		eval_say(e, "a few random moments may lie close together: six observations are needed to say that they always do");
		return TRUTH_UNKNOWN;
	}
	return t;
}

/* ---- the finding ---- */
static void add_unique(json_t *list, json_t *v)
{
	size_t i;
	json_t *e;

	json_array_foreach(list, i, e)
		if (json_equal(e, v))
			return;
	json_array_append(list, v);
}

static void point_at(struct eval *e, const struct record *rec)
{
	json_t *whole = records_json(e->s->records, rec), *p;
	size_t i;

	json_array_foreach(json_object_get(whole, "at"), i, p)
		if (json_array_size(e->f->at) < EVAL_POINTERS)
			add_unique(e->f->at, p);
	if (json_object_get(whole, "n") && json_array_size(e->f->at) < EVAL_POINTERS) {
		p = json_pack("{s:O}", "journal", json_object_get(whole, "n"));
		add_unique(e->f->at, p);
		json_decref(p);
	}
	json_decref(whole);
}

void eval_point(struct eval *e)
{
	const struct record_spot *last = NULL;
	json_t *p;
	size_t i;

	for (size_t k = 0; k < e->n_kept; k++)
		point_at(e, e->kept[k]);
	for (size_t k = 0; k < e->v.n; k++) {
		if (e->v.item[k].rec->spot == last)     /* those of a watch all say the same */
			continue;
		last = e->v.item[k].rec->spot;
		json_array_foreach(last->observers, i, p)
			add_unique(e->f->observers, p);
	}
}

/* The value of LABEL.FACT, and whether it rests on all that was asked for. */
static json_t *label_value(const struct scene *s, const char *ref, bool *ret_whole)
{
	char label[64];
	json_t *value;
	const struct record *rec = scene_last(s, ref, &value), *done;

	snprintf(label, sizeof(label), "%.*s", (int)strcspn(ref, "."), ref);
	done = scene_done(s, label);
	*ret_whole = rec && !rec->hole && done && done->ok;
	return value;
}

static void find_operand(struct eval *e)
{
	const char *ref = e->c->ref;

	e->operand_whole = true;
	if (!ref) {
		e->operand = scene_literal(e->s, e->c->operand);
		return;
	}
	if (strncmp(ref, "limit.", 6) && strncmp(ref, "each.", 5) && strncmp(ref, "declared.", 9))
		e->operand = label_value(e->s, ref, &e->operand_whole);
	else
		e->operand = scene_value(e->s, ref);
}

static void say_expected(struct eval *e)
{
	static const char *const words[] = {
#define X(name, text) text,
		QUANTIFIERS(X)
#undef X
	};
	struct finding *f = e->f;
	const struct claim *c = e->c;
	char text[96];

	text_add(f->expected, sizeof(f->expected), "%s", words[c->quantifier]);
	if (c->quantifier != QUANTIFIER_the || c->comparison != COMPARE_is)
		text_add(f->expected, sizeof(f->expected), "%s ", comparison_words[c->comparison]);
	if (e->operand)
		text_add(f->expected, sizeof(f->expected), "%s", value_text(e->operand, claim_value_type(c), text, sizeof(text)));
	else if (!c->ref)
		text_add(f->expected, sizeof(f->expected), "a value that is missing");
	if (c->ref)
		text_add(f->expected, sizeof(f->expected), e->operand ? " (%s)" : "%s, which is missing", c->ref);
	text_add(f->text, sizeof(f->text), "%s %s.%s %s %s", quantifier_word[c->quantifier], c->label, c->fact,
		 comparison_words[c->comparison],
		 e->operand ? value_text(e->operand, claim_value_type(c), text, sizeof(text)) : c->ref ? c->ref : "?");
	if (c->ref && e->operand)
		text_add(f->text, sizeof(f->text), " (%s)", c->ref);
	if (c->from)
		text_add(f->text, sizeof(f->text), strcmp(c->from, c->to) ? " from %s to %s" : " during %s", c->from, c->to);
}

static enum truth find_truth(struct eval *e)
{
	if (!scene_look(e->c, e->s, &e->v))
		return TRUTH_UNKNOWN;
	if (!e->operand) {
		e->v.why[0] = '\0';
		text_add(e->v.why, sizeof(e->v.why), "%s is missing", e->c->ref ? e->c->ref : "a value in ${...}");
	}
	switch (e->c->quantifier) {
	case QUANTIFIER_the: return eval_the(e);
	case QUANTIFIER_every:
	case QUANTIFIER_some:
	case QUANTIFIER_no: return eval_all(e);
	case QUANTIFIER_count: return eval_count(e);
	case QUANTIFIER_spread: return eval_spread(e);
	default: return eval_time(e);
	}
}

void eval_conclude(const struct claim *c, struct finding *f, bool seen, const char *why)
{
	f->seen = seen && f->truth == TRUTH_FALSE;
	f->verdict = f->truth == TRUTH_TRUE ? VERDICT_PASS : f->truth == TRUTH_FALSE ? c->otherwise : VERDICT_INCONCLUSIVE;
	if (f->truth == TRUTH_FALSE)
		text_add(f->why, sizeof(f->why), "saw %s, expected %s", f->actual, f->expected);
	else if (f->truth == TRUTH_UNKNOWN)
		text_add(f->why, sizeof(f->why), "%s", why);
}

static void eval_one(const struct claim *c, const struct scene *s, struct finding *f)
{
	struct eval e = { .c = c, .s = s, .f = f };

	find_operand(&e);
	f->truth = find_truth(&e);
	say_expected(&e);
	if (!f->actual[0])
		text_add(f->actual, sizeof(f->actual), "nothing observed");
	eval_point(&e);
	if (f->truth == TRUTH_UNKNOWN && !e.v.why[0])
		text_add(e.v.why, sizeof(e.v.why), e.v.n ? "the evidence does not decide it" :
			 "no observation of %s.%s", c->label, c->fact);
	eval_conclude(c, f, e.seen, e.v.why);
	view_done(&e.v);
	json_decref(e.operand);
}

/* One of several: true wins, then unknown. */
static void eval_any(const struct claim *c, const struct scene *s, struct finding *f)
{
	bool some_true = false, all_false = true, all_seen = true;
	char why[256] = "";

	for (size_t i = 0; i < c->any.n; i++) {
		struct finding one;

		claim_eval(&c->any.claim[i], s, &one);
		some_true |= one.truth == TRUTH_TRUE;
		all_false &= one.truth == TRUTH_FALSE;
		all_seen &= one.seen;
		text_add(f->text, sizeof(f->text), i ? " or %s" : "%s", one.text);
		text_add(f->expected, sizeof(f->expected), i ? " or %s" : "%s", one.expected);
		text_add(f->actual, sizeof(f->actual), i ? "; %s" : "%s", one.actual);
		if (one.truth == TRUTH_UNKNOWN)
			text_add(why, sizeof(why), why[0] ? "; %s" : "%s", one.why);
		json_array_extend(f->at, one.at);
		json_array_extend(f->observers, one.observers);
		finding_done(&one);
	}
	f->truth = some_true ? TRUTH_TRUE : all_false ? TRUTH_FALSE : TRUTH_UNKNOWN;
	eval_conclude(c, f, all_seen, why);
}

void claim_eval(const struct claim *c, const struct scene *s, struct finding *ret)
{
	*ret = (struct finding){ .at = json_array(), .observers = json_array() };
	(c->any.n ? eval_any : c->quantifier == QUANTIFIER_distinct ? eval_distinct : eval_one)(c, s, ret);
}

void finding_done(struct finding *f)
{
	json_decref(f->at);
	json_decref(f->observers);
	json_decref(f->compared);
	*f = (struct finding){ 0 };
}
