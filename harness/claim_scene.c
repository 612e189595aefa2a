// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
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

static bool has_label(const struct record *rec, const char *label, size_t n)
{
	return !strncmp(rec->spot->label, label, n) && !rec->spot->label[n];
}

const struct record *scene_last(const struct scene *s, const char *ref, json_t **ret_value)
{
	const char *dot = strchr(ref, '.');

	for (size_t i = s->list.n; dot && i-- > 0;) {
		const struct record *rec = s->list.rec[i];

		if (rec->kind != RECORD_observe || !has_label(rec, ref, (size_t)(dot - ref)))
			continue;
		*ret_value = records_fact(s->records, rec, dot + 1);
		if (*ret_value)
			return rec;
	}
	*ret_value = NULL;
	return NULL;
}

json_t *scene_value(const struct scene *s, const char *ref)
{
	json_t *value;

	if (!strncmp(ref, "limit.", 6))
		return json_incref((json_t *)(uintptr_t)at_path(s->limits, ref + 6));
	if (!strncmp(ref, "each.", 5))
		return json_incref((json_t *)(uintptr_t)at_path(s->each, ref + 5));
	if (!strncmp(ref, "declared.", 9))
		return json_incref((json_t *)(uintptr_t)at_path(s->declared, ref + 9));
	(void)scene_last(s, ref, &value);
	return value;
}

/* "${each.x}" and the like put in; NULL (unknown) when one is missing. New reference. */
static json_t *expand(const struct scene *s, const char *text)
{
	char out[1024] = "", key[128], word[256];

	while (*text) {
		const char *open = strstr(text, "${"), *close = open ? strchr(open, '}') : NULL;
		CLEANUP(free_json) json_t *v = NULL;

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
const struct record *scene_done(const struct scene *s, const char *label)
{
	for (size_t i = s->list.n; i-- > 0;)
		if (s->list.rec[i]->kind == RECORD_done && has_label(s->list.rec[i], label, strlen(label)))
			return s->list.rec[i];
	return NULL;
}

static bool find_window(const struct claim *c, const struct scene *s, struct view *v)
{
	const struct record *a, *b;

	if (!c->from)
		return true;
	a = scene_done(s, c->from);
	b = scene_done(s, c->to);
	if (!a || !b) {
		text_add(v->why, sizeof(v->why), "'%s' did not finish, so its time is not known", a ? c->to : c->from);
		return false;
	}
	v->windowed = true;
	v->from_ns = a->begins ? a->begin_ns : INT64_MAX;
	v->to_ns = b->ends ? b->end_ns : INT64_MIN;
	if (v->from_ns > v->to_ns) {
		text_add(v->why, sizeof(v->why), "'%s' has no time", c->from);
		return false;
	}
	return true;
}

/* How often a sampling watch looks: a time, or a reference to one. */
static int64_t every_of(const struct scene *s, const json_t *args, int64_t fallback)
{
	const json_t *every = json_object_get(args, "every");
	const char *ref = json_string_value(json_object_get(every, "$"));
	CLEANUP(free_json) json_t *value = ref ? scene_value(s, ref) : NULL;
	int64_t ns;

	return value_number(ref ? value : every, &ns) ? ns : fallback;
}

static const char *text_of(const json_t *rec, const char *key)
{
	const char *text = json_string_value(json_object_get(rec, key));

	return text ? text : "";
}

static void take_begin(const struct scene *s, const struct record *rec, bool *watch, struct view *v)
{
	CLEANUP(free_json) json_t *whole = records_json(s->records, rec);

	*watch |= !strcmp(text_of(whole, "kind_of"), "watch");
	v->every_ns = every_of(s, json_object_get(whole, "args"), v->every_ns);
}

static void take_end(const struct claim *c, const struct scene *s, const struct record *rec, struct view *v)
{
	CLEANUP(free_json) json_t *whole = NULL;

	v->begin_ns = rec->begin_ns;
	v->end_ns = rec->end_ns;
	if (!v->ok || (rec->ok && !rec->texted))
		return;
	whole = records_json(s->records, rec);
	if (!rec->ok)
		text_add(v->why, sizeof(v->why), "'%s' ended in %s", c->label, text_of(whole, "status"));
	else if (!strncmp(text_of(whole, "text"), "not run", 7))        /* an argument was never observed */
		text_add(v->why, sizeof(v->why), "'%s': %s", c->label, text_of(whole, "text"));
	else
		return;
	v->ok = false;
}

/* Did every step with this label end well, and did a watch see the whole window? */
static void find_status(const struct claim *c, const struct scene *s, struct view *v)
{
	size_t begun = 0, done = 0, n = strlen(c->label);
	bool watch = false;

	v->ok = v->covers = true;
	for (size_t i = 0; i < s->list.n; i++) {
		const struct record *rec = s->list.rec[i];

		if ((rec->kind != RECORD_step && rec->kind != RECORD_done) || !has_label(rec, c->label, n))
			continue;
		if (rec->kind == RECORD_step) {
			begun++;
			take_begin(s, rec, &watch, v);
			continue;
		}
		done++;
		take_end(c, s, rec, v);
		if (watch && v->windowed && (!rec->begins || rec->begin_ns > v->from_ns || !rec->ends || rec->end_ns < v->to_ns))
			v->covers = false;
	}
	if (!begun)
		text_add(v->why, sizeof(v->why), "'%s' did not run", c->label);
	else if (done < begun && v->ok)
		text_add(v->why, sizeof(v->why), "'%s' did not finish", c->label);
	v->ok = v->ok && begun && done >= begun;
	if (v->ok && !v->covers)
		text_add(v->why, sizeof(v->why), "'%s' did not watch the whole time", c->label);
}

/* An observation that carries no fact says something of the whole step: that it missed some of what there was, whenever that was. */
static void take_hole(const struct scene *s, const struct record *rec, bool factless, struct view *v)
{
	CLEANUP(free_json) json_t *whole = records_json(s->records, rec);
	const json_t *hole = json_object_get(whole, "incomplete");

	if (factless && json_object_size(json_object_get(whole, "facts")))
		return;                 /* of other facts, which this claim does not ask for */
	if (factless)
		v->covers = false;
	if (!v->why[0])
		text_add(v->why, sizeof(v->why), "%s", json_is_string(hole) ? json_string_value(hole) : "incomplete");
}

static void add_seen(const struct claim *c, const struct scene *s, const struct record *rec, struct view *v, int64_t *before_ns)
{
	int64_t at = rec->begins ? rec->begin_ns : rec->t_ns;
	bool early = v->windowed && at < v->from_ns;
	json_t *value = NULL;

	if (!(v->windowed && at > v->to_ns) && !(early && at < *before_ns))
		value = records_fact(s->records, rec, c->fact);
	if (!value) {
		if (rec->hole)
			take_hole(s, rec, true, v);
		return;
	}
	if (early) {
		json_decref(v->before);
		v->before = value;
		*before_ns = at;
		return;
	}
	if (rec->hole && !v->why[0])
		take_hole(s, rec, false, v);
	if (v->n == v->room) {
		v->room = v->room ? v->room * 2 : 16;
		v->item = realloc(v->item, v->room * sizeof(*v->item));
		if (!v->item)
			abort();
	}
	v->item[v->n++] = (struct seen){ rec, value, at, !rec->hole };
}

/* false = the window itself is unknown. */
bool scene_look(const struct claim *c, const struct scene *s, struct view *v)
{
	int64_t before_ns = INT64_MIN;
	size_t n = strlen(c->label);

	*v = (struct view){ .origin_ns = s->list.n ? s->list.rec[0]->t_ns : 0 };
	if (!find_window(c, s, v))
		return false;
	find_status(c, s, v);
	for (size_t i = 0; i < s->list.n; i++)
		if (s->list.rec[i]->kind == RECORD_observe && has_label(s->list.rec[i], c->label, n))
			add_seen(c, s, s->list.rec[i], v, &before_ns);
	return true;
}

void view_done(struct view *v)
{
	for (size_t i = 0; i < v->n; i++)
		json_decref(v->item[i].value);
	json_decref(v->before);
	free(v->item);
}
