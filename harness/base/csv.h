/* SPDX-License-Identifier: Apache-2.0
 *
 * csv.h - tables as spreadsheets write them (RFC 4180): cells separated by commas, quoted where they hold a comma, a
 * quote or a line break, a quote doubled; CR LF or LF at the end of a row. A byte order mark in front is passed over.
 *
 * In      valid UTF-8 without NUL, at most CSV_MAX_BYTES, CSV_MAX_ROWS rows, CSV_MAX_CELLS cells in each.
 * Fails   ERR_CONF with file:line:column (1-based, in characters) of the cell or of the byte.
 * Owns    everything is in the arena. Empty lines are no rows. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdio.h>

#include "harness/base/arena.h"
#include "harness/base/err.h"

#define CSV_MAX_BYTES ((size_t)4 << 20)
#define CSV_MAX_ROWS  20000
#define CSV_MAX_CELLS 64

struct csv_cell { const char *text; bool quoted; struct where at; };    /* "" not quoted: nothing stands there */
struct csv_row { const struct csv_cell *cell; size_t n; };
struct csv { const struct csv_row *row; size_t n; };

bool csv_parse(struct arena *a, const char *name, const char *text, size_t n, struct csv *ret, struct err *err) MUST_CHECK;
bool csv_load(struct arena *a, const char *path, struct csv *ret, struct err *err) MUST_CHECK;

/* One cell, quoted where it must be; an empty text is "" and NULL is nothing, so that both are read back as they were. */
void csv_put(FILE *out, const char *text);
#endif
