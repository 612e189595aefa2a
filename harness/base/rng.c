// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"

#include <string.h>

#include "harness/base/hash.h"

void rng_init(struct rng *r, uint64_t seed, const char *key)
{
	uint8_t head[8 + 256];
	size_t n = strnlen(key, 256);

	for (int i = 0; i < 8; i++)
		head[i] = (uint8_t)(seed >> (8 * i));
	memcpy(head + 8, key, n);
	*r = (struct rng){ 0 };
	hash_bytes(head, 8 + n, r->key);
}

void rng_bytes(struct rng *r, void *buf, size_t n)
{
	uint8_t *out = buf;

	while (n > 0) {
		size_t part;

		if (!r->left) {
			uint8_t in[40];

			memcpy(in, r->key, 32);
			for (int i = 0; i < 8; i++)
				in[32 + i] = (uint8_t)(r->counter >> (8 * i));
			r->counter++;
			hash_bytes(in, sizeof(in), r->block);
			r->left = sizeof(r->block);
		}
		part = n < r->left ? n : r->left;
		memcpy(out, r->block + sizeof(r->block) - r->left, part);
		r->left -= part;
		out += part;
		n -= part;
	}
}

uint64_t rng_u64(struct rng *r)
{
	uint8_t b[8];
	uint64_t v = 0;

	rng_bytes(r, b, sizeof(b));
	for (int i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return v;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	uint64_t v, limit;

	if (n == 0)
		return 0;
	limit = UINT64_MAX - UINT64_MAX % n;    /* reject the uneven tail */
	do
		v = rng_u64(r);
	while (v >= limit);
	return v % n;
}

int64_t rng_between(struct rng *r, int64_t lo, int64_t hi)
{
	uint64_t span = (uint64_t)hi - (uint64_t)lo;    /* unsigned: the whole range is a range too */

	return (int64_t)((uint64_t)lo + (span == UINT64_MAX ? rng_u64(r) : rng_below(r, span + 1)));
}
