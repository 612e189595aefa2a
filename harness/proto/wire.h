/* SPDX-License-Identifier: Apache-2.0
 *
 * wire.h - a TCP connection with deadlines, plain or TLS, for probes that write the protocol themselves.
 * TLS     any certificate is taken: it is the device's own. A later connection of the same wire resumes the session.
 * Fails   only for us. No answer, a refusal, a broken TLS are observations: fd = -1 or a short read, why says it. */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/err.h"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct wire {                           /* initialise with .fd = -1 */
	int fd;                         /* -1 = not connected; non-blocking */
	struct ssl_st *ssl;
	struct ssl_ctx_st *ctx;         /* these two outlive the connection */
	struct ssl_session_st *session;
	bool closed;                    /* refused: nothing listens */
	int64_t until_ns;               /* every later read and write ends here */
	char why[200];
};

bool wire_open(struct wire *w, const char *address, int port, bool tls, int64_t timeout_ns, struct err *err) MUST_CHECK;
/* TLS from here on, on a connection that stands (STARTTLS); fd = -1 when it does not come about, and why says it. */
bool wire_secure(struct wire *w, struct err *err) MUST_CHECK;
/* False when not all could be sent before the deadline. */
bool wire_send(struct wire *w, const void *p, size_t n);
/* Up to n bytes; 0 = the peer ended it, -1 = nothing came until until_ns (or quiet_ns after now, if that is sooner). */
ssize_t wire_take(struct wire *w, void *p, size_t n, int64_t quiet_ns);
void wire_close(struct wire *w);         /* may be opened again */
void wire_done(struct wire *w);          /* for good */
#endif
