/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/image/cpio.h"

#include <ctype.h>
#include <string.h>

enum { FIELD_MODE = 1, FIELD_SIZE = 6, FIELD_NAMESIZE = 11, FOLDER = 0040000, TYPE = 0170000 };

/* Eight hex digits; the header was checked. */
static uint32_t field(const uint8_t *header, unsigned i)
{
	uint32_t v = 0;

	for (const uint8_t *p = header + 6 + 8 * i, *end = p + 8; p < end; p++)
		v = v << 4 | (uint32_t)(*p <= '9' ? *p - '0' : (*p | 0x20) - 'a' + 10);
	return v;
}

bool cpio_header(struct span s)
{
	uint32_t n;

	if (s.n < CPIO_HEADER || memcmp(s.p, "07070", 5) || (s.p[5] != '1' && s.p[5] != '2'))
		return false;
	for (size_t i = 6; i < CPIO_HEADER; i++)
		if (!isxdigit(s.p[i]))
			return false;
	n = field(s.p, FIELD_NAMESIZE);
	return n > 1 && n <= CPIO_NAME && n <= s.n - CPIO_HEADER && !s.p[CPIO_HEADER + n - 1];
}

/* Names and contents end at a multiple of four bytes. */
static size_t even(size_t n) { return (n + 3) / 4 * 4; }

bool cpio_take(struct span *in, struct cpio_member *ret)
{
	const uint8_t *h = in->p;
	size_t name, size, at;

	if (!cpio_header(*in))
		return false;
	name = field(h, FIELD_NAMESIZE);
	size = field(h, FIELD_SIZE);
	at = even(CPIO_HEADER + name);
	if (at > in->n || size > in->n - at)
		return false;
	memcpy(ret->name, h + CPIO_HEADER, name);
	ret->content = (struct span){ h + at, size };
	ret->folder = (field(h, FIELD_MODE) & TYPE) == FOLDER;
	ret->last = !strcmp(ret->name, "TRAILER!!!");
	at = even(at + size) > in->n ? in->n : even(at + size);
	*in = (struct span){ h + at, in->n - at };
	return true;
}
