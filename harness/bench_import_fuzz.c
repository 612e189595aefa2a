// SPDX-License-Identifier: Apache-2.0
// Any bytes as a lab's file: refused with a word and nothing printed, or a bench file without control bytes that reads back, and
// whose lines, if there is one for power, are all taken by the loader.
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/bench_import.h"
#include "harness/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool truth)
{
	if (!truth)
		__builtin_trap();
}

static void read_back(const char *text)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *keep = json_array();
	struct loader l = { .a = &a, .keep = keep };
	const struct conf *c = NULL;
	struct err err = { 0 };
	struct bench b;

	for (const char *p = text; *p; p++)
		must(*p == '\n' || ((unsigned char)*p >= ' ' && *p != 0x7f));
	must(conf_parse(&a, "printed", text, strlen(text), &c, &err));
	must(strstr(text, "# No line power.NAME") || bench_read(&l, "printed", c, &b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = NULL;
	size_t n = 0;
	struct err err = { 0 };
	FILE *f;
	bool ok;

	if (len > 16384)
		return 0;
	f = open_memstream(&text, &n);
	must(f != NULL);
	ok = bench_import("fuzz", (const char *)data, len, NULL, f, &err);
	fclose(f);
	must(ok ? n > 0 : err.kind != ERR_NONE && *err.text && !n);
	if (ok)
		read_back(text);
	free(text);
	return 0;
}
