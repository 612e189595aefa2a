// SPDX-License-Identifier: Apache-2.0
// Do requirements, tests and records name each other both ways, and is every requirement whole? For `jusan lint`: what a run
// needs plan_load() has checked; this is what a catalogue must keep besides.
#include <string.h>

#include "harness/mapping.h"
#include "harness/plan.h"

struct agree { const struct plan *p; void (*report)(const struct err *e, void *data); void *data; };

static void fault(const struct agree *a, struct err *err)
{
	a->report(err, a->data);
	*err = (struct err){ 0 };
}

static bool lists(const char *const *ids, const char *id)
{
	while (*ids && strcmp(*ids, id))
		ids++;
	return *ids != NULL;
}

static bool conf_lists(const struct conf *list, const char *id)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (list->item[i]->text && !strcmp(list->item[i]->text, id))
			return true;
	return false;
}

static const struct conf *requirements(const struct agree *a) { return conf_get(a->p->requirements_at, "requirements"); }
static const struct conf *records(const struct agree *a) { return conf_get(a->p->records_at, "records"); }

static const struct conf *entry(const struct conf *list, const char *id)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const struct conf *is = conf_get(list->item[i], "id");

		if (is && is->text && !strcmp(is->text, id))
			return list->item[i];
	}
	return NULL;
}

/* ---- tests and requirements ---- */
static void test_to_requirements(const struct agree *a, const struct test *t)
{
	const char *const *const both[] = { t->decides, t->supports };
	struct err err = { 0 };

	for (size_t k = 0; k < 2; k++)
		for (const char *const *id = both[k]; *id; id++) {
			const struct conf *r = entry(requirements(a), *id);

			if (k && lists(t->decides, *id)) {
				err_at(&err, t->at, "%s decides %s; it cannot support it as well", t->id, *id);
				fault(a, &err);
			}
			if (r && !conf_lists(conf_get(r, "tests"), t->id)) {
				err_at(&err, t->at, "%s names %s, but its list `tests` at %s:%u:%u does not name %s", t->id, *id, r->at.file,
				       r->at.line, r->at.col, t->id);
				fault(a, &err);
			}
		}
}

static void requirement_to_tests(const struct agree *a, const char *id, const struct conf *tests)
{
	struct err err = { 0 };

	for (size_t i = 0; tests && i < tests->n; i++) {
		const struct test *t = plan_test(a->p, tests->item[i]->text);

		if (t && (lists(t->decides, id) || lists(t->supports, id)))
			continue;
		err_at(&err, tests->item[i]->at, "%s lists %s, which %s", id, tests->item[i]->text, t ? "neither decides nor supports it" :
		       "no suite has");
		fault(a, &err);
	}
}

/* ---- records and requirements ---- */
static void record_to_requirements(const struct agree *a, const struct conf *record)
{
	const struct conf *id = conf_get(record, "id"), *serves = conf_get(record, "serves");
	struct err err = { 0 };

	for (size_t i = 0; serves && i < serves->n; i++) {
		const struct conf *r = entry(requirements(a), serves->item[i]->text);

		if (!r || conf_lists(conf_get(r, "records"), id->text))
			continue;
		err_at(&err, serves->item[i]->at, "%s serves %s, but its list `records` at %s:%u:%u does not name %s", id->text,
		       serves->item[i]->text, r->at.file, r->at.line, r->at.col, id->text);
		fault(a, &err);
	}
}

static void requirement_to_records(const struct agree *a, const char *id, const struct conf *names)
{
	struct err err = { 0 };

	for (size_t i = 0; names && i < names->n; i++) {
		const char *name = names->item[i]->text;
		const struct conf *r = entry(records(a), name);

		if (r && conf_lists(conf_get(r, "serves"), id))
			continue;
		err_at(&err, names->item[i]->at, "%s lists %s, which %s", id, name, r ? "does not serve it" : "records.yaml does not have");
		fault(a, &err);
	}
}

static void requirement_whole(const struct agree *a, const struct conf *r)
{
	static const char *const needed[] = { "guideline", "text", "phrase", "force", "who", "class", "tests", "records", NULL };
	const struct conf *v = NULL;
	struct err err = { 0 };

	for (const char *const *k = needed; *k; k++)
		if (!conf_need(r, *k, &v, &err))
			fault(a, &err);
}

void plan_agree(const struct plan *p, void (*report)(const struct err *e, void *data), void *data)
{
	const struct agree a = { p, report, data };
	const struct conf *list = requirements(&a), *old = conf_get(p->requirements_at, "records");
	struct err err = { 0 };

	if (old) {
		err_at(&err, old->at, "records stand in records.yaml; this list is not read");
		fault(&a, &err);
	}
	for (size_t i = 0; i < p->n; i++)
		test_to_requirements(&a, &p->test[i]);
	for (size_t i = 0; list && i < list->n; i++) {
		const char *id = conf_get(list->item[i], "id")->text;

		requirement_whole(&a, list->item[i]);
		requirement_to_tests(&a, id, conf_get(list->item[i], "tests"));
		requirement_to_records(&a, id, conf_get(list->item[i], "records"));
	}
	list = records(&a);
	for (size_t i = 0; list && i < list->n; i++)
		record_to_requirements(&a, list->item[i]);
}
