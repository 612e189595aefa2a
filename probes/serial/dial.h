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

/* First member of such a driver's own state. */
struct dialled { int fd; bool connected, opened; };     /* fd -1 = none; opened: once before */

/* For the driver's struct console_port. prepare refuses a line that says neither host and port nor socket, or both, and a host that is
 * no address. open waits for the connection at the start of the run (and `then_ns` longer, for what the driver asks of the server);
 * later the loop goes on meanwhile. */
bool dial_prepare(struct console *c, struct err *err) MUST_CHECK;
bool dial_open(struct console *c, int64_t then_ns, struct err *err) MUST_CHECK;
void dial_drop(struct console *c);
/* The descriptor became ready before it was connected: now it is, or the console is lost (d->connected tells); false: err. */
bool dial_connected(struct console *c, struct err *err) MUST_CHECK;
/* Reads; *ret_t_ns: when. 0: nothing now, or the connection was lost and the console knows; -1: err. */
ssize_t dial_receive(struct console *c, void *buf, size_t room, int64_t *ret_t_ns, struct err *err) MUST_CHECK;
#endif
