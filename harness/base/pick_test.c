// SPDX-License-Identifier: Apache-2.0
#include "harness/base/pick.h"

#include <string.h>

#include "harness/base/test.h"

static const struct pick inner[] = { { "id", NULL }, { "verdict", NULL }, { 0 } };
static const struct pick want[] = { { "run", NULL }, { "tests", inner }, { 0 } };

static const struct { const char *text, *kept; } good[] = {
	{ "{}", "{}" },
	{ " {\n\"a\" : 1 } ", "{}" },
	{ "{\"run\":{\"x\":[1,2.5e-3,true,false,null,\"\"]},\"b\":2}", "{\"run\":{\"x\":[1,2.5e-3,true,false,null,\"\"]}}" },
	{ "{\"b\":{\"run\":1},\"run\":2}", "{\"run\":2}" },
	{ "{\"tests\":[{\"id\":\"a\",\"claims\":[{\"id\":\"no\"},[[]]],\"verdict\":\"PASS\"},{\"x\":0},{}]}",
	  "{\"tests\":[{\"id\":\"a\",\"verdict\":\"PASS\"},{},{}]}" },
	{ "{\"tests\":[],\"z\":[{},{}]}", "{\"tests\":[]}" },
	{ "{\"tests\":7,\"run\":\"\xe8\xa9\xa6 \\u8a66 \\ud83d\\ude00 \\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
	  "{\"tests\":7,\"run\":\"\xe8\xa9\xa6 \xe8\xa9\xa6 \xf0\x9f\x98\x80 \\\"\\\\/\\b\\f\\n\\r\\t\"}" },
	{ "{\"a\":\"a long text without anything special in it, \xc3\xa9 but one\",\"run\":-0}", "{\"run\":-0}" },
	{ "[1]", "[1]" },
	{ "\"run\"", "\"run\"" },
};
START_TEST(kept)
{
	json_t *got = NULL, *must = json_loads(good[_i].kept, JSON_DECODE_ANY, NULL);
	struct err err = { 0 };

	ck_assert_msg(pick_json(good[_i].text, strlen(good[_i].text), want, &got, &err), "%s: %s", good[_i].text, err.text);
	ck_assert_msg(json_equal(got, must), "%s", good[_i].text);
	json_decref(got);
	json_decref(must);
}
END_TEST

/* What is not kept is checked like the rest. */
static const char *const broken[] = {
	"", " ", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\" 1}", "{1:1}", "{\"a\":[1 2]}", "{\"a\":[1,]}", "{\"a\":01}",
	"{\"a\":-}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":.5}", "{\"a\":tru}", "{\"a\":nul", "{\"a\":\"x}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}",
	"{\"a\":\"\\u12\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\\ud800\\u0041\"}",
	"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xf4\x90\x80\x80\"}", "{\"a\":\"\xe8\xa9\"}", "{} {}", "{}x",
	"{\"run\":1,\"run\":2}", "{\"a\":\"\\", "{\"a\":\"\\u", "{]}", "[}",
};
START_TEST(refused)
{
	json_t *got = NULL;
	struct err err = { 0 };

	ck_assert_msg(!pick_json(broken[_i], strlen(broken[_i]), want, &got, &err), "%s", broken[_i]);
	ck_assert_int_eq(err.kind, ERR_CONF);
	ck_assert(!strncmp(err.text, "no JSON: ", 9));
	ck_assert_ptr_null(got);
}
END_TEST

START_TEST(depth)
{
	static const struct { int n; bool ok; } row[] = { { PICK_DEPTH - 1, true }, { PICK_DEPTH, false }, { 100000, false } };
	size_t n = (size_t)row[_i].n;
	char *text = malloc(2 * n + 16);
	json_t *got = NULL;
	struct err err = { 0 };

	strcpy(text, "{\"a\":");
	memset(text + 5, '[', n);
	memset(text + 5 + n, ']', n);
	strcpy(text + 5 + 2 * n, "}");
	ck_assert_int_eq(pick_json(text, strlen(text), want, &got, &err), row[_i].ok);
	json_decref(got);
	free(text);
}
END_TEST

/* Of a recorded run: what is kept is what is there; and no shorter text passes. */
START_TEST(recorded)
{
	json_t *all = json_load_file("fixtures/golden/run/verdicts.json", 0, NULL), *got = NULL, *one;
	char *text = json_dumps(all, JSON_COMPACT);
	size_t n = strlen(text), i;
	struct err err = { 0 };

	ck_assert(pick_json(text, n, want, &got, &err));
	ck_assert(json_equal(json_object_get(got, "run"), json_object_get(all, "run")));
	ck_assert_uint_eq(json_object_size(got), 2);
	json_array_foreach(json_object_get(got, "tests"), i, one)
		ck_assert(json_equal(json_object_get(one, "verdict"), json_object_get(json_array_get(json_object_get(all, "tests"), i), "verdict")));
	ck_assert_uint_gt(i, 5);
	json_decref(got);
	for (size_t cut = 0; cut < n; cut += cut < 5000 ? 1 : 997) {
		char *exact = malloc(cut ? cut : 1);           /* so that reading beyond it is seen */

		memcpy(exact, text, cut);
		if (pick_json(exact, cut, want, &got, &err))
			ck_abort_msg("cut at %zu", cut);
		free(exact);
	}
	free(text);
	json_decref(all);
}
END_TEST

TEST_MAIN({ "kept", kept, ROWS(good) }, { "refused", refused, ROWS(broken) }, { "depth", depth, 3 }, { "recorded", recorded, 1 })
