/* SPDX-License-Identifier: Apache-2.0
 * Observations: one for every test that was run, every record, every requirement that waits for a person, and every
 * finding on the declaration. TEST is what the bench did, EXAMINE what people read or have yet to read. */
#include <inttypes.h>
#include <string.h>

#include "reports/oscal/results.h"

/* ---- evidence ---- */

static void claim_props(json_t *e, const json_t *c)
{
	static const char *const known[] = { "part", "rep", "expected", "actual", "truth", "verdict", "why", NULL };

	for (const char *const *k = known; *k; k++)
		oscal_prop(e, *k, get_text(c, *k), NULL, NULL);
}

static json_t *piece(struct oscal *o, const struct cite *cite, const char *text)
{
	json_t *e = json_object();
	char href[READ_UUID + 1];

	oscal_prose(e, "description", text, "evidence");
	if (cite) {
		json_object_set_new(e, "href", json_string(*oscal_resource(o, cite, href) ? href : cite->href));
		oscal_prop(e, "pointer", cite->place, NULL, NULL);
		oscal_prop(e, "sha256", cite->sha256, NULL, NULL);
	}
	o->evidence++;
	return e;
}

/* A claim: one piece for each place it points to; its words stand in the first. */
static void claim(struct oscal *o, json_t *to, const json_t *c)
{
	const json_t *at = json_object_get(c, "at");
	json_t *first = NULL;

	for (size_t i = 0; i < json_array_size(at) && i < CITE_POINTERS && o->evidence < OSCAL_EVIDENCE; i++) {
		struct cite cite;
		json_t *e;

		if (!cite_pointer(o->run, o->sealed, json_array_get(at, i), &cite))
			continue;
		e = piece(o, &cite, get_text(c, "text"));
		if (!first)
			first = e;
		oscal_add(to, "relevant-evidence", e);
	}
	if (!first) {
		first = piece(o, NULL, get_text(c, "text"));
		oscal_add(to, "relevant-evidence", first);
	}
	claim_props(first, c);
	if (json_array_size(at) > CITE_POINTERS)
		oscal_prop_int(first, "pointers-left-out", (int64_t)(json_array_size(at) - CITE_POINTERS));
}

static void claims(struct oscal *o, json_t *to, const json_t *t)
{
	const json_t *chosen[CITE_CLAIMS];
	size_t n = cite_claims(t, chosen), i;

	for (i = 0; i < n && o->evidence < OSCAL_EVIDENCE; i++)
		claim(o, to, chosen[i]);
	if (json_array_size(json_object_get(t, "claims")) > i)
		oscal_prop_int(to, "claims-left-out", (int64_t)(json_array_size(json_object_get(t, "claims")) - i));
}

static void documents(struct oscal *o, json_t *to, const json_t *decision)
{
	const json_t *files = json_object_get(decision, "files");

	for (size_t i = 0; i < fit_few(files) && o->evidence < OSCAL_EVIDENCE; i++) {
		const json_t *f = json_array_get(files, i);
		struct cite cite;
		json_t *e;

		if (!cite_path(o->run, o->sealed, get_text(f, "path"), &cite))
			continue;
		e = piece(o, &cite, get_text(f, "name"));
		oscal_prop(e, "sha256-when-decided", get_text(f, "sha256"), NULL, NULL);
		oscal_add(to, "relevant-evidence", e);
	}
}

/* ---- what every observation has ---- */

static json_t *observation(struct oscal *o, json_t *ids, const char *kind, size_t i, const char *id, const char *method)
{
	json_t *ob = json_object();
	char uuid[READ_UUID], time[FIT_TIME];

	json_object_set_new(ob, "uuid", json_string(oscal_uuid(o, kind, i, id, uuid)));
	oscal_add(ob, "methods", json_string(method));
	json_object_set_new(ob, "collected", json_string(fit_run_time(o->run, "ended", time)));
	if (ids && *id && !json_object_get(ids, id))
		json_object_set_new(ids, id, json_string(uuid));
	return ob;
}

static void titled(json_t *ob, const json_t *from, const char *verdict_key)
{
	enum verdict v = verdict_of(from, verdict_key);

	oscal_prosef(ob, "title", "%.200s %.900s", get_text(from, "id"), get_text(json_object_get(from, "title"), "en"));
	oscal_prose(ob, "description", get_text(from, "why"), verdict_doc(v));
	oscal_add(ob, "types", json_string("control-objective"));
	oscal_prop(ob, "verdict", verdict_name(v), NULL, verdict_doc(v));
	oscal_prop(ob, "grade", get_text(from, "grade"), NULL, get_text(from, "grade_why"));
}

/* A person's decision; collected then, good until it expires. */
static void decided(struct oscal *o, json_t *ob, const json_t *d)
{
	char time[FIT_TIME];

	if (!json_is_object(d))
		return;
	oscal_by_person(o, ob, get_text(d, "reviewer"));
	oscal_prop(ob, "decision", get_text(d, "decide"), is_on(d, "expired") ? "expired" : NULL, get_text(d, "reason"));
	oscal_prop(ob, "decision-entry", get_text(d, "entry"), NULL, NULL);
	oscal_prop(ob, "decision-seal", get_text(d, "seal"), NULL, NULL);
	oscal_prop(ob, "decision-signer-sha256", get_text(d, "signer"), NULL, NULL);
	if (*fit_time(get_text(d, "expires"), time))
		json_object_set_new(ob, "expires", json_string(time));
	documents(o, ob, d);
}

/* ---- tests ---- */

static void limits(json_t *ob, const json_t *t)
{
	const json_t *list = json_object_get(t, "limits");

	for (size_t i = 0; i < fit_few(list); i++) {
		const json_t *l = json_array_get(list, i);
		char text[FIT_LINE * 2], name[FIT_LINE], value[FIT_LINE];

		snprintf(text, sizeof(text), "%.500s = %.650s", fit_line(get_text(l, "name"), name), fit_line(get_text(l, "text"), value));
		oscal_prop(ob, "limit", text, get_text(l, "origin"), get_text(l, "source"));
	}
}

static void rounds_and_units(json_t *ob, const json_t *t)
{
	const json_t *units = json_object_get(t, "units"), *rounds = json_object_get(t, "round_verdicts");

	if (json_is_array(rounds)) {
		oscal_prop_int(ob, "rounds", get_int(t, "rounds"));
		oscal_prop_int(ob, "flaky-ppm", get_int(t, "flaky"));
	}
	for (size_t i = 0; i < fit_few(rounds); i++)
		oscal_prop(ob, "round-verdict", json_string_value(json_array_get(rounds, i)) ? json_string_value(json_array_get(rounds, i)) : "",
			   NULL, NULL);
	for (size_t i = 0; i < fit_few(units); i++) {
		const json_t *u = json_array_get(units, i);
		char class[40], text[FIT_LINE * 2], serial[FIT_LINE], why[FIT_LINE];

		snprintf(class, sizeof(class), "unit%" PRId64, get_int(u, "unit"));
		snprintf(text, sizeof(text), "%.300s %.850s", fit_line(get_text(u, "serial"), serial), fit_line(get_text(u, "why"), why));
		oscal_prop(ob, "unit-verdict", verdict_name(verdict_of(u, "verdict")), class, text);
	}
}

static void texts(json_t *ob, const char *name, const json_t *list)
{
	for (size_t i = 0; i < fit_few(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));

		oscal_prop(ob, name, one ? one : "", NULL, NULL);
	}
}

static void test(struct oscal *o, json_t *result, json_t *ids, const json_t *t, size_t i)
{
	enum verdict v = verdict_of(t, "verdict");
	json_t *ob = observation(o, ids, "test", i, get_text(t, "id"), v == VERDICT_REVIEW ? "EXAMINE" : "TEST");
	const json_t *d = json_object_get(t, "decision");
	char stamp[READ_STAMP], time[FIT_TIME];

	titled(ob, t, "verdict");
	oscal_prop(ob, "test", get_text(t, "id"), NULL, NULL);
	oscal_prop(ob, "state", get_text(t, "state"), NULL, NULL);
	oscal_prop_int(ob, "attempts", get_int(t, "attempts"));
	limits(ob, t);
	texts(ob, "on-default", json_object_get(t, "on_default"));
	texts(ob, "scope", json_object_get(t, "scope"));
	texts(ob, "observer", json_object_get(t, "observers"));
	rounds_and_units(ob, t);
	oscal_prop(ob, "reproduce", get_text(t, "reproduce"), NULL, NULL);
	oscal_waivers(o, ob, get_text(t, "id"));
	oscal_by_tool(o, ob);
	oscal_subject(o, ob, get_int(t, "unit"));
	if (*fit_time(stamp_text(o->run, get_ns(t, "end_ns", 0), stamp), time))
		json_object_set_new(ob, "collected", json_string(time));
	claims(o, ob, t);
	decided(o, ob, d);
	if (json_is_object(d) && v != VERDICT_REVIEW)
		oscal_add(ob, "methods", json_string("EXAMINE"));
	if (json_is_object(d) && !is_on(t, "used"))
		oscal_prop(ob, "decision-unused", *get_text(t, "unused") ? get_text(t, "unused") : "?", NULL, NULL);
	oscal_add(result, "observations", ob);
}

/* ---- records, requirements that wait, findings on the declaration ---- */

static void record(struct oscal *o, json_t *result, json_t *ids, const json_t *r, size_t i)
{
	const json_t *d = json_object_get(r, "decision");
	json_t *ob = observation(o, ids, "record", i, get_text(r, "id"), "EXAMINE");
	char time[FIT_TIME];

	titled(ob, r, "verdict");
	oscal_prop(ob, "record", get_text(r, "id"), NULL, get_text(json_object_get(r, "decides"), "en"));
	oscal_waivers(o, ob, get_text(r, "id"));
	oscal_subject(o, ob, -1);
	if (json_is_object(d) && *fit_time(get_text(d, "date"), time))
		json_object_set_new(ob, "collected", json_string(time));
	decided(o, ob, d);
	oscal_add(result, "observations", ob);
}

static void waits(struct oscal *o, json_t *result, json_t *ids, const json_t *r, size_t i)
{
	json_t *ob = observation(o, ids, "requirement", i, get_text(r, "id"), "EXAMINE");
	char control[FIT_TOKEN];

	oscal_prosef(ob, "title", "%.200s waits for a person", get_text(r, "id"));
	oscal_prose(ob, "description", get_text(r, "why"), verdict_doc(VERDICT_REVIEW));
	oscal_add(ob, "types", json_string("control-objective"));
	oscal_prop(ob, "verdict", verdict_name(VERDICT_REVIEW), NULL, "No finding is made until a person has decided.");
	oscal_prop(ob, "control", fit_token(get_text(r, "id"), control), NULL, get_text(r, "id"));
	oscal_prop(ob, "grade", get_text(r, "grade"), NULL, get_text(r, "grade_why"));
	texts(ob, "decided-by", json_object_get(r, "decided_by"));
	texts(ob, "record", json_object_get(r, "records"));
	oscal_waivers(o, ob, get_text(r, "id"));
	oscal_by_tool(o, ob);
	oscal_subject(o, ob, -1);
	oscal_add(result, "observations", ob);
}

static void on_document(struct oscal *o, json_t *result, const json_t *f, size_t i)
{
	json_t *ob = observation(o, NULL, "document", i, get_text(f, "kind"), "EXAMINE");
	struct cite cite;

	json_object_set_new(ob, "title", json_string("Finding on the declaration"));
	oscal_prose(ob, "description", get_text(f, "text"), "Finding on the declaration");
	oscal_add(ob, "types", json_string("ssp-statement-issue"));
	oscal_prop(ob, "kind", get_text(f, "kind"), NULL, NULL);
	oscal_prop(ob, "where", get_text(f, "where"), NULL, NULL);
	texts(ob, "line", json_object_get(f, "lines"));
	if (o->evidence < OSCAL_EVIDENCE && cite_pointer(o->run, o->sealed, json_object_get(f, "seen"), &cite))
		oscal_add(ob, "relevant-evidence", piece(o, &cite, "what the bench saw"));
	oscal_by_tool(o, ob);
	oscal_add(result, "observations", ob);
}

/* What was not run observed nothing: it stands among the properties of the result. */
static void not_run(const struct oscal *o, json_t *result, const json_t *t)
{
	char name[40];

	snprintf(name, sizeof(name), "test-%s", verdict_of(t, "verdict") == VERDICT_NOT_TESTED ? "not-tested" : "not-applicable");
	oscal_prop(result, name, *get_text(t, "id") ? get_text(t, "id") : "?", NULL, get_text(t, "why"));
	oscal_waivers(o, result, get_text(t, "id"));
}

void oscal_observations(struct oscal *o, json_t *result, json_t *ids)
{
	const json_t *tests = json_object_get(o->v, "tests"), *records = json_object_get(o->v, "records");
	const json_t *requirements = json_object_get(o->v, "requirements"), *findings = json_object_get(o->v, "findings");

	for (size_t i = 0; i < fit_count(tests); i++) {
		enum verdict v = verdict_of(json_array_get(tests, i), "verdict");

		if (v == VERDICT_NOT_TESTED || v == VERDICT_NOT_APPLICABLE)
			not_run(o, result, json_array_get(tests, i));
		else
			test(o, result, ids, json_array_get(tests, i), i);
	}
	for (size_t i = 0; i < fit_count(records); i++)
		record(o, result, ids, json_array_get(records, i), i);
	for (size_t i = 0; i < fit_count(requirements); i++)
		if (verdict_of(json_array_get(requirements, i), "verdict") == VERDICT_REVIEW)
			waits(o, result, ids, json_array_get(requirements, i), i);
	for (size_t i = 0; i < fit_count(findings); i++)
		on_document(o, result, json_array_get(findings, i), i);
}
