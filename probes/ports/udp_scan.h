/* SPDX-License-Identifier: Apache-2.0
 *
 * udp_scan.h - which UDP ports answer: one socket, a datagram to each port, replies and ICMP errors sorted by port.
 *
 * Out     open: a datagram came back from that port. closed: ICMP port unreachable. filtered: another ICMP
 *         refusal. What is in none of them stayed silent: open or filtered, it cannot be told.
 * Limits  hosts send few ICMP errors a second (Linux: about one to one peer), so silence is the normal answer of a
 *         closed port in a long scan; it is counted, not waited for. Two rounds against loss.
 * Fails   only for us.   Source RFC 1122 3.2.2.1, RFC 1812 4.3.2.8. */
#ifndef PORTS_UDP_SCAN_H
#define PORTS_UDP_SCAN_H

#include "probes/ports/portset.h"

struct udp_scan {
	struct portset open, closed, filtered, sent;
};
/* settle_ns: how long to listen after the last datagram. */
bool udp_scan(const char *address, const struct portset *want, int64_t settle_ns, int64_t deadline_ns,
	      struct udp_scan *ret, struct err *err) MUST_CHECK;
#endif
