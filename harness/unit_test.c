// SPDX-License-Identifier: Apache-2.0
#include "harness/unit.h"

#include <string.h>

#include "harness/base/test.h"

static struct arena arena;
static struct err err;

static const struct conf *parse(const char *yaml)
{
	const struct conf *c;

	ck_assert_msg(conf_parse(&arena, "device.yaml", yaml, strlen(yaml), &c, &err), "%s", err.text);
	return c;
}

#define TWO "identity: {units: [A-1, A-2]}\nunits:\n  - {mac: 'aa:01', note: one}\n  - {mac: 'aa:02'}\n"

static const struct { const char *device, *text; int unit; const char *want; } row[] = {
	{ TWO, "${unit}", 1, "1" },
	{ TWO, "${unit}", 2, "2" },
	{ TWO, "${unit}", 0, "1" },
	{ TWO, "x${unit}/${unit.serial}.bin", 2, "x2/A-2.bin" },
	{ TWO, "${unit.mac}", 2, "aa:02" },
	{ TWO, "${unit.note}", 1, "one" },
	{ TWO, "plain", 1, "plain" },
	{ TWO, "${units} ${unity} ${work}", 1, "${units} ${unity} ${work}" },     /* other words */
	{ TWO, "$${unit}", 1, "$${unit}" },                     /* escaped: for whoever expands the rest */
	{ TWO, "${unit", 1, "${unit" },
	{ "identity: {units: [A-1]}\n", "${unit.serial}", 1, "A-1" },
	{ "units: [{serial: B-7}]\n", "${unit.serial}", 1, "B-7" },
	{ "a: 1\n", "${unit}", 5, "5" },                        /* nothing declares how many there are */
	{ NULL, "${unit} ${unit.mac}", 3, "3 ${unit.mac}" },    /* lint of a bench by itself */
};
START_TEST(words)
{
	const struct conf *c, *device = row[_i].device ? parse(row[_i].device) : NULL;
	struct unit u;
	char yaml[200];

	snprintf(yaml, sizeof(yaml), "a: {b: [x, \"%s\"]}\nc: keep\n", row[_i].text);
	ck_assert_msg(unit_find(device, row[_i].unit, &u, &err), "%s", err.text);
	ck_assert_msg(unit_apply(&arena, &u, parse(yaml), &c, &err), "%s", err.text);
	ck_assert_str_eq(conf_get(conf_get(c, "a"), "b")->item[1]->text, row[_i].want);
	ck_assert_str_eq(conf_get(conf_get(c, "a"), "b")->item[0]->text, "x");
	ck_assert_str_eq(conf_get(c, "c")->text, "keep");
	ck_assert_uint_eq(conf_get(conf_get(c, "a"), "b")->item[1]->at.line, 1);
	arena_free(&arena);
}
END_TEST

static const struct { const char *device, *text; int unit; const char *why; } refused[] = {
	{ TWO, "x", 3, "there is no unit 3: 2 are declared" },
	{ TWO, "${unit.colour}", 1, "device.yaml says no 'colour' of unit 1" },
	{ TWO, "${unit.note}", 2, "says no 'note' of unit 2" },
	{ "identity: {units: [A-1]}\nunits: [{}, {}]\n", "x", 1, "2 units, identity.units names 1" },
	{ "units: {a: 1}\n", "x", 1, "units" },
	{ "identity: {units: A-1}\n", "x", 1, "identity.units" },
	{ "units: [5]\n", "x", 1, "a unit" },
	{ "units: [{mac: [1]}]\n", "x", 1, "a plain value" },
};
START_TEST(refuses)
{
	const struct conf *c;
	struct unit u;
	char yaml[200];

	snprintf(yaml, sizeof(yaml), "a: \"%s\"\n", refused[_i].text);
	ck_assert(!unit_find(parse(refused[_i].device), refused[_i].unit, &u, &err) || !unit_apply(&arena, &u, parse(yaml), &c, &err));
	ck_assert_msg(strstr(err.text, refused[_i].why), "%s", err.text);
	ck_assert_uint_gt(err.at.line, 0);
	arena_free(&arena);
}
END_TEST

/* What is said of the units is not itself looked into, and what holds no word is the same tree. */
START_TEST(shares_what_it_does_not_touch)
{
	const struct conf *c, *d = parse(TWO "a: {b: x}\n");
	struct unit u;

	ck_assert(unit_find(d, 1, &u, &err) && unit_apply(&arena, &u, d, &c, &err));
	ck_assert_ptr_eq(c, d);
	d = parse("units: [{mac: '${unit.serial}'}]\nidentity: {units: [A]}\nx: '${unit.mac}'\n");
	ck_assert(unit_find(d, 1, &u, &err) && unit_apply(&arena, &u, d, &c, &err));
	ck_assert_str_eq(conf_get(c, "x")->text, "${unit.serial}");
	arena_free(&arena);
}
END_TEST

TEST_MAIN({ "words", words, ROWS(row) }, { "refused", refuses, ROWS(refused) }, { "shared", shares_what_it_does_not_touch, 1 })
