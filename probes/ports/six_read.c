/* SPDX-License-Identifier: Apache-2.0
 *
 * six_read.c - what a frame tells of the device's IPv6 addresses. */
#include <net/if.h>
#include <netinet/icmp6.h>
#include <stdio.h>
#include <string.h>

#include "harness/proto/pcapng.h"
#include "probes/ports/six.h"

enum { MDNS = 5353, MESSAGE = 1500 };

bool six_mac(const char *text, uint8_t ret[6])
{
	unsigned m[6];

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", m, m + 1, m + 2, m + 3, m + 4, m + 5) != 6)
		return false;
	for (int i = 0; i < 6; i++)
		ret[i] = (uint8_t)m[i];
	return true;
}

bool six_is_local(const struct addr *a)
{
	return a->family == 6 && a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

const char *six_text(const struct six_address *a, char buf[static SIX_TEXT])
{
	char text[ADDR_TEXT], name[IF_NAMESIZE] = "";

	addr_text(&a->addr, text);
	if (six_is_local(&a->addr) && a->ifindex && !if_indextoname(a->ifindex, name))
		name[0] = '\0';
	snprintf(buf, SIX_TEXT, "%s%s%s", text, name[0] ? "%" : "", name);
	return buf;
}

static bool possible(const struct six *s, const struct addr *a)
{
	if (a->family != 6 || addr_is_group(a) || addr_within(a, "::/96") || addr_within(a, "::ffff:0:0/96"))
		return false;
	for (unsigned i = 0; i < s->n_ours; i++)
		if (addr_same(a, &s->ours[i]))
			return false;
	return true;
}

static struct six_address *know(struct six *s, const struct addr *a, const char *from)
{
	if (!possible(s, a))
		return NULL;
	for (unsigned i = 0; i < s->n; i++)
		if (addr_same(&s->at[i].addr, a))
			return &s->at[i];
	if (s->n == SIX_MAX) {
		s->full = true;
		return NULL;
	}
	s->at[s->n] = (struct six_address){ .addr = *a, .from = from };
	return &s->at[s->n++];
}

void six_tell(struct six *s, const struct addr *a, const char *from)
{
	(void)know(s, a, from);
}

static bool take_addr(struct span *s, struct addr *ret)
{
	struct span b;

	if (!take_bytes(s, 16, &b))
		return false;
	*ret = (struct addr){ .family = 6 };
	memcpy(ret->b, b.p, 16);
	return true;
}

/* ---- neighbours: a hop limit of 255 shows that no router passed it on ---- */
static void advertised(struct six *s, struct span body, unsigned ifindex)
{
	struct six_address *a;
	struct addr target;
	uint64_t flags;

	if (!take_be(&body, 4, &flags) || !take_addr(&body, &target))
		return;
	a = know(s, &target, "an advertisement");
	if (!a || !ifindex || a->ifindex)
		return;
	a->ifindex = ifindex;
	s->n_there++;
}

static void solicited(struct six *s, const struct packet *k, unsigned ifindex)
{
	static const uint8_t none[16];
	struct span body = k->payload;
	struct six_address *a;
	struct addr target;
	uint64_t reserved;

	if (memcmp(k->from.b, none, 16) || !take_be(&body, 4, &reserved) || !take_addr(&body, &target))
		return;
	a = know(s, &target, "a trial before use");
	if (a && ifindex)
		a->trial = true;
}

/* ---- groups ---- */
static void group(struct six *s, const struct addr *g, bool member)
{
	unsigned i = 0;

	if (!addr_within(g, "ff02::1:ff00:0/104"))
		return;
	while (i < s->groups && !addr_same(&s->group[i], g))
		i++;
	if (!member && i < s->groups)
		s->group[i] = s->group[--s->groups];
	else if (member && i == s->groups && s->groups < SIX_MAX)
		s->group[s->groups++] = *g;
	else if (member && i == s->groups)
		s->full = true;
}

static void report_1(struct six *s, struct span body, bool member)
{
	struct addr g;
	uint64_t delay;

	if (take_be(&body, 4, &delay) && take_addr(&body, &g))
		group(s, &g, member);
}

static void report_2(struct six *s, struct span body)
{
	uint64_t reserved, n, type, words, sources;
	struct span skip;
	struct addr g;

	if (!take_be(&body, 2, &reserved) || !take_be(&body, 2, &n))
		return;
	for (; n && take_be(&body, 1, &type) && take_be(&body, 1, &words) && take_be(&body, 2, &sources) && take_addr(&body, &g); n--) {
		if (!take_bytes(&body, sources * 16 + words * 4, &skip))
			return;
		if (type == 2 || type == 4)             /* all but these sources */
			group(s, &g, true);
		else if ((type == 1 || type == 3) && !sources)
			group(s, &g, false);
	}
}

bool six_has(const struct six *s, bool local)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->at[i].ifindex && six_is_local(&s->at[i].addr) == local)
			return true;
	return false;
}

bool six_nameless(const struct six *s, struct addr *ret)
{
	for (unsigned i = 0; i < s->groups; i++) {
		bool named = false;

		for (unsigned k = 0; k < s->n; k++)
			named |= s->at[k].ifindex && !memcmp(s->at[k].addr.b + 13, s->group[i].b + 13, 3);
		if (named)
			continue;
		*ret = s->group[i];
		return true;
	}
	return false;
}

/* ---- names: AAAA stands among the additional records as often as not, so all sections are read as one ---- */
static void named(struct six *s, struct span message)
{
	static struct dns d;
	uint8_t copy[MESSAGE];
	unsigned n = 0;

	if (message.n < 12 || message.n > sizeof(copy))
		return;
	memcpy(copy, message.p, message.n);
	for (int i = 6; i < 12; i += 2)
		n += (unsigned)(copy[i] << 8 | copy[i + 1]);
	n = n < DNS_RECORDS ? n : DNS_RECORDS;
	copy[6] = 0;
	copy[7] = (uint8_t)n;
	if (!dns_decode((struct span){ copy, message.n }, &d) || !d.response)
		return;
	for (unsigned i = 0; i < d.n; i++)
		if (d.answer[i].type == DNS_AAAA)
			six_tell(s, &d.answer[i].addr, "its mDNS name");
}

void six_read(struct six *s, const uint8_t mac[6], struct span frame, unsigned ifindex)
{
	struct packet k;

	if (!packet_decode(frame, &k) || k.layer < PACKET_IP || memcmp(k.mac_from, mac, 6))
		return;
	if (k.layer == PACKET_TRANSPORT && !k.fragment && k.proto == IP_UDP && k.sport == MDNS)
		named(s, k.payload);            /* over IPv4, too */
	if (k.from.family != 6)
		return;
	six_tell(s, &k.from, "a frame");
	if (k.layer != PACKET_TRANSPORT || k.fragment || k.proto != IP_ICMP6)
		return;
	if (k.icmp_type == ND_NEIGHBOR_ADVERT && k.hops == 255)
		advertised(s, k.payload, ifindex);
	else if (k.icmp_type == ND_NEIGHBOR_SOLICIT && k.hops == 255)
		solicited(s, &k, ifindex);
	else if (k.icmp_type == ND_ROUTER_SOLICIT && k.hops == 255)
		s->want_other |= ifindex != 0;
	else if (ifindex && (k.icmp_type == MLD_LISTENER_REPORT || k.icmp_type == MLD_LISTENER_REDUCTION))
		report_1(s, k.payload, k.icmp_type == MLD_LISTENER_REPORT);
	else if (ifindex && k.icmp_type == 143)
		report_2(s, k.payload);
}

bool six_record(struct six *s, const uint8_t mac[6], const char *capture, struct err *err)
{
	static struct pcapng_reader r;
	struct pcapng_frame frame;

	if (!pcapng_open(capture, false, &r, err))
		return false;
	while (pcapng_next(&r, &frame, err))
		six_read(s, mac, frame.data, 0);
	pcapng_done(&r);
	return err->kind == ERR_NONE;
}
