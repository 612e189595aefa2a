/* SPDX-License-Identifier: Apache-2.0
 * SYN scans of listeners on the loopback of a network of its own, behind packet rules that lose, limit, drop and lie. */
#include <arpa/inet.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/test.h"
#include "probes/ports/own_network.h"
#include "probes/ports/pace.h"
#include "probes/ports/syn_log.h"
#include "probes/ports/syn_wire.h"
#include "probes/ports/tcp_scan.h"

static void listens(unsigned port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	ck_assert(!bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 64));
}

#define IN(r)   "chain in { type filter hook input priority 0; " r " }"
#define OUT(r)  "chain out { type filter hook output priority 0; " r " }"
#define LOSS    "numgen random mod 100 < 20 drop;"
/* Listeners on 22, 80 and 443 among `ports`; nothing is ever taken for something else. */
static const struct wire_case {
	const char *name, *rules, *ports, *address;
	unsigned open, closed, filtered;
	unsigned sent;                  /* at most; 0 = does not matter */
	bool deaf;
} cases[] = {
	{ "nothing in the way", "", "1-20000", "127.0.0.1", 3, 19997, 0, 20000, false },
	{ "IPv6", "", "1-20000", "::1", 3, 19997, 0, 20000, false },
	{ "20 % loss", IN("meta l4proto tcp " LOSS), "1-4000", "127.0.0.1", 3, 3997, 0, 6000, false },
	{ "resets limited", OUT("tcp flags & rst == rst limit rate over 1000/second burst 20 packets drop;"), "1-600", "127.0.0.1",
	  3, 597, 0, 0, false },
	{ "SYNs limited", IN("tcp flags & (syn|ack) == syn limit rate over 100/second burst 50 packets drop;"), "1-150", "127.0.0.1",
	  2, 148, 0, 0, false },
	{ "all but the open ones dropped", IN("tcp flags & (syn|ack) == syn tcp dport != { 22, 80, 443 } drop;"), "1-4000", "127.0.0.1",
	  3, 0, 3997, 20000, false },
	{ "some dropped, and loss", IN("tcp dport 100-199 drop; numgen random mod 100 < 5 drop;"), "1-1000", "127.0.0.1", 3, 897, 100, 0, false },
	{ "refused by ICMP", IN("tcp dport 100-199 reject with icmpx type admin-prohibited;"), "90-109", "127.0.0.1", 0, 10, 10, 0, false },
	{ "IPv6, refused by ICMP", IN("tcp dport 100-199 reject with icmpx type admin-prohibited;"), "90-109", "::1", 0, 10, 10, 0, false },
	{ "all dropped", IN("meta l4proto tcp drop;"), "1-500", "127.0.0.1", 0, 0, 0, 1000, true },
	{ "every port answers", "chain nat { type nat hook output priority 0; tcp flags & (syn|ack) == syn redirect to :22; }", "1-5000",
	  "127.0.0.1", 5000, 0, 0, 5000, false },
};

START_TEST(wire)
{
	const struct wire_case *c = &cases[_i];
	int64_t begin_ns = clock_ns();
	struct tcp_how how = { .key = 11 };
	static struct tcp_scan s;
	struct err err = { 0 };
	struct portset want;

	if (!own_network() || (*c->rules && !rules(c->rules)))
		return;
	listens(22), listens(80), listens(443);
	how.deadline_ns = clock_ns() + SEC(60);
	ck_assert(portset_parse(c->ports, &want, &err));
	ck_assert_msg(tcp_scan(c->address, &want, &how, &s, &err), "%s", err.text);
	ck_assert_str_eq(s.how, "syn");
	ck_assert_msg(portset_count(&s.open) == c->open && portset_count(&s.closed) == c->closed && portset_count(&s.filtered) == c->filtered,
		      "%s: %u open, %u closed, %u filtered, loss %u ppm", c->name, portset_count(&s.open), portset_count(&s.closed),
		      portset_count(&s.filtered), s.loss_ppm);
	ck_assert_msg(!c->sent || s.tried <= c->sent, "%s: %u sent", c->name, s.tried);
	printf("# %s: %lld ms\n", c->name, (long long)((clock_ns() - begin_ns) / MS(1)));
	ck_assert(s.deaf == c->deaf);
}
END_TEST

/* A device that goes away in the middle: nothing is filtered, the rest is not finished. */
START_TEST(away)
{
	struct tcp_how how = { .rate = 5000, .key = 5 };
	static struct tcp_scan s;
	struct err err = { 0 };
	struct portset want;
	unsigned done;

	/* rules that let 2000 resets out and then no more */
	if (!own_network() || !rules(OUT("tcp flags & rst == rst quota over 80000 bytes drop;")))
		return;
	how.deadline_ns = clock_ns() + MS(1500);
	ck_assert(portset_parse("1-5000", &want, &err));
	ck_assert_msg(tcp_scan("127.0.0.1", &want, &how, &s, &err), "%s", err.text);
	done = portset_count(&s.open) + portset_count(&s.closed);
	ck_assert_uint_ge(done, 1000);
	ck_assert_uint_lt(done, 2100);
	ck_assert_uint_eq(portset_count(&s.filtered), 0);
	ck_assert_int_ge(s.away_ns, MS(200));
}
END_TEST

START_TEST(gentle)
{
	struct tcp_how how = { .rate = 500, .window = 4, .key = 5 };
	int64_t begin_ns = clock_ns();
	static struct tcp_scan s;
	struct err err = { 0 };
	struct portset want;

	if (!own_network())
		return;
	how.deadline_ns = clock_ns() + SEC(30);
	ck_assert(portset_parse("1-400", &want, &err));
	ck_assert_msg(tcp_scan("127.0.0.1", &want, &how, &s, &err), "%s", err.text);
	ck_assert_uint_eq(portset_count(&s.closed), 400);
	ck_assert_int_ge(clock_ns() - begin_ns, MS(750));
	ck_assert_uint_le(s.rate, 500);
}
END_TEST

START_TEST(without_rights)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };
	struct tcp_how how = { .key = 5 };
	static struct tcp_scan s;
	struct err err = { 0 };
	struct portset want;

	if (!own_network())
		return;
	listens(80);
	ck_assert(!syscall(SYS_capset, &h, none));
	how.deadline_ns = clock_ns() + SEC(30);
	ck_assert(portset_parse("1-400", &want, &err));
	ck_assert_msg(tcp_scan("127.0.0.1", &want, &how, &s, &err), "%s", err.text);
	ck_assert_str_eq(s.how, "connect");
	ck_assert_uint_eq(portset_count(&s.closed), 399);
	ck_assert_uint_eq(portset_count(&s.open), 1);
}
END_TEST

/* ---- frames ---- */
static size_t frame(uint8_t *f, const struct syn_id *id, unsigned sport, unsigned dport, unsigned flags, uint32_t ack)
{
	memset(f, 0, 54);
	f[12] = 8;
	f[14] = 0x45, f[17] = 40, f[22] = 64, f[23] = 6;
	memcpy(f + 26, id->device.b, 4);
	memcpy(f + 30, id->us.b, 4);
	f[34] = (uint8_t)(sport >> 8), f[35] = (uint8_t)sport, f[36] = (uint8_t)(dport >> 8), f[37] = (uint8_t)dport;
	for (int i = 0; i < 4; i++)
		f[42 + i] = (uint8_t)(ack >> (24 - 8 * i));
	f[46] = 0x50, f[47] = (uint8_t)flags;
	return 54;
}

static const struct { unsigned dport, flags; int ack_off; enum syn_says says; } frames[] = {
	{ 61003, TCP_SYN | TCP_ACK, 1, SYN_OPEN }, { 61003, TCP_RST | TCP_ACK, 1, SYN_CLOSED }, { 61003, TCP_RST | TCP_ACK, 0, SYN_CLOSED },
	{ 61003, TCP_RST, 77, SYN_CLOSED }, { 61003, TCP_SYN | TCP_ACK, 2, SYN_NOTHING }, { 61003, TCP_RST | TCP_ACK, 9, SYN_NOTHING },
	{ 61004, TCP_SYN | TCP_ACK, 1, SYN_NOTHING },   /* another try has another number */
	{ 61016, TCP_SYN | TCP_ACK, 1, SYN_NOTHING }, { 60999, TCP_RST, 1, SYN_NOTHING }, { 61003, TCP_SYN, 1, SYN_NOTHING },
	{ 61003, TCP_ACK, 1, SYN_NOTHING }, { 61003, TCP_SYN | TCP_ACK | TCP_RST, 1, SYN_CLOSED },
};

START_TEST(reads)
{
	struct syn_id id = { .key = 99, .base = 61000 };
	uint8_t f[64];
	size_t n;

	ck_assert(addr_parse("192.168.77.23", &id.device) && addr_parse("192.168.77.1", &id.us));
	n = frame(f, &id, 80, frames[_i].dport, frames[_i].flags, syn_seq(&id, 80, 3) + (uint32_t)frames[_i].ack_off);
	ck_assert_int_eq(syn_read(&id, (struct span){ f, n }).says, frames[_i].says);
	f[29]++;                                /* from somebody else */
	ck_assert_int_eq(syn_read(&id, (struct span){ f, n }).says, SYN_NOTHING);
	ck_assert_int_eq(syn_read(&id, (struct span){ f, 40 }).says, SYN_NOTHING);
}
END_TEST

/* What the second thread has not sent yet is not lost, however long ago it was asked to. */
START_TEST(unsent)
{
	struct syn_log *l = calloc(1, sizeof(*l));
	int64_t *sent_ns, rtt_ns;

	ck_assert_ptr_nonnull(l);
	sent_ns = syn_sent(l, 80, 0, SEC(1));
	*sent_ns = SYN_UNSENT;
	syn_end_period(l);
	syn_expire(l, SEC(9));
	ck_assert(l->inflight == 1 && !syn_settled(l));
	*sent_ns = SEC(8);
	syn_answered(l, 80, 0, false, true, SEC(8) + MS(1), &rtt_ns);
	ck_assert_int_eq(rtt_ns, MS(1));
	ck_assert(l->inflight == 0);
	sent_ns = syn_sent(l, 81, 0, SEC(10));
	syn_expire(l, SEC(11));
	ck_assert(l->inflight == 0);
	free(l);
}
END_TEST

/* ---- pace: a device that takes `most` a second and loses `loss` of what it takes ---- */
static const struct { double most, loss, at_least, at_most; } paces[] = {
	{ 1e9, 0, 1e6, 1e6 }, { 1e9, 0.2, 1e5, 1e6 }, { 2000, 0, 1200, 2600 }, { 25, 0, 19, 40 }, { 5000, 0.1, 2500, 7000 },
};
START_TEST(finds_the_pace)
{
	int64_t now = SEC(1);
	struct pace p;

	pace_init(&p, 1e6);
	for (int i = 0; i < 300; i++) {
		double answered = p.rate > paces[_i].most ? paces[_i].most / p.rate : 1;
		unsigned lost = (unsigned)(100 - 100 * answered * (1 - paces[_i].loss) + 0.5);

		pace_period(&p, 100, lost > 99 ? 99 : lost, now, now + MS(10));
		now += MS(20);
	}
	ck_assert_msg(p.rate >= paces[_i].at_least && p.rate <= paces[_i].at_most, "rate %.0f, floor %.2f", p.rate, p.floor);
	pace_period(&p, 100, 100, now, now + 1);
	ck_assert(p.away && p.rate < paces[_i].at_most / 2 + 20);
}
END_TEST

TEST_MAIN({ "reads", reads, ROWS(frames) }, { "unsent", unsent, 1 }, { "pace", finds_the_pace, ROWS(paces) }, { "wire", wire, ROWS(cases) }, { "away", away, 1 },
	  { "gentle", gentle, 1 }, { "without rights", without_rights, 1 })
