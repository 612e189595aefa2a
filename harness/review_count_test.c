// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/rng.h"
#include "harness/base/test.h"
#include "harness/plan.h"
#include "harness/review.h"
#include "harness/score.h"
#include "harness/weigh.h"

#define DAY "2026-11-26"

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_t *entry(const char *on, const char *decide, const char *expires, const char *seal, const char *trouble, bool file)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "what", decide ? "decision" : "waiver", "on", on, "decide",
			 decide ? decide : "", "reviewer", "A <a@b>", "date", "2026-12-01", "expires", expires, "reason", "r", "asked", "why",
			 "path", "review/0001.json", "seal", seal, "trouble", trouble, "files",
			 file ? json_pack("[{s:s,s:s,s:s}]", "path", "review/x/0001-1-a", "name", "a", "sha256", "00") : json_array());
}

/* ---- one decision ---- */
static const struct { const char *decide, *expires, *seal, *trouble, *want; } says[] = {
	{ "pass", "2027-11-26", "seals/0001.json", "", "PASS" },
	{ "pass", DAY, "seals/0001.json", "", "PASS" },                  /* the last day counts */
	{ "pass", "2026-11-25", "seals/0001.json", "", "REVIEW" },
	{ "pass", "2027-11-26", "", "", "REVIEW" },
	{ "pass", "2027-11-26", "seals/0001.json", "gone", "REVIEW" },
	{ "fail", "", "seals/0001.json", "", "FAIL" },
	{ "fail", "2026-11-25", "seals/0001.json", "", "REVIEW" },
	{ "not-applicable", "2027-11-26", "seals/0001.json", "", "NOT_APPLICABLE" },
	{ "not-applicable", "2026-11-25", "seals/0001.json", "", "REVIEW" },
	{ "open", "", "seals/0001.json", "", "REVIEW" },
};

START_TEST(one)
{
	CLEANUP(free_json) json_t *e = entry("ER1-01", says[_i].decide, says[_i].expires, says[_i].seal, says[_i].trouble, true);
	char why[300] = "";

	ck_assert_str_eq(verdict_name(review_says(e, DAY, why, sizeof(why))), says[_i].want);
	ck_assert(why[0]);
	ck_assert(review_says(NULL, DAY, why, sizeof(why)) == VERDICT_REVIEW);
}
END_TEST

/* ---- on which day ---- */
static const struct { const char *ended, *started, *as_of, *want; } days[] = {
	{ "2026-11-26T03:14:22Z", "2026-11-25T23:00:00Z", NULL, "2026-11-26" },
	{ "2026-11-26T03:14:22Z", "", "2028-01-01", "2028-01-01" },
	{ "", "2026-11-25T23:00:00Z", NULL, "2026-11-25" },
	{ "", "", NULL, "9999-12-31" },
	{ "yesterday", "x", NULL, "9999-12-31" },
	{ "2026-11-26T03:14:22Z", "", "someday", "2026-11-26" },
};

START_TEST(day)
{
	CLEANUP(free_json) json_t *run = json_pack("{s:s,s:s}", "ended", days[_i].ended, "started", days[_i].started);
	char got[DATE_TEXT];

	review_day(run, days[_i].as_of, got);
	ck_assert_str_eq(got, days[_i].want);
}
END_TEST

/* ---- on a test: only REVIEW is ever settled, and only the same question ---- */
static const struct { const char *before, *why, *decide, *after; bool used; } test_row[] = {
	{ "REVIEW", "why", "pass", "PASS", true },
	{ "REVIEW", "why", "fail", "FAIL", true },
	{ "REVIEW", "why", "open", "REVIEW", true },
	{ "REVIEW", "why", "not-applicable", "REVIEW", false },
	{ "REVIEW", "something else", "pass", "REVIEW", false },
	{ "FAIL", "why", "pass", "FAIL", false },
	{ "ERROR", "why", "pass", "ERROR", false },
	{ "INCONCLUSIVE", "why", "pass", "INCONCLUSIVE", false },
	{ "NOT_TESTED", "why", "pass", "NOT_TESTED", false },
	{ "PASS", "why", "fail", "PASS", false },
};

START_TEST(on_test)
{
	CLEANUP(free_json) json_t *tests = json_pack("[{s:s,s:s,s:s,s:s},{s:s,s:s,s:s}]", "id", "BT1-01", "verdict", test_row[_i].before, "why",
						     test_row[_i].why, "grade", "L1", "id", "BT1-02", "verdict", "REVIEW", "why", "why");
	CLEANUP(free_json) json_t *entries = json_pack("[o]", entry("BT1-01", test_row[_i].decide, "2027-11-26", "seals/0001.json", "", false));
	const json_t *t;

	review_tests(tests, entries, DAY);
	t = json_array_get(tests, 0);
	ck_assert_str_eq(text(t, "verdict"), test_row[_i].after);
	ck_assert(json_is_true(json_object_get(json_object_get(t, "decision"), "used")) == test_row[_i].used);
	ck_assert(test_row[_i].used || *text(json_object_get(t, "decision"), "unused"));
	ck_assert_str_eq(text(json_array_get(tests, 1), "verdict"), "REVIEW");
	ck_assert_ptr_null(json_object_get(json_array_get(tests, 1), "decision"));
	ck_assert_str_eq(text(t, "grade"), test_row[_i].used && strcmp(test_row[_i].after, "REVIEW") ? "L3" : "L1");
}
END_TEST

/* ---- records of a run ---- */
static json_t *requirements(void)
{
	return json_pack("{s:[{s:s}],s:[{s:s,s:s,s:s,s:s,s:[s,s]},{s:s,s:s,s:s,s:s,s:[s]},{s:s,s:s,s:s,s:s,s:[]}]}", "guidelines", "id", "G1",
			 "requirements", "id", "G1.1", "guideline", "G1", "force", "shall", "class", "c", "records", "ER1-10", "ER1-02", "id", "G1.2",
			 "guideline", "G1", "force", "shall", "class", "a", "records", "ER1-02", "id", "G1.3", "guideline", "G1", "force", "should",
			 "class", "c", "records");
}

START_TEST(records)
{
	CLEANUP(free_json) json_t *reqs = requirements();
	CLEANUP(free_json) json_t *titles = json_pack("{s:[{s:s,s:{s:s,s:s},s:[i,i],s:{s:s,s:s}}]}", "records", "id", "ER1-02", "title", "en", "Two", "ja",
						      "二", "ixit", 2, 3, "decides", "en", "Is it?", "ja", "か");
	CLEANUP(free_json) json_t *entries = json_pack("[o,o]", entry("ER1-02", "fail", "", "seals/0001.json", "", false),
						       entry("ER1-02", "pass", "2027-11-26", "seals/0002.json", "", true));
	CLEANUP(free_json) json_t *out = review_records(reqs, titles, entries, DAY);
	const json_t *two = json_array_get(out, 0), *ten = json_array_get(out, 1);

	ck_assert_uint_eq(json_array_size(out), 2);
	ck_assert_str_eq(text(two, "id"), "ER1-02");
	ck_assert_str_eq(text(json_object_get(two, "title"), "ja"), "二");
	ck_assert_str_eq(text(json_object_get(two, "decides"), "en"), "Is it?");
	ck_assert_uint_eq(json_array_size(json_object_get(two, "serves")), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(two, "ixit")), 2);
	ck_assert_str_eq(text(two, "verdict"), "PASS");
	ck_assert_str_eq(text(two, "grade"), "L1");
	ck_assert_uint_eq(json_array_size(json_object_get(two, "earlier")), 1);
	ck_assert_str_eq(text(json_object_get(two, "decision"), "seal"), "seals/0002.json");
	ck_assert_str_eq(text(json_object_get(ten, "title"), "en"), "ER1-10");
	ck_assert_str_eq(text(ten, "verdict"), "REVIEW");
	ck_assert(json_is_null(json_object_get(ten, "decision")) && json_is_null(json_object_get(ten, "grade")));
}
END_TEST

/* ---- the whole, from entries to score ---- */
static json_t *judged(const json_t *entries, const json_t *tests)
{
	CLEANUP(free_json) json_t *reqs = requirements();
	struct review review = { .entries = (json_t *)(uintptr_t)entries, .day = DAY };
	struct plan p = { .requirements = reqs, .review = &review };
	struct score_in in = { .requirements = reqs };
	json_t *out = json_pack("{s:o,s:{s:s}}", "tests", json_deep_copy(tests), "run", "ended", "2026-11-26T00:00:00Z");

	in.tests = json_object_get(out, "tests");
	weigh_tests(&p, out, &in);
	score(&in, out);
	return out;
}

static json_t *some_tests(const char *decides, const char *supports)
{
	return json_pack("[{s:s,s:s,s:[s],s:[s],s:s,s:s,s:i,s:s,s:[{s:s,s:s}],s:[{s:s,s:s,s:s,s:s,s:s,s:s,s:[{s:i}]}]}]", "id", "BT1-01",
			 "guideline", "G1", "decides", decides, "supports", supports, "verdict", "PASS", "why", "no indication of a fault", "attempts",
			 1, "reproduce", "jusan run", "limits", "name", "n", "origin", "default", "claims", "part", "expect", "text", "the x.y is 1",
			 "expected", "1", "actual", "1", "truth", "true", "verdict", "PASS", "at", "journal", 3);
}

static const char *verdict_of(const json_t *v, size_t i)
{
	return text(json_array_get(json_object_get(v, "requirements"), i), "verdict");
}

static const struct { const char *what, *two, *ten, *decides, *want[2]; } whole[] = {
	{ "both wait", NULL, NULL, "G1.2", { "REVIEW", "PASS" } },
	{ "one waits", "pass", NULL, "G1.2", { "REVIEW", "PASS" } },
	{ "both pass", "pass", "pass", "G1.2", { "PASS", "PASS" } },
	{ "one fails, and fails what it only supports", "fail", "pass", "G1.2", { "FAIL", "FAIL" } },
	{ "the other fails", "pass", "fail", "G1.2", { "FAIL", "PASS" } },
	{ "neither applies", "not-applicable", "not-applicable", "G1.2", { "NOT_APPLICABLE", "PASS" } },
	{ "one does not apply", "not-applicable", "pass", "G1.2", { "PASS", "PASS" } },
	{ "a record alone never passes what tests decide", "pass", "pass", "G9.9", { "PASS", "NOT_TESTED" } },
	{ "a decision against it that expired is not forgotten", "-fail", NULL, "G1.2", { "REVIEW", "REVIEW" } },
	{ "nor takes it out", "not-applicable", "not-applicable", "G9.9", { "NOT_APPLICABLE", "NOT_TESTED" } },
};

START_TEST(to_score)
{
	CLEANUP(free_json) json_t *entries = json_array();
	CLEANUP(free_json) json_t *tests = some_tests(whole[_i].decides, "G9.9");
	CLEANUP(free_json) json_t *out = NULL;

	if (whole[_i].two)
		json_array_append_new(entries, entry("ER1-02", whole[_i].two + (*whole[_i].two == '-'), *whole[_i].two == '-' ? "2026-11-25" : "2027-01-01", "seals/0001.json", "", true));
	if (whole[_i].ten)
		json_array_append_new(entries, entry("ER1-10", whole[_i].ten, "2027-01-01", "seals/0001.json", "", true));
	out = judged(entries, tests);
	for (size_t i = 0; i < 2; i++)
		ck_assert_msg(!strcmp(verdict_of(out, i), whole[_i].want[i]), "%s: G1.%zu is %s", whole[_i].what, i + 1, verdict_of(out, i));
	ck_assert_str_eq(verdict_of(out, 2), "NOT_TESTED");     /* no record is named */
	ck_assert_int_eq(json_integer_value(json_object_get(out, "on_default")), 1);
	ck_assert_str_eq(text(out, "as_of"), DAY);
}
END_TEST

/* A decision with a good word but without a document is marked, and counts as none. */
START_TEST(statement_only)
{
	CLEANUP(free_json) json_t *entries = json_pack("[o,o]", entry("ER1-02", "pass", "2027-01-01", "seals/0001.json", "", false),
						       entry("ER1-10", "pass", "2027-01-01", "seals/0001.json", "", true));
	CLEANUP(free_json) json_t *tests = some_tests("G1.2", "G9.9");
	CLEANUP(free_json) json_t *out = judged(entries, tests);

	ck_assert_str_eq(verdict_of(out, 0), "REVIEW");
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(json_object_get(out, "marks"), 0), "pattern")), 5);
}
END_TEST

/* ---- waivers: everything but "waivers" stays as it is, to the byte ---- */
START_TEST(waivers_change_nothing)
{
	static const char *const on[] = { "BT1-01", "G1.1", "G1.2" };
	CLEANUP(free_json) json_t *tests = some_tests("G1.2", "G9.9");
	CLEANUP(free_json) json_t *none = json_array();
	CLEANUP(free_json) json_t *entries = json_array();
	CLEANUP(free_json) json_t *before = NULL;
	CLEANUP(free_json) json_t *after = NULL;
	const json_t *w;

	if (_i)
		json_object_set_new(json_array_get(tests, 0), "verdict", json_string(_i == 1 ? "FAIL" : "INCONCLUSIVE"));
	for (size_t i = 0; i < 3; i++)
		json_array_append_new(entries, entry(on[i], NULL, i ? "2026-11-25" : "2027-01-01", "seals/0001.json", "", false));
	before = judged(none, tests);
	after = judged(entries, tests);
	ck_assert_uint_eq(json_array_size(json_object_get(before, "waivers")), 0);
	ck_assert_uint_eq(json_array_size(json_object_get(after, "waivers")), 3);
	w = json_array_get(json_object_get(after, "waivers"), 0);
	ck_assert_str_eq(text(w, "id"), "BT1-01");
	ck_assert(json_is_false(json_object_get(w, "expired")));
	ck_assert(json_is_true(json_object_get(json_array_get(json_object_get(after, "waivers"), 1), "expired")));
	ck_assert_int_eq(result_status(&(struct result){ .verdicts = before }), result_status(&(struct result){ .verdicts = after }));
	json_object_del(before, "waivers");
	json_object_del(after, "waivers");
	ck_assert(json_equal(before, after));
}
END_TEST

/* ---- properties over random decisions ---- */
static bool good(const char *verdict)
{
	return !strcmp(verdict, "PASS") || !strcmp(verdict, "NOT_APPLICABLE");
}

static json_t *random_entry(struct rng *r)
{
	static const char *const on[] = { "ER1-02", "ER1-10", "BT1-01", "G1.1" }, *const word[] = { "pass", "fail", "not-applicable", "open", NULL };
	static const char *const until[] = { "2027-01-01", "2026-11-25" };

	return entry(on[rng_below(r, 4)], word[rng_below(r, 5)], until[rng_below(r, 4) == 0], rng_below(r, 5) ? "seals/0001.json" : "",
		     rng_below(r, 6) ? "" : "its document is gone", rng_below(r, 4));
}

/* Spoiling what decisions rest on (no seal, a document gone, expired, taken back) never makes a requirement better. */
START_TEST(spoiled)
{
	for (uint64_t seed = 0; seed < 300; seed++) {
		CLEANUP(free_json) json_t *entries = json_array();
		CLEANUP(free_json) json_t *tests = some_tests("G1.2", "G1.1");
		CLEANUP(free_json) json_t *before = NULL;
		CLEANUP(free_json) json_t *after = NULL;
		json_t *victim;
		struct rng r;
		size_t n;

		rng_init(&r, seed, "spoiled");
		n = 1 + (size_t)rng_below(&r, 6);
		for (size_t i = 0; i < n; i++)
			json_array_append_new(entries, random_entry(&r));
		before = judged(entries, tests);
		victim = json_array_get(entries, (size_t)rng_below(&r, n));
		switch (rng_below(&r, 4)) {
		case 0: json_object_set_new(victim, "seal", json_string("")); break;
		case 1: json_object_set_new(victim, "trouble", json_string("its document is gone")); break;
		case 2: json_object_set_new(victim, "expires", json_string("2026-11-25")); break;
		default:        /* taking a FAIL back is no loss: a person says so */
			if (strcmp(text(victim, "decide"), "fail"))
				json_object_set_new(victim, "decide", json_string("open"));
		}
		after = judged(entries, tests);
		for (size_t i = 0; i < 3; i++)
			ck_assert_msg(good(verdict_of(before, i)) || !good(verdict_of(after, i)), "seed %llu, G1.%zu: %s -> %s", (unsigned long long)seed,
				      i + 1, verdict_of(before, i), verdict_of(after, i));
	}
}
END_TEST

TEST_MAIN({ "one", one, ROWS(says) }, { "day", day, ROWS(days) }, { "on a test", on_test, ROWS(test_row) }, { "records", records, 1 },
	  { "to score", to_score, ROWS(whole) }, { "statement only", statement_only, 1 }, { "waivers", waivers_change_nothing, 3 },
	  { "spoiled", spoiled, 1 })
