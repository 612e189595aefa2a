// SPDX-License-Identifier: Apache-2.0
// What several units show together, from verdicts written by hand.
#include <stdio.h>
#include <string.h>

#include "harness/base/test.h"
#include "harness/campaign_judge.h"
#include "harness/result.h"

#define UNITS_MAX 4
static json_t *verdict[UNITS_MAX], *run;
static size_t units;

static json_t *load(const char *text)
{
	json_error_t bad;
	json_t *j = json_loads(text, 0, &bad);

	ck_assert_msg(j != NULL, "%s: %s", bad.text, text);
	return j;
}

/* A unit with one test of that verdict; compared: JSON of what it showed, or NULL. */
static void add(const char *run_json, const char *word, const char *compared)
{
	json_t *claim = load("{\"part\":\"expect\",\"rep\":\"secret=a\",\"text\":\"t\",\"truth\":\"true\",\"verdict\":\"PASS\","
			     "\"at\":[{\"file\":\"serial/c.raw\",\"off\":1,\"len\":2},{\"journal\":7},{\"capture\":\"capture/lan.pcapng\",\"frame\":3}]}");
	json_t *test = json_pack("{s:s,s:s,s:s,s:[o],s:[s],s:[],s:i,s:s}", "id", "BT1-02", "verdict", word, "why", word, "claims", claim, "scope",
				 "one place", "observers", "attempts", 1, "reproduce", "jusan run");

	if (compared)
		json_object_set_new(claim, "compared", load(compared));
	verdict[units++] = json_pack("{s:o,s:[o]}", "run", load(run_json), "tests", test);
	json_array_append_new(json_object_get(run, "runs"), load(run_json));
}

static void begin(void)
{
	units = 0;
	run = load("{\"runs\":[]}");
}

static void finish(void)
{
	while (units)
		json_decref(verdict[--units]);
	json_decref(run);
}

#define RUN(unit, more) "{\"unit\":" #unit more "}"
#define SHOWN(value) "{\"fact\":\"s.v\",\"values\":[\"" value "\"],\"whole\":true}"

static const json_t *peer(const json_t *peers, size_t i)
{
	return json_array_get(json_object_get(json_object_get(peers, "BT1-02|expect|secret=a"), "s.v"), i);
}

static const struct { const char *mine, *other; bool apart, keyed; } row[] = {
	{ RUN(1, ",\"serial\":\"A\",\"mac\":\"m1\",\"campaign\":\"k\""), RUN(2, ",\"serial\":\"B\",\"mac\":\"m2\",\"campaign\":\"k\""), true, true },
	{ RUN(1, ",\"serial\":\"A\",\"campaign\":\"k\""), RUN(2, ",\"serial\":\"B\",\"campaign\":\"l\""), true, false },
	{ RUN(1, ",\"serial\":\"A\""), RUN(2, ",\"serial\":\"B\""), true, false },              /* no key is no common key */
	{ RUN(1, ",\"serial\":\"A\",\"mac\":\"m\""), RUN(2, ",\"serial\":\"B\",\"mac\":\"m\""), false, false },
	{ RUN(1, ",\"serial\":\"A\""), RUN(2, ",\"serial\":\"A\""), false, false },
	{ RUN(1, ",\"mac\":\"m1\""), RUN(2, ",\"mac\":\"m2\""), true, false },
	{ RUN(1, ""), RUN(2, ""), false, false },
};
START_TEST(peers)
{
	json_t *p;

	begin();
	add(row[_i].mine, "PASS", SHOWN("x"));
	add(row[_i].other, "PASS", SHOWN("y"));
	p = campaign_peers(verdict, units, 0);
	ck_assert_int_eq(json_integer_value(json_object_get(peer(p, 0), "unit")), 2);
	ck_assert_int_eq(json_is_true(json_object_get(peer(p, 0), "apart")), row[_i].apart);
	ck_assert_int_eq(json_is_true(json_object_get(peer(p, 0), "keyed")), row[_i].keyed);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(peer(p, 0), "values"), 0)), "y");
	ck_assert_ptr_null(peer(p, 1));
	json_decref(p);
	finish();
}
END_TEST

/* A unit whose test was not run stays a peer that showed nothing: leaving one out must not make the others unique. */
START_TEST(nobody_is_left_out)
{
	json_t *p;

	begin();
	add(RUN(1, ",\"serial\":\"A\""), "PASS", SHOWN("x"));
	add(RUN(2, ",\"serial\":\"B\""), "NOT_TESTED", NULL);
	add(RUN(3, ",\"serial\":\"C\""), "PASS", SHOWN("z"));
	p = campaign_peers(verdict, units, 0);
	ck_assert(json_is_false(json_object_get(peer(p, 0), "whole")));
	ck_assert_uint_eq(json_array_size(json_object_get(peer(p, 0), "values")), 0);
	ck_assert(json_is_true(json_object_get(peer(p, 1), "whole")));
	json_decref(p);
	finish();
}
END_TEST

/* The worst unit counts, whatever the order. */
START_TEST(worst_counts)
{
	enum verdict a = (enum verdict)(_i / VERDICT_COUNT), b = (enum verdict)(_i % VERDICT_COUNT), both[] = { a, b };
	json_t *tests, *t;

	begin();
	add(RUN(1, ""), verdict_name(a), NULL);
	add(RUN(2, ""), verdict_name(b), NULL);
	tests = campaign_tests(run, verdict, units);
	t = json_array_get(tests, 0);
	ck_assert_str_eq(json_string_value(json_object_get(t, "verdict")), verdict_name(verdict_worst(both, 2)));
	ck_assert_uint_eq(json_array_size(json_object_get(t, "units")), 2);
	ck_assert(json_string_value(json_object_get(t, "why"))[0]);
	json_decref(tests);
	finish();
}
END_TEST

START_TEST(says_where)
{
	json_t *tests, *t, *claim, *want = load("[{\"file\":\"unit2/serial/c.raw\",\"off\":1,\"len\":2},{\"journal\":7,\"unit\":2},"
						"{\"capture\":\"unit2/capture/lan.pcapng\",\"frame\":3}]");

	begin();
	add(RUN(1, ""), "PASS", NULL);
	add(RUN(2, ""), "FAIL", NULL);
	tests = campaign_tests(run, verdict, units);
	t = json_array_get(tests, 0);
	claim = json_array_get(json_object_get(t, "claims"), 1);
	ck_assert_str_eq(json_string_value(json_object_get(t, "why")), "unit 2: FAIL");
	ck_assert_str_eq(json_string_value(json_object_get(claim, "rep")), "unit=2,secret=a");
	ck_assert(json_equal(json_object_get(claim, "at"), want));
	ck_assert_int_eq(json_integer_value(json_object_get(t, "attempts")), 2);
	json_decref(want);
	json_decref(tests);
	finish();
}
END_TEST

/* What two share takes both of them and a campaign to be seen again. */
START_TEST(how_again)
{
	json_t *tests;

	begin();
	add(RUN(1, ""), "FAIL", SHOWN("x"));
	add(RUN(2, ""), "FAIL", SHOWN("x"));
	for (size_t i = 0; i < units; i++)
		json_object_set_new(json_array_get(json_object_get(json_array_get(json_object_get(verdict[i], "tests"), 0), "claims"), 0), "truth",
				    json_string("false"));
	tests = campaign_tests(run, verdict, units);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(tests, 0), "reproduce")),
			 "jusan run --campaign again/key --out again/unit1 && jusan run --campaign again/key --out again/unit2 && "
			 "jusan campaign again/all again/unit*");
	json_decref(tests);
	finish();
}
END_TEST

TEST_MAIN({ "peers", peers, ROWS(row) }, { "nobody left out", nobody_is_left_out, 1 }, { "worst", worst_counts, VERDICT_COUNT * VERDICT_COUNT },
	  { "where", says_where, 1 }, { "again", how_again, 1 })
