/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/shown.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"

char *shown_text(const char *text, size_t max)
{
	size_t n = strnlen(text, max + 1), keep = n > max ? max : n;
	CLEANUP(free_ptr) char *part = NULL;
	char *ret = NULL;
	FILE *out;

	while (n > max && keep && ((unsigned char)text[keep] & 0xc0) == 0x80)
		keep--;
	part = strndup(text, keep);
	out = open_memstream(&ret, &(size_t){ 0 });
	if (!part || !out)
		abort();
	escape_terminal(out, part);
	if (n > max)
		fputs("...", out);
	if (fclose(out) != 0)
		abort();
	return ret;
}

json_t *shown(const char *text, size_t max)
{
	CLEANUP(free_ptr) char *safe = shown_text(text, max);

	return json_string(safe);
}
