/* SPDX-License-Identifier: Apache-2.0
 *
 * tail.h - follows a file that another process is appending to, without polling.
 *
 * In      an existing file; what was in it before counts too.
 * Out     bytes in order through tail_look/tail_take, or whole lines. `notify` becomes readable (inotify) when
 *         more was written; wait for it, then call tail_more.
 * Fails   ERR_OS. A file that ends in the middle of a line or block simply has no next one yet.
 * Bound   at most TAIL_BUFFER unread bytes are held; a line longer than that is given in pieces.
 *
 *   for (;;) {
 *           if (!tail_more(&t, err)) return false;
 *           while (tail_line(&t, &line)) ...
 *           if (!step_wait(st, t.notify, deadline_ns)) break;
 *   } */
#ifndef PROTO_TAIL_H
#define PROTO_TAIL_H

#include "harness/base/err.h"
#include "harness/base/span.h"

#define TAIL_BUFFER ((size_t)2 << 20)

struct tail {
	int fd, notify;         /* notify: for poll only */
	uint8_t *buf;
	size_t at, n;           /* unread bytes are buf[at .. n) */
	int64_t off;            /* offset in the file of the first unread byte */
};

/* No watch is set up when `live` is false (notify = -1): for finished files. */
bool tail_open(const char *path, bool live, struct tail *ret, struct err *err) MUST_CHECK;
/* Reads what is there now, as far as the buffer goes; call again after taking when `*ret_got` (may be NULL) is true. */
bool tail_more(struct tail *t, bool *ret_got, struct err *err) MUST_CHECK;
struct span tail_look(const struct tail *t);    /* valid until the next tail_more */
void tail_take(struct tail *t, size_t n);       /* n at most what tail_look showed */
bool tail_line(struct tail *t, struct span *ret);       /* without the newline */
void tail_close(struct tail *t);                /* zeroed struct is fine */
#endif
