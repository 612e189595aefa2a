// SPDX-License-Identifier: Apache-2.0
// CSV of ICS and IXIT as a tree of conf.h whose positions are those of the cells: so the loader's own checks speak of them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/conf_write.h"
#include "harness/base/csv.h"
#include "harness/base/fs.h"
#include "harness/declare.h"
#include "harness/declare_csv.h"

#define KEYS_MAX 128                    /* of one map: lines of an ICS, tables, columns */

struct build {                          /* a map or a list that grows */
	struct conf *node;
	const struct conf **key, **item;
};
struct import {
	struct arena *a;
	const struct editions *e;
	const char *dir;
	void (*report)(const struct err *e, void *data);
	void *data;
	bool ok;
	json_t *rows;                   /* IDs of all tables */
	struct build ixit, ics;
};

static void fault(const struct err *e, void *data)
{
	struct import *im = data;

	im->ok = false;
	if (im->report)
		im->report(e, im->data);
}

/* ---- building ---- */
static const struct conf *scalar(struct arena *a, const char *text, struct where at)
{
	struct conf *c = arena_new(a, struct conf);

	*c = (struct conf){ .kind = CONF_SCALAR, .at = at, .text = text, .quoted = !conf_plain(text) };
	return c;
}

static struct build begin(struct arena *a, enum conf_kind kind, struct where at, size_t room)
{
	struct build b = { arena_new(a, struct conf), arena_alloc(a, room + 1, sizeof(*b.key)), arena_alloc(a, room + 1, sizeof(*b.item)) };

	*b.node = (struct conf){ .kind = kind, .at = at, .item = b.item, .key = kind == CONF_MAP ? b.key : NULL };
	return b;
}

static void add(struct import *im, struct build *b, const char *key, struct where at, const struct conf *item)
{
	if (key)
		b->key[b->node->n] = scalar(im->a, key, at);
	b->item[b->node->n++] = item;
}

static struct where top_of(struct import *im, const char *path)
{
	return (struct where){ arena_strdup(im->a, path), 1, 1 };
}

static bool says_nothing(const struct csv_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->cell[i].quoted || row->cell[i].text[strspn(row->cell[i].text, " \t")])
			return false;
	return true;
}

static bool too_long(struct import *im, const struct csv_row *row, size_t columns)
{
	struct err err = { 0 };

	for (size_t i = columns; i < row->n; i++)
		if (*row->cell[i].text) {
			err_at(&err, row->cell[i].at, "the header has %zu columns, and this is the %zu. cell of its row", columns, i + 1);
			fault(&err, im);
			return true;
		}
	return false;
}

/* ---- IXIT ---- */
static const char *nearest_field(const struct ixit_table *t, const char *name)
{
	const char *known[64] = { "ID" };
	size_t n = 1;

	for (const struct ixit_field *f = t->fields; f->name[0] || f->name[1]; f++)
		for (int e = 0; e < EDITION_COUNT; e++)
			if (f->name[e] && n < 63)
				known[n++] = f->name[e];
	return conf_nearest(name, known);
}

/* The column's name as the standard writes it: "Sensitive (Yes/No)" is Sensitive. */
static const char *column_name(struct import *im, const struct ixit_table *t, const struct csv_cell *c)
{
	size_t n = strlen(c->text);
	const char *name = arena_printf(im->a, "%.*s", (int)(n > 9 && !strcmp(c->text + n - 9, " (Yes/No)") ? n - 9 : n), c->text);
	struct err err = { 0 };
	const char *near;

	if (!strcmp(name, "ID") || ixit_field_find(t, name))
		return name;
	near = nearest_field(t, name);
	if (strchr(name, ';'))
		err_at(&err, c->at, "'%.60s': columns are separated by commas", name);
	else
		err_at(&err, c->at, "IXIT %u-%s has no column '%.60s'%s%s%s", t->number, t->name[1], name, near ? "; did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
	fault(&err, im);
	return NULL;
}

static bool header(struct import *im, const struct ixit_table *t, const struct csv_row *row, const char *ret[static CSV_MAX_CELLS])
{
	bool ok = true, id = false;
	struct err err = { 0 };

	for (size_t i = 0; i < row->n; i++) {
		ret[i] = column_name(im, t, &row->cell[i]);
		ok &= ret[i] != NULL;
		id |= ret[i] && !strcmp(ret[i], "ID");
		for (size_t k = 0; ret[i] && k < i; k++)
			if (ret[k] && !strcmp(ret[i], ret[k])) {
				err_at(&err, row->cell[i].at, "column '%s' stands here twice", ret[i]);
				fault(&err, im);
				ok = false;
			}
	}
	if (ok && !id) {
		err_at(&err, row->cell[0].at, "no column ID");
		fault(&err, im);
	}
	return ok && id;
}

static const struct conf *table_row(struct import *im, const struct csv_row *row, const char *const *column, size_t columns)
{
	struct build b = begin(im->a, CONF_MAP, row->cell[0].at, columns);

	if (too_long(im, row, columns))
		return b.node;
	for (size_t i = 0; i < row->n && i < columns; i++) {
		const struct csv_cell *c = &row->cell[i];

		if (!*c->text && !c->quoted)
			continue;
		add(im, &b, column[i], c->at, scalar(im->a, c->text, c->at));
		if (!strcmp(column[i], "ID"))
			json_object_set_new(im->rows, c->text, json_true());
	}
	return b.node;
}

static bool stands_already(const struct import *im, const struct ixit_table *t)
{
	for (size_t i = 0; i < im->ixit.node->n; i++)
		if (ixit_find(im->ixit.key[i]->text) == t)
			return true;
	return false;
}

static void import_table(struct import *im, const char *path, const struct ixit_table *t, const char *name)
{
	const char *column[CSV_MAX_CELLS] = { NULL };
	struct csv csv = { 0 };
	struct err err = { 0 };
	struct build list;

	if (!csv_load(im->a, path, &csv, &err) || (!csv.n && !err_at(&err, top_of(im, path), "the file is empty; a table without rows is its header"))) {
		fault(&err, im);
		return;
	}
	if (!header(im, t, &csv.row[0], column))
		return;
	if (stands_already(im, t)) {
		err_at(&err, top_of(im, path), "another file has table %s too", t->name[0]);
		fault(&err, im);
		return;
	}
	list = begin(im->a, CONF_LIST, top_of(im, path), csv.n);
	for (size_t i = 1; i < csv.n; i++)
		if (!says_nothing(&csv.row[i]))
			add(im, &list, NULL, csv.row[i].cell[0].at, table_row(im, &csv.row[i], column, csv.row[0].n));
	add(im, &im->ixit, name, top_of(im, path), list.node);
}

static void import_edition(struct import *im, const char *path)
{
	struct csv csv = { 0 };
	struct err err = { 0 };

	if (csv_load(im->a, path, &csv, &err) && (csv.n == 2 || err_at(&err, top_of(im, path), "write Edition, and below it 1.1.1 or 2.1.1")))
		add(im, &im->ixit, "edition", csv.row[1].cell[0].at, scalar(im->a, csv.row[1].cell[0].text, csv.row[1].cell[0].at));
	else
		fault(&err, im);
}

static void make_list(struct import *im, struct conf *cell)
{
	CLEANUP(free_json) json_t *ids = json_array();
	struct build list;

	if (!refs_of(cell->text, im->rows, ids))
		return;
	list = begin(im->a, CONF_LIST, cell->at, json_array_size(ids));
	for (size_t n = 0; n < json_array_size(ids); n++)
		add(im, &list, NULL, cell->at, scalar(im->a, arena_strdup(im->a, json_string_value(json_array_get(ids, n))), cell->at));
	*cell = *list.node;
}

/* Texts that are nothing but IDs become lists, now that all IDs are known. */
static void make_lists(struct import *im, const struct ixit_table *t, const struct conf *row)
{
	for (size_t k = 0; k < row->n; k++) {
		const struct ixit_field *f = ixit_field_find(t, row->key[k]->text);

		if (f && f->type == CELL_REFS)
			make_list(im, (struct conf *)(uintptr_t)row->item[k]);   /* ours: made by scalar() */
	}
}

static void make_all_lists(struct import *im)
{
	for (size_t i = 0; i < im->ixit.node->n; i++) {
		const struct ixit_table *t = ixit_find(im->ixit.key[i]->text);

		for (size_t r = 0; t && r < im->ixit.item[i]->n; r++)
			make_lists(im, t, im->ixit.item[i]->item[r]);
	}
}

/* ---- ICS ---- */
static const char *const ics_column[] = { "Reference", "Status", "Support", "Detail", "Evidence", NULL };

static bool ics_header(struct import *im, const struct csv_row *row)
{
	struct err err = { 0 };

	for (size_t i = 0; i < 5; i++)
		if (i >= row->n || strcmp(row->cell[i].text, ics_column[i])) {
			err_at(&err, row->cell[i < row->n ? i : row->n - 1].at, "the columns of an ICS are Reference,Status,Support,Detail,Evidence");
			fault(&err, im);
			return false;
		}
	return true;
}

static bool same_status(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, " ");
		b += strspn(b, " ");
		if (*a != *b || !*a)
			return *a == *b;
	}
}

static void ics_row(struct import *im, int e, const struct csv_row *row, struct build *lines)
{
	static const char *const key[] = { "support", "detail", "evidence" };
	const struct mapping_line *l = mapping_line(im->e->of[e], row->cell[0].text);
	struct build b = begin(im->a, CONF_MAP, row->cell[0].at, 3);
	struct err err = { 0 };
	char status[120] = "";

	if (too_long(im, row, 5))
		return;
	if (l && row->n > 1 && *row->cell[1].text && !same_status(row->cell[1].text, mapping_status(l, status, sizeof(status)))) {
		err_at(&err, row->cell[1].at, "%s of %s has the status '%s', not '%.40s'", l->id, edition_name[e], status,
		       row->cell[1].text);
		fault(&err, im);
		return;
	}
	for (size_t i = 2; i < row->n && i < 5; i++)
		if (*row->cell[i].text || row->cell[i].quoted)
			add(im, &b, key[i - 2], row->cell[i].at, scalar(im->a, row->cell[i].text, row->cell[i].at));
	if (b.node->n && lines->node->n < KEYS_MAX)
		add(im, lines, row->cell[0].text, row->cell[0].at, b.node);     /* a line that says nothing is not answered */
}

static void import_ics(struct import *im, const char *path, int e)
{
	struct csv csv = { 0 };
	struct err err = { 0 };
	struct build lines;

	if (!im->e->of[e])
		err_at(&err, top_of(im, path), "these suites have no mapping %s, and so not its lines", edition_name[e]);
	else if (csv_load(im->a, path, &csv, &err) && !csv.n)
		err_at(&err, top_of(im, path), "the file is empty");
	if (err.kind != ERR_NONE) {
		fault(&err, im);
		return;
	}
	if (!ics_header(im, &csv.row[0]))
		return;
	lines = begin(im->a, CONF_MAP, top_of(im, path), KEYS_MAX);
	for (size_t i = 1; i < csv.n; i++) {
		if (says_nothing(&csv.row[i]))
			continue;
		for (size_t k = 0; k < lines.node->n; k++)
			if (!strcmp(lines.key[k]->text, csv.row[i].cell[0].text)) {
				err_at(&err, csv.row[i].cell[0].at, "line %.40s stands here twice", csv.row[i].cell[0].text);
				fault(&err, im);
			}
		ics_row(im, e, &csv.row[i], &lines);
	}
	add(im, &im->ics, edition_name[e], top_of(im, path), lines.node);
}

/* ---- the folder ---- */
static bool ends_in_csv(const char *name, char stem[static 64])
{
	size_t n = strlen(name);

	if (n < 5 || n - 4 >= 64 || strcmp(name + n - 4, ".csv") || strchr(name, '/'))
		return false;
	memcpy(stem, name, n - 4);
	stem[n - 4] = '\0';
	return true;
}

static bool unknown_file(struct import *im, const char *path, const char *name)
{
	const char *known[2 * IXIT_TABLES + 1] = { NULL }, *near;
	struct err err = { 0 };

	for (size_t i = 0; i < IXIT_TABLES; i++) {
		known[2 * i] = ixit_table[i].name[0];
		known[2 * i + 1] = ixit_table[i].name[1];
	}
	near = conf_nearest(name, known);
	err_at(&err, top_of(im, path), "'%.60s' is no table; files are called 01-AuthMech.csv or ics-%s.csv%s%s%s", name, edition_name[EDITION_3],
	       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	fault(&err, im);
	return true;
}

static bool import_file(const char *rel, void *data, struct err *err)
{
	struct import *im = data;
	const struct ixit_table *t;
	const char *name;
	char stem[64], path[FS_PATH];

	if (!ends_in_csv(rel, stem))
		return true;
	if (!fs_join(path, im->dir, rel, err))
		return false;
	for (int e = 0; e < EDITION_COUNT; e++)
		if (!strncmp(stem, "ics-", 4) && !strcmp(stem + 4, edition_name[e])) {
			import_ics(im, path, e);
			return true;
		}
	if (!strcmp(stem, "00-edition")) {
		import_edition(im, path);
		return true;
	}
	name = stem + strspn(stem, "0123456789");
	name += *name == '-';
	t = ixit_find(name);
	if (!t || (name != stem && (unsigned)atoi(stem) != t->number))
		return unknown_file(im, path, name);
	import_table(im, path, t, strcmp(name, t->name[0]) ? t->name[1] : t->name[0]);
	return true;
}

static void check(struct import *im)
{
	struct build only = begin(im->a, CONF_MAP, im->ixit.node->at, 1);

	add(im, &only, "ixit", im->ixit.node->at, im->ixit.node);
	if (shape_check(im->ics.node, ics_shape(im->a, im->e), "ics", fault, im) && shape_check(im->ixit.node, ixit_shape(im->a), "ixit", fault, im))
		(void)declare_check(only.node, fault, im);      /* evidence ids may lead into the rest of device.yaml */
}

bool declare_import(struct arena *a, const struct editions *e, const char *dir, void (*report)(const struct err *e, void *data), void *data,
		    const struct conf **ret)
{
	CLEANUP(free_json) json_t *rows = json_object();
	struct where at = { arena_strdup(a, dir), 1, 1 };
	struct import im = { a, e, dir, report, data, true, rows, begin(a, CONF_MAP, at, KEYS_MAX), begin(a, CONF_MAP, at, EDITION_COUNT) };
	struct build both = begin(a, CONF_MAP, at, 2);
	struct err err = { 0 };

	if (!fs_walk(dir, import_file, &im, &err))
		fault(&err, &im);
	else if (!im.ixit.node->n && !im.ics.node->n && !err_set(&err, ERR_CONF, "%s: no table in this folder", dir))
		fault(&err, &im);
	make_all_lists(&im);
	if (im.ok)
		check(&im);
	if (im.ics.node->n)
		add(&im, &both, "ics", at, im.ics.node);
	if (im.ixit.node->n)
		add(&im, &both, "ixit", at, im.ixit.node);
	*ret = both.node;
	return im.ok;
}
