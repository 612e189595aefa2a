// SPDX-License-Identifier: Apache-2.0
#include "harness/base/csv.h"

#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"

/* Cells as [..], quoted ones as "..", rows on lines. */
static void show(const struct csv *csv, char *buf, size_t n)
{
	buf[0] = '\0';
	for (size_t i = 0; i < csv->n; i++) {
		for (size_t k = 0; k < csv->row[i].n; k++) {
			const struct csv_cell *c = &csv->row[i].cell[k];

			snprintf(buf + strlen(buf), n - strlen(buf), c->quoted ? "\"%s\"" : "[%s]", c->text);
		}
		snprintf(buf + strlen(buf), n - strlen(buf), "\n");
	}
}

static const struct { const char *text, *want; } good[] = {
	{ "", "" },
	{ "a,b\r\nc,d\r\n", "[a][b]\n[c][d]\n" },
	{ "a,b\nc,d", "[a][b]\n[c][d]\n" },
	{ "\xef\xbb\xbfID,x\n", "[ID][x]\n" },                          /* as Excel saves */
	{ "\"a,b\",\"c\"\"d\",\"e\r\nf\"\r\n", "\"a,b\"\"c\"d\"\"e\r\nf\"\n" },
	{ ",,\n", "[][][]\n" },
	{ "\"\",\n", "\"\"[]\n" },                                      /* an empty text is not nothing */
	{ "\n\n a \n\n", "[ a ]\n" },
	{ "日本語,\"表、\"\n", "[日本語]\"表、\"\n" },
	{ "a\rb\n", "[a\rb]\n" },
};
START_TEST(reads)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	struct csv csv = { 0 };
	struct err err = { 0 };
	char got[200];

	ck_assert_msg(csv_parse(&a, "t.csv", good[_i].text, strlen(good[_i].text), &csv, &err), "%s", err.text);
	show(&csv, got, sizeof(got));
	ck_assert_str_eq(got, good[_i].want);
}
END_TEST

static const struct { const char *text; size_t n; const char *want; } refused[] = {
	{ "a,\"b", 4, "t.csv:1:3: this quote is never closed" },
	{ "a\n日\",x", 8, "t.csv:2:2: a quote inside a cell" },
	{ "x\n\"b\"c\n", 7, "t.csv:2:4: text behind the closing quote" },
	{ "a,\xff", 3, "t.csv:1:3: not UTF-8" },
	{ "\"a\n\xe6\x97\"", 6, "t.csv:2:1: not UTF-8" },
	{ "a\nb\0c", 5, "t.csv:2:2: a zero byte" },
};
START_TEST(refuses)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	struct csv csv = { 0 };
	struct err err = { 0 };
	char line[600];

	ck_assert(!csv_parse(&a, "t.csv", refused[_i].text, refused[_i].n, &csv, &err));
	ck_assert_int_eq(err.kind, ERR_CONF);
	ck_assert_msg(strstr(err_line(&err, line, sizeof(line)), refused[_i].want) != NULL, "got %s\nwant %s", line, refused[_i].want);
}
END_TEST

START_TEST(bounds)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_ptr) char *big = malloc(CSV_MAX_BYTES + 1);
	struct csv csv = { 0 };
	struct err err = { 0 };

	memset(big, ',', CSV_MAX_BYTES + 1);
	ck_assert(!csv_parse(&a, "t", big, CSV_MAX_CELLS, &csv, &err) && strstr(err.text, "more than 64 cells"));
	ck_assert(csv_parse(&a, "t", big, CSV_MAX_CELLS - 1, &csv, &err));
	ck_assert_uint_eq(csv.row[0].n, CSV_MAX_CELLS);
	memset(big, '\n', CSV_MAX_BYTES + 1);
	ck_assert(!csv_parse(&a, "t", big, CSV_MAX_ROWS, &csv, &err) && strstr(err.text, "more than 20000 lines"));
	ck_assert(!csv_parse(&a, "t", big, CSV_MAX_BYTES + 1, &csv, &err) && strstr(err.text, "larger than"));
	ck_assert(!csv_load(&a, "/nowhere/at/all.csv", &csv, &err) && err.kind == ERR_CONF);
}
END_TEST

START_TEST(positions)
{
	static const char text[] = "ID,x\r\n\"a\r\nb\",日本\r\nc,d\r\n";
	CLEANUP(arena_free) struct arena a = { 0 };
	struct csv csv = { 0 };
	struct err err = { 0 };

	ck_assert(csv_parse(&a, "t", text, sizeof(text) - 1, &csv, &err));
	ck_assert_uint_eq(csv.row[1].cell[1].at.line, 3);
	ck_assert_uint_eq(csv.row[1].cell[1].at.col, 4);
	ck_assert_uint_eq(csv.row[2].cell[1].at.line, 4);
	ck_assert_uint_eq(csv.row[2].cell[1].at.col, 3);
}
END_TEST

static const char *const texts[] = { NULL, "", "a", " a", "a ", "a,b", "a\"b", "\"", "a\nb", "a\r\nb", "\r", "\n", "007", "=1+1", "日本、語", "'", ";", "\xef\xbb\xbf" };
START_TEST(writes_what_it_reads)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_ptr) char *text = NULL;
	struct csv csv = { 0 };
	struct err err = { 0 };
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	fputs("first,", out);
	csv_put(out, texts[_i]);
	fputs(",last\r\n", out);
	fclose(out);
	ck_assert_msg(csv_parse(&a, "t", text, n, &csv, &err), "%s", err.text);
	ck_assert_uint_eq(csv.n, 1);
	ck_assert_uint_eq(csv.row[0].n, 3);
	ck_assert_str_eq(csv.row[0].cell[1].text, texts[_i] ? texts[_i] : "");
	ck_assert(csv.row[0].cell[1].quoted || !texts[_i] || *texts[_i]);       /* "" and nothing differ */
	ck_assert(texts[_i] || !csv.row[0].cell[1].quoted);
}
END_TEST

TEST_MAIN({ "reads", reads, ROWS(good) }, { "refuses", refuses, ROWS(refused) }, { "bounds", bounds, 1 }, { "positions", positions, 1 },
	  { "writes", writes_what_it_reads, ROWS(texts) })
