// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "harness/claim_see.h"

/* ---- share and longest: how long was it what ---- */
enum state { STATE_UNKNOWN, STATE_OFF, STATE_ON };
struct stretch {
	enum state state;
	bool seen_on;                   /* the observation it begins with says on */
	int64_t ns;
};

static int by_time(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return x->rec < y->rec ? -1 : x->rec > y->rec;  /* as recorded */
}

static enum state state_of(const json_t *value, bool whole)
{
	return !whole || !json_is_boolean(value) ? STATE_UNKNOWN : json_is_true(value) ? STATE_ON : STATE_OFF;
}

/* Between two looks of a sampling watch nothing is known of a change, nor when it looked too seldom. (A look that
 * fails may take long: it lasts until the next, so two failed ones leave no time in between.) */
static enum state between(const struct eval *e, enum state a, enum state b, int64_t ns)
{
	if (e->v.every_ns <= 0)
		return a;
	return a == b && (a == STATE_OFF || ns / 3 <= e->v.every_ns) ? a : STATE_UNKNOWN;
}

/* The window as stretches of on, off and unknown; n + 1 of them. false when there is no time to speak of. */
static bool stretches(struct eval *e, struct stretch *ret)
{
	struct view *v = &e->v;
	int64_t from = v->windowed ? v->from_ns : v->begin_ns, to = v->windowed ? v->to_ns : v->end_ns, at;
	enum state now = state_of(v->before, v->before != NULL), next;

	if (v->n)
		qsort(v->item, v->n, sizeof(*v->item), by_time);
	at = from;
	for (size_t i = 0; i <= v->n; i++) {
		int64_t end = i < v->n ? v->item[i].at_ns : to;

		next = i < v->n ? state_of(v->item[i].value, v->item[i].whole) : now;
		end = end < at ? at : end > to ? to : end;
		ret[i] = (struct stretch){ between(e, now, next, end - at), i && now == STATE_ON, end - at };
		at = end;
		now = next;
	}
	return to > from;
}

static void keep_off(struct eval *e)
{
	for (size_t i = 0; i < e->v.n && e->n_kept < 8; i++)
		if (json_is_false(e->v.item[i].value))
			eval_keep(e, e->v.item[i].rec);
	for (size_t i = e->v.n; i-- > 0 && !e->n_kept;)
		eval_keep(e, e->v.item[i].rec);
}

static void show_range(struct eval *e, int64_t low, int64_t high, enum value_type type)
{
	json_t *a = json_integer(low), *b = json_integer(high);
	char text[2][48];

	value_text(a, type, text[0], sizeof(text[0]));
	value_text(b, type, text[1], sizeof(text[1]));
	text_add(e->f->actual, sizeof(e->f->actual), low == high ? "%s" : "%s to %s", text[0], text[1]);
	json_decref(a);
	json_decref(b);
}

static enum truth eval_share(struct eval *e, const struct stretch *st)
{
	__int128 on = 0, unknown = 0, all = 0;
	int64_t low, high;

	for (size_t i = 0; i <= e->v.n; i++) {
		all += st[i].ns;
		on += st[i].state == STATE_ON ? st[i].ns : 0;
		unknown += st[i].state == STATE_UNKNOWN ? st[i].ns : 0;
	}
	low = (int64_t)(on * 1000000 / all);
	high = (int64_t)((on + unknown) * 1000000 / all);
	show_range(e, low, high, VALUE_SHARE);
	return e->v.ok && e->v.covers && e->operand_whole ? eval_settle(e, low, high) : TRUTH_UNKNOWN;
}

static int64_t longest_of(const struct stretch *st, size_t n, bool doubt)
{
	int64_t run = 0, longest = 0;

	for (size_t i = 0; i < n; i++) {
		run = st[i].seen_on ? 0 : run;
		run = st[i].state == STATE_OFF || (doubt && st[i].state == STATE_UNKNOWN) ? run + st[i].ns : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static enum truth eval_longest(struct eval *e, struct stretch *st)
{
	bool is_bool = e->c->type == VALUE_BOOL || json_is_boolean(e->v.before) ||
		       (e->v.n && json_is_boolean(e->v.item[0].value));
	bool sure = e->v.ok && e->v.covers && e->operand_whole;
	int64_t low = 0, high = 0;

	if (is_bool) {
		low = longest_of(st, e->v.n + 1, false);
		high = longest_of(st, e->v.n + 1, true);
	}
	for (size_t i = 0; i <= e->v.n && !is_bool; i++)
		low = high = st[i].ns > high ? st[i].ns : high;
	show_range(e, low, high, VALUE_TIME);
	if (!sure && !(is_bool && e->operand_whole && eval_settle(e, low, INT64_MAX) == TRUTH_FALSE))
		return TRUTH_UNKNOWN;
	return eval_settle(e, low, sure ? high : INT64_MAX);
}

enum truth eval_time(struct eval *e)
{
	struct stretch *st = calloc(e->v.n + 1, sizeof(*st));
	enum truth t = TRUTH_UNKNOWN;

	if (!st)
		abort();
	if ((!e->v.n && !e->v.before && e->c->quantifier == QUANTIFIER_share) || !stretches(e, st))
		eval_say(e, "nothing was observed");
	else
		t = e->c->quantifier == QUANTIFIER_share ? eval_share(e, st) : eval_longest(e, st);
	keep_off(e);
	free(st);
	return t;
}
