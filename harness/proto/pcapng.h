/* SPDX-License-Identifier: Apache-2.0
 *
 * pcapng.h - packet captures: one interface written, any bounded file read, also while it grows.
 *
 * Written  Section Header, one Interface Description (Ethernet, if_name, if_tsresol 9), Enhanced Packets,
 *          Interface Statistics (isb_ifrecv, isb_ifdrop) whenever the drop count rose, and at the end.
 * Read     both byte orders, several sections and interfaces, any time resolution. Packet blocks 2, 3 and 6
 *          count as frames, numbered from 1 as Wireshark does; unknown blocks are skipped.
 * Hostile  a block that is malformed or above PCAPNG_MAX_BLOCK ends the file (`bad`); a truncated one is "no
 *          more yet". Never reads beyond what it was given.
 * Time     wall clock ns since 1970, as the kernel stamped the frame.
 * Source   draft-ietf-opsawg-pcapng. */
#ifndef PROTO_PCAPNG_H
#define PROTO_PCAPNG_H

#include "harness/base/err.h"
#include "harness/base/span.h"
#include "harness/proto/tail.h"

#define PCAPNG_MAX_BLOCK   ((size_t)1 << 20)    /* half of TAIL_BUFFER, so a whole one always fits */
#define PCAPNG_MAX_IFACES  32
#define PCAPNG_SNAPLEN     262144u

/* ---- decoding ---- */
struct pcapng_frame {
	int64_t number;         /* 1-based */
	int64_t wall_ns;        /* 0 when the block holds no time */
	struct span data;       /* borrowed: valid until the next read */
	uint32_t len;           /* on the wire; data.n may be less */
	unsigned iface;         /* index in its section */
	int64_t off;            /* of data in the file; pcapng_next only */
};

struct pcapng_iface { char name[32]; uint16_t link; uint8_t tsresol; int64_t tsoffset_s; };

struct pcapng {                 /* zero-initialise */
	bool bad;               /* nothing more will be read; why: */
	const char *why;
	bool little, started;
	unsigned n_ifaces;
	struct pcapng_iface iface[PCAPNG_MAX_IFACES];
	int64_t frames;
	/* Newest Interface Statistics: what the kernel lost up to stats_wall_ns, from the start of capture. */
	int64_t recv, dropped, stats_wall_ns;
	bool has_stats;
};

/* Takes whole blocks off `in` until a frame came. False: no further frame in these bytes; what is left in
 * `in` is the start of a block (or p->bad). */
bool pcapng_decode(struct pcapng *p, struct span *in, struct pcapng_frame *ret);

/* ---- reading files ---- */
struct pcapng_reader { struct tail tail; struct pcapng p; };

/* `live`: wait on r->tail.notify for more. */
bool pcapng_open(const char *path, bool live, struct pcapng_reader *ret, struct err *err) MUST_CHECK;
/* False: no further frame now (err stays ERR_NONE), or reading failed (err set). */
bool pcapng_next(struct pcapng_reader *r, struct pcapng_frame *ret, struct err *err);
void pcapng_done(struct pcapng_reader *r);

/* ---- writing ---- */
struct pcapng_writer { int fd; uint8_t *buf; size_t n; };

/* Replaces the file. Buffered: pcapng_flush when readers should see it. */
bool pcapng_create(const char *path, const char *if_name, struct pcapng_writer *ret, struct err *err) MUST_CHECK;
/* data.n at most PCAPNG_SNAPLEN; the rest is cut off. */
bool pcapng_write(struct pcapng_writer *w, int64_t wall_ns, struct span data, uint32_t len, struct err *err) MUST_CHECK;
bool pcapng_stats(struct pcapng_writer *w, int64_t wall_ns, uint64_t recv, uint64_t dropped, struct err *err) MUST_CHECK;
bool pcapng_flush(struct pcapng_writer *w, struct err *err) MUST_CHECK;
/* Flushes, syncs and closes; errors were reported by the flush before, or are lost. */
void pcapng_finish(struct pcapng_writer *w);
#endif
