/* SPDX-License-Identifier: Apache-2.0
 *
 * udp_scan.h - which UDP ports answer: one socket, a datagram to each port, replies and ICMP errors sorted by port.
 *
 * Out     open: a datagram came back from that port. closed: ICMP port unreachable. filtered: another ICMP refusal. quiet: silent at
 *         a time when the device did tell of a closed port, so open or filtered. What is asked and in none of them stayed silent
 *         while nothing shows that the device would have told: open, filtered or closed.
 * Hidden  services away from their own port: when no more than 256 ports stayed silent, or are quiet, each of them is asked in every
 *         protocol we know.
 * Loss    two rounds, more where loss is known: until less than one port in a thousand is missed by it.
 * Limits  hosts send few ICMP errors (Linux: six, then one a second, to one peer), so in a fast round most closed ports stay silent.
 *         What answers is not limited. sort_ns is the time for asking silent ports again at the pace of the errors: groups of up
 *         to five, and after a group that holds a silent one, a port known to be closed. Only if that is told, was the group
 *         heard, and two such silences make a port quiet.
 * Fails   only for us.   Source RFC 1122 3.2.2.1, RFC 1812 4.3.2.8, Linux net/ipv4/icmp.c (icmp_ratelimit). */
#ifndef PORTS_UDP_SCAN_H
#define PORTS_UDP_SCAN_H

#include "probes/ports/portset.h"

struct udp_how {
	int64_t settle_ns;              /* how long to listen after the last datagram of a round */
	int64_t sort_ns;                /* 0 = do not sort */
	int64_t deadline_ns;
	unsigned loss_ppm;              /* as the TCP scan found it */
	unsigned rate;                  /* datagrams a second at most; 0 = 80 000 */
};
struct udp_scan {
	struct portset open, closed, filtered, quiet, sent;
};
bool udp_scan(const char *address, const struct portset *want, const struct udp_how *how, struct udp_scan *ret, struct err *err) MUST_CHECK;
#endif
