// SPDX-License-Identifier: Apache-2.0
#include "probes/net/answers.h"

#include <string.h>

#include "harness/proto/pcapng.h"

static bool is_beyond(const struct answers_spec *s, const struct addr *a)
{
	static const uint8_t any4[16], link_local[2] = { 0xfe, 0x80 };

	if (addr_is_group(a) || !a->family || !memcmp(a->b, any4, sizeof(any4)))
		return false;
	if (a->family == 6 && !memcmp(a->b, link_local, 2))
		return false;
	return !addr_within(a, s->lan4) && !(s->lan6 && addr_within(a, s->lan6));
}

/* Is `far` (address and port, the other end) what was cut? */
static bool is_cut(const struct answers_spec *s, const struct packet *k, const struct addr *far, uint16_t port)
{
	bool udp = k->proto == IP_UDP, tcp = k->proto == IP_TCP, whole = k->layer == PACKET_TRANSPORT;

	switch (s->kind) {
	case CUT_no_dhcp:
		return whole && udp && (port == 67 || port == 547);
	case CUT_dns_dead:
		return whole && (udp || tcp) && (port == 53 || port == 853);
	case CUT_dns_wrong:
		return whole && udp && port == 53;
	case CUT_ntp_dead:
		return whole && udp && port == 123;
	case CUT_service_refused:
		if (!whole || !tcp)
			return false;
		break;
	case CUT_loss:
		return true;
	case CUT_link_down:
		return false;
	default:
		break;
	}
	if (!s->peer.family)
		return is_beyond(s, far);
	return addr_same(&s->peer, far) && (!s->port || (whole && (tcp || udp) && port == s->port));
}

/* A reset is what a refusing router sends in the peer's name, a lie is no answer. */
static bool is_answer(const struct answers_spec *s, const struct packet *k)
{
	struct dns d;

	if (s->kind == CUT_service_refused && (k->flags & TCP_RST))
		return false;
	if (s->kind != CUT_dns_wrong)
		return true;
	if (!dns_decode(k->payload, &d))
		return false;
	for (unsigned i = 0; i < d.n; i++)
		if (d.answer[i].addr.family && !addr_same(&d.answer[i].addr, &s->wrong))
			return true;
	return false;
}

void answers_frame(const struct answers_spec *s, const struct packet *k, int64_t frame, int64_t wall_ns, struct answers *sum)
{
	bool sent = !memcmp(k->mac_from, s->mac, 6);
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };

	if (wall_ns < s->from_wall_ns || wall_ns > s->to_wall_ns || k->layer < PACKET_IP)
		return;
	if (sent) {
		sum->asked += is_cut(s, k, &k->to, k->dport);
	} else if ((!memcmp(k->mac_to, s->mac, 6) || !memcmp(k->mac_to, all, 6)) && is_cut(s, k, &k->from, k->sport) &&
		   is_answer(s, k)) {
		if (!sum->answered++)
			sum->first_frame = frame;
	}
}

bool answers_count(const char *path, const struct answers_spec *s, struct answers *ret, struct err *err)
{
	struct pcapng_reader r;
	struct pcapng_frame f;
	struct packet k;
	int64_t before = 0;

	*ret = (struct answers){ .asked = 0 };
	if (!pcapng_open(path, false, &r, err))
		return false;
	while (pcapng_next(&r, &f, err)) {
		if (f.wall_ns < s->from_wall_ns)
			before = r.p.dropped;
		if (packet_decode(f.data, &k))
			answers_frame(s, &k, f.number, f.wall_ns, ret);
	}
	ret->lost = r.p.dropped - before;
	ret->frames = r.p.frames;
	pcapng_done(&r);
	return err->kind == ERR_NONE;
}
