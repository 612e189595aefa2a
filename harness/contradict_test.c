// SPDX-License-Identifier: Apache-2.0
// Every kind of finding on the document, and beside it the declaration that has none.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"
#include "harness/declare.h"
#include "harness/shapes.h"
#include "harness/test_editions.h"

static struct arena arena;

static json_t *declared(const char *text)
{
	const struct conf *c = NULL;
	struct err err = { 0 };

	arena_free(&arena);
	ck_assert_msg(conf_parse(&arena, "device.yaml", text, strlen(text), &c, &err), "%s\n%s", err.text, text);
	ck_assert_msg(shape_check(c, device_shape(&arena, test_editions()), "device.yaml", NULL, NULL) && declare_check(c, NULL, NULL), "%s", text);
	return declare_json(c);
}

static const json_t *find(const json_t *findings, const char *kind)
{
	size_t i;
	json_t *f;

	json_array_foreach((json_t *)(uintptr_t)findings, i, f)
		if (!strcmp(json_string_value(json_object_get(f, "kind")), kind))
			return f;
	return NULL;
}

static json_t *findings_of(const char *text, const json_t *requirements, const json_t *tests, const json_t *list)
{
	CLEANUP(free_json) json_t *d = declared(text);
	CLEANUP(free_json) json_t *known = evidence_known(d, NULL, tests);
	CLEANUP(free_json) json_t *built = declaration_build(d, known, test_editions());
	struct records *records = list ? records_of(list) : NULL;
	json_t *out = declaration_findings(&(struct contradict){ d, built, known, test_editions(), requirements, tests, records });

	records_free(records);
	return out;
}

/* ---- within the document ---- */
#define LINE(text) "ics: {en303645-v3.1.3: {" text "}}\n"
static const struct { const char *kind, *with, *where, *without; } inside[] = {
	{ "condition-contradicted", "conditions: {6: {value: false}}\nixit: {TelData: [{ID: T-1}]}", "device.yaml:1:14",
	  "conditions: {6: {value: true}}\nixit: {TelData: [{ID: T-1}]}" },
	{ "conditions-opposed", "conditions: {4: {value: true}, 5: {value: true}}", "device.yaml:1:14", "conditions: {4: {value: true}, 5: {value: false}}" },
	{ "na-condition-true", LINE("5.10-1: {support: N/A, detail: none}") "ixit: {TelData: [{ID: T-1}]}", "device.yaml:1:25",
	  LINE("5.10-1: {support: N/A, detail: none}") "ixit: {TelData: []}" },
	{ "na-unproved", LINE("5.10-1: {support: N/A, detail: none}") "ixit: {}", "device.yaml:1:25",
	  LINE("5.10-1: {support: N/A, detail: none}") "ixit: {TelData: []}" },
	{ "reason-circular", LINE("5.10-1: {support: N/A, detail: an anomaly has never happened}"), "device.yaml:1:25",
	  LINE("5.10-1: {support: N/A, detail: nothing is collected}") },
	{ "reason-circular", "features: {w: {value: false, detail: 発生したことがない}}", "device.yaml:1:12", "features: {w: {value: false, detail: 収集しない}}" },
	{ "answer-condition-false", LINE("5.10-1: {support: Y}") "ixit: {TelData: []}", "device.yaml:1:25",
	  LINE("5.10-1: {support: N, detail: not yet}") "ixit: {TelData: []}" },
	{ "support-without-ixit", LINE("5.9-1: {support: Y}") "ixit: {ResMech: []}", "", LINE("5.9-1: {support: Y}") "ixit: {ResMech: [{ID: R-1}]}" },
	{ "support-without-ixit", LINE("5.9-1: {support: Y}") "ixit: {}", "", LINE("5.9-1: {support: N, detail: no}") "ixit: {}" },
	{ "ics-unanswered", LINE("5.9-1: {support: Y}"), "", "{}" },
	{ "ixit-missing", LINE("5.9-1: {support: Y}"), "", LINE("5.9-1: {support: Y}") "ixit: {}" },
	{ "ics-missing", "identity: {maker: A, product: B, edition: en303645-v2.1.1}\n" LINE(""), "device.yaml:1:43",
	  "identity: {maker: A, product: B, edition: en303645-v3.1.3}\n" LINE("") },
	{ "versions-differ", "identity: {maker: A, product: B, firmware: 1.2.0}\nupdate: {version: 1.3.0}", "device.yaml:1:44",
	  "identity: {maker: A, product: B, firmware: 1.2.0}\nupdate: {version: 1.2.0}" },
	{ "evidence-missing", "conditions: {8: {value: true, evidence: BT1-01}}", "device.yaml:1:14", "conditions: {8: {value: true}}" },
	{ "evidence-missing", LINE("5.9-1: {support: Y, evidence: BT9-01}"), "device.yaml:1:25", LINE("5.9-1: {support: Y}") },
};
START_TEST(within_the_document)
{
	CLEANUP(free_json) json_t *with = findings_of(inside[_i].with, NULL, NULL, NULL), *without = findings_of(inside[_i].without, NULL, NULL, NULL);
	const json_t *f = find(with, inside[_i].kind);

	ck_assert_msg(f != NULL, "no %s in %s", inside[_i].kind, inside[_i].with);
	ck_assert_str_eq(json_string_value(json_object_get(f, "where")), inside[_i].where);
	ck_assert(json_string_length(json_object_get(f, "text")));
	ck_assert(json_is_array(json_object_get(f, "lines")));
	ck_assert_ptr_null(json_object_get(f, "seen"));
	ck_assert_msg(!find(without, inside[_i].kind), "%s in %s", inside[_i].kind, inside[_i].without);
}
END_TEST

START_TEST(names_the_lines)
{
	CLEANUP(free_json) json_t *f = findings_of("conditions: {6: {value: false}}\nixit: {TelData: [{ID: T-1}]}", NULL, NULL, NULL);
	CLEANUP(free_json) json_t *want = json_pack("[s,s,s]", "en303645-v2.1.1 5.10-1", "en303645-v2.1.1 6-4", "en303645-v2.1.1 6-5");

	ck_assert(json_equal(json_object_get(json_array_get(f, 0), "lines"), want));
}
END_TEST

/* ---- against what the bench saw ---- */
static json_t *test_with(const char *id, const char *verdict, const char *text, const char *truth, const char *actual, int journal)
{
	return json_pack("[{s:s,s:[s],s:s,s:[{s:s,s:s,s:s,s:[{s:i}]}]}]", "id", id, "decides", "G6.2", "verdict", verdict, "claims", "text", text, "truth",
			 truth, "actual", actual, "at", "journal", journal);
}

static json_t *step(int n, const char *key, const json_t *args, const char *facts)
{
	json_t *r = json_pack("{s:i,s:s,s:s,s:s,s:s,s:s}", "n", n, "kind", key, "test", "BT6-01", "rep", "", "part", "expect", "step", "1");

	if (args)
		json_object_set(r, "args", (json_t *)(uintptr_t)args);
	if (facts)
		json_object_set_new(r, "facts", json_loads(facts, 0, NULL));
	return r;
}

static const char bench_device[] =
	"identity: {maker: A, product: B, firmware: 1.2.0}\n"
	"interface: {allow: [tcp/443]}\n"
	"egress: {allow: [\"cloud.example:443/tcp\"]}\n";

static const struct { const char *text, *truth, *where; } claims[] = {
	{ "the scan.open within [tcp/443] (declared.interface.allow)", "false", "device.yaml:2:20" },
	{ "the scan.open within [tcp/443] (declared.interface.allow)", "true", NULL },
	{ "the scan.open within [tcp/443] (declared.interface.allow)", "unknown", NULL },
	{ "the scan.undeclared is []", "false", "device.yaml:3:17" },         /* by the step's parameter `allowed` */
	{ "the scan.granted is 0", "false", NULL },                           /* about the device, not about the document */
	{ "the version.version is 1.2.0 (declared.update.version)", "false", NULL },
};
START_TEST(against_claims)
{
	CLEANUP(free_json) json_t *args = json_pack("{s:{s:s}}", "allowed", "$", "declared.egress.allow");
	CLEANUP(free_json) json_t *records = json_pack("[o,o]", step(1, "step", args, NULL), step(2, "observe", NULL, "{}"));
	CLEANUP(free_json) json_t *tests = test_with("BT6-01", "FAIL", claims[_i].text, claims[_i].truth, "[tcp/23], beyond it [tcp/23]", 2);
	CLEANUP(free_json) json_t *found = findings_of(bench_device, NULL, tests, records);
	const json_t *f = find(found, "bench-undeclared");

	ck_assert((f != NULL) == (claims[_i].where != NULL));
	if (!f)
		return;
	ck_assert_str_eq(json_string_value(json_object_get(f, "where")), claims[_i].where);
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(f, "seen"), "journal")), 2);
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(f, "text")), "[tcp/23]"));
}
END_TEST

static const struct { const char *procedure, *facts; bool found; } versions[] = {
	{ "read_version", "{\"ok\": true, \"version\": \"1.3.0\"}", true },
	{ "read_version", "{\"ok\": true, \"version\": \"1.2.0\"}", false },
	{ "read_version", "{\"ok\": false, \"version\": \"1.3.0\"}", false },
	{ "another", "{\"ok\": true, \"version\": \"1.3.0\"}", false },
};
START_TEST(against_the_version)
{
	CLEANUP(free_json) json_t *args = json_pack("{s:s}", "procedure", versions[_i].procedure);
	CLEANUP(free_json) json_t *records = json_pack("[o,o]", step(5, "step", args, NULL), step(6, "observe", NULL, versions[_i].facts));
	CLEANUP(free_json) json_t *tests = json_array();
	CLEANUP(free_json) json_t *found = findings_of(bench_device, NULL, tests, records);
	const json_t *f = find(found, "bench-version");

	ck_assert((f != NULL) == versions[_i].found);
	ck_assert(!f || json_integer_value(json_object_get(json_object_get(f, "seen"), "journal")) == 6);
}
END_TEST

/* Misjudgement pattern 1: FAIL although the condition is false. The document is wrong, or the test is. */
static const struct { const char *device, *verdict; bool found; } judged[] = {
	{ "ixit: {TelData: []}", "FAIL", true }, { "ixit: {TelData: []}", "PASS", true }, { "ixit: {TelData: []}", "NOT_TESTED", false },
	{ "ixit: {TelData: []}", "INCONCLUSIVE", false }, { "ixit: {TelData: [{ID: T-1}]}", "FAIL", false },
};
START_TEST(against_what_was_judged)
{
	CLEANUP(free_json) json_t *req = json_pack("{s:[{s:s,s:{s:{s:i}}}]}", "requirements", "id", "G6.2", "applies_if", "en303645-v2.1.1", "condition", 6);
	CLEANUP(free_json) json_t *tests = test_with("BT6-01", judged[_i].verdict, "the a.b is 1", "true", "1", 1);
	CLEANUP(free_json) json_t *found = findings_of(judged[_i].device, req, tests, NULL);

	ck_assert((find(found, "bench-condition") != NULL) == judged[_i].found);
}
END_TEST

TEST_MAIN({ "document", within_the_document, ROWS(inside) }, { "lines", names_the_lines, 1 }, { "claims", against_claims, ROWS(claims) },
	  { "version", against_the_version, ROWS(versions) }, { "conditions", against_what_was_judged, ROWS(judged) })
