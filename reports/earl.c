// SPDX-License-Identifier: Apache-2.0
/* EARL 1.0 as JSON-LD: an assertion for every test, record and requirement. EARL has one word, cantTell, for what jusan keeps
 * apart as REVIEW, INCONCLUSIVE and ERROR; the verdict itself stands beside it. The context is part of the document: nothing
 * is fetched to read it. */
#include <inttypes.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/report.h"
#include "harness/version.h"
#include "reports/read/cite.h"
#include "reports/read/fit.h"
#include "reports/read/read.h"

#define NODE 160
#define POINTERS 20000          /* in one document */

static const char context[] =
	"{\"earl\":\"http://www.w3.org/ns/earl#\",\"dct\":\"http://purl.org/dc/terms/\",\"doap\":\"http://usefulinc.com/ns/doap#\","
	"\"foaf\":\"http://xmlns.com/foaf/0.1/\",\"xsd\":\"http://www.w3.org/2001/XMLSchema#\",\"jusan\":\"urn:jusan:ns:earl#\","
	"\"assertedBy\":{\"@id\":\"earl:assertedBy\",\"@type\":\"@id\"},\"subject\":{\"@id\":\"earl:subject\",\"@type\":\"@id\"},"
	"\"test\":{\"@id\":\"earl:test\",\"@type\":\"@id\"},\"mode\":{\"@id\":\"earl:mode\",\"@type\":\"@id\"},"
	"\"result\":\"earl:result\",\"outcome\":{\"@id\":\"earl:outcome\",\"@type\":\"@id\"},\"info\":\"earl:info\",\"pointer\":\"earl:pointer\","
	"\"title\":\"dct:title\",\"description\":\"dct:description\",\"identifier\":\"dct:identifier\",\"isPartOf\":{\"@id\":\"dct:isPartOf\","
	"\"@type\":\"@id\"},\"hasVersion\":\"dct:hasVersion\",\"date\":{\"@id\":\"dct:date\",\"@type\":\"xsd:dateTime\"},"
	"\"file\":{\"@id\":\"jusan:file\",\"@type\":\"@id\"},\"waives\":{\"@id\":\"jusan:waives\",\"@type\":\"@id\"},"
	"\"basedOn\":{\"@id\":\"jusan:basedOn\",\"@type\":\"@id\"},\"by\":{\"@id\":\"jusan:by\",\"@type\":\"@id\"},"
	"\"until\":{\"@id\":\"jusan:until\",\"@type\":\"xsd:dateTime\"},\"roundVerdicts\":{\"@id\":\"jusan:roundVerdicts\",\"@container\":\"@list\"}}";

struct earl { const json_t *v, *run; json_t *sealed, *graph, *about; size_t pointers; char subject[NODE], tool[NODE]; };

static const char *const outcome[VERDICT_COUNT] = {
	[VERDICT_PASS] = "earl:passed", [VERDICT_FAIL] = "earl:failed", [VERDICT_NOT_APPLICABLE] = "earl:inapplicable",
	[VERDICT_NOT_TESTED] = "earl:untested", [VERDICT_INCONCLUSIVE] = "earl:cantTell", [VERDICT_REVIEW] = "earl:cantTell",
	[VERDICT_ERROR] = "earl:cantTell",
};

/* ---- nodes ---- */

static void add(json_t *o, const char *key, json_t *value)
{
	json_t *l = json_object_get(o, key);

	if (!l) {
		l = json_array();
		json_object_set_new(o, key, l);
	}
	json_array_append_new(l, value);
}

/* Of what belongs to this run; what belongs to the Code is named by its id. */
static const char *run_node(const struct earl *e, const char *kind, size_t i, const char *id, char ret[static NODE])
{
	CLEANUP(free_json) json_t *name = json_sprintf("earl\n%s\n%s\n%zu\n%s", get_text(e->run, "id"), kind, i, id);
	char uuid[READ_UUID];

	snprintf(ret, NODE, "urn:uuid:%s", uuid_text(name ? json_string_value(name) : kind, uuid));
	return ret;
}

static const char *code_node(const char *kind, const char *id, char ret[static NODE])
{
	char token[FIT_TOKEN];

	snprintf(ret, NODE, "urn:jusan:%s:%s", kind, fit_token(id, token));
	return ret;
}

static void text_in(json_t *o, const char *key, const char *text, const char *language)
{
	char line[FIT_LINE];

	if (*fit_line(text, line))
		add(o, key, json_pack("{s:s,s:s}", "@value", line, "@language", language));
}

static json_t *node(struct earl *e, const char *id, const char *type)
{
	json_t *n = json_pack("{s:s,s:s}", "@id", id, "@type", type);

	json_array_append(e->graph, n);
	json_decref(n);
	return n;                       /* the graph holds it */
}

/* ---- who, what ---- */

static void software_and_device(struct earl *e)
{
	static const char *const known[] = { "maker", "model", "hardware", "firmware", "firmware_sha256", "serial", NULL };
	json_t *n;

	run_node(e, "subject", 0, "", e->subject);
	snprintf(e->tool, sizeof(e->tool), "urn:jusan:software:" JUSAN_VERSION);
	n = node(e, e->tool, "earl:Software");
	fit_put(n, "title", "jusan");
	fit_put(n, "hasVersion", JUSAN_VERSION);
	n = node(e, e->subject, "earl:TestSubject");
	fit_put(n, "title", *get_text(e->run, "product") ? get_text(e->run, "product") : get_text(e->run, "model"));
	for (const char *const *k = known; *k; k++) {
		char key[40];

		snprintf(key, sizeof(key), "jusan:%s", *k);
		fit_put(n, key, get_text(e->run, *k));
	}
	fit_put(n, "jusan:run", get_text(e->run, "id"));
	fit_put(n, "jusan:bench", get_text(e->run, "bench"));
	fit_put(n, "jusan:profile", get_text(e->run, "profile"));
	fit_put(n, "jusan:gate", get_text(json_object_get(e->v, "gate"), "verdict"));
}

static const char *unit_node(struct earl *e, int64_t unit, const char *serial, char ret[static NODE])
{
	char key[40];
	json_t *n;

	snprintf(key, sizeof(key), "%" PRId64, unit);
	run_node(e, "unit", 0, key, ret);
	if (json_object_get(e->about, ret))
		return ret;
	json_object_set_new(e->about, ret, json_true());
	n = node(e, ret, "earl:TestSubject");
	json_object_set_new(n, "isPartOf", json_string(e->subject));
	json_object_set_new(n, "jusan:unit", json_integer(unit));
	fit_put(n, "jusan:serial", serial);
	return ret;
}

/* A guideline, requirement, test or record, once. */
static json_t *about(struct earl *e, const char *kind, const char *type, const json_t *from, const char *title, char id[static NODE])
{
	json_t *n;

	code_node(kind, get_text(from, "id"), id);
	if (json_object_get(e->about, id))
		return NULL;
	json_object_set_new(e->about, id, json_true());
	n = node(e, id, type);
	fit_put(n, "identifier", get_text(from, "id"));
	text_in(n, "title", get_text(json_object_get(from, title), "en"), "en");
	text_in(n, "title", get_text(json_object_get(from, title), "ja"), "ja");
	return n;
}

static void part_of(json_t *n, const char *kind, const json_t *ids)
{
	char id[NODE];

	for (size_t i = 0; n && i < fit_few(ids); i++)
		if (json_is_string(json_array_get(ids, i)))
			add(n, "isPartOf", json_string(code_node(kind, json_string_value(json_array_get(ids, i)), id)));
}

/* ---- results ---- */

static void pointer(struct earl *e, json_t *result, const json_t *at, const json_t *claim)
{
	struct cite cite;
	json_t *p;

	if (e->pointers >= POINTERS || !cite_pointer(e->run, e->sealed, at, &cite))
		return;
	e->pointers++;
	p = json_pack("{s:s,s:s,s:s}", "@type", "jusan:Place", "file", cite.href, "identifier", cite.place);
	fit_put(p, "jusan:sha256", cite.sha256);
	fit_put(p, "description", get_text(claim, "text"));
	fit_put(p, "jusan:expected", get_text(claim, "expected"));
	fit_put(p, "jusan:actual", get_text(claim, "actual"));
	fit_put(p, "jusan:truth", get_text(claim, "truth"));
	add(result, "pointer", p);
}

static void pointers(struct earl *e, json_t *result, const json_t *t)
{
	const json_t *chosen[CITE_CLAIMS];
	size_t n = cite_claims(t, chosen);

	for (size_t i = 0; i < n; i++) {
		const json_t *at = json_object_get(chosen[i], "at");

		for (size_t k = 0; k < json_array_size(at) && k < CITE_POINTERS; k++)
			pointer(e, result, json_array_get(at, k), chosen[i]);
	}
	if (json_array_size(json_object_get(t, "claims")) > n)
		json_object_set_new(result, "jusan:claimsLeftOut", json_integer((json_int_t)(json_array_size(json_object_get(t, "claims")) - n)));
}

static json_t *result_of(enum verdict v, const json_t *from, const char *date)
{
	json_t *r = json_pack("{s:s,s:s,s:s}", "@type", "earl:TestResult", "outcome", outcome[v], "jusan:verdict", verdict_name(v));

	fit_put(r, "info", get_text(from, "why"));
	fit_put(r, "jusan:grade", get_text(from, "grade"));
	fit_put(r, "jusan:gradeWhy", get_text(from, "grade_why"));
	if (*date)
		json_object_set_new(r, "date", json_string(date));
	return r;
}

static json_t *assertion(struct earl *e, const char *kind, size_t i, const char *id, const char *test, const char *subject, const char *mode)
{
	char name[NODE];
	json_t *a = node(e, run_node(e, kind, i, id, name), "earl:Assertion");

	json_object_set_new(a, "assertedBy", json_string(e->tool));
	json_object_set_new(a, "subject", json_string(subject));
	json_object_set_new(a, "test", json_string(test));
	json_object_set_new(a, "mode", json_string(mode));
	return a;
}

/* A person acted, or decided, inside of a test that the bench ran. */
static const char *test_mode(const json_t *t)
{
	const json_t *steps = json_object_get(t, "steps");

	if (is_on(t, "used") || verdict_of(t, "verdict") == VERDICT_REVIEW)
		return "earl:semiAuto";
	for (size_t i = 0; i < fit_count(steps); i++)
		if (!strncmp(get_text(json_array_get(steps, i), "verb"), "operator.", 9))
			return "earl:semiAuto";
	return "earl:automatic";
}

static void several(struct earl *e, json_t *result, const json_t *t, const char *test, size_t i)
{
	const json_t *rounds = json_object_get(t, "round_verdicts"), *units = json_object_get(t, "units");
	char subject[NODE], key[40];

	if (json_is_array(rounds)) {
		json_object_set_new(result, "jusan:rounds", json_integer(get_int(t, "rounds")));
		json_object_set_new(result, "jusan:flakyPpm", json_integer(get_int(t, "flaky")));
	}
	for (size_t k = 0; k < fit_few(rounds); k++)
		add(result, "roundVerdicts", json_string(verdict_name(verdict_word(
			json_string_value(json_array_get(rounds, k)) ? json_string_value(json_array_get(rounds, k)) : ""))));
	for (size_t k = 0; k < fit_few(units); k++) {
		const json_t *u = json_array_get(units, k);
		json_t *a;

		unit_node(e, get_int(u, "unit"), get_text(u, "serial"), subject);
		snprintf(key, sizeof(key), "%zu", k);
		a = assertion(e, "test unit", i, key, test, subject, test_mode(t));
		json_object_set_new(a, "result", result_of(verdict_of(u, "verdict"), u, ""));
	}
}

static void decision(json_t *result, const json_t *d)
{
	char text[FIT_LINE * 3], who[FIT_LINE], why[FIT_LINE];

	if (!json_is_object(d))
		return;
	snprintf(text, sizeof(text), "%.40s%s by %.300s on %.20s: %.700s", get_text(d, "decide"), is_on(d, "expired") ? " (expired)" : "",
		 fit_line(get_text(d, "reviewer"), who), get_text(d, "date"), fit_line(get_text(d, "reason"), why));
	fit_put(result, "jusan:decision", text);
}

static void test(struct earl *e, const json_t *t, size_t i)
{
	char id[NODE], guideline[NODE], stamp[READ_STAMP], time[FIT_TIME];
	json_t *n = about(e, "test", "earl:TestCase", t, "title", id), *a, *result;

	if (n)
		add(n, "isPartOf", json_string(code_node("guideline", get_text(t, "guideline"), guideline)));
	part_of(n, "requirement", json_object_get(t, "decides"));
	part_of(n, "requirement", json_object_get(t, "supports"));
	a = assertion(e, "test", i, get_text(t, "id"), id, e->subject, test_mode(t));
	result = result_of(verdict_of(t, "verdict"), t, fit_time(stamp_text(e->run, get_ns(t, "end_ns", 0), stamp), time));
	json_object_set_new(a, "result", result);
	fit_put(result, "jusan:reproduce", get_text(t, "reproduce"));
	decision(result, json_object_get(t, "decision"));
	pointers(e, result, t);
	several(e, result, t, id, i);
}

static void record(struct earl *e, const json_t *r, size_t i)
{
	const json_t *d = json_object_get(r, "decision");
	char id[NODE], time[FIT_TIME];
	json_t *n = about(e, "record", "earl:TestCase", r, "title", id), *a, *result;

	part_of(n, "requirement", json_object_get(r, "serves"));
	a = assertion(e, "record", i, get_text(r, "id"), id, e->subject, "earl:manual");
	result = result_of(verdict_of(r, "verdict"), r, fit_time(get_text(d, "date"), time));
	json_object_set_new(a, "result", result);
	decision(result, d);
}

/* How a requirement was judged: by the bench, by people, by both. */
static const char *requirement_mode(const json_t *q)
{
	bool tests = count_of(q, "decided_by") > 0, records = count_of(q, "records") > 0;

	return records && !tests ? "earl:manual" : records || verdict_of(q, "verdict") == VERDICT_REVIEW ? "earl:semiAuto" : "earl:automatic";
}

static void requirement(struct earl *e, const json_t *q, size_t i, const json_t *asserted)
{
	static const char *const lists[] = { "decided_by", "supported_by", "records", NULL };
	char id[NODE], time[FIT_TIME];
	json_t *n = about(e, "requirement", "earl:TestRequirement", q, "text", id), *a;

	if (n) {
		char guideline[NODE];

		add(n, "isPartOf", json_string(code_node("guideline", get_text(q, "guideline"), guideline)));
		fit_put(n, "jusan:force", get_text(q, "force"));
		fit_put(n, "jusan:class", get_text(q, "class"));
		text_in(n, "jusan:phrase", get_text(q, "phrase"), "ja");
	}
	a = assertion(e, "requirement", i, get_text(q, "id"), id, e->subject, requirement_mode(q));
	json_object_set_new(a, "result", result_of(verdict_of(q, "verdict"), q, fit_run_time(e->run, "ended", time)));
	for (const char *const *l = lists; *l; l++)
		for (size_t k = 0; k < fit_few(json_object_get(q, *l)); k++) {
			const char *one = json_string_value(json_array_get(json_object_get(q, *l), k));

			if (one && *get_text(asserted, one))
				add(a, "basedOn", json_string(get_text(asserted, one)));
		}
}

/* ---- waivers, everything ---- */

static void waiver(struct earl *e, const json_t *w, size_t i)
{
	const char *id = get_text(w, "id");
	char name[NODE], what[NODE], time[FIT_TIME];
	json_t *n = node(e, run_node(e, "waiver", i, id, name), "jusan:Waiver");

	code_node("requirement", id, what);
	if (!json_object_get(e->about, what))
		code_node("test", id, what);
	json_object_set_new(n, "waives", json_string(what));
	fit_put(n, "identifier", id);
	fit_put(n, "jusan:who", get_text(w, "who"));
	fit_put(n, "description", get_text(w, "why"));
	if (*fit_time(get_text(w, "until"), time))
		json_object_set_new(n, "until", json_string(time));
	json_object_set_new(n, "jusan:expired", json_boolean(is_on(w, "expired")));
}

static void note_asserted(const struct earl *e, json_t *to, const char *kind, const char *list)
{
	const json_t *l = json_object_get(e->v, list);
	char name[NODE];

	for (size_t i = 0; i < fit_count(l); i++) {
		const char *id = get_text(json_array_get(l, i), "id");

		if (*id && !json_object_get(to, id))
			json_object_set_new(to, id, json_string(run_node(e, kind, i, id, name)));
	}
}

static void everything(struct earl *e)
{
	CLEANUP(free_json) json_t *asserted = json_object();
	const json_t *guidelines = json_object_get(e->v, "guidelines"), *tests = json_object_get(e->v, "tests");
	const json_t *records = json_object_get(e->v, "records"), *requirements = json_object_get(e->v, "requirements");
	const json_t *waivers = json_object_get(e->v, "waivers");
	char id[NODE];

	note_asserted(e, asserted, "test", "tests");
	note_asserted(e, asserted, "record", "records");
	software_and_device(e);
	for (size_t i = 0; i < fit_count(guidelines); i++)
		(void)about(e, "guideline", "earl:TestRequirement", json_array_get(guidelines, i), "title", id);
	for (size_t i = 0; i < fit_count(requirements); i++)
		requirement(e, json_array_get(requirements, i), i, asserted);
	for (size_t i = 0; i < fit_count(tests); i++)
		test(e, json_array_get(tests, i), i);
	for (size_t i = 0; i < fit_count(records); i++)
		record(e, json_array_get(records, i), i);
	for (size_t i = 0; i < fit_count(waivers); i++)
		waiver(e, json_array_get(waivers, i), i);
	if (json_array_size(tests) > FIT_LIST || json_array_size(requirements) > FIT_LIST)
		json_object_set_new(node(e, e->tool, "earl:Software"), "jusan:leftOut", json_true());
}

static bool write_earl(const struct result *r, FILE *out, struct err *err)
{
	struct earl e = { .v = r->verdicts, .run = json_object_get(r->verdicts, "run"), .sealed = sealed_files(r->dir), .graph = json_array(),
			  .about = json_object() };
	json_t *doc;

	everything(&e);
	doc = json_pack("{s:o,s:o}", "@context", json_loads(context, 0, NULL), "@graph", e.graph);
	json_dumpf(doc, out, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
	fputc('\n', out);
	json_decref(doc);
	json_decref(e.about);
	json_decref(e.sealed);
	return !ferror(out) || err_sys(err, "earl.jsonld");
}

const struct report report_earl = {
	.name = "earl",
	.file = "earl.jsonld",
	.doc = "W3C EARL 1.0 assertions as JSON-LD",
	.write = write_earl,
};
