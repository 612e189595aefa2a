// SPDX-License-Identifier: Apache-2.0
#include "harness/grade.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

#define AT_FILE "[{\"file\":\"serial/a.raw\",\"off\":2,\"len\":4}]"
#define AT_FRAME "[{\"capture\":\"capture/a.pcapng\",\"frame\":3}]"
#define AT_LINE "[{\"journal\":9}]"
#define CLAIM(part, text, expected, actual, truth, verdict, at)                                                                    \
	"{\"part\":\"" part "\",\"text\":\"" text "\",\"expected\":\"" expected "\",\"actual\":\"" actual "\",\"truth\":\"" truth  \
	"\",\"verdict\":\"" verdict "\",\"at\":" at "}"
#define TEST(verdict, why, reproduce, scope, claims)                                                                               \
	"{\"id\":\"BT1-01\",\"verdict\":\"" verdict "\",\"why\":\"" why "\",\"reproduce\":\"" reproduce "\",\"scope\":[" scope     \
	"],\"claims\":[" claims "]}"
#define ALIVE CLAIM("alive", "alive", "alive", "alive", "true", "PASS", "[]")
#define HOLDS CLAIM("expect", "the a.b is 1", "1", "1", "true", "PASS", AT_FILE)
#define BREAKS CLAIM("expect", "the a.b is 1", "1", "2", "false", "FAIL", AT_FRAME)

static const struct { const char *what, *test, *grade; } row[] = {
	{ "whole", TEST("PASS", "ok", "jusan run", "", HOLDS "," ALIVE), "L1" },
	{ "by frame and journal", TEST("PASS", "ok", "jusan run", "", CLAIM("control", "x", "1", "1", "true", "PASS", AT_FRAME) ","
		CLAIM("expect", "y", "1", "1", "true", "PASS", AT_LINE)), "L1" },
	{ "FAIL rests on what is false only", TEST("FAIL", "no", "jusan run", "", BREAKS "," CLAIM("expect", "y", "1", "1", "true", "PASS", "[]")), "L1" },
	{ "no command", TEST("PASS", "ok", "", "", HOLDS), "L2" },
	{ "one claim points nowhere", TEST("PASS", "ok", "jusan run", "", HOLDS "," CLAIM("expect", "y", "1", "1", "true", "PASS", "[]")), "L2" },
	{ "expected is missing", TEST("PASS", "ok", "jusan run", "", CLAIM("expect", "y", "", "1", "true", "PASS", AT_FILE)), "L2" },
	{ "two are missing", TEST("PASS", "ok", "", "", HOLDS "," CLAIM("expect", "y", "1", "1", "true", "PASS", "[]")), "L3" },
	{ "a file without a place", TEST("PASS", "ok", "jusan run", "", CLAIM("expect", "y", "1", "1", "true", "PASS", "[{\"file\":\"a.log\"}]")), "L3" },
	{ "a statement", TEST("PASS", "ok", "jusan run", "", CLAIM("expect", "y", "1", "1", "true", "PASS", "[]")), "L4" },
	{ "no claim at all", TEST("PASS", "ok", "jusan run", "", ""), "L4" },
	{ "PASS with a false claim", TEST("PASS", "ok", "jusan run", "", HOLDS "," BREAKS), "L5" },
	{ "PASS with an unknown claim", TEST("PASS", "ok", "jusan run", "", CLAIM("expect", "y", "1", "?", "unknown", "INCONCLUSIVE", AT_FILE)), "L5" },
	{ "FAIL without a false claim", TEST("FAIL", "no", "jusan run", "", HOLDS), "L5" },
	{ "FAIL without expected and actual", TEST("FAIL", "no", "jusan run", "", CLAIM("expect", "y", "1", "", "false", "FAIL", AT_FILE)), "L4" },
	{ "all of a set", TEST("PASS", "ok", "jusan run", "\"65535 of 65535 TCP ports\"", CLAIM("expect", "every a.b is 1", "1", "1", "true", "PASS", AT_FILE)), "L1" },
	{ "all, from a part", TEST("PASS", "ok", "jusan run", "\"a: 5 of 100 pairs\"", CLAIM("expect", "every a.b is 1", "1", "1", "true", "PASS", AT_FILE)), "L4" },
	{ "a part is enough for one", TEST("PASS", "ok", "jusan run", "\"a: 5 of 100 pairs\"", HOLDS), "L1" },
	{ "INCONCLUSIVE with its cause", TEST("INCONCLUSIVE", "control did not hold", "jusan run", "", CLAIM("control", "y", "1", "0", "false", "INCONCLUSIVE", AT_FILE)), "L1" },
	{ "INCONCLUSIVE without", TEST("INCONCLUSIVE", "", "jusan run", "", CLAIM("control", "y", "1", "0", "false", "INCONCLUSIVE", AT_FILE)), "L4" },
	{ "INCONCLUSIVE on a statement", TEST("INCONCLUSIVE", "nobody looked", "jusan run", "", ""), "L4" },
	{ "a step the bench could not do", "{\"verdict\":\"ERROR\",\"why\":\"step 3\",\"reproduce\":\"r\",\"claims\":[],\"steps\":[{\"n\":4,\"status\":\"crash\"}]}", "L2" },
	{ "a declaration beyond its bound", TEST("REVIEW", "limit", "jusan run", "", CLAIM("limit", "l", "1", "2", "false", "REVIEW", "[]")), "L1" },
	{ "not applicable by a cell", TEST("NOT_APPLICABLE", "no telemetry (device.yaml:31)", "", "", ""), "L1" },
	{ "not applicable by a table", TEST("NOT_APPLICABLE", "see IXIT", "", "", ""), "L3" },
	{ "not applicable because", TEST("NOT_APPLICABLE", "it has none", "", "", ""), "L4" },
	{ "not tested", TEST("NOT_TESTED", "no probe", "", "", ""), "" },
	{ "nonsense", "{\"verdict\":\"GREAT\",\"claims\":3,\"scope\":[1]}", "" },
};

START_TEST(of_test)
{
	CLEANUP(free_json) json_t *tests = json_array();
	json_t *t = json_loads(row[_i].test, 0, NULL);

	ck_assert_ptr_nonnull(t);
	json_array_append_new(tests, t);
	grade_tests(tests);
	ck_assert_msg(!strcmp(text(t, "grade"), row[_i].grade), "%s: %s (%s)", row[_i].what, text(t, "grade"), text(t, "grade_why"));
	ck_assert(json_is_null(json_object_get(t, "grade")) == !row[_i].grade[0]);
	ck_assert((strcmp(row[_i].grade, "L1") && row[_i].grade[0]) == (text(t, "grade_why")[0] != '\0'));
}
END_TEST

/* ---- what people say ---- */
static const struct { const char *entry, *grade; } record[] = {
	{ NULL, "" },
	{ "{\"files\":[{}],\"seal\":\"seals/0001.json\",\"trouble\":\"\"}", "L1" },
	{ "{\"files\":[{}],\"seal\":\"\",\"trouble\":\"\"}", "L2" },
	{ "{\"files\":[],\"seal\":\"seals/0001.json\",\"trouble\":\"\"}", "L4" },
	{ "{\"files\":[{}],\"seal\":\"seals/0001.json\",\"trouble\":\"altered\"}", "L5" },
};

START_TEST(of_record)
{
	CLEANUP(free_json) json_t *r = json_object();
	CLEANUP(free_json) json_t *e = record[_i].entry ? json_loads(record[_i].entry, 0, NULL) : NULL;

	grade_record(r, e);
	ck_assert_str_eq(text(r, "grade"), record[_i].grade);
}
END_TEST

/* ---- requirements: the worst of what they rest on ---- */
static const struct { const char *req, *grade; } requirement[] = {
	{ "{\"verdict\":\"PASS\",\"class\":\"a\",\"decided_by\":[\"A\",\"B\"],\"supported_by\":[\"D\"],\"records\":[\"R\"]}", "L3" },
	{ "{\"verdict\":\"PASS\",\"class\":\"a\",\"decided_by\":[\"A\"],\"supported_by\":[\"D\"],\"records\":[\"R\"]}", "L1" },
	{ "{\"verdict\":\"FAIL\",\"class\":\"a\",\"decided_by\":[\"A\"],\"supported_by\":[\"F\"],\"records\":[]}", "L2" },
	{ "{\"verdict\":\"PASS\",\"class\":\"c\",\"decided_by\":[],\"supported_by\":[],\"records\":[\"R\"]}", "L4" },
	{ "{\"verdict\":\"NOT_TESTED\",\"class\":\"a\",\"decided_by\":[\"A\"],\"supported_by\":[],\"records\":[]}", "" },
	{ "{\"verdict\":\"NOT_APPLICABLE\",\"class\":\"a\",\"decided_by\":[\"A\"],\"records\":[],\"not_applicable\":{\"why\":\"w\",\"evidence\":\"device.yaml:3:1\"}}", "L1" },
	{ "{\"verdict\":\"NOT_APPLICABLE\",\"class\":\"a\",\"decided_by\":[\"A\"],\"records\":[],\"not_applicable\":{\"why\":\"w\",\"evidence\":\"we say so\"}}", "L4" },
};

START_TEST(of_requirement)
{
	CLEANUP(free_json) json_t *r = json_loads(requirement[_i].req, 0, NULL);
	CLEANUP(free_json) json_t *tests = json_loads("[{\"id\":\"A\",\"verdict\":\"PASS\",\"grade\":\"L1\"},{\"id\":\"B\",\"verdict\":\"PASS\",\"grade\":\"L3\"},"
		"{\"id\":\"D\",\"verdict\":\"PASS\",\"grade\":\"L4\"},{\"id\":\"F\",\"verdict\":\"FAIL\",\"grade\":\"L2\"}]", 0, NULL);
	CLEANUP(free_json) json_t *records = json_loads("[{\"id\":\"R\",\"verdict\":\"PASS\",\"grade\":\"L4\"}]", 0, NULL);

	ck_assert(r && tests && records);
	grade_requirement(r, tests, records);
	ck_assert_msg(!strcmp(text(r, "grade"), requirement[_i].grade), "%d: %s", _i, text(r, "grade"));
}
END_TEST

/* ---- files that are gone ---- */
static const struct { const char *at, *grade; } file[] = {
	{ "[{\"file\":\"a.raw\",\"off\":0,\"len\":4}]", "L1" },
	{ "[{\"file\":\"a.raw\",\"off\":1,\"len\":4}]", "L4" },
	{ "[{\"file\":\"a.raw\",\"off\":9223372036854775807,\"len\":4}]", "L4" },
	{ "[{\"file\":\"b.raw\",\"off\":0,\"len\":4}]", "L4" },
	{ "[{\"file\":\"../a.raw\",\"off\":0,\"len\":0}]", "L4" },
	{ "[{\"file\":\"link\",\"off\":0,\"len\":0}]", "L4" },
	{ "[{\"capture\":\"c.pcapng\",\"frame\":1}]", "L4" },
	{ "[{\"journal\":1}]", "L1" },
};

START_TEST(gone)
{
	char dir[] = "/tmp/jusan-grade-XXXXXX", path[FS_PATH];
	CLEANUP(free_json) json_t *v = json_pack("{s:[{s:s,s:s,s:s,s:[{s:s,s:s,s:s,s:s,s:s,s:o}]}],s:[{s:s,s:s,s:s,s:[s]}]}", "tests", "id", "A",
		"verdict", "PASS", "reproduce", "r", "claims", "part", "expect", "text", "x", "expected", "1", "actual", "1", "truth", "true", "at",
		json_loads(file[_i].at, 0, NULL), "requirements", "id", "G1.1", "verdict", "PASS", "class", "a", "decided_by", "A");
	struct err err = { 0 };

	ck_assert(v && mkdtemp(dir));
	ck_assert(fs_join(path, dir, "a.raw", &err) && fs_write(path, "boot", 4, &err));
	ck_assert(fs_join(path, dir, "link", &err) && symlink("a.raw", path) == 0);
	grade_tests(json_object_get(v, "tests"));
	grade_files(v, dir);
	ck_assert_str_eq(text(json_array_get(json_object_get(v, "tests"), 0), "grade"), file[_i].grade);
	ck_assert_str_eq(text(json_array_get(json_object_get(v, "requirements"), 0), "grade"), file[_i].grade);
	ck_assert(fs_remove(dir, &err));
}
END_TEST

/* A campaign is no better than the worst of its units, and no worse for an untested one. */
static const struct { const char *own, *first, *second, *grade; } unit_row[] = {
	{ "L1", "L1", "L1", "L1" }, { "L1", "L1", "L4", "L4" }, { "L2", "L1", "L1", "L2" }, { "L3", "L4", "L5", "L5" }, { "", "L1", "L4", "" },
};

START_TEST(units)
{
	CLEANUP(free_json) json_t *v = json_pack("{s:[{s:s,s:s,s:s,s:[{s:i,s:s,s:s},{s:i,s:s,s:s}]}],s:[{s:s,s:s,s:s,s:[s]}]}", "tests", "id", "A",
		"verdict", "PASS", "grade", unit_row[_i].own, "units", "unit", 1, "grade", unit_row[_i].first, "grade_why", "", "unit", 2, "grade",
		unit_row[_i].second, "grade_why", "gone", "requirements", "id", "G1.1", "verdict", "PASS", "class", "a", "decided_by", "A");

	ck_assert(v != NULL);
	grade_units(v);
	ck_assert_str_eq(text(json_array_get(json_object_get(v, "tests"), 0), "grade"), unit_row[_i].grade);
	ck_assert_str_eq(text(json_array_get(json_object_get(v, "requirements"), 0), "grade"), unit_row[_i].grade);
}
END_TEST

/* ---- words ---- */
static const struct { const char *text; bool all; } all[] = {
	{ "every a.b is 1", true }, { "no a.b above 0", true }, { "the a.b within [x]", true }, { "the a is 1 or every b is 2", true },
	{ "the a.b is 1", false }, { "some a.b is 1", false }, { "count a.b is 0", false }, { "the everything.ok is true", false },
};
static const struct { const char *text; int cell; } cell[] = {
	{ "device.yaml:31", 2 }, { "inputs/device.yaml:31:2", 2 }, { "serial/console.raw@40+3", 2 }, { "journal#17", 2 }, { "IXIT 24, row 1/field", 2 },
	{ "ixit.24", 1 }, { "ixit.24.1.purpose", 2 }, { "device.yaml", 1 }, { "the ICS", 1 }, { "we say so", 0 }, { "", 0 },
};

START_TEST(words)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ck_assert_msg(grade_all(all[i].text) == all[i].all, "%s", all[i].text);
	for (size_t i = 0; i < sizeof(cell) / sizeof(cell[0]); i++)
		ck_assert_msg(grade_cell(cell[i].text) == cell[i].cell, "%s: %d", cell[i].text, grade_cell(cell[i].text));
}
END_TEST

TEST_MAIN({ "test", of_test, ROWS(row) }, { "record", of_record, ROWS(record) }, { "requirement", of_requirement, ROWS(requirement) },
	  { "gone", gone, ROWS(file) }, { "units", units, ROWS(unit_row) }, { "words", words, 1 })
