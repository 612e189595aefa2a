// SPDX-License-Identifier: Apache-2.0
#include "harness/base/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"

struct reader {
	struct arena *a;
	const char *p, *end;
	struct where at;                /* of p */
	char *into;                     /* where the next cell's text goes; as large as the file */
};

/* One byte on; columns count characters. */
static char take(struct reader *r)
{
	char c = *r->p++;

	if (c == '\n') {
		r->at.line++;
		r->at.col = 1;
	} else if (((unsigned char)c & 0xc0) != 0x80) {
		r->at.col++;
	}
	return c;
}

static bool at_line_end(const struct reader *r)
{
	return r->p == r->end || *r->p == '\n' || (*r->p == '\r' && (r->p + 1 == r->end || r->p[1] == '\n'));
}

static bool read_quoted(struct reader *r, struct err *err)
{
	struct where from = r->at;

	take(r);
	while (r->p < r->end) {
		char c = take(r);

		if (c != '"') {
			*r->into++ = c;
			continue;
		}
		if (r->p == r->end || *r->p != '"')
			return r->p == r->end || *r->p == ',' || at_line_end(r) ||
			       err_at(err, r->at, "text behind the closing quote of a cell; a quote inside a cell is written twice: \"\"");
		*r->into++ = take(r);
	}
	return err_at(err, from, "this quote is never closed");
}

static bool read_plain(struct reader *r, struct err *err)
{
	while (r->p < r->end && *r->p != ',' && !at_line_end(r)) {
		if (*r->p == '"')
			return err_at(err, r->at, "a quote inside a cell that does not begin with one; write \"a \"\"b\"\" c\"");
		*r->into++ = take(r);
	}
	return true;
}

static bool read_cell(struct reader *r, struct csv_cell *ret, struct err *err)
{
	*ret = (struct csv_cell){ r->into, r->p < r->end && *r->p == '"', r->at };
	if (!(ret->quoted ? read_quoted(r, err) : read_plain(r, err)))
		return false;
	*r->into++ = '\0';
	return true;
}

/* Up to and with the end of its line. */
static bool read_row(struct reader *r, struct csv_row *ret, struct err *err)
{
	struct csv_cell cell[CSV_MAX_CELLS], *kept;
	size_t n = 0;

	for (;;) {
		if (n == CSV_MAX_CELLS)
			return err_at(err, r->at, "more than %d cells in one row", CSV_MAX_CELLS);
		if (!read_cell(r, &cell[n++], err))
			return false;
		if (r->p == r->end || *r->p != ',')
			break;
		take(r);
	}
	while (r->p < r->end && take(r) != '\n')
		;                               /* CR LF: both */
	kept = arena_alloc(r->a, n, sizeof(*kept));
	memcpy(kept, cell, n * sizeof(*kept));
	*ret = (struct csv_row){ kept, n };
	return true;
}

static bool is_empty(const struct csv_row *row)
{
	return row->n == 1 && !row->cell[0].quoted && !*row->cell[0].text;
}

/* UTF-8 without zero bytes, or where it is not. */
static bool check_text(struct reader *r, struct err *err)
{
	struct reader ahead = *r;

	while (ahead.p < ahead.end) {
		const char *next = ahead.p;
		uint32_t c;

		if (!*ahead.p)
			return err_at(err, ahead.at, "a zero byte");
		if (!escape_next(&next, &c) || next > ahead.end)
			return err_at(err, ahead.at, "not UTF-8; save the table as \"CSV UTF-8\"");
		while (ahead.p < next)
			take(&ahead);
	}
	return true;
}

bool csv_parse(struct arena *a, const char *name, const char *text, size_t n, struct csv *ret, struct err *err)
{
	struct csv_row *rows;
	struct reader r = { .a = a, .at = { arena_strdup(a, name), 1, 1 } };
	size_t room = 2, k = 0;
	char *copy;

	if (n > CSV_MAX_BYTES)
		return err_at(err, r.at, "larger than %zu bytes", CSV_MAX_BYTES);
	copy = arena_alloc(a, n + 1, 1);        /* NUL behind it, for escape_next() */
	memcpy(copy, text, n);
	r.p = copy + (n >= 3 && !memcmp(copy, "\xef\xbb\xbf", 3) ? 3 : 0);
	r.end = copy + n;
	if (!check_text(&r, err))
		return false;
	for (size_t i = 0; i < n; i++)
		room += text[i] == '\n';
	if (room > CSV_MAX_ROWS)
		return err_at(err, r.at, "more than %d lines", CSV_MAX_ROWS);
	rows = arena_alloc(a, room, sizeof(*rows));
	r.into = arena_alloc(a, 2 * n + 2, 1);  /* every cell and its NUL: a cell takes its own byte or the comma's */
	while (r.p < r.end) {
		if (!read_row(&r, &rows[k], err))
			return false;
		k += !is_empty(&rows[k]);
	}
	*ret = (struct csv){ rows, k };
	return true;
}

bool csv_load(struct arena *a, const char *path, struct csv *ret, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	size_t n;

	if (!fs_read(path, CSV_MAX_BYTES, &text, &n, err)) {
		err->kind = ERR_CONF;           /* the user named it */
		return false;
	}
	return csv_parse(a, path, text, n, ret, err);
}

void csv_put(FILE *out, const char *text)
{
	if (!text)
		return;
	if (*text && !text[strcspn(text, ",\"\r\n")] && *text != ' ' && text[strlen(text) - 1] != ' ' && strncmp(text, "\xef\xbb\xbf", 3)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}
