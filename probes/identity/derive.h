/* SPDX-License-Identifier: Apache-2.0
 *
 * derive.h - does a secret follow from what everybody can know of the unit?
 *
 * In       the secret, and the public texts: serial number, MAC address, network name, model, maker.
 * Tried    each text in its usual spellings (separators, case, digits only, backwards), pairs of them, a MAC counted up or
 *          down by 8; the secret is that text, its beginning or end, or holds it and little else; or the beginning or end of
 *          its MD5, SHA-1, SHA-256 or CRC-32 in hex, base64 or decimal digits.
 * Out      the rule in words, for a report. It gives the secret away, and that is the finding.
 * Short    under DERIVE_DIGEST characters one digest in a few thousand begins like that by chance: digests are then not
 *          tried and `complete` is false. Under DERIVE_PLAIN only equality is.
 * Bound    DERIVE_PUBLIC texts, DERIVE_TEXT bytes each; longer ones are cut and `complete` is false. No allocation.
 * Source   the bench test's own list (TS 103 701, 5.1-2: no link to public data); not every function a maker may think of. */
#ifndef IDENTITY_DERIVE_H
#define IDENTITY_DERIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/rng.h"

#define DERIVE_PUBLIC 16
#define DERIVE_TEXT   64
#define DERIVE_SECRET 512
#define DERIVE_DIGEST 6
#define DERIVE_PLAIN  4

struct derived {
	bool found, complete;
	size_t tried;                   /* comparisons */
	char rule[256];                 /* "the first 12 hex digits of MD5 of 'HP1-000001'"; "" = none */
};

void derive_find(const char *secret, size_t n, const char *const *known, size_t n_known, struct derived *ret);
/* A secret as a careless maker would make it of one of the texts, by one of the rules; false when no text is long enough. */
bool derive_make(struct rng *r, const char *const *known, size_t n_known, char ret[static DERIVE_SECRET]);
/* Letters and digits only, in lower case; returns its length. */
size_t derive_plain(const char *text, size_t n, char *buf, size_t room);
#endif
