/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/six.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"

enum { FRAMES = 100000 };               /* that are looked at: a flood from the cable ends by itself */

bool six_shows(struct span frame, const uint8_t mac[6], struct addr *ret)
{
	static const uint8_t none[16];
	struct packet k;

	if (!packet_decode(frame, &k) || k.layer < PACKET_IP || k.from.family != 6 || memcmp(k.mac_from, mac, 6))
		return false;
	*ret = k.from;
	return !addr_is_group(ret) && memcmp(ret->b, none, 16);
}

/* One echo request to all nodes of the cable, from this address of ours. The kernel computes the checksum. What cannot be sent is
 * not: the address may just be on trial (RFC 4862). */
static void ask(const struct sockaddr_in6 *us, unsigned ifindex)
{
	struct sockaddr_in6 all = { .sin6_family = AF_INET6, .sin6_scope_id = ifindex };
	struct icmp6_hdr echo = { .icmp6_type = ICMP6_ECHO_REQUEST };
	CLEANUP(close_fd) int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);

	all.sin6_addr.s6_addr[0] = 0xff;
	all.sin6_addr.s6_addr[1] = 2;
	all.sin6_addr.s6_addr[15] = 1;
	if (fd >= 0 && !bind(fd, (const struct sockaddr *)us, sizeof(*us)) &&
	    !setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &ifindex, sizeof(ifindex)))
		(void)!sendto(fd, &echo, sizeof(echo), 0, (struct sockaddr *)&all, sizeof(all));
}

static bool ask_all(struct err *err)
{
	struct ifaddrs *list;

	if (getifaddrs(&list) < 0)
		return err_sys(err, "addresses of the bench");
	for (const struct ifaddrs *i = list; i; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET6 && i->ifa_flags & IFF_UP && !(i->ifa_flags & IFF_LOOPBACK))
			ask((const struct sockaddr_in6 *)i->ifa_addr, if_nametoindex(i->ifa_name));
	freeifaddrs(list);
	return true;
}

static void add(const struct addr *a, unsigned ifindex, char ret[SIX_MAX][SIX_TEXT], unsigned *n)
{
	bool link_local = a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
	char text[ADDR_TEXT], name[IF_NAMESIZE] = "", full[SIX_TEXT];

	addr_text(a, text);
	if (link_local && !if_indextoname(ifindex, name))
		return;
	snprintf(full, sizeof(full), "%s%s%s", text, link_local ? "%" : "", name);
	for (unsigned i = 0; i < *n; i++)
		if (!strcmp(ret[i], full))
			return;
	if (*n < SIX_MAX)
		memcpy(ret[(*n)++], full, SIX_TEXT);
}

static bool mac_parse(const char *text, uint8_t ret[6])
{
	unsigned m[6];

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", m, m + 1, m + 2, m + 3, m + 4, m + 5) != 6)
		return false;
	for (int i = 0; i < 6; i++)
		ret[i] = (uint8_t)m[i];
	return true;
}

bool six_addresses(const char *mac, int64_t for_ns, char ret[SIX_MAX][SIX_TEXT], unsigned *ret_n, bool *ret_refused, struct err *err)
{
	CLEANUP(close_fd) int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_IPV6));
	int64_t until = clock_ns() + for_ns;
	uint8_t want[6], frame[256];

	*ret_n = 0;
	*ret_refused = fd < 0 && (errno == EPERM || errno == EACCES);
	if (fd < 0)
		return err_sys(err, "packet socket");
	if (!mac_parse(mac, want))
		return err_set(err, ERR_CONF, "dut.mac: '%s' is not a hardware address", mac);
	if (!ask_all(err))
		return false;
	for (unsigned i = 0; i < FRAMES && clock_ns() < until; i++) {
		struct pollfd p = { fd, POLLIN, 0 };
		struct sockaddr_ll from;
		socklen_t n = sizeof(from);
		struct addr a;
		ssize_t got;

		if (poll(&p, 1, (int)((until - clock_ns()) / MS(1)) + 1) <= 0)
			break;
		got = recvfrom(fd, frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&from, &n);
		if (got > 0 && six_shows((struct span){ frame, (size_t)got }, want, &a))
			add(&a, (unsigned)from.sll_ifindex, ret, ret_n);
	}
	return true;
}
