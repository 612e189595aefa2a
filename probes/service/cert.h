/* SPDX-License-Identifier: Apache-2.0
 *
 * cert.h - server certificates with exactly one thing wrong, made on the fly.
 *
 * Everything but the fault is as it should be: subject and DNS name of the peer, valid now, P-256, SHA-256, server
 * use, signed by the CA the device trusts. So a device that accepts one of them does not check that one thing.
 * In      ca, ca_key: PEM files of the CA that the device trusts; not used by self_signed; unknown_ca takes only the
 *         CA's name (from ca, when given) and signs with a key of its own.
 * Fails   ERR_CONF when a CA is needed and absent or unreadable; ERR_OS when OpenSSL refuses.
 * Owns    the caller frees with cert_free(). */
#ifndef SERVICE_CERT_H
#define SERVICE_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>

#include "harness/base/err.h"

#define CERT_KINDS(X)                                                                             \
	X(relay,            "the true peer's own: bytes are passed on")                           \
	X(good,             "nothing wrong: shows that a session is seen when the device opens one") \
	X(self_signed,      "signed by its own key")                                              \
	X(unknown_ca,       "signed by another CA of the same name")                              \
	X(wrong_name,       "of another host")                                                    \
	X(expired,          "valid until yesterday")                                              \
	X(not_yet_valid,    "valid from next month on")                                           \
	X(weak_key,         "RSA with 1024 bits")                                                 \
	X(wrong_usage,      "for clients only")                                                   \
	X(sha1,             "signed with SHA-1")                                                  \
	X(name_constraints, "from an intermediate CA that may only name other hosts")             \
	X(old_protocol,     "nothing wrong, but TLS 1.1 at most")

enum cert_kind {
#define X(name, doc) CERT_##name,
	CERT_KINDS(X)
#undef X
	CERT_COUNT
};

extern const char *const cert_word[];   /* "relay", ..., NULL */
extern const char *const cert_doc[];

struct cert { X509 *leaf, *chain; EVP_PKEY *key; };     /* chain: NULL or the CA to send along */

/* `now_s`: seconds since 1970. ca, ca_key may be NULL. */
bool cert_make(enum cert_kind kind, const char *host, const char *ca, const char *ca_key, int64_t now_s,
	       struct cert *ret, struct err *err) MUST_CHECK;
void cert_free(struct cert *c);
#endif
