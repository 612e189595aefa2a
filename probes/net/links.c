// SPDX-License-Identifier: Apache-2.0
#include "probes/net/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/route.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"

bool links_namespace(const struct line *l, enum netns ns, int *ret_fd, struct err *err)
{
	CLEANUP(close_fd) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	CLEANUP(close_fd) int fd = -1;

	if (home < 0 || !line_enter(l, ns, err))
		return home >= 0 ? false : err_sys(err, "/proc/self/ns/net");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (setns(home, CLONE_NEWNET) < 0 && errno != EPERM)
		return err_sys(err, "back from a namespace");
	if (fd < 0)
		return err_sys(err, "/proc/self/ns/net");
	*ret_fd = take_fd(&fd);
	return true;
}

static void free_sock(struct nl_sock **s)
{
	if (*s)
		nl_socket_free(*s);
}

static void free_link(struct rtnl_link **k)
{
	if (*k)
		rtnl_link_put(*k);
}

static bool nl(int code, struct err *err, const char *what, const char *name)
{
	return code >= 0 || err_set(err, ERR_OS, "%s %s: %s", what, name, nl_geterror(code));
}

static bool connect_nl(struct nl_sock **ret, struct err *err)
{
	*ret = nl_socket_alloc();
	if (!*ret)
		return err_set(err, ERR_LIMIT, "netlink: out of memory");
	return nl(nl_connect(*ret, NETLINK_ROUTE), err, "netlink", "socket");
}

static bool make_pair(const char *name, const char *peer_name, const char *mac, int peer_ns, struct err *err)
{
	CLEANUP(free_sock) struct nl_sock *s = NULL;
	CLEANUP(free_link) struct rtnl_link *k = rtnl_link_veth_alloc();
	struct rtnl_link *peer = k ? rtnl_link_veth_get_peer(k) : NULL;
	struct nl_addr *a = NULL;
	int code;

	if (!connect_nl(&s, err) || !peer)
		return false;
	rtnl_link_set_name(k, name);
	rtnl_link_set_name(peer, peer_name);
	rtnl_link_set_ns_fd(peer, peer_ns);
	if (mac && !nl(nl_addr_parse(mac, AF_LLC, &a), err, "hardware address", mac))
		return false;
	if (a)
		rtnl_link_set_addr(peer, a);
	code = rtnl_link_add(s, k, NLM_F_CREATE | NLM_F_EXCL);
	nl_addr_put(a);
	rtnl_link_put(peer);
	return nl(code, err, "veth pair", name);
}

static bool add_address(struct nl_sock *s, const char *interface, const char *cidr, struct err *err)
{
	struct rtnl_addr *a = rtnl_addr_alloc();
	struct nl_addr *ip = NULL;
	bool ok = a && nl(nl_addr_parse(cidr, AF_UNSPEC, &ip), err, "address", cidr);

	if (ok) {
		rtnl_addr_set_ifindex(a, (int)if_nametoindex(interface));
		rtnl_addr_set_local(a, ip);
		if (nl_addr_get_family(ip) == AF_INET6)
			rtnl_addr_set_flags(a, IFA_F_NODAD);
		ok = nl(rtnl_addr_add(s, a, NLM_F_REPLACE), err, "address", cidr);
	}
	nl_addr_put(ip);
	if (a)
		rtnl_addr_put(a);
	return ok;
}

/* Default route of the current namespace over the address in `cidr`. */
static bool add_default(struct nl_sock *s, const char *interface, const char *cidr, struct err *err)
{
	struct rtnl_route *r = rtnl_route_alloc();
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct nl_addr *via = NULL, *any = NULL;
	char ip[64];
	bool ok;

	snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(cidr, "/"), cidr);
	ok = r && hop && nl(nl_addr_parse(ip, AF_UNSPEC, &via), err, "gateway", ip) &&
	     nl(nl_addr_parse("default", nl_addr_get_family(via), &any), err, "route", "default");
	if (ok) {
		rtnl_route_set_dst(r, any);
		rtnl_route_nh_set_ifindex(hop, (int)if_nametoindex(interface));
		rtnl_route_nh_set_gateway(hop, via);
		rtnl_route_add_nexthop(r, hop);
		hop = NULL;
		ok = nl(rtnl_route_add(s, r, NLM_F_REPLACE), err, "default route over", ip);
	}
	nl_addr_put(any);
	nl_addr_put(via);
	if (hop)
		rtnl_route_nh_free(hop);
	if (r)
		rtnl_route_put(r);
	return ok;
}

/* /proc/sys/net is that of the namespace the writer is in. */
static bool set(const char *name, const char *interface, const char *value, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	char path[256];

	snprintf(path, sizeof(path), name, interface);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "%s", path);
	return fs_write_all(fd, value, strlen(value), err) || err_in(err, "%s", path);
}

static bool name_request(const char *interface, struct ifreq *r, struct err *err)
{
	*r = (struct ifreq){ 0 };
	if (!interface || strlen(interface) >= IFNAMSIZ)
		return err_set(err, ERR_CONF, "'%s' is no interface name", interface ? interface : "");
	strcpy(r->ifr_name, interface);
	return true;
}

bool links_up(int s, const char *interface, bool up, struct err *err)
{
	struct ifreq r;

	if (!name_request(interface, &r, err))
		return false;
	if (ioctl(s, SIOCGIFFLAGS, &r) < 0)
		return err_sys(err, "interface %s", interface);
	r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
	return ioctl(s, SIOCSIFFLAGS, &r) == 0 || err_sys(err, "interface %s %s", interface, up ? "up" : "down");
}

/* Not IFF_RUNNING, which follows up to a second later. */
bool links_carrier(int s, const char *interface)
{
	struct ethtool_value v = { .cmd = ETHTOOL_GLINK };
	struct err err;
	struct ifreq r;

	if (!name_request(interface, &r, &err))
		return false;
	r.ifr_data = (void *)&v;
	return ioctl(s, SIOCETHTOOL, &r) == 0 && v.data;
}

static bool no_offload(int s, const char *interface, struct err *err)
{
	static const uint32_t off[] = { ETHTOOL_STXCSUM, ETHTOOL_SSG, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO };
	struct ifreq r;

	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		struct ethtool_value v = { .cmd = off[i] };

		if (!name_request(interface, &r, err))
			return false;
		r.ifr_data = (void *)&v;
		if (ioctl(s, SIOCETHTOOL, &r) < 0 && errno != EOPNOTSUPP)
			return err_sys(err, "interface %s: offloads", interface);
	}
	return true;
}

/* One end, in the namespace we are in. */
static bool end(const char *interface, bool up, struct err *err)
{
	CLEANUP(close_fd) int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0)
		return err_sys(err, "socket");
	return no_offload(s, interface, err) && (!up || links_up(s, interface, true, err));
}

bool links_bench_side(const struct links *k, struct err *err)
{
	CLEANUP(free_sock) struct nl_sock *s = NULL;

	if (!connect_nl(&s, err) || !set("/proc/sys/net/ipv4/ip_forward", "", "1", err))
		return false;
	/* Addresses outlast a cable that is pulled; forwarding makes the bench a router. */
	if (k->lan6 && (!set("/proc/sys/net/ipv6/conf/all/forwarding", "", "1", err) ||
			!set("/proc/sys/net/ipv6/conf/%s/keep_addr_on_down", k->lan, "1", err) ||
			!set("/proc/sys/net/ipv6/conf/%s/accept_dad", k->lan, "0", err)))
		return false;
	/* a link-local address that is still being checked asks for no neighbour */
	if (k->has_up && k->up6 && !set("/proc/sys/net/ipv6/conf/%s/accept_dad", k->up, "0", err))
		return false;
	return add_address(s, k->lan, k->lan4, err) && (!k->lan6 || add_address(s, k->lan, k->lan6, err)) &&
	       end(k->lan, true, err) &&
	       (!k->has_up || (add_address(s, k->up, k->up4, err) && (!k->up6 || add_address(s, k->up, k->up6, err)) &&
			       end(k->up, true, err)));
}

static bool world_address(struct nl_sock *s, const struct links *k, const char *ip, struct err *err)
{
	const char *net = strchr(ip, ':') ? k->up6 : k->up4;
	char cidr[96];

	if (!net)
		return err_set(err, ERR_CONF, "hosts: %s: the bench has no upstream network of that family", ip);
	snprintf(cidr, sizeof(cidr), "%s%s", ip, strchr(net, '/') ? strchr(net, '/') : "");
	return add_address(s, k->world, cidr, err);
}

static bool world_side(const struct links *k, struct err *err)
{
	CLEANUP(free_sock) struct nl_sock *s = NULL;
	const char *name;
	json_t *ip;

	if (!connect_nl(&s, err) || (k->up6 && !set("/proc/sys/net/ipv6/conf/%s/accept_dad", k->world, "0", err)) ||
	    !end(k->world, true, err))
		return false;
	json_object_foreach((json_t *)k->hosts, name, ip)
		if (!json_is_string(ip) || !world_address(s, k, json_string_value(ip), err))
			return err_in(err, "host %s", name);
	if (!json_object_size(k->hosts))
		return true;            /* nobody lives there, so nobody needs a way back */
	return add_default(s, k->world, k->up4, err) && (!k->up6 || add_default(s, k->world, k->up6, err));
}

/* The device's end stays down: a device without power has no link. */
static bool dut_side(const struct links *k, struct err *err)
{
	return set("/proc/sys/net/ipv4/conf/%s/rp_filter", k->dut, "0", err) && end(k->dut, false, err);
}

static bool inside(int home, int ns, bool (*f)(const struct links *k, struct err *err), const struct links *k, struct err *err)
{
	bool ok;

	if (setns(ns, CLONE_NEWNET) < 0)
		return err_sys(err, "enter namespace");
	ok = f(k, err);
	if (setns(home, CLONE_NEWNET) < 0)
		return err_sys(err, "back from a namespace");
	return ok;
}

bool links_gateway(const char *interface, const char *ip, struct err *err)
{
	CLEANUP(free_sock) struct nl_sock *s = NULL;

	return connect_nl(&s, err) && add_default(s, interface, ip, err);
}

bool links_bridge(const char *name, const char *const port[2], struct err *err)
{
	CLEANUP(free_sock) struct nl_sock *s = NULL;

	if (!connect_nl(&s, err) || !nl(rtnl_link_bridge_add(s, name), err, "bridge", name))
		return false;
	for (int i = 0; i < 2 && port[i]; i++)
		if (!nl(rtnl_link_enslave_ifindex(s, (int)if_nametoindex(name), (int)if_nametoindex(port[i])), err, "bridge port", port[i]) ||
		    !end(port[i], true, err))
			return false;
	return end(name, true, err);
}

bool links_remove(const struct links *k, struct err *err)
{
	CLEANUP(free_sock) struct nl_sock *s = NULL;
	const char *name[] = { k->lan, k->up };

	if (!connect_nl(&s, err))
		return false;
	for (size_t i = 0; i < 2; i++) {
		CLEANUP(free_link) struct rtnl_link *link = name[i] && if_nametoindex(name[i]) ? rtnl_link_alloc() : NULL;

		if (!link)
			continue;
		rtnl_link_set_name(link, name[i]);
		if (!nl(rtnl_link_delete(s, link), err, "remove", name[i]))
			return false;
	}
	return true;
}

bool links_make(const struct line *l, const struct links *k, struct err *err)
{
	CLEANUP(close_fd) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	CLEANUP(close_fd) int dut = -1;
	CLEANUP(close_fd) int world = -1;

	if (home < 0)
		return err_sys(err, "/proc/self/ns/net");
	if (!links_namespace(l, NETNS_DUT, &dut, err) || !links_namespace(l, NETNS_WORLD, &world, err) || !links_remove(k, err))
		return false;
	return make_pair(k->lan, k->dut, k->mac, dut, err) &&
	       (!k->has_up || make_pair(k->up, k->world, NULL, world, err)) &&
	       inside(home, dut, dut_side, k, err) && links_bench_side(k, err) &&
	       (!k->has_up || inside(home, world, world_side, k, err));
}
