// SPDX-License-Identifier: Apache-2.0
// suites/G*.yaml: tests.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/load.h"

#define REPS_MAX 10000

static const char *const need_words[] = { "factory", "initialised", "any", NULL };
const char *const state_words[] = { "factory", "initialised", "updated", "tampered", "unknown", NULL };

/* A faulty part is reported and the next one is read. */
static bool part_ok(struct loader *l, bool ok, struct err *err)
{
	if (!ok)
		load_fault(l, err);
	*err = (struct err){ 0 };
	return ok;
}

static bool parse_word(const struct conf *c, const char *const *words, const char **ret, struct err *err)
{
	unsigned u = 0;

	if (!c)
		return true;
	if (!conf_enum(c, words, &u, err))
		return false;
	*ret = words[u];
	return true;
}

/* "BT9-02" belongs to guideline G9. */
static bool parse_id(struct loader *l, const struct conf *c, struct test *t, struct err *err)
{
	size_t digits, more;

	if (!conf_text(c, &t->id, err))
		return false;
	digits = strspn(t->id + (strlen(t->id) > 2 ? 2 : 0), "0123456789");
	more = strlen(t->id) > 3 + digits ? strspn(t->id + 3 + digits, "0123456789") : 0;
	if (strncmp(t->id, "BT", 2) || !digits || digits > 2 || t->id[2 + digits] != '-' || more != 2 || strlen(t->id) != 5 + digits)
		return err_at(err, c->at, "'%.40s' is no name of a test; write BT9-02", t->id);
	t->guideline = arena_printf(l->a, "G%.*s", (int)digits, t->id + 2);
	return true;
}

static bool parse_title(const struct conf *c, struct test *t, struct err *err)
{
	static const char *const known[] = { "en", "ja", NULL };
	const struct conf *en = NULL, *ja = NULL;

	return conf_is(c, CONF_MAP, "title", err) && conf_known(c, known, err) && conf_need(c, "en", &en, err) &&
	       conf_need(c, "ja", &ja, err) && conf_text(en, &t->title_en, err) && conf_text(ja, &t->title_ja, err);
}

static bool parse_ids(struct loader *l, const struct conf *c, const char *what, const char *const **ret, struct err *err)
{
	const char **ids = arena_alloc(l->a, (c ? c->n : 0) + 1, sizeof(*ids));

	*ret = ids;
	if (c && !conf_is(c, CONF_LIST, what, err))
		return false;
	for (size_t i = 0; c && i < c->n; i++) {
		const char *const *r = l->requirement;
		const char *near;

		if (!conf_text(c->item[i], &ids[i], err))
			return false;
		while (*r && strcmp(*r, ids[i]))
			r++;
		if (*r)
			continue;
		near = conf_nearest(ids[i], l->requirement);
		return err_at(err, c->item[i]->at, "requirements.yaml has no '%.40s'%s%s%s", ids[i], near ? "; did you mean '" : "",
			      near ? near : "", near ? "'?" : "");
	}
	return true;
}

static bool parse_head(struct loader *l, const struct conf *c, struct test *t, struct err *err)
{
	static const char *const known[] = { "test", "title", "decides", "supports", "state", "leaves", "permit", "not_tested",
					     "limits", "watch", "control", "each", "steps", "expect", NULL };
	const struct conf *id = NULL, *title = NULL, *reason = conf_get(c, "not_tested");

	if (!conf_is(c, CONF_MAP, "a test", err) || !conf_known(c, known, err) || !conf_need(c, "test", &id, err) || !parse_id(l, id, t, err))
		return false;
	return conf_need(c, "title", &title, err) && parse_title(title, t, err) &&
	       parse_ids(l, conf_get(c, "decides"), "decides", &t->decides, err) &&
	       parse_ids(l, conf_get(c, "supports"), "supports", &t->supports, err) &&
	       parse_word(conf_get(c, "state"), need_words, &t->state, err) &&
	       parse_word(conf_get(c, "leaves"), state_words, &t->leaves, err) &&
	       parse_word(conf_get(c, "permit"), permit_words, &t->permit, err) &&
	       (!reason || conf_text(reason, &t->not_tested, err));
}

/* ---- limits, each ---- */
static void parse_limits(struct scope *s, const struct conf *c, struct test *t)
{
	struct err err = { 0 };

	if (!c || !part_ok(s->l, conf_is(c, CONF_MAP, "limits", &err), &err))
		return;
	s->limit = arena_alloc(s->l->a, c->n + 1, sizeof(*s->limit));
	for (size_t i = 0; i < c->n; i++) {
		struct limit *l = &s->limit[s->n_limits];

		l->name = c->key[i]->text;
		s->n_limits++;
		if (!part_ok(s->l, limit_parse(s->l, c->key[i], c->item[i], l, &err), &err))
			continue;
		if (!l->now.value && s->l->device && s->l->profile)
			scope_skip(s, "limit %s has no value: device.yaml declares no %s, profile %s has no %s", l->name,
				   l->declared ? l->declared : "value", s->l->profile->name, l->profile ? l->profile : "value");
	}
	t->limit = s->limit;
	t->n_limits = s->n_limits;
}

static size_t values_of(const struct each *e)
{
	return json_is_object(e->values) ? (size_t)json_integer_value(json_object_get(e->values, "draw")) : e->n;
}

static void parse_each(struct scope *s, const struct conf *c, struct test *t)
{
	struct err err = { 0 };
	struct each *each;
	size_t reps = 1;

	if (!c || !part_ok(s->l, conf_is(c, CONF_MAP, "each", &err), &err))
		return;
	each = arena_alloc(s->l->a, c->n + 1, sizeof(*each));
	for (size_t i = 0; i < c->n; i++) {
		part_ok(s->l, each_parse(s, c->key[i], c->item[i], &each[i], &err), &err);
		each[i].name = c->key[i]->text;
		if (!each[i].values)
			each[i].values = load_keep(s->l, json_array());
		if (reps <= REPS_MAX && values_of(&each[i]))
			reps *= values_of(&each[i]);
	}
	if (reps > REPS_MAX) {
		err_at(&err, c->at, "these values make more than %d repetitions", REPS_MAX);
		part_ok(s->l, false, &err);
	}
	t->each = s->each = each;
	t->n_each = s->n_each = c->n;
}

/* Does anything below name each.X? */
static bool uses_each(const struct conf *c)
{
	if (!c)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (uses_each(c->item[i]))
			return true;
	return c->text && ((!c->quoted && !strncmp(c->text, "each.", 5)) || strstr(c->text, "${each."));
}

/* ---- control and body ---- */
static void parse_part(struct scope *s, const struct conf *steps, const struct conf *expect, const struct label *watches,
		       struct part *ret)
{
	unsigned before = s->l->errors;

	s->labels = watches;                    /* a part sees the watches and its own steps */
	if (steps)
		steps_parse(s, steps, &ret->steps);
	if (expect && s->l->errors == before)   /* claims about refused steps would be refused for nothing */
		ret->expect = expect_parse(s, expect);
}

static void parse_control(struct scope *s, const struct conf *c, const struct label *watches, struct test *t)
{
	static const char *const known[] = { "steps", "expect", "leaves", NULL };
	const struct conf *steps = NULL, *expect = NULL;
	struct err err = { 0 };

	if (!c)
		return;
	if (!part_ok(s->l, conf_is(c, CONF_MAP, "control", &err) && conf_known(c, known, &err) && conf_need(c, "steps", &steps, &err) &&
			   conf_need(c, "expect", &expect, &err) && parse_word(conf_get(c, "leaves"), state_words, &t->control.leaves, &err), &err))
		return;
	parse_part(s, steps, expect, watches, &t->control);
	t->once = !uses_each(c);
}

static void check_possible(struct scope *s, const struct test *t)
{
	char name[40];

	if (s->l->bench && t->permit && !bench_permits(s->l->bench, t->permit))
		scope_skip(s, "the bench does not permit '%s'", t->permit);
	if (!s->l->device || !t->state || !strcmp(t->state, "any"))
		return;
	snprintf(name, sizeof(name), "reach_%s", t->state);
	if (!device_procedure(s->l->device, name))
		scope_skip(s, "device.yaml has no procedure %s", name);
	else if (device_procedure(s->l->device, name)->skip)
		scope_skip(s, "procedure %s: %s", name, device_procedure(s->l->device, name)->skip);
}

static bool check_shape(const struct conf *c, const struct test *t, struct err *err)
{
	static const char *const work[] = { "steps", "expect", "control", "watch", "each", "limits", NULL };
	const struct conf *v;

	for (const char *const *w = work; t->not_tested && *w; w++) {
		v = conf_get(c, *w);
		if (v)
			return err_at(err, v->at, "%s is marked not_tested; it has no %s", t->id, *w);
	}
	if (t->not_tested)
		return true;
	if (!*t->decides && !*t->supports)
		return err_at(err, t->at, "%s neither decides nor supports a requirement", t->id);
	return conf_need(c, "state", &v, err) && conf_need(c, "steps", &v, err) && conf_need(c, "expect", &v, err);
}

static bool parse_test(struct loader *l, const struct conf *c, struct test *t)
{
	struct scope s = { .l = l, .skip = &t->skip };
	const struct label *watches;
	struct err err = { 0 };

	*t = (struct test){ .file = c->at.file, .at = c->at };
	if (!part_ok(l, parse_head(l, c, t, &err) && check_shape(c, t, &err), &err))
		return false;
	if (t->not_tested)
		return true;
	check_possible(&s, t);
	parse_limits(&s, conf_get(c, "limits"), t);
	parse_each(&s, conf_get(c, "each"), t);
	if (conf_get(c, "watch"))
		watches_parse(&s, conf_get(c, "watch"), &t->watch);
	watches = s.labels;
	parse_control(&s, conf_get(c, "control"), watches, t);
	parse_part(&s, conf_get(c, "steps"), conf_get(c, "expect"), watches, &t->body);
	t->body.leaves = t->leaves;
	return true;
}

/* A file is a list of tests, or a map with `tests:`. */
static const struct conf *tests_of(const struct conf *file)
{
	return file->kind == CONF_MAP ? conf_get(file, "tests") : file;
}

size_t suite_count(const struct conf *file)
{
	const struct conf *tests = tests_of(file);

	return tests ? tests->n : 0;
}

void suite_parse(struct loader *l, const struct conf *file, struct test *test, size_t *n)
{
	static const char *const known[] = { "guideline", "title", "tests", NULL };
	const struct conf *tests = tests_of(file), *g = conf_get(file, "guideline");
	struct err err = { 0 };

	if (file->kind == CONF_MAP && (!conf_known(file, known, &err) || !conf_need(file, "tests", &tests, &err))) {
		load_fault(l, &err);
		return;
	}
	if (!conf_is(tests, CONF_LIST, "a list of tests", &err)) {
		load_fault(l, &err);
		return;
	}
	for (size_t i = 0; i < tests->n; i++) {
		if (!parse_test(l, tests->item[i], &test[*n]))
			continue;
		if (g && g->kind == CONF_SCALAR && strcmp(g->text, test[*n].guideline)) {
			err_at(&err, test[*n].at, "%s stands in the file of guideline %.20s", test[*n].id, g->text);
			load_fault(l, &err);
		}
		++*n;
	}
}
