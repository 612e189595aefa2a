// SPDX-License-Identifier: Apache-2.0
/* A catalogue in step is accepted in silence; out of step it is named, with the place. And the shipped one is in step. */
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/plan.h"

static char dir[64], said[8192];

#define WHOLE(id, cls, tests, records) \
	"- {id: " id ", guideline: G9, text: {en: A, ja: B}, phrase: C, force: shall, who: [D], class: " cls ", tests: " tests ", records: " records "}\n"
#define RECORD(id, serves) "- {id: " id ", title: {en: A, ja: B}, serves: " serves ", stored: {en: A, ja: B}, decides: {en: A, ja: B}}\n"
#define TEST(id, serves) "- {test: " id ", title: {en: A, ja: B}, " serves ", not_tested: no probe}\n"
#define GUIDELINES "guidelines: [{id: G9}]\nrequirements:\n"

static const struct { const char *requirements, *records, *suite, *want; } row[] = {
	{ GUIDELINES WHOLE("G9.1", "a", "[BT9-01, BT9-02]", "[]") WHOLE("G9.2", "c", "[]", "[ER9-01]"), "records:\n" RECORD("ER9-01", "[G9.2]"),
	  TEST("BT9-01", "decides: [G9.1]") TEST("BT9-02", "supports: [G9.1]"), "" },
	{ GUIDELINES WHOLE("G9.1", "a", "[BT9-01, BT9-02]", "[]"), "records: []\n", TEST("BT9-01", "decides: [G9.1]"),
	  "requirements.yaml:3:112: G9.1 lists BT9-02, which no suite has\n" },
	{ GUIDELINES WHOLE("G9.1", "a", "[BT9-01, BT9-02]", "[]") WHOLE("G9.2", "a", "[BT9-02]", "[]"), "records: []\n",
	  TEST("BT9-01", "decides: [G9.1]") TEST("BT9-02", "decides: [G9.2]"),
	  "requirements.yaml:3:112: G9.1 lists BT9-02, which neither decides nor supports it\n" },
	{ GUIDELINES WHOLE("G9.1", "a", "[BT9-01]", "[]"), "records: []\n", TEST("BT9-01", "decides: [G9.1]") TEST("BT9-02", "supports: [G9.1]"),
	  "G09.yaml:2:3: BT9-02 names G9.1, but its list `tests` at requirements.yaml:3:3 does not name BT9-02\n" },
	{ GUIDELINES WHOLE("G9.1", "a", "[BT9-01]", "[]"), "records: []\n", TEST("BT9-01", "decides: [G9.1], supports: [G9.1]"),
	  "G09.yaml:1:3: BT9-01 decides G9.1; it cannot support it as well\n" },
	{ GUIDELINES WHOLE("G9.1", "c", "[]", "[ER9-01]"), "records: []\n", "[]\n",
	  "requirements.yaml:3:117: G9.1 lists ER9-01, which records.yaml does not have\n" },
	{ GUIDELINES WHOLE("G9.1", "c", "[]", "[ER9-01]") WHOLE("G9.2", "c", "[]", "[]"), "records:\n" RECORD("ER9-01", "[G9.2]"), "[]\n",
	  "requirements.yaml:3:117: G9.1 lists ER9-01, which does not serve it\n"
	  "records.yaml:2:48: ER9-01 serves G9.2, but its list `records` at requirements.yaml:4:3 does not name ER9-01\n" },
	{ GUIDELINES "- {id: G9.1, guideline: G9, text: {en: A, ja: B}, force: shall, who: [D], class: a, tests: []}\n", "records: []\n", "[]\n",
	  "requirements.yaml:3:3: key 'phrase' is missing\nrequirements.yaml:3:3: key 'records' is missing\n" },
	{ GUIDELINES WHOLE("G9.1", "a", "[]", "[]") "records: []\n", "records: []\n", "[]\n",
	  "requirements.yaml:4:10: records stand in records.yaml; this list is not read\n" },
};

static void put(const char *name, const char *text)
{
	char path[FS_PATH];
	struct err err = { 0 };

	ck_assert(fs_join(path, dir, name, &err) && fs_write(path, text, strlen(text), &err));
}

static void note(const struct err *e, void *data)
{
	char line[700];

	(void)data;
	err_line(e, line, sizeof(line));
	for (char *p; dir[0] && (p = strstr(line, dir)) != NULL;)
		memmove(p, p + strlen(dir) + 1, strlen(p + strlen(dir) + 1) + 1);
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", line);
}

static void agree(const char *suites)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	struct plan plan;
	struct err err = { 0 };

	ck_assert_msg(plan_load(&a, &(struct plan_input){ .suites = suites }, note, NULL, &plan, &err), "%s", said);
	plan_agree(&plan, note, NULL);
	plan_done(&plan);
}

START_TEST(both_ways)
{
	snprintf(dir, sizeof(dir), "/tmp/jusan-agree-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	put("requirements.yaml", row[_i].requirements);
	put("records.yaml", row[_i].records);
	put("G09.yaml", row[_i].suite);
	agree(dir);
	ck_assert(fs_remove(dir, &(struct err){ 0 }));
	ck_assert_str_eq(said, row[_i].want);
}
END_TEST

START_TEST(shipped)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	struct plan p;
	struct err err = { 0 };

	agree("suites");
	ck_assert_str_eq(said, "");
	ck_assert_msg(plan_load(&a, &(struct plan_input){ .suites = "suites" }, NULL, NULL, &p, &err), "%s", err.text);
	ck_assert_uint_eq(json_array_size(json_object_get(p.requirements, "requirements")), 118);
	ck_assert_uint_eq(p.n, 78);
	ck_assert_uint_eq(json_array_size(json_object_get(p.records, "records")), 22);
	plan_done(&p);
}
END_TEST

/* A folder from before there were records and mappings still loads. */
START_TEST(older)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	struct plan p;
	struct err err = { 0 };

	snprintf(dir, sizeof(dir), "/tmp/jusan-agree-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	put("requirements.yaml", GUIDELINES WHOLE("G9.1", "c", "[]", "[ER9-01]") "records: [{id: ER9-01}]\n");
	ck_assert_msg(plan_load(&a, &(struct plan_input){ .suites = dir }, NULL, NULL, &p, &err), "%s", err.text);
	ck_assert(!p.records && !p.n_mappings);
	plan_done(&p);
	ck_assert(fs_remove(dir, &(struct err){ 0 }));
}
END_TEST

TEST_MAIN({ "both_ways", both_ways, ROWS(row) }, { "shipped", shipped, 1 }, { "older", older, 1 })
