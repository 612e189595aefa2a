// SPDX-License-Identifier: Apache-2.0
#include "probes/serial/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define IDLE_S 5                /* keepalive: first question after, then every, so many unanswered */
#define EVERY_S 3
#define UNANSWERED 3

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static const char *host_of(const struct line *l)
{
	const char *host = line_text(l, "host"), *ip;

	ip = json_string_value(json_object_get(json_object_get(line_bench(l), "hosts"), host));
	return ip ? ip : host;
}

static bool address_of(const struct line *l, union address *ret, socklen_t *ret_n)
{
	uint16_t port = htons((uint16_t)line_int(l, "port"));
	const char *path = line_text(l, "socket");

	*ret = (union address){ .local = { .sun_family = AF_UNIX } };
	if (path) {
		*ret_n = sizeof(ret->local);
		return snprintf(ret->local.sun_path, sizeof(ret->local.sun_path), "%s", path) < (int)sizeof(ret->local.sun_path);
	}
	*ret = (union address){ .v4 = { .sin_family = AF_INET, .sin_port = port } };
	*ret_n = sizeof(ret->v4);
	if (inet_pton(AF_INET, host_of(l), &ret->v4.sin_addr) == 1)
		return true;
	*ret = (union address){ .v6 = { .sin6_family = AF_INET6, .sin6_port = port } };
	*ret_n = sizeof(ret->v6);
	return inet_pton(AF_INET6, host_of(l), &ret->v6.sin6_addr) == 1;
}

static bool check(const struct line *l, struct err *err)
{
	union address a;
	socklen_t n;
	bool tcp = line_has(l, "host") && line_has(l, "port");

	if (tcp == line_has(l, "socket") || (!tcp && (line_has(l, "host") || line_has(l, "port"))))
		return err_set(err, ERR_CONF, "%s: say host and port, or socket", line_name(l));
	if (address_of(l, &a, &n))
		return true;
	return err_set(err, ERR_CONF, "%s: '%s' is %s", line_name(l), tcp ? line_text(l, "host") : line_text(l, "socket"),
		       tcp ? "neither an address nor a name of hosts" : "too long for a socket");
}

static bool failed(const struct line *l, int e, struct err *err)
{
	if (line_has(l, "socket"))
		return err_set(err, ERR_BENCH, "%s: %s", line_text(l, "socket"), strerror(e));
	return err_set(err, ERR_BENCH, "%s port %lld: %s", line_text(l, "host"), (long long)line_int(l, "port"), strerror(e));
}

static void keep_alive(int fd)
{
	const int one = 1, idle = IDLE_S, every = EVERY_S, unanswered = UNANSWERED, late = 1000 * (IDLE_S + EVERY_S * UNANSWERED);

	(void)!setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &unanswered, sizeof(unanswered));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &late, sizeof(late));
}

/* Begins; *ret is watched for POLLOUT until done(). */
static bool start(struct line *l, int *ret, struct err *err)
{
	union address a;
	socklen_t n;
	int fd;

	if (!address_of(l, &a, &n))
		return failed(l, EINVAL, err);
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return failed(l, errno, err);
	if (a.any.sa_family != AF_UNIX)
		keep_alive(fd);
	if ((connect(fd, &a.any, n) < 0 && errno != EINPROGRESS && !failed(l, errno, err)) || !line_watch(l, fd, POLLOUT, err)) {
		close(fd);
		return false;
	}
	*ret = fd;
	return true;
}

static bool done(struct line *l, int fd, struct err *err)
{
	socklen_t n = sizeof(int);
	int e = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) < 0)
		e = errno;
	line_unwatch(l, fd);
	return e == 0 || failed(l, e, err);
}

/* Turns the loop for fd alone until the port is up; false with the cause when it takes longer. What the port waits for is either to
 * connect (writable) or to be answered (readable). */
static bool await(struct console *c, const int *fd, int64_t until_ns, struct err *err)
{
	bool connected = false;

	while (!console_is_up(c)) {
		struct pollfd p = { *fd, connected ? POLLIN : POLLOUT, 0 };
		int64_t left = (c->port_due && c->port_due < until_ns ? c->port_due : until_ns) - clock_ns();

		if (*fd < 0)
			return err_set(err, ERR_BENCH, "%s", c->why);
		if (poll(&p, 1, left <= 0 ? 0 : (int)(left / MS(1)) + 1) < 0 && errno != EINTR)
			return err_sys(err, "%s", line_name(c->line));
		if (p.revents && !c->port->readable(c, *fd, p.revents, err))
			return false;
		connected |= p.revents != 0;
		if (c->port_due && clock_ns() >= c->port_due) {
			c->port_due = 0;
			if (!c->port->timer(c, err))
				return false;
		}
		if (!console_is_up(c) && clock_ns() >= until_ns)
			return err_set(err, ERR_BENCH, "%s: no connection within %lld ms", line_name(c->line),
				       (long long)(line_int(c->line, "connect") / MS(1)));
	}
	return true;
}

/* ---- for the drivers ---- */

bool dial_prepare(struct console *c, struct err *err)
{
	struct dialled *d = c->own;

	*d = (struct dialled){ .fd = -1 };
	c->late_ns = line_int(c->line, "late");
	return check(c->line, err);
}

bool dial_open(struct console *c, int64_t then_ns, struct err *err)
{
	struct dialled *d = c->own;
	int64_t until = clock_ns() + line_int(c->line, "connect");

	d->connected = false;
	if (!start(c->line, &d->fd, err))
		return false;
	c->port_due = until;
	console_arm(c);
	if (d->opened)
		return true;
	d->opened = true;
	return await(c, &d->fd, until + then_ns, err);
}

void dial_drop(struct console *c)
{
	struct dialled *d = c->own;

	if (d->fd < 0)
		return;
	line_unwatch(c->line, d->fd);
	close(d->fd);
	d->fd = -1;
}

bool dial_connected(struct console *c, struct err *err)
{
	struct dialled *d = c->own;
	struct err why = { 0 };

	d->connected = done(c->line, d->fd, &why);
	if (d->connected)
		c->fd = d->fd;
	else if (!console_lost(c, err, "%s", why.text))
		return false;
	return true;
}

ssize_t dial_receive(struct console *c, void *buf, size_t room, int64_t *ret_t_ns, struct err *err)
{
	struct dialled *d = c->own;
	ssize_t n = recv(d->fd, buf, room, 0);

	*ret_t_ns = clock_ns();
	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return console_lost(c, err, "%s", n < 0 ? strerror(errno) : "the console server closed the connection") ? 0 : -1;
}
