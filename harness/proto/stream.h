/* SPDX-License-Identifier: Apache-2.0
 *
 * stream.h - what TCP carried, put in order from captured packets.
 *
 * In      decoded packets in capture order. Bytes are copied.
 * Out     flows with two directions; each direction as runs of adjacent bytes in sequence order. Where two segments
 *         overlap the one that begins lower in the stream keeps its bytes. A hole (frames lost, or the capture began late) splits runs and sets `holes`.
 * Bound   STREAM_FLOWS flows, `cap` payload bytes in all; what does not fit sets `full`.
 * Note    a flow whose SYN was not seen starts at its first segment; a reused port pair is a new flow. */
#ifndef PROTO_STREAM_H
#define PROTO_STREAM_H

#include "harness/proto/packet.h"

#define STREAM_FLOWS 262144           /* a port scan of all ports is in a capture too */

struct stream_segment { int64_t off; int64_t frame, wall_ns; uint8_t *p; size_t n; };
struct stream_half {                    /* one direction */
	uint32_t base;                  /* sequence number of offset 0 */
	bool started, syn, fin, rst;
	int64_t next;                   /* highest offset seen */
	struct stream_segment *segment; /* in capture order until streams_run sorts them */
	size_t n, room;
	bool sorted, holes;
	int64_t bytes;                  /* distinct payload bytes, once sorted */
};
struct stream {
	struct addr from, to;           /* `from` sent the SYN, or the first segment seen */
	uint16_t sport, dport;
	int64_t begin_wall_ns, end_wall_ns, first_frame, last_frame;
	bool established;               /* SYN, SYN-ACK and an ACK of it were seen */
	struct stream_half up, down;    /* up: from -> to */
	uint32_t older;                 /* private */
};
struct streams {
	struct stream *flow;
	size_t n, room, used, cap;
	uint32_t *bucket;               /* private: newest flow + 1 of each hash, chained by stream.older */
	bool full;
};

void streams_init(struct streams *t, size_t cap);       /* cap 0 = 256 MiB */
/* Anything but TCP is ignored. False when nothing of it could be kept (t->full). */
bool streams_add(struct streams *t, const struct packet *k, int64_t frame, int64_t wall_ns);
/* Does it belong to a pair of addresses and ports that has a flow? */
bool streams_known(struct streams *t, const struct packet *k);
/* Calls f for each run of adjacent bytes of one direction, in order; `p` is valid during the call, writable by
 * nobody. f returns false to stop. `frame_of(h, off)` names the frame that carried a byte. */
void streams_run(struct stream_half *h, bool (*f)(const struct stream_half *h, int64_t off, struct span bytes, void *data),
		 void *data);
int64_t streams_frame_of(const struct stream_half *h, int64_t off);     /* 0 = none; after streams_run */
void streams_free(struct streams *t);
#endif
