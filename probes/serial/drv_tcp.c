// SPDX-License-Identifier: Apache-2.0
// A console behind a plain TCP or UNIX socket: bytes are bytes, settings are the server's own. Line errors cannot be seen here.
#include <errno.h>
#include <sys/socket.h>

#include "probes/serial/dial.h"

static bool port_open(struct console *c, struct err *err)
{
	return dial_open(c, 0, err);
}

static bool connected(struct console *c, struct err *err)
{
	const struct dialled *d = c->own;

	if (!dial_connected(c, err))
		return false;
	c->port_due = d->connected ? 0 : c->port_due;
	return !d->connected || console_up(c, err);
}

static bool port_readable(struct console *c, int fd, short revents, struct err *err)
{
	const struct dialled *d = c->own;
	char buf[65536];
	int64_t t_ns;
	ssize_t n;

	(void)revents;
	if (fd != d->fd)
		return true;
	if (!d->connected)
		return connected(c, err);
	n = dial_receive(c, buf, sizeof(buf), &t_ns, err);
	return n == 0 || (n > 0 && console_received(c, t_ns, buf, (size_t)n, err));
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

static const struct console_port port = {
	.own = sizeof(struct dialled), .prepare = dial_prepare, .open = port_open, .readable = port_readable, .write = port_write,
	.drop = dial_drop, .timer = port_timer,
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
