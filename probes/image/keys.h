/* SPDX-License-Identifier: Apache-2.0
 *
 * keys.h - private keys and certificates that nobody made for this product, found in bytes: PEM, and DER by its first bytes.
 * Source  RFC 7468 (PEM), RFC 5958 (PKCS #8), RFC 8017 A.1.2 (RSA), RFC 5915 (EC), RFC 5280 (certificates). */
#ifndef IMAGE_KEYS_H
#define IMAGE_KEYS_H

#include "harness/base/span.h"

struct key_found { size_t at, n; bool certificate; char what[96]; };

/* The next from *at on; *at is moved behind it. A certificate counts when its subject is one that tools and examples write. */
bool keys_next(struct span bytes, size_t *at, struct key_found *ret);
#endif
