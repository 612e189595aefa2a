/* SPDX-License-Identifier: Apache-2.0
 *
 * syn_wire.h - SYN segments of our own out, what the device says to them in.
 *
 * Out     a raw IP socket, so that packets pass the rules of the bench's scope like all others: a packet socket would send in three quarters
 *         of the time, past them. The kernel, which knows of no such connection, answers a SYN-ACK with a reset, and the device forgets it.
 * In      a packet socket with a ring in shared memory and a filter: no system call for a frame, and 8192 fit while we are not
 *         looking. Frames are read with harness/proto/packet.h.
 * Which   the n-th try for a port comes from our port base + n % SYN_TRIES, with a sequence number made of a key, the port and n: an
 *         answer tells which try it is for, and one to a segment we did not send is told from one that is true.
 * Source  RFC 9293 3.5.2, 3.10.7; RFC 792, 4443 3.1 (ICMP); packet_mmap.rst of the kernel.
 * Fails   ERR_BENCH when this process may not do so (*ret_refused), ERR_OS. */
#ifndef PORTS_SYN_WIRE_H
#define PORTS_SYN_WIRE_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "harness/base/err.h"
#include "harness/proto/packet.h"

enum { SYN_TRIES = 16, SYN_BATCH = 128, SYN_BYTES = 24 };

struct syn_id {                         /* what makes an answer ours */
	struct addr device, us;
	uint64_t key;
	uint16_t base;
};
enum syn_says { SYN_NOTHING, SYN_OPEN, SYN_CLOSED, SYN_UNREACHABLE, SYN_GONE };      /* GONE: a router finds no way to the host */
struct syn_answer { enum syn_says says; uint16_t port; uint8_t from; };      /* from: try % SYN_TRIES */

uint32_t syn_seq(const struct syn_id *id, uint16_t port, unsigned from);
/* One frame; SYN_NOTHING for everything that is no answer to us. */
struct syn_answer syn_read(const struct syn_id *id, struct span frame);

struct syn_wire {
	struct syn_id id;
	struct sockaddr_storage to, us; /* without ports */
	socklen_t to_n;
	int out, out2, in, hold[SYN_TRIES];   /* hold: sockets that keep our ports from others */
	uint8_t *ring;
	unsigned frame;                 /* next of the ring */
	unsigned n;                     /* segments waiting for syn_flush() */
	uint8_t segment[SYN_BATCH][SYN_BYTES];
	int64_t *sent_ns[SYN_BATCH];
	uint32_t outer;                 /* of what the checksum of a segment covers beside it */
	unsigned refused;               /* in a row, by our own packet rules */
	struct syn_second *second;      /* the thread that sends part of it; NULL = not needed yet */
};

bool syn_open(const char *address, uint64_t key, struct syn_wire *ret, bool *ret_refused, struct err *err) MUST_CHECK;
void syn_close(struct syn_wire *w);
/* At most SYN_BATCH between flushes. What the second thread gets stands as SYN_UNSENT in *sent_ns until it has sent it, and is then the
 * time when: on a full computer that can be long after, and the device is not to blame. Read it with syn_time(). */
void syn_put(struct syn_wire *w, uint16_t port, unsigned from, int64_t *sent_ns);
#define SYN_UNSENT INT64_MAX
static inline int64_t syn_time(const int64_t *sent_ns) { return __atomic_load_n(sent_ns, __ATOMIC_ACQUIRE); }
/* Large batches are shared with a second thread: on a veth it is the sender who pays for what the device does, too. */
bool syn_flush(struct syn_wire *w, struct err *err) MUST_CHECK;
void syn_second_end(struct syn_wire *w);                /* for syn_close() */
/* The next answer that came; false when there is none now. */
bool syn_next(struct syn_wire *w, struct syn_answer *ret);
unsigned syn_missed(const struct syn_wire *w);          /* frames that did not fit into the ring since the last call */
#endif
