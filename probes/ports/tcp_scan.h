/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp_scan.h - which TCP ports are open, closed, filtered.
 *
 * Out     open: a SYN was accepted. closed: refused by a reset. filtered: refused by ICMP, or silent so often, while the device was
 *         answering others, that loss does not explain it. A port in none of the three was not finished; they never overlap.
 * How     syn_scan() with segments of our own where raw sockets are allowed, else connect_scan(); `how` says which.
 * Fails   only for us: no descriptors, nothing may be sent. */
#ifndef PORTS_TCP_SCAN_H
#define PORTS_TCP_SCAN_H

#include "probes/ports/portset.h"

struct tcp_how {
	int64_t deadline_ns;
	unsigned rate;                  /* segments a second at most; 0 = what the device takes */
	unsigned window;                /* unanswered at a time at most; 0 = what the device takes */
	uint64_t key;                   /* order of the ports, sequence numbers */
	const struct portset *first;    /* asked first: what is likely open shows early what the device can take. NULL = none */
};
struct tcp_scan {
	struct portset open, closed, filtered;
	const char *how;                /* "syn" or "connect" */
	unsigned tried;                 /* segments or connections begun */
	unsigned silent_first;          /* silent in the first round (loss or filter) */
	int64_t rtt_ns;                 /* 0 = nothing answered */
	int64_t away_ns;                /* syn: longest time in which a device that had answered did not */
	unsigned loss_ppm;              /* syn: of what was sent to ports known to answer */
	unsigned rate;                  /* syn: highest, segments a second */
	unsigned pace;                  /* syn: rate in the end */
	bool deaf;                      /* syn: nothing ever answered, so silence says nothing */
};
bool tcp_scan(const char *address, const struct portset *want, const struct tcp_how *how, struct tcp_scan *ret,
	      struct err *err) MUST_CHECK;

/* By connections: rounds with growing patience (the first from the measured round trip); only silent ports are asked again, so
 * a lost segment does not make a port look filtered. The window grows while answers come and shrinks when they stop. */
bool connect_scan(const char *address, const struct portset *want, const struct tcp_how *how, struct tcp_scan *ret,
		  struct err *err) MUST_CHECK;

/* By SYN segments. *ret_refused: this process may not. Silence counts only while the device is seen to answer: beside the ports
 * asked go CONTROLS, SYNs to ports that answered before. The share of them that stays unanswered says how likely it is that a
 * silent port's answer was lost; a port is filtered once its silences leave less than one chance in a thousand that any
 * silent port was wronged. Silences in a period in which most controls stayed unanswered do not count at all. */
bool syn_scan(const char *address, const struct portset *want, const struct tcp_how *how, struct tcp_scan *ret, bool *ret_refused,
	      struct err *err) MUST_CHECK;
#endif
