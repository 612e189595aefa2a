/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/esc.h"

#include <string.h>

#include "harness/base/rng.h"
#include "harness/base/test.h"

static char *escaped(const void *p, size_t n, size_t max, enum html_how how)
{
	char *buf = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&buf, &len);

	ck_assert_ptr_nonnull(f);
	html_esc(f, p, n, max, how);
	ck_assert_int_eq(fclose(f), 0);
	return buf;
}

static const struct { const char *name, *in; size_t n; enum html_how how; const char *want; } row[] = {
#define IN(s) s, sizeof(s) - 1
	{ "plain",           IN("FW: ready"),            HTML_TEXT, "FW: ready" },
	{ "markup",          IN("<script>a&b</script>"), HTML_TEXT, "&lt;script&gt;a&amp;b&lt;/script&gt;" },
	{ "quotes",          IN("\"'"),                  HTML_ATTR, "&quot;&#39;" },
	{ "terminal escape", IN("\x1b[31m"),             HTML_TEXT, "<s>\\x1b</s>[31m" },
	{ "in an attribute", IN("\x1b[31m"),             HTML_ATTR, "\\x1b[31m" },
	{ "NUL",             IN("a\0b"),                 HTML_PRE,  "a<s>\\x00</s>b" },
	{ "DEL and C1",      IN("\x7f\xc2\x9b"),         HTML_TEXT, "<s>\\x7f</s><s>\\x9b</s>" },
	{ "newline shown",   IN("a\nb"),                 HTML_TEXT, "a<s>\\n</s>b" },
	{ "newline kept",    IN("a\nb\tc"),              HTML_PRE,  "a\nb\tc" },
	{ "console line",    IN("a\r\nb\r"),             HTML_PRE,  "a\nb<s>\\r</s>" },
	{ "not UTF-8",       IN("\xff\xc0\x80"),         HTML_TEXT, "<s>\\xff</s><s>\\xc0</s><s>\\x80</s>" },
	{ "surrogate",       IN("\xed\xa0\x80"),         HTML_TEXT, "<s>\\xed</s><s>\\xa0</s><s>\\x80</s>" },
	{ "beyond Unicode",  IN("\xf4\x90\x80\x80"),     HTML_TEXT, "<s>\\xf4</s><s>\\x90</s><s>\\x80</s><s>\\x80</s>" },
	{ "torn at the end", IN("a\xe3\x81"),            HTML_TEXT, "a<s>\\xe3</s><s>\\x81</s>" },
	{ "right to left",   IN("a\xe2\x80\xae""b"),     HTML_TEXT, "a<s>U+202E</s>b" },
	{ "isolates",        IN("\xe2\x81\xa6"),         HTML_ATTR, "U+2066" },
	{ "zero width",      IN("\xe2\x80\x8b\xef\xbb\xbf"), HTML_TEXT, "<s>U+200B</s><s>U+FEFF</s>" },
	{ "Japanese",        IN("停電"),                 HTML_TEXT, "停電" },
	{ "stacked marks",   IN("a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"), HTML_TEXT,
	  "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81<s>U+0301</s>" },
	{ "tag characters",  IN("\xf3\xa0\x81\x81"),     HTML_TEXT, "<s>U+E0041</s>" },
};

START_TEST(table)
{
	char *got = escaped(row[_i].in, row[_i].n, 4096, row[_i].how);

	ck_assert_msg(!strcmp(got, row[_i].want), "%s: got '%s'", row[_i].name, got);
	free(got);
}
END_TEST

/* Check writes a line to a file for every assertion that holds: too slow for one a character. */
#define must(cond, ...)                            \
	do {                                       \
		if (!(cond))                       \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

/* Whatever comes in: markup is ours alone, and no control gets through. */
static void check_harmless(const char *s, enum html_how how)
{
	for (; *s; s++) {
		const unsigned char c = (unsigned char)*s;

		if (c == '<')
			must(how != HTML_ATTR && (!strncmp(s, "<s>", 3) || !strncmp(s, "</s>", 4)), "markup: %.20s", s);
		must(c >= 0x20 || (how == HTML_PRE && (c == '\n' || c == '\t')), "control %02x", c);
		must(c != '"' && c != '\'' && c != 0x7f, "%c", c);
	}
}

START_TEST(anything)
{
	struct rng rng;
	unsigned char in[300];

	rng_init(&rng, 13, "html escaper");
	for (unsigned i = 0; i < 3000; i++) {
		size_t n = (size_t)rng_below(&rng, sizeof(in)), max = (size_t)rng_below(&rng, 400);
		enum html_how how = (enum html_how)(i % 3);
		char *got;

		rng_bytes(&rng, in, n);
		for (size_t k = 0; k < n; k += 2)       /* half of it from the characters that matter */
			in[k] = (unsigned char)"<>&\"'\x1b\0\n\r\xe2\x80\xae\xcc\x81s/"[in[k] % 16];
		got = escaped(in, n, max, how);
		check_harmless(got, how);
		free(got);
	}
}
END_TEST

START_TEST(shortened)
{
	size_t n = 1 << 20;
	char *in = malloc(n), *got;

	memset(in, 'x', n);
	got = escaped(in, n, 400, HTML_TEXT);
	ck_assert_uint_lt(strlen(got), 500);
	ck_assert_ptr_nonnull(strstr(got, "... 1048176 bytes ..."));
	free(got);
	for (size_t i = 0; i + 3 <= n; i += 3)          /* cut between characters, not inside */
		memcpy(in + i, "電", 3);
	got = escaped(in, n / 3 * 3, 400, HTML_ATTR);
	ck_assert_ptr_null(strstr(got, "\\x"));
	free(got);
	free(in);
}
END_TEST

START_TEST(ids)
{
	char *buf = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&buf, &len);

	html_esc_id(f, "BT9-01\" onload=<x>");
	fclose(f);
	ck_assert_str_eq(buf, "BT9-01__onload__x_");
	free(buf);
}
END_TEST

TEST_MAIN({ "table", table, ROWS(row) }, { "anything", anything, 1 }, { "shortened", shortened, 1 }, { "ids", ids, 1 })
