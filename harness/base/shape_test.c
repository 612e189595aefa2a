// SPDX-License-Identifier: Apache-2.0
#include "harness/base/shape.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"

static const char *const colours[] = { "red", "green", NULL }, *const loud[] = { "red", NULL };
static const struct shape colour = { .kind = SHAPE_WORD, .words = colours };
static const struct shape port = { .kind = SHAPE_INT, .min = 1, .max = 65535 };
static const struct shape wait_time = { .kind = SHAPE_TIME, .min = 1000000, .max = 1000000000 };
static const struct shape part = { .kind = SHAPE_SHARE, .max = 500000 };
static const struct shape id = { .kind = SHAPE_TEXT, .pattern = "^[A-Z]+-[0-9]+$", .form = "no id; write A-1" };
static const struct shape ids = { .kind = SHAPE_LIST, .of = &id, .at_least = 1 };
static const struct shape *const id_or_ids[] = { &id, &ids, NULL };
static const struct shape either = { .kind = SHAPE_EITHER, .either = id_or_ids, .form = "no id and no list" };
static const struct shape table = { .kind = SHAPE_MAP, .of = &port, .pattern = "^p[0-9]$", .form = "no name of a port" };
static const struct shape nothing = { .kind = SHAPE_TEXT, .null = true };
static const struct shape_key keys[] = {
	{ "name", &shape_text, true, "what it is called" }, { "colour", &colour, false, NULL }, { "port", &port, false, NULL },
	{ "wait", &wait_time, false, NULL }, { "part", &part, false, NULL }, { "id", &id, false, NULL }, { "ids", &ids, false, NULL },
	{ "either", &either, false, NULL }, { "on", &shape_bool, false, NULL }, { "title", &shape_title, false, NULL }, { "ports", &table, false, NULL },
	{ "nothing", &nothing, false, NULL }, { "any", &shape_any, false, NULL }, { "a", &shape_text, false, NULL }, { "b", &shape_text, false, NULL },
	{ "c", &shape_text, false, NULL }, { "d", &shape_text, false, NULL }, { 0 }
};
static const struct shape_rule rules[] = {
	{ BOND_WITH, { "a", "b" }, NULL, NULL }, { BOND_APART, { "c", "d" }, "c stands alone, not with", NULL },
	{ BOND_SAYS, { "colour", "port" }, "red needs a port", loud }, { 0 }
};
static const struct shape map = { .kind = SHAPE_MAP, .keys = keys, .rules = rules };
static const struct shape_rule one_rules[] = { { BOND_ONE, { "a", "b" }, "one of a and b", NULL }, { 0 } };
static const struct shape one = { .kind = SHAPE_MAP, .keys = keys + 13, .rules = one_rules };
static const struct shape_rule some_rules[] = {
	{ BOND_SOME, { "a", "b" }, "a or b", NULL }, { BOND_WITHOUT, { "c", "d" }, NULL, NULL }, { 0 }
};
static const struct shape some = { .kind = SHAPE_MAP, .keys = keys + 13, .rules = some_rules, .at_least = 2 };

static char said[2000];

static void note(const struct err *e, void *data)
{
	char line[600];

	(void)data;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", err_line(e, line, sizeof(line)));
}

/* NULL: it is fine. */
static const struct { const struct shape *s; const char *text, *want; } row[] = {
	{ &map, "{name: x, colour: green, port: 80, wait: 5ms, part: 50%, id: A-1, ids: [A-1, B-2], on: true}", NULL },
	{ &map, "{name: 12, either: A-1, any: [{}], nothing: }", NULL },
	{ &map, "{name: x, either: [A-1], title: {en: a, ja: b}, ports: {p1: 5}}", NULL },
	{ &map, "[]", "f:1:1: thing: a list stands here" },
	{ &map, "{colour: green}", "f:1:1: key 'name' is missing: what it is called" },
	{ &map, "{name: x, colur: red}", "f:1:11: unknown key 'colur'; did you mean 'colour'?" },
	{ &map, "{nmae: x}", "f:1:2: unknown key 'nmae'; did you mean 'name'?\n" },     /* and not that name is missing */
	{ &map, "{name: x, colour: blue}", "f:1:19: 'blue' is not one of: red, green" },
	{ &map, "{name: x, port: 0}", "f:1:17: 0 is out of range; write 1 to 65535" },
	{ &map, "{name: x, port: http}", "f:1:17: 'http' is not a whole number" },
	{ &map, "{name: x, wait: 5}", "f:1:17: '5' is not a time" },
	{ &map, "{name: x, wait: 2s}", "f:1:17: 2s is out of range; write 1ms to 1s" },
	{ &map, "{name: x, part: 60%}", "f:1:17: 60% is out of range" },
	{ &map, "{name: x, part: 60}", "f:1:17: '60' is not a share" },
	{ &map, "{name: x, id: a1}", "f:1:15: 'a1' is no id; write A-1" },
	{ &map, "{name: x, ids: []}", "f:1:16: the list is empty" },
	{ &map, "{name: x, ids: [A-1, b]}", "f:1:22: 'b' is no id; write A-1" },
	{ &map, "{name: x, either: b}", "f:1:19: 'b' is no id and no list" },
	{ &map, "{name: x, either: {}}", "f:1:19: a map is no id and no list" },
	{ &map, "{name: x, either: [b]}", "f:1:20: 'b' is no id; write A-1" },
	{ &map, "{name: x, on: yes}", "f:1:15: 'yes' is not true or false" },
	{ &map, "{name: x, title: {en: a}}", "f:1:18: key 'ja' is missing" },
	{ &map, "{name: x, ports: {q: 1}}", "f:1:19: key 'q' is no name of a port" },
	{ &map, "{name: }", "f:1:8: a value is missing; write text" },
	{ &map, "{name: x, a: 1}", "f:1:1: key 'b' is missing" },
	{ &map, "{name: x, c: 1, d: 2}", "f:1:20: c stands alone, not with d" },
	{ &map, "{name: x, colour: red}", "f:1:1: red needs a port" },
	{ &map, "{name: x, colour: red, port: 5}", NULL },
	{ &one, "{a: 1}", NULL },
	{ &one, "{a: 1, b: 1}", "f:1:1: one of a and b" },
	{ &one, "{c: 1}", "f:1:1: one of a and b" },
	{ &some, "{a: 1, c: 2}", NULL },
	{ &some, "{b: 1, d: 2}", NULL },
	{ &some, "{c: 1, d: 1}", "f:1:1: a or b" },
	{ &some, "{a: 1, b: 2}", "f:1:1: key 'd' is missing" },
	{ &some, "{a: 1}", "f:1:1: thing: nothing stands here" },
};
START_TEST(checks)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *c = NULL;
	struct err err = { 0 };
	bool ok;

	said[0] = '\0';
	ck_assert_msg(conf_parse(&a, "f", row[_i].text, strlen(row[_i].text), &c, &err), "%s", err.text);
	ok = shape_check(c, row[_i].s, "thing", note, NULL);
	ck_assert_msg(ok == (row[_i].want == NULL), "%s\n%s", row[_i].text, said);
	ck_assert_msg(ok == !*said, "%s", said);
	ck_assert_msg(ok || strstr(said, row[_i].want), "%s\nwant %s\ngot  %s", row[_i].text, row[_i].want, said);
	ck_assert(shape_check(c, row[_i].s, "thing", NULL, NULL) == ok);
}
END_TEST

START_TEST(names_every_fault)
{
	static const char text[] = "{name: [], colour: blue, port: x, ids: [a, b]}";
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *c = NULL;
	struct err err = { 0 };
	unsigned lines = 0;

	said[0] = '\0';
	ck_assert(conf_parse(&a, "f", text, sizeof(text) - 1, &c, &err));
	ck_assert(!shape_check(c, &map, "thing", note, NULL));
	for (const char *p = said; (p = strchr(p, '\n')); p++)
		lines++;
	ck_assert_msg(lines == 5, "%s", said);
}
END_TEST

/* That a schema says what a shape says is shown by fixtures/schema/check.py on every file there is; here: its form. */
START_TEST(makes_a_schema)
{
	static const struct shape named = { .kind = SHAPE_LIST, .of = &id, .name = "ids" };
	static const struct shape_key two[] = { { "x", &named, true, NULL }, { "y", &named, false, "more" }, { 0 } };
	static const struct shape both = { .kind = SHAPE_MAP, .keys = two, .doc = "two" };
	CLEANUP(free_json) json_t *defs = json_object();
	CLEANUP(free_json) json_t *got = shape_schema(&both, defs);
	CLEANUP(free_json) json_t *want = json_pack("{s:s,s:b,s:[s],s:s,s:{s:{s:s},s:{s:s,s:s}}}", "type", "object", "additionalProperties", 0,
						    "required", "x", "description", "two", "properties", "x", "$ref", "#/$defs/ids", "y", "$ref",
						    "#/$defs/ids", "description", "more");
	CLEANUP(free_json) json_t *def = json_pack("{s:{s:s,s:{s:[s],s:s}}}", "ids", "type", "array", "items", "type", "string", "pattern",
						   "^[A-Z]+-[0-9]+$");

	ck_assert(json_equal(got, want));
	ck_assert(json_equal(defs, def));
}
END_TEST

TEST_MAIN({ "shape", checks, ROWS(row) }, { "all", names_every_fault, 1 }, { "schema", makes_a_schema, 1 })
