/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be found: the tests and records as rules of the driver; what they answer as taxonomies. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/version.h"
#include "reports/read/read.h"
#include "reports/read/shown.h"
#include "reports/sarif/sarif.h"

#define CODE "uk-code-of-practice-2018"
#define RELATED_MAX 400

/* ---- indices ---- */
static void number(json_t *map, size_t *n, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = get_text(json_array_get(list, i), "id");

		if (!json_object_get(map, id))
			json_object_set_new(map, id, json_integer((json_int_t)(*n)++));
	}
}

void ids_make(const struct result *r, struct ids *ret)
{
	size_t rules = 0, taxa = 0;

	*ret = (struct ids){ json_object(), json_object() };
	number(ret->rule, &rules, json_object_get(r->verdicts, "tests"));
	number(ret->rule, &rules, json_object_get(r->verdicts, "records"));
	number(ret->code, &taxa, json_object_get(r->verdicts, "guidelines"));
	number(ret->code, &taxa, json_object_get(r->verdicts, "requirements"));
}

void ids_free(struct ids *ids)
{
	json_decref(ids->rule);
	json_decref(ids->code);
}

/* Only the first of an id is described. */
static bool is_next(const json_t *map, const char *id, const json_t *so_far)
{
	const json_t *n = json_object_get(map, id);

	return n && (size_t)json_integer_value(n) == json_array_size(so_far);
}

/* ---- relationships ---- */
static bool has(const json_t *list, int64_t index, json_int_t taxonomy)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *t = json_object_get(json_array_get(list, i), "target"), *c = json_object_get(t, "toolComponent");

		if (get_int(t, "index") == index && (c ? get_int(c, "index") : -1) == taxonomy)
			return true;
	}
	return false;
}

/* taxonomy -1: a rule of the driver. */
static void relate(json_t *list, const char *id, const json_t *map, json_int_t taxonomy, const char *name, const char *kind)
{
	const json_t *index = json_object_get(map, id);
	json_t *target;

	if (!index || json_array_size(list) >= RELATED_MAX || has(list, json_integer_value(index), taxonomy))
		return;
	target = json_pack("{s:o,s:I}", "id", shown(id, SARIF_ID), "index", json_integer_value(index));
	if (taxonomy >= 0)
		json_object_set_new(target, "toolComponent", json_pack("{s:o,s:I}", "name", shown(name, SARIF_ID), "index", taxonomy));
	json_array_append_new(list, json_pack("{s:o,s:[s]}", "target", target, "kinds", kind));
}

static void relate_all(json_t *list, const json_t *from, const json_t *map, json_int_t taxonomy, const char *name, const char *kind)
{
	for (size_t i = 0; i < json_array_size(from); i++)
		if (json_is_string(json_array_get(from, i)))
			relate(list, json_string_value(json_array_get(from, i)), map, taxonomy, name, kind);
}

/* ---- descriptors ---- */
static json_t *plain(const char *text)
{
	return json_pack("{s:o}", "text", sarif_text(*text ? text : "?"));
}

/* A sentence, closed. */
static json_t *sentence(const char *text)
{
	json_t *t = sarif_text(*text ? text : "?");
	size_t n = json_string_length(t);

	if (!strchr(".?!", json_string_value(t)[n - 1])) {
		json_t *closed = json_sprintf("%s.", json_string_value(t));

		json_decref(t);
		t = closed;
	}
	return json_pack("{s:o}", "text", t);
}

/* "Network outage, link down" -> "NetworkOutageLinkDown": names of rules are identifiers. */
static json_t *identifier(const char *title)
{
	char name[100];
	size_t n = 0;
	bool up = true;

	for (; *title && n + 1 < sizeof(name); title++) {
		if (!isascii((unsigned char)*title) || !isalnum((unsigned char)*title)) {
			up = true;
			continue;
		}
		name[n++] = (char)(up ? toupper((unsigned char)*title) : *title);
		up = false;
	}
	name[n] = '\0';
	return json_string(name);
}

static const json_t *by_id(const json_t *list, const char *id)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(get_text(json_array_get(list, i), "id"), id))
			return json_array_get(list, i);
	return NULL;
}

const char *sarif_level(const struct result *r, const json_t *requirements)
{
	const char *level = "note";

	for (size_t i = 0; i < json_array_size(requirements); i++) {
		const char *id = json_string_value(json_array_get(requirements, i));
		const char *force = get_text(by_id(json_object_get(r->verdicts, "requirements"), id ? id : ""), "force");

		if (!strcmp(force, "shall"))
			return "error";
		if (!strcmp(force, "should"))
			level = "warning";
	}
	return level;
}

/* What it decides comes first; a test that only supports is as grave as what it supports. */
static const json_t *decided_by(const json_t *t)
{
	return count_of(t, "decides") ? json_object_get(t, "decides") : count_of(t, "serves") ? json_object_get(t, "serves") :
	       json_object_get(t, "supports");
}

static void add_sentences(FILE *out, const struct result *r, const json_t *ids, const char *lead)
{
	for (size_t i = 0; i < json_array_size(ids) && i < 20; i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *q = by_id(json_object_get(r->verdicts, "requirements"), id ? id : "");

		fprintf(out, "%s %s (%s): %s\n", lead, id ? id : "?", get_text(q, "force"), get_text(json_object_get(q, "text"), "en"));
	}
}

static json_t *help_of(const struct result *r, const json_t *t)
{
	CLEANUP(free_ptr) char *text = NULL;
	FILE *out = open_memstream(&text, &(size_t){ 0 });
	json_t *lines, *ret;

	add_sentences(out, r, json_object_get(t, "decides"), "Decides");
	add_sentences(out, r, json_object_get(t, "serves"), "Serves");
	add_sentences(out, r, json_object_get(t, "supports"), "Supports");
	if (*get_text(t, "reproduce"))
		fprintf(out, "Run again: %s\n", get_text(t, "reproduce"));
	fclose(out);
	lines = json_array();
	for (char *p = text, *end; (end = strchr(p, '\n')); p = end + 1) {
		*end = '\0';
		json_array_append_new(lines, sarif_text(p));
	}
	ret = json_string("");
	for (size_t i = 0; i < json_array_size(lines); i++) {
		json_t *more = json_sprintf("%s%s%s", json_string_value(ret), i ? "\n" : "", json_string_value(json_array_get(lines, i)));

		json_decref(ret);
		ret = more;
	}
	json_decref(lines);
	if (!json_string_length(ret))
		json_string_set(ret, "Nothing is known of what it answers.");
	return json_pack("{s:o}", "text", ret);
}

static json_t *shown_list(const json_t *texts)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(texts); i++)
		if (json_is_string(json_array_get(texts, i)))
			json_array_append_new(out, shown(json_string_value(json_array_get(texts, i)), SARIF_ID));
	return out;
}

static json_t *rule_properties(const json_t *t)
{
	static const char *const lists[] = { "decides", "supports", "serves", NULL };
	json_t *o = json_pack("{s:o}", "titleJa", shown(get_text(json_object_get(t, "title"), "ja"), SARIF_TEXT));

	if (*get_text(t, "guideline"))
		json_object_set_new(o, "guideline", shown(get_text(t, "guideline"), 40));
	for (const char *const *k = lists; *k; k++)
		if (count_of(t, *k))
			json_object_set_new(o, *k, shown_list(json_object_get(t, *k)));
	return o;
}

static json_t *rule(const struct result *r, const struct ids *ids, const json_t *t)
{
	const char *title = get_text(json_object_get(t, "title"), "en"), *asks = get_text(json_object_get(t, "decides"), "en");
	json_t *related = json_array(), *name = identifier(title), *o;

	relate_all(related, json_object_get(t, "decides"), ids->code, 0, CODE, "superset");
	relate_all(related, json_object_get(t, "serves"), ids->code, 0, CODE, "relevant");
	relate_all(related, json_object_get(t, "supports"), ids->code, 0, CODE, "relevant");
	o = json_pack("{s:o,s:o,s:o,s:o,s:{s:s},s:o,s:o}", "id", shown(get_text(t, "id"), SARIF_ID), "shortDescription", sentence(title), "fullDescription",
		      sentence(*asks ? asks : title), "help", help_of(r, t), "defaultConfiguration", "level", sarif_level(r, decided_by(t)),
		      "relationships", related, "properties", rule_properties(t));
	if (json_string_length(name))
		json_object_set(o, "name", name);
	json_decref(name);
	return o;
}

json_t *sarif_driver(const struct result *r, const struct ids *ids)
{
	static const char *const kinds[] = { "tests", "records", NULL };
	const json_t *mappings = json_object_get(r->verdicts, "mappings");
	json_t *rules = json_array(), *known = json_array(), *o;

	for (const char *const *k = kinds; *k; k++)
		for (size_t i = 0; i < count_of(r->verdicts, *k); i++) {
			const json_t *t = json_array_get(json_object_get(r->verdicts, *k), i);

			if (is_next(ids->rule, get_text(t, "id"), rules))
				json_array_append_new(rules, rule(r, ids, t));
		}
	json_array_append_new(known, json_pack("{s:s,s:i}", "name", CODE, "index", 0));
	for (size_t i = 0; i < json_array_size(mappings); i++)
		json_array_append_new(known, json_pack("{s:o,s:I}", "name", shown(get_text(json_array_get(mappings, i), "id"), SARIF_ID), "index",
						       (json_int_t)i + 1));
	o = json_pack("{s:s,s:s,s:o,s:s,s:{s:s},s:o,s:o}", "name", "jusan", "fullName",
		      "jusan, a test bench for the Code of Practice for Consumer IoT Security", "version",
		      shown(get_text(json_object_get(r->verdicts, "tool"), "version"), 40), "language", "en", "shortDescription", "text",
		      "Test bench for consumer IoT products.", "rules", rules, "supportedTaxonomies", known);
	if (!strcmp(get_text(json_object_get(r->verdicts, "tool"), "version"), JUSAN_VERSION))
		json_object_set_new(o, "semanticVersion", json_string(JUSAN_VERSION));
	return o;
}

/* ---- taxonomies ---- */
static json_t *judged(const json_t *q)
{
	static const char *const texts[] = { "verdict", "should_verdict", "why", "force", "class", "phrase", "grade", "certainty", "status", "kind", NULL };
	json_t *o = json_object();

	for (const char *const *k = texts; *k; k++)
		if (*get_text(q, *k))
			json_object_set_new(o, *k, shown(get_text(q, *k), SARIF_TEXT));
	return o;
}

static json_t *taxon(const json_t *q, const char *text_key, json_t *related)
{
	const json_t *text = json_object_get(q, text_key);
	json_t *properties = judged(q);

	json_object_set_new(properties, "textJa", shown(get_text(text, "ja"), SARIF_TEXT));
	return json_pack("{s:o,s:o,s:o,s:o}", "id", shown(get_text(q, "id"), SARIF_ID), "shortDescription", sentence(get_text(text, "en")), "relationships", related,
			 "properties", properties);
}

static json_t *waived(const struct result *r, const char *id)
{
	const json_t *w = waiver_of(r->verdicts, id);

	return !w ? NULL : json_pack("{s:o,s:o,s:o,s:b}", "who", shown(get_text(w, "who"), 400), "why", shown(get_text(w, "why"), SARIF_TEXT),
				     "until", shown(get_text(w, "until"), 40), "expired", is_on(w, "expired"));
}

static json_t *code(const struct result *r, const struct ids *ids)
{
	const json_t *guidelines = json_object_get(r->verdicts, "guidelines"), *requirements = json_object_get(r->verdicts, "requirements");
	json_t *taxa = json_array();
	char uuid[READ_UUID];

	for (size_t i = 0; i < json_array_size(guidelines); i++)
		if (is_next(ids->code, get_text(json_array_get(guidelines, i), "id"), taxa))
			json_array_append_new(taxa, taxon(json_array_get(guidelines, i), "title", json_array()));
	for (size_t i = 0; i < json_array_size(requirements); i++) {
		const json_t *q = json_array_get(requirements, i);
		json_t *related = json_array(), *t, *w = waived(r, get_text(q, "id"));

		if (is_next(ids->code, get_text(q, "id"), taxa)) {
			relate(related, get_text(q, "guideline"), ids->code, 0, CODE, "superset");
			json_array_append_new(taxa, t = taxon(q, "text", json_incref(related)));
			if (w)
				json_object_set(json_object_get(t, "properties"), "waiver", w);
		}
		json_decref(related);
		json_decref(w);
	}
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:{s:s},s:o}", "name", CODE, "guid", uuid_text("taxonomy/" CODE, uuid), "fullName",
			 "Code of Practice for Consumer IoT Security", "organization", "UK Government, DCMS", "version", "2018", "isComprehensive", 1,
			 "shortDescription", "text", "Thirteen guidelines, as 118 sentences that can be judged one by one.", "taxa", taxa);
}

static json_t *index_of(const json_t *m)
{
	json_t *map = json_object();
	size_t n = 0;

	number(map, &n, json_object_get(m, "lines"));
	return map;
}

static json_t *counts_of(const json_t *m)
{
	json_t *out = json_object();

	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(out, verdict_name((enum verdict)v), json_integer(get_int(json_object_get(m, "counts"), verdict_name((enum verdict)v))));
	return out;
}

/* A line's sources are requirements, tests, records, or lines of the scheme it builds on, or of its own. */
static json_t *scheme(const struct result *r, const struct ids *ids, json_int_t k, const json_t *maps)
{
	const json_t *all = json_object_get(r->verdicts, "mappings"), *m = json_array_get(all, (size_t)k), *lines = json_object_get(m, "lines");
	json_t *taxa = json_array(), *o;
	char uuid[READ_UUID], name[300];

	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *q = json_array_get(lines, i), *from = json_object_get(q, "from");
		json_t *related = json_array();

		if (is_next(json_array_get(maps, (size_t)k), get_text(q, "id"), taxa)) {
			relate_all(related, from, ids->code, 0, CODE, "relevant");
			relate_all(related, from, ids->rule, -1, "", "relevant");
			for (size_t b = 0; b < json_array_size(all); b++) {
				const char *other = get_text(json_array_get(all, b), "id");

				if ((json_int_t)b == k || !strcmp(other, get_text(m, "basis")))
					relate_all(related, from, json_array_get(maps, b), (json_int_t)b + 1, other, "relevant");
			}
			json_array_append_new(taxa, taxon(q, "topic", json_incref(related)));
		}
		json_decref(related);
	}
	snprintf(name, sizeof(name), "taxonomy/%.250s", get_text(m, "id"));
	o = json_pack("{s:o,s:s,s:o,s:o,s:o,s:o,s:{s:o,s:I,s:o}}", "name", shown(*get_text(m, "id") ? get_text(m, "id") : "?", SARIF_ID), "guid", uuid_text(name, uuid), "version",
		      shown(*get_text(m, "edition") ? get_text(m, "edition") : "?", 200), "shortDescription", sentence(get_text(json_object_get(m, "title"), "en")),
		      "fullDescription", plain(get_text(m, "source")), "taxa", taxa, "properties", "titleJa",
		      shown(get_text(json_object_get(m, "title"), "ja"), SARIF_TEXT), "unverified", (json_int_t)get_int(m, "unverified"), "counts", counts_of(m));
	return o;
}

json_t *sarif_taxonomies(const struct result *r, const struct ids *ids)
{
	const json_t *all = json_object_get(r->verdicts, "mappings");
	json_t *out = json_array(), *maps = json_array();

	for (size_t i = 0; i < json_array_size(all); i++)
		json_array_append_new(maps, index_of(json_array_get(all, i)));
	json_array_append_new(out, code(r, ids));
	for (size_t i = 0; i < json_array_size(all); i++)
		json_array_append_new(out, scheme(r, ids, (json_int_t)i, maps));
	json_decref(maps);
	return out;
}
