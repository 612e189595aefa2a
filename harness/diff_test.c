// SPDX-License-Identifier: Apache-2.0
#include "harness/diff.h"

#include <string.h>

#include "harness/base/test.h"

static json_t *load(const char *text)
{
	json_error_t bad;
	json_t *j = json_loads(text, 0, &bad);

	ck_assert_msg(j != NULL, "%s: %s", bad.text, text);
	return j;
}

#define CLAIM(rep, text, truth, actual) "{\"part\":\"expect\",\"rep\":\"" rep "\",\"text\":\"" text "\",\"expected\":\"e\",\"truth\":\"" truth \
	"\",\"actual\":\"" actual "\",\"at\":[]}"
#define LIMIT(name, text, origin) "{\"name\":\"" name "\",\"text\":\"" text "\",\"origin\":\"" origin "\",\"flag\":false}"
#define TEST(id, verdict, limits, claims) "{\"id\":\"" id "\",\"title\":{\"en\":\"t\"},\"verdict\":\"" verdict "\",\"why\":\"w\",\"limits\":[" limits \
	"],\"claims\":[" claims "]}"
#define RESULT(run, gate, requirement, tests) "{\"run\":{" run "},\"gate\":{\"verdict\":\"" gate "\"},\"guidelines\":[{\"id\":\"G1\",\"verdict\":\"" \
	requirement "\",\"should_verdict\":\"PASS\",\"score\":{\"low\":0,\"high\":1}}],\"requirements\":[{\"id\":\"G1.1\",\"verdict\":\"" requirement \
	"\",\"why\":\"w\"}],\"tests\":[" tests "]}"
#define SAME RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", LIMIT("boot", "5s", "profile"), CLAIM("", "the a.b is 5s", "true", "72ms")))

/* path: array of "tests" etc. that must have one entry, and words that must stand in the whole */
static const struct { const char *what, *a, *b; int differences, measured; const char *words; } row[] = {
	{ "the same", SAME, SAME, 0, 0, "\"tests\":[]" },
	{ "another measurement", SAME, RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", LIMIT("boot", "5s", "profile"),
		CLAIM("", "the a.b is 5s", "true", "73ms"))), 0, 1, "" },
	{ "another run", SAME, RESULT("\"id\":\"s\",\"profile\":\"uk\"", "OPEN", "PASS", TEST("BT1-01", "PASS", LIMIT("boot", "5s", "profile"),
		CLAIM("", "the a.b is 5s", "true", "72ms"))), 0, 0, "\"what\":\"profile\"" },
	{ "a verdict", SAME, RESULT("\"id\":\"r\"", "NOT MET", "FAIL", TEST("BT1-01", "FAIL", LIMIT("boot", "5s", "profile"),
		CLAIM("", "the a.b is 5s", "false", "9s"))), 4, 0, "\"truth\":{\"a\":\"true\",\"b\":\"false\"}" },
	{ "a limit, and the claim that names it", SAME, RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", LIMIT("boot", "9s", "declared"),
		CLAIM("", "the a.b is 9s", "true", "72ms"))), 1, 0, "\"a\":\"5s (profile)\",\"b\":\"9s (declared)\"" },
	{ "where a limit comes from", SAME, RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", LIMIT("boot", "5s", "default"),
		CLAIM("", "the a.b is 5s", "true", "72ms"))), 1, 0, "5s (default)" },
	{ "a limit that is new", SAME, RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", LIMIT("boot", "5s", "profile") "," LIMIT("x", "1", "default"),
		CLAIM("", "the a.b is 5s", "true", "72ms"))), 1, 0, "\"a\":null,\"b\":\"1 (default)\"" },
	{ "evidence under the same verdict", SAME, RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", LIMIT("boot", "5s", "profile"),
		CLAIM("", "the a.b is 5s", "unknown", ""))), 1, 0, "\"truth\"" },
	{ "a claim more", SAME, RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", LIMIT("boot", "5s", "profile"),
		CLAIM("", "the a.b is 5s", "true", "72ms") "," CLAIM("", "the a.c is 1", "true", "1"))), 1, 0, "\"only\":\"b\"" },
	{ "a repetition less", RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", "", CLAIM("x=1", "the a.b is 1", "true", "1") ","
		CLAIM("x=2", "the a.b is 1", "true", "1"))), RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", "",
		CLAIM("x=1", "the a.b is 1", "true", "1"))), 1, 0, "\"only\":\"a\"" },
	{ "a test more", SAME, RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT1-01", "PASS", LIMIT("boot", "5s", "profile"),
		CLAIM("", "the a.b is 5s", "true", "72ms")) "," TEST("BT1-02", "FAIL", "", "")), 1, 0, "\"only\":\"b\"" },
	{ "a test less", RESULT("\"id\":\"r\"", "OPEN", "PASS", TEST("BT9-09", "PASS", "", "")), RESULT("\"id\":\"r\"", "OPEN", "PASS", ""), 1, 0,
	  "\"only\":\"a\"" },
	{ "nothing at all", "{}", "{}", 0, 0, "" },
	{ "odd things", "{\"tests\":[{\"id\":5,\"claims\":[7,{\"text\":null,\"rep\":[]}],\"limits\":{}}],\"requirements\":7,\"guidelines\":[[]]}", SAME, 5, 0, "" },
};
START_TEST(differences)
{
	json_t *a = load(row[_i].a), *b = load(row[_i].b), *d = diff_results(a, b), *e = diff_results(a, b);
	char *text = json_dumps(d, JSON_COMPACT);

	ck_assert_msg(json_integer_value(json_object_get(d, "differences")) == row[_i].differences, "%s: %s", row[_i].what, text);
	ck_assert_msg(json_integer_value(json_object_get(d, "measured")) == row[_i].measured, "%s: %s", row[_i].what, text);
	ck_assert_msg(strstr(text, row[_i].words), "%s: %s", row[_i].what, text);
	ck_assert(json_equal(d, e));
	free(text);
	json_decref(a);
	json_decref(b);
	json_decref(d);
	json_decref(e);
}
END_TEST

/* What stands beside a test that came out another way. suites: of run a and run b. */
#define RUNS(more) "\"id\":\"r\",\"firmware\":\"1\",\"profile\":\"uk\",\"bench\":\"x\",\"suites\":[{\"file\":\"G01.yaml\",\"sha256\":\"a\"},{\"file\":\"G02.yaml\",\"sha256\":\"b\"}]" more
#define IN(file, verdict, more) "{\"id\":\"BT1-01\",\"title\":{\"en\":\"t\"},\"verdict\":\"" verdict "\",\"why\":\"w\",\"file\":\"suites/" file \
	"\",\"claims\":[],\"limits\":[" more "]}"
static const struct { const char *run, *test, *reasons; } beside[] = {
	{ RUNS(""), IN("G01.yaml", "FAIL", ""), "[{\"class\":\"unsteady\",\"what\":[\"nothing else that the runs record differs\"]}]" },
	{ RUNS(",\"firmware\":\"2\""), IN("G01.yaml", "FAIL", ""), "[{\"class\":\"device\",\"what\":[\"firmware\"]}]" },
	{ RUNS(",\"device_sha256\":\"z\""), IN("G01.yaml", "FAIL", ""), "[{\"class\":\"declaration\",\"what\":[\"device_sha256\"]}]" },
	{ RUNS(",\"profile\":\"demo\""), IN("G01.yaml", "FAIL", LIMIT("boot", "5s", "profile")),
	  "[{\"class\":\"measure\",\"what\":[\"limit boot\",\"profile\"]}]" },
	{ RUNS(",\"bench\":\"y\",\"firmware\":\"2\""), IN("G01.yaml", "FAIL", ""),
	  "[{\"class\":\"device\",\"what\":[\"firmware\"]},{\"class\":\"bench\",\"what\":[\"bench\"]}]" },
	/* only the file that the test stands in */
	{ RUNS(",\"suites\":[{\"file\":\"G01.yaml\",\"sha256\":\"a\"},{\"file\":\"G02.yaml\",\"sha256\":\"c\"}]"), IN("G01.yaml", "FAIL", ""),
	  "[{\"class\":\"unsteady\",\"what\":[\"nothing else that the runs record differs\"]}]" },
	{ RUNS(",\"suites\":[{\"file\":\"G01.yaml\",\"sha256\":\"c\"},{\"file\":\"G02.yaml\",\"sha256\":\"b\"}]"), IN("G01.yaml", "FAIL", ""),
	  "[{\"class\":\"measure\",\"what\":[\"suites\"]}]" },
	{ RUNS(""), "{\"id\":\"BT1-01\",\"title\":{\"en\":\"t\"},\"verdict\":\"FAIL\",\"why\":\"w\",\"file\":\"suites/G01.yaml\",\"used\":true,\"decision\":"
	  "{\"decide\":\"fail\"}}", "[{\"class\":\"people\",\"what\":[\"decision\"]}]" },
};
START_TEST(reasons)
{
	json_t *a = load(RESULT(RUNS(""), "OPEN", "PASS", IN("G01.yaml", "PASS", ""))), *b, *d, *want = load(beside[_i].reasons), *more;
	char text[2000];

	snprintf(text, sizeof(text), RESULT("%s", "OPEN", "PASS", "%s"), beside[_i].run, beside[_i].test);
	b = load(text);
	d = diff_results(a, b);
	more = json_object_get(json_array_get(json_object_get(d, "tests"), 0), "reasons");
	ck_assert_msg(json_equal(more, want), "%s: %s", beside[_i].reasons, json_dumps(d, 0));
	json_decref(a);
	json_decref(b);
	json_decref(d);
	json_decref(want);
}
END_TEST

/* Whatever differs from a to b differs from b to a. */
START_TEST(both_ways)
{
	json_t *a = load(row[_i].a), *b = load(row[_i].b), *d = diff_results(a, b), *e = diff_results(b, a);

	ck_assert_int_eq(json_integer_value(json_object_get(d, "differences")), json_integer_value(json_object_get(e, "differences")));
	json_decref(a);
	json_decref(b);
	json_decref(d);
	json_decref(e);
}
END_TEST

TEST_MAIN({ "differences", differences, ROWS(row) }, { "both ways", both_ways, ROWS(row) }, { "reasons", reasons, ROWS(beside) })
