// SPDX-License-Identifier: Apache-2.0
/* One table for spreadsheets: a row for each requirement, then each test, then each evidence record. RFC 4180 with CR LF;
 * UTF-8 with a byte order mark, because the common spreadsheet takes a table without one for a legacy code page and breaks
 * every Japanese title.
 *
 * A cell that a spreadsheet would compute (it begins with = + - @, a tab or a line end) gets an apostrophe in front, which
 * spreadsheets show as plain text; so does a cell that begins with an apostrophe, so that reading back is unambiguous. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/csv.h"
#include "harness/report.h"
#include "reports/read/read.h"
#include "reports/read/shown.h"

#define CELL 4000                       /* bytes; spreadsheets stop at 32767 characters */
#define LIST 8000

static void cell(FILE *out, const char *text, size_t max, char end)
{
	CLEANUP(free_ptr) char *safe = shown_text(text, max);
	CLEANUP(free_ptr) char *guarded = NULL;

	if (*safe && strchr("=+-@\t\r'", *safe) && asprintf(&guarded, "'%s", safe) < 0)
		abort();
	if (*safe)
		csv_put(out, guarded ? guarded : safe);
	fputs(end == ',' ? "," : "\r\n", out);
}

static void put(FILE *out, const char *text) { cell(out, text, CELL, ','); }

/* ---- lists in a cell: "a; b; c" ---- */
struct list { char *text; size_t n; FILE *out; };

static void list_open(struct list *l) { l->out = open_memstream(&l->text, &l->n); if (!l->out) abort(); }

static void list_add(struct list *l, const char *text)
{
	fprintf(l->out, "%s%s", ftell(l->out) ? "; " : "", text);
}

static void list_put(struct list *l, FILE *out)
{
	fclose(l->out);
	cell(out, l->text, LIST, ',');
	free(l->text);
}

static void texts(FILE *out, const json_t *of)
{
	struct list l;

	list_open(&l);
	for (size_t i = 0; i < json_array_size(of); i++)
		if (json_is_string(json_array_get(of, i)))
			list_add(&l, json_string_value(json_array_get(of, i)));
	list_put(&l, out);
}

/* "recover 60 s (declared device.yaml:9:5); retry 5 min (default suites/G09-outages.yaml:12:5)" */
static void limits(FILE *out, const json_t *t)
{
	const json_t *all = json_object_get(t, "limits");
	struct list l;
	char text[700];

	list_open(&l);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *one = json_array_get(all, i);

		snprintf(text, sizeof(text), "%.200s %.300s (%.40s %.100s)", get_text(one, "name"), get_text(one, "text"), get_text(one, "origin"),
			 get_text(one, "source"));
		list_add(&l, text);
	}
	list_put(&l, out);
}

/* Of every claim that did not simply hold; of a test that passed, of every one. */
static void evidence(FILE *out, const json_t *t)
{
	const json_t *claims = json_object_get(t, "claims");
	CLEANUP(free_json) json_t *known = json_object();
	struct list l;
	char text[600];

	list_open(&l);
	for (size_t i = 0; i < json_array_size(claims); i++) {
		const json_t *c = json_array_get(claims, i), *at = json_object_get(c, "at");

		if (verdict_of(t, "verdict") != VERDICT_PASS && !strcmp(get_text(c, "truth"), "true"))
			continue;
		for (size_t k = 0; k < json_array_size(at); k++) {
			pointer_text(json_array_get(at, k), text, sizeof(text));
			if (json_object_get(known, text))
				continue;
			json_object_set_new(known, text, json_true());
			list_add(&l, text);
		}
	}
	list_put(&l, out);
}

static void waiver(FILE *out, const json_t *v, const char *id)
{
	const json_t *w = waiver_of(v, id);
	CLEANUP(free_json) json_t *text = w ? json_sprintf("%s %s by %s: %s", is_on(w, "expired") ? "expired" : "until", get_text(w, "until"),
							   get_text(w, "who"), get_text(w, "why")) : NULL;

	put(out, text ? json_string_value(text) : "");
}

/* "round 1 PASS; round 2 FAIL; unit 1 PASS" */
static void rounds(FILE *out, const json_t *t)
{
	const json_t *units = json_object_get(t, "units"), *each = json_object_get(t, "round_verdicts");
	struct list l;
	char text[300];

	list_open(&l);
	for (size_t i = 0; i < json_array_size(each); i++)
		if (json_is_string(json_array_get(each, i))) {
			snprintf(text, sizeof(text), "round %zu %.100s", i + 1, json_string_value(json_array_get(each, i)));
			list_add(&l, text);
		}
	for (size_t i = 0; i < json_array_size(units); i++) {
		const json_t *u = json_array_get(units, i);

		snprintf(text, sizeof(text), "unit %lld %s", (long long)get_int(u, "unit"), verdict_name(verdict_of(u, "verdict")));
		list_add(&l, text);
	}
	list_put(&l, out);
}

/* ---- rows ---- */
static const char *const head[] = {
	"row", "id", "guideline", "title_en", "title_ja", "class", "force", "verdict", "why", "decides", "supports", "decided_by", "supported_by",
	"records", "limits", "rests_on_default", "evidence", "rounds_and_units", "grade", "grade_why", "waiver", "reproduce"
};

static void row(FILE *out, const json_t *v, const char *kind, const char *title, const json_t *t)
{
	const json_t *name = json_object_get(t, title), *decides = json_object_get(t, !strcmp(kind, "record") ? "serves" : "decides");

	put(out, kind);
	put(out, get_text(t, "id"));
	put(out, get_text(t, "guideline"));
	put(out, get_text(name, "en"));
	put(out, get_text(name, "ja"));
	put(out, get_text(t, "class"));
	put(out, get_text(t, "force"));
	put(out, verdict_name(verdict_of(t, "verdict")));
	put(out, get_text(t, "why"));
	texts(out, decides);
	texts(out, json_object_get(t, "supports"));
	texts(out, json_object_get(t, "decided_by"));
	texts(out, json_object_get(t, "supported_by"));
	texts(out, json_object_get(t, "records"));
	limits(out, t);
	if (json_is_array(json_object_get(t, "on_default")))
		texts(out, json_object_get(t, "on_default"));
	else
		put(out, is_on(t, "on_default") ? "yes" : "");
	evidence(out, t);
	rounds(out, t);
	put(out, get_text(t, "grade"));
	put(out, get_text(t, "grade_why"));
	waiver(out, v, get_text(t, "id"));
	cell(out, get_text(t, "reproduce"), CELL, '\n');
}

static bool write_csv(const struct result *r, FILE *out, struct err *err)
{
	static const struct { const char *list, *kind, *title; } part[] = {
		{ "requirements", "requirement", "text" }, { "tests", "test", "title" }, { "records", "record", "title" }
	};

	fputs("\xef\xbb\xbf", out);
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		cell(out, head[i], CELL, i + 1 < sizeof(head) / sizeof(head[0]) ? ',' : '\n');
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		for (size_t k = 0; k < count_of(r->verdicts, part[i].list); k++)
			row(out, r->verdicts, part[i].kind, part[i].title, json_array_get(json_object_get(r->verdicts, part[i].list), k));
	return !ferror(out) || err_sys(err, "report.csv");
}

const struct report report_csv = {
	.name = "csv",
	.file = "report.csv",
	.doc = "a row for each requirement, test and record, for spreadsheets",
	.write = write_csv,
};
