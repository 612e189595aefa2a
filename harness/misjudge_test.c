// SPDX-License-Identifier: Apache-2.0
#include "harness/misjudge.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"
#include "harness/score.h"

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- tests: 2, 3, 5 ---- */
#define T(verdict, grade, why, scope, claims) "{\"id\":\"BT1-01\",\"verdict\":\"" verdict "\",\"grade\":\"" grade "\",\"grade_why\":\"g\",\"why\":\"" why \
	"\",\"scope\":[" scope "],\"claims\":[" claims "]}"
#define C(text, expected, truth, verdict) "{\"part\":\"expect\",\"text\":\"" text "\",\"expected\":\"" expected "\",\"truth\":\"" truth "\",\"verdict\":\"" verdict "\"}"
#define FINDING "[{\"kind\":\"contradiction\",\"path\":\"update.newer\"}]"

static const struct { const char *what, *test, *findings; int pattern; const char *now; } test_row[] = {
	{ "all from a sample", T("PASS", "L4", "no indication", "\"5 of 100 pairs\"", C("no a.b above 0", "none", "true", "PASS")), NULL, 2, "INCONCLUSIVE" },
	{ "only a beginning was read", T("PASS", "L4", "no indication", "\"only the first 65536 bytes of the answer were read\"", C("every a.b is 1", "", "true", "PASS")), NULL, 2, "INCONCLUSIVE" },
	{ "within, from a sample", T("PASS", "L4", "no indication", "\"1024 of 65535 TCP ports\"", C("the s.open within [tcp/80]", "", "true", "PASS")), NULL, 2, "INCONCLUSIVE" },
	{ "all of all", T("PASS", "L1", "no indication", "\"100 of 100 pairs\"", C("no a.b above 0", "none", "true", "PASS")), NULL, 0, "PASS" },
	{ "a sample that claims nothing of all", T("PASS", "L1", "no indication", "\"5 of 100 pairs\"", C("the a.b is 0", "0", "true", "PASS")), NULL, 0, "PASS" },
	{ "a FAIL needs no set", T("FAIL", "L1", "no", "\"5 of 100 pairs\"", C("no a.b above 0", "none", "false", "FAIL")), NULL, 0, "FAIL" },
	{ "numbers that are no part", T("PASS", "L1", "ok", "\"pair 5 of the list of 100\", \"all of 4\"", C("every a.b is 1", "", "true", "PASS")), NULL, 0, "PASS" },

	{ "the document contradicts itself", T("FAIL", "L1", "no", "", C("the now.version is 1", "\\\"1.3.0\\\" (declared.update.newer)", "false", "FAIL")), FINDING, 3, "FAIL" },
	{ "it does not in this", T("FAIL", "L1", "no", "", C("the now.version is 1", "\\\"1.3.0\\\" (declared.update.version)", "false", "FAIL")), FINDING, 0, "FAIL" },
	{ "nobody found anything", T("FAIL", "L1", "no", "", C("the now.version is 1", "\\\"1.3.0\\\" (declared.update.newer)", "false", "FAIL")), NULL, 0, "FAIL" },
	{ "another claim fails as well", T("FAIL", "L1", "no", "", C("the now.version is 1", "(declared.update.newer)", "false", "FAIL") "," C("the a.b is 1", "1", "false", "FAIL")), FINDING, 0, "FAIL" },

	{ "PASS on a statement", T("PASS", "L4", "no indication", "", C("the a.b is 1", "1", "true", "PASS")), NULL, 5, "REVIEW" },
	{ "PASS against its evidence", T("PASS", "L5", "no indication", "", C("the a.b is 1", "1", "true", "PASS")), NULL, 5, "REVIEW" },
	{ "PASS in words that are too wide", T("PASS", "L1", "no egress seen, so it cannot connect", "", C("the a.b is 1", "1", "true", "PASS")), NULL, 5, "REVIEW" },
	{ "the same in Japanese", T("PASS", "L1", "外部に接続できない", "", C("the a.b is 1", "1", "true", "PASS")), NULL, 5, "REVIEW" },
	{ "a scope may say what could not be told", T("PASS", "L1", "no indication of a fault, scope: 1 silent (cannot be told)", "", C("the a.b is 1", "1", "true", "PASS")), NULL, 0, "PASS" },
	{ "weak evidence of a FAIL is a FAIL", T("FAIL", "L4", "no", "", C("the a.b is 1", "1", "false", "FAIL")), NULL, 0, "FAIL" },
};

START_TEST(tests)
{
	CLEANUP(free_json) json_t *list = json_array();
	CLEANUP(free_json) json_t *marks = json_array();
	CLEANUP(free_json) json_t *findings = test_row[_i].findings ? json_loads(test_row[_i].findings, 0, NULL) : NULL;
	json_t *t = json_loads(test_row[_i].test, 0, NULL), *m;

	ck_assert_ptr_nonnull(t);
	json_array_append_new(list, t);
	misjudge_tests(list, findings, marks);
	m = json_array_get(marks, 0);
	ck_assert_msg(json_array_size(marks) == (test_row[_i].pattern > 0), "%s: %zu marks", test_row[_i].what, json_array_size(marks));
	ck_assert_msg(json_integer_value(json_object_get(m, "pattern")) == test_row[_i].pattern, "%s", test_row[_i].what);
	ck_assert_str_eq(text(t, "verdict"), test_row[_i].now);
	if (m) {
		ck_assert_str_eq(text(m, "on"), "BT1-01");
		ck_assert(*text(json_object_get(m, "text"), "en") && *text(json_object_get(m, "text"), "ja"));
		ck_assert_str_eq(text(m, "now"), test_row[_i].now);
	}
}
END_TEST

/* What a named person has looked at is not marked again. */
START_TEST(answered_for)
{
	CLEANUP(free_json) json_t *list = json_pack("[{s:s,s:s,s:s,s:s,s:{s:b}}]", "id", "BT1-01", "verdict", "PASS", "grade", "L4", "why", "w",
						    "decision", "used", 1);
	CLEANUP(free_json) json_t *marks = json_array();

	misjudge_tests(list, NULL, marks);
	ck_assert_uint_eq(json_array_size(marks), 0);
	json_object_set_new(json_object_get(json_array_get(list, 0), "decision"), "used", json_false());
	misjudge_tests(list, NULL, marks);
	ck_assert_uint_eq(json_array_size(marks), 1);
}
END_TEST

/* ---- requirements: 1, 6, through the score ---- */
static const struct { const char *what, *test, *why, *evidence; int pattern; const char *want; } req_row[] = {
	{ "FAIL although its condition is false", "FAIL", "no telemetry is collected", "device.yaml:31", 1, "FAIL" },
	{ "FAIL, and nobody says it does not apply", "FAIL", NULL, NULL, 0, "FAIL" },
	{ "FAIL, said without evidence not to apply", "FAIL", "no telemetry is collected", "", 0, "FAIL" },
	{ "not applicable, shown", "PASS", "no telemetry is collected", "device.yaml:31", 0, "NOT_APPLICABLE" },
	{ "it has not happened", "PASS", "A breach has not happened so far", "device.yaml:31", 6, "REVIEW" },
	{ "it has not happened, in Japanese", "PASS", "漏えいは発生していない", "device.yaml:31", 6, "REVIEW" },
	{ "the verdict proves itself", "PASS", "not needed", "verdicts.json:10", 6, "REVIEW" },
	{ "the requirement proves itself", "PASS", "not needed", "G1.1", 6, "REVIEW" },
	{ "a FAIL in a circle is a FAIL", "FAIL", "never happened", "device.yaml:31", 0, "FAIL" },
};

START_TEST(requirements)
{
	CLEANUP(free_json) json_t *reqs = json_pack("{s:[{s:s}],s:[{s:s,s:s,s:s,s:s,s:[]}]}", "guidelines", "id", "G1", "requirements", "id", "G1.1",
						    "guideline", "G1", "force", "shall", "class", "a", "records");
	CLEANUP(free_json) json_t *list = json_pack("[{s:s,s:s,s:[s],s:s,s:s}]", "id", "BT1-01", "guideline", "G1", "decides", "G1.1", "verdict",
						    req_row[_i].test, "why", "w");
	CLEANUP(free_json) json_t *na = req_row[_i].why ? json_pack("{s:{s:s,s:s}}", "G1.1", "why", req_row[_i].why, "evidence", req_row[_i].evidence) : NULL;
	CLEANUP(free_json) json_t *marks = json_array();
	CLEANUP(free_json) json_t *out = json_object();
	const json_t *gate;

	score(&(struct score_in){ .requirements = reqs, .tests = list, .not_applicable = na, .marks = marks }, out);
	ck_assert_msg(!strcmp(text(json_array_get(json_object_get(out, "requirements"), 0), "verdict"), req_row[_i].want), "%s: %s", req_row[_i].what,
		      text(json_array_get(json_object_get(out, "requirements"), 0), "verdict"));
	ck_assert_msg(json_array_size(marks) == (req_row[_i].pattern > 0), "%s", req_row[_i].what);
	ck_assert(json_integer_value(json_object_get(json_array_get(marks, 0), "pattern")) == req_row[_i].pattern);
	gate = json_object_get(out, "gate");            /* the gate follows what was made worse */
	ck_assert_str_eq(text(gate, "verdict"), !strcmp(req_row[_i].want, "FAIL") ? "NOT MET" : "OPEN");
}
END_TEST

/* ---- lines: 4, and 1 ---- */
static const struct { const char *what, *from, *to, *id; int pattern; const char *want, *why; } line[] = {
	{ "broken inheritance", "FAIL", "PASS", "5.8-1", 4, "REVIEW", NULL },
	{ "of a recommendation", "FAIL", "PASS", "5.5-6", 4, "REVIEW", NULL },
	{ "by taking it out", "FAIL", "NOT_APPLICABLE", "5.8-2", 4, "REVIEW", NULL },
	{ "inherited", "FAIL", "FAIL", "5.5-7", 0, "FAIL", NULL },
	{ "nothing to inherit", "PASS", "PASS", "5.8-1", 0, "PASS", NULL },
	{ "another line", "FAIL", "PASS", "5.9-1", 0, "PASS", NULL },
	{ "open stays open", "FAIL", "INCONCLUSIVE", "5.8-1", 0, "INCONCLUSIVE", NULL },
	{ "it shows another mechanism", "FAIL", "PASS", "5.8-1", 0, "PASS", "5.5-1 is FAIL, but this line has a mechanism of its own: disk" },
};

static json_t *one_mapping(const char *from, const char *id, const char *to, const char *why, const char *status, json_t *terms)
{
	return json_pack("{s:[{s:s,s:o,s:{s:i,s:i},s:[{s:s,s:s},{s:s,s:s,s:s,s:s}]}]}", "mappings", "id", "en303645-v2.1.1", "conditions", terms,
			 "counts", to, 5, "REVIEW", 0, "lines", "id", "5.5-1", "verdict", from, "id", id, "verdict", to, "why", why ? why : "", "status",
			 status);
}

START_TEST(lines)
{
	CLEANUP(free_json) json_t *v = one_mapping(line[_i].from, line[_i].id, line[_i].to, line[_i].why, "M", json_array());
	const json_t *m, *l, *mapping;

	misjudge_lines(v);
	m = json_array_get(json_object_get(v, "marks"), 0);
	mapping = json_array_get(json_object_get(v, "mappings"), 0);
	l = json_array_get(json_object_get(mapping, "lines"), 1);
	ck_assert_msg(json_array_size(json_object_get(v, "marks")) == (line[_i].pattern > 0), "%s", line[_i].what);
	ck_assert_str_eq(text(l, "verdict"), line[_i].want);
	ck_assert(!m || !strcmp(text(m, "mapping"), "en303645-v2.1.1"));
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(mapping, "counts"), "REVIEW")), m != NULL);
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(mapping, "counts"), line[_i].to)), m ? 4 : 5);
}
END_TEST

/* What one condition says of a line. */
static const struct { const char *what, *verdict, *status; int value; const char *evidence; int pattern; } term[] = {
	{ "FAIL although it is false", "FAIL", "M C(11, 12)", 0, "device.yaml:3", 1 },
	{ "the first of two", "FAIL", "M C(12, 13)", 0, "device.yaml:3", 1 },
	{ "it is true", "FAIL", "M C(11, 12)", 1, "device.yaml:3", 0 },
	{ "false, but nothing shows it", "FAIL", "M C(11, 12)", 0, "", 0 },
	{ "another one", "FAIL", "M C(1, 2)", 0, "device.yaml:3", 0 },
	{ "none", "FAIL", "M", 0, "device.yaml:3", 0 },
	{ "rightly out", "NOT_APPLICABLE", "M C(12)", 0, "device.yaml:3", 0 },
	{ "cut off", "FAIL", "M C(", 0, "device.yaml:3", 0 },
};

START_TEST(line_conditions)
{
	CLEANUP(free_json) json_t *v = one_mapping("PASS", "5.7-2", term[_i].verdict, NULL, term[_i].status,
						   json_pack("[{s:s,s:b,s:s}]", "name", "12", "value", term[_i].value, "evidence", term[_i].evidence));

	misjudge_lines(v);
	ck_assert_msg(json_array_size(json_object_get(v, "marks")) == (term[_i].pattern > 0), "%s", term[_i].what);
}
END_TEST

/* A line that falls away by its condition inherits nothing. */
START_TEST(falls_away)
{
	CLEANUP(free_json) json_t *v = one_mapping("FAIL", "5.8-1", "NOT_APPLICABLE", NULL, "M C(12)",
						   json_pack("[{s:s,s:b,s:s}]", "name", "12", "value", _i, "evidence", "device.yaml:3"));

	misjudge_lines(v);
	ck_assert_int_eq((int)json_array_size(json_object_get(v, "marks")), _i);
}
END_TEST

/* ---- as lint: what judge marked is known, what somebody put there is not ---- */
START_TEST(lint)
{
	CLEANUP(free_json) json_t *v = json_pack("{s:[{s:s,s:s,s:s,s:s}],s:[],s:[{s:s,s:s}]}", "tests", "id", "BT1-01", "verdict", "PASS", "grade", "L4",
						 "why", "w", "marks", "records", "id", "ER1-01", "verdict", "PASS");
	CLEANUP(free_json) json_t *before = json_deep_copy(v);
	CLEANUP(free_json) json_t *fresh = misjudge_find(v);
	CLEANUP(free_json) json_t *again = NULL;

	ck_assert(json_equal(before, v));
	ck_assert_uint_eq(json_array_size(fresh), 1);
	misjudge_tests(json_object_get(v, "tests"), NULL, json_object_get(v, "marks"));
	again = misjudge_find(v);
	ck_assert_uint_eq(json_array_size(again), 0);
}
END_TEST

TEST_MAIN({ "tests", tests, ROWS(test_row) }, { "answered for", answered_for, 1 }, { "requirements", requirements, ROWS(req_row) },
	  { "lines", lines, ROWS(line) }, { "conditions", line_conditions, ROWS(term) }, { "falls away", falls_away, 2 }, { "lint", lint, 1 })
