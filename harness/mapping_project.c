// SPDX-License-Identifier: Apache-2.0
// Verdicts of requirements, projected to the lines of other schemes. Pure; the rules stand in mapping.h.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mapping.h"
#include "harness/result.h"
#include "harness/value.h"

#define WHY 600
#define PART 270

struct projector {
	const struct mapping_in *in;
	json_t *requirement, *test, *record;    /* id -> entry of verdicts.json */
	json_t *scheme;                         /* scheme id -> line id -> projected line */
};
struct answer { enum verdict v; char why[WHY]; bool any; };

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static enum verdict verdict_of(const json_t *o)
{
	enum verdict v = VERDICT_NOT_TESTED;

	return verdict_parse(text_of(o, "verdict"), &v) ? v : VERDICT_NOT_TESTED;
}

static bool lists(const char *const *ids, const char *id)
{
	while (*ids && strcmp(*ids, id))
		ids++;
	return *ids != NULL;
}

static json_t *by_id(const json_t *list)
{
	json_t *out = json_object(), *e;
	size_t i;

	json_array_foreach((json_t *)list, i, e)
		if (json_is_object(e) && text_of(e, "id")[0])
			json_object_set(out, text_of(e, "id"), e);
	return out;
}

/* Sets the verdict; the reason starts anew and is what the caller adds to it. */
static char *answer_set(struct answer *a, enum verdict v)
{
	a->v = v;
	a->any = true;
	a->why[0] = '\0';
	return a->why;
}

/* As much of it as leaves room for more words. */
static const char *part_of(const char *text, char buf[static PART])
{
	buf[0] = '\0';
	text_add(buf, PART, "%s", text);
	return buf;
}

/* ---- what a line names ---- */
/* The worst counts; of equals the first. */
static void weigh(struct answer *a, enum verdict v, const char *id, const char *why)
{
	if (!a->any || verdict_severity(v) > verdict_severity(a->v))
		text_add(answer_set(a, v), WHY, "%s: %s", id, *why ? why : verdict_doc(v));
}

static void weigh_requirement(struct answer *a, const struct projector *p, const struct mapping_line *l, const char *id)
{
	const json_t *r = json_object_get(p->requirement, id);
	enum verdict v = verdict_of(r);
	char why[WHY] = "";

	if (!r) {
		weigh(a, VERDICT_NOT_TESTED, id, "this run knows no such requirement");
	} else if (lists(l->wider, id) && verdict_severity(v) > verdict_severity(VERDICT_REVIEW)) {
		text_add(why, sizeof(why), "it asks more than this line and is %s: %s", verdict_name(v), text_of(r, "why"));
		weigh(a, VERDICT_REVIEW, id, why);
	} else {
		weigh(a, v, id, text_of(r, "why"));
	}
}

static void weigh_all(struct answer *a, const char *const *ids, const json_t *known, const char *absent)
{
	for (; *ids; ids++) {
		const json_t *e = json_object_get(known, *ids);

		weigh(a, verdict_of(e), *ids, e ? text_of(e, "why") : absent);
	}
}

static const json_t *projected(const struct projector *p, const struct mapping *m)
{
	return m ? json_object_get(p->scheme, m->id) : NULL;
}

static void answer_of(struct answer *a, const struct projector *p, const struct mapping *m, const struct mapping_line *l)
{
	const struct mapping *terms = l->of ? m->basis : m;
	char before[PART];

	for (const char *const *id = l->requirements; *id; id++)
		weigh_requirement(a, p, l, *id);
	weigh_all(a, l->tests, p->test, "not part of this run");
	weigh_all(a, l->records, p->record, "waits for its reviewer");
	weigh_all(a, l->provisions, projected(p, m->basis), "not part of this run");
	if (!a->any)
		text_add(answer_set(a, VERDICT_NOT_TESTED), WHY, "no requirement of the Code, no test and no record answers this");
	if (a->v == VERDICT_NOT_APPLICABLE && (terms->n_conditions || terms->n_features)) {
		part_of(a->why, before);
		text_add(answer_set(a, VERDICT_REVIEW), WHY, "nothing shows that the scheme lets this line fall away; %s", before);
	}
	if (a->v == VERDICT_PASS && l->unanswered.en)
		text_add(answer_set(a, VERDICT_NOT_TESTED), WHY, "nothing answers %s", l->unanswered.en);
}

/* ---- does the line apply? ---- */
enum truth3 { NO, YES, OPEN };

static const json_t *answered(const struct projector *p, const struct mapping *m, const char *kind, const char *name)
{
	return json_object_get(json_object_get(json_object_get(p->in->applicability, m->id), kind), name);
}

/* No only with an evidence id. */
static enum truth3 term_truth(const json_t *entry)
{
	const json_t *value = json_object_get(entry, "value");

	if (json_is_true(value))
		return YES;
	return json_is_false(value) && text_of(entry, "evidence")[0] ? NO : OPEN;
}

static const char *term_text(const struct mapping_term *term, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(term[i].name, name))
			return term[i].text.en;
	return "";
}

/* The first term that is false, and why; else the first that is open, by its name. A line of another one asks that one. */
static enum truth3 applies(const struct projector *p, const struct mapping *scheme, const struct mapping_line *line, char why[static WHY])
{
	const struct mapping *m = line->of ? scheme->basis : scheme;
	const struct mapping_line *l = line->of ? line->of : line;
	const char *const *const names[] = { l->conditions, l->features };
	static const char *const kind[] = { "conditions", "features" }, *const word[] = { "condition", "feature" };
	enum truth3 ret = YES;

	for (int k = 0; k < 2; k++)
		for (const char *const *n = names[k]; *n; n++) {
			const json_t *e = answered(p, m, kind[k], *n);

			if (term_truth(e) == NO) {
				why[0] = '\0';
				text_add(why, WHY, "%s %s is false: %s (evidence: %s)", word[k], *n,
					 k ? term_text(m->feature, m->n_features, *n) : term_text(m->condition, m->n_conditions, *n),
					 text_of(e, "evidence"));
				return NO;
			}
			if (term_truth(e) == OPEN && ret == YES) {
				ret = OPEN;
				text_add(why, WHY, "%s %s", word[k], *n);
			}
		}
	return ret;
}

static void apply(struct answer *a, const struct projector *p, const struct mapping *m, const struct mapping_line *l)
{
	char why[WHY] = "", before[PART], reason[PART];
	enum truth3 t = applies(p, m, l, why);

	part_of(a->why, before);
	part_of(why, reason);
	if (t == NO && a->v == VERDICT_FAIL)
		text_add(answer_set(a, VERDICT_REVIEW), WHY, "%s; yet %s", reason, before);
	else if (t == NO)
		text_add(answer_set(a, VERDICT_NOT_APPLICABLE), WHY, "%s", why);
	else if (t == OPEN && a->v == VERDICT_FAIL)
		text_add(answer_set(a, VERDICT_FAIL), WHY, "%s (whether %s holds is not answered)", before, reason);
}

/* ---- a line ---- */
const char *mapping_status(const struct mapping_line *l, char *buf, size_t n)
{
	const char *const *const names[] = { l->conditions, l->features };

	buf[0] = '\0';
	text_add(buf, n, "%s", l->force ? l->force : "");
	for (int k = 0; k < 2; k++)
		for (const char *const *name = names[k]; *name; name++)
			text_add(buf, n, "%s%s%s", name != names[k] ? ", " : k ? " F(" : " C(", *name, name[1] ? "" : ")");
	return buf;
}

static void add_ids(json_t *out, const char *const *ids)
{
	for (; *ids; ids++)
		json_array_append_new(out, json_string(*ids));
}

static void set_ids(json_t *out, const char *key, const char *const *ids)
{
	json_t *list = json_array();

	if (!*ids) {
		json_decref(list);
		return;
	}
	add_ids(list, ids);
	json_object_set_new(out, key, list);
}

static json_t *both_json(const struct both *b)
{
	return json_pack("{s:s,s:s}", "en", b->en, "ja", b->ja);
}

static json_t *line_json(const struct mapping_line *l, const struct answer *a)
{
	const struct mapping_line *of = l->of ? l->of : l;
	json_t *from = json_array(), *out;
	char status[120];

	add_ids(from, l->requirements);
	add_ids(from, l->tests);
	add_ids(from, l->records);
	add_ids(from, l->provisions);
	out = json_pack("{s:s,s:o,s:s,s:s,s:o,s:s}", "id", l->id, "topic", both_json(&l->topic), "verdict", verdict_name(a->v), "why",
			a->why, "from", from, "certainty", l->verified ? "verified" : "unverified");
	if (of->force) {
		json_object_set_new(out, "force", json_string(of->force));
		json_object_set_new(out, "status", json_string(mapping_status(of, status, sizeof(status))));
	}
	if (l->kind)
		json_object_set_new(out, "kind", json_string(l->kind));
	if (of->n_ixit) {
		json_t *ixit = json_array();

		for (size_t i = 0; i < of->n_ixit; i++)
			json_array_append_new(ixit, json_integer(of->ixit[i]));
		json_object_set_new(out, "ixit", ixit);
	}
	set_ids(out, "nearest", l->nearest);
	set_ids(out, "related", l->related);
	if (l->remark.en)
		json_object_set_new(out, "remark", both_json(&l->remark));
	return out;
}

static json_t *project_line(const struct projector *p, const struct mapping *m, const struct mapping_line *l)
{
	struct answer a = { .v = VERDICT_NOT_TESTED };

	answer_of(&a, p, m, l);
	apply(&a, p, m, l);
	return line_json(l, &a);
}

/* Once every line of the scheme has its own answer. */
static void inherit(const struct projector *p, const struct mapping *m, const struct mapping_line *l, json_t *line)
{
	const char *own = text_of(json_object_get(p->in->other_mechanism, m->id), l->id);
	char why[WHY] = "", part[PART];
	bool falls_away = applies(p, m, l, why) == NO;

	for (const char *const *id = l->inherits; *id; id++) {
		const json_t *from = json_object_get(projected(p, m), *id);

		json_array_append_new(json_object_get(line, "from"), json_string(*id));
		if (falls_away || verdict_of(from) != VERDICT_FAIL || verdict_of(line) == VERDICT_FAIL)
			continue;
		why[0] = '\0';
		if (*own) {
			text_add(why, sizeof(why), "%s is FAIL, but this line has a mechanism of its own: %s; ", *id, part_of(own, part));
			text_add(why, sizeof(why), "%s", text_of(line, "why"));
		} else {
			text_add(why, sizeof(why), "%s is FAIL: %s", *id, text_of(from, "why"));
			json_object_set_new(line, "verdict", json_string(verdict_name(VERDICT_FAIL)));
		}
		json_object_set_new(line, "why", json_string(why));
	}
}

/* ---- a scheme ---- */
static void count(json_t *counts, enum verdict v)
{
	const char *name = verdict_name(v);

	json_object_set_new(counts, name, json_integer(json_integer_value(json_object_get(counts, name)) + 1));
}

static json_t *no_counts(void)
{
	json_t *out = json_object();

	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(out, verdict_name((enum verdict)v), json_integer(0));
	return out;
}

/* What the declaration answered of each condition or feature, so that the report can show it. */
static json_t *terms_json(const struct projector *p, const struct mapping *m, const char *kind, const struct mapping_term *term, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++) {
		const json_t *e = answered(p, m, kind, term[i].name), *value = json_object_get(e, "value");

		json_array_append_new(out, json_pack("{s:s,s:o,s:o,s:s}", "name", term[i].name, "text", both_json(&term[i].text), "value",
						     json_is_boolean(value) ? json_boolean(json_is_true(value)) : json_null(), "evidence",
						     text_of(e, "evidence")));
	}
	return out;
}

static json_t *project(const struct projector *p, const struct mapping *m)
{
	json_t *lines = json_array(), *of_scheme = json_object(), *counts = no_counts(), *mandatory = no_counts(), *out, *e;
	json_int_t unverified = 0;
	size_t i;

	json_object_set_new(p->scheme, m->id, of_scheme);
	for (i = 0; i < m->n; i++) {
		json_array_append_new(lines, project_line(p, m, &m->line[i]));
		json_object_set(of_scheme, m->line[i].id, json_array_get(lines, i));
	}
	for (i = 0; i < m->n; i++)
		inherit(p, m, &m->line[i], json_array_get(lines, i));
	json_array_foreach(lines, i, e) {
		count(counts, verdict_of(e));
		if (!strcmp(text_of(e, "force"), "M"))
			count(mandatory, verdict_of(e));
		unverified += strcmp(text_of(e, "certainty"), "verified") != 0;
	}
	out = json_pack("{s:s,s:o,s:s,s:s,s:o,s:o,s:I,s:o,s:o,s:o}", "id", m->id, "title", both_json(&m->title), "edition", m->edition,
			"source", m->source, "counts", counts, "mandatory", mandatory, "unverified", unverified, "conditions",
			terms_json(p, m, "conditions", m->condition, m->n_conditions), "features",
			terms_json(p, m, "features", m->feature, m->n_features), "lines", lines);
	if (m->basis)
		json_object_set_new(out, "basis", json_string(m->basis->id));
	if (m->note.en)
		json_object_set_new(out, "note", both_json(&m->note));
	return out;
}

json_t *mappings_project(const struct mapping *m, size_t n, const struct mapping_in *in)
{
	struct projector p = { in, by_id(in->requirements), by_id(in->tests), by_id(in->records), json_object() };
	json_t **done = calloc(n + 1, sizeof(*done)), *out = json_array();

	if (!done)
		abort();
	for (int with_basis = 0; with_basis < 2; with_basis++)
		for (size_t i = 0; i < n; i++)
			if ((m[i].basis != NULL) == with_basis)
				done[i] = project(&p, &m[i]);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(out, done[i]);
	free(done);
	json_decref(p.requirement);
	json_decref(p.test);
	json_decref(p.record);
	json_decref(p.scheme);
	return out;
}
