/* SPDX-License-Identifier: Apache-2.0
 *
 * dgram.h - one conversation in DTLS, from the server's side: its datagrams made into the records TLS would have had, for reply.h.
 *
 * In      datagrams as they come: some lost, some twice, out of order, messages in pieces (RFC 6347 4.2.3).
 * Out     DGRAM_RECORDS: `out` holds handshake messages that are whole and whose turn it is, or an alert, in records of TLS; versions
 *         inside stay those of DTLS. DGRAM_COOKIE: say the hello again with `cookie`. DGRAM_FORGOTTEN: after
 *         our answer it asks for new cookies as if it had never heard of us, which is how some servers refuse. DGRAM_GARBAGE: why.
 * Bound   REPLY_MAX bytes of messages, DGRAM_MESSAGES of them, DGRAM_ALL datagrams, DGRAM_COOKIES cookies. Encrypted records
 *         (a later epoch; RFC 9147 4) are no business of a hello and are left out.
 * Source  RFC 6347 (1.2), RFC 4347 (1.0), RFC 9147 (1.3). */
#ifndef TLS_DGRAM_H
#define TLS_DGRAM_H

#include <stddef.h>

#include "harness/base/span.h"
#include "probes/tls/hello.h"
#include "probes/tls/reply.h"

enum { DGRAM_MESSAGES = 16, DGRAM_ALL = 4096, DGRAM_COOKIES = 2, DGRAM_HELLO = HELLO_MAX + 256 };
enum dgram_says { DGRAM_NOTHING, DGRAM_COOKIE, DGRAM_RECORDS, DGRAM_FORGOTTEN, DGRAM_GARBAGE };

struct dgram {
	struct { bool begun; uint8_t type; size_t at, len, have; } message[DGRAM_MESSAGES];     /* by message_seq; at: in body */
	int next;                       /* whose turn it is; -1 = the server's hello did not come */
	size_t used;                    /* of body */
	unsigned datagrams, cookies;
	const char *why;                /* of garbage */
	uint8_t cookie[256];            /* cookie[0] is its length */
	bool hello;                     /* any of the server's hello came: it waits for us */
	size_t n;                       /* bytes in out, of the last datagram */
	uint8_t body[REPLY_MAX], got[REPLY_MAX / 8];
	uint8_t out[REPLY_MAX + DGRAM_MESSAGES * 16 + 8 * (REPLY_MAX >> 14) + 32768];      /* and as many alerts as one datagram holds */
};

void dgram_begin(struct dgram *d);      /* for a new conversation */
enum dgram_says dgram_read(struct dgram *d, struct span datagram);
/* The hello again, as second message with the cookie asked for; returns its length. */
size_t dgram_answer(const struct dgram *d, const uint8_t *hello, size_t n, uint8_t out[static DGRAM_HELLO]);
void dgram_number(uint8_t *record, unsigned number);    /* of a record of ours: the next one whenever it is sent again */
/* A fatal alert, so that a server that has begun a handshake gives it up. */
size_t dgram_alert(unsigned number, uint8_t out[static 16]);
#endif
