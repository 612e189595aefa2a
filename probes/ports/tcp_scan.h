/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp_scan.h - which TCP ports accept a connection: connect() to many at once, no special rights.
 *
 * In      address, ports wanted, a deadline (monotonic ns).
 * Out     open: handshake done. closed: refused by a reset. filtered: an ICMP refusal, or silence after every
 *         retransmission. Ports in none of the three were not finished. The three never overlap.
 * How     rounds with growing patience (the first from the measured round trip); only silent ports are asked
 *         again, so a lost segment does not make a port look filtered. The window grows while answers come and
 *         shrinks when they stop, as a slow device drops what it cannot take.
 * Fails   only for us: no descriptors, no rights to connect at all.
 * Source  RFC 9293 3.5.2 (reset), RFC 1122 4.2.3.9 (ICMP). */
#ifndef PORTS_TCP_SCAN_H
#define PORTS_TCP_SCAN_H

#include "probes/ports/portset.h"

struct tcp_scan {
	struct portset open, closed, filtered;
	unsigned tried;                 /* connections begun */
	unsigned silent_first;          /* silent in the first round (loss or filter) */
	int64_t rtt_ns;                 /* longest answer seen in the first round, 0 = none */
};
bool tcp_scan(const char *address, const struct portset *want, int64_t deadline_ns, struct tcp_scan *ret,
	      struct err *err) MUST_CHECK;
#endif
