// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/claim_in.h"

#define MAX_POINTERS 16

/* ---- references ---- */
static const json_t *at_path(const json_t *v, const char *path)
{
	char key[128];

	while (v && *path) {
		size_t n = strcspn(path, ".");

		if (n >= sizeof(key))
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		v = json_is_array(v) ? json_array_get(v, strtoul(key, NULL, 10)) : json_object_get(v, key);
		path += n + (path[n] == '.');
	}
	return v;
}

static const char *record_text(const json_t *rec, const char *key)
{
	const char *s = json_string_value(json_object_get(rec, key));

	return s ? s : "";
}

static bool is_kind(const json_t *rec, const char *kind)
{
	return !strcmp(record_text(rec, "kind"), kind);
}

static bool has_label(const json_t *rec, const char *label, size_t n)
{
	const char *l = record_text(rec, "label");

	return strlen(l) == n && !strncmp(l, label, n);
}

/* The last observation with that fact, or NULL. */
static const json_t *last_observation(const struct scene *s, const char *ref)
{
	const char *dot = strchr(ref, '.');

	for (size_t i = json_array_size(s->records); dot && i-- > 0;) {
		const json_t *rec = json_array_get(s->records, i);

		if (is_kind(rec, "observe") && has_label(rec, ref, (size_t)(dot - ref)) &&
		    json_object_get(json_object_get(rec, "facts"), dot + 1))
			return rec;
	}
	return NULL;
}

const json_t *scene_value(const struct scene *s, const char *ref)
{
	const json_t *rec;

	if (!strncmp(ref, "limit.", 6))
		return at_path(s->limits, ref + 6);
	if (!strncmp(ref, "each.", 5))
		return at_path(s->each, ref + 5);
	if (!strncmp(ref, "declared.", 9))
		return at_path(s->declared, ref + 9);
	rec = last_observation(s, ref);
	return rec ? json_object_get(json_object_get(rec, "facts"), strchr(ref, '.') + 1) : NULL;
}

/* "${each.x}" and the like put in; NULL (unknown) when one is missing. New reference. */
static json_t *expand(const struct scene *s, const char *text)
{
	char out[1024] = "", key[128], word[256];

	while (*text) {
		const char *open = strstr(text, "${"), *close = open ? strchr(open, '}') : NULL;
		const json_t *v;

		if (!close) {
			text_add(out, sizeof(out), "%s", text);
			break;
		}
		snprintf(key, sizeof(key), "%.*s", (int)(close - open - 2), open + 2);
		v = scene_value(s, key);
		if (!v)
			return NULL;
		if (!json_is_string(v))
			value_text(v, VALUE_INT, word, sizeof(word));
		text_add(out, sizeof(out), "%.*s%s", (int)(open - text), text,
			 json_is_string(v) ? json_string_value(v) : word);
		text = close + 1;
	}
	return json_string(out);
}

static json_t *literal(const struct scene *s, const struct conf *c)
{
	json_t *list;

	if (c->kind == CONF_SCALAR)
		return strstr(c->text, "${") ? expand(s, c->text) : conf_json(c);
	list = json_array();
	for (size_t i = 0; i < c->n; i++) {
		json_t *v = literal(s, c->item[i]);

		if (!v) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, v);
	}
	return list;
}

/* ---- what was seen under a label ---- */
struct seen {
	const json_t *rec, *value;
	int64_t at_ns;
	size_t order;                   /* as recorded */
	bool whole;                     /* rests on all that was asked for */
};

struct view {
	struct seen *item; size_t n;    /* as recorded, inside the window */
	const json_t *before;           /* value of the last observation before the window, or NULL */
	bool windowed;
	int64_t from_ns, to_ns;
	int64_t origin_ns;              /* begin of the scene, for relative times */
	bool ok, covers;                /* the labelled step ran and ended well, and ran all through the window */
	int64_t begin_ns, end_ns;       /* of the labelled step; 0 when it did not finish */
	int64_t every_ns;               /* it looks only so often; 0 = it sees every change */
	char why[192];                  /* what is missing */
};

static int64_t record_ns(const json_t *rec, const char *key, int64_t fallback)
{
	const json_t *v = json_object_get(rec, key);

	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

/* The last finished step of that label, or NULL. */
static const json_t *done_of(const struct scene *s, const char *label)
{
	for (size_t i = json_array_size(s->records); i-- > 0;) {
		const json_t *rec = json_array_get(s->records, i);

		if (is_kind(rec, "done") && has_label(rec, label, strlen(label)))
			return rec;
	}
	return NULL;
}

static bool find_window(const struct claim *c, const struct scene *s, struct view *v)
{
	const json_t *a, *b;

	if (!c->from)
		return true;
	a = done_of(s, c->from);
	b = done_of(s, c->to);
	if (!a || !b) {
		text_add(v->why, sizeof(v->why), "'%s' did not finish, so its time is not known", a ? c->to : c->from);
		return false;
	}
	v->windowed = true;
	v->from_ns = record_ns(a, "begin_ns", INT64_MAX);
	v->to_ns = record_ns(b, "end_ns", INT64_MIN);
	if (v->from_ns > v->to_ns) {
		text_add(v->why, sizeof(v->why), "'%s' has no time", c->from);
		return false;
	}
	return true;
}

/* How often a sampling watch looks: a time, or a reference to one. */
static int64_t every_of(const struct scene *s, const json_t *v, int64_t fallback)
{
	const char *ref = json_string_value(json_object_get(v, "$"));
	int64_t ns;

	return value_number(ref ? scene_value(s, ref) : v, &ns) ? ns : fallback;
}

static bool did_not_run(const json_t *done)
{
	return !strncmp(record_text(done, "text"), "not run", 7);
}

/* Did every step with this label end well, and did a watch see the whole window? */
static void find_status(const struct claim *c, const struct scene *s, struct view *v)
{
	size_t i, begun = 0, done = 0;
	json_t *rec;
	bool watch = false;

	v->ok = v->covers = true;
	json_array_foreach((json_t *)s->records, i, rec) {
		if (!has_label(rec, c->label, strlen(c->label)))
			continue;
		if (is_kind(rec, "step")) {
			begun++;
			watch |= !strcmp(record_text(rec, "kind_of"), "watch");
			v->every_ns = every_of(s, json_object_get(json_object_get(rec, "args"), "every"), v->every_ns);
		} else if (is_kind(rec, "done")) {
			done++;
			v->begin_ns = record_ns(rec, "begin_ns", 0);
			v->end_ns = record_ns(rec, "end_ns", 0);
			if (strcmp(record_text(rec, "status"), "ok") && v->ok) {
				v->ok = false;
				text_add(v->why, sizeof(v->why), "'%s' ended in %s", c->label, record_text(rec, "status"));
			}
			if (did_not_run(rec) && v->ok) {        /* an argument was never observed */
				v->ok = false;
				text_add(v->why, sizeof(v->why), "'%s': %s", c->label, record_text(rec, "text"));
			}
			if (watch && v->windowed && (record_ns(rec, "begin_ns", INT64_MAX) > v->from_ns ||
						     record_ns(rec, "end_ns", INT64_MIN) < v->to_ns))
				v->covers = false;
		}
	}
	if (!begun)
		text_add(v->why, sizeof(v->why), "'%s' did not run", c->label);
	else if (done < begun && v->ok)
		text_add(v->why, sizeof(v->why), "'%s' did not finish", c->label);
	v->ok = v->ok && begun && done >= begun;
	if (v->ok && !v->covers)
		text_add(v->why, sizeof(v->why), "'%s' did not watch the whole time", c->label);
}

static void add_seen(const struct claim *c, const json_t *rec, struct view *v, int64_t *before_ns)
{
	const json_t *value = json_object_get(json_object_get(rec, "facts"), c->fact);
	const json_t *hole = json_object_get(rec, "incomplete");
	int64_t at = record_ns(rec, "at_ns", record_ns(rec, "t_ns", 0));

	if (!value)
		return;
	if (v->windowed && at < v->from_ns && at >= *before_ns) {
		v->before = value;
		*before_ns = at;
	}
	if (v->windowed && (at < v->from_ns || at > v->to_ns))
		return;
	if (hole && !v->why[0])
		text_add(v->why, sizeof(v->why), "%s", json_is_string(hole) ? json_string_value(hole) : "incomplete");
	v->item[v->n] = (struct seen){ rec, value, at, v->n, !hole };
	v->n++;
}

/* false = the window itself is unknown. item is malloc'd. */
static bool look(const struct claim *c, const struct scene *s, struct view *v)
{
	int64_t before_ns = INT64_MIN;
	size_t i;
	json_t *rec;

	*v = (struct view){ .item = calloc(json_array_size(s->records) + 1, sizeof(struct seen)) };
	if (!v->item)
		abort();
	v->origin_ns = record_ns(json_array_get(s->records, 0), "t_ns", 0);
	if (!find_window(c, s, v))
		return false;
	find_status(c, s, v);
	json_array_foreach((json_t *)s->records, i, rec)
		if (is_kind(rec, "observe") && has_label(rec, c->label, strlen(c->label)))
			add_seen(c, rec, v, &before_ns);
	return true;
}

/* ---- truth ---- */
struct eval {
	const struct claim *c;
	const struct scene *s;
	json_t *operand;                /* owned; NULL when missing */
	bool operand_whole;             /* false: the operand is a fact that itself rests on less than was asked */
	struct view v;
	struct finding *f;
	bool seen;                      /* false whatever else there was to see */
	const json_t *kept[MAX_POINTERS];       /* the observations that matter, counterexamples first */
	size_t n_kept;
};

static void keep(struct eval *e, const json_t *rec)
{
	if (e->n_kept < MAX_POINTERS)
		e->kept[e->n_kept++] = rec;
}

static void say(struct eval *e, const char *why)
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
		say(e, "the values cannot be compared");
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
	keep(e, o->rec);
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
		keep(e, o->rec);
	}
	for (size_t i = e->v.n; i-- > 0 && !hits && e->n_kept < 4;)
		keep(e, e->v.item[i].rec);
	show_hits(e, hits, first);
	if (hits)
		return q == QUANTIFIER_some ? TRUTH_TRUE : TRUTH_FALSE;
	if (!e->v.n || unknown || !all_whole(e))
		return TRUTH_UNKNOWN;
	return q == QUANTIFIER_some ? TRUTH_FALSE : TRUTH_TRUE;
}

/* A number known to lie in [low, high]: the answer must be the same for both. */
static enum truth settle(struct eval *e, int64_t low, int64_t high)
{
	json_t *a = json_integer(low), *b = json_integer(high);
	enum truth x = value_compare(a, e->c->comparison, e->operand), y = value_compare(b, e->c->comparison, e->operand);

	json_decref(a);
	json_decref(b);
	if (x != y && high < INT64_MAX)
		say(e, "the uncertainty lies across the limit");
	return x == y ? x : TRUTH_UNKNOWN;
}

static enum truth eval_count(struct eval *e)
{
	enum truth t;
	bool sure;

	for (size_t i = 0; i < e->v.n && i < 8; i++)
		keep(e, e->v.item[i].rec);
	text_add(e->f->actual, sizeof(e->f->actual), "%zu", e->v.n);
	if (!e->operand_whole)
		return TRUTH_UNKNOWN;
	sure = all_whole(e);
	t = settle(e, (int64_t)e->v.n, INT64_MAX);      /* there may have been more */
	e->seen = t == TRUTH_FALSE;
	if (sure)
		t = settle(e, (int64_t)e->v.n, (int64_t)e->v.n);
	return t == TRUTH_TRUE && !sure ? TRUTH_UNKNOWN : t;
}

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
		keep(e, e->v.item[i].rec);
	}
	if (e->v.n < 2 || __builtin_sub_overflow(high, low, &high)) {
		say(e, "a spread needs two observations");
		return TRUTH_UNKNOWN;
	}
	json_t *shown = json_integer(high);

	value_text(shown, e->c->type, e->f->actual, sizeof(e->f->actual));
	json_decref(shown);
	text_add(e->f->actual, sizeof(e->f->actual), " over %zu observations, from %s", e->v.n, time_text(low, text, sizeof(text)));
	return all_whole(e) ? settle(e, high, high) : TRUTH_UNKNOWN;
}

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
	return x->order < y->order ? -1 : x->order > y->order;
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
			keep(e, e->v.item[i].rec);
	for (size_t i = e->v.n; i-- > 0 && !e->n_kept;)
		keep(e, e->v.item[i].rec);
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
	return e->v.ok && e->v.covers && e->operand_whole ? settle(e, low, high) : TRUTH_UNKNOWN;
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
	if (!sure && !(is_bool && e->operand_whole && settle(e, low, INT64_MAX) == TRUTH_FALSE))
		return TRUTH_UNKNOWN;
	return settle(e, low, sure ? high : INT64_MAX);
}

static enum truth eval_time(struct eval *e)
{
	struct stretch *st = calloc(e->v.n + 1, sizeof(*st));
	enum truth t = TRUTH_UNKNOWN;

	if (!st)
		abort();
	if ((!e->v.n && !e->v.before && e->c->quantifier == QUANTIFIER_share) || !stretches(e, st))
		say(e, "nothing was observed");
	else
		t = e->c->quantifier == QUANTIFIER_share ? eval_share(e, st) : eval_longest(e, st);
	keep_off(e);
	free(st);
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

static void point(struct eval *e)
{
	json_t *p;
	size_t i;

	for (size_t k = 0; k < e->n_kept; k++) {
		json_array_foreach(json_object_get(e->kept[k], "at"), i, p)
			if (json_array_size(e->f->at) < MAX_POINTERS)
				add_unique(e->f->at, p);
		if (json_object_get(e->kept[k], "n") && json_array_size(e->f->at) < MAX_POINTERS) {
			p = json_pack("{s:O}", "journal", json_object_get(e->kept[k], "n"));
			add_unique(e->f->at, p);
			json_decref(p);
		}
	}
	for (size_t k = 0; k < e->v.n; k++)
		json_array_foreach(json_object_get(e->v.item[k].rec, "observers"), i, p)
			add_unique(e->f->observers, p);
}

static bool label_whole(const struct scene *s, const char *ref)
{
	char label[64];
	const json_t *rec = last_observation(s, ref), *done;

	snprintf(label, sizeof(label), "%.*s", (int)strcspn(ref, "."), ref);
	done = done_of(s, label);
	return rec && !json_object_get(rec, "incomplete") && done && !strcmp(record_text(done, "status"), "ok");
}

static void find_operand(struct eval *e)
{
	const char *ref = e->c->ref;

	e->operand_whole = true;
	if (!ref) {
		e->operand = literal(e->s, e->c->operand);
		return;
	}
	e->operand = json_incref((json_t *)scene_value(e->s, ref));
	if (strncmp(ref, "limit.", 6) && strncmp(ref, "each.", 5) && strncmp(ref, "declared.", 9))
		e->operand_whole = label_whole(e->s, ref);
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
	if (!look(e->c, e->s, &e->v))
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

static void conclude(const struct claim *c, struct finding *f, bool seen, const char *why)
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
	point(&e);
	if (f->truth == TRUTH_UNKNOWN && !e.v.why[0])
		text_add(e.v.why, sizeof(e.v.why), e.v.n ? "the evidence does not decide it" :
			 "no observation of %s.%s", c->label, c->fact);
	conclude(c, f, e.seen, e.v.why);
	free(e.v.item);
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
	conclude(c, f, all_seen, why);
}

void claim_eval(const struct claim *c, const struct scene *s, struct finding *ret)
{
	*ret = (struct finding){ .at = json_array(), .observers = json_array() };
	(c->any.n ? eval_any : eval_one)(c, s, ret);
}

void finding_done(struct finding *f)
{
	json_decref(f->at);
	json_decref(f->observers);
	*f = (struct finding){ 0 };
}
