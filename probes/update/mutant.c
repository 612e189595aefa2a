/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/update/mutant.h"

#include <stdlib.h>
#include <string.h>

enum { TRAILING = 16 };
struct image { uint8_t *p; size_t n, signature; struct rng *rng; };

static void none(struct image *i) { (void)i; }

/* One bit in the middle of what is signed: far from headers at either end. */
static void flip_payload(struct image *i) { i->p[(i->n - i->signature) / 2] ^= 1; }
static void flip_signature(struct image *i) { i->p[i->n - i->signature + (size_t)rng_below(i->rng, i->signature)] ^= 1; }
static void truncate_image(struct image *i) { i->n -= i->n / 4; }
static void unsign(struct image *i) { i->n -= i->signature; }
static void zero_signature(struct image *i) { memset(i->p + i->n - i->signature, 0, i->signature); }

static void trailing(struct image *i)   /* the buffer has room for it */
{
	rng_bytes(i->rng, i->p + i->n, TRAILING);
	i->n += TRAILING;
}

static void wrong_format(struct image *i)
{
	static const char script[] = "#!/bin/sh\nexit 0\n";

	rng_bytes(i->rng, i->p, i->n);
	memcpy(i->p, script, sizeof(script) - 1);
}

static const struct { const char *name; void (*spoil)(struct image *i); } table[] = {
	{ "none", none },                       /* the genuine one */
	{ "flip_payload", flip_payload },       /* THREAT.IMG.NON_AUTH */
	{ "flip_signature", flip_signature },
	{ "truncate", truncate_image },
	{ "trailing", trailing },               /* THREAT.IMG.EXTRA */
	{ "unsigned", unsign },
	{ "zero_signature", zero_signature },
	{ "wrong_format", wrong_format },       /* THREAT.IMG.FORMAT */
};
const char *const mutant_names[] = { "none", "flip_payload", "flip_signature", "truncate", "trailing", "unsigned", "zero_signature",
				     "wrong_format", NULL };

bool mutant_make(const char *name, const uint8_t *image, size_t n, size_t signature, struct rng *rng, uint8_t **ret,
		 size_t *ret_n, struct err *err)
{
	struct image i = { NULL, n, signature, rng };

	if (!signature || n < 64 || signature >= n / 2)
		return err_set(err, ERR_BENCH, "an image of %zu bytes with a signature of %zu cannot be spoilt", n, signature);
	for (size_t k = 0; k < sizeof(table) / sizeof(table[0]); k++) {
		if (strcmp(table[k].name, name))
			continue;
		i.p = malloc(n + TRAILING);
		if (!i.p)
			return err_set(err, ERR_OS, "out of memory");
		memcpy(i.p, image, n);
		table[k].spoil(&i);
		*ret = i.p;
		*ret_n = i.n;
		return true;
	}
	return err_set(err, ERR_CONF, "mutant: '%s' is unknown", name);
}
