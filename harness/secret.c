// SPDX-License-Identifier: Apache-2.0
#include "harness/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"

#define KNOWN_MAX 16            /* secrets of one line */

static char known[KNOWN_MAX][SECRET_MAX];
static size_t n_known;

bool secret_parse(const struct conf *c, json_t **ret, struct err *err)
{
	static const char *const keys[] = { "file", "env", NULL };
	const struct conf *v;

	if (c->kind != CONF_MAP)
		return err_at(err, c->at, "a secret does not stand in a bench file; write {file: PATH} or {env: NAME}");
	if (!conf_known(c, keys, err))
		return false;
	if (c->n != 1)
		return err_at(err, c->at, "a secret is kept in one place; write {file: PATH} or {env: NAME}");
	v = c->item[0];
	if (v->kind != CONF_SCALAR || !v->text[0])
		return err_at(err, v->at, "'%s' is not the name of a %s", c->key[0]->text, !strcmp(c->key[0]->text, "env") ? "variable" : "file");
	if (!strcmp(c->key[0]->text, "env") && strspn(v->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") != strlen(v->text))
		return err_at(err, v->at, "this is no name of an environment variable; write {env: PDU_PASSWORD}");
	*ret = json_pack("{s:s}", c->key[0]->text, v->text);
	return true;
}

static bool remember(const char *value, struct err *err)
{
	for (size_t i = 0; i < n_known; i++)
		if (!strcmp(known[i], value))
			return true;
	if (n_known == KNOWN_MAX)
		return err_set(err, ERR_LIMIT, "more than %d secrets in one line", KNOWN_MAX);
	snprintf(known[n_known++], SECRET_MAX, "%s", value);
	return true;
}

static bool take(const char *text, size_t n, const char *from, char *buf, size_t room, struct err *err)
{
	if (n && text[n - 1] == '\n')
		n--;
	if (n && text[n - 1] == '\r')
		n--;
	if (!n)
		return err_set(err, ERR_BENCH, "the secret in %s is empty", from);
	if (memchr(text, '\0', n) || memchr(text, '\n', n) || memchr(text, '\r', n))
		return err_set(err, ERR_BENCH, "the secret in %s is not one line of text", from);
	if (n >= room || n >= SECRET_MAX)
		return err_set(err, ERR_BENCH, "the secret in %s is longer than %zu bytes", from, (room < SECRET_MAX ? room : SECRET_MAX) - 1);
	memcpy(buf, text, n);
	buf[n] = '\0';
	return remember(buf, err);
}

bool secret_read(const json_t *ref, char *buf, size_t room, struct err *err)
{
	const char *env = json_string_value(json_object_get(ref, "env")), *file = json_string_value(json_object_get(ref, "file"));
	CLEANUP(free_ptr) char *text = NULL;
	const char *value;
	char from[FS_PATH + 16];
	size_t n;

	if (json_is_string(ref)) {
		if (json_string_length(ref) >= room)
			return err_set(err, ERR_LIMIT, "default longer than %zu bytes", room - 1);
		memcpy(buf, json_string_value(ref), json_string_length(ref) + 1);
		return true;
	}
	if (env) {
		value = getenv(env);
		snprintf(from, sizeof(from), "variable %s", env);
		if (!value)
			return err_set(err, ERR_BENCH, "%s is not set; a secret of the bench is kept there", from);
		return take(value, strlen(value), from, buf, room, err);
	}
	if (!file)
		return err_set(err, ERR_BENCH, "no secret is given");
	if (!fs_read(file, SECRET_MAX + 2, &text, &n, err)) {
		err->kind = ERR_BENCH;
		return err_in(err, "a secret of the bench is kept there");
	}
	snprintf(from, sizeof(from), "file %s", file);
	return take(text, n, from, buf, room, err);
}

void secret_mask(char *text)
{
	for (size_t i = 0; i < n_known; i++) {
		size_t n = strlen(known[i]), stars = n < 3 ? n : 3;

		for (char *at = text; (at = strstr(at, known[i])); at += stars) {
			memset(at, '*', stars);
			memmove(at + stars, at + n, strlen(at + n) + 1);
		}
	}
}

static json_t *masked(json_t *v)
{
	CLEANUP(free_ptr) char *text = NULL;

	secret_mask_json(v);
	if (!json_is_string(v))
		return json_incref(v);
	text = strdup(json_string_value(v));
	if (!text)
		return json_null();
	secret_mask(text);
	return json_string(text);
}

void secret_mask_json(json_t *j)
{
	const char *key;
	void *next;
	json_t *v;
	size_t i;

	if (!n_known)
		return;
	json_object_foreach_safe(j, next, key, v)
		json_object_set_new(j, key, masked(v));
	json_array_foreach(j, i, v)
		json_array_set_new(j, i, masked(v));
}
