/* SPDX-License-Identifier: Apache-2.0
 * Evidence: one for every test that was run and every record, with the places its claims point to. */
#include <inttypes.h>
#include <string.h>

#include "reports/cyclonedx/bom.h"

/* A name with a text or a file behind it. */
static void text_data(json_t *e, const char *name, const char *text)
{
	json_t *a = json_pack("{s:s}", "contentType", "text/plain");

	fit_put(a, "content", text);
	if (json_object_get(a, "content"))
		bom_add(e, "data", json_pack("{s:s,s:{s:o}}", "name", name, "contents", "attachment", a));
	else
		json_decref(a);
}

static void file_data(struct bom *b, json_t *e, const struct cite *c, const char *what)
{
	json_t *d = json_pack("{s:{s:s}}", "contents", "url", c->href);
	char text[FIT_LINE];

	fit_putf(d, "name", "%.500s%s%s; %.690s", fit_line(what, text), *c->sha256 ? "; SHA-256 " : "; in no seal", c->sha256, c->place);
	bom_add(e, "data", d);
	b->evidence++;
}

static void claim(struct bom *b, json_t *e, const json_t *c)
{
	const json_t *at = json_object_get(c, "at");
	char what[FIT_LINE * 3], text[FIT_LINE], expected[FIT_LINE], actual[FIT_LINE], rep[FIT_LINE];
	size_t shown = 0;

	fit_line(get_text(c, "rep"), rep);
	snprintf(what, sizeof(what), "%.20s%s%.150s: %.300s; expected %.150s; saw %.300s; %.20s", get_text(c, "part"), *rep ? " " : "", rep,
		 fit_line(get_text(c, "text"), text), fit_line(get_text(c, "expected"), expected), fit_line(get_text(c, "actual"), actual),
		 get_text(c, "truth"));
	for (size_t i = 0; i < json_array_size(at) && shown < CITE_POINTERS; i++) {
		struct cite cite;

		if (cite_pointer(b->run, b->sealed, json_array_get(at, i), &cite)) {
			file_data(b, e, &cite, shown ? get_text(c, "text") : what);
			shown++;
		}
	}
	if (!shown) {
		text_data(e, "claim without a place", what);
		b->evidence++;
	}
}

static void claims(struct bom *b, json_t *e, const json_t *t)
{
	const json_t *chosen[CITE_CLAIMS];
	size_t n = cite_claims(t, chosen), i;
	char left[60];

	for (i = 0; i < n && b->evidence < BOM_EVIDENCE; i++)
		claim(b, e, chosen[i]);
	if (json_array_size(json_object_get(t, "claims")) > i) {
		snprintf(left, sizeof(left), "%zu", json_array_size(json_object_get(t, "claims")) - i);
		text_data(e, "claims left out", left);
	}
}

static void decision(struct bom *b, json_t *e, const json_t *d)
{
	const json_t *files = json_object_get(d, "files");
	char time[FIT_TIME], text[FIT_LINE * 2], reason[FIT_LINE];
	json_t *who = bom_contact(get_text(d, "reviewer"));

	if (who)
		json_object_set_new(e, "reviewer", who);
	if (!json_is_object(d))
		return;
	snprintf(text, sizeof(text), "%.40s%s: %s", get_text(d, "decide"), is_on(d, "expired") ? " (expired)" : "",
		 fit_line(get_text(d, "reason"), reason));
	text_data(e, "decision", text);
	text_data(e, "decision entry", get_text(d, "entry"));
	if (*fit_time(get_text(d, "expires"), time))
		json_object_set_new(e, "expires", json_string(time));
	for (size_t i = 0; i < fit_few(files) && b->evidence < BOM_EVIDENCE; i++) {
		struct cite cite;

		if (cite_path(b->run, b->sealed, get_text(json_array_get(files, i), "path"), &cite))
			file_data(b, e, &cite, get_text(json_array_get(files, i), "name"));
	}
}

static json_t *piece(struct bom *b, json_t *known, const char *kind, const json_t *from)
{
	enum verdict v = verdict_of(from, "verdict");
	json_t *e = json_pack("{s:o}", "bom-ref", bom_ref(b, kind, get_text(from, "id")));
	char why[FIT_LINE];

	if (!json_object_get(known, get_text(from, "id")))
		json_object_set(known, get_text(from, "id"), json_object_get(e, "bom-ref"));
	json_object_set_new(b->said, get_text(e, "bom-ref"), json_string(verdict_name(v)));
	fit_putf(e, "propertyName", "jusan:%s", kind);
	fit_putf(e, "description", "%.100s %.300s: %s: %.700s", get_text(from, "id"), get_text(json_object_get(from, "title"), "en"), verdict_name(v),
		 fit_line(get_text(from, "why"), why));
	text_data(e, "id", get_text(from, "id"));
	text_data(e, "verdict", verdict_name(v));
	text_data(e, "grade", get_text(from, "grade"));
	text_data(e, "grade: what is missing", get_text(from, "grade_why"));
	return e;
}

static json_t *test(struct bom *b, const json_t *t)
{
	json_t *e = piece(b, b->test, "test", t);
	const json_t *limits = json_object_get(t, "limits");
	char stamp[READ_STAMP], time[FIT_TIME], text[FIT_LINE * 2], name[FIT_LINE], value[FIT_LINE];

	for (size_t i = 0; i < fit_few(limits); i++) {
		const json_t *l = json_array_get(limits, i);

		snprintf(text, sizeof(text), "%.300s = %.500s (%.20s)", fit_line(get_text(l, "name"), name), fit_line(get_text(l, "text"), value),
			 get_text(l, "origin"));
		text_data(e, "limit", text);
	}
	text_data(e, "reproduce", get_text(t, "reproduce"));
	if (*fit_time(stamp_text(b->run, get_ns(t, "end_ns", 0), stamp), time) || *fit_run_time(b->run, "ended", time))
		json_object_set_new(e, "created", json_string(time));
	claims(b, e, t);
	decision(b, e, json_object_get(t, "decision"));
	return e;
}

static json_t *record(struct bom *b, const json_t *r)
{
	json_t *e = piece(b, b->record, "record", r);
	char time[FIT_TIME];

	if (*fit_time(get_text(json_object_get(r, "decision"), "date"), time))
		json_object_set_new(e, "created", json_string(time));
	decision(b, e, json_object_get(r, "decision"));
	return e;
}

json_t *bom_evidence(struct bom *b)
{
	const json_t *tests = json_object_get(b->v, "tests"), *records = json_object_get(b->v, "records");
	json_t *ret = json_array();

	for (size_t i = 0; i < fit_count(tests); i++)
		if (verdict_of(json_array_get(tests, i), "verdict") != VERDICT_NOT_TESTED)
			json_array_append_new(ret, test(b, json_array_get(tests, i)));
	for (size_t i = 0; i < fit_count(records); i++)
		json_array_append_new(ret, record(b, json_array_get(records, i)));
	return ret;
}
