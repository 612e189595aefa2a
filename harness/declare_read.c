// SPDX-License-Identifier: Apache-2.0
// The declaration of a device.yaml whose shape is right: do its IDs lead somewhere, are its names of one edition? And as JSON.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/declare.h"

struct reader {
	const struct conf *device;
	json_t *rows;                           /* ID -> true, of all tables */
	void (*report)(const struct err *e, void *data);
	void *data;
	bool ok;
};

static void fault(struct reader *r, const struct err *e)
{
	r->ok = false;
	if (r->report)
		r->report(e, r->data);
}

/* ---- IDs ---- */
/* The nearest of the keys of a JSON object; NULL = none. */
static const char *nearest(const json_t *object, const char *word)
{
	const char **names = calloc(json_object_size(object) + 1, sizeof(*names)), *near, *key;
	size_t n = 0;
	json_t *v;

	if (!names)
		abort();
	json_object_foreach((json_t *)(uintptr_t)object, key, v)
		names[n++] = key;
	near = conf_nearest(word, names);
	free(names);
	return near;
}

static void add_id(struct reader *r, const struct conf *id)
{
	struct err err = { 0 };
	const json_t *first = id ? json_object_get(r->rows, id->text) : NULL;

	if (!id || id->kind != CONF_SCALAR)
		return;                         /* said already: the shape demands one */
	if (first) {
		err_at(&err, id->at, "ID '%s' is given twice; first at %s", id->text, json_string_value(first));
		fault(r, &err);
		return;
	}
	json_object_set_new(r->rows, id->text, json_sprintf("%u:%u", id->at.line, id->at.col));
}

static bool is_edition(const struct conf *table_or_edition)
{
	return !strcmp(table_or_edition->text, "edition");
}

static void add_ids(struct reader *r, const struct conf *ixit)
{
	for (size_t i = 0; ixit && i < ixit->n; i++)
		for (size_t k = 0; !is_edition(ixit->key[i]) && k < ixit->item[i]->n; k++)
			add_id(r, conf_get(ixit->item[i]->item[k], "ID"));
}

/* A cell holds a list of IDs, or a text that is none: what a sheet shows as "A-1, A-2" must be read back as it was. */
static void check_refs(struct reader *r, const struct conf *cell)
{
	struct err err = { 0 };

	for (size_t i = 0; cell->kind == CONF_LIST && i < cell->n; i++) {
		const struct conf *c = cell->item[i];
		const char *near = json_object_get(r->rows, c->text) ? NULL : nearest(r->rows, c->text);

		if (json_object_get(r->rows, c->text))
			continue;
		err_at(&err, c->at, "no row of any table has the ID '%.64s'%s%s%s", c->text, near ? "; did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
		fault(r, &err);
	}
	if (cell->kind == CONF_SCALAR && refs_of(cell->text, r->rows, NULL)) {
		err_at(&err, cell->at, "'%.64s' is a list of IDs; write it as one: [%.64s]", cell->text, cell->text);
		fault(r, &err);
	}
}

bool refs_of(const char *text, const json_t *rows, json_t *ret_ids)
{
	size_t n = 0;

	for (const char *p = text;; n++) {
		char id[80];
		size_t len;

		p += strspn(p, " \t\r\n,;");
		len = strcspn(p, " \t\r\n,;");
		if (!len)
			return n > 0;
		if (len >= sizeof(id))
			return false;
		memcpy(id, p, len);
		id[len] = '\0';
		if (!json_object_get(rows, id))
			return false;
		if (ret_ids)
			json_array_append_new(ret_ids, json_string(id));
		p += len;
	}
}

/* ---- editions ---- */
static const char *edition_of(const struct conf *ixit)
{
	const struct conf *c = conf_get(ixit, "edition");

	return c && c->kind == CONF_SCALAR ? c->text : "";
}

static int ts_index(const char *ts)
{
	return !strcmp(ts, edition_ts[0]) ? 0 : !strcmp(ts, edition_ts[1]) ? 1 : -1;
}

static void check_name(struct reader *r, const struct conf *key, const char *const name[EDITION_COUNT], const char *ts)
{
	int e = ts_index(ts);
	struct err err = { 0 };

	if (e < 0 || (name[e] && !strcmp(name[e], key->text)))
		return;
	if (name[e])
		err_at(&err, key->at, "'%s' is the name of V%s; V%s calls it '%s'", key->text, edition_ts[!e], ts, name[e]);
	else
		err_at(&err, key->at, "V%s of TS 103 701 has no '%s' here", ts, key->text);
	fault(r, &err);
}

static void check_row(struct reader *r, const struct ixit_table *t, const struct conf *row, const char *ts)
{
	for (size_t i = 0; i < row->n; i++) {
		const struct ixit_field *f = ixit_field_find(t, row->key[i]->text);

		if (!f)
			continue;               /* ID */
		check_name(r, row->key[i], f->name, ts);
		if (f->type == CELL_REFS)
			check_refs(r, row->item[i]);
	}
}

static void check_ixit(struct reader *r, const struct conf *ixit)
{
	const char *ts = edition_of(ixit);

	for (size_t i = 0; ixit && i < ixit->n; i++) {
		const struct ixit_table *t = ixit_find(ixit->key[i]->text);

		if (!t)
			continue;               /* edition */
		check_name(r, ixit->key[i], t->name, ts);
		for (size_t k = 0; k < ixit->item[i]->n; k++)
			check_row(r, t, ixit->item[i]->item[k], ts);
	}
}

/* ---- evidence ids ---- */
static bool is_test(const char *id)
{
	return shape_like(id, "^BT[0-9]{1,2}-[0-9]{2}$");
}

static void check_evidence(struct reader *r, const struct conf *answers, json_t *declared)
{
	const struct conf *files = conf_get(r->device, "evidence");

	for (size_t i = 0; answers && answers->kind == CONF_MAP && i < answers->n; i++) {
		const struct conf *e = conf_get(answers->item[i], "evidence");
		struct err err = { 0 };
		const char *near;

		if (!e || is_test(e->text) || conf_get(files, e->text) || evidence_exists(declared, NULL, e->text))
			continue;
		near = nearest(r->rows, e->text);
		err_at(&err, e->at, "nothing is called '%.64s': no IXIT row, no declared table, no file of evidence:, no test%s%s%s", e->text,
		       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
		fault(r, &err);
	}
}

bool declare_check(const struct conf *device, void (*report)(const struct err *e, void *data), void *data)
{
	CLEANUP(free_json) json_t *rows = json_object(), *declared = declare_json(device);
	struct reader r = { device, rows, report, data, true };
	const struct conf *ixit = conf_get(device, "ixit"), *ics = conf_get(device, "ics");

	add_ids(&r, ixit);
	check_ixit(&r, ixit);
	check_evidence(&r, conf_get(device, "conditions"), declared);
	check_evidence(&r, conf_get(device, "features"), declared);
	for (size_t i = 0; ics && i < ics->n; i++)
		check_evidence(&r, ics->item[i], declared);
	return r.ok;
}

/* ---- as JSON ---- */
static json_t *where_json(const struct conf *c)
{
	const char *slash = strrchr(c->at.file, '/');

	return json_sprintf("%s:%u:%u", slash ? slash + 1 : c->at.file, c->at.line, c->at.col);
}

/* Scalars as they are written: 007 and yes are texts in a declaration. */
static json_t *cell_json(const struct conf *c)
{
	json_t *list;

	if (c->kind == CONF_SCALAR)
		return json_string(c->text);
	list = json_array();
	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(list, cell_json(c->item[i]));
	return list;
}

static json_t *row_json(const struct conf *row)
{
	json_t *out = json_object();

	for (size_t i = 0; i < row->n; i++)
		json_object_set_new(out, row->key[i]->text, cell_json(row->item[i]));
	return out;
}

static json_t *ixit_json(const struct conf *ixit)
{
	json_t *tables = json_object();
	char number[8];

	for (size_t i = 0; i < ixit->n; i++) {
		const struct ixit_table *t = ixit_find(ixit->key[i]->text);
		json_t *rows = json_array();

		for (size_t k = 0; t && k < ixit->item[i]->n; k++)
			json_array_append_new(rows, row_json(ixit->item[i]->item[k]));
		if (!t) {
			json_decref(rows);
			continue;
		}
		snprintf(number, sizeof(number), "%u", t->number);
		json_object_set_new(tables, number, json_pack("{s:s,s:o,s:o}", "name", ixit->key[i]->text, "where", where_json(ixit->key[i]),
							      "rows", rows));
	}
	return json_pack("{s:s,s:o}", "edition", edition_of(ixit), "tables", tables);
}

/* A map of small maps, each with its place. */
static json_t *answers_json(const struct conf *map)
{
	json_t *out = json_object();

	for (size_t i = 0; i < map->n; i++) {
		const struct conf *value = conf_get(map->item[i], "value");
		json_t *one = row_json(map->item[i]);

		if (value)
			json_object_set_new(one, "value", json_boolean(!strcmp(value->text, "true")));
		json_object_set_new(one, "where", where_json(map->key[i]));
		json_object_set_new(out, map->key[i]->text, one);
	}
	return out;
}

static json_t *ics_json(const struct conf *ics)
{
	json_t *out = json_object();

	for (size_t i = 0; i < ics->n; i++)
		json_object_set_new(out, ics->key[i]->text, answers_json(ics->item[i]));
	return out;
}

static json_t *identity_json(const struct conf *identity)
{
	json_t *out = row_json(identity), *where = json_object();

	for (size_t i = 0; i < identity->n; i++)
		json_object_set_new(where, identity->key[i]->text, where_json(identity->item[i]));
	json_object_set_new(out, "where", where);
	return out;
}

/* Where each section that suites read stands, and each of its keys. */
static json_t *places_json(const struct conf *device)
{
	json_t *out = json_object();
	char path[200];

	for (size_t i = 0; i < device->n; i++) {
		const struct conf *c = device->item[i];

		if (!strcmp(device->key[i]->text, "procedures") || !strcmp(device->key[i]->text, "ixit") || !strcmp(device->key[i]->text, "ics"))
			continue;
		json_object_set_new(out, device->key[i]->text, json_pack("{s:o}", "where", where_json(c)));
		for (size_t k = 0; c->kind == CONF_MAP && k < c->n; k++) {
			snprintf(path, sizeof(path), "%.90s.%.90s", device->key[i]->text, c->key[k]->text);
			json_object_set_new(out, path, json_pack("{s:o,s:o*}", "where", where_json(c->item[k]), "text",
								 c->item[k]->kind == CONF_SCALAR ? json_string(c->item[k]->text) : NULL));
		}
	}
	return out;
}

json_t *declare_json(const struct conf *device)
{
	static const struct { const char *name; json_t *(*read)(const struct conf *); } section[] = {
		{ "identity", identity_json }, { "evidence", answers_json }, { "conditions", answers_json }, { "features", answers_json },
		{ "ics", ics_json }, { "ixit", ixit_json },
	};
	json_t *out = json_object();

	for (size_t i = 0; i < sizeof(section) / sizeof(section[0]); i++) {
		const struct conf *c = conf_get(device, section[i].name);

		if (c && c->kind == CONF_MAP)
			json_object_set_new(out, section[i].name, section[i].read(c));
	}
	json_object_set_new(out, "places", places_json(device));
	return out;
}
