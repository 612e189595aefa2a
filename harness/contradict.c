// SPDX-License-Identifier: Apache-2.0
// Where the declaration contradicts itself: ICS against conditions and IXIT, one place against another.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/declare.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

void finding_add(json_t *findings, const char *kind, const char *where, json_t *lines, json_t *seen, const char *fmt, ...)
{
	char text[1000];
	json_t *one;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one = json_pack("{s:s,s:o,s:s,s:o}", "kind", kind, "text", json_stringn_nocheck(text, strlen(text)), "where", where, "lines",
			lines ? lines : json_array());
	if (seen)
		json_object_set_new(one, "seen", seen);
	json_array_append_new(findings, one);
}

static const json_t *lines_of(const json_t *declaration, int e)
{
	return json_object_get(json_object_get(declaration, edition_name[e]), "ics");
}

static void add_line(json_t *lines, int e, const char *id)
{
	json_array_append_new(lines, json_sprintf("%s %s", edition_name[e], id));
}

/* The lines of all editions that depend on a condition or feature. */
static json_t *lines_on(const struct contradict *c, const char *term)
{
	json_t *out = json_array();

	for (int e = 0; e < EDITION_COUNT; e++)
		for (size_t i = 0; c->editions->of[e] && i < c->editions->of[e]->n; i++)
			if (ics_depends(&c->editions->of[e]->line[i], term))
				add_line(out, e, c->editions->of[e]->line[i].id);
	return out;
}

/* ---- conditions ---- */
static const json_t *declared_term(const struct contradict *c, const char *id)
{
	return json_object_get(json_object_get(c->declared, id[0] >= 'a' ? "features" : "conditions"), id);
}

static void check_opposite(const struct contradict *c, const char *id, const json_t *said, json_t *out)
{
	const struct term_rule *rule = term_rule_find(id);
	const char *opposite = rule ? rule->opposite : NULL;
	const json_t *other = opposite && strcmp(id, opposite) < 0 ? declared_term(c, opposite) : NULL;

	if (said && other && json_equal(json_object_get(said, "value"), json_object_get(other, "value")))
		finding_add(out, "conditions-opposed", text_of(said, "where"), NULL, NULL, "conditions %s and %s are opposites and cannot both be %s", id,
			    opposite, json_is_true(json_object_get(said, "value")) ? "true" : "false");
}

static void check_term(const struct contradict *c, const struct edition_term *t, json_t *out)
{
	const char *id = t->term->name, *word = t->feature ? "feature" : "condition";
	const json_t *is = declaration_term(c->declaration, id), *said = declared_term(c, id);
	const char *evidence = text_of(said, "evidence");

	if (json_is_true(json_object_get(is, "contradicted")))
		finding_add(out, "condition-contradicted", text_of(said, "where"), lines_on(c, id), NULL, "%s %s (%s) is %s", word, id,
			    t->term->text.en, text_of(is, "from"));
	if (reason_circular(text_of(said, "detail")))
		finding_add(out, "reason-circular", text_of(said, "where"), lines_on(c, id), NULL, "%s %s: \"%.200s\" says that something did not happen, "
			    "not why it cannot", word, id, text_of(said, "detail"));
	if (evidence[0] && !evidence_exists(c->declared, c->known, evidence))
		finding_add(out, "evidence-missing", text_of(said, "where"), NULL, NULL, "%s %s rests on %.100s, which is not there", word, id, evidence);
	check_opposite(c, id, said, out);
}

/* ---- lines of the ICS ---- */
static json_t *one_line(int e, const char *id)
{
	json_t *lines = json_array();

	add_line(lines, e, id);
	return lines;
}

static void check_line(const struct contradict *c, int e, const json_t *line, json_t *out)
{
	const char *id = text_of(line, "id"), *support = text_of(line, "support"), *status = text_of(line, "status"), *where = text_of(line, "where");
	const char *evidence = text_of(line, "evidence");
	const json_t *condition = json_object_get(line, "condition");
	bool na = !strcmp(support, "N/A");

	if (na && json_is_true(condition))
		finding_add(out, "na-condition-true", where, one_line(e, id), NULL, "%s (%s) is answered N/A, but its condition is true", id, status);
	if (na && json_is_null(condition))
		finding_add(out, "na-unproved", where, one_line(e, id), NULL, "%s (%s) is answered N/A; nothing shows that its condition is false", id, status);
	if (na && reason_circular(text_of(line, "detail")))
		finding_add(out, "reason-circular", where, one_line(e, id), NULL, "%s: \"%.200s\" says that something did not happen, not why it cannot", id,
			    text_of(line, "detail"));
	if (!strcmp(support, "Y") && json_is_false(condition))
		finding_add(out, "answer-condition-false", where, one_line(e, id), NULL, "%s (%s) is answered Y, but its condition is false", id, status);
	if (evidence[0] && !evidence_exists(c->declared, c->known, evidence))
		finding_add(out, "evidence-missing", where, one_line(e, id), NULL, "%s rests on %.100s, which is not there", id, evidence);
}

static const json_t *rows_of(const struct contradict *c, unsigned table)
{
	char key[8];

	snprintf(key, sizeof(key), "%u", table);
	return json_object_get(json_object_get(json_object_get(json_object_get(c->declared, "ixit"), "tables"), key), "rows");
}

/* The table a Yes rests on first; 0 = none. A device without passwords for machines, or without parameters in its source,
 * needs no row to say so. */
static json_int_t rests_on(const struct mapping *m, const char *id)
{
	const struct mapping_line *l = m ? mapping_line(m, id) : NULL;

	return l && l->n_ixit && strcmp(id, "5.1-2A") && strcmp(id, "5.4-3") ? l->ixit[0] : 0;
}

/* Lines answered Y whose first table says nothing, one finding a table. */
static void check_table(const struct contradict *c, const struct ixit_table *t, json_t *out)
{
	const json_t *rows = rows_of(c, t->number);
	json_t *lines, *line;
	size_t i;

	if (json_array_size(rows))
		return;
	lines = json_array();
	for (int e = 0; e < EDITION_COUNT; e++)
		json_array_foreach((json_t *)(uintptr_t)lines_of(c->declaration, e), i, line) {
			if (rests_on(c->editions->of[e], text_of(line, "id")) == t->number && !strcmp(text_of(line, "support"), "Y"))
				add_line(lines, e, text_of(line, "id"));
		}
	if (json_array_size(lines))
		finding_add(out, "support-without-ixit", "", json_incref(lines), NULL, "IXIT %u-%s %s, and %zu line%s that rest%s on it say%s Y", t->number,
			    t->name[1], rows ? "has no rows" : "is not declared", json_array_size(lines), json_array_size(lines) == 1 ? "" : "s",
			    json_array_size(lines) == 1 ? "s" : "", json_array_size(lines) == 1 ? "s" : "");
	json_decref(lines);
}

static void check_complete(const struct contradict *c, int e, json_t *out)
{
	const json_t *ics = lines_of(c->declaration, e);
	json_t *open = json_array(), *line;
	size_t i, n = json_array_size(ics);

	json_array_foreach((json_t *)(uintptr_t)ics, i, line)
		if (!text_of(line, "support")[0])
			add_line(open, e, text_of(line, "id"));
	if (json_array_size(open))
		finding_add(out, "ics-unanswered", "", json_incref(open), NULL, "%zu of %zu lines of %s have no answer", json_array_size(open), n,
			    edition_name[e]);
	json_decref(open);
}

/* ---- all ---- */
static void check_places(const struct contradict *c, json_t *out)
{
	const json_t *identity = json_object_get(c->declared, "identity"), *update = json_object_get(json_object_get(c->declared, "places"), "update.version");
	const char *firmware = text_of(identity, "firmware"), *version = text_of(update, "text"), *claims = text_of(identity, "edition");
	const json_t *where = json_object_get(identity, "where");

	if (firmware[0] && version[0] && strcmp(firmware, version)) {
		finding_add(out, "versions-differ", text_of(where, "firmware"), NULL, NULL, "identity.firmware is %.60s, update.version at %s is %.60s",
			    firmware, text_of(update, "where"), version);
		/* a FAIL that rests on either of them blames the device for the document: misjudge.c */
		json_object_update_new(json_array_get(out, json_array_size(out) - 1),
				       json_pack("{s:s,s:s}", "path", "update.version", "with", "identity.firmware"));
	}
	if (claims[0] && !json_object_get(json_object_get(c->declared, "ics"), claims))
		finding_add(out, "ics-missing", text_of(where, "edition"), NULL, NULL, "the product is declared to follow %s, and no ICS of it is given",
			    claims);
}

json_t *declaration_findings(const struct contradict *c)
{
	struct edition_term term[TERMS_MAX];
	json_t *out = json_array(), *line;
	bool any = false;
	size_t i;

	for (int features = 0; features < 2; features++)
		for (size_t n = editions_terms(c->editions, features, term, TERMS_MAX), k = 0; k < n; k++)
			check_term(c, &term[k], out);
	for (int e = 0; e < EDITION_COUNT; e++) {
		any |= lines_of(c->declaration, e) != NULL;
		json_array_foreach((json_t *)(uintptr_t)lines_of(c->declaration, e), i, line)
			check_line(c, e, line, out);
		check_complete(c, e, out);
	}
	if (any && !json_object_get(c->declared, "ixit"))
		finding_add(out, "ixit-missing", "", NULL, NULL, "an ICS is given, and none of the 29 IXIT tables it rests on");
	for (size_t t = 0; t < IXIT_TABLES && json_object_get(c->declared, "ixit"); t++)
		check_table(c, &ixit_table[t], out);
	check_places(c, out);
	if (c->tests)
		contradict_seen(c, out);
	return out;
}
