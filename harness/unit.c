// SPDX-License-Identifier: Apache-2.0
#include "harness/unit.h"

#include <stdio.h>
#include <string.h>

#define WORD "${unit"

/* ---- which ---- */
static bool list_of(const struct conf *c, const char *what, struct err *err)
{
	return !c || (conf_is(c, CONF_LIST, what, err) &&
		      (c->n <= UNIT_MAX || err_at(err, c->at, "%s: more than %d", what, UNIT_MAX)));
}

static bool own_of(const struct conf *list, size_t i, const struct conf **ret, struct err *err)
{
	*ret = list && i < list->n ? list->item[i] : NULL;
	if (!*ret || !conf_is(*ret, CONF_MAP, "a unit", err))
		return !*ret;
	for (size_t k = 0; k < (*ret)->n; k++)
		if ((*ret)->item[k]->kind != CONF_SCALAR)
			return err_at(err, (*ret)->item[k]->at, "%s: a plain value belongs here", (*ret)->key[k]->text);
	return true;
}

bool unit_find(const struct conf *device, int number, struct unit *ret, struct err *err)
{
	const struct conf *serials = conf_get(conf_get(device, "identity"), "units"), *units = conf_get(device, "units"), *own, *serial;
	size_t i = number > 0 ? (size_t)number - 1 : 0, most;

	*ret = (struct unit){ .number = (int)i + 1, .declared = device != NULL };
	if (!list_of(serials, "identity.units", err) || !list_of(units, "units", err) || !own_of(units, i, &own, err))
		return false;
	most = serials ? serials->n : units ? units->n : 0;
	if (serials && units && units->n > serials->n)
		return err_at(err, units->at, "units: says something of %zu units, identity.units names %zu", units->n, serials->n);
	if (most && i >= most)
		return err_at(err, (serials ? serials : units)->at, "there is no unit %d: %zu %s declared", ret->number, most,
			      most == 1 ? "is" : "are");
	ret->own = own;
	serial = conf_get(own, "serial");
	if (!serial && serials && i < serials->n)
		serial = serials->item[i];
	return !serial || conf_text(serial, &ret->serial, err);
}

/* ---- the words ---- */
static bool word_value(const struct unit *u, const struct conf *at, const char *name, size_t n, char buf[static 32], const char **ret,
		       struct err *err)
{
	char key[64];
	const struct conf *c;

	if (n == 0) {
		snprintf(buf, 32, "%d", u->number);
		*ret = buf;
		return true;
	}
	snprintf(key, sizeof(key), "%.*s", (int)n - 1, name + 1);
	c = conf_get(u->own, key);
	*ret = !strcmp(key, "serial") ? u->serial : c ? c->text : NULL;
	return *ret || err_at(err, at->at, "${unit.%s}: device.yaml says no '%s' of unit %d; write units: [{%s: ..}, ..]", key, key,
			      u->number, key);
}

/* The text with every ${unit} and ${unit.X} put in; "$${" is left for whoever expands the rest. */
static bool put_in(struct arena *a, const struct unit *u, const struct conf *c, const char **ret, struct err *err)
{
	const char *from = c->text, *out = "";

	for (const char *p; (p = strstr(from, WORD)) != NULL;) {
		const char *name = p + strlen(WORD), *end = strchr(name, '}'), *value = NULL;
		char buf[32];
		bool ours = end && (end == name || *name == '.') && !(p > c->text && p[-1] == '$') && (end == name || u->declared);

		if (ours && !word_value(u, c, name, (size_t)(end - name), buf, &value, err))
			return false;
		out = value ? arena_printf(a, "%s%.*s%s", out, (int)(p - from), from, value) :
			      arena_printf(a, "%s%.*s" WORD, out, (int)(p - from), from);
		from = value ? end + 1 : name;
	}
	*ret = arena_printf(a, "%s%s", out, from);
	return true;
}

static bool apply(struct arena *a, const struct unit *u, const struct conf *c, bool root, const struct conf **ret, struct err *err)
{
	const struct conf **item = NULL;
	struct conf *copy;

	*ret = c;
	if (c->kind == CONF_SCALAR) {
		if (!strstr(c->text, WORD))
			return true;
		copy = arena_new(a, struct conf);
		*copy = *c;
		*ret = copy;
		return put_in(a, u, c, &copy->text, err);
	}
	for (size_t i = 0; i < c->n; i++) {
		const struct conf *now;

		if (root && c->key && !strcmp(c->key[i]->text, "units"))
			continue;
		if (!apply(a, u, c->item[i], false, &now, err))
			return false;
		if (now == c->item[i])
			continue;
		if (!item) {
			item = arena_alloc(a, c->n, sizeof(struct conf *));
			memcpy(item, c->item, c->n * sizeof(struct conf *));
		}
		item[i] = now;
	}
	if (!item)
		return true;
	copy = arena_new(a, struct conf);
	*copy = *c;
	copy->item = item;
	*ret = copy;
	return true;
}

bool unit_apply(struct arena *a, const struct unit *u, const struct conf *c, const struct conf **ret, struct err *err)
{
	return apply(a, u, c, true, ret, err);
}
