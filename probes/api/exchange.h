/* SPDX-License-Identifier: Apache-2.0
 *
 * exchange.h - what was said to the device, taken from the record, and said again byte for byte.
 *
 * In      frames of a capture; the device's address. Kept are the bytes that others sent in TCP connections they opened to it, and
 *         datagrams to it that are no answer to one of its own.
 * Out     pieces in the order in which they were sent, each with how much the device had answered before it.
 * Bound   EXCHANGES exchanges, EXCHANGE_BYTES in all; what does not fit, and holes in the record, make it `cut`.
 * Fails   only for us. A device that refuses, falls silent or answers without end is counted, within bounded time. */
#ifndef API_EXCHANGE_H
#define API_EXCHANGE_H

#include "harness/probe.h"
#include "harness/proto/packet.h"

enum { EXCHANGES = 256, EXCHANGE_BYTES = 4 << 20, EXCHANGE_ANSWER = 1 << 20 };

struct piece { uint8_t *p; size_t n; int64_t after; };  /* after: bytes of answers seen before it */
struct exchange {
	uint8_t proto;                  /* IP_TCP, IP_UDP */
	uint16_t sport, dport;
	int64_t first_frame;
	struct piece *piece;
	size_t n;
};
struct exchanges {
	struct exchange x[EXCHANGES];
	size_t n, streams, datagrams;
	int64_t bytes, frames;
	bool cut;
};

/* From `from_ns` on (wall clock), to `dut`. Whatever `ret` held is freed first. */
bool exchanges_read(const char *path, const char *dut, int64_t from_wall_ns, struct exchanges *ret, struct err *err) MUST_CHECK;
void exchanges_free(struct exchanges *e);

struct again {
	int64_t sent, answered, refused;        /* bytes, bytes, exchanges that found nobody */
	char *keep;                             /* where the answers go, as far as `room` reaches; NULL = nowhere */
	size_t room, kept;
};
/* One exchange once more, on a connection of its own; waits `quiet_ns` for an answer that does not come. Adds to `sum`. */
bool exchange_again(struct step *st, const struct exchange *x, const char *dut, int64_t quiet_ns, struct again *sum,
		    struct err *err) MUST_CHECK;
#endif
