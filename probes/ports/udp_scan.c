/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/udp_scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "probes/ports/udp_payload.h"

enum { ROUNDS = 2, BATCH = 128 };
#define PAUSE_NS US(1500)               /* after each batch: about 80 000 datagrams a second at most */

struct scan {
	int fd;
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
static bool take_error(struct scan *s)
{
	struct sockaddr_storage about = { 0 };
	char control[512], data[64];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_name = &about, .msg_namelen = sizeof(about), .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control, .msg_controllen = sizeof(control) };

	if (recvmsg(s->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct sock_extended_err e;

		if (c->cmsg_len < CMSG_LEN(sizeof(e)) || !same_host(s, &about) || !port_of(&about))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		if (e.ee_origin != SO_EE_ORIGIN_ICMP && e.ee_origin != SO_EE_ORIGIN_ICMP6)
			continue;
		if (port_unreachable(&e))
			portset_add(&s->out->closed, port_of(&about));
		else
			portset_add(&s->out->filtered, port_of(&about));
	}
	return true;
}

static bool take_reply(struct scan *s)
{
	struct sockaddr_storage from = { 0 };
	socklen_t n = sizeof(from);
	char data[1];

	if (recvfrom(s->fd, data, sizeof(data), MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &n) < 0)
		return errno != EAGAIN && errno != EWOULDBLOCK;         /* a pending ICMP error: go on */
	if (same_host(s, &from) && port_of(&from))
		portset_add(&s->out->open, port_of(&from));
	return true;
}

static void listen_until(struct scan *s, int64_t until_ns)
{
	for (;;) {
		int64_t left = until_ns - clock_ns();
		struct pollfd p = { s->fd, POLLIN, 0 };
		struct timespec t = { left / SEC(1), left % SEC(1) };

		if (left <= 0 || ppoll(&p, 1, &t, NULL) <= 0)
			return;
		for (int i = 0; i < 4096 && take_error(s); i++)
			;
		for (int i = 0; i < 4096 && take_reply(s); i++)
			;
	}
}

static bool send_datagram(struct scan *s, unsigned port, const struct udp_payload *p, struct err *err)
{
	((struct sockaddr_in *)&s->to)->sin_port = htons((uint16_t)port);
	for (int tries = 0; tries < 50; tries++) {
		if (sendto(s->fd, p->bytes.p, p->bytes.n, MSG_DONTWAIT, (struct sockaddr *)&s->to, s->to_n) >= 0) {
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

static bool settled(const struct scan *s, const struct portset *want)
{
	for (unsigned i = 0; i < 1024; i++)
		if (want->bits[i] & ~(s->out->open.bits[i] | s->out->closed.bits[i] | s->out->filtered.bits[i]))
			return false;
	return true;
}

static bool send_round(struct scan *s, const struct portset *want, int64_t deadline_ns, struct err *err)
{
	unsigned n = 0;

	for (unsigned port = 1; port < 65536; port++) {
		if (!(port & 63) && !want->bits[port >> 6]) {
			port += 63;
			continue;
		}
		if (!portset_has(want, port) || portset_has(&s->out->open, port) || portset_has(&s->out->closed, port) ||
		    portset_has(&s->out->filtered, port))
			continue;
		if (!send_one(s, port, err))
			return false;
		if (++n % BATCH)
			continue;
		listen_until(s, clock_ns() + PAUSE_NS);
		if (clock_ns() > deadline_ns)
			return true;
	}
	return true;
}

static bool open_socket(const char *address, struct scan *s, struct err *err)
{
	struct sockaddr_in *four = (struct sockaddr_in *)&s->to;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&s->to;
	int on = 1, room = 1 << 20;
	bool is_four = inet_pton(AF_INET, address, &four->sin_addr) == 1;

	if (!is_four && inet_pton(AF_INET6, address, &six->sin6_addr) != 1)
		return err_set(err, ERR_CONF, "'%s' is not an address", address);
	s->to.ss_family = is_four ? AF_INET : AF_INET6;
	s->to_n = is_four ? sizeof(*four) : sizeof(*six);
	s->fd = socket(s->to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || setsockopt(s->fd, is_four ? IPPROTO_IP : IPPROTO_IPV6, is_four ? IP_RECVERR : IPV6_RECVERR, &on,
				    sizeof(on)) < 0)
		return err_sys(err, "UDP socket");
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return true;
}

bool udp_scan(const char *address, const struct portset *want, int64_t settle_ns, int64_t deadline_ns,
	      struct udp_scan *ret, struct err *err)
{
	struct udp_scan out = { 0 };
	struct scan s = { .fd = -1, .out = &out };
	bool ok = open_socket(address, &s, err);

	for (int r = 0; ok && r < ROUNDS && clock_ns() < deadline_ns && !settled(&s, want); r++) {
		ok = send_round(&s, want, deadline_ns, err);
		for (int64_t until = clock_ns() + settle_ns; ok && clock_ns() < until && !settled(&s, want);)
			listen_until(&s, clock_ns() + settle_ns / 8);
	}
	close_fd(&s.fd);
	for (unsigned i = 0; i < 1024; i++) {           /* only what was asked; a reply outweighs an error */
		out.open.bits[i] &= want->bits[i];
		out.closed.bits[i] &= want->bits[i] & ~out.open.bits[i];
		out.filtered.bits[i] &= want->bits[i] & ~out.open.bits[i] & ~out.closed.bits[i];
	}
	if (ok)
		*ret = out;
	return ok;
}
