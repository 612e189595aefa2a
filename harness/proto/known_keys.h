/* SPDX-License-Identifier: Apache-2.0
 *
 * known_keys.h - public keys whose private halves are published, and the list that names them.
 *
 * In      suites/lists/known-keys.txt: "SHA-256-in-hex kind where", one a line, '#' begins a comment. The hash is over the
 *         SubjectPublicKeyInfo in DER (RFC 5280 4.1.2.7), so that certificates and host keys of SSH find the same line.
 * Bound   KNOWN_KEYS_MAX lines.
 * Fails   when the list is missing or broken: without it nothing could be said. */
#ifndef PROTO_KNOWN_KEYS_H
#define PROTO_KNOWN_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

enum { KNOWN_KEYS_MAX = 1 << 20 };

struct known_key { uint8_t hash[32]; char *name; };
struct known_keys { struct known_key *key; size_t n; char *text; };    /* ascending */

/* folder: of the suites. */
bool known_keys_read(const char *folder, struct known_keys *ret, struct err *err) MUST_CHECK;
/* Kind and place of the private key, or NULL. */
const char *known_keys_find(const struct known_keys *k, const uint8_t hash[static 32]);
void known_keys_free(struct known_keys *k);
#endif
