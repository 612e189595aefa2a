/* SPDX-License-Identifier: Apache-2.0
 *
 * talk.h - sends cases to one interface and sorts the answers to them.
 *
 * Several requests go out at once over one connection (RFC 9112 9.3.2), answers come back in order. What the peer does
 * not answer because it ended the connection for an earlier case is sent again on a new one.
 * Bounds  TALK_BATCH cases and TALK_BYTES a time; answers as http1.h.   Fails only for us. */
#ifndef FUZZ_TALK_H
#define FUZZ_TALK_H

#include "harness/proto/wire.h"
#include "probes/fuzz/gen.h"

enum { TALK_BATCH = 32 };
#define TALK_BYTES (384u << 10)

struct talk {                           /* zero-initialise but wire.fd = -1 */
	char address[64];
	int port;
	bool tls;
	int64_t limit_ns;               /* longest wait for an answer */
	struct wire wire;
	uint8_t in[TALK_BYTES / 4];
	size_t in_n;
};
enum said { SAID_NOTHING, SAID_ANSWER, SAID_END, SAID_REFUSED };        /* END: connection ended; REFUSED: no connection */
struct reply { enum said said; int status; int64_t time_ns; };

/* Sends n cases laid out one after another (part[i] bytes each) and gets *ret_done replies: the first *ret_done cases
 * are settled, the others were not looked at (n is at least 1, *ret_done too). */
bool talk_batch(struct talk *t, const uint8_t *bytes, const size_t *part, size_t n, struct reply *ret, size_t *ret_done,
		struct err *err) MUST_CHECK;
/* One case on a connection of its own; waits quiet_ns for an answer. */
bool talk_alone(struct talk *t, const uint8_t *bytes, size_t n, int64_t quiet_ns, struct reply *ret, struct err *err) MUST_CHECK;
void talk_done(struct talk *t);
#endif
