/* SPDX-License-Identifier: Apache-2.0
 *
 * sign_key.h - an Ed25519 private key, wherever it lives.
 *
 *   PATH         PEM or DER file, also encrypted (passphrase: $JUSAN_KEY_PIN)
 *   pkcs11:...   RFC 7512: through OpenSSL's store when a provider serves the scheme (pkcs11-provider in openssl.cnf), else
 *                through p11-kit, mechanism CKM_EDDSA. PIN: pin-value, pin-source (a file), or $JUSAN_KEY_PIN
 *   SCHEME:...   any other URI that a provider of OpenSSL serves
 * Nobody is asked on the terminal: a run signs when it ends, perhaps at night.
 * Fails   ERR_CONF: no such key, not Ed25519, PIN wrong or missing. Messages never hold a PIN. */
#ifndef HARNESS_SIGN_KEY_H
#define HARNESS_SIGN_KEY_H

#include <stddef.h>

#include "harness/base/err.h"

#define SIGN_BYTES 64                   /* of an Ed25519 signature */

struct sign_key;

bool sign_key_open(const char *where, struct sign_key **ret, struct err *err) MUST_CHECK;
struct sign_key *sign_key_close(struct sign_key *k);    /* NULL is fine; returns NULL */
bool sign_key_sign(struct sign_key *k, const void *p, size_t n, unsigned char ret[static SIGN_BYTES], struct err *err) MUST_CHECK;
const char *sign_key_public(const struct sign_key *k);  /* PEM; borrowed */
/* A new key in a PEM file that only its owner reads. ERR_CONF when the file is there: a key is never written over. */
bool sign_key_make(const char *path, struct err *err) MUST_CHECK;
/* `where` without its PIN, cut to n bytes; returns buf. */
const char *sign_key_name(const char *where, char *buf, size_t n);

/* ---- sign_p11.c ---- */
struct p11_key;
bool p11_open(const char *uri, struct p11_key **ret, unsigned char ret_public[static 32], struct err *err) MUST_CHECK;
struct p11_key *p11_close(struct p11_key *k);
bool p11_sign(struct p11_key *k, const void *p, size_t n, unsigned char ret[static SIGN_BYTES], struct err *err) MUST_CHECK;
#endif
