// SPDX-License-Identifier: Apache-2.0
// Cuts that answer falsely or slow the line down, for real and for both families: a "device" that keeps its sockets from
// before, a world that echoes, rules and false servers of the bench between them.
#include "harness/fake.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "probes/net/dns_liar.h"
#include "probes/net/ntp_liar.h"
#include "probes/net/page.h"
#include "probes/net/tool.h"

extern const struct probe probe_net;
extern const struct line_driver drv_veth, drv_pcap;

#define BENCH "{\"scope\":[\"192.168.77.0/24\",\"fd77::/64\",\"203.0.113.0/24\",\"2001:db8:1::/64\"]," \
	      "\"hosts\":{\"cloud\":\"203.0.113.10\",\"cloud6\":\"2001:db8:1::10\"}}"
static const char *const world[2] = { "203.0.113.10", "2001:db8:1::10" }, *const router[2] = { "192.168.77.1", "fd77::1" };
static const char *const host[2] = { "cloud", "cloud6" };

static socklen_t at(const char *ip, int port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	ret->ss_family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	four->sin_port = htons((uint16_t)port);         /* sin6_port lies at the same place */
	ck_assert_int_eq(inet_pton(ret->ss_family, ip, ret->ss_family == AF_INET6 ? (void *)&six->sin6_addr : (void *)&four->sin_addr), 1);
	return ret->ss_family == AF_INET6 ? sizeof(*six) : sizeof(*four);
}

static int socket_in(enum netns ns, int family, int type)
{
	struct timeval t = { 0, 400000 };
	int s;

	ck_assert_int_eq(setns(fake.ns[ns], CLONE_NEWNET), 0);
	s = socket(family, type | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(setns(fake.ns[NETNS_BENCH], CLONE_NEWNET), 0);
	ck_assert_int_ge(s, 0);
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	return s;
}

static void run_there(const char *const *argv)
{
	char out[512];
	struct err err = { 0 };
	bool ok;

	ck_assert_int_eq(setns(fake.ns[NETNS_DUT], CLONE_NEWNET), 0);
	ok = tool_run(argv, "", out, sizeof(out), &err);
	ck_assert_int_eq(setns(fake.ns[NETNS_BENCH], CLONE_NEWNET), 0);
	ck_assert_msg(ok, "%s", err.text);
}

/* A server that says back what it hears, over TCP and UDP, IPv4 and IPv6. */
static pid_t echo(int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int tcp = socket_in(NETNS_WORLD, AF_INET6, SOCK_STREAM), udp = socket_in(NETNS_WORLD, AF_INET6, SOCK_DGRAM), on = 1;
	struct pollfd p[10] = { { tcp, POLLIN, 0 }, { udp, POLLIN, 0 } };
	static char b[65536];
	nfds_t n = 2;
	pid_t pid;

	setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(tcp, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(bind(udp, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(tcp, 8), 0);
	pid = fork();
	if (pid)
		return close(tcp), close(udp), pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct sockaddr_storage from;
		socklen_t from_n = sizeof(from);
		ssize_t got;

		poll(p, n, -1);
		if (p[1].revents && (got = recvfrom(udp, b, sizeof(b), 0, (struct sockaddr *)&from, &from_n)) > 0)
			(void)!sendto(udp, b, (size_t)got, 0, (struct sockaddr *)&from, from_n);
		for (nfds_t i = 2; i < n; i++)
			if (p[i].revents && ((got = read(p[i].fd, b, sizeof(b))) <= 0 || send(p[i].fd, b, (size_t)got, MSG_NOSIGNAL) < 0)) {
				close(p[i].fd);
				p[i].fd = -1;
			}
		if (p[0].revents && n < 10)
			p[n++] = (struct pollfd){ accept(tcp, NULL, NULL), POLLIN, 0 };
	}
}

static pid_t server[3];

static void start(const char *lan)
{
	static const char *const up[][9] = {
		{ "ip", "addr", "add", "192.168.77.23/24", "dev", "dut0" }, { "ip", "addr", "add", "fd77::23/64", "dev", "dut0", "nodad" },
		{ "ip", "link", "set", "dut0", "up" }, { "ip", "route", "add", "default", "via", "192.168.77.1" },
		{ "ip", "-6", "route", "add", "default", "via", "fd77::1" },
	};
	static const int port[] = { 80, 443, 123 };

	fake_bench(BENCH, true);
	fake_open(&drv_veth, "net.lan", lan);
	fake_open(&drv_pcap, "capture.lan", "{\"interface\":\"lan0\",\"buffer\":4194304}");
	for (size_t i = 0; i < sizeof(up) / sizeof(up[0]); i++)
		run_there(up[i]);
	for (size_t i = 0; i < 3; i++)
		server[i] = echo(port[i]);
	fake_settle(MS(100));
}

#define LAN "{\"mac\":\"02:00:00:48:50:01\",\"up_address6\":\"2001:db8:1::1/64\"}"

static void stop(void)
{
	for (size_t i = 0; i < 3; i++) {
		kill(server[i], SIGKILL);
		waitpid(server[i], NULL, 0);
	}
	fake_close();
}

static int dial(const char *ip, int port)
{
	struct sockaddr_storage a;
	socklen_t n = at(ip, port, &a);
	int s = socket_in(NETNS_DUT, a.ss_family, SOCK_STREAM);

	if (connect(s, (struct sockaddr *)&a, n) == 0)
		return s;
	close(s);
	return -1;
}

/* Sends it and reads one answer, while the bench's lines turn; length, 0 = the end, -1 = errno. */
static ssize_t ask(int s, const void *what, size_t n, char *ret, size_t room)
{
	if (send(s, what, n, MSG_NOSIGNAL) != (ssize_t)n)
		return -1;
	for (int64_t until = clock_ns() + MS(600); !fake_turn(s, until) && clock_ns() < until;)
		;
	return recv(s, ret, room, MSG_DONTWAIT);
}

static bool echoes(int s)
{
	char b[8];

	return ask(s, "ping", 4, b, sizeof(b)) == 4 && !memcmp(b, "ping", 4);
}

/* What was open before the cut does not live through it. */
static void check_dead(int s)
{
	char b[64];

	ck_assert_int_le(ask(s, "still there", 11, b, sizeof(b)), 0);
	close(s);
}

static void cut(const char *how, const char *more, int family)
{
	char args[200];

	snprintf(args, sizeof(args), "{\"how\":\"%s\"%s%s%s%s}", how, more, more[0] ? ",\"peer\":\"" : "", more[0] ? host[family] : "",
		 more[0] ? "\"" : "");
	fake_step(&probe_net, "cut", args);
	ck_assert_msg(fake_is("confirmed"), "%s", args);
	fake_settle(MS(60));
}

/* The end of the attempt: what the capture says of it. */
static void end(bool confirmed)
{
	ck_assert_ptr_nonnull(fake.finish);
	json_decref(fake.pending);
	fake.pending = json_object();
	fake.finish(&fake.last, fake.finish_data);
	json_decref(fake.facts);
	fake.facts = json_incref(fake.pending);
	ck_assert_msg(fake_is("confirmed") == confirmed, "%s", fake_text("how"));
}

static void check_over(const char *ip, int port)
{
	int s = -1;

	for (int i = 0; i < 5 && s < 0; i++)
		s = dial(ip, port);
	ck_assert_msg(s >= 0 && echoes(s), "%s port %d afterwards: %s", ip, port, strerror(errno));
	close(s);
}

START_TEST(wrong_time)
{
	uint8_t q[NTP_BYTES] = { 0x23 }, b[256];
	struct sockaddr_storage a;
	socklen_t n;
	int64_t told;
	int s;

	start(LAN);
	n = at(world[_i], 123, &a);
	s = socket_in(NETNS_DUT, a.ss_family, SOCK_DGRAM);
	ck_assert_int_eq(connect(s, (struct sockaddr *)&a, n), 0);
	ck_assert_int_eq(ask(s, q, sizeof(q), (char *)b, sizeof(b)), NTP_BYTES);        /* a flow from before, from the same port */
	ck_assert(!ntp_answer_time((struct span){ b, NTP_BYTES }, clock_wall_ns(), &told));
	cut("ntp_wrong", ",\"offset\":86400000000000", 0);
	ck_assert_int_eq(ask(s, q, sizeof(q), (char *)b, sizeof(b)), NTP_BYTES);
	ck_assert(ntp_answer_time((struct span){ b, NTP_BYTES }, clock_wall_ns(), &told));
	ck_assert_int_lt(llabs(told - clock_wall_ns() - SEC(86400)), SEC(2));
	end(true);
	ck_assert_int_ge(fake_int("asked"), 1);
	ck_assert_int_eq(fake_int("answered"), 0);
	ck_assert_int_eq(ask(s, q, sizeof(q), (char *)b, sizeof(b)), NTP_BYTES);
	ck_assert(!ntp_answer_time((struct span){ b, NTP_BYTES }, clock_wall_ns(), &told));
	close(s);
	stop();
}
END_TEST

#define GET "GET / HTTP/1.1\r\nHost: cloud\r\n\r\n"
static const uint8_t hello[] = { 22, 3, 1, 0, 5, 1, 0, 0, 1, 0 };
static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 40 };

START_TEST(answers_503)
{
	char b[512];
	int live, s;

	start(LAN);
	live = dial(world[_i], 80);
	ck_assert(echoes(live));
	cut("service_5xx", ",\"port\":80", _i);
	check_dead(live);
	s = dial(world[_i], 80);
	ck_assert_int_gt(ask(s, GET, strlen(GET), b, sizeof(b)), 12);
	ck_assert_msg(!memcmp(b, "HTTP/1.1 503", 12), "%.12s", b);
	close(s);
	s = dial(world[_i], 443);               /* only that port */
	ck_assert(echoes(s));
	close(s);
	end(true);
	ck_assert_int_ge(fake_int("asked"), 1);
	check_over(world[_i], 80);
	stop();
}
END_TEST

/* A page inside TLS cannot be given without the peer's key, and the verb says so. */
START_TEST(no_503_in_tls)
{
	char b[64];
	int s;

	start(LAN);
	cut("service_5xx", ",\"port\":443", 0);
	s = dial(world[0], 443);
	ck_assert_int_lt(ask(s, hello, sizeof(hello), b, sizeof(b)), 0);
	close(s);
	end(false);
	ck_assert_ptr_nonnull(strstr(fake_text("how"), "wanted TLS"));
	stop();
}
END_TEST

START_TEST(refuses_tls)
{
	char b[64];
	int live, s;

	start(LAN);
	live = dial(world[_i], 443);
	ck_assert(echoes(live));
	cut("tls_refused", "", _i);
	check_dead(live);
	s = dial(world[_i], 443);
	ck_assert_int_eq(ask(s, hello, sizeof(hello), b, sizeof(b)), sizeof(alert));
	ck_assert_mem_eq(b, alert, sizeof(alert));
	close(s);
	end(true);
	ck_assert_int_ge(fake_int("asked"), 1);
	check_over(world[_i], 443);
	stop();
}
END_TEST

static void ask_name(const char *server_ip, uint8_t type, const char *want)
{
	const uint8_t q[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 'c', 'l', 'o', 'u', 'd', 0, 0, type, 0, 1 };
	struct sockaddr_storage a;
	socklen_t n = at(server_ip, 53, &a);
	int s = socket_in(NETNS_DUT, a.ss_family, SOCK_DGRAM);
	char b[512], ip[ADDR_TEXT];
	struct dns d;
	ssize_t got;

	ck_assert_int_eq(connect(s, (struct sockaddr *)&a, n), 0);
	got = ask(s, q, sizeof(q), b, sizeof(b));
	ck_assert_int_gt(got, 0);
	ck_assert(dns_decode((struct span){ (uint8_t *)b, (size_t)got }, &d) && d.response && d.n == 1);
	ck_assert_str_eq(addr_text(&d.answer[0].addr, ip), want);
	close(s);
}

START_TEST(captive)
{
	char b[512];
	int live, s;

	start(LAN);
	live = dial(world[_i], 443);
	ck_assert(echoes(live));
	cut("captive_portal", "", _i);
	check_dead(live);
	ask_name(router[_i], DNS_A, router[0]);
	ask_name(router[_i], DNS_AAAA, router[1]);
	ask_name(world[_i], DNS_A, router[0]);          /* whoever is asked */
	s = dial(world[_i], 80);
	ck_assert_int_gt(ask(s, GET, strlen(GET), b, sizeof(b)), 12);
	ck_assert_msg(!memcmp(b, "HTTP/1.1 302", 12) && memmem(b, sizeof(b), "Location: http://192.168.77.1/portal", 36), "%.80s", b);
	close(s);
	s = dial(router[_i], 80);
	ck_assert_int_gt(ask(s, "GET /portal HTTP/1.1\r\n\r\n", 24, b, sizeof(b)), 12);
	ck_assert_msg(!memcmp(b, PAGE_PORTAL_HEAD, 12), "%.12s", b);
	close(s);
	ck_assert_int_lt(dial(world[_i], 443), 0);
	ck_assert_int_lt(dial(router[_i], 443), 0);
	end(true);
	check_over(world[_i], 443);
	stop();
}
END_TEST

START_TEST(wrong_names)
{
	start(LAN);
	cut("dns_wrong", "", _i);
	ask_name(router[_i], DNS_A, "203.0.113.254");
	ask_name(router[_i], DNS_AAAA, "2001:db8::254");
	end(true);
	stop();
}
END_TEST

/* IPv6 has its addresses from DHCP and from advertisements: neither comes. */
START_TEST(no_addresses)
{
	struct sockaddr_storage a;
	socklen_t n = at("ff02::1", 0, &a);
	struct nd_router_advert ra = { .nd_ra_hdr.icmp6_type = ND_ROUTER_ADVERT };
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&a;
	int raw, s;

	start(LAN);
	six->sin6_scope_id = if_nametoindex("lan0");
	raw = socket_in(NETNS_BENCH, AF_INET6, SOCK_DGRAM);
	close(raw);
	raw = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	ck_assert_int_eq(sendto(raw, &ra, sizeof(ra), 0, (struct sockaddr *)&a, n), sizeof(ra));
	cut("no_dhcp", "", _i);
	ck_assert_int_eq(sendto(raw, &ra, sizeof(ra), 0, (struct sockaddr *)&a, n), -1);
	ck_assert_int_eq(errno, EPERM);
	close(raw);
	s = socket_in(NETNS_DUT, AF_INET6, SOCK_DGRAM);
	n = at("fd77::1", 547, &a);
	ck_assert_int_eq(sendto(s, "x", 1, 0, (struct sockaddr *)&a, n), 1);
	close(s);
	fake_settle(MS(60));
	end(true);
	ck_assert_int_ge(fake_int("asked"), 1);
	stop();
}
END_TEST

static int64_t transfer(size_t total)
{
	static char b[65536];
	int64_t begin;
	size_t got = 0, sent = 0;
	int s = dial(world[0], 80);

	ck_assert(s >= 0 && echoes(s));
	begin = clock_ns();
	while (got < total && clock_ns() < begin + SEC(20)) {
		size_t left = total - sent < sizeof(b) ? total - sent : sizeof(b);
		ssize_t k = left ? send(s, b, left, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

		sent += k > 0 ? (size_t)k : 0;
		fake_turn(s, clock_ns() + MS(20));
		k = recv(s, b, sizeof(b), MSG_DONTWAIT);
		got += k > 0 ? (size_t)k : 0;
	}
	ck_assert_uint_eq(got, total);
	close(s);
	return clock_ns() - begin;
}

START_TEST(slow)
{
	start(LAN);
	transfer(60000);
	fake_step(&probe_net, "cut", "{\"how\":\"rate\",\"rate\":512}");
	ck_assert_int_gt(transfer(60000), MS(700));     /* 60000 bytes at 512 kbit/s are 937 ms, less the burst */
	end(true);
	ck_assert_ptr_nonnull(strstr(fake_text("how"), "at up to 512 kbit/s"));
	fake_step(&probe_net, "carrier", "{}");
	ck_assert_int_lt(transfer(8000), MS(600));
	stop();
}
END_TEST

/* Whether the kernel has netem is known when the line opens. */
START_TEST(late)
{
	struct err err = { 0 };
	int64_t begin;
	int s;

	fake_bench(BENCH, true);
	if (!fake_try_open(&drv_veth, "net.lan", "{\"mac\":\"02:00:00:48:50:01\",\"up_address6\":\"2001:db8:1::1/64\",\"delay\":true}", &err)) {
		ck_assert_msg(strstr(err.text, "no netem") != NULL, "%s", err.text);
		ck_assert_int_eq(err.kind, ERR_BENCH);
		printf("%s: skipped: this kernel has no netem\n", __FILE__);
		fake_close();
		return;
	}
	fake_close();
	start("{\"mac\":\"02:00:00:48:50:01\",\"up_address6\":\"2001:db8:1::1/64\",\"delay\":true}");
	cut("delay", ",\"delay\":200000000", 0);
	s = dial(world[0], 80);
	begin = clock_ns();
	ck_assert(echoes(s));
	ck_assert_int_ge(clock_ns() - begin, MS(380));
	close(s);
	end(true);
	stop();
}
END_TEST

START_TEST(undeclared_delay)
{
	struct err err = { 0 };

	start(LAN);
	ck_assert(!fake_try_step(&probe_net, "cut", "{\"how\":\"delay\"}", 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "delay: true"));
	stop();
}
END_TEST

/* ---- pure parts ---- */

START_TEST(clock_of_1900)
{
	uint8_t q[NTP_BYTES] = { 0x1b }, a[NTP_BYTES];
	static const int64_t years[] = { 0, 54, 66, 67, 130, -20 };     /* 2036 ends era 0 */
	int64_t now = SEC((int64_t)1770000000) + 123456789, told;

	q[40] = 7;
	for (size_t i = 0; i < sizeof(years) / sizeof(years[0]); i++) {
		int64_t wrong = now + SEC(years[i] * 31557600);

		ck_assert(ntp_liar_reply((struct span){ q, sizeof(q) }, wrong, a));
		ck_assert_uint_eq(a[24], 7);
		if (years[i] > 68)
			continue;                       /* beyond half an era it reads as the past */
		ck_assert(ntp_answer_time((struct span){ a, sizeof(a) }, now, &told));
		ck_assert_int_le(llabs(told - wrong), 2);
	}
	ck_assert(!ntp_liar_reply((struct span){ q, 47 }, now, a));
	q[0] = 0x1c;
	ck_assert(!ntp_liar_reply((struct span){ q, sizeof(q) }, now, a));
	ck_assert(!ntp_answer_time((struct span){ q, 47 }, now, &told));
}
END_TEST

static const struct { enum page_kind kind; const char *in; enum page_next next; const char *out; } page_row[] = {
	{ PAGE_503, "GET / HT", PAGE_MORE, "" }, { PAGE_503, GET, PAGE_ANSWER, "HTTP/1.1 503 " },
	{ PAGE_503, "\x16\x03\x01", PAGE_RESET, "" }, { PAGE_PORTAL, GET, PAGE_ANSWER, "HTTP/1.1 302 " },
	{ PAGE_PORTAL, "GET /portal HTTP/1.1\r\n\r\n", PAGE_ANSWER, PAGE_PORTAL_HEAD }, { PAGE_TLS_ALERT, "\x16\x03", PAGE_MORE, "" },
	{ PAGE_TLS_ALERT, GET, PAGE_RESET, "" },
};

START_TEST(pages)
{
	char out[PAGE_OUT] = "";
	size_t n;

	ck_assert_int_eq(page_reply(page_row[_i].kind, "p", (struct span){ (const uint8_t *)page_row[_i].in, strlen(page_row[_i].in) }, out, &n),
			 page_row[_i].next);
	ck_assert_int_eq(strncmp(out, page_row[_i].out, strlen(page_row[_i].out)), 0);
}
END_TEST

TEST_MAIN({ "wrong time", wrong_time, 2 }, { "503", answers_503, 2 }, { "no 503 in TLS", no_503_in_tls, 1 }, { "refuses TLS", refuses_tls, 2 },
	  { "captive portal", captive, 2 }, { "wrong names", wrong_names, 2 }, { "no addresses", no_addresses, 1 }, { "slow", slow, 1 },
	  { "late", late, 1 }, { "undeclared delay", undeclared_delay, 1 }, { "clock", clock_of_1900, 1 }, { "pages", pages, ROWS(page_row) })
