// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/claim_see.h"

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
const json_t *scene_last(const struct scene *s, const char *ref)
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
	rec = scene_last(s, ref);
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

json_t *scene_literal(const struct scene *s, const struct conf *c)
{
	json_t *list;

	if (c->kind == CONF_SCALAR)
		return strstr(c->text, "${") ? expand(s, c->text) : conf_json(c);
	list = json_array();
	for (size_t i = 0; i < c->n; i++) {
		json_t *v = scene_literal(s, c->item[i]);

		if (!v) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, v);
	}
	return list;
}

/* ---- what was seen under a label ---- */
/* The last finished step of that label, or NULL. */
const json_t *scene_done(const struct scene *s, const char *label)
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
	a = scene_done(s, c->from);
	b = scene_done(s, c->to);
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
bool scene_look(const struct claim *c, const struct scene *s, struct view *v)
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
