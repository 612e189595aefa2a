/* SPDX-License-Identifier: Apache-2.0
 *
 * dial.h - the connection to a console server, without blocking: TCP with keepalive, or a UNIX socket (ser2net, QEMU).
 *
 * Names   are bench.yaml hosts: or literal addresses; no name server is asked, since that would block the line.
 * Dead    a peer that is silently gone is noticed after about 15 s (keepalive; TCP_USER_TIMEOUT while we send). */
#ifndef SERIAL_DIAL_H
#define SERIAL_DIAL_H

#include "probes/serial/console.h"

#define DIAL_PARAMS \
	{ .name = "host", .type = VALUE_TEXT, .doc = "console server: a name of bench.yaml hosts, or an address" }, \
	{ .name = "port", .type = VALUE_INT, .min = 1, .max = 65535, .doc = "its TCP port for this console" }, \
	{ .name = "socket", .type = VALUE_TEXT, .doc = "instead of host and port: path of a UNIX socket" }, \
	{ .name = "connect", .type = VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "5s", .doc = "how long connecting may take" }, \
	{ .name = "late", .type = VALUE_TIME, .max = SEC(10), .fallback = "50ms", \
	  .doc = "how much later than it was sent a byte may reach the bench: the server's port and the network" }

/* prepare: refuses a line that says neither or both, and whose host is no address. */
bool dial_check(const struct line *l, struct err *err) MUST_CHECK;
/* Begins; *ret is watched for POLLOUT until dial_done(). */
bool dial_start(struct line *l, int *ret, struct err *err) MUST_CHECK;
/* The descriptor became writable: connected? */
bool dial_done(struct line *l, int fd, struct err *err) MUST_CHECK;
/* open of such a driver: turns the loop for fd alone until the port is up; false with the cause when it takes longer. */
bool dial_await(struct console *c, const int *fd, int64_t until_ns, struct err *err) MUST_CHECK;
#endif
