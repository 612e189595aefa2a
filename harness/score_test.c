// SPDX-License-Identifier: Apache-2.0
#include "harness/score.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/base/test.h"
#include "harness/result.h"

#define TESTS 6
#define RECORDS 3
#define CHILDREN (TESTS + RECORDS)
#define REQS 5

/* ---- one requirement: table ---- */
static const struct { const char *what, *cls, *force; const char *decides[2], *supports[2]; const char *want, *gate; } row[] = {
	{ "nothing at all", "a", "shall", { NULL }, { NULL }, "NOT_TESTED", "OPEN" },
	{ "a test decides", "a", "shall", { "PASS" }, { NULL }, "PASS", "MET" },
	{ "both must pass", "a", "shall", { "PASS", "INCONCLUSIVE" }, { NULL }, "INCONCLUSIVE", "OPEN" },
	{ "support alone never passes", "a", "shall", { NULL }, { "PASS", "PASS" }, "NOT_TESTED", "OPEN" },
	{ "support that fails", "a", "shall", { "PASS" }, { "FAIL" }, "FAIL", "NOT MET" },
	{ "support that is unclear", "b", "shall", { "PASS" }, { "INCONCLUSIVE" }, "PASS", "MET" },
	{ "documents decide", "c", "shall", { "PASS" }, { NULL }, "REVIEW", "OPEN" },
	{ "documents decide, but a test failed", "c", "shall", { NULL }, { "FAIL" }, "FAIL", "NOT MET" },
	{ "bench fault", "a", "shall", { "ERROR" }, { NULL }, "ERROR", "OPEN" },
	{ "a should that fails closes no gate", "a", "should", { "FAIL" }, { NULL }, "FAIL", "OPEN" },
};

static void add_test(json_t *tests, const char *role, const char *verdict, int n)
{
	char id[16];

	snprintf(id, sizeof(id), "BT1-%02d", n);
	json_array_append_new(tests, json_pack("{s:s,s:s,s:s,s:s,s:[s]}", "id", id, "guideline", "G1", "verdict", verdict, "why", "w", role, "G1.1"));
}

START_TEST(one)
{
	json_t *tests = json_array(), *out = json_object(), *reqs, *req, *g;
	const char *v;

	for (int i = 0; i < 2; i++) {
		if (row[_i].decides[i])
			add_test(tests, "decides", row[_i].decides[i], i);
		if (row[_i].supports[i])
			add_test(tests, "supports", row[_i].supports[i], i + 2);
	}
	reqs = json_pack("{s:[{s:s}],s:[{s:s,s:s,s:s,s:s,s:[s]}]}", "guidelines", "id", "G1", "requirements", "id", "G1.1", "guideline", "G1",
			 "force", row[_i].force, "class", row[_i].cls, "records", "ER1-01");
	score(&(struct score_in){ .requirements = reqs, .tests = tests }, out);
	req = json_array_get(json_object_get(out, "requirements"), 0);
	g = json_array_get(json_object_get(out, "guidelines"), 0);
	v = json_string_value(json_object_get(req, "verdict"));
	ck_assert_msg(!strcmp(v, row[_i].want), "%s: got %s", row[_i].what, v);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(out, "gate"), "verdict")), row[_i].gate);
	ck_assert(!strcmp(row[_i].cls, "c") || strstr(json_string_value(json_object_get(req, "why")), "waits") == NULL);
	ck_assert(strcmp(row[_i].force, "shall") || !strcmp(json_string_value(json_object_get(g, "verdict")), row[_i].want));
	json_decref(reqs);
	json_decref(tests);
	json_decref(out);
}
END_TEST

/* ---- properties over random sets ---- */
static const char *const force[] = { "shall", "should", "may" };
static const char *const cls[] = { "a", "b", "c" };

static json_t *random_records(struct rng *r)
{
	json_t *list = json_array();

	for (int i = 0; i < RECORDS; i++)
		if (rng_below(r, 3) == 0)
			json_array_append_new(list, json_sprintf("ER1-0%d", i));
	return list;
}

static json_t *random_requirements(struct rng *r)
{
	json_t *list = json_array();

	for (int i = 0; i < REQS; i++) {
		char id[16], g[8];

		snprintf(g, sizeof(g), "G%d", 1 + i % 2);
		snprintf(id, sizeof(id), "%s.%d", g, i);
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:o}", "id", id, "guideline", g, "force", force[rng_below(r, 3)],
						      "class", cls[rng_below(r, 3)], "records", random_records(r)));
	}
	if (rng_below(r, 2))
		json_object_set_new(json_array_get(list, REQS - 1), "alias", json_string("G1.0"));
	return json_pack("{s:[{s:s},{s:s}],s:o}", "guidelines", "id", "G1", "id", "G2", "requirements", list);
}

static json_t *random_tests(struct rng *r, const enum verdict *v)
{
	json_t *list = json_array();

	for (int i = 0; i < TESTS; i++) {
		char id[16], req[16];
		int at = (int)rng_below(r, REQS);

		snprintf(id, sizeof(id), "BT%d", i);
		snprintf(req, sizeof(req), "G%d.%d", 1 + at % 2, at);
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:[s]}", "id", id, "guideline", "G1", "verdict", verdict_name(v[i]),
						      "why", "", rng_below(r, 3) ? "decides" : "supports", req));
	}
	return list;
}

/* In every third set one requirement is declared not applicable, and all tests were to be run. */
static bool declares(uint64_t seed)
{
	return seed % 3 == 0;
}

/* v: TESTS tests, then RECORDS records */
static json_t *scored(uint64_t seed, const enum verdict *v, bool rehearsal)
{
	struct rng r;
	json_t *out = json_object(), *reqs, *tests, *records = json_array(), *na = json_object(), *planned = json_object(), *t;
	size_t i;

	rng_init(&r, seed, "score");
	reqs = random_requirements(&r);
	tests = random_tests(&r, v);
	for (i = 0; i < RECORDS; i++)
		json_array_append_new(records, json_pack("{s:o,s:s,s:s}", "id", json_sprintf("ER1-0%d", (int)i), "verdict",
							 verdict_name(v[TESTS + i]), "why", "w"));
	if (declares(seed))
		json_object_set_new(na, "G1.0", json_pack("{s:s,s:s}", "why", "has none", "evidence", "doc 1"));
	json_array_foreach(tests, i, t)
		json_object_set_new(planned, json_string_value(json_object_get(t, "id")), json_true());
	score(&(struct score_in){ .requirements = reqs, .tests = tests, .records = records, .not_applicable = na, .planned = planned,
				  .rehearsal = rehearsal }, out);
	json_object_set(out, "tests", tests);
	json_decref(reqs);
	json_decref(records);
	json_decref(tests);
	json_decref(na);
	json_decref(planned);
	return out;
}

static bool good(const json_t *o)
{
	const char *v = json_string_value(json_object_get(o, "verdict"));

	return !strcmp(v, "PASS") || !strcmp(v, "NOT_APPLICABLE");
}

static bool met(const json_t *o)
{
	return !strcmp(json_string_value(json_object_get(json_object_get(o, "gate"), "verdict")), "MET");
}

static json_int_t low(const json_t *g)
{
	return json_integer_value(json_object_get(json_object_get(g, "score"), "low"));
}

static json_int_t high(const json_t *g)
{
	return json_integer_value(json_object_get(json_object_get(g, "score"), "high"));
}

/* Nothing in `worse` is better than in `before`. (The high end may rise when something applies after all.) */
static void check_not_better(const json_t *before, const json_t *worse, bool declared)
{
	static const char *const lists[] = { "guidelines", "requirements" };

	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < json_array_size(json_object_get(before, lists[k])); i++) {
			const json_t *a = json_array_get(json_object_get(before, lists[k]), i);
			const json_t *b = json_array_get(json_object_get(worse, lists[k]), i);

			ck_assert(good(a) || !good(b));
			ck_assert(k || low(b) <= low(a));
			ck_assert(k || declared || high(b) <= high(a));
		}
	ck_assert(met(before) || !met(worse));
}

static enum verdict random_verdict(struct rng *r)
{
	enum verdict v;

	do
		v = (enum verdict)rng_below(r, VERDICT_COUNT);
	while (v == VERDICT_NOT_APPLICABLE);    /* a test never is */
	return v;
}

static enum verdict random_decision(struct rng *r)
{
	static const enum verdict v[] = { VERDICT_PASS, VERDICT_FAIL, VERDICT_REVIEW };

	return v[rng_below(r, 3)];
}

START_TEST(worse_child)
{
	for (uint64_t seed = 0; seed < 400; seed++) {
		enum verdict v[CHILDREN];
		json_t *before, *after;
		struct rng r;
		size_t at;
		enum verdict w;

		rng_init(&r, seed, "verdicts");
		for (int i = 0; i < TESTS; i++)
			v[i] = rng_below(&r, 2) ? VERDICT_PASS : random_verdict(&r);
		for (int i = TESTS; i < CHILDREN; i++)
			v[i] = rng_below(&r, 2) ? VERDICT_PASS : random_decision(&r);
		before = scored(seed, v, false);
		at = (size_t)rng_below(&r, CHILDREN);
		do
			w = at < TESTS ? random_verdict(&r) : random_decision(&r);
		while (verdict_severity(w) < verdict_severity(v[at]));
		v[at] = w;
		after = scored(seed, v, false);
		check_not_better(before, after, declares(seed));
		json_decref(before);
		json_decref(after);
	}
}
END_TEST

/* Without a PASS below there is none above; not of ERROR, not of nothing; and a rehearsal never meets the gate. */
START_TEST(no_pass_from_nothing)
{
	for (uint64_t seed = 0; seed < 200; seed++) {
		enum verdict v[CHILDREN];
		json_t *out;
		struct rng r;

		rng_init(&r, seed, "verdicts");
		for (int i = 0; i < TESTS; i++)
			do
				v[i] = seed % 3 ? random_verdict(&r) : VERDICT_ERROR;
			while (v[i] == VERDICT_PASS);
		for (int i = TESTS; i < CHILDREN; i++)
			v[i] = rng_below(&r, 2) ? VERDICT_REVIEW : VERDICT_FAIL;
		out = scored(seed, v, false);
		for (size_t i = 0; i < REQS; i++) {
			const json_t *req = json_array_get(json_object_get(out, "requirements"), i);

			ck_assert_str_ne(json_string_value(json_object_get(req, "verdict")), "PASS");
			ck_assert(declares(seed) || !good(req));
		}
		ck_assert_int_ne(result_status(&(struct result){ .verdicts = out }), 0);
		for (size_t i = 0; i < 2; i++)
			ck_assert(low(json_array_get(json_object_get(out, "guidelines"), i)) == 0);
		ck_assert(!met(out));
		json_decref(out);
		for (int i = 0; i < CHILDREN; i++)
			v[i] = VERDICT_PASS;
		out = scored(seed, v, true);
		ck_assert(!met(out));
		json_decref(out);
	}
}
END_TEST

/* What nobody looked at is no success, for people and for shells. */
static const struct { const char *verdict; int n, status; } nothing[] = {
	{ "ERROR", 3, 3 }, { "NOT_TESTED", 3, 2 }, { "INCONCLUSIVE", 1, 2 }, { "REVIEW", 1, 2 }, { "", 0, 2 }, { "PASS", 2, 0 }, { "FAIL", 1, 1 }
};

START_TEST(status)
{
	json_t *tests = json_array(), *out = json_object();
	bool all_good = !strcmp(nothing[_i].verdict, "PASS");

	for (int i = 0; i < nothing[_i].n; i++)
		add_test(tests, "decides", nothing[_i].verdict, i);
	json_object_set_new(out, "tests", tests);
	ck_assert_int_eq(result_status(&(struct result){ .verdicts = out }), nothing[_i].status);
	score(&(struct score_in){ .requirements = NULL, .tests = tests }, out);
	ck_assert(!met(out));           /* without a requirement there is nothing to meet */
	ck_assert(all_good == (nothing[_i].status == 0));
	json_decref(out);
}
END_TEST

/* Declared not applicable, with evidence: it stands when its test passed, was never to be run, or has none. */
static const struct { const char *verdict; bool planned; const char *want; } declared[] = {
	{ NULL, false, "NOT_APPLICABLE" }, { "PASS", true, "NOT_APPLICABLE" }, { "FAIL", true, "FAIL" },
	{ "NOT_TESTED", false, "NOT_APPLICABLE" }, { "NOT_TESTED", true, "NOT_TESTED" }, { "INCONCLUSIVE", true, "INCONCLUSIVE" },
};

START_TEST(not_applicable)
{
	json_t *tests = json_array(), *out = json_object(), *planned = json_object(), *reqs, *na;

	if (declared[_i].verdict)
		add_test(tests, "decides", declared[_i].verdict, 0);
	if (declared[_i].planned)
		json_object_set_new(planned, "BT1-00", json_true());
	reqs = json_pack("{s:[],s:[{s:s,s:s,s:s,s:s}]}", "guidelines", "requirements", "id", "G1.1", "guideline", "G1", "force", "shall", "class", "a");
	na = json_pack("{s:{s:s,s:s}}", "G1.1", "why", "has none", "evidence", "doc 1");
	score(&(struct score_in){ .requirements = reqs, .tests = tests, .not_applicable = na, .planned = planned }, out);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(out, "requirements"), 0), "verdict")), declared[_i].want);
	json_decref(reqs);
	json_decref(na);
	json_decref(planned);
	json_decref(tests);
	json_decref(out);
}
END_TEST

TEST_MAIN({ "status", status, ROWS(nothing) }, { "not_applicable", not_applicable, ROWS(declared) }, { "one", one, ROWS(row) }, { "worse_child", worse_child, 1 }, { "no_pass_from_nothing", no_pass_from_nothing, 1 })
