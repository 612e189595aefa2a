// SPDX-License-Identifier: Apache-2.0
// The virtual network for real: pairs, namespaces, nft; a "device" and a "world" are sockets in their namespaces.
#include "harness/fake.h"

#include <arpa/inet.h>
#include <linux/route.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "probes/net/dns_liar.h"
#include "probes/net/rules.h"

extern const struct probe probe_net;
extern const struct line_driver drv_veth, drv_pcap;

#define BENCH "{\"scope\":[\"192.168.77.0/24\",\"fd77::/64\",\"203.0.113.0/24\"],\"hosts\":{\"cloud\":\"203.0.113.10\",\"other\":\"203.0.113.20\"}}"

static struct sockaddr_in at(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	ck_assert_int_eq(inet_pton(AF_INET, ip, &a.sin_addr), 1);
	return a;
}

/* A socket made inside a namespace stays there. */
static int socket_in(enum netns ns, int type)
{
	int s;

	ck_assert_int_eq(setns(fake.ns[ns], CLONE_NEWNET), 0);
	s = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(setns(fake.ns[NETNS_BENCH], CLONE_NEWNET), 0);
	ck_assert_int_ge(s, 0);
	return s;
}

static void device_up(void)
{
	int s = socket_in(NETNS_DUT, SOCK_DGRAM);
	struct ifreq r = { .ifr_name = "dut0" };
	struct sockaddr_in a = at("192.168.77.23", 0), mask = at("255.255.255.0", 0), gw = at("192.168.77.1", 0), any = at("0.0.0.0", 0);
	struct rtentry rt = { .rt_flags = RTF_UP | RTF_GATEWAY };

	memcpy(&r.ifr_addr, &a, sizeof(a));
	ck_assert_int_eq(ioctl(s, SIOCSIFADDR, &r), 0);
	memcpy(&r.ifr_netmask, &mask, sizeof(mask));
	ck_assert_int_eq(ioctl(s, SIOCSIFNETMASK, &r), 0);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	ck_assert_int_eq(ioctl(s, SIOCSIFFLAGS, &r), 0);
	memcpy(&rt.rt_gateway, &gw, sizeof(gw));
	memcpy(&rt.rt_dst, &any, sizeof(any));
	memcpy(&rt.rt_genmask, &any, sizeof(any));
	ck_assert_int_eq(ioctl(s, SIOCADDRT, &rt), 0);
	close(s);
}

/* What answers: an echo in the world, for TCP and UDP, in a process of its own. */
static pid_t echo(enum netns ns, const char *ip, int port)
{
	struct sockaddr_in a = at(ip, port), from;
	int tcp = socket_in(ns, SOCK_STREAM), udp = socket_in(ns, SOCK_DGRAM), on = 1;
	pid_t pid;

	setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(tcp, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(bind(udp, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(tcp, 8), 0);
	pid = fork();
	if (pid)
		return close(tcp), close(udp), pid;
	for (int conn = -1;;) {
		struct pollfd p[3] = { { tcp, POLLIN, 0 }, { udp, POLLIN, 0 }, { conn, POLLIN, 0 } };
		socklen_t n = sizeof(from);
		char b[512];
		ssize_t got;

		poll(p, 3, -1);
		if (p[0].revents) {
			close(conn);
			conn = accept(tcp, NULL, NULL);
			continue;
		}
		if (p[1].revents && (got = recvfrom(udp, b, sizeof(b), 0, (struct sockaddr *)&from, &n)) > 0)
			(void)!sendto(udp, b, (size_t)got, 0, (struct sockaddr *)&from, n);
		if (conn >= 0 && p[2].revents) {
			got = read(conn, b, sizeof(b));
			if (got <= 0 || write(conn, b, (size_t)got) != got) {
				close(conn);
				conn = -1;
			}
		}
	}
}

static int dial(const char *ip, int port, int *ret_errno)
{
	struct sockaddr_in a = at(ip, port);
	struct timeval t = { 0, 700000 };
	int s = socket_in(NETNS_DUT, SOCK_STREAM);

	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	*ret_errno = connect(s, (struct sockaddr *)&a, sizeof(a)) == 0 ? 0 : errno;
	if (!*ret_errno)
		return s;
	close(s);
	return -1;
}

/* One byte there and back on an open connection: 0, or errno. */
static int say(int s)
{
	char b = 'x';

	errno = EPIPE;
	if (send(s, &b, 1, MSG_NOSIGNAL) != 1)
		return errno;
	errno = ECONNRESET;
	return read(s, &b, 1) == 1 ? 0 : errno;
}

static pid_t cloud;

static void start(void)
{
	fake_bench(BENCH, true);
	fake_open(&drv_veth, "net.lan", "{\"mac\":\"02:00:00:48:50:01\"}");
	fake_open(&drv_pcap, "capture.lan", "{\"interface\":\"lan0\",\"buffer\":4194304}");
	device_up();
	fake_settle(MS(100));           /* the kernel tells its queues of the new carrier a moment later */
	cloud = echo(NETNS_WORLD, "203.0.113.10", 80);
}

static void stop(void)
{
	kill(cloud, SIGKILL);
	waitpid(cloud, NULL, 0);
	fake_close();
}

START_TEST(reaches_the_world)
{
	int e, s;

	start();
	s = dial("203.0.113.10", 80, &e);
	ck_assert_int_eq(e, 0);
	ck_assert_int_eq(say(s), 0);
	close(s);
	fake_step(&probe_net, "carrier", "{}");
	ck_assert(fake_is("up"));
	stop();
}
END_TEST

static const struct {
	const char *args;
	int connect, live, other;       /* expected errno of a new connection, of a live one, of one to another port; -1 = any */
} cut_row[] = {
	{ "{\"how\":\"black_hole\"}", EINPROGRESS, EAGAIN, EINPROGRESS },
	{ "{\"how\":\"black_hole\",\"peer\":\"cloud\",\"port\":80}", EINPROGRESS, EAGAIN, ECONNREFUSED },
	{ "{\"how\":\"service_refused\",\"peer\":\"cloud\",\"port\":80}", ECONNREFUSED, ECONNRESET, ECONNREFUSED },
	{ "{\"how\":\"service_refused\"}", ECONNREFUSED, ECONNRESET, ECONNREFUSED },
	{ "{\"how\":\"no_route\"}", -1, EAGAIN, -1 },     /* an error that comes while the kernel still sends is soft */
	{ "{\"how\":\"link_down\"}", EINPROGRESS, EAGAIN, EINPROGRESS },
	{ "{\"how\":\"dns_dead\"}", 0, 0, ECONNREFUSED },
	{ "{\"how\":\"no_dhcp\"}", 0, 0, ECONNREFUSED },
};

/* Flows that are open already are cut as well as new ones, and what is not meant goes on. */
START_TEST(cuts)
{
	int e, live, s;

	start();
	live = dial("203.0.113.10", 80, &e);
	ck_assert_int_eq(e, 0);
	ck_assert_int_eq(say(live), 0);
	fake_step(&probe_net, "cut", cut_row[_i].args);
	ck_assert_msg(fake_is("confirmed"), "%s", cut_row[_i].args);
	fake_settle(MS(60));
	e = say(live);
	ck_assert_msg(e == cut_row[_i].live, "%s: live: %s", cut_row[_i].args, strerror(e));
	s = dial("203.0.113.10", 80, &e);
	ck_assert_msg(e == cut_row[_i].connect || (e && cut_row[_i].connect < 0), "%s: connect: %s", cut_row[_i].args, strerror(e));
	close(s);
	s = dial("203.0.113.10", 81, &e);
	ck_assert_msg(e == cut_row[_i].other || (e && cut_row[_i].other < 0), "%s: other: %s", cut_row[_i].args, strerror(e));
	close(s);
	/* the end of the attempt puts it back */
	ck_assert_ptr_nonnull(fake.finish);
	fake.finish(&fake.last, fake.finish_data);
	/* a neighbour that was asked for while the cable was out is asked for again a second later */
	for (int i = 0; i < 5 && (s = dial("203.0.113.10", 80, &e)) < 0; i++)
		;
	ck_assert_msg(e == 0, "%s: afterwards: %s", cut_row[_i].args, strerror(e));
	close(s);
	close(live);
	stop();
}
END_TEST

/* The device asks all the time: the capture shows that nobody answers, and that somebody does when it is no cut. */
START_TEST(confirmed_by_capture)
{
	pid_t asker;

	start();
	asker = fork();
	if (asker == 0)
		for (;;) {
			int e;

			close(dial("203.0.113.10", 80, &e));
			poll(NULL, 0, 30);
		}
	fake_step(&probe_net, "cut", "{\"how\":\"black_hole\",\"for\":1200000000}");
	ck_assert_msg(fake_is("confirmed"), "%s", fake_text("how"));
	ck_assert_int_ge(fake_int("asked"), 1);
	ck_assert_int_eq(fake_int("answered"), 0);
	/* a cut of something else: the same counting sees answers from there */
	fake_step(&probe_net, "cut", "{\"how\":\"service_refused\",\"for\":600000000}");
	ck_assert_msg(fake_is("confirmed"), "%s", fake_text("how"));
	ck_assert_int_ge(fake_int("asked"), 2);
	fake_step(&probe_net, "cut", "{\"how\":\"loss\",\"loss\":500000,\"for\":800000000}");
	ck_assert_msg(fake_is("confirmed"), "%s", fake_text("how"));
	kill(asker, SIGKILL);
	waitpid(asker, NULL, 0);
	stop();
}
END_TEST

/* A recorder that records nothing confirms nothing. */
/* A connection from before that its peer ends meanwhile is no answer to anything: it does not get through. */
START_TEST(an_old_connection_ends)
{
	pid_t other;
	int e, live;

	start();
	live = dial("203.0.113.10", 80, &e);
	ck_assert_int_eq(e, 0);
	ck_assert_int_eq(say(live), 0);
	other = fork();
	if (other == 0) {
		poll(NULL, 0, 250);
		kill(cloud, SIGKILL);
		for (;;) {              /* on a busy host the cut begins late */
			close(dial("203.0.113.10", 80, &e));
			poll(NULL, 0, 30);
		}
	}
	fake_step(&probe_net, "cut", "{\"how\":\"service_refused\",\"for\":600000000}");
	ck_assert_int_gt(fake_int("asked"), 0);
	ck_assert_int_eq(fake_int("answered"), 0);
	ck_assert(fake_is("confirmed"));
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(live);
	stop();
}
END_TEST

START_TEST(blind)
{
	fake_bench(BENCH, true);
	fake_open(&drv_veth, "net.lan", "{\"mac\":\"02:00:00:48:50:01\"}");
	fake_open(&drv_pcap, "capture.lan", "{\"interface\":\"lan0\",\"buffer\":4194304}");
	fake_step(&probe_net, "cut", "{\"how\":\"black_hole\",\"for\":50000000}");
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "confirms nothing"));
	fake_close();
}
END_TEST

START_TEST(redirected)
{
	struct err err = { 0 };
	struct line *l;
	int e, s, live;
	pid_t impostor;
	json_t *args = fake_json("{\"from_ip\":\"203.0.113.10\",\"from_port\":80,\"to_port\":8081}"), *reply = json_object();

	start();
	l = fake_line("net.lan");
	live = dial("203.0.113.10", 80, &e);
	ck_assert_int_eq(say(live), 0);
	ck_assert_msg(drv_veth.command(l, "redirect", args, reply, &err), "%s", err.text);
	/* what was open is reset, so the device comes back; nobody listens yet: refused by this host, not by the cloud */
	ck_assert_int_eq(say(live), ECONNRESET);
	s = dial("203.0.113.10", 80, &e);
	ck_assert_int_eq(e, ECONNREFUSED);
	impostor = echo(NETNS_BENCH, "192.168.77.1", 8081);
	kill(cloud, SIGSTOP);                           /* it is really not the cloud that answers */
	s = dial("203.0.113.10", 80, &e);
	ck_assert_int_eq(e, 0);
	ck_assert_int_eq(say(s), 0);
	close(s);
	kill(cloud, SIGCONT);
	ck_assert_msg(drv_veth.command(l, "unredirect", args, reply, &err), "%s", err.text);
	kill(impostor, SIGKILL);
	waitpid(impostor, NULL, 0);
	s = dial("203.0.113.10", 80, &e);
	ck_assert_int_eq(e, 0);
	ck_assert_int_eq(say(s), 0);
	close(s);
	json_decref(args);
	json_decref(reply);
	stop();
}
END_TEST

/* Workers live in the bench's namespace: what is outside the scope cannot be reached from there. */
START_TEST(scope)
{
	struct sockaddr_in in = at("203.0.113.10", 80), out = at("198.51.100.1", 80);
	struct rtentry rt = { .rt_flags = RTF_UP | RTF_GATEWAY };
	struct sockaddr_in gw = at("203.0.113.10", 0), any = at("0.0.0.0", 0);
	int s;

	start();
	s = socket(AF_INET, SOCK_DGRAM, 0);
	memcpy(&rt.rt_gateway, &gw, sizeof(gw));
	memcpy(&rt.rt_dst, &any, sizeof(any));
	memcpy(&rt.rt_genmask, &any, sizeof(any));
	ck_assert_int_eq(ioctl(s, SIOCADDRT, &rt), 0);  /* even with a way there */
	ck_assert_int_eq(sendto(s, "x", 1, 0, (struct sockaddr *)&in, sizeof(in)), 1);
	ck_assert_int_eq(sendto(s, "x", 1, 0, (struct sockaddr *)&out, sizeof(out)), -1);
	close(s);
	stop();
}
END_TEST

START_TEST(wrong_answers)
{
	static const uint8_t question[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 'c', 'l', 'o', 'u', 'd', 0, 0, 1, 0, 1 };
	struct sockaddr_in a = at("192.168.77.1", 53);
	struct addr wrong;
	struct dns d;
	uint8_t b[512];
	ssize_t n;
	int s;

	start();
	ck_assert(addr_parse("203.0.113.254", &wrong));
	fake_step(&probe_net, "cut", "{\"how\":\"dns_wrong\"}");
	ck_assert(fake_is("confirmed"));
	s = socket_in(NETNS_DUT, SOCK_DGRAM);
	ck_assert_int_eq(sendto(s, question, sizeof(question), 0, (struct sockaddr *)&a, sizeof(a)), (int)sizeof(question));
	fake_settle(MS(100));
	n = recv(s, b, sizeof(b), MSG_DONTWAIT);
	ck_assert_int_gt(n, 0);
	ck_assert(dns_decode((struct span){ b, (size_t)n }, &d));
	ck_assert(d.response && d.id == 0x1234 && d.n == 1 && addr_same(&d.answer[0].addr, &wrong));
	close(s);
	fake.finish(&fake.last, fake.finish_data);
	ck_assert_msg(fake_is("confirmed") || !fake.facts, "after");
	stop();
}
END_TEST

static const char *const bad_cut[] = {
	"{\"how\":\"nonsense\"}", "{\"how\":\"black_hole\",\"peer\":\"1.2.3.4; flush ruleset\"}", "{\"how\":\"loss\",\"loss\":0}",
};

START_TEST(refused)
{
	struct err err = { 0 };

	start();
	ck_assert(!fake_try_step(&probe_net, "cut", bad_cut[_i], 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	stop();
}
END_TEST

START_TEST(liar)
{
	static const uint8_t aaaa[] = { 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 28, 0, 1 };
	struct dns_lie lie = { 0 };
	struct dns d;
	uint8_t b[512];
	size_t n;

	ck_assert(addr_parse("1.2.3.4", &lie.four));
	n = dns_liar_reply((struct span){ aaaa, sizeof(aaaa) }, &lie, b);
	ck_assert(n && dns_decode((struct span){ b, n }, &d) && d.n == 0 && d.response);
	ck_assert(addr_parse("2001:db8::254", &lie.six));
	n = dns_liar_reply((struct span){ aaaa, sizeof(aaaa) }, &lie, b);
	ck_assert(n && dns_decode((struct span){ b, n }, &d) && d.n == 1 && addr_same(&d.answer[0].addr, &lie.six));
	ck_assert_uint_eq(dns_liar_reply((struct span){ aaaa, 15 }, &lie, b), 0);
	ck_assert_uint_eq(dns_liar_reply((struct span){ b, n }, &lie, b), 0);         /* answers are not answered */
}
END_TEST

TEST_MAIN({ "reaches the world", reaches_the_world, 1 }, { "cuts", cuts, ROWS(cut_row) }, { "capture", confirmed_by_capture, 1 },
	  { "an old connection ends", an_old_connection_ends, 1 }, { "blind", blind, 1 }, { "redirected", redirected, 1 }, { "scope", scope, 1 }, { "wrong answers", wrong_answers, 1 },
	  { "refused", refused, ROWS(bad_cut) }, { "liar", liar, 1 })
