/* SPDX-License-Identifier: Apache-2.0
 *
 * flow.h - what two TLS peers do, read from the outside: record by record, without any key.
 *
 * Application data is counted where the record types show it:
 *   up to TLS 1.2   records of type 23 after that side's ChangeCipherSpec.
 *   TLS 1.3         almost everything has type 23. The client's handshake ends with Finished, whose record has a
 *                   known length (4 + hash + 1 + tag: 53 with SHA-256, 69 with SHA-384); what the client sends after
 *                   it is data, except lengths 19 (an alert) and 22 (a key update). The server's session tickets come
 *                   at once after Finished, so the caller holds the client's bytes back for a moment there
 *                   (flow_feed stops, flow_release goes on): what the server sends meanwhile are tickets, what it
 *                   sends later is data. A client that packs Finished together with other messages is not
 *                   understood and counts as never having sent data: the safe side for a control.
 * Bounds  any input; nothing is allocated. What is no TLS sets `broken` and is passed on uncounted.
 * Source  RFC 5246 6.2, RFC 8446 5 and 4.1.3. */
#ifndef SERVICE_FLOW_H
#define SERVICE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum flow_from { FLOW_CLIENT, FLOW_SERVER };

struct flow_side {
	uint8_t head[5], body[512];     /* of the record that is being read; body: its beginning */
	size_t have, length, read;
	bool cipher;                    /* ChangeCipherSpec has been seen */
	int64_t app_records, app_bytes; /* bytes as encrypted */
};

struct flow {
	struct flow_side side[2];
	bool hello, answered, tls13;    /* ClientHello seen; ServerHello seen; it chose TLS 1.3 */
	bool finished, open;            /* TLS 1.3: client's Finished seen; tickets are over */
	bool broken;
	size_t finished_length;
	int64_t alerts;                 /* the client's refusals: plain ones but close_notify; TLS 1.3: before Finished */
	int alert;                      /* description of the last; -1 = none or encrypted */
};

void flow_init(struct flow *f);
/* How many bytes were read: n, or fewer, up to and with the client's Finished of TLS 1.3. */
size_t flow_feed(struct flow *f, enum flow_from from, const uint8_t *p, size_t n);
void flow_release(struct flow *f);
bool flow_established(const struct flow *f);    /* application data went both ways */
#endif
