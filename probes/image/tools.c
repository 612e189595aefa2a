/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/image/tools.h"

#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

/* file: pattern of the last part of a path; word: looked for in bytes as well. */
static const struct tool { const char *name; bool word; const char *file[6]; } tools[] = {
	{ "telnetd", true, { "telnetd", "in.telnetd", "utelnetd" } },
	{ "rlogind", false, { "rlogind", "in.rlogind", "rshd", "in.rshd" } },
	{ "tcpdump", true, { "tcpdump", "tshark", "dumpcap" } },
	{ "gdbserver", true, { "gdbserver", "*-gdbserver" } },
	{ "debugger", false, { "gdb", "*-gdb", "lldb", "lldb-server" } },
	{ "tracer", false, { "strace", "ltrace" } },
	{ "compiler", false, { "gcc", "gcc-[0-9]*", "*-gcc", "cc", "cc1", "tcc" } },
	{ "compiler", false, { "g++", "*-g++", "cc1plus", "clang", "clang-[0-9]*", "rustc" } },
	{ "assembler or linker", false, { "as", "ld", "*-as", "*-ld", "ld.bfd", "ld.gold" } },
};
enum { TOOLS = sizeof(tools) / sizeof(tools[0]) };

const char *tools_file(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < TOOLS; i++)
		for (size_t k = 0; k < 6 && tools[i].file[k]; k++)
			if (!fnmatch(tools[i].file[k], name, 0))
				return tools[i].name;
	return NULL;
}

static bool part_of_word(uint8_t c)
{
	return isalnum(c) || c == '_' || c == '-';
}

static bool alone(struct span b, size_t at, size_t n)
{
	return (!at || !part_of_word(b.p[at - 1])) && (at + n == b.n || !part_of_word(b.p[at + n]));
}

/* Where a word stands alone, from `from` on; b.n = nowhere. */
static size_t find_alone(struct span b, const char *word, size_t from)
{
	size_t n = strlen(word);

	for (const uint8_t *p; from < b.n && (p = memmem(b.p + from, b.n - from, word, n)); from = (size_t)(p - b.p) + 1)
		if (alone(b, (size_t)(p - b.p), n))
			return (size_t)(p - b.p);
	return b.n;
}

const char *tools_word(struct span b, size_t *at, size_t *ret_at)
{
	const char *found = NULL;

	*ret_at = b.n;
	for (size_t i = 0; i < TOOLS; i++) {
		size_t where = tools[i].word ? find_alone((struct span){ b.p, *ret_at }, tools[i].name, *at) : *ret_at;

		if (where < *ret_at) {
			*ret_at = where;
			found = tools[i].name;
		}
	}
	*at = *ret_at + 1;
	return found;
}
