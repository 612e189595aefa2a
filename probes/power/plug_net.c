// SPDX-License-Identifier: Apache-2.0
#include "probes/power/plug_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"

#define SIX "/proc/sys/net/ipv6/conf"         /* that of the namespace it is opened in, also for who is elsewhere later */

static int in_namespace(int protocol)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
}

bool plug_net_open(const struct line *l, struct plug_net *ret, struct err *err)
{
	CLEANUP(close_fd) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct plug_net n;

	if (home < 0)
		return err_sys(err, "/proc/self/ns/net");
	if (!line_enter(l, NETNS_DUT, err))
		return false;
	n = (struct plug_net){ in_namespace(NETLINK_ROUTE), in_namespace(NETLINK_SOCK_DIAG),
			       socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), open(SIX, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	if (n.route < 0 || n.inet < 0)
		err_sys(err, "sockets in the device's namespace");
	/* On a real bench nothing was entered and there is nothing to come back from. */
	if (setns(home, CLONE_NEWNET) < 0 && errno != EPERM)
		return err_sys(err, "back from the device's namespace");
	*ret = n;
	return n.route >= 0 && n.inet >= 0;
}

void plug_net_close(struct plug_net *n)
{
	if (n->route >= 0)
		close(n->route);
	if (n->diag >= 0)
		close(n->diag);
	if (n->inet >= 0)
		close(n->inet);
	if (n->six >= 0)
		close(n->six);
	*n = (struct plug_net){ -1, -1, -1, -1 };
}

static bool name_request(const char *interface, struct ifreq *r, struct err *err)
{
	*r = (struct ifreq){ 0 };
	if (strlen(interface) >= IFNAMSIZ)
		return err_set(err, ERR_BENCH, "%s: no interface name", interface);
	strcpy(r->ifr_name, interface);
	return true;
}

bool plug_net_link(const struct plug_net *n, const char *interface, bool up, struct err *err)
{
	struct ifreq r;

	if (!name_request(interface, &r, err))
		return false;
	if (ioctl(n->route, SIOCGIFFLAGS, &r) < 0)
		return err_sys(err, "interface %s", interface);
	if (up == !!(r.ifr_flags & IFF_UP))
		return true;
	r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
	return ioctl(n->route, SIOCSIFFLAGS, &r) == 0 || err_sys(err, "interface %s %s", interface, up ? "up" : "down");
}

/* One request to rtnetlink, one acknowledgement. */
static bool ask(int net, struct nlmsghdr *h, struct err *err)
{
	char buf[4096] __attribute__((aligned(8)));
	const struct nlmsghdr *a = (const struct nlmsghdr *)(void *)buf;
	const struct nlmsgerr *e = NLMSG_DATA(a);
	ssize_t n;

	h->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (send(net, h, h->nlmsg_len, 0) < 0)
		return err_sys(err, "netlink");
	n = recv(net, buf, sizeof(buf), 0);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(*e)) || a->nlmsg_type != NLMSG_ERROR)
		return err_set(err, ERR_OS, "netlink: no answer");
	errno = -e->error;
	return !e->error || err_sys(err, "netlink");
}

/* addr_gen_mode: 0 = link-local from the MAC as devices do, 1 = none, so that the kernel behind a guest stays mute. */
static bool addr_gen_mode(int net, const char *interface, uint8_t mode, struct err *err)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
		struct rtattr spec, inet6, mode;
		uint8_t value[4];
	} q = { .h = { .nlmsg_len = sizeof(q), .nlmsg_type = RTM_SETLINK },
		.spec = { sizeof(q.spec) + sizeof(q.inet6) + sizeof(q.mode) + 4, IFLA_AF_SPEC },
		.inet6 = { sizeof(q.inet6) + sizeof(q.mode) + 4, AF_INET6 },
		.mode = { sizeof(q.mode) + 1, IFLA_INET6_ADDR_GEN_MODE },
		.value = { mode } };
	struct ifreq r;

	if (!name_request(interface, &r, err))
		return false;
	if (ioctl(net, SIOCGIFINDEX, &r) < 0)
		return err_sys(err, "interface %s", interface);
	q.i.ifi_index = r.ifr_ifindex;
	return ask(net, &q.h, err) || err_in(err, "interface %s: link-local address", interface);
}

/* Without a link-local address the kernel would still take one from a router's advertisement, and answer for it beside the guest. */
static bool six_off(int dir, const char *interface, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	char path[IFNAMSIZ + 16];

	if (dir < 0)
		return true;            /* a kernel without IPv6 */
	snprintf(path, sizeof(path), "%.15s/disable_ipv6", interface);
	fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
	return (fd >= 0 && write(fd, "1", 1) == 1) || err_sys(err, "interface %s: IPv6 off", interface);
}

bool plug_net_ready(const struct plug_net *n, const char *interface, bool owns_ip, struct err *err)
{
	return addr_gen_mode(n->route, interface, owns_ip ? 0 : 1, err) && (owns_ip || six_off(n->six, interface, err)) &&
	       plug_net_link(n, interface, true, err);
}

static bool drop_address(int inet, const char *interface, struct err *err)
{
	struct ifreq r;
	struct sockaddr_in none = { .sin_family = AF_INET };

	if (!name_request(interface, &r, err))
		return false;
	memcpy(&r.ifr_addr, &none, sizeof(none));
	/* 0.0.0.0 removes the first address, and fails when there is none left. */
	for (int i = 0; i < 16 && ioctl(inet, SIOCSIFADDR, &r) == 0 && ioctl(inet, SIOCGIFADDR, &r) == 0; i++)
		memcpy(&r.ifr_addr, &none, sizeof(none));
	return true;
}

/* ---- sockets that outlived their process ---- */

#define SEQ_DUMP 1u
#define SEQ_DESTROY 2u

static bool destroy(int diag, const struct inet_diag_msg *m)
{
	struct { struct nlmsghdr h; struct inet_diag_req_v2 r; } q = {
		.h = { .nlmsg_len = sizeof(q), .nlmsg_type = SOCK_DESTROY, .nlmsg_flags = NLM_F_REQUEST,
		       .nlmsg_seq = SEQ_DESTROY },
		.r = { .sdiag_family = m->idiag_family, .sdiag_protocol = IPPROTO_TCP, .id = m->id },
	};

	return send(diag, &q, sizeof(q), 0) == sizeof(q);
}

/* One family. Destroying while a dump is being read is fine: the kernel walks by its own tables. */
static void destroy_all(int diag, uint8_t family)
{
	struct { struct nlmsghdr h; struct inet_diag_req_v2 r; } q = {
		.h = { .nlmsg_len = sizeof(q), .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		       .nlmsg_seq = SEQ_DUMP },
		.r = { .sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = ~0u },
	};
	char buf[32768] __attribute__((aligned(8)));
	ssize_t n;

	if (send(diag, &q, sizeof(q), 0) < 0)
		return;
	while ((n = recv(diag, buf, sizeof(buf), 0)) > 0) {
		struct nlmsghdr *h = (struct nlmsghdr *)(void *)buf;

		for (unsigned left = (unsigned)n; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_seq == SEQ_DUMP && (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR))
				return;
			if (h->nlmsg_seq == SEQ_DUMP && h->nlmsg_type == SOCK_DIAG_BY_FAMILY && h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
				destroy(diag, NLMSG_DATA(h));
		}
	}
}

bool plug_net_forget(const struct plug_net *n, const char *interface, struct err *err)
{
	/* Requests without an acknowledgement: errors of single sockets fill this queue and are dropped with it. */
	char gone[4096];

	if (n->diag >= 0) {
		destroy_all(n->diag, AF_INET);
		destroy_all(n->diag, AF_INET6);
		while (recv(n->diag, gone, sizeof(gone), MSG_DONTWAIT) > 0)
			;
	}
	return drop_address(n->inet, interface, err);
}
