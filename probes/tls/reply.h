/* SPDX-License-Identifier: Apache-2.0
 *
 * reply.h - what a server answered to a ClientHello: its records read up to ServerHelloDone (to TLS 1.2), to the ServerHello itself
 * (TLS 1.3), or to an alert.
 *
 * In      all bytes so far, and a buffer of the same size for the handshake messages without their record headers.
 * Out     more: not the end yet, ask again when `need` bytes have come. Otherwise what was said; spans point into `hand`.
 * Bound   REPLY_MAX bytes and REPLY_RECORDS records; longer ones are garbage, `why` says what was wrong.
 * Source  RFC 5246 6.2 and 7.4, RFC 8446 4.1 and 5.1, RFC 8422 5.4, RFC 4279 (identity hints), the SSL 2 draft. */
#ifndef TLS_REPLY_H
#define TLS_REPLY_H

#include "harness/base/span.h"

enum { REPLY_MAX = 1 << 19, REPLY_RECORDS = 4096 };

struct reply {
	bool more, garbage, ssl2;
	size_t need;
	const char *why;                /* of garbage */
	bool hello;                     /* a ServerHello came: */
	bool retry;                     /*   a HelloRetryRequest: TLS 1.3, before any key is agreed */
	bool whole;                     /*   and all the server says before it is our turn */
	uint16_t version, suite;
	uint8_t compression;
	bool renegotiation;             /* it knows RFC 5746 */
	bool master_secret;             /* it knows RFC 7627 */
	uint16_t group;                 /* of its key exchange; 0 = none or not named */
	unsigned field_bits;            /* of a Diffie-Hellman prime, or of a temporary RSA key; 0 = none */
	uint16_t signature;             /* of its key exchange, TLS 1.2; 0 = none */
	struct span certificates;       /* body of the Certificate message; n = 0: none */
	bool asks_certificate;
	int alert;                      /* description; -1 = none */
	unsigned ssl2_ciphers;          /* kinds that a SSL 2 server named */
	uint8_t ssl2_kind[8][3];        /* the first of them */
};

void reply_read(struct span raw, uint8_t *hand, struct reply *ret);
#endif
