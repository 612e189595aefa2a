/* SPDX-License-Identifier: Apache-2.0
 *
 * suite.h - cipher suites: every registered number with its name, and what follows from a name.
 *
 * Traits  words for what a suite does, as a profile may forbid them:
 *           null        no encryption (RFC 9150's integrity-only suites too)
 *           export      made weak for export: 40 to 56 bits
 *           anonymous   nobody shows who he is (RFC 5246 A.5)
 *           rc4 rc2 des idea seed gost 3des    the cipher
 *           md5         records are protected by HMAC-MD5
 *           cbc         a block cipher in CBC mode, no AEAD
 *           no_forward_secrecy    recorded traffic opens with the server's long-term key
 *           psk         a shared key takes the place of a certificate
 * Bits    effective length of the symmetric key: 3DES counts 112 (NIST SP 800-57 part 1, table 2), RC4_128 its 128.
 * Source  the registry by IANA (RFC 8447); suites.c holds it. */
#ifndef TLS_SUITE_H
#define TLS_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct suite { uint16_t id; const char *name; };
extern const struct suite suites[];     /* ascending ids */
extern const size_t n_suites;

enum suite_exchange { EXCHANGE_RSA, EXCHANGE_RSA_EXPORT, EXCHANGE_DHE, EXCHANGE_ECDHE, EXCHANGE_STATIC, EXCHANGE_TLS13, EXCHANGE_OTHER };

/* Its name, or "0x1234" when nobody registered it (in buf). */
const char *suite_name(uint16_t id, char buf[static 8]);
const struct suite *suite_find(uint16_t id);            /* NULL = unknown */
bool suite_tls13(const struct suite *s);
bool suite_sha2(const struct suite *s);                 /* only since TLS 1.2: AEAD, or a MAC of SHA-2 */
bool suite_signed(const struct suite *s);               /* its key exchange carries a signature */
bool suite_psk(const struct suite *s);
enum suite_exchange suite_exchange(const struct suite *s);
/* Suites that stand or fall with the same credentials of a server; below SUITE_FAMILIES. */
enum { SUITE_FAMILIES = 11 };
unsigned suite_family(const struct suite *s);
unsigned suite_bits(const struct suite *s);
/* Calls f for each trait. */
void suite_traits(const struct suite *s, void (*f)(const char *trait, void *data), void *data);
#endif
