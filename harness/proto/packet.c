// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/packet.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

bool addr_parse(const char *text, struct addr *ret)
{
	struct addr a = { 0 };

	if (inet_pton(AF_INET, text, a.b) == 1)
		a.family = 4;
	else if (inet_pton(AF_INET6, text, a.b) == 1)
		a.family = 6;
	else
		return false;
	*ret = a;
	return true;
}

const char *addr_text(const struct addr *a, char buf[static ADDR_TEXT])
{
	if (!a->family || !inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->b, buf, ADDR_TEXT))
		buf[0] = '\0';
	return buf;
}

bool addr_same(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && !memcmp(a->b, b->b, sizeof(a->b));
}

bool addr_within(const struct addr *a, const char *cidr)
{
	char text[ADDR_TEXT + 8];
	size_t n = strlen(cidr);
	char *slash, *end;
	struct addr net;
	unsigned long bits;

	if (n >= sizeof(text))
		return false;
	memcpy(text, cidr, n + 1);
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	if (!addr_parse(text, &net) || net.family != a->family)
		return false;
	bits = net.family == 4 ? 32 : 128;
	if (slash) {
		unsigned long v = strtoul(slash + 1, &end, 10);

		if (end == slash + 1 || *end || v > bits)
			return false;
		bits = v;
	}
	if (memcmp(a->b, net.b, bits / 8))
		return false;
	return !(bits % 8) || !((a->b[bits / 8] ^ net.b[bits / 8]) >> (8 - bits % 8));
}

bool addr_is_group(const struct addr *a)
{
	static const uint8_t all[4] = { 255, 255, 255, 255 };

	if (a->family == 4)
		return a->b[0] >> 4 == 14 || !memcmp(a->b, all, 4);
	return a->family == 6 && a->b[0] == 0xff;
}

static bool take_addr(struct span *s, uint8_t family, struct addr *ret)
{
	struct span b;

	if (!take_bytes(s, family == 4 ? 4 : 16, &b))
		return false;
	*ret = (struct addr){ .family = family };
	memcpy(ret->b, b.p, b.n);
	return true;
}

static void transport(struct packet *k, struct span s)
{
	uint64_t sport, dport, seq, ack, off, flags, type, code, skip;
	struct span options;

	if (k->proto == IP_UDP) {
		uint64_t len;

		if (!take_be(&s, 2, &sport) || !take_be(&s, 2, &dport) || !take_be(&s, 2, &len) || !take_be(&s, 2, &skip))
			return;
		if (len >= 8 && len - 8 < s.n)
			s.n = len - 8;
	} else if (k->proto == IP_TCP) {
		if (!take_be(&s, 2, &sport) || !take_be(&s, 2, &dport) || !take_be(&s, 4, &seq) || !take_be(&s, 4, &ack) ||
		    !take_be(&s, 1, &off) || !take_be(&s, 1, &flags) || !take_be(&s, 6, &skip) ||
		    off >> 4 < 5 || !take_bytes(&s, ((off >> 4) - 5) * 4, &options))
			return;
		k->seq = (uint32_t)seq;
		k->ack = (uint32_t)ack;
		k->flags = (uint8_t)flags;
	} else if (k->proto == IP_ICMP || k->proto == IP_ICMP6) {
		if (!take_be(&s, 1, &type) || !take_be(&s, 1, &code) || !take_be(&s, 2, &skip))
			return;
		k->icmp_type = (uint8_t)type;
		k->icmp_code = (uint8_t)code;
		sport = dport = 0;
	} else {
		return;
	}
	k->sport = (uint16_t)sport;
	k->dport = (uint16_t)dport;
	k->payload = s;
	k->layer = PACKET_TRANSPORT;
}

static void ip4(struct packet *k, struct span s)
{
	uint64_t first, skip, total, frag, hops, proto;
	struct span options;

	if (!take_be(&s, 1, &first) || first >> 4 != 4 || (first & 15) < 5 || !take_be(&s, 1, &skip) ||
	    !take_be(&s, 2, &total) || !take_be(&s, 2, &skip) || !take_be(&s, 2, &frag) || !take_be(&s, 1, &hops) ||
	    !take_be(&s, 1, &proto) || !take_be(&s, 2, &skip) || !take_addr(&s, 4, &k->from) || !take_addr(&s, 4, &k->to) ||
	    !take_bytes(&s, ((first & 15) - 5) * 4, &options))
		return;
	if (total >= (first & 15) * 4 && total - (first & 15) * 4 < s.n)
		s.n = total - (first & 15) * 4;
	k->layer = PACKET_IP;
	k->proto = (uint8_t)proto;
	k->hops = (uint8_t)hops;
	k->fragment = (frag & 0x1fff) != 0;
	k->payload = s;
	if (!k->fragment)
		transport(k, s);
}

static bool is_extension(uint64_t next)
{
	return next == 0 || next == 43 || next == 44 || next == 60 || next == 51;
}

static void ip6(struct packet *k, struct span s)
{
	uint64_t first, len, next, hops, after, size, frag, skip;
	struct span rest;

	if (!take_be(&s, 4, &first) || first >> 28 != 6 || !take_be(&s, 2, &len) || !take_be(&s, 1, &next) ||
	    !take_be(&s, 1, &hops) || !take_addr(&s, 6, &k->from) || !take_addr(&s, 6, &k->to))
		return;
	if (len && len < s.n)
		s.n = len;
	k->layer = PACKET_IP;
	k->hops = (uint8_t)hops;
	for (int i = 0; i < 8 && is_extension(next) && !k->fragment; i++) {
		if (!take_be(&s, 1, &after) || !take_be(&s, 1, &size))
			return;
		if (next == 44) {
			if (!take_be(&s, 2, &frag) || !take_be(&s, 4, &skip))
				return;
			k->fragment = (frag & 0xfff8) != 0;
		} else if (!take_bytes(&s, next == 51 ? (size + 2) * 4 - 2 : size * 8 + 6, &rest)) {
			return;
		}
		next = after;
	}
	k->proto = (uint8_t)next;
	k->payload = s;
	if (!k->fragment)
		transport(k, s);
}

static void arp(struct packet *k, struct span s)
{
	uint64_t kind, sizes, op;
	struct span mac;

	if (!take_be(&s, 4, &kind) || kind != 0x00010800 || !take_be(&s, 2, &sizes) || sizes != 0x0604 ||
	    !take_be(&s, 2, &op) || !take_bytes(&s, 6, &mac) || !take_addr(&s, 4, &k->from) || !take_bytes(&s, 6, &mac) ||
	    !take_addr(&s, 4, &k->to))
		return;
	k->arp_op = (uint16_t)op;
}

bool packet_decode(struct span frame, struct packet *ret)
{
	struct packet k = { .layer = PACKET_ETHER };
	struct span to, from;
	uint64_t type, tag;

	if (!take_bytes(&frame, 6, &to) || !take_bytes(&frame, 6, &from) || !take_be(&frame, 2, &type))
		return false;
	memcpy(k.mac_to, to.p, 6);
	memcpy(k.mac_from, from.p, 6);
	for (int i = 0; i < 2 && (type == 0x8100 || type == 0x88a8); i++) {
		if (!take_be(&frame, 2, &tag) || !take_be(&frame, 2, &type))
			return false;
		if (!i)
			k.vlan = (uint16_t)(tag & 0xfff);
	}
	k.ethertype = (uint16_t)type;
	k.payload = frame;
	if (type == 0x0800)
		ip4(&k, frame);
	else if (type == 0x86dd)
		ip6(&k, frame);
	else if (type == 0x0806)
		arp(&k, frame);
	*ret = k;
	return true;
}
