// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "harness/base/jline_check.h"
#include "harness/base/rng.h"
#include "harness/base/test.h"

/* plain: taken; good: not plain, but jansson reads it; bad: no JSON for anybody */
enum form { PLAIN, GOOD, BAD };
static const struct { const char *text; enum form want; } row[] = {
	{ "{}", PLAIN },
	{ "{\"a\":1}", PLAIN },
	{ "{\"a\":-0}", PLAIN },
	{ "{\"a\":999999999999999999}", PLAIN },
	{ "{\"a\":9999999999999999999}", BAD },
	{ "{\"a\":1000000000000000000}", GOOD },
	{ "{\"a\":01}", BAD },
	{ "{\"a\":-}", BAD },
	{ "{\"a\":1.5}", GOOD },
	{ "{\"a\":1e3}", GOOD },
	{ "{\"a\":+1}", BAD },
	{ "{\"a\":true,\"b\":false,\"c\":null}", PLAIN },
	{ "{\"a\":truee}", BAD },
	{ "{\"a\":tru}", BAD },
	{ "{\"a\": 1}", GOOD },
	{ "{\"a\":1} ", GOOD },
	{ "{\"a\":1}x", BAD },
	{ "{\"a\":1,}", BAD },
	{ "{,}", BAD },
	{ "{\"a\"}", BAD },
	{ "{\"a\":}", BAD },
	{ "{\"b\":1,\"a\":1}", GOOD },
	{ "{\"a\":1,\"a\":2}", BAD },
	{ "{\"a\":{\"x\":1,\"x\":1}}", BAD },
	{ "{\"a\":{\"x\":1,\"xy\":1}}", PLAIN },
	{ "{\"a\":{\"xy\":1,\"x\":1}}", GOOD },
	{ "{\"\":1,\"a\":2}", PLAIN },
	{ "{\"a\":1,\"\\u0061\":2}", BAD },
	{ "{\"\\u0061\":2}", GOOD },
	{ "{\"a\":\"x\\n\\\"\\\\\\/\\b\\f\\r\\t\\u001b\"}", PLAIN },
	{ "{\"a\":\"\\u0000\"}", BAD },
	{ "{\"a\":\"\\u00e9\"}", PLAIN },
	{ "{\"a\":\"\\u30b3\"}", GOOD },
	{ "{\"a\":\"\\ud800\"}", BAD },
	{ "{\"a\":\"\\x\"}", BAD },
	{ "{\"a\":\"\\u00g0\"}", BAD },
	{ "{\"a\":\"\t\"}", BAD },
	{ "{\"a\":\"\x7f\"}", PLAIN },
	{ "{\"a\":\"\xe5\x8d\x81\xe4\xb8\x89\"}", PLAIN },
	{ "{\"\xe5\x8d\x81\":1}", GOOD },
	{ "{\"a\":\"\xc0\x80\"}", BAD },
	{ "{\"a\":\"\xed\xa0\x80\"}", BAD },
	{ "{\"a\":\"\xf4\x90\x80\x80\"}", BAD },
	{ "{\"a\":\"\xe5\x8d\"}", BAD },
	{ "{\"a\":\"\xff\"}", BAD },
	{ "{\"a\":\"", BAD },
	{ "{\"a\":[1,[2],{}],\"b\":[]}", PLAIN },
	{ "{\"a\":[1,]}", BAD },
	{ "{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}", PLAIN },
	{ "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", GOOD },
	{ "[]", GOOD },
	{ "1", BAD },
	{ "", BAD },
};

START_TEST(forms)
{
	size_t n = strlen(row[_i].text);
	json_t *j = json_loadb(row[_i].text, n, JSON_REJECT_DUPLICATES, NULL);
	bool plain;

	ck_assert_msg(jline_agrees(row[_i].text, n, &plain), "%s: jansson thinks otherwise", row[_i].text);
	ck_assert_msg(plain == (row[_i].want == PLAIN), "%s: %s", row[_i].text, plain ? "taken" : "not taken");
	ck_assert_msg((j != NULL) == (row[_i].want != BAD), "%s: jansson %s", row[_i].text, j ? "takes it" : "refuses it");
	json_decref(j);
}
END_TEST

/* ---- objects by chance, and the same with a byte changed ---- */
static json_t *any(struct rng *r, int depth)
{
	static const char *const text[] = { "", "ok", "FW: ready", "a\"b\\c", "\x1b[31m", "\xe5\x8d\x81\xe4\xb8\x89", "tcp/23" };
	static const char *const key[] = { "at_ns", "facts", "kind", "n", "ok", "\xe4\xb8\x89", "x", "xy", "" };
	json_t *out;

	switch (rng_below(r, depth ? 8 : 5)) {
	case 0: return json_boolean(rng_below(r, 2));
	case 1: return json_null();
	case 2: return json_integer((json_int_t)rng_u64(r) >> rng_below(r, 64));
	case 3:
	case 4: return json_string(text[rng_below(r, sizeof(text) / sizeof(text[0]))]);
	case 5:
		out = json_array();
		for (uint64_t i = rng_below(r, 4); i > 0; i--)
			json_array_append_new(out, any(r, depth - 1));
		return out;
	default:
		out = json_object();
		for (uint64_t i = rng_below(r, 6); i > 0; i--)
			json_object_set_new(out, key[rng_below(r, sizeof(key) / sizeof(key[0]))], any(r, depth - 1));
		return out;
	}
}

START_TEST(chance)
{
	static const char byte[] = "{}[]\",:\\u0019-.etrfn \t\x80\xc3";
	struct rng r;
	int plain = 0, changed = 0;

	rng_init(&r, 1, "jline");
	for (int i = 0; i < 4000; i++) {
		json_t *j = any(&r, 3);
		char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
		size_t n = strlen(text);
		bool taken;

		ck_assert_msg(jline_agrees(text, n, &taken), "%s", text);
		plain += taken;
		for (int k = 0; k < 20 && n > 0; k++) {
			size_t at = rng_below(&r, n);
			char was = text[at];

			text[at] = byte[rng_below(&r, sizeof(byte) - 1)];
			ck_assert_msg(jline_agrees(text, n, &taken), "%s", text);
			changed += taken;
			text[at] = was;
		}
		free(text);
		json_decref(j);
	}
	ck_assert_msg(plain > 300 && changed > 1000, "%d plain, %d of them changed: this test tests nothing", plain, changed);
}
END_TEST

TEST_MAIN({ "forms", forms, ROWS(row) }, { "chance", chance, 1 })
