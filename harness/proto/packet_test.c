// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/packet.h"

#include <string.h>

#include "harness/base/test.h"

#define MACS 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2
#define IP4(len, proto) 0x45, 0, 0, len, 0, 1, 0, 0, 64, proto, 0, 0, 192, 168, 77, 23, 203, 0, 113, 10
#define UDP(len) 0x13, 0x88, 0, 53, 0, len, 0, 0
#define TCP 0xc0, 0, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0

static const struct {
	const char *name;
	uint8_t b[96];
	size_t n;
	enum packet_layer layer;
	uint8_t family, proto;
	uint16_t dport, vlan;
	size_t payload;
} row[] = {
	{ "udp with Ethernet padding", { MACS, 8, 0, IP4(31, 17), UDP(11), 'a', 'b', 'c', 0, 0, 0 }, 48, PACKET_TRANSPORT, 4, 17, 53, 0, 3 },
	{ "tcp behind two tags", { MACS, 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0, IP4(41, 6), TCP, 'x' }, 63, PACKET_TRANSPORT, 4, 6, 80, 5, 1 },
	{ "tcp header cut", { MACS, 8, 0, IP4(40, 6), TCP }, 53, PACKET_IP, 4, 6, 0, 0, 19 },
	{ "tcp data offset too small", { MACS, 8, 0, IP4(40, 6), 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x40 }, 54, PACKET_IP, 4, 6, 0, 0, 20 },
	{ "ip header cut", { MACS, 8, 0, IP4(40, 6) }, 33, PACKET_ETHER, 0, 0, 0, 0, 19 },
	{ "not the version it says", { MACS, 8, 0, 0x65 }, 40, PACKET_ETHER, 0, 0, 0, 0, 26 },
	{ "later fragment has no ports", { MACS, 8, 0, 0x45, 0, 0, 28, 0, 1, 0, 9, 64, 17, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 }, 42, PACKET_IP, 4, 17, 0, 0, 8 },
	{ "IPv6 with hop-by-hop", { MACS, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 18, 0, 64, [22] = 0xfd, [37] = 1, [38] = 0xfd, [53] = 2,
	  [54] = 17, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 53, 0, 10, 0, 0, 'h', 'i' }, 72, PACKET_TRANSPORT, 6, 17, 53, 0, 2 },
	{ "IPv6 extension runs out", { MACS, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 8, 0, 64, [54] = 0, 9 }, 62, PACKET_IP, 6, 0, 0, 0, 0 },
	{ "unknown type", { MACS, 0x12, 0x34 }, 20, PACKET_ETHER, 0, 0, 0, 0, 6 },
};

START_TEST(frames)
{
	struct packet k;

	ck_assert_msg(packet_decode((struct span){ row[_i].b, row[_i].n }, &k), "%s", row[_i].name);
	ck_assert_msg(k.layer == row[_i].layer, "%s: layer %d", row[_i].name, k.layer);
	ck_assert_msg(k.from.family == (row[_i].layer >= PACKET_IP ? row[_i].family : k.from.family), "%s: family", row[_i].name);
	ck_assert_msg(k.proto == row[_i].proto, "%s: proto %u", row[_i].name, k.proto);
	ck_assert_msg(k.dport == row[_i].dport && k.vlan == row[_i].vlan, "%s: port %u vlan %u", row[_i].name, k.dport, k.vlan);
	if (row[_i].payload || row[_i].layer == PACKET_TRANSPORT)
		ck_assert_msg(k.payload.n == row[_i].payload, "%s: payload %zu", row[_i].name, k.payload.n);
	/* Any truncation is survived; the sanitizers watch the reads. */
	for (size_t n = 0; n < row[_i].n; n++) {
		uint8_t *part = malloc(n ? n : 1);

		memcpy(part, row[_i].b, n);
		(void)packet_decode((struct span){ part, n }, &k);
		free(part);
	}
}
END_TEST

static const struct { const char *addr, *net; bool in; } nets[] = {
	{ "192.168.77.200", "192.168.77.0/24", true }, { "192.168.78.1", "192.168.77.0/24", false },
	{ "203.0.113.5", "203.0.113.4/31", true }, { "203.0.113.6", "203.0.113.4/31", false },
	{ "10.0.0.1", "10.0.0.1", true }, { "10.0.0.1", "0.0.0.0/0", true }, { "10.0.0.1", "::/0", false },
	{ "fd77::9", "fd77::/64", true }, { "fd78::9", "fd77::/64", false }, { "10.0.0.1", "10.0.0.0/33", false },
	{ "10.0.0.1", "10.0.0.0/", false }, { "10.0.0.1", "nonsense", false },
};

START_TEST(within)
{
	struct addr a;

	ck_assert(addr_parse(nets[_i].addr, &a));
	ck_assert_msg(addr_within(&a, nets[_i].net) == nets[_i].in, "%s in %s", nets[_i].addr, nets[_i].net);
}
END_TEST

static const uint8_t answer[] = {
	0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0,
	5, 'C', 'l', 'o', 'u', 'd', 2, 'e', 'x', 0, 0, 1, 0, 1,
	0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, 'b', 0xc0, 18,
	0xc0, 38, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 10,
};

START_TEST(dns_answer)
{
	struct dns d;
	char text[ADDR_TEXT];

	ck_assert(dns_decode((struct span){ answer, sizeof(answer) }, &d));
	ck_assert(d.response && d.n == 2 && !d.cut);
	ck_assert_str_eq(d.name, "cloud.ex");
	ck_assert_int_eq(d.answer[0].type, DNS_CNAME);
	ck_assert_str_eq(d.answer[1].name, "b.ex");
	ck_assert_str_eq(addr_text(&d.answer[1].addr, text), "203.0.113.10");
	ck_assert(dns_decode((struct span){ answer, sizeof(answer) - 1 }, &d));
	ck_assert(d.n == 1 && d.cut);
	ck_assert(!dns_decode((struct span){ answer, 20 }, &d));
}
END_TEST

/* A name that points at itself, or forwards, must end. */
START_TEST(dns_loop)
{
	static const uint8_t self[] = { 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1 };
	static const uint8_t forth[] = { 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 14, 0xc0, 12, 0, 1, 0, 1 };
	struct dns d;

	ck_assert(!dns_decode((struct span){ self, sizeof(self) }, &d));
	ck_assert(!dns_decode((struct span){ forth, sizeof(forth) }, &d));
}
END_TEST

TEST_MAIN({ "frames", frames, ROWS(row) }, { "within", within, ROWS(nets) }, { "dns", dns_answer, 1 }, { "dns loop", dns_loop, 1 })
