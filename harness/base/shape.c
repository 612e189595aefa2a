// SPDX-License-Identifier: Apache-2.0
#include "harness/base/shape.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 200            /* of one map, for "did you mean" */

const struct shape shape_any = { .kind = SHAPE_ANY };
const struct shape shape_text = { .kind = SHAPE_TEXT };
const struct shape shape_bool = { .kind = SHAPE_BOOL };
const struct shape shape_time = { .kind = SHAPE_TIME };
const struct shape shape_share = { .kind = SHAPE_SHARE };
const struct shape shape_count = { .kind = SHAPE_INT, .min = 0, .max = INT64_MAX };
const struct shape shape_texts = { .kind = SHAPE_LIST, .of = &shape_text };

static const struct shape_key title_keys[] = {
	{ "en", &shape_text, true, "in English" }, { "ja", &shape_text, true, "in Japanese" }, { 0 }
};
const struct shape shape_title = { .kind = SHAPE_MAP, .keys = title_keys };

struct check {
	void (*report)(const struct err *e, void *data);
	void *data;
	bool ok;
};

static void fault(struct check *k, const struct err *e)
{
	k->ok = false;
	if (k->report)
		k->report(e, k->data);
}

bool shape_like(const char *text, const char *pattern)
{
	regex_t re;
	bool like;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB)) {
		fprintf(stderr, "shape: bad pattern %s\n", pattern);
		abort();
	}
	like = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return like;
}

/* ---- scalars ---- */
static bool check_text(const struct conf *c, const struct shape *s, struct err *err)
{
	const char *text;
	char shown[CONF_SHOWN];

	if (!conf_text(c, &text, err))
		return false;
	if (!s->pattern || shape_like(text, s->pattern))
		return true;
	return err_at(err, c->at, "%s is %s", conf_show(c, shown, sizeof(shown)), s->form ? s->form : "not what belongs here");
}

static bool check_share(const struct conf *c, const struct shape *s, struct err *err)
{
	char shown[CONF_SHOWN], lo[48], hi[48];
	int64_t v;

	if (c->kind != CONF_SCALAR || !units_share(c->text, &v))
		return err_at(err, c->at, "%s is not %s", conf_show(c, shown, sizeof(shown)), value_type_form[VALUE_SHARE]);
	if ((s->min || s->max) && (v < s->min || v > s->max))
		return err_at(err, c->at, "%s is out of range; write %s to %s", c->text, units_share_text(s->min, lo, sizeof(lo)),
			      units_share_text(s->max, hi, sizeof(hi)));
	return true;
}

static bool check_scalar(const struct conf *c, const struct shape *s, struct err *err)
{
	bool bounded = s->min || s->max, b;
	int64_t v;
	unsigned u;

	switch (s->kind) {
	case SHAPE_TEXT: return check_text(c, s, err);
	case SHAPE_WORD: return conf_enum(c, s->words, &u, err);
	case SHAPE_BOOL: return conf_bool(c, &b, err);
	case SHAPE_INT: return conf_int(c, bounded ? s->min : INT64_MIN, bounded ? s->max : INT64_MAX, &v, err);
	case SHAPE_TIME: return conf_time(c, bounded ? s->min : 0, bounded ? s->max : INT64_MAX, &v, err);
	default: return check_share(c, s, err);
	}
}

/* ---- maps ---- */
static const struct shape_key *key_of(const struct shape *s, const char *name)
{
	for (const struct shape_key *k = s->keys; k && k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

static bool stands(const struct conf *map, const char *key)
{
	return conf_get(map, key) != NULL;
}

static bool says(const struct conf *map, const struct shape_rule *r)
{
	const struct conf *c = conf_get(map, r->keys[0]);

	for (const char *const *w = r->words; c && c->kind == CONF_SCALAR && *w; w++)
		if (!strcmp(*w, c->text))
			return true;
	return false;
}

static bool holds(const struct conf *map, const struct shape_rule *r, const char **ret_key)
{
	bool first = r->bond == BOND_SAYS ? says(map, r) : stands(map, r->keys[0]), all = r->bond == BOND_SOME || r->bond == BOND_ONE;
	unsigned n = 0;

	*ret_key = NULL;
	for (size_t i = all ? 0 : 1; i < 9 && r->keys[i]; i++) {
		bool here = stands(map, r->keys[i]);

		n += here;
		if (((r->bond == BOND_WITH || r->bond == BOND_SAYS) && first && !here) || (r->bond == BOND_WITHOUT && !first && !here) ||
		    (r->bond == BOND_APART && first && here)) {
			*ret_key = r->keys[i];
			return false;
		}
	}
	return r->bond == BOND_SOME ? n > 0 : r->bond == BOND_ONE ? n == 1 : true;
}

static void check_rules(struct check *k, const struct conf *map, const struct shape *s)
{
	for (const struct shape_rule *r = s->rules; r && r->keys[0]; r++) {
		const char *key;
		struct err err = { 0 };

		if (holds(map, r, &key))
			continue;
		if (r->bond == BOND_APART)
			err_at(&err, conf_get(map, key)->at, "%s %s", r->text, key);
		else if (!r->text)
			err_at(&err, map->at, "key '%s' is missing", key ? key : r->keys[0]);
		else
			err_at(&err, map->at, "%s", r->text);
		fault(k, &err);
		return;                         /* one at a time: rules often say one thing in two ways */
	}
}

/* Also says whether it was a slip: then the key that was meant is not missed a second time. */
static bool refuse_key(struct check *k, const struct conf *key, const struct shape *s)
{
	const char *known[KEYS_MAX + 1] = { NULL };
	const struct conf *const keys[] = { key }, *const none[] = { NULL };
	const struct conf one = { .kind = CONF_MAP, .at = key->at, .n = 1, .key = keys, .item = none };
	char shown[CONF_SHOWN];
	struct err err = { 0 };
	const char *near;
	size_t n = 0;

	for (const struct shape_key *e = s->keys; e && e->name && n < KEYS_MAX; e++)
		known[n++] = e->name;
	near = conf_nearest(key->text, known);
	if (s->of && s->form && !near)
		err_at(&err, key->at, "key %s is %s", conf_show(key, shown, sizeof(shown)), s->form);
	else if (conf_known(&one, known, &err))
		return false;
	fault(k, &err);
	return near != NULL;
}

static void check(struct check *k, const struct conf *c, const struct shape *s, const char *what);

static void check_whole(struct check *k, const struct conf *c, const struct shape *s, const char *what)
{
	struct err err = { 0 };

	for (const struct shape_key *e = s->keys; e && e->name; e++)
		if (e->need && !stands(c, e->name)) {
			err_at(&err, c->at, "key '%s' is missing%s%s", e->name, e->doc ? ": " : "", e->doc ? e->doc : "");
			fault(k, &err);
		}
	if (c->n < s->at_least) {
		err_at(&err, c->at, "%s: nothing stands here", what);
		fault(k, &err);
	}
	check_rules(k, c, s);
}

static void check_map(struct check *k, const struct conf *c, const struct shape *s, const char *what)
{
	struct err err = { 0 };
	bool slip = false;

	if (!conf_is(c, CONF_MAP, what, &err)) {
		fault(k, &err);
		return;
	}
	for (size_t i = 0; i < c->n; i++) {
		const struct shape_key *e = key_of(s, c->key[i]->text);

		if (e)
			check(k, c->item[i], e->shape, e->name);
		else if (s->of && (!s->pattern || shape_like(c->key[i]->text, s->pattern)))
			check(k, c->item[i], s->of, c->key[i]->text);
		else
			slip |= refuse_key(k, c->key[i], s);
	}
	if (!slip)
		check_whole(k, c, s, what);
}

static void check_list(struct check *k, const struct conf *c, const struct shape *s, const char *what)
{
	struct err err = { 0 };

	if (!conf_is(c, CONF_LIST, what, &err) || (c->n < s->at_least && !err_at(&err, c->at, s->at_least == 1 ? "the list is empty" :
			"the list has fewer than %u members", s->at_least))) {
		fault(k, &err);
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		check(k, c->item[i], s->of, what);
}

/* ---- one of several ---- */
static enum conf_kind node_of(const struct shape *s)
{
	return s->kind == SHAPE_MAP ? CONF_MAP : s->kind == SHAPE_LIST ? CONF_LIST : CONF_SCALAR;
}

/* The messages of the form that was meant: the last one of the same kind of node. */
static void check_either(struct check *k, const struct conf *c, const struct shape *s, const char *what)
{
	const struct shape *meant = s->either[0];

	for (const struct shape *const *e = s->either; *e; e++) {
		struct check quiet = { .ok = true };

		check(&quiet, c, *e, what);
		if (quiet.ok)
			return;
		if (node_of(*e) == c->kind)
			meant = *e;
	}
	if (s->form) {
		char shown[CONF_SHOWN];
		struct err err = { 0 };

		if (node_of(meant) != c->kind || c->kind == CONF_SCALAR) {
			err_at(&err, c->at, "%s is %s", conf_show(c, shown, sizeof(shown)), s->form);
			fault(k, &err);
			return;
		}
	}
	check(k, c, meant, what);
}

static void check(struct check *k, const struct conf *c, const struct shape *s, const char *what)
{
	struct err err = { 0 };

	if (s->null && c->kind == CONF_SCALAR && !c->quoted && !*c->text)
		return;
	switch (s->kind) {
	case SHAPE_ANY:
	case SHAPE_ELSEWHERE:
		return;
	case SHAPE_MAP:
		check_map(k, c, s, what);
		return;
	case SHAPE_LIST:
		check_list(k, c, s, what);
		return;
	case SHAPE_EITHER:
		check_either(k, c, s, what);
		return;
	default:
		if (!check_scalar(c, s, &err))
			fault(k, &err);
	}
}

bool shape_check(const struct conf *c, const struct shape *s, const char *what, void (*report)(const struct err *e, void *data),
		 void *data)
{
	struct check k = { report, data, true };

	check(&k, c, s, what);
	return k.ok;
}
