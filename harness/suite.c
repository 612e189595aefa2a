// SPDX-License-Identifier: Apache-2.0
// suites/G*.yaml: tests.
#include <stdio.h>
#include <string.h>

#include "harness/load.h"
#include "harness/shapes.h"

#define REPS_MAX 10000

/* A faulty part is reported and the next one is read. */
static bool part_ok(struct loader *l, bool ok, struct err *err)
{
	if (!ok)
		load_fault(l, err);
	*err = (struct err){ 0 };
	return ok;
}

/* What shape_test has checked, or nothing. */
static const char *word_at(const struct conf *c, const char *key)
{
	const struct conf *v = conf_get(c, key);

	return v ? v->text : NULL;
}

/* "BT9-02" belongs to guideline G9. */
static bool parse_head(struct loader *l, const struct conf *c, struct test *t)
{
	const struct conf *title = conf_get(c, "title");
	struct err err = { 0 };

	if (!load_shape(l, c, &shape_test, "a test"))
		return false;
	t->id = word_at(c, "test");
	t->guideline = arena_printf(l->a, "G%.*s", (int)strcspn(t->id + 2, "-"), t->id + 2);
	t->title_en = word_at(title, "en");
	t->title_ja = word_at(title, "ja");
	t->state = word_at(c, "state");
	t->leaves = word_at(c, "leaves");
	t->permit = word_at(c, "permit");
	t->not_tested = word_at(c, "not_tested");
	return part_ok(l, load_ids(l, conf_get(c, "decides"), "decides", l->requirement, "requirements.yaml", &t->decides, &err) &&
			  load_ids(l, conf_get(c, "supports"), "supports", l->requirement, "requirements.yaml", &t->supports, &err), &err);
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
		if (!limit_parse(s->l, c->key[i], c->item[i], l))
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
		(void)each_parse(s, c->key[i], c->item[i], &each[i]);    /* said why */
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
	if (!c || !load_shape(s->l, c, &shape_control, "control"))
		return;
	t->control.leaves = word_at(c, "leaves");
	parse_part(s, conf_get(c, "steps"), conf_get(c, "expect"), watches, &t->control);
	t->once = !uses_each(c);
}

/* The values of `state: each.NAME` are states. One that the device has no way to is found out by the run: the others are still
 * worth it. */
static void check_states(struct scope *s, struct test *t)
{
	const char *name = t->state && !strncmp(t->state, "each.", 5) ? t->state + 5 : NULL;
	struct err err = { 0 };
	const json_t *v;
	size_t i, k = 0;

	if (!name)
		return;
	while (k < t->n_each && strcmp(t->each[k].name, name))
		k++;
	if (k == t->n_each || !json_is_array(t->each[k].values)) {
		err_at(&err, t->at, "state: each.%s is no list of `each`", name);
		part_ok(s->l, false, &err);
		return;
	}
	t->state_each = t->each[k].name;
	json_array_foreach(t->each[k].values, i, v) {
		const char *text = json_is_string(v) ? json_string_value(v) : "";

		if (strcmp(text, "factory") && strcmp(text, "initialised") && strcmp(text, "updated")) {
			err_at(&err, t->each[k].at, "each.%s: '%.40s' is no state; there are factory, initialised, updated", name, text);
			part_ok(s->l, false, &err);
		}
	}
}

static void check_possible(struct scope *s, const struct test *t)
{
	char name[40];

	if (s->l->bench && t->permit && !bench_permits(s->l->bench, t->permit))
		scope_skip(s, "the bench does not permit '%s'", t->permit);
	if (!s->l->device || !t->state || !strcmp(t->state, "any") || !strncmp(t->state, "each.", 5))
		return;
	snprintf(name, sizeof(name), "reach_%s", t->state);
	if (!device_procedure(s->l->device, name))
		scope_skip(s, "device.yaml has no procedure %s", name);
	else if (device_procedure(s->l->device, name)->skip)
		scope_skip(s, "procedure %s: %s", name, device_procedure(s->l->device, name)->skip);
}

static bool parse_test(struct loader *l, const struct conf *c, struct test *t)
{
	struct scope s = { .l = l, .skip = &t->skip };
	const struct label *watches;

	*t = (struct test){ .file = c->at.file, .at = c->at };
	if (!parse_head(l, c, t))
		return false;
	if (t->not_tested)
		return true;
	check_possible(&s, t);
	parse_limits(&s, conf_get(c, "limits"), t);
	parse_each(&s, conf_get(c, "each"), t);
	check_states(&s, t);
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
	const struct conf *tests = tests_of(file), *g = conf_get(file, "guideline");
	struct err err = { 0 };

	if (file->kind == CONF_MAP && !load_shape(l, file, &shape_suite_map, "a suite"))
		return;
	if (!conf_is(tests, CONF_LIST, "a list of tests", &err)) {
		load_fault(l, &err);
		return;
	}
	for (size_t i = 0; i < tests->n; i++) {
		if (!parse_test(l, tests->item[i], &test[*n]))
			continue;
		if (g && strcmp(g->text, test[*n].guideline)) {
			err_at(&err, test[*n].at, "%s stands in the file of guideline %.20s", test[*n].id, g->text);
			load_fault(l, &err);
		}
		++*n;
	}
}
