// SPDX-License-Identifier: Apache-2.0
// The links of a journal whose lines were overwritten: the same length, so that no record moves.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/redact_in.h"

#define KEY "\"prev\":\""

/* The one member of the record itself: not in a text (there its quotes are escaped), not in an object below. */
static char *find_prev(char *line, size_t n)
{
	int depth = 0;
	bool text = false;

	for (size_t i = 0; i < n; i++) {
		char c = line[i];

		if (text) {
			if (c == '\\')
				i++;
			else if (c == '"')
				text = false;
			continue;
		}
		if (c == '"' && depth == 1 && n - i >= sizeof(KEY) - 1 + 65 && !memcmp(line + i, KEY, sizeof(KEY) - 1) &&
		    strspn(line + i + sizeof(KEY) - 1, "0123456789abcdef") == 64)
			return line + i + sizeof(KEY) - 1;
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		text = c == '"';
	}
	return NULL;
}

bool redact_chain(const char *journal, struct err *err)
{
	CLEANUP(close_fd) int fd = open(journal, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	char prev[HASH_HEX];
	struct stat st;
	size_t at = 0, n_lines = 0;
	bool ok = true;
	char *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "%s", journal);
	if (st.st_size == 0)
		return true;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(err, "%s", journal);
	memset(prev, '0', 64);
	while (ok && at < (size_t)st.st_size) {
		char *end = memchr(p + at, '\n', (size_t)st.st_size - at), *link;
		size_t n = end ? (size_t)(end - p) - at : 0;

		n_lines++;
		if (!end)
			break;          /* torn: it does not count */
		link = find_prev(p + at, n);
		if (!link) {
			ok = err_set(err, ERR_BENCH, "journal.jsonl:%zu: no link to the record before", n_lines);
			break;
		}
		memcpy(link, prev, 64);
		hash_text(p + at, n, prev);
		at += n + 1;
	}
	munmap(p, (size_t)st.st_size);
	return ok;
}
