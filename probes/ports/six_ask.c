/* SPDX-License-Identifier: Apache-2.0
 *
 * six_ask.c - the questions: an echo to all nodes, a multicast query, a neighbour solicitation. The kernel computes the checksums. */
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "probes/ports/six.h"

enum { RESPONSE_MS = 100 };             /* within which a listener answers a query, at a time of its choice */

static void to_socket(const struct addr *a, unsigned ifindex, struct sockaddr_in6 *ret)
{
	*ret = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_scope_id = six_is_local(a) || a->b[0] == 0xff ? ifindex : 0 };
	memcpy(&ret->sin6_addr, a->b, 16);
}

/* ---- cables ---- */
static bool useful(const struct ifaddrs *i)
{
	return i->ifa_addr && i->ifa_flags & IFF_UP && !(i->ifa_flags & IFF_LOOPBACK);
}

static struct six_cable *cable(struct six_cable *c, unsigned *n, unsigned ifindex)
{
	for (unsigned i = 0; i < *n; i++)
		if (c[i].ifindex == ifindex)
			return &c[i];
	if (*n == SIX_CABLES)
		return NULL;
	c[*n] = (struct six_cable){ .ifindex = ifindex, .fd = -1 };
	return &c[(*n)++];
}

static void own(struct six *s, struct six_cable *c, const struct sockaddr *sa)
{
	struct addr a = { .family = 6 };

	memcpy(a.b, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	if (c->n < SIX_MAX)
		c->own[c->n++] = a;
	if (s->n_ours < SIX_MAX)
		s->ours[s->n_ours++] = a;
	if (six_is_local(&a) && !c->local_known) {
		c->local = a;
		c->local_known = true;
	}
}

static void hardware(struct six_cable *c, unsigned n, const struct ifaddrs *i)
{
	struct sockaddr_ll ll;

	memcpy(&ll, i->ifa_addr, sizeof(ll));
	for (unsigned k = 0; k < n; k++)
		if (c[k].ifindex == (unsigned)ll.sll_ifindex && ll.sll_halen == 6)
			memcpy(c[k].mac, ll.sll_addr, 6);
}

/* From a link-local address, as queries must be (RFC 3810 5.1.14) and solicitations may. */
static void open_cable(struct six_cable *c)
{
	int hops = 255, off = 0;
	struct sockaddr_in6 us;
	struct icmp6_filter nothing;

	if (!c->local_known)
		return;
	to_socket(&c->local, c->ifindex, &us);
	ICMP6_FILTER_SETBLOCKALL(&nothing);
	c->fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	if (c->fd >= 0 && (bind(c->fd, (struct sockaddr *)&us, sizeof(us)) ||
			   setsockopt(c->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &c->ifindex, sizeof(c->ifindex)) ||
			   setsockopt(c->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) ||
			   setsockopt(c->fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &off, sizeof(off)) ||
			   setsockopt(c->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &nothing, sizeof(nothing))))
		close_fd(&c->fd);
}

bool six_cables(struct six *s, struct six_cable ret[SIX_CABLES], unsigned *ret_n, struct err *err)
{
	struct ifaddrs *list;

	*ret_n = s->n_ours = 0;
	if (getifaddrs(&list) < 0)
		return err_sys(err, "addresses of the bench");
	for (const struct ifaddrs *i = list; i; i = i->ifa_next)
		if (useful(i) && i->ifa_addr->sa_family == AF_INET6) {
			struct six_cable *c = cable(ret, ret_n, if_nametoindex(i->ifa_name));

			if (c)
				own(s, c, i->ifa_addr);
		}
	for (const struct ifaddrs *i = list; i; i = i->ifa_next)
		if (useful(i) && i->ifa_addr->sa_family == AF_PACKET)
			hardware(ret, *ret_n, i);
	freeifaddrs(list);
	for (unsigned i = 0; i < *ret_n; i++)
		open_cable(&ret[i]);
	return true;
}

void six_cables_close(struct six_cable *c, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (c[i].fd >= 0)
			close_fd(&c[i].fd);
}

/* ---- questions ---- */
static struct addr all_nodes(void)
{
	return (struct addr){ .family = 6, .b = { 0xff, 2, [15] = 1 } };
}

/* A device answers with an address that fits the asker's (RFC 6724), so each of ours asks. */
static void echo(const struct six_cable *c, const struct addr *from)
{
	struct icmp6_hdr ask = { .icmp6_type = ICMP6_ECHO_REQUEST };
	CLEANUP(close_fd) int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	struct addr to = all_nodes();
	struct sockaddr_in6 us, all;

	to_socket(from, c->ifindex, &us);
	to_socket(&to, c->ifindex, &all);
	if (fd >= 0 && !bind(fd, (const struct sockaddr *)&us, sizeof(us)) &&
	    !setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &c->ifindex, sizeof(c->ifindex)))
		(void)!sendto(fd, &ask, sizeof(ask), MSG_DONTWAIT, (struct sockaddr *)&all, sizeof(all));
}

/* A general query of version 2, which listeners of version 1 understand as theirs; with the router alert that makes all look. */
static bool query(const struct six_cable *c)
{
	struct { struct icmp6_hdr head; uint8_t group[16], robust, interval; uint16_t sources; } ask = {
		.head = { .icmp6_type = MLD_LISTENER_QUERY }, .robust = 2, .interval = 125,
	};
	static const uint8_t alert[8] = { 0, 0, IP6OPT_ROUTER_ALERT, 2, 0, 0, IP6OPT_PADN, 0 };
	int once = 1, hops = 255;
	struct addr to = all_nodes();
	struct sockaddr_in6 all;
	bool sent;

	to_socket(&to, c->ifindex, &all);
	ask.head.icmp6_maxdelay = htons(RESPONSE_MS);
	sent = !setsockopt(c->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &once, sizeof(once)) &&
	       !setsockopt(c->fd, IPPROTO_IPV6, IPV6_HOPOPTS, alert, sizeof(alert)) &&
	       sendto(c->fd, &ask, sizeof(ask), MSG_DONTWAIT, (struct sockaddr *)&all, sizeof(all)) > 0;
	return !setsockopt(c->fd, IPPROTO_IPV6, IPV6_HOPOPTS, NULL, 0) &&
	       !setsockopt(c->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) && sent;
}

bool six_ask_all(const struct six_cable *c)
{
	if (c->fd < 0)
		return false;
	for (unsigned i = 0; i < c->n; i++)
		echo(c, &c->own[i]);
	return query(c);
}

bool six_ask_for(const struct six_cable *c, const struct addr *target)
{
	struct { struct nd_neighbor_solicit head; uint8_t option, words, mac[6]; } ask = {
		.head.nd_ns_hdr.icmp6_type = ND_NEIGHBOR_SOLICIT, .option = ND_OPT_SOURCE_LINKADDR, .words = 1,
	};
	struct addr group = { .family = 6, .b = { 0xff, 2, [11] = 1, [12] = 0xff } };
	struct sockaddr_in6 to;

	memcpy(&ask.head.nd_ns_target, target->b, 16);
	memcpy(ask.mac, c->mac, 6);
	memcpy(group.b + 13, target->b + 13, 3);
	to_socket(&group, c->ifindex, &to);
	return c->fd >= 0 && sendto(c->fd, &ask, sizeof(ask), MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) > 0;
}
