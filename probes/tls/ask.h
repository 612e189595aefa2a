/* SPDX-License-Identifier: Apache-2.0
 *
 * ask.h - many short conversations with one server at once: connect, one ClientHello, its answer, gone.
 *
 * In      where, how many at once, how long one may take, when all must end. Questions may be put from within an answer.
 * Out     each question is answered once, in any order.
 * How     a small device may be overrun, so each answer that fails to come halves how many are asked at once. What ended without
 *         a word is asked again until it was asked alone, twice; what stayed silent ASK_TRIES times in all. A connection ends with a reset, so neither side keeps it.
 * DTLS    what is not answered is said again after 300 ms, then after twice as long (RFC 6347 4.2.4.1 has a second for the Internet); a
 *         conversation ends with an alert, so that a server which knows one peer at a time is free again. Once a server has answered
 *         anything, ASK_QUIET without a datagram is silence: longer than the second after which it says its own again. Where datagrams
 *         were lost it is the whole patience, ASK_TRIES times.
 * Bound   ASK_ALL connections; REPLY_MAX bytes of each answer.
 * Fails   only for us: no sockets, no memory. */
#ifndef TLS_ASK_H
#define TLS_ASK_H

#include "harness/base/clock.h"
#include "harness/base/err.h"
#include "probes/tls/hello.h"
#include "probes/tls/plain.h"
#include "probes/tls/reply.h"

enum { ASK_TRIES = 3, ASK_ALL = 6000, ASK_PARALLEL = 64 };
#define ASK_QUIET MS(1500)

enum ask_end {
	ASK_ANSWERED,                   /* a hello, an alert or garbage */
	ASK_ENDED,                      /* the server ended the connection without an answer */
	ASK_SILENT,                     /* nothing, or half an answer, until the time was up */
	ASK_CLOSED,                     /* refused: nothing listens */
	ASK_UNREACHED,                  /* no connection in time, or no way there */
	ASK_NOT_OFFERED,                /* it did not go over to TLS when asked in the plain protocol */
	ASK_LATE,                       /* not asked: deadline or ASK_ALL */
};

struct sockaddr_storage;
struct asker;
struct ask_where {
	const char *address;
	int port;
	const struct plain *plain;      /* what is said before TLS; NULL = nothing */
	bool datagram;                  /* DTLS over UDP, one conversation after the other */
	unsigned parallel;
	int64_t patience_ns, deadline_ns;
};
struct ask_count { unsigned connections, again, halved; bool answered; };         /* answered: DTLS, if only with a cookie */

/* The same as an address of sockets; false when it is none. */
bool ask_address(const struct ask_where *w, struct sockaddr_storage *ret, unsigned *ret_n);

typedef void ask_fn(void *owner, enum ask_end how, const struct reply *r, void *data);

bool ask_open(const struct ask_where *w, ask_fn *fn, void *data, struct asker **ret, struct err *err) MUST_CHECK;
bool ask_put(struct asker *a, const uint8_t *hello, size_t n, void *owner, struct err *err) MUST_CHECK;
/* Until every question is answered. */
bool ask_run(struct asker *a, struct err *err) MUST_CHECK;
struct ask_count ask_counted(const struct asker *a);
/* From which port of ours the question was asked that is being answered: by it the frames are found. */
uint16_t ask_port(const struct asker *a);
void ask_close(struct asker *a);        /* NULL is fine */
#endif
