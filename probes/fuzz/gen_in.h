/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_in.h - shared by gen.c, gen_json.c and gen_http.c: a bounded buffer, and what each offers the others. */
#ifndef FUZZ_GEN_IN_H
#define FUZZ_GEN_IN_H

#include <string.h>

#include "probes/fuzz/gen.h"

struct buf { uint8_t *p; size_t n, room; };     /* what does not fit is dropped */

static inline void put(struct buf *b, const void *p, size_t n)
{
	n = n < b->room - b->n ? n : b->room - b->n;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}
static inline void put_text(struct buf *b, const char *s) { put(b, s, strlen(s)); }
static inline void put_many(struct buf *b, const char *s, size_t times)
{
	while (times--)
		put_text(b, s);
}
/* One of 2^0 .. 2^top, or one off: where buffers end. */
static inline size_t gen_length(struct rng *r, unsigned top)
{
	size_t n = (size_t)1 << rng_below(r, top + 1);

	return n + (size_t)rng_below(r, 3) - 1;
}

/* The body with one mutation; the name of its kind. */
const char *gen_json(const struct gen_sample *s, struct rng *r, struct buf *out);
/* A whole request whose HTTP is wrong; sets *ret_alone where the connection cannot go on. */
const char *gen_http(const struct gen_sample *s, struct rng *r, struct buf *out, bool *ret_alone);
/* Request line and headers of the sample up to and without Content-Length and the empty line. */
void gen_head(const struct gen_sample *s, struct buf *out);
void gen_request(const struct gen_sample *s, const void *body, size_t n, struct buf *out);
#endif
