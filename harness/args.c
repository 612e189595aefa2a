// SPDX-License-Identifier: Apache-2.0
// Arguments: from YAML literals to the types of a descriptor.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/load.h"

/* ---- literals ---- */
static bool bounded(const struct param *p)
{
	return p->min || p->max;
}

static const char *bound_text(const struct param *p, int64_t v, char *buf, size_t n)
{
	if (p->type == VALUE_TIME)
		return units_time_text(v, buf, n);
	if (p->type == VALUE_SHARE)
		return units_share_text(v, buf, n);
	snprintf(buf, n, "%" PRId64, v);
	return buf;
}

static bool is_word(const struct param *p, const char *text)
{
	for (const char *const *w = p->words; w && *w; w++)
		if (!strcmp(*w, text))
			return true;
	return false;
}

bool arg_in_range(const struct param *p, const json_t *v, struct err *err)
{
	char lo[48], hi[48], is[48];
	int64_t n = json_integer_value(v);

	if (json_is_integer(v) && bounded(p) && (n < p->min || n > p->max))
		return err_set(err, ERR_CONF, "%s is out of range; write %s to %s%s%s", bound_text(p, n, is, sizeof(is)),
			       bound_text(p, p->min, lo, sizeof(lo)), bound_text(p, p->max, hi, sizeof(hi)),
			       p->unit ? " " : "", p->unit ? p->unit : "");
	if (p->type == VALUE_ENUM && json_is_string(v) && !is_word(p, json_string_value(v)))
		return err_set(err, ERR_CONF, "'%.60s' is not one of its words", json_string_value(v));
	return true;
}

/* A number written with its unit. */
static bool literal_number(const struct param *p, const struct conf *c, json_t **ret, struct err *err)
{
	bool (*const read)(const char *, int64_t *) = p->type == VALUE_TIME ? units_time :
						      p->type == VALUE_SHARE ? units_share : units_int;
	char shown[CONF_SHOWN];
	struct where at = c->at;
	json_t *j;
	int64_t v;

	if (c->kind != CONF_SCALAR || (c->quoted && p->type == VALUE_INT) || !read(c->text, &v))
		return err_at(err, at, "%s is not %s%s%s%s", conf_show(c, shown, sizeof(shown)),
			      value_type_form[p->type], p->unit ? " (" : "", p->unit ? p->unit : "", p->unit ? ")" : "");
	j = json_integer(v);
	if (!arg_in_range(p, j, err)) {
		json_decref(j);
		err->at = at;
		return false;
	}
	*ret = j;
	return true;
}

static bool literal_set(const struct conf *c, json_t **ret, struct err *err)
{
	const char *text;

	if (c->kind != CONF_LIST)
		return conf_is(c, CONF_LIST, "a list of texts", err);
	for (size_t i = 0; i < c->n; i++)
		if (!conf_text(c->item[i], &text, err))
			return false;
	*ret = json_array();
	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(*ret, json_string(c->item[i]->text));
	return true;
}

static bool literal_map(const struct conf *c, json_t **ret, struct err *err)
{
	char shown[CONF_SHOWN];
	bool ok = c->kind != CONF_SCALAR;

	for (size_t i = 0; c->kind == CONF_LIST && i < c->n; i++)
		ok &= c->item[i]->kind == CONF_MAP;
	if (!ok)
		return err_at(err, c->at, "%s is not %s", c->kind == CONF_LIST ? "this list" : conf_show(c, shown, sizeof(shown)),
			      value_type_form[VALUE_MAP]);
	*ret = conf_json(c);
	return true;
}

bool arg_literal(const struct param *p, const struct conf *c, json_t **ret, struct err *err)
{
	static const char *const none[] = { NULL };
	const char *text = NULL;
	unsigned word = 0;
	bool b = false;

	switch (p->type) {
	case VALUE_INT:
	case VALUE_TIME:
	case VALUE_SHARE:
		return literal_number(p, c, ret, err);
	case VALUE_SET:
		return literal_set(c, ret, err);
	case VALUE_MAP:
		return literal_map(c, ret, err);
	case VALUE_BOOL:
		if (!conf_bool(c, &b, err))
			return false;
		*ret = json_boolean(b);
		return true;
	case VALUE_ENUM:
		if (!conf_enum(c, p->words ? p->words : none, &word, err))
			return false;
		*ret = json_string(p->words[word]);
		return true;
	case VALUE_TEXT:
	case VALUE_LINE:
	case VALUE_SECRET:
		break;
	}
	if (!conf_text(c, &text, err))
		return false;
	*ret = json_string(text);
	return true;
}

enum value_type arg_guess(const struct conf *c)
{
	int64_t v;

	if (c->kind == CONF_MAP)
		return VALUE_MAP;
	if (c->kind == CONF_LIST)
		return c->n && c->item[0]->kind != CONF_SCALAR ? VALUE_MAP : VALUE_SET;
	if (c->quoted)
		return VALUE_TEXT;
	if (!strcmp(c->text, "true") || !strcmp(c->text, "false"))
		return VALUE_BOOL;
	if (units_int(c->text, &v))
		return VALUE_INT;
	if (units_time(c->text, &v))
		return VALUE_TIME;
	return units_share(c->text, &v) ? VALUE_SHARE : VALUE_TEXT;
}
