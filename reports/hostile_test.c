// SPDX-License-Identifier: Apache-2.0
/* Every output there is, from verdicts in which a device, or whoever edited them, had its say: the words of
 * fixtures/hostile/table.h in every place, another one in each round, a line of a megabyte, numbers beyond all bounds, absent and odd members. None may
 * fail, crash, overflow (run this with V=asan) or let a character through that acts on who shows it. What parsers say of the
 * same is `make check-hostile`. */
#include <stdio.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/base/rng.h"
#include "harness/base/test.h"
#include "harness/registry.h"
#include "reports/test_people.h"

#define RUN "fixtures/golden/run"
#define LONG_LINE ((size_t)1 << 20)

static const struct { const char *p; size_t n; } word[] = {
#define W(text) { text, sizeof(text) - 1 },
#include "fixtures/hostile/table.h"
#undef W
};
#define WORDS (sizeof(word) / sizeof(word[0]))

static const json_int_t number[] = { INT64_MAX, INT64_MIN, -1, 0, INT32_MAX, INT64_MAX / 2 };

enum how { TEXTS, NUMBERS, ODD };

struct spoiler { enum how how; unsigned which, place; struct rng rng; };

static json_t *golden(void)
{
	struct err err = { 0 };
	json_t *v = NULL;

	ck_assert_msg(fs_read_json(RUN "/verdicts.json", (size_t)16 << 20, &v, &err), "%s (run from the project's root)", err.text);
	add_people(v);
	add_several(v);
	return v;
}

/* What JSON can hold of the next word; in some places a line of a megabyte: in all it would be gigabytes. */
static json_t *spoken(unsigned place)
{
	static char line[LONG_LINE + 1];
	const char *p = word[place % WORDS].p, *end = p + word[place % WORDS].n;
	char text[512];
	size_t n = 0;

	if (place % 499 == 1) {
		memset(line, 'A', LONG_LINE);
		memcpy(line, "<b>\x1b[31m", 8);
		return json_string(line);
	}
	while (p < end && n < sizeof(text) - 4) {
		const char *from = p;
		uint32_t c;
		bool ok = escape_next(&p, &c) && c;

		memcpy(text + n, ok ? from : "?", ok ? (size_t)(p - from) : 1);
		n += ok ? (size_t)(p - from) : 1;
	}
	return json_stringn(text, n);
}

static bool is_ours(const char *key)
{
	static const char *const keep[] = { "format", "verdict", "was", "now", "should_verdict", "truth", "id", "guideline", "force", "class", "decide", NULL };
	bool ours = false;

	for (const char *const *k = keep; *k; k++)
		ours |= !strcmp(*k, key);
	return ours;
}

/* NULL: as it was. */
static json_t *instead(struct spoiler *s, const char *key, const json_t *old)
{
	static const char *const odd[] = { "null", "[]", "{}", "-7", "\"x\"", "[[7],{\"a\":[null]},\"y\",-1]", "true" };

	if (s->how == TEXTS && json_is_string(old) && !is_ours(key))
		return spoken(s->which * 7 + s->place++);
	if (s->how == NUMBERS && json_is_integer(old))
		return json_integer(number[s->which % (sizeof(number) / sizeof(number[0]))]);
	if (s->how == ODD && rng_below(&s->rng, 12) == 0)
		return json_loads(odd[rng_below(&s->rng, sizeof(odd) / sizeof(odd[0]))], JSON_DECODE_ANY, NULL);
	return NULL;
}

static bool holds(const json_t *whole)
{
	struct err err = { 0 };

	return result_check(whole, &err);
}

/* An odd member stays only where the outline says nothing of it: everything else result_load() refuses. */
static void put(struct spoiler *s, const json_t *whole, json_t *in, const char *key, size_t i, json_t *other)
{
	json_t *old = json_incref(key ? json_object_get(in, key) : json_array_get(in, i));

	key ? json_object_set_new(in, key, other) : json_array_set_new(in, i, other);
	if (s->how == ODD && !holds(whole))
		key ? json_object_set(in, key, old) : json_array_set(in, i, old);
	json_decref(old);
}

static void spoil(struct spoiler *s, const json_t *whole, json_t *v)
{
	const char *key;
	json_t *e, *other;
	void *next;
	size_t i;

	json_array_foreach(v, i, e) {
		if ((other = instead(s, "", e)))
			put(s, whole, v, NULL, i, other);
		else
			spoil(s, whole, e);
	}
	json_object_foreach_safe(v, next, key, e) {
		if ((other = instead(s, key, e)))
			put(s, whole, v, key, 0, other);
		else
			spoil(s, whole, e);
	}
}

/* A terminal, an editor or a forge would do something with it. */
static bool acts(uint32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x80 && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || (c & 0xfffe) == 0xfffe;
}

static void clean(const struct report *r, const char *text)
{
	const char *p = text;

	if (r->file && strstr(r->file, ".csv") && !strncmp(p, "\xef\xbb\xbf", 3))
		p += 3;                         /* spreadsheets want it */
	while (*p) {
		const char *from = p;
		uint32_t c;

		/* Check writes a line for everything it asserts: only what is wrong is told to it */
		if (!escape_next(&p, &c))
			ck_abort_msg("%s: no UTF-8: %.40s", r->name, from);
		if (acts(c) && !(c == '\r' && *p == '\n' && r->file && strstr(r->file, ".csv")))
			ck_abort_msg("%s: U+%04X at %zu", r->name, (unsigned)c, (size_t)(from - text));
	}
}

static void write_all(const json_t *v)
{
	struct result result = { .dir = RUN, .verdicts = (json_t *)(uintptr_t)v };

	for (const struct report *const *r = report_table; *r; r++) {
		struct err err = { 0 };
		char *text = NULL;
		size_t n = 0;
		FILE *out;

		if ((*r)->on_request)           /* a browser, of the page that is looked at here anyway */
			continue;
		out = open_memstream(&text, &n);
		ck_assert_msg((*r)->write(&result, out, &err), "%s: %s", (*r)->name, err.text);
		fclose(out);
		ck_assert_msg(n > 0 && strlen(text) == n, "%s: empty, or with a NUL", (*r)->name);
		clean(*r, text);
		free(text);
	}
}

static void prove(enum how how, unsigned which)
{
	struct spoiler s = { .how = how, .which = which };
	json_t *v = golden();

	rng_init(&s.rng, which, "hostile");
	spoil(&s, v, v);
	ck_assert(holds(v));
	write_all(v);
	json_decref(v);
}

START_TEST(texts) { prove(TEXTS, (unsigned)_i); } END_TEST
START_TEST(numbers) { prove(NUMBERS, (unsigned)_i); } END_TEST
START_TEST(odd) { prove(ODD, (unsigned)_i); } END_TEST

TEST_MAIN({ "texts", texts, 12 }, { "numbers", numbers, ROWS(number) }, { "odd", odd, 20 })
