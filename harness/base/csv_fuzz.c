// SPDX-License-Identifier: Apache-2.0
// Checks the contract: refused means said where and why; what is read and written again reads the same.
#include "harness/base/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool truth)
{
	if (!truth)
		__builtin_trap();
}

static void write_rows(FILE *out, const struct csv *csv)
{
	for (size_t i = 0; i < csv->n; i++) {
		for (size_t k = 0; k < csv->row[i].n; k++) {
			const struct csv_cell *c = &csv->row[i].cell[k];

			must(c->at.line && c->at.col && (c->quoted || !strpbrk(c->text, "\"\n,")));
			fputs(k ? "," : "", out);
			csv_put(out, c->quoted || *c->text ? c->text : NULL);
		}
		fputs("\r\n", out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_ptr) char *text = NULL;
	struct csv csv = { 0 }, again = { 0 };
	struct err err = { 0 };
	size_t n = 0;
	FILE *out;

	if (len > 65536)
		return 0;
	if (!csv_parse(&a, "fuzz", (const char *)data, len, &csv, &err)) {
		must(err.kind == ERR_CONF && *err.text && err.at.line && err.at.col);
		return 0;
	}
	out = open_memstream(&text, &n);
	must(out != NULL);
	write_rows(out, &csv);
	fclose(out);
	must(csv_parse(&a, "again", text, n, &again, &err) && again.n == csv.n);
	for (size_t i = 0; i < csv.n; i++) {
		must(again.row[i].n == csv.row[i].n);
		for (size_t k = 0; k < csv.row[i].n; k++)
			must(!strcmp(again.row[i].cell[k].text, csv.row[i].cell[k].text));
	}
	return 0;
}
