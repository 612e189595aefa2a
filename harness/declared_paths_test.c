// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/plan.h"

static char dir[64], said[2000];

static void put(const char *name, const char *text)
{
	char path[FS_PATH];
	struct err err = { 0 };

	ck_assert(fs_join(path, dir, name, &err) && fs_write(path, text, strlen(text), &err));
}

static void note(const struct err *e, void *data)
{
	(void)data;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%u:%u %s\n", e->at.line, e->at.col, e->text);
}

#define TEST(limits, step, claim)                                                                                     \
	"- test: BT9-01\n  title: {en: A, ja: B}\n  decides: [G9.1]\n  state: initialised\n  limits: {a: {" limits "}}\n"   \
	"  steps: [{http.get: {" step "}, as: r}]\n  expect: [{the: r.status, is: " claim "}]\n"
static const struct { const char *suite, *want; } row[] = {
	{ TEST("declared: outage.recover, default: 1s", "url: declared.telemetry.url, ca: \"${declared.policy.ca}\"", "declared.x_own.code"), NULL },
	{ TEST("declared: function.essential.longest_gap, default: 1s", "url: \"http://${dut}/\"", "200"), NULL },
	{ TEST("declared: outage.recovr, default: 1s", "url: \"http://${dut}/\"", "200"), "BT9-01: device.yaml has no place for outage.recovr" },
	{ TEST("default: 1s", "url: declared.telemetry.ulr", "200"), "no place for telemetry.ulr" },
	{ TEST("default: 1s", "url: \"http://${declared.dut.adress}/\"", "200"), "no place for dut.adress" },
	{ TEST("default: 1s", "url: \"http://${dut}/\"", "declared.policy.code"), "no place for policy.code" },
	{ TEST("default: 1s", "url: \"http://${dut}/\"", "declared.policy.url.host"), "no place for policy.url.host" },
};
START_TEST(places)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	struct plan plan;
	struct err err = { 0 };

	snprintf(dir, sizeof(dir), "/tmp/jusan-paths-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	put("requirements.yaml", "requirements: [{id: G9.1}]\n");
	put("G09.yaml", row[_i].suite);
	said[0] = '\0';
	ck_assert_msg(plan_load(&a, &(struct plan_input){ .suites = dir }, NULL, NULL, &plan, &err), "%s", err.text);
	declared_paths(&plan, note, NULL);
	plan_done(&plan);
	ck_assert(fs_remove(dir, &err));
	if (row[_i].want)
		ck_assert_msg(strstr(said, row[_i].want) != NULL, "got %s", said);
	else
		ck_assert_str_eq(said, "");
}
END_TEST

TEST_MAIN({ "places", places, ROWS(row) })
