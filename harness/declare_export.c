// SPDX-License-Identifier: Apache-2.0
// ICS and IXIT of a device.yaml as CSV.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/csv.h"
#include "harness/base/fs.h"
#include "harness/declare_csv.h"
#include "harness/standard.h"

struct file { char path[FS_PATH], *text; size_t n; FILE *out; };

static bool file_open(struct file *f, const char *dir, const char *name, struct err *err)
{
	*f = (struct file){ .out = NULL };
	if (!fs_join(f->path, dir, name, err))
		return false;
	f->out = open_memstream(&f->text, &f->n);
	return f->out || err_sys(err, "%s", name);
}

static bool file_close(struct file *f, struct err *err)
{
	bool ok = fclose(f->out) == 0 ? fs_write(f->path, f->text, f->n, err) : err_sys(err, "%s", f->path);

	free_ptr(&f->text);
	return ok;
}

static void end_row(FILE *out)
{
	fputs("\r\n", out);
}

static const char *text_at(const struct conf *map, const char *key)
{
	const struct conf *c = conf_get(map, key);

	return c ? c->text : NULL;
}

/* A list of IDs as "A-1, A-2". */
static void put_cell(FILE *out, const struct conf *c)
{
	char *text = NULL;
	size_t n = 0;
	FILE *list;

	if (!c || c->kind == CONF_SCALAR) {
		csv_put(out, c ? c->text : NULL);
		return;
	}
	list = open_memstream(&text, &n);
	if (!list)
		return;
	for (size_t i = 0; i < c->n; i++)
		fprintf(list, "%s%s", i ? ", " : "", c->item[i]->text);
	fclose(list);
	csv_put(out, text);
	free_ptr(&text);
}

/* ---- IXIT ---- */
/* The names the columns have: those of the file's edition, or of both. */
static size_t columns(const struct ixit_table *t, const char *ts, const char *ret[static 40])
{
	size_t n = 0;

	for (const struct ixit_field *f = t->fields; f->name[0] || f->name[1]; f++)
		for (int e = 0; e < EDITION_COUNT; e++) {
			bool again = e && f->name[0] && f->name[1] && !strcmp(f->name[0], f->name[1]) && !*ts;

			if (f->name[e] && !again && (!*ts || !strcmp(ts, edition_ts[e])))
				ret[n++] = f->name[e];
		}
	return n;
}

static bool export_table(const struct conf *key, const struct conf *rows, const char *ts, const char *dir, struct err *err)
{
	const struct ixit_table *t = ixit_find(key->text);
	const char *column[40];
	char name[64];
	struct file f;
	size_t n;

	if (!t)
		return true;                    /* edition */
	n = columns(t, ts, column);
	snprintf(name, sizeof(name), "%02u-%s.csv", t->number, key->text);
	if (!file_open(&f, dir, name, err))
		return false;
	csv_put(f.out, "ID");
	for (size_t i = 0; i < n; i++) {
		fputc(',', f.out);
		csv_put(f.out, column[i]);
	}
	end_row(f.out);
	for (size_t r = 0; r < rows->n; r++) {
		csv_put(f.out, text_at(rows->item[r], "ID"));
		for (size_t i = 0; i < n; i++) {
			fputc(',', f.out);
			put_cell(f.out, conf_get(rows->item[r], column[i]));
		}
		end_row(f.out);
	}
	return file_close(&f, err);
}

static bool export_edition(const char *ts, const char *dir, struct err *err)
{
	struct file f;

	if (!*ts)
		return true;
	if (!file_open(&f, dir, "00-edition.csv", err))
		return false;
	fprintf(f.out, "Edition\r\n%s\r\n", ts);
	return file_close(&f, err);
}

/* ---- ICS ---- */
static bool export_lines(int e, const struct mapping *m, const struct conf *ics, const char *dir, struct err *err)
{
	static const char *const key[] = { "support", "detail", "evidence" };
	char name[64], status[120];
	struct file f;

	snprintf(name, sizeof(name), "ics-%s.csv", edition_name[e]);
	if (!file_open(&f, dir, name, err))
		return false;
	fputs("Reference,Status,Support,Detail,Evidence\r\n", f.out);
	for (size_t i = 0; i < m->n; i++) {
		csv_put(f.out, m->line[i].id);
		fputc(',', f.out);
		csv_put(f.out, mapping_status(&m->line[i], status, sizeof(status)));
		for (size_t k = 0; k < 3; k++) {
			fputc(',', f.out);
			csv_put(f.out, text_at(conf_get(ics, m->line[i].id), key[k]));
		}
		end_row(f.out);
	}
	return file_close(&f, err);
}

bool declare_export(const struct conf *device, const struct editions *e, const char *dir, struct err *err)
{
	const struct conf *ixit = conf_get(device, "ixit"), *ics = conf_get(device, "ics");
	const char *ts = text_at(ixit, "edition");

	if (!fs_mkdirs(dir, err) || !export_edition(ts ? ts : "", dir, err))
		return false;
	for (size_t i = 0; ixit && i < ixit->n; i++)
		if (!export_table(ixit->key[i], ixit->item[i], ts ? ts : "", dir, err))
			return false;
	for (int i = 0; i < EDITION_COUNT; i++)
		if (e->of[i] && conf_get(ics, edition_name[i]) && !export_lines(i, e->of[i], conf_get(ics, edition_name[i]), dir, err))
			return false;
	return true;
}
