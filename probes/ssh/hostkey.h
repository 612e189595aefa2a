/* SPDX-License-Identifier: Apache-2.0
 *
 * hostkey.h - a host's public key as it stands in a key exchange: its type and its size.
 * Source  RFC 4253 6.6 (RSA, DSS), RFC 5656 3.1 (ECDSA), RFC 8709 4 (Ed25519, Ed448). */
#ifndef SSH_HOSTKEY_H
#define SSH_HOSTKEY_H

#include "harness/base/span.h"

struct hostkey {
	char type[65];                  /* "ssh-rsa" */
	unsigned bits;                  /* of the modulus or the curve; 0: a type we do not know */
	bool factored;                  /* RSA or DSS: its size is what NIST and others set a limit to */
	bool has_spki;                  /* RSA, ECDSA and Ed25519 have one: */
	uint8_t spki[32];               /* SHA-256 of it as a SubjectPublicKeyInfo, to be looked up (known_keys.h) */
	char fingerprint[52];           /* "SHA256:" and base64 without padding, as ssh-keygen -l prints it */
};

/* false: malformed. */
bool hostkey_read(struct span blob, struct hostkey *ret);
#endif
