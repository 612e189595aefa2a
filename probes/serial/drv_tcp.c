// SPDX-License-Identifier: Apache-2.0
// A console behind a plain TCP or UNIX socket: bytes are bytes, settings are the server's own. Line errors cannot be seen here.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/serial/dial.h"

struct own { int fd; bool connected, first; };

static bool port_prepare(struct console *c, struct err *err)
{
	struct own *o = c->own;

	o->fd = -1;
	o->first = true;
	c->late_ns = line_int(c->line, "late");
	return dial_check(c->line, err);
}

/* At the start of the run it is waited for, later the loop goes on meanwhile. */
static bool port_open(struct console *c, struct err *err)
{
	struct own *o = c->own;
	int64_t until = clock_ns() + line_int(c->line, "connect");

	o->connected = false;
	if (!dial_start(c->line, &o->fd, err))
		return false;
	c->port_due = until;
	console_arm(c);
	if (!o->first)
		return true;
	o->first = false;
	return dial_await(c, &o->fd, until, err);
}

static bool connected(struct console *c, struct err *err)
{
	struct own *o = c->own;
	struct err why = { 0 };

	if (!dial_done(c->line, o->fd, &why))
		return console_lost(c, err, "%s", why.text);
	o->connected = true;
	c->fd = o->fd;
	c->port_due = 0;
	return console_up(c, err);
}

static bool port_readable(struct console *c, int fd, short revents, struct err *err)
{
	struct own *o = c->own;
	char buf[65536];
	int64_t t_ns;
	ssize_t n;

	(void)revents;
	if (fd != o->fd)
		return true;
	if (!o->connected)
		return connected(c, err);
	n = recv(fd, buf, sizeof(buf), 0);
	t_ns = clock_ns();
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return console_lost(c, err, "%s", n < 0 ? strerror(errno) : "the console server closed the connection");
	return console_received(c, t_ns, buf, (size_t)n, err);
}

static bool port_timer(struct console *c, struct err *err)
{
	return console_lost(c, err, "no connection in time");
}

static ssize_t port_write(struct console *c, const void *p, size_t n, struct err *err)
{
	ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (sent < 0)
		err_sys(err, "%s", line_name(c->line));
	return sent;
}

static void port_drop(struct console *c)
{
	struct own *o = c->own;

	if (o->fd < 0)
		return;
	line_unwatch(c->line, o->fd);
	close(o->fd);
	o->fd = -1;
}

static const struct console_port port = {
	.own = sizeof(struct own), .prepare = port_prepare, .open = port_open, .readable = port_readable, .write = port_write,
	.drop = port_drop, .timer = port_timer,
};

static bool open_tcp(struct line *l, struct err *err)
{
	return console_start(l, &port, err);
}

static const struct param params[] = { DIAL_PARAMS, CONSOLE_PARAMS, { 0 } };

const struct line_driver drv_tcp = {
	.name = "tcp", .doc = "console behind a raw socket of a console server or an emulator; reconnects, gaps recorded",
	.seen = "ser2net and servers of the test that break off",
	.params = params, .open = open_tcp, .command = console_command, .event = console_event, .close = console_close,
};
