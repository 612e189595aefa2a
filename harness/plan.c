// SPDX-License-Identifier: Apache-2.0
// bench + device + suites + profile -> tests in running order. Pure: reads files, opens nothing else.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/declare.h"
#include "harness/load.h"
#include "harness/mapping.h"

#define FILES_MAX 64

json_t *load_keep(struct loader *l, json_t *j)
{
	json_array_append_new(l->keep, j);
	return j;
}

void load_fault(struct loader *l, const struct err *e)
{
	if (!l->errors++)
		l->first = *e;
	if (l->report)
		l->report(e, l->data);
}

static void shape_fault(const struct err *e, void *data)
{
	load_fault(data, e);
}

bool load_shape(struct loader *l, const struct conf *c, const struct shape *s, const char *what)
{
	return shape_check(c, s, what, shape_fault, l);
}

void plan_done(struct plan *p)
{
	json_decref(p->keep);
	p->keep = NULL;
}

const struct test *plan_test(const struct plan *p, const char *id)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->test[i].id, id))
			return &p->test[i];
	return NULL;
}

/* ---- suite files ---- */
static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_suite(const char *name)
{
	size_t n = strlen(name);

	return name[0] == 'G' && n > 5 && !strcmp(name + n - 5, ".yaml");
}

static bool list_files(struct loader *l, const char *suites, struct plan *p, struct err *err)
{
	const char **files = arena_alloc(l->a, FILES_MAX + 1, sizeof(*files));
	DIR *d = opendir(suites);
	struct dirent *e;
	size_t n = 0;

	if (!d)
		return err_set(err, ERR_CONF, "%s: no such folder of suites", suites);
	while ((e = readdir(d)) && n < FILES_MAX)
		if (is_suite(e->d_name))
			files[n++] = arena_printf(l->a, "%s/%s", suites, e->d_name);
	closedir(d);
	qsort(files, n, sizeof(*files), by_text);
	p->files = files;
	return true;
}

static void check_twice(struct loader *l, const struct test *t, size_t n)
{
	struct err err = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(t[i].id, t[k].id)) {
				err_at(&err, t[i].at, "test %s is defined twice; first at %s:%u:%u", t[i].id, t[k].at.file,
				       t[k].at.line, t[k].at.col);
				load_fault(l, &err);
			}
}

static void load_suites(struct loader *l, const char *suites, struct plan *p)
{
	const struct conf *file[FILES_MAX] = { NULL };
	struct test *test;
	struct err err = { 0 };
	size_t room = 0, n = 0;

	if (!list_files(l, suites, p, &err)) {
		load_fault(l, &err);
		return;
	}
	for (size_t i = 0; p->files[i]; i++) {
		struct err one = { 0 };

		if (conf_load(l->a, p->files[i], &file[i], &one))
			room += suite_count(file[i]);
		else
			load_fault(l, &one);
	}
	test = arena_alloc(l->a, room + 1, sizeof(*test));
	for (size_t i = 0; p->files[i]; i++)
		if (file[i])
			suite_parse(l, file[i], test, &n);
	check_twice(l, test, n);
	p->test = test;
	p->n = n;
}

/* ---- other schemes ---- */
static bool mapped(const struct plan *p, const char *test)
{
	for (size_t i = 0; i < p->n_mappings; i++)
		for (size_t k = 0; k < p->mapping[i].n; k++)
			for (const char *const *id = p->mapping[i].line[k].tests; *id; id++)
				if (!strcmp(*id, test))
					return true;
	return false;
}

/* They name requirements, tests and records. A test that serves no requirement must be named by one of them. */
static void load_mappings(struct loader *l, const char *suites, struct plan *p)
{
	const char **ids = arena_alloc(l->a, p->n + 1, sizeof(*ids));

	for (size_t i = 0; i < p->n; i++)
		ids[i] = p->test[i].id;
	l->test = l->errors ? NULL : ids;
	mappings_load(l, suites, p);
	for (size_t i = 0; i < p->n; i++) {
		const struct test *t = &p->test[i];
		struct err err = { 0 };

		if (t->not_tested || *t->decides || *t->supports || mapped(p, t->id))
			continue;
		err_at(&err, t->at, "%s neither decides nor supports a requirement, and no scheme names it", t->id);
		load_fault(l, &err);
	}
}

/* On which conditions of the standard a requirement depends. */
static void applies_check(struct loader *l, const struct plan *p)
{
	const struct editions e = editions_of(p->mapping, p->n_mappings);
	const struct conf *list = conf_get(p->requirements_at, "requirements");
	const struct shape *shape = applies_shape(l->a, &e);

	for (size_t i = 0; list && i < list->n; i++) {
		const struct conf *c = conf_get(list->item[i], "applies_if");

		if (c)
			load_shape(l, c, shape, "applies_if");
	}
}

/* ---- which, and in what order ---- */
static bool chosen(const struct test *t, const char *const *only)
{
	for (; *only; only++)
		if (!strcmp(*only, t->id) || !strcmp(*only, t->guideline))
			return true;
	return false;
}

static bool is_there(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(name, p->test[i].id) || !strcmp(name, p->test[i].guideline))
			return true;
	return false;
}

static void choose(struct loader *l, const char *const *only, struct plan *p)
{
	struct test *kept = arena_alloc(l->a, p->n + 1, sizeof(*kept));
	const char **ids = arena_alloc(l->a, p->n + 1, sizeof(*ids));
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		ids[i] = p->test[i].id;
	for (const char *const *o = only; *o; o++)
		if (!is_there(p, *o)) {
			struct err err = { 0 };
			const char *near = conf_nearest(*o, ids);

			err_set(&err, ERR_CONF, "no test and no guideline is called '%.40s'%s%s%s", *o, near ? "; did you mean '" : "",
				near ? near : "", near ? "'?" : "");
			load_fault(l, &err);
		}
	for (size_t i = 0; i < p->n; i++)
		if (chosen(&p->test[i], only))
			kept[n++] = p->test[i];
	p->test = kept;
	p->n = n;
}

/* Factory first, then initialised, then what leaves another state behind, at the end what may destroy the unit. */
static int rank(const struct test *t)
{
	if (t->permit && !strcmp(t->permit, "brick"))
		return 3;
	if (t->state_each || (t->leaves && t->state && strcmp(t->leaves, t->state)))
		return 2;
	return t->state && !strcmp(t->state, "factory") ? 0 : 1;
}

static void order(struct loader *l, struct plan *p)
{
	struct test *sorted = arena_alloc(l->a, p->n + 1, sizeof(*sorted));
	size_t n = 0;

	for (int r = 0; r <= 3; r++)
		for (size_t i = 0; i < p->n; i++)
			if (rank(&p->test[i]) == r)
				sorted[n++] = p->test[i];
	p->test = sorted;
}

/* ---- all of it ---- */
/* Which unit is meant stands in device.yaml, and bench.yaml is read first. A file that does not load is device_parse's to report. */
static void find_unit(struct loader *l, const struct plan_input *in, struct plan *p)
{
	const struct conf *device = NULL;
	struct err none = { 0 }, err = { 0 };

	if (in->device && !conf_load(l->a, in->device, &device, &none))
		device = NULL;
	if (unit_find(device, in->unit, &p->unit, &err))
		return;
	load_fault(l, &err);
	if (!unit_find(device, 1, &p->unit, &none))     /* one fault, not one more at every ${unit} */
		p->unit.declared = false;
}

bool plan_load_bench(struct arena *a, const struct plan_input *in, void (*report)(const struct err *e, void *data), void *data,
		     struct plan *ret, struct err *err)
{
	struct loader l = { .a = a, .keep = json_array(), .report = report, .data = data, .unit = &ret->unit };

	*ret = (struct plan){ .keep = l.keep };
	find_unit(&l, in, ret);
	if (bench_parse(&l, in->bench, &ret->bench))
		l.bench = &ret->bench;
	if (in->device)
		(void)device_parse(&l, in->device, &ret->device);
	else
		ret->device.json = load_keep(&l, json_object());
	if (!l.errors)
		return true;
	*err = l.first;
	plan_done(ret);
	return false;
}

bool plan_steps(struct arena *a, const struct plan *p, const char *steps, const char *expect, struct steps *ret, const struct claims **ret_claims,
		struct err *err)
{
	struct loader l = { .a = a, .keep = p->keep, .unit = &p->unit, .bench = &p->bench };
	const char *skip = NULL;
	struct scope s = { .l = &l, .skip = &skip };
	const struct conf *c = NULL, *e = NULL;

	*ret_claims = NULL;
	if (!conf_parse(a, "steps", steps, strlen(steps), &c, err) || (expect && !conf_parse(a, "expect", expect, strlen(expect), &e, err)))
		return false;
	steps_parse(&s, c, ret);
	if (e)
		*ret_claims = expect_parse(&s, e);
	if (l.errors)
		*err = l.first;
	else if (skip)
		err_set(err, ERR_CONF, "%s", skip);
	return !l.errors && !skip;
}

bool plan_load(struct arena *a, const struct plan_input *in, void (*report)(const struct err *e, void *data), void *data,
	       struct plan *ret, struct err *err)
{
	struct loader l = { .a = a, .keep = json_array(), .report = report, .data = data, .unit = &ret->unit };

	*ret = (struct plan){ .keep = l.keep };
	find_unit(&l, in, ret);
	requirements_load(&l, in->suites, ret);
	records_load(&l, in->suites, ret);
	if (in->bench && bench_parse(&l, in->bench, &ret->bench))
		l.bench = &ret->bench;
	if (in->device)
		(void)device_parse(&l, in->device, &ret->device);
	if (in->profile && profile_parse(&l, in->suites, in->profile, &ret->profile))
		l.profile = &ret->profile;
	load_suites(&l, in->suites, ret);
	if (ret->requirements)
		load_mappings(&l, in->suites, ret);
	applies_check(&l, ret);
	if (in->device)
		declaration_check(&l, ret);
	if (in->only && *in->only)
		choose(&l, in->only, ret);
	order(&l, ret);
	if (!l.errors)
		return true;
	*err = l.first;
	plan_done(ret);
	return false;
}
