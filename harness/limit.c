// SPDX-License-Identifier: Apache-2.0
// Limits with their origin, and the values a test is repeated with.
#include <stdio.h>
#include <string.h>

#include "harness/load.h"
#include "harness/shapes.h"

#define EACH_MAX 10000                  /* values of one name, and repetitions of one test */

/* ---- limits ---- */
static bool of_type(enum value_type type, const char *what, const struct conf *c, json_t **ret, struct err *err)
{
	const struct param p = { .name = what, .type = type };

	return arg_literal(&p, c, ret, err) || err_in(err, "%s", what);
}

static const char *place(struct loader *l, struct where at)
{
	return arena_printf(l->a, "%s:%u:%u", at.file, at.line, at.col);
}

/* A profile says a value, or {value, never_above, never_below}. Keys hold dots: "outage.each". */
static const struct conf *profile_entry(const struct loader *l, const char *key)
{
	return key && l->profile ? conf_get(l->profile->limits, key) : NULL;
}

static const struct conf *value_of(const struct conf *entry)
{
	const struct conf *v = conf_get(entry, "value");

	return v ? v : entry;
}

/* Beyond the bound? Then the bound takes the value's place. Takes *v over. */
static bool hold(struct loader *l, const struct conf *bound, bool above, struct limit *lim, struct err *err)
{
	json_t *b = NULL;
	json_int_t is, most;

	if (!bound)
		return true;
	if (lim->type != VALUE_INT && lim->type != VALUE_TIME && lim->type != VALUE_SHARE)
		return err_at(err, bound->at, "never_above and never_below bound numbers; this limit is of type %s",
			      value_type_name[lim->type]);
	if (!of_type(lim->type, above ? "never_above" : "never_below", bound, &b, err))
		return false;
	load_keep(l, b);
	is = json_integer_value(lim->now.value);
	most = json_integer_value(b);
	if (!strcmp(lim->now.origin, "declared") && (above ? is > most : is < most)) {
		lim->now.finding = arena_printf(l->a, "the declaration at %s lies %s the bound at %s and was cut there",
						lim->now.source, above ? "above" : "below", place(l, bound->at));
		lim->now.flag = true;
		lim->now.value = b;
	}
	return true;
}

static bool decide(struct loader *l, struct limit *lim, struct err *err)
{
	const struct conf *entry = profile_entry(l, lim->profile);
	const struct conf *const from[] = { lim->declared && l->device ? declared_conf(l->device, lim->declared) : NULL,
					    entry ? value_of(entry) : NULL, lim->fallback };
	static const char *const origin[] = { "declared", "profile", "default" };
	const struct conf *above = lim->never_above, *below = lim->never_below, *like;
	json_t *v = NULL;
	size_t i = 0;

	like = from[2] ? from[2] : from[1] ? from[1] : from[0] ? from[0] : above ? above : below;
	lim->type = like ? arg_guess(like) : VALUE_TEXT;
	for (i = 0; i < 3 && !from[i];)
		i++;
	if (i < 3) {
		lim->conf = from[i];
		if (!of_type(lim->type, lim->name, from[i], &v, err))
			return false;
		lim->now = (struct limit_value){ .value = load_keep(l, v), .type = lim->type, .origin = origin[i],
						 .source = place(l, from[i]->at), .flag = i == 2 };
	}
	if (entry && entry->kind == CONF_MAP) {
		above = conf_get(entry, "never_above") ? conf_get(entry, "never_above") : above;
		below = conf_get(entry, "never_below") ? conf_get(entry, "never_below") : below;
	}
	return i == 3 || (hold(l, above, true, lim, err) && hold(l, below, false, lim, err));
}

bool limit_parse(struct loader *l, const struct conf *name, const struct conf *c, struct limit *ret)
{
	const struct conf *declared = conf_get(c, "declared"), *profile = conf_get(c, "profile");
	struct err err = { 0 };

	*ret = (struct limit){ .name = name->text, .at = name->at, .fallback = conf_get(c, "default"),
			       .never_above = conf_get(c, "never_above"), .never_below = conf_get(c, "never_below") };
	if (!load_shape(l, c, &shape_limit, name->text))
		return false;
	ret->declared = declared ? declared->text : NULL;
	ret->profile = profile ? profile->text : NULL;
	if (!decide(l, ret, &err)) {
		load_fault(l, &err);
		return false;
	}
	return true;
}

bool limit_resolve(const struct limit *l, const struct device *d, const struct profile *p, struct limit_value *ret,
		   struct err *err)
{
	(void)d;
	(void)p;                                /* found out when the plan was loaded: one device, one profile */
	if (!l->now.value)
		return err_at(err, l->at, "limit %s: device.yaml declares no %s, the profile has no %s, and there is no default",
			      l->name, l->declared ? l->declared : "value", l->profile ? l->profile : "value");
	*ret = l->now;
	return true;
}

/* ---- each ---- */
/* A number of a draw: literal or limit. */
static bool draw_number(struct scope *s, const struct conf *map, const char *key, enum value_type *ret_type, int64_t *ret,
			struct err *err)
{
	const struct conf *c = conf_get(map, key);
	struct param p = { .name = key };
	json_t *v = NULL;

	if (ref_is(s, c)) {
		if (!ref_check(s, c, NULL, err))
			return false;
		for (size_t i = 0; i < s->n_limits; i++)
			if (!strcmp(s->limit[i].name, c->text + 6)) {
				*ret_type = s->limit[i].type;
				*ret = json_integer_value(s->limit[i].now.value);
			}
	} else {
		p.type = *ret_type = arg_guess(c);
		if (!arg_literal(&p, c, &v, err))
			return false;
		*ret = json_integer_value(v);
		json_decref(v);
	}
	if (*ret_type != VALUE_INT && *ret_type != VALUE_TIME)
		return err_at(err, c->at, "%s: a whole number or a time belongs here", key);
	return true;
}

static bool parse_draw(struct scope *s, const struct conf *c, struct each *ret, struct err *err)
{
	enum value_type of_draw = VALUE_INT, from = VALUE_INT, to = VALUE_INT;
	int64_t n = 0, lo = 0, hi = 0, range;

	if (!draw_number(s, c, "draw", &of_draw, &n, err) || !draw_number(s, c, "from", &from, &lo, err) || !draw_number(s, c, "to", &to, &hi, err))
		return false;
	if (of_draw != VALUE_INT || n < 0 || n > EACH_MAX)
		return err_at(err, c->at, "draw: how many values, 1 to %d", EACH_MAX);
	if (from != to || lo > hi || __builtin_sub_overflow(hi, lo, &range))
		return err_at(err, c->at, "from and to must be of one type, and from not above to");
	ret->type = from;
	ret->values = load_keep(s->l, json_pack("{s:I,s:I,s:I}", "draw", (json_int_t)n, "from", (json_int_t)lo, "to", (json_int_t)hi));
	return true;
}

/* each: {outage: limit.outages}: a list that the profile may shorten. */
static bool parse_limit_list(struct scope *s, const struct conf *c, struct each *ret, struct err *err)
{
	if (!ref_check(s, c, NULL, err))
		return false;
	for (size_t i = 0; i < s->n_limits; i++) {
		const struct limit *l = &s->limit[i];

		if (strcmp(l->name, c->text + 6) || !l->now.value)
			continue;
		if (l->conf->kind != CONF_LIST || !l->conf->n)
			return err_at(err, c->at, "%s is not a list of values", c->text);
		ret->conf = l->conf->item;
		ret->n = l->conf->n;
	}
	return true;
}

static bool parse_declared(struct scope *s, const struct conf *c, struct each *ret, struct err *err)
{
	const struct conf *node, **one;

	if (!strncmp(c->text, "limit.", 6))
		return parse_limit_list(s, c, ret, err);
	if (strncmp(c->text, "declared.", 9))
		return err_at(err, c->at, "a list, declared.X, limit.X or {draw: .., from: .., to: ..} belongs here");
	ret->values = load_keep(s->l, json_array());
	if (!ref_check(s, c, NULL, err))
		return false;
	node = s->l->device ? declared_conf(s->l->device, c->text + 9) : NULL;
	if (!node)
		return true;                    /* the test is skipped, or this is lint */
	one = arena_new(s->l->a, const struct conf *);
	*one = node;
	ret->conf = node->kind == CONF_LIST ? node->item : one;
	ret->n = node->kind == CONF_LIST ? node->n : 1;
	if (!ret->n)
		scope_skip(s, "%s in device.yaml is empty", c->text + 9);
	return true;
}

static bool parse_literals(struct scope *s, const struct conf *c, struct each *ret, struct err *err)
{
	if (!c->n)
		return err_at(err, c->at, "the list is empty");
	for (size_t i = 0; i < c->n; i++)
		if (ref_is(s, c->item[i]))
			return err_at(err, c->item[i]->at, "a list holds values; write `%s: %s` for a declared list",
				      ret->name, c->item[i]->text);
	ret->values = load_keep(s->l, json_array());
	ret->conf = c->item;
	ret->n = c->n;
	return true;
}

static bool parse_values(struct scope *s, const struct conf *c, struct each *ret, struct err *err)
{
	if (c->kind == CONF_MAP)
		return parse_draw(s, c, ret, err);
	if (!(c->kind == CONF_LIST ? parse_literals(s, c, ret, err) : parse_declared(s, c, ret, err)))
		return false;
	if (ret->n > EACH_MAX)
		return err_at(err, c->at, "more than %d values", EACH_MAX);
	for (size_t i = 0; i < ret->n; i++)
		json_array_append_new(ret->values, conf_json(ret->conf[i]));
	return true;
}

bool each_parse(struct scope *s, const struct conf *name, const struct conf *c, struct each *ret)
{
	struct err err = { 0 };

	*ret = (struct each){ .name = name->text, .at = name->at, .values = load_keep(s->l, json_array()) };
	if (c->kind == CONF_MAP && !load_shape(s->l, c, &shape_draw, name->text))
		return false;
	if (parse_values(s, c, ret, &err))
		return true;
	load_fault(s->l, &err);
	return false;
}

json_t *each_values(const struct each *e, uint64_t seed, const char *key)
{
	json_int_t n, from, to;
	json_t *out;
	struct rng r;

	if (json_is_array(e->values))
		return json_copy(e->values);
	n = json_integer_value(json_object_get(e->values, "draw"));
	from = json_integer_value(json_object_get(e->values, "from"));
	to = json_integer_value(json_object_get(e->values, "to"));
	out = json_array();
	rng_init(&r, seed, key);
	for (json_int_t i = 0; i < n; i++) {     /* one from each n-th of the range: few draws cover it too */
		json_int_t lo = from + (to - from) / n * i, hi = i + 1 < n ? from + (to - from) / n * (i + 1) : to;
		int64_t v = rng_between(&r, lo, hi);
		char buf[48];

		json_array_append_new(out, e->type == VALUE_TIME ? json_string(units_time_text(v, buf, sizeof(buf))) : json_integer(v));
	}
	return out;
}

json_t *limits_now(const struct test *t)
{
	json_t *out = json_object();

	for (size_t i = 0; i < t->n_limits; i++)
		if (t->limit[i].now.value)
			json_object_set(out, t->limit[i].name, t->limit[i].now.value);
	return out;
}
