// SPDX-License-Identifier: Apache-2.0
// The same record judged again: with another profile, and in several rounds.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/judge.h"
#include "harness/result.h"

static char dir[64];
static struct arena arena;
static struct plan plan;
static struct err err;
static json_t *records, *run;

static void put(const char *name, const char *text)
{
	char path[FS_PATH];

	ck_assert(fs_join(path, dir, name, &err) && fs_write(path, text, strlen(text), &err));
}

/* hold shapes what is done, most only judges; hows is what it is repeated with. */
static const char suite[] =
	"- test: BT9-01\n  title: {en: A, ja: B}\n  decides: [G9.1]\n  state: any\n"
	"  limits: {hold: {profile: hold, default: 3s}, most: {profile: most, default: 10s}, hows: {profile: hows, default: [x]}}\n"
	"  each: {how: limit.hows}\n"
	"  steps:\n  - {wait: {for: limit.hold}, as: w}\n  - {device.do: {procedure: works}, as: d}\n"
	"  expect:\n  - {the: d.ok, is: true, else: INCONCLUSIVE}\n  - {the: d.after, at_most: limit.most}\n  - {the: d.broken, is: false}\n";

static void load(const char *profile)
{
	char path[FS_PATH], dev[FS_PATH], prof[FS_PATH];
	struct plan_input in = { .device = dev, .suites = dir, .profile = prof };

	snprintf(dir, sizeof(dir), "/tmp/jusan-again-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert(fs_join(path, dir, "profiles", &err) && fs_mkdirs(path, &err) && fs_join(dev, dir, "device.yaml", &err) &&
		  fs_join(prof, dir, "p.yaml", &err));
	put("requirements.yaml", "guidelines: [{id: G9, title: {en: x, ja: x}, priority: normal}]\n"
	    "requirements: [{id: G9.1, guideline: G9, force: shall, class: a, who: [D], text: {en: x, ja: x}, phrase: x}]\n");
	put("device.yaml", "procedures:\n  works: {steps: [{http.request: {url: 'http://dut/'}, as: r}], return: {broken: r.reached}}\n");
	put("p.yaml", profile);
	put("G09.yaml", suite);
	ck_assert_msg(plan_load(&arena, &in, NULL, NULL, &plan, &err), "%s", err.text);
	ck_assert(fs_remove(dir, &(struct err){ 0 }));
}

static void rec(const char *kind, json_t *r)
{
	json_int_t n = (json_int_t)json_array_size(records) + 1;

	json_object_set_new(r, "kind", json_string(kind));
	json_object_set_new(r, "n", json_integer(n));
	json_object_set_new(r, "t_ns", json_integer(n * 1000));
	json_object_set_new(r, "test", json_string("BT9-01"));
	json_array_append_new(records, r);
}

static void step(const char *how, const char *number, const char *label, const char *verb, const char *facts)
{
	char rep[32];

	snprintf(rep, sizeof(rep), "how=%s", how);
	rec("step", json_pack("{s:s,s:s,s:s,s:s,s:s}", "part", "expect", "rep", rep, "step", number, "label", label, "verb", verb));
	if (facts)
		rec("observe", json_pack("{s:s,s:s,s:s,s:s,s:o,s:i}", "part", "expect", "rep", rep, "step", number, "label", label, "facts",
					 json_loads(facts, 0, NULL), "at_ns", 1000));
	rec("done", json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i}", "part", "expect", "rep", rep, "step", number, "label", label, "status", "ok",
			      "begin_ns", 1000, "end_ns", 2000));
}

/* One repetition with its liveness, done with these limits. */
static void done_with(const char *how, const char *limits, const char *facts)
{
	char rep[32];
	json_t *head;

	snprintf(rep, sizeof(rep), "how=%s", how);
	rec("alive", json_pack("{s:s,s:s,s:b}", "part", "before", "rep", rep, "ok", 1));
	head = json_pack("{s:s,s:s,s:{s:s}}", "part", "expect", "rep", rep, "each", "how", how);
	if (limits)
		json_object_set_new(head, "limits", json_loads(limits, 0, NULL));
	rec("rep", head);
	step(how, "1", "w", "wait", NULL);
	step(how, "2", "d", "device.do", facts);
	rec("alive", json_pack("{s:s,s:s,s:b}", "part", "after", "rep", rep, "ok", 1));
}

static void begin(int round)
{
	rec("begin", json_pack("{s:i,s:i,s:i}", "unit", 1, "round", round, "attempt", round));
}

static void end(int round, const char *outcome)
{
	rec("end", json_pack("{s:i,s:i,s:i,s:s,s:s}", "unit", 1, "round", round, "attempt", round, "outcome", outcome, "text", ""));
}

static json_t *judge(void)
{
	struct records *r = records_of(records);
	json_t *t = judge_one_test(&plan, &plan.test[0], run, r, "dir");

	records_free(r);
	plan_done(&plan);
	arena_free(&arena);
	return t;
}

#define THEN "{\"hold\":3000000000,\"most\":10000000000,\"hows\":[\"x\"]}"
#define FINE "{\"ok\":true,\"after\":5000000000,\"broken\":false}"
#define BROKEN "{\"ok\":true,\"after\":5000000000,\"broken\":true}"
static const struct { const char *what, *profile, *limits, *facts, *verdict, *why; } row[] = {
	{ "as it was run", "limits: {hold: 3s}", THEN, FINE, "PASS", "no indication" },
	{ "a stricter limit that only judges", "limits: {most: 1s}", THEN, FINE, "FAIL", "1s" },
	{ "a looser one", "limits: {most: 20s}", THEN, FINE, "PASS", "" },
	{ "longer than it was done", "limits: {hold: 10s}", THEN, FINE, "INCONCLUSIVE", "limit hold of 3s, and 10s is asked for now" },
	{ "shorter than it was done", "limits: {hold: 1s}", THEN, FINE, "INCONCLUSIVE", "limit hold of 3s, and 1s is asked for now" },
	{ "done otherwise and judged stricter", "limits: {hold: 10s, most: 1s}", THEN, FINE, "INCONCLUSIVE", "run it again" },
	{ "what was seen was seen", "limits: {hold: 10s}", THEN, BROKEN, "FAIL", "d.broken" },
	{ "a record without its limits", "limits: {hold: 3s}", NULL, FINE, "INCONCLUSIVE", "does not say which limits" },
	{ "more repetitions than were done", "limits: {hows: [x, y]}", THEN, FINE, "NOT_TESTED", "1 of 2 repetitions were not run" },
	{ "other repetitions than were done", "limits: {hows: [z]}", THEN, FINE, "NOT_TESTED", "no repetition" },
};
START_TEST(profiles)
{
	char profile[256];
	json_t *t;

	snprintf(profile, sizeof(profile), "profile: p\n%s\n", row[_i].profile);
	load(profile);
	records = json_array();
	run = json_pack("{s:s,s:i}", "id", "r", "seed", 1);
	begin(1);
	done_with("x", row[_i].limits, row[_i].facts);
	end(1, "PASS");
	t = judge();
	ck_assert_msg(!strcmp(json_string_value(json_object_get(t, "verdict")), row[_i].verdict), "%s: %s, %s", row[_i].what,
		      json_string_value(json_object_get(t, "verdict")), json_string_value(json_object_get(t, "why")));
	ck_assert_msg(strstr(json_string_value(json_object_get(t, "why")), row[_i].why), "%s: %s", row[_i].what,
		      json_string_value(json_object_get(t, "why")));
	json_decref(t);
	json_decref(records);
	json_decref(run);
}
END_TEST

/* A value that goes by the same name and is another one now. */
START_TEST(other_value_of_the_same_name)
{
	json_t *t;

	load("profile: p\nlimits: {hows: ['x,1']}\n");
	records = json_array();
	run = json_pack("{s:s,s:i}", "id", "r", "seed", 1);
	begin(1);
	done_with("x_1", THEN, FINE);           /* records the value x_1 */
	end(1, "PASS");
	t = judge();
	ck_assert_str_eq(json_string_value(json_object_get(t, "verdict")), "INCONCLUSIVE");
	ck_assert(strstr(json_string_value(json_object_get(t, "why")), "another value of each.how"));
	json_decref(t);
	json_decref(records);
	json_decref(run);
}
END_TEST

/* p = passes, f = broken, e = the bench failed, - = not run */
static const struct { const char *rounds; int repeat; const char *verdict; int flaky; const char *each; } round_row[] = {
	{ "ppp", 3, "PASS", 0, "[\"PASS\",\"PASS\",\"PASS\"]" },
	{ "pfp", 3, "FAIL", 333333, "[\"PASS\",\"FAIL\",\"PASS\"]" },
	{ "fff", 3, "FAIL", 0, "[\"FAIL\",\"FAIL\",\"FAIL\"]" },
	{ "pe", 2, "ERROR", 500000, "[\"PASS\",\"ERROR\"]" },
	{ "pp", 3, "NOT_TESTED", 333333, "[\"PASS\",\"PASS\",\"NOT_TESTED\"]" },
	{ "pp", 1, "PASS", 0, "[\"PASS\",\"PASS\"]" },          /* run.json says less than the journal shows */
	{ "pf", 1, "FAIL", 500000, "[\"PASS\",\"FAIL\"]" },
	{ "p", 1, "PASS", -1, NULL },
};
START_TEST(rounds)
{
	json_t *t, *want = round_row[_i].each ? json_loads(round_row[_i].each, 0, NULL) : NULL;
	const char *p = round_row[_i].rounds;

	load("profile: p\n");
	records = json_array();
	run = json_pack("{s:s,s:i,s:i}", "id", "r", "seed", 1, "repeat", round_row[_i].repeat);
	for (int n = 1; *p; p++, n++) {
		begin(n);
		if (*p != 'e')
			done_with("x", THEN, *p == 'p' ? FINE : BROKEN);
		end(n, *p == 'e' ? "ERROR" : *p == 'p' ? "PASS" : "FAIL");
	}
	t = judge();
	ck_assert_str_eq(json_string_value(json_object_get(t, "verdict")), round_row[_i].verdict);
	if (want) {
		ck_assert_msg(json_equal(json_object_get(t, "round_verdicts"), want), "%s", json_dumps(json_object_get(t, "round_verdicts"), 0));
		ck_assert_int_eq(json_integer_value(json_object_get(t, "flaky")), round_row[_i].flaky);
		ck_assert_int_eq(json_integer_value(json_object_get(t, "rounds")), (json_int_t)json_array_size(want));
	} else {
		ck_assert_ptr_null(json_object_get(t, "rounds"));
	}
	json_decref(t);
	json_decref(want);
	json_decref(records);
	json_decref(run);
}
END_TEST

TEST_MAIN({ "profiles", profiles, ROWS(row) }, { "values", other_value_of_the_same_name, 1 }, { "rounds", rounds, ROWS(round_row) })
