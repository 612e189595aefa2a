/* SPDX-License-Identifier: Apache-2.0
 *
 * again.c - one recorded exchange said once more: the same bytes, in the same pieces, each when the device had answered as
 * much as it had then, or has fallen silent. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "probes/api/exchange.h"

#define WHOLE_NS SEC(10)        /* longest that one exchange may take */

struct talk { struct step *st; int fd; int64_t quiet_ns, until_ns, got; bool ended, refused; struct again *sum; };

static socklen_t address(const char *dut, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	*ret = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
	if (inet_pton(AF_INET, dut, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		return sizeof(*four);
	}
	if (inet_pton(AF_INET6, dut, &six->sin6_addr) != 1)
		return 0;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	return sizeof(*six);
}

static void take(struct talk *t, const char *in, size_t n)
{
	size_t room = t->sum->keep ? t->sum->room - t->sum->kept : 0;

	t->got += (int64_t)n;
	n = n < room ? n : room;
	if (n)
		memcpy(t->sum->keep + t->sum->kept, in, n);
	t->sum->kept += n;
}

/* Reads until there was as much as `want`, the end, or silence. */
static void listen_for(struct talk *t, int64_t want)
{
	char in[4096];
	ssize_t n;

	while (!t->ended && t->got < want && clock_ns() < t->until_ns) {
		int64_t until = clock_ns() + t->quiet_ns < t->until_ns ? clock_ns() + t->quiet_ns : t->until_ns;

		if (!step_wait(t->st, t->fd, until))
			return;
		n = recv(t->fd, in, sizeof(in), MSG_DONTWAIT);
		if (n > 0)
			take(t, in, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			t->ended = true;
			t->refused = n < 0 && errno == ECONNREFUSED;    /* a datagram's way of saying so */
		}
		if (t->got > EXCHANGE_ANSWER)
			t->ended = true;
	}
}

/* Everything of the piece, or the end: a device that takes no more is not waited for longer than it is listened to. */
static int64_t say(struct talk *t, const struct piece *p)
{
	size_t at = 0;

	while (at < p->n && !t->ended) {
		struct pollfd w = { t->fd, POLLOUT, 0 };
		ssize_t n = send(t->fd, p->p + at, p->n - at, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			at += (size_t)n;
		else if (n < 0 && errno == EAGAIN && clock_ns() < t->until_ns && poll(&w, 1, (int)(t->quiet_ns / MS(1))) > 0)
			continue;
		else
			t->ended = true;
	}
	return (int64_t)at;
}

static bool is_ours(int e)
{
	return e == EMFILE || e == ENFILE || e == ENOBUFS || e == ENOMEM || e == EADDRNOTAVAIL || e == EPERM || e == EACCES;
}

/* false with err->kind NONE: nobody there. */
static bool reach(struct talk *t, const struct exchange *x, const char *dut, struct err *err)
{
	struct sockaddr_storage to, from = { .ss_family = AF_UNSPEC };
	socklen_t n = address(dut, x->dport, &to), k = sizeof(int);
	struct pollfd w = { -1, POLLOUT, 0 };
	int e = 0, on = 1;

	if (!n)
		return err_set(err, ERR_BENCH, "'%s' is no address", dut);
	t->fd = socket(to.ss_family, (x->proto == IP_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0)
		return err_sys(err, "socket");
	if (x->proto == IP_UDP && x->sport) {   /* from the same port, where it is free */
		from.ss_family = to.ss_family;
		((struct sockaddr_in *)&from)->sin_port = htons(x->sport);      /* at the same place in both families */
		if (setsockopt(t->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) || bind(t->fd, (struct sockaddr *)&from, n))
			errno = 0;
	}
	if (!connect(t->fd, (struct sockaddr *)&to, n))
		return true;
	if (errno != EINPROGRESS)
		return is_ours(errno) ? err_sys(err, "connect") : false;
	w.fd = t->fd;
	if (poll(&w, 1, 2000) <= 0 || getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &e, &k))
		return false;
	errno = e;
	return e ? is_ours(e) && err_sys(err, "connect") : true;
}

bool exchange_again(struct step *st, const struct exchange *x, const char *dut, int64_t quiet_ns, struct again *sum, struct err *err)
{
	struct talk t = { .st = st, .fd = -1, .quiet_ns = quiet_ns, .until_ns = clock_ns() + WHOLE_NS, .sum = sum };
	bool there = step_in_scope(st, dut, err) && reach(&t, x, dut, err);

	for (size_t i = 0; there && i < x->n && !t.ended; i++) {
		listen_for(&t, x->piece[i].after);
		sum->sent += say(&t, &x->piece[i]);
	}
	if (there)
		listen_for(&t, INT64_MAX);
	sum->refused += !there || t.refused;
	sum->answered += t.got;
	if (t.fd >= 0)
		close(t.fd);
	return err->kind == ERR_NONE;
}
