/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/test.h"
#include "probes/ports/own_network.h"
#include "probes/ports/portset.h"
#include "probes/ports/tcp_scan.h"
#include "probes/ports/udp_payload.h"
#include "probes/ports/udp_scan.h"

static const struct { const char *text; int count; unsigned has; } sets[] = {
	{ "", 0, 0 }, { "80", 1, 80 }, { "1-65535", 65535, 65535 }, { "1-3, 7,9-9", 5, 7 }, { "80,80", 1, 80 },
	{ "0", -1, 0 }, { "65536", -1, 0 }, { "9-3", -1, 0 }, { "80;81", -1, 0 }, { "-5", -1, 0 }, { "5-", -1, 0 },
	{ "99999999999", -1, 0 }, { "http", -1, 0 }, { ",", -1, 0 },
};
START_TEST(parse)
{
	struct portset s;
	struct err err = { 0 };
	bool ok = portset_parse(sets[_i].text, &s, &err);

	ck_assert_msg(ok == (sets[_i].count >= 0), "'%s': %s", sets[_i].text, err.text);
	if (ok) {
		ck_assert_int_eq((int)portset_count(&s), sets[_i].count);
		ck_assert(!sets[_i].has || portset_has(&s, sets[_i].has));
	}
}
END_TEST

static const struct { const char *text; bool ok, udp; unsigned port; } named[] = {
	{ "tcp/80", true, false, 80 }, { "udp/5353", true, true, 5353 }, { "tcp/0", false, false, 0 },
	{ "tcp/65536", false, false, 0 }, { "80", false, false, 0 }, { "tcp/80x", false, false, 0 }, { "sctp/1", false, false, 0 },
};
START_TEST(name)
{
	unsigned port = 0;
	bool udp = false;

	ck_assert(portset_named(named[_i].text, &udp, &port) == named[_i].ok);
	ck_assert(port == named[_i].port && udp == named[_i].udp);
}
END_TEST

static int bound(int type, unsigned port, int backlog)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, type, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	if (type == SOCK_STREAM)
		ck_assert(listen(fd, backlog) == 0);
	return fd;
}

/* A listener whose queue is full drops every SYN: a silent port, without a firewall. */
static void silent_port(unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	bound(SOCK_STREAM, port, 0);
	for (int i = 0; i < 3; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		(void)!connect(fd, (struct sockaddr *)&a, sizeof(a));
		usleep(1000);
	}
}

START_TEST(tcp_all)
{
	static struct tcp_scan s;
	struct portset all;
	struct tcp_how how = { .deadline_ns = clock_ns() + SEC(30) };
	struct err err = { 0 };
	int64_t begin_ns;

	if (!own_network())
		return;
	bound(SOCK_STREAM, 22, 8);
	bound(SOCK_STREAM, 8080, 8);
	bound(SOCK_STREAM, 65535, 8);
	silent_port(4444);
	ck_assert(portset_parse("1-65535", &all, &err));
	begin_ns = clock_ns();
	ck_assert_msg(tcp_scan("127.0.0.1", &all, &how, &s, &err), "%s", err.text);
	ck_assert_uint_eq(portset_count(&s.open), 3);
	ck_assert(portset_has(&s.open, 22) && portset_has(&s.open, 8080) && portset_has(&s.open, 65535));
	ck_assert_uint_eq(portset_count(&s.filtered), 1);
	ck_assert(portset_has(&s.filtered, 4444));
	ck_assert_uint_eq(portset_count(&s.closed), 65531);
	fprintf(stderr, "# 65535 TCP ports in %lld ms\n", (long long)((clock_ns() - begin_ns) / MS(1)));
}
END_TEST

START_TEST(tcp_deadline)
{
	static struct tcp_scan s;
	struct tcp_how how = { .deadline_ns = clock_ns() + MS(200) };
	struct portset all;
	struct err err = { 0 };

	if (!own_network())
		return;
	silent_port(5555);
	ck_assert(portset_parse("5555", &all, &err));
	ck_assert(tcp_scan("127.0.0.1", &all, &how, &s, &err));
	ck_assert_uint_eq(portset_count(&s.filtered) + portset_count(&s.open) + portset_count(&s.closed), 0);
	ck_assert(!tcp_scan("not an address", &all, &how, &s, &err));
}
END_TEST

START_TEST(udp_all)
{
	static struct udp_scan s;
	struct udp_how how = { .settle_ns = MS(200), .deadline_ns = clock_ns() + SEC(20) };
	struct portset all;
	struct err err = { 0 };
	pid_t echo;

	if (!own_network())
		return;
	bound(SOCK_DGRAM, 7777, 0);             /* takes everything, says nothing */
	echo = fork();
	if (!echo) {
		int fd = bound(SOCK_DGRAM, 5353, 0);
		struct sockaddr_in from;
		socklen_t n = sizeof(from);
		char buf[600];
		ssize_t got;

		while ((got = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &n)) > 0)
			sendto(fd, buf, (size_t)got, 0, (struct sockaddr *)&from, n);
		_exit(0);
	}
	usleep(50000);
	ck_assert(portset_parse("1-65535", &all, &err));
	ck_assert_msg(udp_scan("127.0.0.1", &all, &how, &s, &err), "%s", err.text);
	kill(echo, SIGKILL);
	waitpid(echo, NULL, 0);
	ck_assert(portset_has(&s.open, 5353));
	ck_assert_uint_le(portset_count(&s.open), 4);           /* on its own host the three sockets of the scanner answer themselves */
	ck_assert(!portset_has(&s.closed, 7777));
	ck_assert(portset_count(&s.closed) > 0);
	ck_assert_uint_eq(portset_count(&s.sent), 65535);
}
END_TEST

/* Closed is told from silent, and silent from lost: 9999 is dropped, the others are closed or not heard of. */
START_TEST(udp_sorted)
{
	struct udp_how how = { .settle_ns = MS(50), .sort_ns = SEC(10), .deadline_ns = clock_ns() + SEC(10) };
	static struct udp_scan s;
	struct portset want;
	struct err err = { 0 };

	if (!own_network() || !rules("chain in { type filter hook input priority 0; udp dport 9999 drop; "
				     "udp dport 9990-9994 numgen inc mod 3 < 2 drop; }"))
		return;
	ck_assert(portset_parse("9980-9999", &want, &err));
	ck_assert_msg(udp_scan("127.0.0.1", &want, &how, &s, &err), "%s", err.text);
	ck_assert(portset_has(&s.quiet, 9999) && !portset_has(&s.closed, 9999));
	ck_assert_uint_ge(portset_count(&s.closed), 14);
	ck_assert_uint_eq(portset_count(&s.closed) + portset_count(&s.quiet), 20);
	how.sort_ns = 0;
	ck_assert_msg(udp_scan("127.0.0.1", &want, &how, &s, &err), "%s", err.text);
	ck_assert_uint_eq(portset_count(&s.quiet), 0);
}
END_TEST

/* A TFTP server answers from a port of its choice; that is port 69 that is open, not that one. */
START_TEST(udp_elsewhere)
{
	struct udp_how how = { .settle_ns = MS(500), .deadline_ns = clock_ns() + SEC(10) };
	static struct udp_scan s;
	struct portset want;
	struct err err = { 0 };
	int server, other;
	pid_t pid;

	if (!own_network())
		return;
	server = bound(SOCK_DGRAM, 69, 0);
	other = bound(SOCK_DGRAM, 50123, 0);
	pid = fork();
	if (!pid) {
		struct sockaddr_in from;
		socklen_t n = sizeof(from);
		char buf[64];

		while (recvfrom(server, buf, sizeof(buf), 0, (struct sockaddr *)&from, &n) > 0)
			sendto(other, "\0\5\0\1", 4, 0, (struct sockaddr *)&from, n);
		_exit(0);
	}
	ck_assert(portset_parse("60-69,50123", &want, &err));
	ck_assert_msg(udp_scan("127.0.0.1", &want, &how, &s, &err), "%s", err.text);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert(portset_has(&s.open, 69) && portset_count(&s.open) == 1);
}
END_TEST

/* libupnp answers a search from another port too: each is told from the other. And SNMP where nobody expects it is found. */
START_TEST(udp_hidden)
{
	struct udp_how how = { .settle_ns = MS(300), .deadline_ns = clock_ns() + SEC(10) };
	static struct udp_scan s;
	int server[3], other;
	struct portset want;
	struct err err = { 0 };
	pid_t pid;

	if (!own_network())
		return;
	server[0] = bound(SOCK_DGRAM, 1900, 0), server[1] = bound(SOCK_DGRAM, 69, 0), server[2] = bound(SOCK_DGRAM, 20161, 0);
	other = bound(SOCK_DGRAM, 50123, 0);
	pid = fork();
	if (!pid) {
		struct pollfd p[] = { { server[0], POLLIN, 0 }, { server[1], POLLIN, 0 }, { server[2], POLLIN, 0 } };

		while (poll(p, 3, -1) > 0)
			for (int i = 0; i < 3; i++) {
				struct sockaddr_in from;
				socklen_t n = sizeof(from);
				char buf[600];

				if (recvfrom(server[i], buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&from, &n) > 0 &&
				    (i == 0 || (i == 2 && buf[0] == 0x30)))     /* 69 says nothing; the last knows SNMP only */
					sendto(i ? server[2] : other, "HTTP", 4, 0, (struct sockaddr *)&from, n);
			}
		_exit(0);
	}
	ck_assert(portset_parse("69,1900,20161,50123", &want, &err));
	ck_assert_msg(udp_scan("127.0.0.1", &want, &how, &s, &err), "%s", err.text);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert(portset_has(&s.open, 1900) && portset_has(&s.open, 20161));
	ck_assert_uint_eq(portset_count(&s.open), 2);
}
END_TEST

START_TEST(payloads)
{
	ck_assert_uint_eq(udp_payload(123)->bytes.n, 48);
	ck_assert_uint_eq(udp_payload(161)->bytes.n, 43);
	ck_assert_uint_eq(udp_payload(161)->bytes.p[1], 41);
	ck_assert_uint_eq(udp_payload(137)->bytes.n, 50);
	ck_assert_uint_eq(udp_payload(500)->bytes.n, 84);
	ck_assert_uint_eq(udp_payload(4500)->bytes.n, 88);
	ck_assert_uint_eq(udp_payload(56700)->bytes.n, udp_payload(56700)->bytes.p[0]);
	ck_assert_uint_eq(udp_payload(40000)->port, 0);
}
END_TEST

TEST_MAIN({ "parse", parse, ROWS(sets) }, { "name", name, ROWS(named) }, { "tcp", tcp_all, 1 },
	  { "deadline", tcp_deadline, 1 }, { "udp", udp_all, 1 }, { "payloads", payloads, 1 },
	  { "sorted", udp_sorted, 1 }, { "elsewhere", udp_elsewhere, 1 },
	  { "hidden", udp_hidden, 1 })
