/* SPDX-License-Identifier: Apache-2.0
 *
 * chain.h - what a certificate chain shows, whoever vouches for it.
 *
 * In      body of a Certificate message (to TLS 1.2), or certificates that a library unpacked.
 * Out     the first certificate is the server's: its key, dates, names. Of every certificate but a self-signed one behind it (a
 *         root is trusted for what it is, not for how it signed itself) the hash under its signature.
 * Bound   CHAIN_MAX certificates, CHAIN_NAMES names shown (all are compared); what is no certificate sets `broken`.
 * Source  RFC 5280, RFC 6125 6.4 by X509_check_host(). */
#ifndef TLS_CHAIN_H
#define TLS_CHAIN_H

#include <openssl/x509.h>

#include "harness/base/span.h"

enum { CHAIN_MAX = 16, CHAIN_NAMES = 16, CHAIN_NAME = 128 };

struct chain_facts {
	bool broken, self_signed;
	unsigned count;                         /* certificates read */
	char key[32];                           /* "RSA 2048", "EC prime256v1", "ED25519" of the server */
	unsigned key_bits, rsa_bits, curve_bits;        /* of the server; smallest RSA modulus and curve of the chain, 0 = none */
	char hash[CHAIN_MAX][24];               /* "sha256", "md5", "none" (Ed25519 has none of its own) */
	int64_t from_s, until_s;                /* Unix time; of the server's */
	bool valid_now;                         /* all of the chain, at now_s */
	unsigned names;                         /* all there are */
	char name[CHAIN_NAMES][CHAIN_NAME];     /* the first of them, "" when there are fewer */
	bool name_fits;                         /* `host` is among them */
	uint8_t spki[CHAIN_MAX][32];            /* SHA-256 of each SubjectPublicKeyInfo, to be looked up (known_keys.h) */
	char fingerprint[65];                   /* SHA-256 of the server's certificate */
};

/* host may be NULL. */
void chain_read(struct span message, int64_t now_s, const char *host, struct chain_facts *ret);
void chain_of(STACK_OF(X509) *chain, int64_t now_s, const char *host, struct chain_facts *ret);
#endif
