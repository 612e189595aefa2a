// SPDX-License-Identifier: Apache-2.0
// suites/requirements.yaml and suites/records.yaml; and whether they, the tests and the mappings name each other both ways.
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/load.h"
#include "harness/mapping.h"

#define IXIT_TABLES 29

/* ---- ids and texts in two languages, for every file of suites/ ---- */
bool load_id(const struct conf *c, const char *const *known, const char *where, struct err *err)
{
	const char *id, *near;

	if (!conf_text(c, &id, err))
		return false;
	for (const char *const *k = known; k && *k; k++)
		if (!strcmp(*k, id))
			return true;
	if (!known)
		return true;
	near = conf_nearest(id, known);
	return err_at(err, c->at, "%s has no '%.40s'%s%s%s", where, id, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

bool load_ids(struct loader *l, const struct conf *c, const char *what, const char *const *known, const char *where,
	      const char *const **ret, struct err *err)
{
	const char **ids = arena_alloc(l->a, (c ? c->n : 0) + 1, sizeof(*ids));

	*ret = ids;
	if (c && !conf_is(c, CONF_LIST, what, err))
		return false;
	for (size_t i = 0; c && i < c->n; i++) {
		if (!load_id(c->item[i], known, where, err))
			return false;
		for (size_t k = 0; k < i; k++)
			if (!strcmp(ids[k], c->item[i]->text))
				return err_at(err, c->item[i]->at, "'%.40s' is listed twice", ids[k]);
		ids[i] = c->item[i]->text;
	}
	return true;
}

bool load_both(const struct conf *c, const char *what, struct both *ret, struct err *err)
{
	static const char *const known[] = { "en", "ja", NULL };
	const struct conf *en = NULL, *ja = NULL;

	return !c || (conf_is(c, CONF_MAP, what, err) && conf_known(c, known, err) && conf_need(c, "en", &en, err) &&
		      conf_need(c, "ja", &ja, err) && conf_text(en, &ret->en, err) && conf_text(ja, &ret->ja, err));
}

/* ---- one entry of either file; a key that is absent is no fault here: lint asks for all of them ---- */
static bool words_of(const struct conf *c, const char *what, const char *const *words, struct err *err)
{
	unsigned u;

	if (c && !conf_is(c, CONF_LIST, what, err))
		return false;
	for (size_t i = 0; c && i < c->n; i++)
		if (!conf_enum(c->item[i], words, &u, err))
			return false;
	return true;
}

static bool word_of(const struct conf *c, const char *const *words, struct err *err)
{
	unsigned u;

	return !c || conf_enum(c, words, &u, err);
}

static bool text_or_none(const struct conf *c, struct err *err)
{
	const char *text;

	return !c || conf_text(c, &text, err);
}

static bool check_requirement(struct loader *l, const struct conf *c, const char *const *guidelines, struct err *err)
{
	static const char *const known[] = { "id", "guideline", "text", "phrase", "force", "who", "class", "tests", "records", "alias",
					     "applies_if", NULL };
	static const char *const force[] = { "shall", "should", "may", "info", NULL };
	static const char *const who[] = { "D", "S", "A", "R", NULL };
	static const char *const class[] = { "a", "b", "c", NULL };
	const struct conf *alias = conf_get(c, "alias"), *guideline = conf_get(c, "guideline");
	const char *const *ids;
	struct both text;

	return conf_known(c, known, err) && (!guideline || load_id(guideline, guidelines, "the list `guidelines`", err)) &&
	       load_both(conf_get(c, "text"), "text", &text, err) && text_or_none(conf_get(c, "phrase"), err) &&
	       word_of(conf_get(c, "force"), force, err) && words_of(conf_get(c, "who"), "who", who, err) &&
	       word_of(conf_get(c, "class"), class, err) && load_ids(l, conf_get(c, "tests"), "tests", NULL, "", &ids, err) &&
	       load_ids(l, conf_get(c, "records"), "records", NULL, "", &ids, err) &&
	       (!alias || load_id(alias, l->requirement, "requirements.yaml", err));
}

static bool check_record(struct loader *l, const struct conf *c, const char *const *unused, struct err *err)
{
	static const char *const known[] = { "id", "title", "serves", "ixit", "stored", "decides", NULL };
	const struct conf *title = NULL, *serves = NULL, *stored = NULL, *decides = NULL, *ixit = conf_get(c, "ixit");
	const char *const *ids;
	struct both text;
	int64_t n;

	(void)unused;
	if (!conf_known(c, known, err) || !conf_need(c, "title", &title, err) || !load_both(title, "title", &text, err) ||
	    !conf_need(c, "serves", &serves, err) || !load_ids(l, serves, "serves", l->requirement, "requirements.yaml", &ids, err) ||
	    !conf_need(c, "stored", &stored, err) || !load_both(stored, "stored", &text, err) ||
	    !conf_need(c, "decides", &decides, err) || !load_both(decides, "decides", &text, err) ||
	    (ixit && !conf_is(ixit, CONF_LIST, "ixit", err)))
		return false;
	for (size_t i = 0; ixit && i < ixit->n; i++)
		if (!conf_int(ixit->item[i], 1, IXIT_TABLES, &n, err))
			return false;
	return true;
}

/* ---- the two files ---- */
/* The ids of a list of maps; an entry without one, or with one that was there before, is reported and left out. */
static const char *const *ids_of(struct loader *l, const struct conf *list)
{
	const char **ids = arena_alloc(l->a, (list ? list->n : 0) + 1, sizeof(*ids));
	size_t n = 0;

	for (size_t i = 0; list && i < list->n; i++) {
		const struct conf *id = NULL;
		struct err err = { 0 };
		bool fine = conf_is(list->item[i], CONF_MAP, "an entry", &err) && conf_need(list->item[i], "id", &id, &err) &&
			    conf_text(id, &ids[n], &err);

		for (size_t k = 0; fine && k < n; k++)
			if (!strcmp(ids[k], ids[n]))
				fine = err_at(&err, id->at, "'%.40s' is defined twice", ids[n]);
		if (fine)
			n++;
		else
			load_fault(l, &err);
	}
	ids[n] = NULL;
	return ids;
}

/* "requirements: [...]" of requirements.yaml, "records: [...]" of records.yaml; NULL = reported. */
static const struct conf *open_list(struct loader *l, const char *path, const char *const *known, const char *key, const struct conf **ret)
{
	const struct conf *c = NULL, *list = NULL;
	struct err err = { 0 };

	if (conf_load(l->a, path, &c, &err) && conf_is(c, CONF_MAP, "this file", &err) && conf_known(c, known, &err) &&
	    conf_need(c, key, &list, &err) && conf_is(list, CONF_LIST, key, &err)) {
		*ret = list;
		return c;
	}
	load_fault(l, &err);
	return NULL;
}

static void check_all(struct loader *l, const struct conf *list, const char *const *others,
		      bool (*check)(struct loader *l, const struct conf *c, const char *const *others, struct err *err))
{
	for (size_t i = 0; i < list->n; i++) {
		struct err err = { 0 };

		if (list->item[i]->kind == CONF_MAP && !check(l, list->item[i], others, &err))
			load_fault(l, &err);
	}
}

void requirements_load(struct loader *l, const char *suites, struct plan *p)
{
	static const char *const known[] = { "guidelines", "requirements", "records", NULL };     /* records stood here once */
	const char *path = arena_printf(l->a, "%s/requirements.yaml", suites);
	const struct conf *list = NULL, *c = open_list(l, path, known, "requirements", &list), *guidelines = conf_get(c, "guidelines");
	struct err err = { 0 };

	l->requirement = ids_of(l, list);
	if (!c)
		return;
	if (guidelines && !conf_is(guidelines, CONF_LIST, "guidelines", &err)) {
		load_fault(l, &err);
		guidelines = NULL;
	}
	check_all(l, list, guidelines ? ids_of(l, guidelines) : NULL, check_requirement);
	p->requirements = load_keep(l, conf_json(c));
	p->requirements_at = c;
}

/* Runs from before there were records have no such file; then no record is known. */
void records_load(struct loader *l, const char *suites, struct plan *p)
{
	static const char *const known[] = { "records", NULL };
	const char *path = arena_printf(l->a, "%s/records.yaml", suites);
	const struct conf *list = NULL, *c = access(path, F_OK) == 0 ? open_list(l, path, known, "records", &list) : NULL;

	l->record = ids_of(l, list);
	if (!c)
		return;
	check_all(l, list, NULL, check_record);
	p->records = load_keep(l, conf_json(c));
	p->records_at = c;
}
