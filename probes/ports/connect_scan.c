/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/tcp_scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "probes/ports/target.h"

enum { WINDOW_MIN = 16, WINDOW_FIRST = 256, WINDOW_MAX = 768, ROUNDS = 4 };

/* Patience of each round; the first is shortened to what the round trip suggests. */
static const int64_t patience_ns[ROUNDS] = { MS(100), MS(200), MS(400), MS(800) };

struct slot {
	int fd;                         /* -1 = free */
	unsigned port;
	int64_t begin_ns;
	int older, newer;               /* the queue by begin_ns, for time-outs */
};

struct scan {
	struct sockaddr_storage to;
	socklen_t to_n;
	struct tcp_scan *out;
	struct portset todo, silent;
	unsigned next;                  /* port to try next in this round */
	struct slot *slot;
	int *free_slot;
	unsigned slots, frees, busy, window;
	int oldest, newest;
	int epoll;
	int64_t wait_ns, now_ns;
	unsigned answered, timed_out;   /* since the window was last set */
};

static void set_port(struct scan *s, unsigned port)
{
	/* sin_port and sin6_port lie at the same place */
	((struct sockaddr_in *)&s->to)->sin_port = htons((uint16_t)port);
}

static void queue_push(struct scan *s, int i)
{
	s->slot[i].older = s->newest;
	s->slot[i].newer = -1;
	if (s->newest >= 0)
		s->slot[s->newest].newer = i;
	else
		s->oldest = i;
	s->newest = i;
}

static void queue_remove(struct scan *s, int i)
{
	int older = s->slot[i].older, newer = s->slot[i].newer;

	*(older >= 0 ? &s->slot[older].newer : &s->oldest) = newer;
	*(newer >= 0 ? &s->slot[newer].older : &s->newest) = older;
}

/* The socket stays for the next port when the connection failed: a refused socket may connect again, and that
 * is a third of the cost of a new one. Open and silent ones are closed (with a reset: no TIME_WAIT). */
static void release(struct scan *s, int i, bool reuse)
{
	struct linger abort_now = { 1, 0 };

	queue_remove(s, i);
	s->slot[i].port = 0;
	if (!reuse) {
		setsockopt(s->slot[i].fd, SOL_SOCKET, SO_LINGER, &abort_now, sizeof(abort_now));
		close(s->slot[i].fd);
		s->slot[i].fd = -1;
	}
	s->free_slot[s->frees++] = i;
	s->busy--;
}

static void note_rtt(struct scan *s, int i)
{
	int64_t rtt = s->now_ns - s->slot[i].begin_ns;

	if (rtt > s->out->rtt_ns && rtt < patience_ns[0])
		s->out->rtt_ns = rtt;
}

/* A firewall's ICMP "port unreachable" looks like a reset in the error code; the error queue knows better. */
static bool refused_by_icmp(int fd)
{
	char control[256];
	struct msghdr m = { .msg_control = control, .msg_controllen = sizeof(control) };

	if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct sock_extended_err e;

		if (c->cmsg_len < CMSG_LEN(sizeof(e)))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		if (e.ee_origin == SO_EE_ORIGIN_ICMP || e.ee_origin == SO_EE_ORIGIN_ICMP6)
			return true;
	}
	return false;
}

/* On the scanner's own host a connection may meet itself (simultaneous open); nothing listens there. */
static bool met_itself(int fd)
{
	struct sockaddr_storage a = { 0 }, b = { 0 };
	socklen_t an = sizeof(a), bn = sizeof(b);

	return !getsockname(fd, (struct sockaddr *)&a, &an) && !getpeername(fd, (struct sockaddr *)&b, &bn) && an == bn &&
	       !memcmp(&a, &b, an);
}

/* What the end of a connection attempt says of its port. */
static void settle(struct scan *s, int i, int error)
{
	unsigned port = s->slot[i].port;
	bool self = error == 0 && met_itself(s->slot[i].fd);

	note_rtt(s, i);
	if (self)
		error = ECONNRESET;
	if (error == ECONNREFUSED && refused_by_icmp(s->slot[i].fd))
		error = EACCES;
	if (error == 0)
		portset_add(&s->out->open, port);
	else if (error == ECONNREFUSED || error == ECONNRESET)
		portset_add(&s->out->closed, port);
	else if (error == ENETUNREACH || error == EHOSTUNREACH || error == ETIMEDOUT)
		portset_add(&s->silent, port);          /* ARP or route may come back: asked again */
	else
		portset_add(&s->out->filtered, port);   /* ICMP: prohibited, protocol unreachable ... */
	s->answered++;
	release(s, i, error == ECONNREFUSED);
}

static bool new_socket(struct scan *s, int i, struct err *err)
{
	struct epoll_event ev = { .events = EPOLLOUT | EPOLLET, .data.u32 = (uint32_t)i };
	int fd = socket(s->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	bool four = s->to.ss_family == AF_INET;

	if (fd < 0)
		return err_sys(err, "socket");
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		close(fd);
		return err_sys(err, "epoll");
	}
	setsockopt(fd, four ? IPPROTO_IP : IPPROTO_IPV6, four ? IP_RECVERR : IPV6_RECVERR, &on, sizeof(on));
	s->slot[i].fd = fd;
	return true;
}

static bool begin(struct scan *s, unsigned port, struct err *err)
{
	int i = s->free_slot[s->frees - 1], e;

	if (s->slot[i].fd < 0 && !new_socket(s, i, err))
		return false;
	set_port(s, port);
	s->slot[i].port = port;
	s->slot[i].begin_ns = s->now_ns;
	s->frees--;
	s->busy++;
	s->out->tried++;
	queue_push(s, i);
	e = connect(s->slot[i].fd, (struct sockaddr *)&s->to, s->to_n) ? errno : 0;
	if (e == EINPROGRESS)
		return true;
	if (e == EPERM || e == EACCES || e == EADDRNOTAVAIL || e == ENOBUFS || e == EINVAL) {
		errno = e;
		return err_sys(err, "connect to port %u", port);
	}
	settle(s, i, e);
	return true;
}

static bool fill(struct scan *s, struct err *err)
{
	while (s->next < 65536 && s->busy < s->window) {
		unsigned port = s->next++;

		if (!(port & 63) && !s->todo.bits[port >> 6]) {
			s->next += 63;
			continue;
		}
		if (portset_has(&s->todo, port) && !begin(s, port, err))
			return false;
	}
	return true;
}

static void reap(struct scan *s)
{
	struct epoll_event ev[512];
	int64_t left = s->oldest < 0 ? 0 : s->slot[s->oldest].begin_ns + s->wait_ns - s->now_ns;
	int n = epoll_wait(s->epoll, ev, 512, left <= 0 ? 0 : (int)((left + MS(1) - 1) / MS(1)));

	s->now_ns = clock_ns();
	for (int k = 0; k < n; k++) {
		int i = (int)ev[k].data.u32, e;

		if (s->slot[i].fd < 0 || !s->slot[i].port)
			continue;
		set_port(s, s->slot[i].port);           /* asking again tells how the first ended, and resets the socket */
		e = connect(s->slot[i].fd, (struct sockaddr *)&s->to, s->to_n) ? errno : 0;
		if (e == EALREADY || e == EINPROGRESS)
			continue;                       /* an edge from before */
		settle(s, i, e);
	}
	while (s->oldest >= 0 && s->now_ns - s->slot[s->oldest].begin_ns >= s->wait_ns) {
		int i = s->oldest;

		portset_add(&s->silent, s->slot[i].port);
		s->timed_out++;
		release(s, i, false);
	}
}

static unsigned least(unsigned a, unsigned b)
{
	return b && b < a ? b : a;
}

/* Additive growth while everything is answered; halved when most of a window stayed silent although the device
 * did answer before (then it is likely overrun; a filter stays silent at any pace, which costs only time). */
static void adapt(struct scan *s)
{
	if (s->answered + s->timed_out < s->window)
		return;
	if (s->timed_out > s->answered / 8 && s->answered)
		s->window = least(s->slots, s->window / 2 > WINDOW_MIN ? s->window / 2 : WINDOW_MIN);
	else
		s->window = s->window * 2 < s->slots ? s->window * 2 : s->slots;
	s->answered = s->timed_out = 0;
}

static bool round_run(struct scan *s, int64_t deadline_ns, struct err *err)
{
	memset(&s->silent, 0, sizeof(s->silent));
	s->next = 1;
	s->now_ns = clock_ns();
	while ((s->next < 65536 || s->busy) && s->now_ns < deadline_ns) {
		if (!fill(s, err))
			return false;
		reap(s);
		adapt(s);
	}
	return true;
}

static bool rounds(struct scan *s, const struct portset *want, int64_t deadline_ns, struct err *err)
{
	s->todo = *want;
	for (int r = 0; r < ROUNDS && portset_count(&s->todo); r++) {
		s->wait_ns = patience_ns[r];
		if (!round_run(s, deadline_ns, err))
			return false;
		if (s->now_ns >= deadline_ns)
			return true;            /* what is in none of the sets stays unfinished */
		if (r == 0)
			s->out->silent_first = portset_count(&s->silent);
		s->todo = s->silent;
		s->window = least(s->slots, s->window > WINDOW_FIRST ? s->window : WINDOW_FIRST);
	}
	for (unsigned i = 0; i < 1024; i++)
		s->out->filtered.bits[i] |= s->todo.bits[i];
	return true;
}

static unsigned descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return WINDOW_MIN;
	if (r.rlim_cur < r.rlim_max && r.rlim_cur < WINDOW_MAX + 64) {
		struct rlimit more = { r.rlim_max < WINDOW_MAX + 64 ? r.rlim_max : WINDOW_MAX + 64, r.rlim_max };

		if (!setrlimit(RLIMIT_NOFILE, &more))
			r = more;
	}
	if (r.rlim_cur >= WINDOW_MAX + 64)
		return WINDOW_MAX;
	return r.rlim_cur > 64 + WINDOW_MIN ? (unsigned)r.rlim_cur - 64 : WINDOW_MIN;
}

bool connect_scan(const char *address, const struct portset *want, const struct tcp_how *how, struct tcp_scan *ret, struct err *err)
{
	struct tcp_scan out = { .how = "connect" };
	struct scan s = { .out = &out, .oldest = -1, .newest = -1, .slots = least(descriptors(), how->window) };
	CLEANUP(close_fd) int epoll = epoll_create1(EPOLL_CLOEXEC);
	CLEANUP(free_ptr) struct slot *slot = calloc(s.slots, sizeof(*slot));
	CLEANUP(free_ptr) int *free_slot = calloc(s.slots, sizeof(*free_slot));
	bool ok;

	if (epoll < 0 || !slot || !free_slot)
		return err_sys(err, "port scan");
	if (!target_parse(address, 0, &s.to, &s.to_n))
		return err_set(err, ERR_CONF, "'%s' is not an address", address);
	s.epoll = epoll;
	s.slot = slot;
	s.free_slot = free_slot;
	s.window = WINDOW_FIRST < s.slots ? WINDOW_FIRST : s.slots;
	for (unsigned i = 0; i < s.slots; i++) {
		slot[i].fd = -1;
		free_slot[s.frees++] = (int)i;
	}
	ok = rounds(&s, want, how->deadline_ns, err);
	for (unsigned i = 0; i < s.slots; i++)
		close_fd(&slot[i].fd);
	if (ok)
		*ret = out;
	return ok;
}
