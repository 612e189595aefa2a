// SPDX-License-Identifier: Apache-2.0
// jusan-net: the one part of a real bench that needs a right over the host's network, CAP_NET_ADMIN. It lends declared
// interfaces to the bench's own namespace and puts them back (ask.h lists all it can be asked); whatever else a bench does to a
// network (addresses, rules, capture, DHCP, raw sockets) happens inside that namespace, where its user is root without
// being it anywhere else.
//
//   setcap cap_net_admin=p jusan-net        once, by the lab; a group may be the only one to execute it
//   jusan-net IFACE[:shared]...             started by a net line, with a socket as standard input
//
// Of all capabilities it keeps CAP_NET_ADMIN; it starts no program, opens no file but four of /proc and /sys whose names hold
// a checked interface name, and reads nothing but packets of one size.
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probes/net/ask.h"

static const uint32_t get_offload[ASK_OFFLOADS] = { ETHTOOL_GTXCSUM, ETHTOOL_GSG, ETHTOOL_GTSO, ETHTOOL_GGSO, ETHTOOL_GGRO };
static const uint32_t set_offload[ASK_OFFLOADS] = { ETHTOOL_STXCSUM, ETHTOOL_SSG, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO };

static struct declared declared[ASK_DECLARED];
static struct ask_before taken[ASK_DECLARED];
static size_t n_declared;
static int inet = -1;                   /* socket for requests */

static bool fail(struct told *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct told *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->text, sizeof(t->text), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- what the host does with it ---- */

/* The last field of a row of /proc/net/ipv6_route is the interface; of the first of /proc/net/route it is the first. */
static bool has_default_route(const char *name)
{
	char row[512], iface[32], to[64];
	unsigned long mask, bits, flags;
	bool found = false;
	FILE *f = fopen("/proc/net/route", "re");

	while (f && fgets(row, sizeof(row), f))
		if (sscanf(row, "%31s %63s %*s %lx %*s %*s %*s %lx", iface, to, &flags, &mask) == 4 && !strcmp(iface, name) &&
		    !strcmp(to, "00000000") && !mask)
			found = true;
	if (f)
		fclose(f);
	f = fopen("/proc/net/ipv6_route", "re");
	while (f && fgets(row, sizeof(row), f))
		if (sscanf(row, "%63s %lx %*s %*s %*s %*s %*s %*s %*s %31s", to, &bits, iface) == 3 && !bits && !strcmp(iface, name))
			found = true;
	if (f)
		fclose(f);
	return found;
}

static bool has_address(const char *name)
{
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return true;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)a->ifa_addr;

		if (!a->ifa_addr || strcmp(a->ifa_name, name))
			continue;
		found |= a->ifa_addr->sa_family == AF_INET;
		found |= a->ifa_addr->sa_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
	}
	freeifaddrs(all);
	return found;
}

/* ---- the interface itself ---- */

static int request(const char *name, unsigned long what, struct ifreq *r)
{
	snprintf(r->ifr_name, sizeof(r->ifr_name), "%s", name);
	return ioctl(inet, what, r);
}

static bool set_up(const char *name, bool up, struct told *t)
{
	struct ifreq r = { 0 };

	if (request(name, SIOCGIFFLAGS, &r) < 0)
		return fail(t, "%s: %s", name, strerror(errno));
	r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
	return request(name, SIOCSIFFLAGS, &r) == 0 || fail(t, "%s %s: %s", name, up ? "up" : "down", strerror(errno));
}

static bool get_value(const char *name, uint32_t what)
{
	struct ethtool_value v = { .cmd = what };
	struct ifreq r = { .ifr_data = (void *)&v };

	return request(name, SIOCETHTOOL, &r) == 0 && v.data;
}

static bool set_value(const char *name, uint32_t what, bool on, struct told *t)
{
	struct ethtool_value v = { .cmd = what, .data = on };
	struct ifreq r = { .ifr_data = (void *)&v };

	return request(name, SIOCETHTOOL, &r) == 0 || errno == EOPNOTSUPP || fail(t, "%s: offloads: %s", name, strerror(errno));
}

/* The host's own IPv6 on it, which would talk to the device. -1 = ask only; a kernel without IPv6 has nothing to set. */
static bool no_six(const char *name, int set)
{
	char path[96], c = '1';
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	fd = open(path, (set < 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT;
	if (set >= 0)
		c = set ? '1' : '0';
	if ((set < 0 ? read(fd, &c, 1) : write(fd, &c, 1)) != 1)
		c = set < 0 ? '0' : 0;
	close(fd);
	return c == '1' || (set == 0 && c == '0');
}

static bool remember(const char *name, struct ask_before *b, struct told *t)
{
	struct ifreq r = { 0 };

	if (request(name, SIOCGIFFLAGS, &r) < 0)
		return fail(t, "%s: %s", name, strerror(errno));
	*b = (struct ask_before){ .known = 1, .up = (r.ifr_flags & IFF_UP) != 0, .no_six = no_six(name, -1) };
	for (int i = 0; i < ASK_OFFLOADS; i++)
		b->offload[i] = get_value(name, get_offload[i]);
	return true;
}

static bool put_back(const char *name, const struct ask_before *b, struct told *t)
{
	bool ok = true;

	if (!b->known)
		return true;
	for (int i = 0; i < ASK_OFFLOADS; i++)          /* checksums first: the others rest on them */
		ok = set_value(name, set_offload[i], b->offload[i], t) && ok;
	ok = (no_six(name, b->no_six) || fail(t, "%s: IPv6: %s", name, strerror(errno))) && ok;
	return set_up(name, b->up, t) && ok;
}

/* ---- the macvlan ---- */

struct link_message { struct nlmsghdr h; struct ifinfomsg i; uint8_t attributes[256]; };

static struct rtattr *put(struct link_message *m, unsigned short type, const void *p, size_t n)
{
	struct rtattr *a = (struct rtattr *)(void *)((uint8_t *)m + NLMSG_ALIGN(m->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(n);
	if (n)
		memcpy(RTA_DATA(a), p, n);
	m->h.nlmsg_len = NLMSG_ALIGN(m->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static void close_nest(struct link_message *m, struct rtattr *a)
{
	a->rta_len = (unsigned short)((uint8_t *)m + m->h.nlmsg_len - (uint8_t *)a);
}

static bool talk(struct link_message *m, struct told *t)
{
	struct { struct nlmsghdr h; struct nlmsgerr e; uint8_t rest[512]; } reply;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	bool ok = fd >= 0 && send(fd, m, m->h.nlmsg_len, 0) == (ssize_t)m->h.nlmsg_len &&
		  recv(fd, &reply, sizeof(reply), 0) >= (ssize_t)(sizeof(reply.h) + sizeof(reply.e));
	int why = ok ? -reply.e.error : errno;

	if (fd >= 0)
		close(fd);
	return (ok && !why) || fail(t, "macvlan: %s", strerror(why));
}

static bool make_station(const struct ask *a, bool shared, int ns, struct told *t)
{
	struct link_message m = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)), .nlmsg_type = RTM_NEWLINK,
					 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL } };
	uint32_t below = if_nametoindex(a->interface), mode = shared ? MACVLAN_MODE_BRIDGE : MACVLAN_MODE_PASSTHRU;
	struct rtattr *info, *data;

	put(&m, IFLA_IFNAME, a->as, strlen(a->as) + 1);
	put(&m, IFLA_LINK, &below, sizeof(below));
	put(&m, IFLA_NET_NS_FD, &ns, sizeof(ns));
	info = put(&m, IFLA_LINKINFO, NULL, 0);
	put(&m, IFLA_INFO_KIND, "macvlan", sizeof("macvlan"));
	data = put(&m, IFLA_INFO_DATA, NULL, 0);
	put(&m, IFLA_MACVLAN_MODE, &mode, sizeof(mode));
	close_nest(&m, data);
	close_nest(&m, info);
	return talk(&m, t);
}

/* ---- the three verbs ---- */

static bool take(const struct ask *a, size_t which, int ns, struct told *t)
{
	const char *name = a->interface;
	bool shared = declared[which].shared;

	if (ns < 0)
		return fail(t, "%s: no namespace was given", name);
	if (!if_nametoindex(name))
		return fail(t, "there is no interface %s", name);
	if (shared)
		return make_station(a, true, ns, t);
	if (has_default_route(name))
		return fail(t, "%s carries this host's default route: it is not touched", name);
	if (has_address(name))
		return fail(t, "%s has an address of this host: it is not touched", name);
	if (!taken[which].known && !remember(name, &taken[which], t))
		return false;
	t->before = taken[which];
	for (int i = 0; i < ASK_OFFLOADS; i++)
		if (!set_value(name, set_offload[i], false, t))
			return false;
	return (no_six(name, 1) || fail(t, "%s: IPv6: %s", name, strerror(errno))) && set_up(name, true, t) && make_station(a, false, ns, t);
}

static bool answer(const struct ask *a, size_t which, int ns, struct told *t)
{
	bool ok;

	if (a->verb == ASK_TAKE)
		return take(a, which, ns, t);
	if (a->verb == ASK_LINK)
		return taken[which].known ? set_up(a->interface, a->flag, t) : fail(t, "%s was not taken", a->interface);
	ok = put_back(a->interface, &a->before, t);
	taken[which] = (struct ask_before){ 0 };
	return ok;
}

/* ---- messages ---- */

static void close_rights(struct msghdr *m, int *ret_first)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; CMSG_LEN((i + 1) * sizeof(int)) <= c->cmsg_len; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (*ret_first < 0)
				*ret_first = fd;
			else
				close(fd);
		}
	}
}

/* One message; false = the line is gone. */
static bool serve(void)
{
	uint8_t in[sizeof(struct ask) + 1];
	union { struct cmsghdr align; char b[CMSG_SPACE(4 * sizeof(int))]; } rights;
	struct iovec v = { in, sizeof(in) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = rights.b, .msg_controllen = sizeof(rights.b) };
	struct told t = { 0 };
	const char *why;
	struct ask a;
	size_t which;
	int ns = -1;
	ssize_t n = recvmsg(0, &m, MSG_CMSG_CLOEXEC);

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	close_rights(&m, &ns);
	why = ask_check(in, (size_t)n, declared, n_declared, &a, &which);
	t.ok = why ? fail(&t, "refused: %s", why) : answer(&a, which, ns, &t);
	if (ns >= 0)
		close(ns);
	return send(0, &t, sizeof(t), MSG_NOSIGNAL) == (ssize_t)sizeof(t);
}

/* CAP_NET_ADMIN and nothing else, for good. */
static bool keep_one_right(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct one[2] = { { .effective = 1u << CAP_NET_ADMIN, .permitted = 1u << CAP_NET_ADMIN } };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
	       syscall(SYS_capset, &h, one) == 0;
}

static bool declare(char *arg)
{
	char *colon = strchr(arg, ':');

	if (n_declared == ASK_DECLARED || (colon && strcmp(colon, ":shared")))
		return false;
	if (colon)
		*colon = '\0';
	declared[n_declared++] = (struct declared){ arg, colon != NULL };
	return arg[0] && strlen(arg) < IFNAMSIZ && strcmp(arg, "lo");
}

int main(int argc, char **argv)
{
	struct told t = { 0 };

	syscall(SYS_close_range, 3u, ~0u, 0u);
	signal(SIGINT, SIG_IGN);                /* it ends when its socket closes, and then puts things back */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	for (int i = 1; i < argc; i++)
		if (!declare(argv[i]))
			return 64;
	inet = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (inet < 0)
		return 3;
	t.ok = keep_one_right() || fail(&t, "jusan-net has no right over the network; once: setcap cap_net_admin=p jusan-net");
	if (send(0, &t, sizeof(t), MSG_NOSIGNAL) != (ssize_t)sizeof(t) || !t.ok)
		return 3;
	while (serve())
		;
	for (size_t i = 0; i < n_declared; i++)
		if (!put_back(declared[i].name, &taken[i], &t))
			fprintf(stderr, "jusan-net: %s\n", t.text);
	return 0;
}
