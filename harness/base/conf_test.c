// SPDX-License-Identifier: Apache-2.0
#include "harness/base/conf.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"

static bool parse(struct arena *a, const char *text, const struct conf **ret, struct err *err)
{
	return conf_parse(a, "f.yaml", text, strlen(text), ret, err);
}

START_TEST(builds_the_tree)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *j = NULL;
	CLEANUP(free_json) json_t *want =
		json_pack("{s:[i,b,s,s,n],s:{s:s},s:[]}", "list", 1, 1, "2s", "true", "map", "x", "007", "none");
	const struct conf *c;
	struct err err = { 0 };

	ck_assert_msg(parse(&a, "list:\n- 1\n- true\n- 2s\n- \"true\"\n-\nmap: {x: 007}\nnone: []\n", &c, &err), "%s", err.text);
	j = conf_json(c);
	ck_assert(json_equal(j, want));
	ck_assert_uint_eq(conf_get(c, "map")->at.line, 7);
	ck_assert_uint_eq(conf_get(c, "map")->at.col, 6);
	ck_assert_ptr_null(conf_get(c, "nothing"));
	ck_assert_ptr_null(conf_get(conf_get(c, "list"), "x"));
}
END_TEST

static const struct { const char *text, *want; } refused[] = {
	{ "", "f.yaml:1:1: the file is empty" },
	{ "a: 1\nb: 2\na: 3\n", "f.yaml:3:1: 'a' is defined twice; first at 1:1" },
	{ "{z: {b: 1, a: 2, b: 3}}", "f.yaml:1:18: 'b' is defined twice; first at 1:6" },
	{ "a: &x 1\n", "f.yaml:1:4: anchors (&name) are not allowed" },
	{ "a: &x [1]\n", "f.yaml:1:4: anchors (&name) are not allowed" },
	{ "a: *x\n", "f.yaml:1:4: aliases (*name) are not allowed" },
	{ "a: !!int 1\n", "f.yaml:1:4: tags (!name) are not allowed" },
	{ "a: !x {}\n", "f.yaml:1:4: tags (!name) are not allowed" },
	{ "[1]: 2\n", "f.yaml:1:1: a key must be a plain word" },
	{ "a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document" },
	{ "a: \"x\\0y\"\n", "f.yaml:1:4: text with a zero byte" },
	{ "a: [1, 2\nb: 3\n", "f.yaml:2:" },
	{ "\ta: 1\n", "f.yaml:1:1: found character that cannot start any token" },
	{ "b: 1\na: \xff\xfe\n", "f.yaml:2:4: invalid leading UTF-8 octet" },
	{ "a: 'open\n", "f.yaml:2:1: found unexpected end of stream while scanning a quoted scalar" },
};
START_TEST(refuses)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *c = NULL;
	struct err err = { 0 };
	char line[700];

	ck_assert_msg(!parse(&a, refused[_i].text, &c, &err), "accepted: %s", refused[_i].text);
	ck_assert_int_eq(err.kind, ERR_CONF);
	ck_assert_msg(strstr(err_line(&err, line, sizeof(line)), refused[_i].want) != NULL, "got %s\nwant %s", line, refused[_i].want);
}
END_TEST

START_TEST(bounds)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_ptr) char *big = malloc(CONF_MAX_BYTES + 1);
	const struct conf *c;
	struct err err = { 0 };
	char deep[200];

	memset(deep, '[', 100);
	ck_assert(!conf_parse(&a, "f", deep, 100, &c, &err));
	ck_assert_str_eq(err.text, "nested more than 32 deep");
	memset(big, '-', CONF_MAX_BYTES + 1);
	ck_assert(!conf_parse(&a, "f", big, CONF_MAX_BYTES + 1, &c, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "larger than"));
	for (size_t i = 0; i + 1 < CONF_MAX_BYTES; i += 2)
		memcpy(big + i, ",1", 2);
	*big = '[';
	ck_assert(!conf_parse(&a, "f", big, CONF_MAX_BYTES, &c, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "more than 200000 values"));
}
END_TEST

/* One scalar through one typed reader. */
static bool read_as(char type, const struct conf *c, struct err *err)
{
	static const char *const words[] = { "real", "virtual", NULL };
	const char *text;
	int64_t n;
	bool b;
	unsigned u;

	switch (type) {
	case 'b': return conf_bool(c, &b, err);
	case 'i': return conf_int(c, -5, 10, &n, err);
	case 't': return conf_time(c, 1000000, 60000000000, &n, err);
	case 'e': return conf_enum(c, words, &u, err);
	case 'm': return conf_is(c, CONF_MAP, "line", err);
	default: return conf_text(c, &text, err);
	}
}

static const struct { char type; const char *text, *want; } typed[] = {          /* want NULL: accepted */
	{ 'b', "true", NULL }, { 'b', "false", NULL }, { 'b', "yes", "'yes' is not true or false" },
	{ 'b', "'true'", "'true' is not true or false" }, { 'b', "[]", "a list is not true or false" },
	{ 'i', "-5", NULL }, { 'i', "11", "11 is out of range; write -5 to 10" }, { 'i', "1.5", "'1.5' is not a whole number" },
	{ 't', "2s", NULL }, { 't', "soon", "'soon' is not a time; write 50ms, 2s or 5min" },
	{ 't', "2min", "2min is out of range; write 1ms to 60s" }, { 't', "5", "'5' is not a time" },
	{ 'e', "real", NULL }, { 'e', "vitrual", "'vitrual' is not known; did you mean 'virtual'?" },
	{ 'e', "xyz", "'xyz' is not one of: real, virtual" },
	{ 'm', "{}", NULL }, { 'm', "[]", "line: a list stands here; write a map" },
	{ 's', "x", NULL }, { 's', "''", NULL }, { 's', "", "a value is missing; write text" }, { 's', "{}", "a map is not text" },
	{ 's', "\"a\\eb\"", NULL }, { 'b', "\"a\\eb\"", "'a?b' is not true or false" },
};
START_TEST(types)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *c;
	struct err err = { 0 };
	char text[100];
	bool ok;

	snprintf(text, sizeof(text), "k: %s\n", typed[_i].text);
	ck_assert_msg(parse(&a, text, &c, &err), "%s", err.text);
	ok = read_as(typed[_i].type, conf_get(c, "k"), &err);
	ck_assert_msg(ok == !typed[_i].want, "%s: %s", typed[_i].text, err.text);
	if (!ok) {
		ck_assert_msg(strstr(err.text, typed[_i].want) != NULL, "got %s", err.text);
		ck_assert_uint_eq(err.at.line, 1);
	}
}
END_TEST

START_TEST(keys)
{
	static const char *const known[] = { "line", "driver", "safe_state", NULL };
	static const char *const none[] = { NULL };
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *c, *v;
	struct err err = { 0 };

	ck_assert(parse(&a, "line: 1\nlien: 2\n", &c, &err));
	ck_assert(!conf_known(c, known, &err));
	ck_assert_str_eq(err.text, "unknown key 'lien'; did you mean 'line'?");
	ck_assert_uint_eq(err.at.line, 2);
	ck_assert(!conf_known(c, none, &err));
	ck_assert_str_eq(err.text, "unknown key 'line'; none is known here");
	ck_assert(!conf_need(c, "driver", &v, &err));
	ck_assert_str_eq(err.text, "key 'driver' is missing");
	ck_assert(parse(&a, "wholly_other: 1\n", &c, &err));
	ck_assert(!conf_known(c, known, &err));
	ck_assert_str_eq(err.text, "unknown key 'wholly_other'; known are: line, driver, safe_state");
}
END_TEST

static const struct { const char *word, *want; } near[] = {
	{ "lien", "line" }, { "drivr", "driver" }, { "safe-state", "safe_state" }, { "x", NULL }, { "", NULL },
	{ "zebra", NULL }, { "a_word_much_longer_than_any_key_that_there_could_be", NULL },
};
START_TEST(nearest)
{
	static const char *const known[] = { "line", "driver", "safe_state", NULL };
	const char *got = conf_nearest(near[_i].word, known);

	ck_assert_msg(near[_i].want ? got && !strcmp(got, near[_i].want) : !got, "%s: %s", near[_i].word, got ? got : "NULL");
}
END_TEST

START_TEST(missing_file)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *c;
	struct err err = { 0 };

	ck_assert(!conf_load(&a, "/nonexistent.yaml", &c, &err));
	ck_assert_int_eq(err_status(&err), 64);
	ck_assert_str_eq(err.text, "/nonexistent.yaml: No such file or directory");
}
END_TEST

TEST_MAIN({ "tree", builds_the_tree, 1 }, { "refuses", refuses, ROWS(refused) }, { "bounds", bounds, 1 }, { "types", types, ROWS(typed) },
	  { "keys", keys, 1 }, { "nearest", nearest, ROWS(near) }, { "missing file", missing_file, 1 })
