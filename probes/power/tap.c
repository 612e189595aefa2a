// SPDX-License-Identifier: Apache-2.0
#include "probes/power/tap.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/act/mirred.h>
#include <netlink/route/action.h>
#include <netlink/route/classifier.h>
#include <netlink/route/cls/u32.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/qdisc.h>
#include <string.h>
#include <sys/ioctl.h>

#include "harness/base/cleanup.h"

#define INGRESS 0xffff0000u     /* handle of the one qdisc for what arrives */

static void free_sock(struct nl_sock **s) { if (*s) nl_socket_free(*s); }
static void free_link(struct rtnl_link **k) { if (*k) rtnl_link_put(*k); }
static void free_qdisc(struct rtnl_qdisc **q) { if (*q) rtnl_qdisc_put(*q); }
static void free_cls(struct rtnl_cls **c) { if (*c) rtnl_cls_put(*c); }

static bool nl(int code, const char *what, struct err *err)
{
	return code >= 0 || err_set(err, ERR_OS, "%s: %s", what, nl_geterror(code));
}

/* Up, and the host's own IPv6 keeps silent on it. */
static bool up(struct nl_sock *s, int index, struct err *err)
{
	CLEANUP(free_link) struct rtnl_link *now = NULL;
	CLEANUP(free_link) struct rtnl_link *want = rtnl_link_alloc();

	if (!want)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!nl(rtnl_link_get_kernel(s, index, NULL, &now), "tap", err) ||
	    !nl(rtnl_link_inet6_set_addr_gen_mode(want, IN6_ADDR_GEN_MODE_NONE), "tap: no address of its own", err))
		return false;
	rtnl_link_set_flags(want, IFF_UP);
	return nl(rtnl_link_change(s, now, want, 0), "tap up", err);
}

static bool ingress(struct nl_sock *s, int index, struct err *err)
{
	CLEANUP(free_qdisc) struct rtnl_qdisc *q = rtnl_qdisc_alloc();

	if (!q)
		return err_set(err, ERR_LIMIT, "out of memory");
	rtnl_tc_set_ifindex(TC_CAST(q), index);
	rtnl_tc_set_parent(TC_CAST(q), TC_H_INGRESS);
	rtnl_tc_set_handle(TC_CAST(q), INGRESS);
	if (!nl(rtnl_tc_set_kind(TC_CAST(q), "ingress"), "ingress", err))
		return false;
	rtnl_qdisc_delete(s, q);        /* what led to an earlier tap; usually there is none */
	return nl(rtnl_qdisc_add(s, q, NLM_F_CREATE), "rules for what arrives (sch_ingress)", err);
}

/* Every frame that arrives at `from` leaves at `to`. */
static bool redirect(struct nl_sock *s, int from, int to, struct err *err)
{
	CLEANUP(free_cls) struct rtnl_cls *c = rtnl_cls_alloc();
	struct rtnl_act *a = rtnl_act_alloc();
	bool ok = c && a;

	if (!ok)
		err_set(err, ERR_LIMIT, "out of memory");
	if (c) {
		rtnl_tc_set_ifindex(TC_CAST(c), from);
		rtnl_tc_set_parent(TC_CAST(c), INGRESS);
		rtnl_cls_set_prio(c, 1);
		rtnl_cls_set_protocol(c, ETH_P_ALL);
	}
	ok = ok && nl(rtnl_tc_set_kind(TC_CAST(c), "u32"), "cls_u32", err) && nl(rtnl_tc_set_kind(TC_CAST(a), "mirred"), "act_mirred", err);
	if (ok) {
		rtnl_mirred_set_action(a, TCA_EGRESS_REDIR);
		rtnl_mirred_set_policy(a, TC_ACT_STOLEN);
		rtnl_mirred_set_ifindex(a, (uint32_t)to);
		ok = nl(rtnl_u32_add_key_uint32(c, 0, 0, 0, 0), "rule", err) && nl(rtnl_u32_set_cls_terminal(c), "rule", err) &&
		     nl(rtnl_u32_add_action(c, a), "rule", err) &&
		     nl(rtnl_cls_add(s, c, NLM_F_CREATE), "rule that hands frames over (cls_u32, act_mirred)", err);
	}
	if (a)
		rtnl_act_put(a);
	return ok;
}

bool tap_wire(const char *interface, int *ret_fd, struct err *err)
{
	CLEANUP(free_sock) struct nl_sock *s = nl_socket_alloc();
	CLEANUP(close_fd) int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int here = (int)if_nametoindex(interface), tap;

	if (fd < 0)
		return err_sys(err, "a virtual network card needs /dev/net/tun");
	if (ioctl(fd, TUNSETIFF, &r) < 0)
		return err_sys(err, "tap");
	tap = (int)if_nametoindex(r.ifr_name);
	if (!here || !tap)
		return err_sys(err, "interface %s", interface);
	if (!s)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!nl(nl_connect(s, NETLINK_ROUTE), "netlink", err) || !up(s, tap, err) || !ingress(s, here, err) || !ingress(s, tap, err) ||
	    !redirect(s, here, tap, err) || !redirect(s, tap, here, err))
		return err_in(err, "%s to %s", interface, r.ifr_name);
	*ret_fd = take_fd(&fd);
	return true;
}
