/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/outage/tries.h"

#include "harness/base/clock.h"
#include "harness/base/test.h"

static void syn(struct tries *t, uint32_t seq, uint16_t port, int64_t at_ms)
{
	struct packet k = { .layer = PACKET_TRANSPORT, .proto = IP_TCP, .to = t->peer, .sport = port, .dport = 8883, .seq = seq, .flags = TCP_SYN };

	addr_parse("192.168.77.23", &k.from);
	tries_frame(t, &k, 1, MS(at_ms));
}

static struct tries *fresh(void)
{
	static struct tries t;

	t = (struct tries){ .port = 8883 };
	ck_assert(addr_parse("203.0.113.10", &t.peer));
	return &t;
}

START_TEST(counting)
{
	struct tries *t = fresh();
	struct packet back = { .layer = PACKET_TRANSPORT, .proto = IP_TCP, .from = t->peer, .sport = 8883, .flags = TCP_SYN | TCP_ACK };

	syn(t, 1, 1000, 10);
	syn(t, 1, 1000, 1010);                  /* retransmitted */
	syn(t, 2, 1001, 2000);
	tries_frame(t, &back, 1, MS(2001));
	ck_assert_uint_eq(t->n, 2);
	ck_assert_int_eq(t->answers, 1);
	ck_assert_int_eq(tries_after(t, MS(11)), 1);
	ck_assert_int_eq(tries_after(t, MS(2001)), -1);
}
END_TEST

static const struct { const char *name; int at_ms[8]; unsigned n, gaps, pairs, per_min; bool known, grows; } rows[] = {
	{ "none", { 0 }, 0, 0, 0, 0, false, false },
	{ "one", { 5 }, 1, 0, 0, 1, false, false },
	{ "doubling", { 0, 300, 900, 2100, 4500 }, 5, 4, 2, 5, true, true },
	{ "steady", { 0, 1000, 2000, 3000, 4000 }, 5, 4, 2, 5, true, false },
	{ "shrinking", { 0, 2400, 3600, 4200 }, 4, 3, 1, 4, true, false },
	{ "a minute slides", { 0, 30000, 60000, 61000, 119000 }, 5, 4, 2, 3, true, false },
};
START_TEST(gaps)
{
	struct tries *t = fresh();
	struct gaps g;
	bool grows = false;

	for (unsigned i = 0; i < rows[_i].n; i++)
		syn(t, i + 1, 1000, rows[_i].at_ms[i]);
	tries_gaps(t, 0, SEC(1000), &g);
	ck_assert_uint_eq(g.n, rows[_i].gaps);
	ck_assert_uint_eq(g.pairs, rows[_i].pairs);
	ck_assert_msg(g.per_min == rows[_i].per_min, "%s: %u", rows[_i].name, g.per_min);
	ck_assert(gaps_grow(&g, g.n >= 3, &grows) == rows[_i].known);
	ck_assert_msg(grows == rows[_i].grows, "%s", rows[_i].name);
}
END_TEST

TEST_MAIN({ "counting", counting, 1 }, { "gaps", gaps, ROWS(rows) })
