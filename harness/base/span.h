/* SPDX-License-Identifier: Apache-2.0
 *
 * span.h - device bytes are read only through takes that cannot over-read.
 * A short read is data, not an error, so there is no err here. On false the span is unchanged. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span { const uint8_t *p; size_t n; };    /* borrowed */

static inline bool take_bytes(struct span *s, size_t n, struct span *ret)
{
	if (n > s->n)
		return false;
	*ret = (struct span){ s->p, n };
	s->p += n;
	s->n -= n;
	return true;
}

/* Big-endian unsigned of n <= 8 bytes. */
static inline bool take_be(struct span *s, unsigned n, uint64_t *ret)
{
	struct span b;

	if (n > 8 || !take_bytes(s, n, &b))
		return false;
	*ret = 0;
	for (unsigned i = 0; i < n; i++)
		*ret = *ret << 8 | b.p[i];
	return true;
}

/* Little-endian unsigned of n <= 8 bytes. */
static inline bool take_le(struct span *s, unsigned n, uint64_t *ret)
{
	struct span b;

	if (n > 8 || !take_bytes(s, n, &b))
		return false;
	*ret = 0;
	for (unsigned i = n; i-- > 0;)
		*ret = *ret << 8 | b.p[i];
	return true;
}
#endif
