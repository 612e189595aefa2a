// SPDX-License-Identifier: Apache-2.0
// What is true of a declaration, what does not apply for that reason, and where it contradicts.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"
#include "harness/declare.h"
#include "harness/shapes.h"
#include "harness/test_editions.h"

static struct arena arena;
static char said[2000];

static void note(const struct err *e, void *data)
{
	char line[600];

	(void)data;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", err_line(e, line, sizeof(line)));
}

/* The declaration of a device.yaml that is right; new reference. */
static json_t *declared(const char *text)
{
	const struct conf *c = NULL;
	struct err err = { 0 };

	said[0] = '\0';
	arena_free(&arena);
	ck_assert_msg(conf_parse(&arena, "/a/device.yaml", text, strlen(text), &c, &err), "%s\n%s", err.text, text);
	ck_assert_msg(shape_check(c, device_shape(&arena, test_editions()), "device.yaml", note, NULL) && declare_check(c, note, NULL), "%s", said);
	return declare_json(c);
}

/* ---- conditions ---- */
#define AUTH(cells) "ixit: {AuthMech: [{ID: A-1, " cells "}]}"
static const struct { const char *term, *text, *value, *evidence; } truth[] = {
	/* a table with rows, without, and none at all */
	{ "6", "ixit: {TelData: [{ID: T-1}]}", "true", "IXIT-24/T-1" },
	{ "6", "ixit: {TelData: []}", "false", "IXIT-24" },
	{ "6", "ixit: {}", "null", "" },
	{ "w", "ixit: {TelData: []}", "false", "IXIT-24" },
	{ "3", "ixit: {UpdMech: []}", "true", "IXIT-7" },
	{ "3", "ixit: {UpdMech: [{ID: U-1}]}", "false", "IXIT-7/U-1" },
	{ "12", "ixit: {UpdMech: [{ID: U-1}]}", "true", "IXIT-7/U-1" },
	/* only that there is nothing is an answer */
	{ "11", "ixit: {UpdMech: []}", "false", "IXIT-7" },
	{ "11", "ixit: {UpdMech: [{ID: U-1, Description: over the network}]}", "null", "" },
	/* words in a cell */
	{ "1", AUTH("Authentication Factor: User name and password"), "true", "IXIT-1/A-1" },
	{ "1", AUTH("Authentication Factor: PIN of 6 digits"), "true", "IXIT-1/A-1" },
	{ "1", AUTH("Authentication Factor: パスワード"), "true", "IXIT-1/A-1" },
	{ "1", AUTH("Authentication Factor: Certificate"), "false", "IXIT-1" },
	{ "1", AUTH("Authentication Factor: None."), "false", "IXIT-1" },
	{ "1", AUTH("Authentication Factor: Shared secret"), "null", "" },              /* it may be one */
	{ "1", AUTH("Authentication Factor: \"No default password, the user sets one\""), "null", "" },
	{ "1", AUTH("Authentication Factor: Key mapping"), "false", "IXIT-1" },         /* not every "pin" is one */
	{ "1", AUTH("Description: a row without the cell"), "null", "" },
	{ "1", "ixit: {AuthMech: [{ID: A-1, Authentication Factor: Token}, {ID: A-2, Authentication Factor: Passphrases}]}", "true", "IXIT-1/A-2" },
	{ "1", "ixit: {AuthMech: [{ID: A-1, Authentication Factor: Token}, {ID: A-2}]}", "null", "" },
	/* two cells of one row */
	{ "2", AUTH("Authentication Factor: Password, Password Generation Mechanism: Random and on the label"), "true", "IXIT-1/A-1" },
	{ "2", AUTH("Authentication Factor: Password, Password Generation Mechanism: N/A"), "false", "IXIT-1" },
	{ "b", AUTH("Authentication Factor: Token, Password Generation Mechanism: Random"), "false", "IXIT-1" },
	/* cells that say something */
	{ "y", "ixit: {PersData: [{ID: P-1, Obtaining Consent: A switch}]}", "true", "IXIT-21/P-1" },
	{ "y", "ixit: {PersData: [{ID: P-1, Obtaining Consent: None (contract)}]}", "false", "IXIT-21" },
	{ "y", "ixit: {PersData: [{ID: P-1, Obtaining Consent: 該当なし}]}", "false", "IXIT-21" },
	{ "y", "ixit: {PersData: [{ID: P-1, Obtaining Consent: No consent is needed}]}", "null", "" },
	{ "y", "ixit: {PersData: [{ID: P-1, Obtaining Consent: Notice in the app}]}", "true", "IXIT-21/P-1" },
	{ "t", "ixit: {PersData: [{ID: P-1, Secure Communication Mechanisms: [S-1]}], SecComMech: [{ID: S-1}]}", "true", "IXIT-21/P-1" },
	{ "t", "ixit: {PersData: [{ID: P-1, Communication Mechanisms: N/A}]}", "false", "IXIT-21" },
	/* yes and no, in two tables */
	{ "13", "ixit: {PhyIntf: [{ID: P-1, Debug Interface: No}, {ID: P-2, Debug Interface: Yes (pads)}]}", "true", "IXIT-15/P-2" },
	{ "13", "ixit: {Intf: [{ID: P-1, Debug Interface: No (log only)}]}", "false", "IXIT-15" },
	{ "q", "ixit: {PhyIntf: [{ID: P-1, Debug Interface: No}], LogIntf: [{ID: L-1, Debug Interface: yes}]}", "true", "IXIT-28/L-1" },
	{ "q", "ixit: {PhyIntf: [{ID: P-1, Debug Interface: No}]}", "null", "" },
	{ "q", "ixit: {PhyIntf: [{ID: P-1, Debug Interface: No}], LogIntf: []}", "false", "IXIT-28" },
	{ "p", "ixit: {PhyIntf: [{ID: P-1, Status: Enabled}], LogIntf: []}", "null", "" },     /* one way */
	{ "p", "ixit: {PhyIntf: [{ID: P-1, Status: Disabled by fuse}]}", "true", "IXIT-15/P-1" },
	{ "16", "ixit: {SecParam: [{ID: S-1, Type: public}, {ID: S-2, Type: public (certificate) / critical (key)}]}", "true", "IXIT-10/S-2" },
	{ "16", "ixit: {SecParam: [{ID: S-1, Type: public}]}", "false", "IXIT-10" },
	/* declared, with and without evidence */
	{ "8", "conditions: {8: {value: false, evidence: A-1}}\nixit: {AuthMech: [{ID: A-1}]}", "false", "A-1" },
	{ "8", "conditions: {8: {value: false}}", "false", "" },
	{ "8", "conditions: {8: {value: false, evidence: BT1-01}}", "false", "" },      /* that test did not pass */
	{ "8", "conditions: {8: {value: false, evidence: BT6-01}}", "false", "BT6-01" },
	{ "8", "conditions: {8: {value: false, evidence: BT6-01, detail: it has never happened}}", "false", "" },
	{ "8", "conditions: {8: {value: false, evidence: E1}}\nevidence: {E1: {file: documents/x, sha256: "
	       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}}", "false", "" },
	{ "14", "conditions: {14: {value: true}}", "true", "" },
	{ "4", "conditions: {5: {value: true}}", "false", "" },                         /* the opposite */
	{ "5", "conditions: {4: {value: true}}", "false", "" },
	/* declared one way, shown the other */
	{ "6", "conditions: {6: {value: false, evidence: T-1}}\nixit: {TelData: [{ID: T-1}]}", "null", "" },
	{ "6", "conditions: {6: {value: true}}\nixit: {TelData: [{ID: T-1}]}", "true", "IXIT-24/T-1" },
};
START_TEST(conditions)
{
	CLEANUP(free_json) json_t *d = declared(truth[_i].text);
	CLEANUP(free_json) json_t *known = json_pack("{s:b}", "BT6-01", 1);
	CLEANUP(free_json) json_t *built = declaration_build(d, known, test_editions());
	const json_t *t = declaration_term(built, truth[_i].term), *v = json_object_get(t, "value");
	const char *is = json_is_true(v) ? "true" : json_is_false(v) ? "false" : json_is_null(v) ? "null" : "?";

	ck_assert_msg(!strcmp(is, truth[_i].value), "%s of %s is %s", truth[_i].term, truth[_i].text, is);
	ck_assert_str_eq(json_string_value(json_object_get(t, "evidence")), truth[_i].evidence);
}
END_TEST

START_TEST(both_editions_have_theirs)
{
	CLEANUP(free_json) json_t *d = declared("ics: {en303645-v3.1.3: {5.10-1: {support: Y}}}\nixit: {TelData: [{ID: T-1}]}");
	CLEANUP(free_json) json_t *built = declaration_build(d, NULL, test_editions());
	const json_t *old = json_object_get(built, "en303645-v2.1.1"), *now = json_object_get(built, "en303645-v3.1.3");
	const json_t *line = NULL;

	ck_assert_uint_eq(json_object_size(json_object_get(old, "conditions")), 13);
	ck_assert_uint_eq(json_object_size(json_object_get(old, "features")), 0);
	ck_assert_uint_eq(json_object_size(json_object_get(now, "conditions")), 5);
	ck_assert_uint_eq(json_object_size(json_object_get(now, "features")), 27);
	ck_assert_ptr_null(json_object_get(old, "ics"));
	ck_assert_uint_eq(json_array_size(json_object_get(now, "ics")), 78);
	for (size_t i = 0; i < 78; i++)
		if (!strcmp(json_string_value(json_object_get(json_array_get(json_object_get(now, "ics"), i), "id")), "5.10-1"))
			line = json_array_get(json_object_get(now, "ics"), i);
	ck_assert_str_eq(json_string_value(json_object_get(line, "support")), "Y");
	ck_assert_str_eq(json_string_value(json_object_get(line, "where")), "device.yaml:1:25");
	ck_assert(json_is_true(json_object_get(line, "condition")));
}
END_TEST

/* ---- what does not apply ---- */
#define OLD_6 "en303645-v2.1.1: {condition: 6}"
#define NEW_W "en303645-v3.1.3: {feature: w}"
static const struct { const char *applies_if, *device; bool out; } apply[] = {
	{ "{" OLD_6 ", " NEW_W "}", "ixit: {TelData: []}", true },
	{ "{" OLD_6 ", " NEW_W "}", "ixit: {TelData: [{ID: T-1}]}", false },
	{ "{" OLD_6 ", " NEW_W "}", "{}", false },                                      /* nothing said */
	{ "{" OLD_6 "}", "conditions: {6: {value: false}}", false },                    /* said, not shown */
	{ "{" OLD_6 "}", "conditions: {6: {value: false, evidence: BT6-01}}", true },
	{ "{" OLD_6 "}", "conditions: {6: {value: false, evidence: BT1-01}}", false },  /* shown by a test that did not pass */
	{ "{" OLD_6 "}", "conditions: {6: {value: false, evidence: BT6-01, detail: no incident so far}}", false },
	{ "{" OLD_6 ", " NEW_W "}", "conditions: {6: {value: false, evidence: BT6-01}}", false },       /* the other edition still applies */
	{ "{" OLD_6 "}", "conditions: {6: {value: false, evidence: T-1}}\nixit: {TelData: [{ID: T-1}]}", false },      /* contradicted */
	{ "{" OLD_6 "}", "conditions: {6: {value: true, evidence: BT6-01}}", false },
	{ "{en303645-v2.1.1: {condition: [3, 4]}}", "ixit: {UpdMech: [{ID: U-1}]}", true },              /* one of both is enough */
	{ "{en303645-v2.1.1: {condition: [3, 4]}}", "ixit: {UpdMech: []}", false },
};
START_TEST(applicability)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *d = declared(apply[_i].device);
	CLEANUP(free_json) json_t *known = json_pack("{s:b}", "BT6-01", 1);
	CLEANUP(free_json) json_t *built = declaration_build(d, known, test_editions());
	CLEANUP(free_json) json_t *req = NULL, *out = NULL;
	const struct conf *c = NULL;
	struct err err = { 0 };

	ck_assert(conf_parse(&a, "r", apply[_i].applies_if, strlen(apply[_i].applies_if), &c, &err));
	ck_assert(shape_check(c, applies_shape(&a, test_editions()), "applies_if", NULL, NULL));
	req = json_pack("{s:[{s:s,s:o},{s:s}]}", "requirements", "id", "G1.1", "applies_if", conf_json(c), "id", "G1.2");
	out = applies_not(req, d, built, known);
	ck_assert_msg(json_object_size(out) == (apply[_i].out ? 1u : 0u), "%s with %s", apply[_i].applies_if, apply[_i].device);
	if (apply[_i].out) {
		ck_assert(json_string_length(json_object_get(json_object_get(out, "G1.1"), "why")));
		ck_assert(json_string_length(json_object_get(json_object_get(out, "G1.1"), "evidence")));
	}
}
END_TEST

static const struct { const char *text; bool circular; } reasons[] = {
	{ "This has never happened.", true }, { "An outage hasn't occurred", true }, { "no incident was reported", true },
	{ "これまで発生していない。", true }, { "起きたことがない", true }, { "The device has no radio", false },
	{ "無線を持たない", false }, { "Updates happen by themselves", false }, { "", false },
};
START_TEST(circular_reasons)
{
	ck_assert_msg((reason_circular(reasons[_i].text) != NULL) == reasons[_i].circular, "%s", reasons[_i].text);
}
END_TEST

START_TEST(applies_if_is_checked)
{
	static const char *const wrong[] = { "{}", "{en303645-1.0: {condition: 1}}", "{en303645-v2.1.1: {condition: 14}}", "{en303645-v2.1.1: {feature: a}}",
					     "{en303645-v3.1.3: {condition: 6}}", "{en303645-v3.1.3: {}}", "{en303645-v3.1.3: {feature: []}}" };
	CLEANUP(arena_free) struct arena a = { 0 };
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct conf *c = NULL;

		ck_assert(conf_parse(&a, "r", wrong[i], strlen(wrong[i]), &c, &err));
		ck_assert_msg(!shape_check(c, applies_shape(&a, test_editions()), "applies_if", NULL, NULL), "%s", wrong[i]);
	}
}
END_TEST

TEST_MAIN({ "conditions", conditions, ROWS(truth) }, { "editions", both_editions_have_theirs, 1 }, { "applies", applicability, ROWS(apply) },
	  { "reasons", circular_reasons, ROWS(reasons) }, { "applies_if", applies_if_is_checked, 1 })
