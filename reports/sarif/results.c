/* SPDX-License-Identifier: Apache-2.0
 *
 * One result for each test and record that has a verdict on the device, by the table of verdicts:
 *   PASS pass, FAIL fail, INCONCLUSIVE open, REVIEW review, NOT_APPLICABLE notApplicable, NOT_TESTED informational. */
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "reports/read/read.h"
#include "reports/read/shown.h"
#include "reports/sarif/sarif.h"

#define PLACES_MAX 30                   /* of one result */

static json_t *without_links(const char *text, bool braces)
{
	CLEANUP(free_ptr) char *safe = shown_text(text, SARIF_TEXT), *out = NULL;
	FILE *f = open_memstream(&out, &(size_t){ 0 });

	for (const char *p = safe; *p; p++) {
		fputc(*p, f);
		if (braces && (*p == '{' || *p == '}')) /* placeholders have one brace, characters two */
			fputc(*p, f);
		if (*p == ']' && p[1] == '(')           /* [text](target) would be a link */
			fputc(' ', f);
	}
	fclose(f);
	return json_string(out);
}

json_t *sarif_text(const char *text) { return without_links(text, false); }
json_t *sarif_message(const char *text) { return json_pack("{s:o}", "text", without_links(text, true)); }

static const char *kind_of(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS: return "pass";
	case VERDICT_FAIL: return "fail";
	case VERDICT_INCONCLUSIVE: return "open";
	case VERDICT_REVIEW: return "review";
	case VERDICT_NOT_APPLICABLE: return "notApplicable";
	default: return "informational";
	}
}

static json_t *said_of(const json_t *t)
{
	enum verdict v = verdict_of(t, "verdict");
	const char *title = get_text(json_object_get(t, "title"), "en"), *why = *get_text(t, "why") ? get_text(t, "why") : verdict_doc(v);
	size_t n = strlen(why);
	CLEANUP(free_json) json_t *text = json_sprintf("%s: %s: %s%s", title, verdict_name(v), why, n && why[n - 1] == '.' ? "" : ".");

	return sarif_message(json_string_value(text));
}

/* ---- evidence ---- */
static void add_claim(struct places *p, const json_t *c, json_t *list)
{
	CLEANUP(free_json) json_t *said = json_sprintf("%s%s%s: expected %s, saw %s.", get_text(c, "rep"), *get_text(c, "rep") ? ": " : "",
						       get_text(c, "text"), get_text(c, "expected"), get_text(c, "actual"));
	const json_t *at = json_object_get(c, "at");

	for (size_t i = 0; i < json_array_size(at) && json_array_size(list) < PLACES_MAX; i++) {
		json_t *place = places_of(p, json_array_get(at, i), json_string_value(said));

		if (place)
			json_array_append_new(list, place);
	}
}

/* What settled it: claims with the test's own verdict; where there is none, what else was claimed. */
static json_t *evidence(struct places *p, const json_t *t)
{
	const json_t *claims = json_object_get(t, "claims");
	json_t *list = json_array();

	for (int settled = 1; settled >= 0 && !json_array_size(list); settled--)
		for (size_t i = 0; i < json_array_size(claims) && json_array_size(list) < PLACES_MAX; i++) {
			const json_t *c = json_array_get(claims, i);

			if (settled == (verdict_of(c, "verdict") == verdict_of(t, "verdict")))
				add_claim(p, c, list);
		}
	return list;
}

static void add_places(json_t *o, struct places *p, const json_t *t)
{
	json_t *found = evidence(p, t), *suite = places_suite(p, t);

	if (suite)      /* where there is no evidence, the test itself is all that can be shown */
		json_object_set_new(o, json_array_size(found) ? "relatedLocations" : "locations", json_pack("[o]", suite));
	if (json_array_size(found))
		json_object_set(o, "locations", found);
	json_decref(found);
}

/* ---- waivers ---- */
static void add_suppressions(json_t *o, const struct result *r, const char *id)
{
	const json_t *all = json_object_get(r->verdicts, "waivers");
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *w = json_array_get(all, i);
		bool sealed = *get_text(w, "seal") != '\0';

		if (strcmp(get_text(w, "id"), id))
			continue;
		json_array_append_new(list, json_pack("{s:s,s:s,s:o,s:{s:o,s:o,s:o,s:o,s:b}}", "kind", "external", "status",
			is_on(w, "expired") ? "rejected" : sealed ? "accepted" : "underReview", "justification", shown(get_text(w, "why"), SARIF_TEXT),
			"properties", "who", shown(get_text(w, "who"), 400), "until", shown(get_text(w, "until"), 40), "entry",
			shown(get_text(w, "entry"), 200), "seal", shown(get_text(w, "seal"), 200), "expired", is_on(w, "expired")));
	}
	if (json_array_size(list))
		json_object_set(o, "suppressions", list);
	json_decref(list);
}

/* ---- one result ---- */
/* The same finding on the same model has the same print in every run. */
static json_t *prints(const struct result *r, const json_t *t)
{
	const json_t *run = json_object_get(r->verdicts, "run");
	const json_t *decides = json_object_get(t, count_of(t, "serves") ? "serves" : count_of(t, "decides") ? "decides" : "supports");
	CLEANUP(free_json) json_t *what = json_pack("[s,s,s,O?]", get_text(run, "maker"), get_text(run, "model"), get_text(t, "id"), decides);
	CLEANUP(free_ptr) char *text = json_dumps(what, JSON_COMPACT);
	char hex[HASH_HEX];

	hash_text(text ? text : "", text ? strlen(text) : 0, hex);
	return json_pack("{s:s}", "requirementTestModel/v1", hex);
}

static void add_text(json_t *o, const char *as, const json_t *t, const char *key)
{
	if (*get_text(t, key))
		json_object_set_new(o, as, shown(get_text(t, key), SARIF_TEXT));
}

static json_t *units_of(const json_t *t)
{
	const json_t *units = json_object_get(t, "units");
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(units); i++) {
		const json_t *u = json_array_get(units, i);

		json_array_append_new(out, json_pack("{s:I,s:o,s:s,s:o}", "unit", (json_int_t)get_int(u, "unit"), "serial",
						     shown(get_text(u, "serial"), 200), "verdict", verdict_name(verdict_of(u, "verdict")), "why",
						     shown(get_text(u, "why"), SARIF_TEXT)));
	}
	return out;
}

static json_t *limits_of(const json_t *t)
{
	const json_t *limits = json_object_get(t, "limits");
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(limits); i++) {
		const json_t *l = json_array_get(limits, i);

		json_array_append_new(out, json_pack("{s:o,s:o,s:o,s:o}", "name", shown(get_text(l, "name"), 200), "text",
						     shown(get_text(l, "text"), 400), "origin", shown(get_text(l, "origin"), 40), "source",
						     shown(get_text(l, "source"), 400)));
	}
	return out;
}

static json_t *properties_of(const json_t *t)
{
	json_t *o = json_pack("{s:s}", "verdict", verdict_name(verdict_of(t, "verdict")));

	add_text(o, "why", t, "why");
	add_text(o, "grade", t, "grade");
	add_text(o, "reproduce", t, "reproduce");
	if (count_of(t, "limits"))
		json_object_set_new(o, "limits", limits_of(t));
	if (count_of(t, "on_default"))
		json_object_set_new(o, "restsOnDefaults", json_integer((json_int_t)count_of(t, "on_default")));
	if (count_of(t, "units"))
		json_object_set_new(o, "units", units_of(t));
	if (count_of(t, "round_verdicts")) {
		json_object_set_new(o, "flakyPpm", json_integer(get_int(t, "flaky")));
		json_object_set_new(o, "rounds", json_integer(get_int(t, "rounds")));
	}
	return o;
}

static json_t *result_of(const struct result *r, const struct ids *ids, struct places *p, const json_t *t)
{
	enum verdict v = verdict_of(t, "verdict");
	const json_t *weighed = json_object_get(t, count_of(t, "serves") ? "serves" : count_of(t, "decides") ? "decides" : "supports");
	const char *id = get_text(t, "id");
	char name[600], uuid[READ_UUID];
	json_t *o;

	snprintf(name, sizeof(name), "sarif/%.250s/%.250s", get_text(json_object_get(r->verdicts, "run"), "id"), id);
	o = json_pack("{s:s,s:o,s:s,s:s,s:o,s:o,s:o}", "guid", uuid_text(name, uuid), "ruleId", shown(id, SARIF_ID), "kind", kind_of(v), "level",
		      v == VERDICT_FAIL ? sarif_level(r, weighed) : "none", "message", said_of(t), "partialFingerprints", prints(r, t), "properties",
		      properties_of(t));
	if (json_object_get(ids->rule, id))
		json_object_set(o, "ruleIndex", json_object_get(ids->rule, id));
	add_places(o, p, t);
	add_suppressions(o, r, id);
	return o;
}

static json_t *notification_of(const struct ids *ids, struct places *p, const json_t *t)
{
	const char *id = get_text(t, "id");
	json_t *o = json_pack("{s:s,s:o,s:{s:o},s:o}", "level", "error", "message", said_of(t), "associatedRule", "id", shown(id, SARIF_ID), "properties",
			      properties_of(t));
	json_t *at = evidence(p, t);

	if (json_object_get(ids->rule, id))
		json_object_set(json_object_get(o, "associatedRule"), "index", json_object_get(ids->rule, id));
	if (json_array_size(at))
		json_object_set(o, "locations", at);
	json_decref(at);
	return o;
}

static json_t *all(const struct result *r, const struct ids *ids, struct places *p, bool errors)
{
	static const char *const kinds[] = { "tests", "records", NULL };
	json_t *out = json_array();

	for (const char *const *k = kinds; *k; k++)
		for (size_t i = 0; i < count_of(r->verdicts, *k); i++) {
			const json_t *t = json_array_get(json_object_get(r->verdicts, *k), i);

			if (errors != (verdict_of(t, "verdict") == VERDICT_ERROR))
				continue;
			json_array_append_new(out, errors ? notification_of(ids, p, t) : result_of(r, ids, p, t));
		}
	return out;
}

json_t *sarif_results(const struct result *r, const struct ids *ids, struct places *p) { return all(r, ids, p, false); }
json_t *sarif_errors(const struct result *r, const struct ids *ids, struct places *p) { return all(r, ids, p, true); }
