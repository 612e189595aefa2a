/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever comes in: what comes out is UTF-8 without control, bidirectional or unassigned characters, and for XML without
 * markup but the references we write; cut, it is a beginning of the whole. */
#include "harness/base/escape.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void demand(_Bool holds)
{
	if (!holds)
		__builtin_trap();
}

static void clean(const char *text)
{
	while (*text) {
		uint32_t c;

		demand(escape_next(&text, &c));
		demand(c >= 0x20 && (c < 0x7f || c >= 0xa0) && c != 0x61c && c != 0x200e && c != 0x200f && c != 0xfeff);
		demand((c < 0x2028 || c > 0x202e) && (c < 0x2066 || c > 0x2069) && (c & 0xfffe) != 0xfffe);
	}
}

static void only_references(const char *text)
{
	for (; *text; text++) {
		demand(!strchr("<>\"'", *text));
		if (*text == '&')
			demand(text[1] == '#' && strspn(text + 2, "0123456789") == 2 && text[4] == ';');
	}
}

static char *written(void (*f)(FILE *, const char *), const char *text)
{
	char *buf = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&buf, &n);

	if (!out)
		abort();
	f(out, text);
	fclose(out);
	return buf;
}

static size_t most;

static void cut(FILE *out, const char *text)
{
	escape_terminal_cut(out, text, most);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), *terminal, *xml, *part;

	if (!text)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	most = n ? data[0] : 0;
	terminal = written(escape_terminal, text);
	xml = written(escape_xml, text);
	part = written(cut, text);
	clean(terminal);
	clean(xml);
	only_references(xml);
	demand(!strncmp(terminal, part, strlen(part)));
	free(text);
	free(terminal);
	free(xml);
	free(part);
	return 0;
}
