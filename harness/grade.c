// SPDX-License-Identifier: Apache-2.0
#include "harness/grade.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/result.h"
#include "harness/value.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static bool is(const json_t *o, const char *key, const char *value)
{
	return !strcmp(text_of(o, key), value);
}

static void set(json_t *o, int level, const char *why)
{
	char word[4];

	snprintf(word, sizeof(word), "L%d", level);
	json_object_set_new(o, "grade", level ? json_string(word) : json_null());
	json_object_set_new(o, "grade_why", json_string(why));
}

static int level_of(const json_t *o)
{
	const char *g = text_of(o, "grade");

	return g[0] == 'L' && g[1] >= '1' && g[1] <= '5' ? g[1] - '0' : 0;
}

/* ---- words ---- */
bool grade_all(const char *text)
{
	return !strncmp(text, "every ", 6) || !strncmp(text, "no ", 3) || strstr(text, " or every ") || strstr(text, " or no ") ||
	       strstr(text, " within ");
}

/* "N of M" with N below M, anywhere in it. */
static bool says_part(const char *text)
{
	for (const char *of = strstr(text, " of "); of; of = strstr(of + 1, " of ")) {
		const char *from = of;
		unsigned long long n, m;
		char *end;

		while (from > text && isdigit((unsigned char)from[-1]))
			from--;
		if (from == of || !isdigit((unsigned char)of[4]))
			continue;
		n = strtoull(from, NULL, 10);
		m = strtoull(of + 4, &end, 10);
		if (n < m)
			return true;
	}
	return !strncmp(text, "only the first ", 15);
}

const char *grade_sample(const json_t *test)
{
	size_t i;
	json_t *s;

	json_array_foreach(json_object_get(test, "scope"), i, s)
		if (json_is_string(s) && says_part(json_string_value(s)))
			return json_string_value(s);
	return NULL;
}

int grade_cell(const char *text)
{
	bool table = strcasestr(text, "ixit") || strcasestr(text, "ics") || strchr(text, '.');

	for (const char *p = text; *p; p++)
		if (strchr(":#@", *p) && isdigit((unsigned char)p[1]))
			return 2;
	for (const char *p = text; table && *p; p++)    /* a table has a number, a cell a second one or a path */
		if (isdigit((unsigned char)*p) && strpbrk(p, "/."))
			return 2;
	return table ? 1 : 0;
}

/* ---- one test ---- */
struct sum { size_t claims, pointers, places, unpointed, unspoken; bool contradicts, limit; };

/* Does the verdict rest on this claim? */
static bool carries(const json_t *claim, enum verdict v)
{
	bool body = is(claim, "part", "control") || is(claim, "part", "expect");

	if (v == VERDICT_PASS)
		return body;
	return is(claim, "verdict", verdict_name(v)) && (v != VERDICT_FAIL || is(claim, "truth", "false"));
}

static bool is_place(const json_t *at)
{
	return json_is_integer(json_object_get(at, "journal")) ||
	       (json_is_string(json_object_get(at, "capture")) && json_is_integer(json_object_get(at, "frame"))) ||
	       (json_is_string(json_object_get(at, "file")) && json_is_integer(json_object_get(at, "off")));
}

static void add_claim(struct sum *s, const json_t *c)
{
	const json_t *at = json_object_get(c, "at"), *one;
	size_t i, places = 0;

	json_array_foreach((json_t *)(uintptr_t)at, i, one)
		places += is_place(one);
	s->claims++;
	s->pointers += json_array_size(at);
	s->places += places;
	s->unpointed += !places;
	s->unspoken += !*text_of(c, "expected") || !*text_of(c, "actual");
}

static void sum_up(const json_t *t, enum verdict v, struct sum *s)
{
	size_t i;
	json_t *c;

	json_array_foreach(json_object_get(t, "claims"), i, c) {
		if (!carries(c, v))
			continue;
		add_claim(s, c);
		s->contradicts |= v == VERDICT_PASS && !is(c, "truth", "true");
		s->limit |= is(c, "part", "limit");
	}
	if (v == VERDICT_FAIL && !s->claims)
		s->contradicts = true;
	/* what the bench could not do stands in the journal as a step */
	json_array_foreach(json_object_get(t, "steps"), i, c)
		if (!s->claims && (v == VERDICT_ERROR || v == VERDICT_INCONCLUSIVE) && *text_of(c, "status") && !is(c, "status", "ok") && !s->places) {
			s->pointers++;
			s->places++;
			s->unspoken++;
		}
}

/* The rule of the gate that the verdict breaks; NULL = none. */
static const char *broken_rule(const json_t *t, enum verdict v, const struct sum *s)
{
	size_t i;
	json_t *c;

	if (v == VERDICT_FAIL && s->unspoken)
		return "FAIL must say what was expected and what was seen";
	if ((v == VERDICT_INCONCLUSIVE || v == VERDICT_ERROR) && !*text_of(t, "why"))
		return "it must name its cause";
	if (v != VERDICT_PASS || !grade_sample(t))
		return NULL;
	json_array_foreach(json_object_get(t, "claims"), i, c)
		if (carries(c, v) && grade_all(text_of(c, "text")))
			return "it speaks of all, but only a part was looked at";
	return NULL;
}

/* A declaration beyond its bound stands in a claim that points to no bytes: its place is the cell. */
static bool is_document(const struct sum *s)
{
	return s->limit && s->claims == 1;
}

static void grade_by_sum(json_t *t, enum verdict v, const struct sum *s)
{
	const char *rule = broken_rule(t, v, s);
	char why[200] = "";
	int missing = (s->unpointed > 0) + (s->unspoken > 0) + !*text_of(t, "reproduce");

	if (s->contradicts) {
		set(t, 5, v == VERDICT_FAIL ? "no claim is false" : "a claim does not hold");
	} else if (rule) {
		set(t, 4, rule);
	} else if (is_document(s)) {
		set(t, 1, "");
	} else if (!s->pointers) {
		set(t, 4, "no claim points to evidence");
	} else if (!s->places) {
		set(t, 3, "files are named, but no place in them");
	} else {
		if (s->unpointed)
			text_add(why, sizeof(why), "%zu of %zu claims point to no place", s->unpointed, s->claims);
		if (s->unspoken)
			text_add(why, sizeof(why), "%snot every claim says what was expected and seen", *why ? "; " : "");
		if (!*text_of(t, "reproduce"))
			text_add(why, sizeof(why), "%sno command repeats it", *why ? "; " : "");
		set(t, missing == 0 ? 1 : missing == 1 ? 2 : 3, why);
	}
}

static void grade_cell_of(json_t *o, const char *evidence)
{
	int found = grade_cell(evidence);

	set(o, found == 2 ? 1 : found == 1 ? 3 : 4, found == 2 ? "" : found == 1 ? "a file or table is named, but no cell of it" :
	    "not applicable must name the cell that shows the condition false");
}

static void grade_test(json_t *t)
{
	enum verdict v = VERDICT_NOT_TESTED;
	struct sum s = { 0 };

	if (!verdict_parse(text_of(t, "verdict"), &v) || v == VERDICT_NOT_TESTED) {
		set(t, 0, "");
	} else if (v == VERDICT_NOT_APPLICABLE) {
		grade_cell_of(t, text_of(t, "why"));
	} else {
		sum_up(t, v, &s);
		grade_by_sum(t, v, &s);
	}
}

void grade_tests(json_t *tests)
{
	size_t i;
	json_t *t;

	json_array_foreach(tests, i, t)
		grade_test(t);
}

/* ---- what people decided ---- */
void grade_decided(json_t *t, const json_t *entry)
{
	if (level_of(t) < 4 && !json_array_size(json_object_get(entry, "files")))
		set(t, 3, "the reviewer added no document");
}

void grade_record(json_t *r, const json_t *entry)
{
	if (!entry)
		set(r, 0, "");
	else if (*text_of(entry, "trouble"))
		set(r, 5, text_of(entry, "trouble"));
	else if (!json_array_size(json_object_get(entry, "files")))
		set(r, 4, "the reviewer's statement, without a document");
	else
		set(r, *text_of(entry, "seal") ? 1 : 2, *text_of(entry, "seal") ? "" : "no seal lists it");
}

/* ---- requirements ---- */
static void take_worst(const json_t *ids, const json_t *list, const char *verdict, int *worst, char *why, size_t n)
{
	size_t i, k;
	json_t *id, *e;

	json_array_foreach((json_t *)(uintptr_t)ids, i, id)
		json_array_foreach((json_t *)(uintptr_t)list, k, e) {
			if (!json_equal(json_object_get(e, "id"), id) || (verdict && !is(e, "verdict", verdict)) || level_of(e) <= *worst)
				continue;
			*worst = level_of(e);
			why[0] = '\0';
			text_add(why, n, "%s: %s", json_string_value(id), *text_of(e, "grade_why") ? text_of(e, "grade_why") : "whole");
		}
}

/* PASS rests on all that decide it; anything else on those that have its verdict. */
void grade_requirement(json_t *r, const json_t *tests, const json_t *records)
{
	const char *verdict = is(r, "verdict", "PASS") ? NULL : text_of(r, "verdict");
	bool people = is(r, "class", "c");
	char why[260] = "";
	int worst = 0;

	if (is(r, "verdict", "NOT_APPLICABLE") && json_object_get(r, "not_applicable")) {
		grade_cell_of(r, text_of(json_object_get(r, "not_applicable"), "evidence"));
		return;
	}
	take_worst(json_object_get(r, "decided_by"), tests, verdict, &worst, why, sizeof(why));
	if (verdict)
		take_worst(json_object_get(r, "supported_by"), tests, verdict, &worst, why, sizeof(why));
	if (people || is(r, "verdict", "FAIL"))
		take_worst(json_object_get(r, "records"), records, verdict, &worst, why, sizeof(why));
	set(r, is(r, "verdict", "NOT_TESTED") ? 0 : worst, worst == 1 || is(r, "verdict", "NOT_TESTED") ? "" : why);
}

/* ---- are the files there? ---- */
static json_int_t size_below(const char *dir, const char *rel, json_t *seen)
{
	CLEANUP(close_fd) int fd = -1;
	json_t *known = json_object_get(seen, rel);
	struct err none = { 0 };
	struct stat st;
	json_int_t size = -1;

	if (known)
		return json_integer_value(known);
	if (fs_open_below(dir, rel, &fd, &none) && fstat(fd, &st) == 0)
		size = (json_int_t)st.st_size;
	json_object_set_new(seen, rel, json_integer(size));
	return size;
}

/* What is wrong with the files of one claim; "" = nothing. */
static void look_at(const json_t *claim, const char *dir, json_t *seen, char *why, size_t n)
{
	size_t i;
	json_t *at;

	json_array_foreach(json_object_get(claim, "at"), i, at) {
		const char *rel = *text_of(at, "capture") ? text_of(at, "capture") : text_of(at, "file");
		json_int_t size, off = json_integer_value(json_object_get(at, "off")), len = json_integer_value(json_object_get(at, "len")), end;

		if (!*rel || why[0])
			continue;
		size = size_below(dir, rel, seen);
		if (size < 0)
			text_add(why, n, "%s is gone", rel);
		else if (off < 0 || len < 0 || __builtin_add_overflow(off, len, &end) || (*text_of(at, "file") && end > size))
			text_add(why, n, "%s ends before what a claim points to", rel);
	}
}

static void grade_requirements(json_t *v)
{
	size_t i;
	json_t *r;

	json_array_foreach(json_object_get(v, "requirements"), i, r)
		if (!json_object_get(r, "alias"))
			grade_requirement(r, json_object_get(v, "tests"), json_object_get(v, "records"));
}

void grade_units(json_t *v)
{
	char why[260];
	size_t i, k;
	json_t *t, *u;

	json_array_foreach(json_object_get(v, "tests"), i, t)
		json_array_foreach(json_object_get(t, "units"), k, u) {
			if (!level_of(t) || level_of(u) <= level_of(t))
				continue;
			why[0] = '\0';
			text_add(why, sizeof(why), "unit %lld: %s", (long long)json_integer_value(json_object_get(u, "unit")), text_of(u, "grade_why"));
			set(t, level_of(u), why);
		}
	grade_requirements(v);
}

void grade_files(json_t *v, const char *dir)
{
	CLEANUP(free_json) json_t *seen = json_object();
	size_t i, k;
	json_t *t, *c;

	json_array_foreach(json_object_get(v, "tests"), i, t) {
		char why[200] = "";

		json_array_foreach(json_object_get(t, "claims"), k, c)
			look_at(c, dir, seen, why, sizeof(why));
		if (*why && level_of(t) && level_of(t) < 4)
			set(t, 4, why);
	}
	grade_requirements(v);
}
