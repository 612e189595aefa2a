// SPDX-License-Identifier: Apache-2.0
#include "probes/login/tlv8.h"

#include <string.h>

bool tlv8_add(struct tlv8 *t, uint8_t type, const void *p, size_t n)
{
	const uint8_t *from = p;

	do {
		size_t part = n < 255 ? n : 255;

		if (sizeof(t->bytes) - t->n < 2 + part)
			return false;
		t->bytes[t->n++] = type;
		t->bytes[t->n++] = (uint8_t)part;
		memcpy(t->bytes + t->n, from, part);
		t->n += part;
		from += part;
		n -= part;
	} while (n);
	return true;
}

long tlv8_get(const void *list, size_t n, uint8_t type, void *ret, size_t room)
{
	const uint8_t *p = list;
	size_t have = 0;
	bool found = false, goes_on = false;

	for (size_t at = 0; at < n; at += 2u + p[at + 1]) {
		size_t len = n - at >= 2 ? p[at + 1] : 0;

		if (n - at < 2 || n - at - 2 < len)
			return -1;
		if (p[at] != type || (found && !goes_on)) {
			goes_on = false;
			continue;
		}
		if (len > room - have)
			return -1;
		memcpy((uint8_t *)ret + have, p + at + 2, len);
		have += len;
		found = true;
		goes_on = len == 255;
	}
	return found ? (long)have : -1;
}
