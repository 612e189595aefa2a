// SPDX-License-Identifier: Apache-2.0
/* Each rule of mapping.h with both outcomes, and what must hold for any verdicts on the shipped mappings. */
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/rng.h"
#include "harness/base/test.h"
#include "harness/load.h"
#include "harness/mapping.h"
#include "harness/result.h"

/* ---- one rule at a time: a scheme with conditions, a line to inherit from, and the line in question ---- */
#define HEAD "mapping: s\ntitle: {en: A, ja: B}\nedition: '1'\nsource: C\n"
#define TERMS "conditions: {1: {en: passwords are used, ja: B}}\nfeatures: {a: {en: doors are open, ja: B}}\n"
#define LINES "lines:\n- {id: base, topic: {en: A, ja: B}, requirements: [G5.1], certainty: verified}\n"
#define LINE(more) "- {id: x, topic: {en: A, ja: B}, " more ", certainty: unverified}\n"
#define ICS(entry) "{\"s\": {\"conditions\": {\"1\": " entry "}}}"
#define NO ICS("{\"value\": false, \"evidence\": \"ICS-7\"}")
#define ONE "requirements: [G1.1], conditions: [1]"
#define HEIR "requirements: [G1.1], inherits: [base]"
#define WIDER "requirements: [G1.1], wider: [G1.1], tests: [BT1-01]"
#define REST "requirements: [G1.1], unanswered: {en: who reviewed it, ja: B}"

/* verdicts: "G1.1=FAIL BT1-01=PASS ER1-01=REVIEW"; all others are not there */
static const struct { const char *head, *line, *verdicts, *applicability, *other, *want, *why; } row[] = {
	{ TERMS, "requirements: []", "", NULL, NULL, "NOT_TESTED", "no requirement of the Code" },
	{ TERMS, "requirements: [G1.1]", "G1.1=PASS", NULL, NULL, "PASS", "G1.1: because" },
	{ TERMS, "requirements: [G1.1, G1.2]", "G1.1=PASS", NULL, NULL, "NOT_TESTED", "G1.2: this run knows no such requirement" },
	{ TERMS, "requirements: [G1.1, G1.2]", "G1.1=PASS G1.2=FAIL", NULL, NULL, "FAIL", "G1.2: because" },
	{ TERMS, "requirements: [G1.1, G1.2]", "G1.1=ERROR G1.2=INCONCLUSIVE", NULL, NULL, "ERROR", "G1.1: because" },
	{ TERMS, "nearest: [G1.1]", "G1.1=FAIL", NULL, NULL, "NOT_TESTED", "no requirement of the Code" },
	{ TERMS, "nearest: [G1.1]", "G1.1=PASS", NULL, NULL, "NOT_TESTED", "no requirement of the Code" },
	/* tests and records of the line's own */
	{ TERMS, "tests: [BT1-01]", "BT1-01=PASS", NULL, NULL, "PASS", "BT1-01: because" },
	{ TERMS, "tests: [BT1-01]", "", NULL, NULL, "NOT_TESTED", "BT1-01: not part of this run" },
	{ TERMS, "requirements: [G1.1], tests: [BT1-01]", "G1.1=PASS BT1-01=FAIL", NULL, NULL, "FAIL", "BT1-01: because" },
	{ TERMS, "records: [ER1-01]", "", NULL, NULL, "NOT_TESTED", "ER1-01: waits for its reviewer" },
	{ TERMS, "records: [ER1-01]", "ER1-01=PASS", NULL, NULL, "PASS", "ER1-01: because" },
	/* a requirement that asks more than the line */
	{ TERMS, WIDER, "G1.1=FAIL BT1-01=PASS", NULL, NULL, "REVIEW", "G1.1: it asks more than this line and is FAIL: because" },
	{ TERMS, WIDER, "G1.1=FAIL BT1-01=FAIL", NULL, NULL, "FAIL", "BT1-01: because" },
	{ TERMS, WIDER, "G1.1=PASS BT1-01=PASS", NULL, NULL, "PASS", "G1.1: because" },
	{ TERMS, WIDER, "G1.1=NOT_TESTED BT1-01=PASS", NULL, NULL, "NOT_TESTED", "G1.1: because" },
	{ TERMS, "requirements: [G1.1, G1.2], wider: [G1.1]", "G1.1=PASS G1.2=FAIL", NULL, NULL, "FAIL", "G1.2: because" },
	/* a rest that nothing answers */
	{ TERMS, REST, "G1.1=PASS", NULL, NULL, "NOT_TESTED", "nothing answers who reviewed it" },
	{ TERMS, REST, "G1.1=FAIL", NULL, NULL, "FAIL", "G1.1: because" },
	/* conditions and features */
	{ TERMS, ONE, "G1.1=NOT_TESTED", NO, NULL, "NOT_APPLICABLE",
	  "condition 1 is false: passwords are used (evidence: ICS-7)" },
	{ TERMS, ONE, "G1.1=PASS", NO, NULL, "NOT_APPLICABLE", "condition 1 is false" },
	{ TERMS, ONE, "G1.1=FAIL", NO, NULL, "REVIEW", "yet G1.1: because" },
	{ TERMS, ONE, "G1.1=FAIL", ICS("{\"value\": false}"), NULL, "FAIL",
	  "(whether condition 1 holds is not answered)" },
	{ TERMS, ONE, "G1.1=NOT_TESTED", ICS("{\"value\": false, \"evidence\": \"\"}"), NULL, "NOT_TESTED", "G1.1" },
	{ TERMS, ONE, "G1.1=NOT_TESTED", ICS("{\"value\": null, \"evidence\": \"ICS-7\"}"), NULL, "NOT_TESTED", "G1.1" },
	{ TERMS, ONE, "G1.1=NOT_TESTED", ICS("false"), NULL, "NOT_TESTED", "G1.1" },
	{ TERMS, ONE, "G1.1=NOT_TESTED", "{\"t\": {\"conditions\": {\"1\": {\"value\": false, \"evidence\": \"E\"}}}}", NULL,
	  "NOT_TESTED", "G1.1" },
	{ TERMS, "requirements: [G1.1]", "G1.1=NOT_TESTED", NO, NULL, "NOT_TESTED", "G1.1" },
	{ TERMS, ONE, "G1.1=FAIL", ICS("{\"value\": true, \"evidence\": \"E\"}"), NULL, "FAIL", "G1.1: because" },
	{ TERMS, ONE ", features: [a]", "G1.1=PASS",
	  "{\"s\": {\"conditions\": {\"1\": {\"value\": true}}, \"features\": {\"a\": {\"value\": false, \"evidence\": \"IXIT 13\"}}}}", NULL,
	  "NOT_APPLICABLE", "feature a is false: doors are open (evidence: IXIT 13)" },
	/* requirements that do not apply: only a scheme without conditions lets a line fall away by them */
	{ TERMS, ONE, "G1.1=NOT_APPLICABLE", NULL, NULL, "REVIEW", "nothing shows that the scheme lets this line fall away; G1.1" },
	{ "", "requirements: [G1.1]", "G1.1=NOT_APPLICABLE", NULL, NULL, "NOT_APPLICABLE", "G1.1: because" },
	{ TERMS, "requirements: [G1.1, G1.2]", "G1.1=NOT_APPLICABLE G1.2=PASS", NULL, NULL, "PASS", "G1.2: because" },
	/* inheritance */
	{ TERMS, HEIR, "G1.1=PASS G5.1=FAIL", NULL, NULL, "FAIL", "base is FAIL: G5.1: because" },
	{ TERMS, HEIR, "G1.1=NOT_TESTED G5.1=FAIL", NULL, NULL, "FAIL", "base is FAIL" },
	{ TERMS, HEIR, "G1.1=PASS G5.1=ERROR", NULL, NULL, "PASS", "G1.1: because" },
	{ TERMS, HEIR, "G1.1=FAIL G5.1=PASS", NULL, NULL, "FAIL", "G1.1: because" },
	{ TERMS, HEIR, "G1.1=PASS G5.1=FAIL", NULL, "{\"s\": {\"x\": \"DTLS of its own, IXIT 11 row 4\"}}", "PASS",
	  "base is FAIL, but this line has a mechanism of its own: DTLS of its own, IXIT 11 row 4; G1.1: because" },
	{ TERMS, HEIR, "G1.1=PASS G5.1=FAIL", NULL, "{\"s\": {\"x\": \"\"}}", "FAIL", "base is FAIL" },
	{ TERMS, HEIR, "G1.1=PASS G5.1=FAIL", NULL, "{\"t\": {\"x\": \"why\"}}", "FAIL", "base is FAIL" },
	{ TERMS, HEIR ", conditions: [1]", "G1.1=PASS G5.1=FAIL", NO, NULL, "NOT_APPLICABLE", "condition 1 is false" },
	{ TERMS, HEIR ", conditions: [1]", "G1.1=FAIL G5.1=FAIL", NO, NULL, "REVIEW", "condition 1 is false" },
	{ TERMS, "requirements: [G1.1]", "G1.1=PASS G5.1=FAIL", NULL, NULL, "PASS", "G1.1: because" },
};

static json_t *verdicts_of(const char *text, const char *prefix)
{
	json_t *list = json_array();
	char id[16], verdict[32];
	int used;

	for (; sscanf(text, " %15[^=]=%31s%n", id, verdict, &used) == 2; text += used)
		if (!strncmp(id, prefix, strlen(prefix)))
			json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "id", id, "verdict", verdict, "why", "because"));
	return list;
}

static json_t *json_of(const char *text)
{
	return text ? json_loads(text, 0, NULL) : NULL;
}

static struct mapping *parsed(struct arena *a, json_t *keep, const char *const *text, size_t n)
{
	struct loader l = { .a = a, .keep = keep };     /* no list of known ids: any may be named */
	struct mapping *m = arena_alloc(a, n, sizeof(*m));
	static const char *const ids[] = { "G1.1", "G1.2", "G5.1", NULL };
	struct err err = { 0 };

	l.requirement = ids;
	for (size_t i = 0; i < n; i++) {
		const struct conf *c = NULL;

		ck_assert_msg(conf_parse(a, "m.yaml", text[i], strlen(text[i]), &c, &err), "%s", err.text);
		ck_assert_msg(mapping_parse(&l, c, &m[i]), "%s", l.first.text);
	}
	mappings_link(&l, m, n);
	ck_assert_msg(!l.errors, "%s", l.first.text);
	return m;
}

static json_t *projected(const struct mapping *m, size_t n, const char *verdicts, const char *applicability, const char *other)
{
	CLEANUP(free_json) json_t *requirements = verdicts_of(verdicts, "G"), *tests = verdicts_of(verdicts, "BT"),
				  *records = verdicts_of(verdicts, "ER"), *ics = json_of(applicability), *mechanism = json_of(other);

	return mappings_project(m, n, &(struct mapping_in){ .requirements = requirements, .tests = tests, .records = records,
							    .applicability = ics, .other_mechanism = mechanism });
}

static const json_t *line_of(const json_t *out, size_t scheme, const char *id)
{
	const json_t *lines = json_object_get(json_array_get(out, scheme), "lines");

	for (size_t i = 0; i < json_array_size(lines); i++)
		if (!strcmp(json_string_value(json_object_get(json_array_get(lines, i), "id")), id))
			return json_array_get(lines, i);
	ck_abort_msg("no line %s", id);
	return NULL;
}

static const char *get(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

START_TEST(rule)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *keep = json_array(), *out = NULL;
	const char *text = arena_printf(&a, HEAD "%s" LINES LINE("%s"), row[_i].head, row[_i].line);
	const json_t *x;

	out = projected(parsed(&a, keep, &text, 1), 1, row[_i].verdicts, row[_i].applicability, row[_i].other);
	x = line_of(out, 0, "x");
	ck_assert_msg(!strcmp(get(x, "verdict"), row[_i].want), "%s with %s: %s, %s", row[_i].line, row[_i].verdicts, get(x, "verdict"),
		      get(x, "why"));
	ck_assert_msg(strstr(get(x, "why"), row[_i].why) != NULL, "%s", get(x, "why"));
	ck_assert_str_eq(get(x, "certainty"), "unverified");
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(out, 0), "unverified")), 1);
}
END_TEST

/* Schemes that rest on another one: cases have the applicability of their provision, deemed lines the verdicts of theirs. */
START_TEST(basis)
{
	static const char *const text[] = {     /* the one with a basis first: order does not matter */
		"mapping: t\ntitle: {en: A, ja: B}\nedition: '1'\nsource: C\nbasis: s\nlines:\n"
		"- {id: p-1, of: p, kind: functional, topic: {en: A, ja: B}, tests: [BT1-01], certainty: verified}\n"
		"- {id: deemed, topic: {en: A, ja: B}, provisions: [p, q], certainty: verified}\n"
		"- {id: near, topic: {en: A, ja: B}, related: [p], certainty: verified}\n",
		HEAD TERMS "lines:\n- {id: p, topic: {en: A, ja: B}, force: M, conditions: [1], requirements: [G1.1], certainty: verified}\n"
		"- {id: q, topic: {en: A, ja: B}, force: R, requirements: [G1.2], certainty: verified}\n",
	};
	static const struct { const char *verdicts, *ics, *functional, *deemed; } want[] = {
		{ "G1.1=PASS G1.2=PASS BT1-01=PASS", NULL, "PASS", "PASS" },
		{ "G1.1=PASS G1.2=FAIL BT1-01=PASS", NULL, "PASS", "FAIL" },
		{ "G1.1=NOT_TESTED G1.2=PASS BT1-01=PASS", NO, "NOT_APPLICABLE", "PASS" },
		{ "G1.1=NOT_TESTED G1.2=PASS BT1-01=FAIL", NO, "REVIEW", "PASS" },
	};
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *keep = json_array(), *out = NULL;

	out = projected(parsed(&a, keep, text, 2), 2, want[_i].verdicts, want[_i].ics, NULL);
	ck_assert_str_eq(get(line_of(out, 0, "p-1"), "verdict"), want[_i].functional);
	ck_assert_str_eq(get(line_of(out, 0, "p-1"), "status"), "M C(1)");
	ck_assert_str_eq(get(line_of(out, 0, "p-1"), "kind"), "functional");
	ck_assert_str_eq(get(line_of(out, 0, "deemed"), "verdict"), want[_i].deemed);
	ck_assert_str_eq(get(line_of(out, 0, "near"), "verdict"), "NOT_TESTED");
	ck_assert_str_eq(get(json_array_get(out, 0), "basis"), "s");
}
END_TEST

/* ---- any verdicts, on the shipped schemes ---- */
static struct arena arena;
static struct plan plan;

static void load_shipped(void)
{
	struct err err = { 0 };

	ck_assert_msg(plan_load(&arena, &(struct plan_input){ .suites = "suites" }, NULL, NULL, &plan, &err), "%s", err.text);
}

static json_t *some_verdicts(struct rng *r, const char *list, bool without_pass)
{
	json_t *out = json_array();
	const json_t *all = json_object_get(!strcmp(list, "records") ? plan.records : plan.requirements, list);
	size_t n = !strcmp(list, "tests") ? plan.n : json_array_size(all);

	for (size_t i = 0; i < n; i++) {
		const char *id = !strcmp(list, "tests") ? plan.test[i].id : get(json_array_get(all, i), "id");
		enum verdict v;

		do
			v = rng_below(r, 8) && !without_pass ? VERDICT_PASS : (enum verdict)rng_below(r, VERDICT_COUNT);
		while ((without_pass && v == VERDICT_PASS) || v == VERDICT_NOT_APPLICABLE);
		json_array_append_new(out, json_pack("{s:s,s:s,s:s}", "id", id, "verdict", verdict_name(v), "why", "w"));
	}
	return out;
}

static json_t *some_terms(struct rng *r, const struct mapping_term *term, size_t n)
{
	json_t *out = json_object();

	for (size_t i = 0; i < n; i++)
		if (rng_below(r, 4))
			json_object_set_new(out, term[i].name, json_pack("{s:b,s:s}", "value", (int)rng_below(r, 3) != 0, "evidence",
									 rng_below(r, 2) ? "ICS" : ""));
	return out;
}

static json_t *some_applicability(struct rng *r)
{
	json_t *out = json_object();

	for (size_t i = 0; i < plan.n_mappings; i++)
		json_object_set_new(out, plan.mapping[i].id,
				    json_pack("{s:o,s:o}", "conditions", some_terms(r, plan.mapping[i].condition, plan.mapping[i].n_conditions),
					      "features", some_terms(r, plan.mapping[i].feature, plan.mapping[i].n_features)));
	return out;
}

/* lists: requirements, tests, records */
static json_t *project_all(const json_t *lists, const json_t *ics)
{
	return mappings_project(plan.mapping, plan.n_mappings,
				&(struct mapping_in){ .requirements = json_array_get(lists, 0), .tests = json_array_get(lists, 1),
						      .records = json_array_get(lists, 2), .applicability = ics });
}

static enum verdict verdict_of(const json_t *o)
{
	enum verdict v = VERDICT_NOT_TESTED;

	ck_assert(verdict_parse(get(o, "verdict"), &v));
	return v;
}

/* One of the list gets a worse verdict, or is lost. */
static json_t *worsened(struct rng *r, const json_t *list)
{
	json_t *out = json_deep_copy(list), *e = json_array_get(out, rng_below(r, json_array_size(list)));
	enum verdict v;

	if (rng_below(r, 4) == 0 && verdict_of(e) == VERDICT_PASS) {
		json_object_set_new(e, "id", json_string("lost"));
		return out;
	}
	do
		v = (enum verdict)rng_below(r, VERDICT_COUNT);
	while (verdict_severity(v) < verdict_severity(verdict_of(e)));
	json_object_set_new(e, "verdict", json_string(verdict_name(v)));
	return out;
}

static void not_better(const json_t *before, const json_t *after)
{
	for (size_t i = 0; i < json_array_size(before); i++) {
		const json_t *a = json_object_get(json_array_get(before, i), "lines"), *b = json_object_get(json_array_get(after, i), "lines");

		for (size_t k = 0; k < json_array_size(a); k++) {
			const json_t *x = json_array_get(a, k), *y = json_array_get(b, k);

			if (verdict_severity(verdict_of(y)) < verdict_severity(verdict_of(x)))
				ck_abort_msg("%s %s: %s became %s (%s)", get(json_array_get(before, i), "id"), get(x, "id"), get(x, "verdict"),
					     get(y, "verdict"), get(y, "why"));
		}
	}
}

static const char *const list_name[] = { "requirements", "tests", "records" };

START_TEST(worse_never_better)
{
	load_shipped();
	for (uint64_t seed = 0; seed < 40; seed++) {
		CLEANUP(free_json) json_t *lists = json_array(), *ics = NULL, *before = NULL;
		json_t *after;
		struct rng r;
		size_t at;

		rng_init(&r, seed, "projection");
		for (size_t i = 0; i < 3; i++)
			json_array_append_new(lists, some_verdicts(&r, list_name[i], false));
		ics = rng_below(&r, 2) ? some_applicability(&r) : NULL;
		before = project_all(lists, ics);
		for (int step = 0; step < 12; step++) {
			for (int few = 0; few < 6; few++) {
				at = (size_t)rng_below(&r, 3);
				json_array_set_new(lists, at, worsened(&r, json_array_get(lists, at)));
			}
			after = project_all(lists, ics);
			not_better(before, after);
			json_decref(before);
			before = after;
		}
	}
}
END_TEST

/* Without a PASS there is none; a line without evidence for a false term applies. */
START_TEST(no_pass_from_nothing)
{
	load_shipped();
	for (uint64_t seed = 0; seed < 30; seed++) {
		CLEANUP(free_json) json_t *lists = json_array(), *out = NULL;
		struct rng r;

		rng_init(&r, seed, "nothing");
		for (size_t i = 0; seed && i < 3; i++)
			json_array_append_new(lists, some_verdicts(&r, list_name[i], true));
		out = project_all(lists, NULL);
		for (size_t i = 0; i < json_array_size(out); i++) {
			const json_t *m = json_array_get(out, i), *counts = json_object_get(m, "counts");
			json_int_t untested = json_integer_value(json_object_get(counts, "NOT_TESTED"));

			ck_assert_int_eq(json_integer_value(json_object_get(counts, "PASS")), 0);
			ck_assert_int_eq(json_integer_value(json_object_get(counts, "NOT_APPLICABLE")), 0);
			ck_assert(seed || untested == (json_int_t)json_array_size(json_object_get(m, "lines")));
		}
	}
}
END_TEST

/* Everything passes: what is left open is exactly what has no answer, or a rest without one. */
START_TEST(all_pass)
{
	CLEANUP(free_json) json_t *lists = json_array(), *out = NULL;
	struct rng r;
	size_t checked = 0, k;
	json_t *e;

	load_shipped();
	rng_init(&r, 1, "all");
	for (size_t i = 0; i < 3; i++) {
		json_array_append_new(lists, some_verdicts(&r, list_name[i], false));
		json_array_foreach(json_array_get(lists, i), k, e)
			json_object_set_new(e, "verdict", json_string("PASS"));
	}
	out = project_all(lists, NULL);
	for (size_t i = 0; i < plan.n_mappings; i++)
		for (k = 0; k < plan.mapping[i].n; k++) {
			const struct mapping_line *l = &plan.mapping[i].line[k];
			bool named = *l->requirements || *l->tests || *l->records || *l->provisions;
			bool passed = verdict_of(line_of(out, i, l->id)) == VERDICT_PASS;

			checked += named;
			ck_assert_msg(passed == (named && !l->unanswered.en), "%s", l->id);
		}
	ck_assert_uint_gt(checked, 200);
}
END_TEST

/* The recorded run of the report tests holds some schemes: they are what its verdicts give. GOLDEN_UPDATE=1 writes them anew. */
#define GOLDEN "fixtures/golden/run/verdicts.json"

START_TEST(golden)
{
	static const char *const held[] = { "en303645-v2.1.1", "jcstar-1", "psti" };
	CLEANUP(free_json) json_t *v = NULL, *out = NULL, *some = json_array();
	struct err err = { 0 };
	size_t i;
	json_t *m;

	load_shipped();
	ck_assert_msg(fs_read_json(GOLDEN, (size_t)16 << 20, &v, &err), "%s (run from the project's root)", err.text);
	out = mappings_project(plan.mapping, plan.n_mappings, &(struct mapping_in){ .requirements = json_object_get(v, "requirements"),
										    .tests = json_object_get(v, "tests") });
	json_array_foreach(out, i, m)
		for (int k = 0; k < ROWS(held); k++)
			if (!strcmp(get(m, "id"), held[k]))
				json_array_append(some, m);
	if (getenv("GOLDEN_UPDATE")) {
		json_object_set(v, "mappings", some);
		ck_assert(fs_write_json(GOLDEN, v, &err));
	}
	ck_assert(json_equal(json_object_get(v, "mappings"), some));
}
END_TEST

/* Texts as long as they come stay whole characters. */
START_TEST(long_reasons)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *keep = json_array(), *out = NULL, *requirements = NULL;
	const char *text = HEAD TERMS LINES LINE("requirements: [G1.1], conditions: [1], wider: [G1.1], inherits: [base]");
	char why[3000] = "";

	for (size_t i = 0; i + 4 < sizeof(why); i += 3)
		strcat(why, "適");
	requirements = json_pack("[{s:s,s:s,s:s},{s:s,s:s,s:s}]", "id", "G1.1", "verdict", "FAIL", "why", why + (_i % 2) * 3, "id", "G5.1", "verdict",
				 _i < 2 ? "PASS" : "FAIL", "why", why);
	out = mappings_project(parsed(&a, keep, &text, 1), 1, &(struct mapping_in){ .requirements = requirements });
	ck_assert_str_eq(get(line_of(out, 0, "x"), "verdict"), _i < 2 ? "REVIEW" : "FAIL");
	ck_assert_uint_gt(strlen(get(line_of(out, 0, "x"), "why")), 400);
}
END_TEST

TEST_MAIN({ "rule", rule, ROWS(row) }, { "basis", basis, 4 }, { "worse_never_better", worse_never_better, 1 },
	  { "no_pass_from_nothing", no_pass_from_nothing, 1 }, { "all_pass", all_pass, 1 }, { "long_reasons", long_reasons, 4 },
	  { "golden", golden, 1 })
