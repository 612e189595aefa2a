// SPDX-License-Identifier: Apache-2.0
// Arguments when their step is about to run: references and ${...} become values, values get their type.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/load.h"

struct resolving {
	const struct values *from;
	struct err *err;
	bool unseen;                    /* a value was never observed */
	bool data;                      /* inside a declared value: no references there, only ${...} */
	unsigned depth;                 /* ${...} that came out of a ${...} */
};

static const json_t *at_path(const json_t *j, const char *path)
{
	char part[128];

	while (j && *path) {
		size_t n = strcspn(path, ".");

		if (n >= sizeof(part))
			return NULL;
		snprintf(part, sizeof(part), "%.*s", (int)n, path);
		j = json_object_get(j, part);
		path += n + (path[n] == '.');
	}
	return j;
}

static const json_t *look_up(const struct values *from, const char *ref, bool *ret_said_by_device)
{
	static const char *const room[] = { "limit.", "each.", "declared." };
	const json_t *const in[] = { from->limits, from->each, from->declared };

	*ret_said_by_device = false;
	for (size_t i = 0; i < 3; i++)
		if (!strncmp(ref, room[i], strlen(room[i])))
			return at_path(in[i], ref + strlen(room[i]));
	*ret_said_by_device = true;
	return at_path(from->facts, ref);
}

#define TEXT_ROOM 65536         /* an expanded text; longer ones are an error, never cut */

static void add(char *out, size_t n, const char *p, size_t len)
{
	size_t used = strlen(out);

	if (len > n - 1 - used)
		len = n - 1 - used;
	memcpy(out + used, p, len);
	out[used + len] = '\0';
}

static json_t *expanded(struct resolving *r, const char *text);

/* Text from device.yaml or from each may hold ${...} itself; what the device said is never looked into. */
static bool nested(struct resolving *r, const char *name, const char *text, bool by_device, char *out)
{
	CLEANUP(free_json) json_t *j = NULL;

	if (by_device || !strncmp(name, "limit.", 6)) {
		j = json_string(text);
	} else {
		if (r->depth >= 4)
			return err_set(r->err, ERR_CONF, "${%s} leads back to itself", name);
		r->depth++;
		j = expanded(r, text);
		r->depth--;
	}
	if (!j)
		return false;
	add(out, TEXT_ROOM, json_string_value(j), json_string_length(j));
	return true;
}

#define TEXT_ROOM_HERE         /* an expanded text; longer ones are an error, never cut */

static bool one_word(struct resolving *r, const char *name, char *out)
{
	char buf[4096];
	const char *text = r->from->word ? r->from->word(name, buf, sizeof(buf), r->from->data) : NULL;
	bool by_device = false;
	const json_t *v = text ? NULL : look_up(r->from, name, &by_device);

	if (json_is_string(v))
		return nested(r, name, json_string_value(v), by_device, out);
	if (json_is_integer(v)) {
		snprintf(buf, sizeof(buf), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		text = buf;
	} else if (json_is_boolean(v)) {
		text = json_is_true(v) ? "true" : "false";
	}
	if (text) {
		add(out, TEXT_ROOM, text, strlen(text));
	} else if (strchr(name, '.') || !strcmp(name, "dut")) {
		r->unseen = true;
		return err_set(r->err, ERR_NONE, "${%s} has no value", name);
	} else {
		add(out, TEXT_ROOM, "${", 2);   /* a template of the verb's own */
		add(out, TEXT_ROOM, name, strlen(name));
		add(out, TEXT_ROOM, "}", 1);
	}
	return true;
}

/* ${...} of a text from a file; new reference, or NULL. */
static json_t *expanded(struct resolving *r, const char *text)
{
	CLEANUP(free_ptr) char *out = calloc(1, TEXT_ROOM);
	char name[128];

	if (!strstr(text, "${"))
		return json_string(text);
	while (out && *text) {
		size_t n = strcspn(text, "$");
		const char *end;

		add(out, TEXT_ROOM, text, n);
		text += n;
		if (!strncmp(text, "$${", 3)) {
			add(out, TEXT_ROOM, "${", 2);
			text += 3;
			continue;
		}
		end = strncmp(text, "${", 2) ? NULL : strchr(text, '}');
		if (!end || (size_t)(end - text) - 2 >= sizeof(name)) {
			add(out, TEXT_ROOM, text, *text != '\0');
			text += *text != '\0';
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(end - text) - 2, text + 2);
		if (!one_word(r, name, out))
			return NULL;
		text = end + 1;
	}
	if (!out || strlen(out) >= TEXT_ROOM - 1) {
		err_set(r->err, ERR_LIMIT, "text longer than %d bytes", TEXT_ROOM);
		return NULL;
	}
	return json_string(out);
}

static json_t *resolved(struct resolving *r, const json_t *v);

static json_t *resolved_group(struct resolving *r, const json_t *v)
{
	json_t *out = json_is_array(v) ? json_array() : json_object(), *one, *item;
	const char *key;
	size_t i;

	json_array_foreach((json_t *)v, i, item) {
		one = resolved(r, item);
		if (!one)
			goto none;
		json_array_append_new(out, one);
	}
	json_object_foreach((json_t *)v, key, item) {
		one = resolved(r, item);
		if (!one)
			goto none;
		json_object_set_new(out, key, one);
	}
	return out;
none:
	json_decref(out);
	return NULL;
}

/* New reference; NULL: err says why, and `unseen` whether it is only that nothing was observed. */
static json_t *resolved(struct resolving *r, const json_t *v)
{
	const char *ref = r->data ? NULL : json_string_value(json_object_get(v, "$"));
	bool by_device;
	const json_t *value;
	json_t *out;

	if (!ref)
		return json_is_string(v) ? expanded(r, json_string_value(v)) :
		       json_is_array(v) || json_is_object(v) ? resolved_group(r, v) : json_deep_copy(v);
	value = look_up(r->from, ref, &by_device);
	if (!value) {
		r->unseen = true;
		err_set(r->err, ERR_NONE, "%s has no value", ref);
		return NULL;
	}
	/* limits are plain values; only declared and each come from files as text that may hold ${...} */
	if (by_device || !strncmp(ref, "limit.", 6))
		return json_deep_copy(value);
	r->data = true;
	out = resolved(r, value);
	r->data = false;
	return out;
}

/* Untyped text or number to what the descriptor says; takes v over. */
static json_t *typed(const struct param *p, json_t *v, struct err *err)
{
	const char *text = json_string_value(v);
	char buf[32];
	int64_t n = 0;
	bool ok = true;

	if (p->type == VALUE_TIME || p->type == VALUE_SHARE || p->type == VALUE_INT) {
		ok = json_is_integer(v) || (text && (p->type == VALUE_TIME ? units_time(text, &n) :
						     p->type == VALUE_SHARE ? units_share(text, &n) : units_int(text, &n)));
		if (ok && text) {
			json_decref(v);
			v = json_integer(n);
		}
	} else if (p->type == VALUE_BOOL) {
		ok = json_is_boolean(v);
	} else if (p->type == VALUE_SET) {
		ok = json_is_array(v);
	} else if (p->type == VALUE_MAP) {
		ok = json_is_array(v) || json_is_object(v);
	} else if (json_is_integer(v)) {        /* text 1234, written without quotes */
		snprintf(buf, sizeof(buf), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		json_decref(v);
		v = json_string(buf);
	} else if (json_is_boolean(v)) {
		v = json_string(json_is_true(v) ? "true" : "false");
	} else {
		ok = text != NULL;
	}
	if (!ok)
		err_set(err, ERR_CONF, "not %s", value_type_form[p->type]);
	if (ok && arg_in_range(p, v, err))
		return v;
	json_decref(v);
	return NULL;
}

bool args_resolve(const struct verb *v, const json_t *args, const struct values *from, json_t **ret, struct err *err)
{
	CLEANUP(free_json) json_t *out = json_object();
	struct resolving r = { .from = from, .err = err };

	for (const struct param *p = v->params; p && p->name; p++) {
		const json_t *raw = json_object_get(args, p->name);
		json_t *one;

		if (!raw)
			continue;
		one = resolved(&r, raw);
		if (one)
			one = typed(p, one, err);
		if (!one && r.unseen) {
			err_in(err, "%s", p->name);
			*ret = NULL;
			return true;
		}
		if (!one)
			return err_in(err, "%s", p->name);
		json_object_set_new(out, p->name, one);
	}
	*ret = json_incref(out);
	return true;
}
