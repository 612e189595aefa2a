// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/stream.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/test.h"

static struct streams t;
static int64_t frame;

static void packet(bool up, uint32_t seq, uint8_t flags, const char *text)
{
	struct packet k = { .layer = PACKET_TRANSPORT, .proto = IP_TCP, .seq = seq, .flags = flags,
			    .payload = { (const uint8_t *)text, strlen(text) },
			    .sport = up ? 5000 : 80, .dport = up ? 80 : 5000 };

	ck_assert(addr_parse(up ? "10.0.0.2" : "10.0.0.1", &k.from) && addr_parse(up ? "10.0.0.1" : "10.0.0.2", &k.to));
	frame++;
	streams_add(&t, &k, frame, frame * 1000);
}

static char got[512];

static bool collect(const struct stream_half *h, int64_t off, struct span bytes, void *data)
{
	(void)h;
	(void)data;
	snprintf(got + strlen(got), sizeof(got) - strlen(got), "%d:%.*s ", (int)off, (int)bytes.n, (const char *)bytes.p);
	return true;
}

static const char *runs(struct stream_half *h)
{
	got[0] = '\0';
	streams_run(h, collect, NULL);
	return got;
}

static void start(size_t cap)
{
	streams_init(&t, cap);
	frame = 0;
}

START_TEST(in_order)
{
	start(0);
	packet(true, 100, TCP_SYN, "");
	packet(false, 900, TCP_SYN | TCP_ACK, "");
	ck_assert(!t.flow[0].established);
	packet(true, 101, TCP_ACK, "GET ");
	packet(false, 901, TCP_ACK, "200");
	packet(true, 105, TCP_ACK, "/");
	ck_assert_uint_eq(t.n, 1);
	ck_assert(t.flow[0].established);
	ck_assert_str_eq(runs(&t.flow[0].up), "0:GET / ");
	ck_assert_int_eq(streams_frame_of(&t.flow[0].up, 4), 5);
	ck_assert_int_eq(streams_frame_of(&t.flow[0].up, 5), 0);
	ck_assert_str_eq(runs(&t.flow[0].down), "0:200 ");
	ck_assert(!t.flow[0].up.holes);
	streams_free(&t);
}
END_TEST

START_TEST(disorder)
{
	start(0);
	packet(true, 0xfffffffd, TCP_SYN, "");          /* numbers wrap inside the stream */
	packet(true, 2, TCP_ACK, "efg");
	packet(true, 0xfffffffe, TCP_ACK, "abcd");
	packet(true, 0, TCP_ACK, "cdefgh");             /* a retransmission with more, and one of nothing new */
	packet(true, 5, TCP_ACK, "h");
	ck_assert_str_eq(runs(&t.flow[0].up), "0:abcdefgh ");
	ck_assert_int_eq(t.flow[0].up.bytes, 8);
	streams_free(&t);
}
END_TEST

START_TEST(holes)
{
	start(0);
	packet(true, 10, TCP_SYN, "");
	packet(true, 11, TCP_ACK, "ab");
	packet(true, 15, TCP_ACK, "ef");
	ck_assert_str_eq(runs(&t.flow[0].up), "0:ab 4:ef ");
	ck_assert(t.flow[0].up.holes);
	streams_free(&t);
}
END_TEST

START_TEST(reuse)
{
	start(0);
	packet(true, 10, TCP_SYN, "");
	packet(true, 10, TCP_SYN, "");                  /* a retransmission is no new flow */
	ck_assert_uint_eq(t.n, 1);
	packet(false, 0, TCP_RST | TCP_ACK, "");
	packet(true, 7777, TCP_SYN, "");
	packet(true, 7778, TCP_ACK, "new");
	ck_assert_uint_eq(t.n, 2);
	ck_assert_str_eq(runs(&t.flow[1].up), "0:new ");
	ck_assert_str_eq(runs(&t.flow[0].up), "");
	streams_free(&t);
}
END_TEST

START_TEST(bounded)
{
	start(4);
	packet(true, 10, TCP_SYN, "");
	packet(true, 11, TCP_ACK, "abc");
	packet(true, 14, TCP_ACK, "def");
	ck_assert(t.full && t.flow[0].up.holes);
	ck_assert_str_eq(runs(&t.flow[0].up), "0:abc ");
	streams_free(&t);
}
END_TEST

TEST_MAIN({ "in order", in_order, 1 }, { "disorder", disorder, 1 }, { "holes", holes, 1 }, { "reuse", reuse, 1 },
	  { "bounded", bounded, 1 })
