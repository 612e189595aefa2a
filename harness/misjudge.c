// SPDX-License-Identifier: Apache-2.0
#include "harness/misjudge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/declare.h"
#include "harness/grade.h"
#include "harness/result.h"
#include "harness/value.h"

static const struct { const char *en, *ja; enum verdict at_best; } pattern[MISJUDGE_PATTERNS + 1] = {
	[1] = { "FAIL although its condition is declared false", "条件が偽と宣言されているのに不適合", VERDICT_REVIEW },
	[2] = { "PASS on all, from a sample", "標本だけで「すべて」を適合とした", VERDICT_INCONCLUSIVE },
	[3] = { "a contradiction in the declaration, booked as FAIL of the device", "宣言の矛盾を機器の不適合とした", VERDICT_REVIEW },
	[4] = { "better than what it builds on", "土台となる項目より良い判定", VERDICT_REVIEW },
	[5] = { "the claim is wider than its evidence", "証拠より広い主張", VERDICT_REVIEW },
	[6] = { "not applicable in a circle: it did not happen, or the verdict itself is the reason", "循環した該当なし（起きていないこと、または判定自体を理由とする）", VERDICT_REVIEW },
};

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static bool is(const json_t *o, const char *key, const char *value)
{
	return !strcmp(text_of(o, key), value);
}

static bool is_good(const json_t *o)
{
	return is(o, "verdict", "PASS") || is(o, "verdict", "NOT_APPLICABLE");
}

/* Marks it, and makes it as bad as the pattern wants when it is better than that. */
static json_t *mark(json_t *o, int n, const char *detail, json_t *marks)
{
	char en[700] = "", ja[700] = "", was[20];
	json_t *m;

	snprintf(was, sizeof(was), "%s", text_of(o, "verdict"));
	text_add(en, sizeof(en), "%s%s%s", pattern[n].en, *detail ? ": " : "", detail);
	text_add(ja, sizeof(ja), "%s%s%s", pattern[n].ja, *detail ? "：" : "", detail);
	if (is_good(o)) {
		json_object_set_new(o, "verdict", json_string(verdict_name(pattern[n].at_best)));
		json_object_set_new(o, "why", json_string(en));
	}
	m = json_pack("{s:i,s:s,s:{s:s,s:s},s:s,s:s}", "pattern", n, "on", text_of(o, "id"), "text", "en", en, "ja", ja, "was", was, "now",
		      text_of(o, "verdict"));
	json_array_append_new(marks, m);
	return m;
}

/* ---- 2: all of a set, from a sample ---- */
static bool samples_all(json_t *t, json_t *marks)
{
	const char *part = grade_sample(t);
	size_t i;
	json_t *c;

	if (!is(t, "verdict", "PASS") || !part)
		return false;
	json_array_foreach(json_object_get(t, "claims"), i, c) {
		char detail[600] = "";

		if (!is(c, "part", "expect") || !grade_all(text_of(c, "text")))
			continue;
		text_add(detail, sizeof(detail), "\"%.200s\", but %s", text_of(c, "text"), part);
		mark(t, 2, detail, marks);
		return true;
	}
	return false;
}

/* ---- 3: what the document contradicts itself in ---- */
/* The path of device.yaml that a finding on the document is about. */
static bool finding_names(const json_t *findings, const char *path, size_t n)
{
	static const char *const keys[] = { "path", "with", "on", "field", NULL };
	size_t i;
	json_t *f;

	json_array_foreach((json_t *)(uintptr_t)findings, i, f)
		for (const char *const *k = keys; *k; k++)
			if (strlen(text_of(f, *k)) == n && !strncmp(text_of(f, *k), path, n))
				return true;
	return false;
}

/* Every claim that makes it a FAIL compares with a declared value that a finding disputes, or is about the document itself. */
static bool blames_document(const json_t *t, const json_t *findings, const char **ret)
{
	size_t i, n = 0;
	json_t *c;

	json_array_foreach(json_object_get(t, "claims"), i, c) {
		const char *declared = strstr(text_of(c, "expected"), "(declared."), *end = declared ? strchr(declared, ')') : NULL;

		if (!is(c, "truth", "false") || !is(c, "verdict", "FAIL"))
			continue;
		n++;
		*ret = text_of(c, "text");
		if (is(c, "part", "limit"))
			continue;
		if (!end || !finding_names(findings, declared + 10, (size_t)(end - declared - 10)))
			return false;
	}
	return n > 0;
}

/* ---- 5: wider than the evidence ---- */
/* Words for what no observation shows. Only in front of the scope, which may well say what could not be told. */
static const char *wide_word(const char *why)
{
	static const char *const words[] = { "cannot", "never", "impossible", "always", "guarantee", "secure against", "できない", "決して",
					     "必ず", "不可能", NULL };
	const char *scope = strstr(why, ", scope:");
	size_t n = scope ? (size_t)(scope - why) : strlen(why);

	for (const char *const *w = words; *w; w++) {
		const char *at = strcasestr(why, *w);

		if (at && (size_t)(at - why) < n)
			return *w;
	}
	return NULL;
}

static bool claims_too_much(json_t *t, json_t *marks)
{
	const char *grade = text_of(t, "grade"), *word = wide_word(text_of(t, "why"));
	char detail[300] = "";

	if (!is(t, "verdict", "PASS"))
		return false;
	if (!strcmp(grade, "L4") || !strcmp(grade, "L5"))
		text_add(detail, sizeof(detail), "%s", text_of(t, "grade_why"));
	else if (word)
		text_add(detail, sizeof(detail), "\"%s\" in \"%.150s\"", word, text_of(t, "why"));
	else
		return false;
	mark(t, 5, detail, marks);
	return true;
}

void misjudge_tests(json_t *tests, const json_t *findings, json_t *marks)
{
	size_t i;
	json_t *t;

	json_array_foreach(tests, i, t) {
		const char *claim = "";

		if (json_is_true(json_object_get(json_object_get(t, "decision"), "used")))
			continue;               /* a person has looked at it, and answers for it by name */
		if (!samples_all(t, marks))
			(void)claims_too_much(t, marks);
		if (is(t, "verdict", "FAIL") && blames_document(t, findings, &claim))
			mark(t, 3, claim, marks);
	}
}

void misjudge_records(json_t *records, json_t *marks)
{
	size_t i;
	json_t *r;

	json_array_foreach(records, i, r)
		if (is_good(r) && (is(r, "grade", "L4") || is(r, "grade", "L5")))
			mark(r, 5, text_of(r, "grade_why"), marks);
}

/* ---- 1 and 6: conditions ---- */
/* A reason that only says that it did not happen, or evidence that leads back to the verdict. */
static const char *in_a_circle(const json_t *req)
{
	static const char *const back[] = { "verdicts.json", "not_applicable", "report/", NULL };
	const json_t *na = json_object_get(req, "not_applicable");
	const char *why = text_of(na, "why"), *evidence = text_of(na, "evidence");

	if (reason_circular(why) || reason_circular(evidence))
		return reason_circular(why) ? reason_circular(why) : reason_circular(evidence);
	for (const char *const *b = back; *b; b++)
		if (strcasestr(evidence, *b))
			return evidence;
	return !strcmp(evidence, text_of(req, "id")) ? evidence : NULL;
}

void misjudge_requirement(json_t *req, json_t *marks)
{
	const json_t *na = json_object_get(req, "not_applicable");
	const char *circle = na ? in_a_circle(req) : NULL;
	char detail[400] = "";

	if (is(req, "verdict", "NOT_APPLICABLE") && circle) {
		text_add(detail, sizeof(detail), "\"%.300s\"", circle);
		mark(req, 6, detail, marks);
	} else if (is(req, "verdict", "FAIL") && *text_of(na, "why") && *text_of(na, "evidence") && !circle) {
		text_add(detail, sizeof(detail), "%.150s (%.100s)", text_of(na, "why"), text_of(na, "evidence"));
		mark(req, 1, detail, marks);
	}
}

/* ---- 1 and 4: lines of the mapped schemes ---- */
static json_t *line_of(const json_t *mapping, const char *id)
{
	size_t i;
	json_t *l;

	json_array_foreach(json_object_get(mapping, "lines"), i, l)
		if (is(l, "id", id))
			return l;
	return NULL;
}

static const json_t *named(const json_t *terms, const char *name, size_t n)
{
	size_t i;
	json_t *t;

	json_array_foreach((json_t *)(uintptr_t)terms, i, t)
		if (strlen(text_of(t, "name")) == n && !strncmp(text_of(t, "name"), name, n))
			return t;
	return NULL;
}

/* The first condition of a line ("M C(11, 12)", "R F(a)") that is declared false, with evidence; NULL = none. */
static const json_t *false_term(const json_t *mapping, const json_t *line, const char *open, const char *terms)
{
	const char *p = strstr(text_of(line, "status"), open);

	for (p = p ? p + strlen(open) : ""; *p && *p != ')'; p += strspn(p, ", ")) {
		size_t n = strcspn(p, ",)");
		const json_t *t = named(json_object_get(mapping, terms), p, n);

		if (json_is_false(json_object_get(t, "value")) && *text_of(t, "evidence"))
			return t;
		p += n;
	}
	return NULL;
}

static void recount(json_t *counts, const char *was, const char *now)
{
	const json_t *from = json_object_get(counts, was), *to = json_object_get(counts, now);

	if (!strcmp(was, now) || !json_is_integer(from) || !json_is_integer(to))
		return;
	json_object_set_new(counts, was, json_integer(json_integer_value(from) - 1));
	json_object_set_new(counts, now, json_integer(json_integer_value(to) + 1));
}

static void mark_line(json_t *mapping, json_t *line, int n, const char *detail, json_t *marks)
{
	json_t *m = mark(line, n, detail, marks);

	if (json_is_string(json_object_get(mapping, "id")))
		json_object_set(m, "mapping", json_object_get(mapping, "id"));
	recount(json_object_get(mapping, "counts"), text_of(m, "was"), text_of(m, "now"));
	if (is(line, "force", "M"))
		recount(json_object_get(mapping, "mandatory"), text_of(m, "was"), text_of(m, "now"));
}

static void line_conditions(json_t *mapping, json_t *marks)
{
	size_t i;
	json_t *l;

	json_array_foreach(json_object_get(mapping, "lines"), i, l) {
		const json_t *c = false_term(mapping, l, "C(", "conditions"), *t = c ? c : false_term(mapping, l, "F(", "features");

		if (is(l, "verdict", "FAIL") && t)
			mark_line(mapping, l, 1, text_of(t, "evidence"), marks);
	}
}

/* A mechanism of its own, which the projection names, frees a line from what it would inherit. */
static void inheritance(json_t *mapping, json_t *marks)
{
	static const char *const heirs[] = { "5.5-6", "5.5-7", "5.8-1", "5.8-2" };
	const json_t *from = line_of(mapping, "5.5-1");

	if (!is(from, "verdict", "FAIL"))
		return;
	for (size_t i = 0; i < sizeof(heirs) / sizeof(heirs[0]); i++) {
		json_t *l = line_of(mapping, heirs[i]);
		bool falls_away = false_term(mapping, l, "C(", "conditions") || false_term(mapping, l, "F(", "features");

		if (l && is_good(l) && !strstr(text_of(l, "why"), "mechanism of its own") && !(falls_away && is(l, "verdict", "NOT_APPLICABLE")))
			mark_line(mapping, l, 4, "5.5-1 FAIL", marks);
	}
}

void misjudge_lines(json_t *v)
{
	json_t *marks = json_object_get(v, "marks"), *m;
	size_t i;

	if (!json_is_array(marks)) {
		marks = json_array();
		json_object_set_new(v, "marks", marks);
	}
	json_array_foreach(json_object_get(v, "mappings"), i, m) {
		line_conditions(m, marks);
		inheritance(m, marks);
	}
}

/* ---- lint ---- */
static bool is_marked(const json_t *marks, const json_t *m)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)(uintptr_t)marks, i, e)
		if (json_equal(json_object_get(e, "pattern"), json_object_get(m, "pattern")) &&
		    json_equal(json_object_get(e, "on"), json_object_get(m, "on")) && is(e, "mapping", text_of(m, "mapping")))
			return true;
	return false;
}

json_t *misjudge_find(const json_t *verdicts)
{
	json_t *v = json_deep_copy(verdicts), *found = json_array(), *out = json_array(), *e;
	size_t i;

	json_object_set_new(v, "marks", json_array());
	misjudge_tests(json_object_get(v, "tests"), json_object_get(v, "findings"), found);
	misjudge_records(json_object_get(v, "records"), found);
	json_array_foreach(json_object_get(v, "requirements"), i, e)
		misjudge_requirement(e, found);
	misjudge_lines(v);
	json_array_extend(found, json_object_get(v, "marks"));
	json_array_foreach(found, i, e)
		if (!is_marked(json_object_get(verdicts, "marks"), e))
			json_array_append(out, e);
	json_decref(found);
	json_decref(v);
	return out;
}

bool misjudge_lint(const char *dir, json_t **ret, struct err *err)
{
	struct result r = { 0 };
	json_t *fresh, *m;
	size_t i;

	if (!result_load(dir, &r, err))
		return false;
	fresh = misjudge_find(r.verdicts);
	json_array_foreach(fresh, i, m)
		json_object_set_new(m, "new", json_true());
	m = json_object_get(r.verdicts, "marks");
	*ret = json_is_array(m) ? json_deep_copy(m) : json_array();
	json_array_extend(*ret, fresh);
	json_decref(fresh);
	result_free(&r);
	return true;
}
