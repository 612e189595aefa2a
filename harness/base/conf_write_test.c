// SPDX-License-Identifier: Apache-2.0
#include "harness/base/conf_write.h"

#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"

/* Reads, writes, reads: the same tree. */
static void same(const struct conf *a, const struct conf *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_uint_eq(a->n, b->n);
	if (a->kind == CONF_SCALAR) {
		ck_assert_str_eq(a->text, b->text);
		ck_assert_msg(a->quoted == b->quoted, "'%s' %d %d", a->text, a->quoted, b->quoted);
	}
	for (size_t i = 0; i < a->n; i++) {
		if (a->kind == CONF_MAP)
			ck_assert_str_eq(a->key[i]->text, b->key[i]->text);
		same(a->item[i], b->item[i]);
	}
}

static const char *const tree[] = {
	"a", "\"\"", "[]", "{}", "{a: }", "[1, 2s, true, \"true\", a b]", "{b: [a, [b, {c: d}]], a: {x: y}}",
	"{\"y\": \"n\", \"5.1-1\": x, \"a: b\": c, \"\": d, \"- e\": f}",
	"[\"a\\nb\", \"a\\nb\\n\", \"a\\n\\n\", \"\\na\", \" a\\nb\", \"a \\nb\", \"\\n\", \"a\\tb\\nc\"]",
	"[\"\\x01\", \"\\u2028\", \"\\U0001f600\", \"\\r\\n\", \"\\x7f\", \"\\ufeff\"]",
	"[日本語, \"改行\\nあり\", \"#\", \"---\", \"...\", \"%\", \"@\", \"`\", \"!\", \"&a\", \"*a\", \"? a\", \"| a\", \"'\", \"\\\"\", \"\\\\\"]",
	"- |\n  two\n  lines\n- >\n  folded\n  text\n",
};
START_TEST(reads_back)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_ptr) char *text = NULL;
	const struct conf *c = NULL, *again = NULL;
	struct err err = { 0 };
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_msg(conf_parse(&a, "f", tree[_i], strlen(tree[_i]), &c, &err), "%s: %s", tree[_i], err.text);
	ck_assert_msg(conf_write(out, c, &err), "%s", err.text);
	fclose(out);
	ck_assert_msg(conf_parse(&a, "again", text, n, &again, &err), "%s in\n%s", err.text, text);
	same(c, again);
}
END_TEST

static const struct { const char *text; bool plain; } plain[] = {
	{ "password", true }, { "N/A (none)", true }, { "HP-1", true }, { "", false }, { "yes", false }, { "No", false }, { "TRUE", false },
	{ "y", false }, { "007", false }, { "1a", false }, { "a: b", false }, { "a #b", false }, { "a ", false }, { "- a", false }, { "日本", false },
};
START_TEST(plain_texts)
{
	ck_assert_msg(conf_plain(plain[_i].text) == plain[_i].plain, "%s", plain[_i].text);
}
END_TEST

TEST_MAIN({ "reads back", reads_back, ROWS(tree) }, { "plain", plain_texts, ROWS(plain) })
