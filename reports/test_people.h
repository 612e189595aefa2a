/* SPDX-License-Identifier: Apache-2.0
 *
 * test_people.h - for tests of reports: what people decided, and what several rounds and units add, put into the golden
 * verdicts. */
#ifndef REPORTS_TEST_PEOPLE_H
#define REPORTS_TEST_PEOPLE_H

#include <jansson.h>

#include "harness/base/test.h"

static const char people[] =
	"{\"as_of\":\"2026-11-26\",\"records\":[{\"id\":\"ER5-01\",\"title\":{\"en\":\"Key life cycle\",\"ja\":\"鍵の管理\"},\"serves\":[\"G5.4\"],"
	"\"ixit\":[14],\"decides\":{\"en\":\"Are keys managed?\",\"ja\":\"鍵を管理しているか\"},\"verdict\":\"PASS\",\"why\":\"w\",\"grade\":\"L1\","
	"\"grade_why\":\"\",\"decision\":{\"decide\":\"pass\",\"reviewer\":\"Aki <aki@lab.example>\",\"date\":\"2026-12-01\",\"expires\":\"2027-12-01\","
	"\"expired\":false,\"reason\":\"read the plan\",\"files\":[{\"path\":\"review/ER5-01/0001-1-plan.pdf\",\"name\":\"plan.pdf\",\"sha256\":\"ab12cd\"}],"
	"\"entry\":\"review/0001.json\",\"seal\":\"seals/0002.json\",\"signer\":\"0123456789abcdef0123\"},\"earlier\":[]},{\"id\":\"ER6-01\",\"title\":{\"en\":"
	"\"Privilege\",\"ja\":\"権限\"},\"serves\":[\"G6.1\"],\"verdict\":\"REVIEW\",\"why\":\"waits for a decision\",\"decision\":null,\"earlier\":[]}],"
	"\"waivers\":[{\"id\":\"BT5-03\",\"who\":\"Jun <jun@maker.example>\",\"why\":\"fixed in 1.3\",\"until\":\"2026-12-31\",\"expired\":false},"
	"{\"id\":\"G1.4\",\"who\":\"Jun <jun@maker.example>\",\"why\":\"old\",\"until\":\"2025-12-31\",\"expired\":true}],"
	"\"marks\":[{\"pattern\":2,\"on\":\"BT2-01\",\"text\":{\"en\":\"PASS on all\",\"ja\":\"標本\"},\"was\":\"PASS\",\"now\":\"INCONCLUSIVE\"}]}";

static void add_people(json_t *v)
{
	json_t *more = json_loads(people, 0, NULL), *t = json_array_get(json_object_get(v, "tests"), 4);

	ck_assert_ptr_nonnull(more);
	ck_assert_str_eq(json_string_value(json_object_get(t, "id")), "BT5-03");
	json_object_update(v, more);
	json_object_set_new(t, "grade", json_string("L2"));
	json_object_set_new(t, "grade_why", json_string("no command repeats it"));
	json_object_set_new(t, "on_default", json_pack("[s]", "retry"));
	json_decref(more);
}

/* What several rounds and several units add to one. */
static void add_several(json_t *v)
{
	json_t *first = json_array_get(json_object_get(v, "tests"), 0), *t = json_array_get(json_object_get(v, "tests"), 4);

	json_object_set_new(first, "rounds", json_integer(3));
	json_object_set_new(first, "flaky", json_integer(333333));
	json_object_set_new(first, "round_verdicts", json_pack("[s,s,s]", "PASS", "INCONCLUSIVE", "PASS"));
	json_object_set_new(t, "units", json_pack("[{s:i,s:s,s:s,s:s,s:s},{s:i,s:s,s:s,s:s,s:s}]", "unit", 1, "serial", "S-000001", "run", "u1",
						  "verdict", "PASS", "why", "", "unit", 2, "serial", "S-000002", "run", "u2", "verdict", "FAIL",
						  "why", "w"));
	json_object_set_new(json_object_get(v, "run"), "runs", json_pack("[{s:i,s:s,s:s,s:{s:s,s:s}}]", "unit", 2, "serial", "S-000002", "run",
									 "u2", "seal", "file", "seals/0001.json", "sha256", "abc123"));
}
#endif
