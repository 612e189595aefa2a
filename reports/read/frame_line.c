/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/frame_line.h"

#include <stdarg.h>
#include <stdio.h>

#include "reports/read/frame_words.h"

void frame_say(struct frame_text *t, const char *format, ...)
{
	va_list ap;
	int n;

	if (t->n + 1 >= t->size)
		return;
	va_start(ap, format);
	n = vsnprintf(t->buf + t->n, t->size - t->n, format, ap);
	va_end(ap);
	if (n > 0)
		t->n = (size_t)n < t->size - t->n ? t->n + (size_t)n : t->size - 1;
}

void frame_say_bytes(struct frame_text *t, struct span s, size_t most)
{
	for (size_t i = 0; i < s.n && i < most && s.p[i] != '\n' && t->n + 1 < t->size; i++) {
		if (s.p[i] == '\r' && (i + 1 == s.n || s.p[i + 1] == '\n'))
			break;
		t->buf[t->n++] = s.p[i] >= 0x20 && s.p[i] < 0x7f ? (char)s.p[i] : '.';
	}
	if (t->n < t->size)
		t->buf[t->n] = '\0';
}

static void endpoint(struct frame_text *t, const struct addr *a, uint16_t port, bool has_port)
{
	char text[ADDR_TEXT];

	frame_say(t, a->family == 6 && has_port ? "[%s]" : "%s", addr_text(a, text));
	if (has_port)
		frame_say(t, ":%u", port);
}

static void macs(struct frame_text *t, const struct packet *k)
{
	const uint8_t *f = k->mac_from, *o = k->mac_to;

	frame_say(t, "%02x:%02x:%02x:%02x:%02x:%02x > %02x:%02x:%02x:%02x:%02x:%02x", f[0], f[1], f[2], f[3], f[4], f[5], o[0], o[1], o[2], o[3],
		  o[4], o[5]);
}

static void ethernet(struct frame_text *t, const struct packet *k)
{
	static const struct { uint16_t type; const char *name; } known[] = {
		{ 0x888e, "EAPOL" }, { 0x88cc, "LLDP" }, { 0x8863, "PPPoE discovery" }, { 0x8864, "PPPoE" }, { 0x0806, "ARP" }, { 0x86dd, "IPv6" },
		{ 0x0800, "IPv4" },
	};

	macs(t, k);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].type == k->ethertype) {
			frame_say(t, " %s", known[i].name);
			return;
		}
	frame_say(t, " ethertype %04x", k->ethertype);
}

static void icmp(struct frame_text *t, const struct packet *k)
{
	static const struct { uint8_t proto, type; const char *name; } known[] = {
		{ IP_ICMP, 0, "echo reply" }, { IP_ICMP, 3, "unreachable" }, { IP_ICMP, 5, "redirect" }, { IP_ICMP, 8, "echo request" },
		{ IP_ICMP, 11, "time exceeded" }, { IP_ICMP6, 1, "unreachable" }, { IP_ICMP6, 2, "too big" }, { IP_ICMP6, 3, "time exceeded" },
		{ IP_ICMP6, 128, "echo request" }, { IP_ICMP6, 129, "echo reply" }, { IP_ICMP6, 133, "router solicitation" },
		{ IP_ICMP6, 134, "router advertisement" }, { IP_ICMP6, 135, "neighbour solicitation" },
		{ IP_ICMP6, 136, "neighbour advertisement" }, { IP_ICMP6, 143, "multicast listener report" },
	};

	frame_say(t, k->proto == IP_ICMP ? " ICMP" : " ICMPv6");
	if (k->layer != PACKET_TRANSPORT)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].proto == k->proto && known[i].type == k->icmp_type) {
			frame_say(t, " %s", known[i].name);
			if (k->icmp_code)
				frame_say(t, " code %u", k->icmp_code);
			return;
		}
	frame_say(t, " type %u code %u", k->icmp_type, k->icmp_code);
}

static void tcp_flags(struct frame_text *t, uint8_t flags)
{
	static const struct { uint8_t bit; const char *name; } flag[] = { { TCP_SYN, "SYN" }, { TCP_FIN, "FIN" }, { TCP_RST, "RST" },
									   { TCP_PSH, "PSH" }, { TCP_ACK, "ACK" } };

	for (size_t i = 0; i < sizeof(flag) / sizeof(flag[0]); i++)
		if (flags & flag[i].bit)
			frame_say(t, " %s", flag[i].name);
}

static void arp(struct frame_text *t, const struct packet *k)
{
	char from[ADDR_TEXT], to[ADDR_TEXT];

	addr_text(&k->from, from);
	addr_text(&k->to, to);
	if (k->arp_op == 1)
		frame_say(t, "ARP request: who has %s, asks %s", to, from);
	else
		frame_say(t, "ARP reply to %s: %s is at %02x:%02x:%02x:%02x:%02x:%02x", to, from, k->mac_from[0], k->mac_from[1], k->mac_from[2],
			  k->mac_from[3], k->mac_from[4], k->mac_from[5]);
}

static void internet(struct frame_text *t, const struct packet *k)
{
	bool transport = k->layer == PACKET_TRANSPORT, ports = transport && (k->proto == IP_TCP || k->proto == IP_UDP);

	endpoint(t, &k->from, k->sport, ports);
	frame_say(t, " > ");
	endpoint(t, &k->to, k->dport, ports);
	if (k->proto == IP_TCP || k->proto == IP_UDP)
		frame_say(t, k->proto == IP_TCP ? " TCP" : " UDP");
	else if (k->proto == IP_ICMP || k->proto == IP_ICMP6)
		icmp(t, k);
	else if (k->proto == 2)
		frame_say(t, " IGMP");
	else
		frame_say(t, " IP protocol %u", k->proto);
	if (k->fragment)
		frame_say(t, " fragment");
	if (transport && k->proto == IP_TCP)
		tcp_flags(t, k->flags);
	if (ports)
		frame_words(t, k);
}

const char *frame_line(struct span frame, uint32_t wire, char *buf, size_t size)
{
	struct frame_text t = { .buf = buf, .size = size };
	struct packet k = { 0 };

	if (!size)
		return buf;
	buf[0] = '\0';
	if (!packet_decode(frame, &k))
		frame_say(&t, "no Ethernet header");
	else if (k.arp_op && k.from.family)
		arp(&t, &k);
	else if (k.layer < PACKET_IP)
		ethernet(&t, &k);
	else
		internet(&t, &k);
	frame_say(&t, ", %u bytes", wire);
	return buf;
}
