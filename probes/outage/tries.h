/* SPDX-License-Identifier: Apache-2.0
 *
 * tries.h - when a device tried to reach a peer, read off captured frames, and what the times say.
 *
 * A try is a SYN to the peer that is no retransmission (another port or sequence number), or, while names are not
 * resolved, a question for the peer's name that is no retransmission (another id).
 * Times   wall clock ns in, as captured.   Bound TRIES_MAX tries; later ones are only counted. */
#ifndef OUTAGE_TRIES_H
#define OUTAGE_TRIES_H

#include "harness/proto/packet.h"

enum { TRIES_MAX = 4096 };

struct tries {                          /* zero-initialise, set peer and port (and name) */
	struct addr peer;
	uint16_t port;
	const char *name;               /* count questions for it instead of SYNs; NULL = SYNs */
	int64_t at_ns[TRIES_MAX];
	int64_t frame[TRIES_MAX];
	unsigned n, more;
	int64_t answers;                /* SYN-ACKs of the peer */
	uint64_t last_key;              /* of the newest try */
};
void tries_frame(struct tries *t, const struct packet *k, int64_t frame, int64_t wall_ns);

struct gaps {
	unsigned n;                     /* gaps */
	int64_t shortest_ns, longest_ns;        /* 0 when there is none */
	unsigned per_min;               /* most tries in any 60 s */
	unsigned pairs;                 /* gaps in each half (the middle one of an odd number belongs to neither) */
	int64_t early_ns, late_ns;      /* sums of the halves */
};
/* Do the gaps grow? Over any number of outages added up in `sum`: the later halves are 1.2 times as long. Not known
 * (false) below 3 pairs, unless one outage had 3 gaps (`deep`). */
bool gaps_grow(const struct gaps *sum, bool deep, bool *ret_grows);
/* Of the tries in [from, to). */
void tries_gaps(const struct tries *t, int64_t from_ns, int64_t to_ns, struct gaps *ret);
/* First try at or after t; -1 = none. */
int tries_after(const struct tries *t, int64_t from_ns);
#endif
