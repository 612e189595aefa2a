/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/udp_scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "probes/ports/target.h"
#include "probes/ports/udp_payload.h"

enum { ROUNDS = 2, ROUNDS_MAX = 8, BATCH = 128, RATE = 80000, GROUP = 5, HEARD = 2, ALONE = 30, AWAY = 4, SILENT_MOST = 256 };

struct scan {
	int fd;
	struct away { int fd; unsigned port; } away[AWAY];      /* for what is answered from another port: any answer there is for `port` */
	size_t aways;
	unsigned control;               /* a port known to be closed, asked again; 0 = told, or none */
	const struct udp_how *how;
	struct sockaddr_storage to;
	socklen_t to_n;
	struct udp_scan *out;
};

static unsigned port_of(const struct sockaddr_storage *a)
{
	return ntohs(((const struct sockaddr_in *)a)->sin_port);
}

static bool same_host(const struct scan *s, const struct sockaddr_storage *a)
{
	if (a->ss_family != s->to.ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)&s->to)->sin_addr.s_addr;
	return !memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, &((const struct sockaddr_in6 *)&s->to)->sin6_addr,
		       sizeof(struct in6_addr));
}

static bool port_unreachable(const struct sock_extended_err *e)
{
	if (e->ee_origin == SO_EE_ORIGIN_ICMP)
		return e->ee_type == ICMP_DEST_UNREACH && e->ee_code == ICMP_PORT_UNREACH;
	return e->ee_origin == SO_EE_ORIGIN_ICMP6 && e->ee_type == ICMP6_DST_UNREACH && e->ee_code == ICMP6_DST_UNREACH_NOPORT;
}

/* One entry of the error queue; false when it is empty. */
static bool take_error(struct scan *s, int fd)
{
	struct sockaddr_storage about = { 0 };
	char control[512], data[64];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_name = &about, .msg_namelen = sizeof(about), .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control, .msg_controllen = sizeof(control) };

	if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct sock_extended_err e;

		if (c->cmsg_len < CMSG_LEN(sizeof(e)) || !same_host(s, &about) || !port_of(&about))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		if (e.ee_origin != SO_EE_ORIGIN_ICMP && e.ee_origin != SO_EE_ORIGIN_ICMP6)
			continue;
		if (port_of(&about) == s->control)
			s->control = 0;
		if (port_unreachable(&e))
			portset_add(&s->out->closed, port_of(&about));
		else
			portset_add(&s->out->filtered, port_of(&about));
	}
	return true;
}

/* The port that answers on this socket when it is `from` that answered. */
static unsigned answers_for(const struct scan *s, int fd, unsigned from)
{
	for (size_t i = 0; i < s->aways; i++)
		if (s->away[i].fd == fd)
			return s->away[i].port;
	return from;
}

static bool take_reply(struct scan *s, int fd)
{
	struct sockaddr_storage from = { 0 };
	socklen_t n = sizeof(from);
	char data[1];

	if (recvfrom(fd, data, sizeof(data), MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &n) < 0)
		return errno != EAGAIN && errno != EWOULDBLOCK;         /* a pending ICMP error: go on */
	if (same_host(s, &from) && port_of(&from))
		portset_add(&s->out->open, answers_for(s, fd, port_of(&from)));
	return true;
}

static void take_all(struct scan *s, int fd)
{
	for (int i = 0; i < 4096 && take_error(s, fd); i++)
		;
	for (int i = 0; i < 4096 && take_reply(s, fd); i++)
		;
}

static void listen_until(struct scan *s, int64_t until_ns)
{
	for (;;) {
		int64_t left = until_ns - clock_ns();
		struct pollfd p[1 + AWAY] = { { s->fd, POLLIN, 0 } };
		struct timespec t = { left / SEC(1), left % SEC(1) };

		for (size_t i = 0; i < s->aways; i++)
			p[1 + i] = (struct pollfd){ s->away[i].fd, POLLIN, 0 };
		if (left <= 0 || ppoll(p, 1 + s->aways, &t, NULL) <= 0)
			return;
		for (size_t i = 0; i < 1 + s->aways; i++)
			take_all(s, p[i].fd);
	}
}

static bool one_socket(int family, int *ret, struct err *err)
{
	bool four = family == AF_INET;
	int on = 1, room = 1 << 20;

	*ret = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (*ret < 0 || setsockopt(*ret, four ? IPPROTO_IP : IPPROTO_IPV6, four ? IP_RECVERR : IPV6_RECVERR, &on, sizeof(on)) < 0)
		return err_sys(err, "UDP socket");
	setsockopt(*ret, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return true;
}

/* The socket to ask this from. */
static bool socket_for(struct scan *s, unsigned port, const struct udp_payload *p, int *ret, struct err *err)
{
	size_t i = 0;

	*ret = s->fd;
	if (!p->elsewhere)
		return true;
	while (i < s->aways && s->away[i].port != port)
		i++;
	if (i == AWAY)
		return true;            /* as many as the table of payloads has; more would be answered in vain */
	if (i == s->aways) {
		if (!one_socket(s->to.ss_family, &s->away[i].fd, err))
			return false;
		s->away[s->aways++].port = port;
	}
	*ret = s->away[i].fd;
	return true;
}

static bool send_datagram(struct scan *s, unsigned port, const struct udp_payload *p, struct err *err)
{
	int fd;

	if (!socket_for(s, port, p, &fd, err))
		return false;
	((struct sockaddr_in *)&s->to)->sin_port = htons((uint16_t)port);
	for (int tries = 0; tries < 50; tries++) {
		if (sendto(fd, p->bytes.p, p->bytes.n, MSG_DONTWAIT, (struct sockaddr *)&s->to, s->to_n) >= 0) {
			portset_add(&s->out->sent, port);
			return true;
		}
		if (errno == EPERM || errno == EACCES || errno == EINVAL)
			return err_sys(err, "datagram to port %u", port);
		if (errno == EAGAIN || errno == ENOBUFS)
			listen_until(s, clock_ns() + MS(1));
		/* else an ICMP error of an earlier datagram, reported on this one: send again */
	}
	return true;                            /* unreachable: not in `sent` */
}

static bool send_one(struct scan *s, unsigned port, struct err *err)
{
	const struct udp_payload *p = udp_payload(port);

	do
		if (!send_datagram(s, port, p, err))
			return false;
	while (p->port && (++p)->port == port);
	return true;
}

static bool known(const struct scan *s, unsigned port)
{
	return portset_has(&s->out->open, port) || portset_has(&s->out->closed, port) || portset_has(&s->out->filtered, port);
}

static bool settled(const struct scan *s, const struct portset *want)
{
	for (unsigned i = 0; i < 1024; i++)
		if (want->bits[i] & ~(s->out->open.bits[i] | s->out->closed.bits[i] | s->out->filtered.bits[i]))
			return false;
	return true;
}

static bool send_round(struct scan *s, const struct portset *want, int64_t deadline_ns, struct err *err)
{
	unsigned n = 0, rate = s->how->rate ? s->how->rate : RATE;
	unsigned batch = rate < 500 ? 1 : rate < 500 * BATCH ? rate / 500 : BATCH;

	for (unsigned port = 1; port < 65536; port++) {
		if (!(port & 63) && !want->bits[port >> 6]) {
			port += 63;
			continue;
		}
		if (!portset_has(want, port) || known(s, port))
			continue;
		if (!send_one(s, port, err))
			return false;
		if (++n % batch)
			continue;
		listen_until(s, clock_ns() + SEC(1) * batch / rate);
		if (clock_ns() > deadline_ns)
			return true;
	}
	return true;
}

/* ---- silent ports again, at the pace of the device's errors ---- */
struct sorting {
	uint8_t heard[65536];           /* silences that count */
	int64_t pause_ns;               /* that one more error needs, as found out */
	unsigned next, size;
};

/* The next silent ports, at most `size`; they are asked. */
static bool ask_group(struct scan *s, struct sorting *t, const struct portset *want, unsigned group[GROUP], unsigned *ret_n, struct err *err)
{
	*ret_n = 0;
	for (unsigned looked = 0; looked < 65535 && *ret_n < t->size; looked++) {
		t->next = t->next % 65535 + 1;
		if (!portset_has(want, t->next) || known(s, t->next) || portset_has(&s->out->quiet, t->next))
			continue;
		if (!send_one(s, t->next, err))
			return false;
		group[(*ret_n)++] = t->next;
	}
	return true;
}

static bool all_known(const struct scan *s, const unsigned *group, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!known(s, group[i]))
			return false;
	return true;
}

static void listen_for(struct scan *s, const unsigned *group, unsigned n, int64_t for_ns)
{
	for (int64_t until = clock_ns() + for_ns; clock_ns() < until && (s->control || !all_known(s, group, n));)
		listen_until(s, clock_ns() + MS(2));
}

/* Asks the port known to be closed; false when its error did not come. */
static bool told(struct scan *s, unsigned closed, int64_t patience_ns, bool *ret_told, struct err *err)
{
	s->control = closed;
	if (!send_one(s, closed, err))
		return false;
	for (int64_t until = clock_ns() + patience_ns; clock_ns() < until && s->control;)
		listen_until(s, clock_ns() + MS(1));
	*ret_told = !s->control;
	s->control = 0;
	return true;
}

static bool sort_group(struct scan *s, struct sorting *t, const struct portset *want, unsigned closed, unsigned *ret_n, struct err *err)
{
	unsigned group[GROUP];
	bool heard = false;

	listen_until(s, clock_ns() + t->pause_ns * (t->size + 1));
	if (!ask_group(s, t, want, group, ret_n, err))
		return false;
	listen_for(s, group, *ret_n, MS(100));
	if (all_known(s, group, *ret_n))
		heard = true;
	else if (closed && !told(s, closed, MS(300), &heard, err))
		return false;
	for (unsigned i = 0; heard && i < *ret_n; i++)
		if (!known(s, group[i]) && ++t->heard[group[i]] >= HEARD)
			portset_add(&s->out->quiet, group[i]);
	if (heard)
		t->pause_ns -= t->pause_ns / 16;
	else
		t->pause_ns = t->pause_ns * 2 > MS(50) ? t->pause_ns * 2 < MS(1100) ? t->pause_ns * 2 : MS(1100) : MS(50);
	t->size = !heard ? 1 : t->size < GROUP ? t->size + 1 : GROUP;
	return true;
}

static unsigned any_port(const struct portset *p)
{
	for (unsigned port = 1; port < 65536; port++)
		if (portset_has(p, port))
			return port;
	return 0;
}

/* While no port is known to be closed, ALONE times one is looked for: then the device tells of none. */
static bool sort_silent(struct scan *s, const struct portset *want, struct err *err)
{
	CLEANUP(free_ptr) struct sorting *t = calloc(1, sizeof(*t));
	int64_t until = clock_ns() + s->how->sort_ns;
	unsigned closed, n = 1, alone = 0;

	until = until < s->how->deadline_ns ? until : s->how->deadline_ns;
	if (!t)
		return err_set(err, ERR_OS, "out of memory");
	t->size = 1;
	while (n && alone < ALONE && clock_ns() < until) {
		closed = any_port(&s->out->closed);
		alone = closed ? 0 : alone + 1;
		if (!sort_group(s, t, want, closed, &n, err))
			return false;
	}
	return true;
}

static bool open_socket(const char *address, struct scan *s, struct err *err)
{
	if (!target_parse(address, 0, &s->to, &s->to_n))
		return err_set(err, ERR_CONF, "'%s' is not an address", address);
	return one_socket(s->to.ss_family, &s->fd, err);
}

static unsigned rounds(unsigned loss_ppm)
{
	double loss = loss_ppm / 1e6, missed = loss * loss;
	unsigned n = ROUNDS;

	for (; missed > 1e-3 && n < ROUNDS_MAX; missed *= loss)
		n++;
	return n;
}

/* Everything but what is at home there; what is answered from elsewhere would be taken for another port's answer. */
static bool ask_everything(struct scan *s, unsigned port, struct err *err)
{
	for (const struct udp_payload *p = udp_payloads(); p->port; p++) {
		if (p->elsewhere || p->port == port)
			continue;
		if (!send_datagram(s, port, p, err))
			return false;
		if (s->how->rate)
			listen_until(s, clock_ns() + SEC(1) / s->how->rate);
	}
	listen_until(s, clock_ns() + MS(2));
	return true;
}

/* What stayed silent may be a service that is not at home on its port. Where that is too much to ask, what is known to be quiet. */
static bool ask_silent(struct scan *s, const struct portset *want, struct err *err)
{
	struct portset silent = { 0 };

	for (unsigned port = 1; port < 65536; port++)
		if (portset_has(want, port) && !known(s, port))
			portset_add(&silent, port);
	if (portset_count(&silent) > SILENT_MOST)
		silent = s->out->quiet;
	if (!portset_count(&silent) || portset_count(&silent) > SILENT_MOST)
		return true;
	for (unsigned port = 1; port < 65536 && clock_ns() < s->how->deadline_ns; port++)
		if (portset_has(&silent, port) && !known(s, port) && !ask_everything(s, port, err))
			return false;
	for (int64_t until = clock_ns() + s->how->settle_ns; clock_ns() < until && !settled(s, want);)
		listen_until(s, clock_ns() + s->how->settle_ns / 8);
	return true;
}

bool udp_scan(const char *address, const struct portset *want, const struct udp_how *how, struct udp_scan *ret, struct err *err)
{
	struct udp_scan out = { 0 };
	struct scan s = { .fd = -1, .out = &out, .how = how };
	bool ok = open_socket(address, &s, err);

	for (unsigned r = 0; ok && r < rounds(how->loss_ppm) && clock_ns() < how->deadline_ns && !settled(&s, want); r++) {
		ok = send_round(&s, want, how->deadline_ns, err);
		for (int64_t until = clock_ns() + how->settle_ns; ok && clock_ns() < until && !settled(&s, want);)
			listen_until(&s, clock_ns() + how->settle_ns / 8);
	}
	ok = ok && (!how->sort_ns || sort_silent(&s, want, err)) && ask_silent(&s, want, err);
	close_fd(&s.fd);
	while (s.aways)
		close_fd(&s.away[--s.aways].fd);
	for (unsigned i = 0; i < 1024; i++) {           /* only what was asked; a reply outweighs an error, an error silence */
		out.open.bits[i] &= want->bits[i];
		out.closed.bits[i] &= want->bits[i] & ~out.open.bits[i];
		out.filtered.bits[i] &= want->bits[i] & ~out.open.bits[i] & ~out.closed.bits[i];
		out.quiet.bits[i] &= ~out.open.bits[i] & ~out.closed.bits[i] & ~out.filtered.bits[i];
	}
	if (ok)
		*ret = out;
	return ok;
}
