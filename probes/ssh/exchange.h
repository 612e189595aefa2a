/* SPDX-License-Identifier: Apache-2.0
 *
 * exchange.h - a key exchange begun, never ended: far enough for the server to show its host key, or the group it
 * takes. No secret is computed, so every method's first message can be one that never changes.
 * Source  RFC 4253 8 (Diffie-Hellman), RFC 4419 (group exchange), RFC 5656 4 (ECDH), RFC 8731 (X25519). */
#ifndef SSH_EXCHANGE_H
#define SSH_EXCHANGE_H

#include "harness/base/err.h"
#include "probes/ssh/hostkey.h"
#include "probes/ssh/session.h"

/* Each opens a connection of its own, in which the server's own lists are offered back to it, but one host key algorithm
 * and one key exchange. Result: s->why[0] = 0 when it came so far, else why it did not. */

/* With the first method of the server's that we can begin. */
bool exchange_hostkey(struct session *s, const char *address, int port, int64_t timeout_ns, const char *algorithm, struct hostkey *ret,
		      struct err *err) MUST_CHECK;
/* The modulus a server gives for group exchange `method` when 1024 bits are wished for. */
bool exchange_group(struct session *s, const char *address, int port, int64_t timeout_ns, const char *method, unsigned *ret_bits,
		    struct err *err) MUST_CHECK;
/* Bits of the fixed group of a finite-field method; 0: none. */
unsigned exchange_fixed_bits(struct span method);
bool exchange_is_gex(struct span method);
#endif
