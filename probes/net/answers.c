// SPDX-License-Identifier: Apache-2.0
#include "probes/net/answers.h"

#include <string.h>

#include "harness/proto/pcapng.h"
#include "probes/net/ntp_liar.h"
#include "probes/net/page.h"

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
		return whole && ((udp && (port == 67 || port == 547)) ||
				 (k->proto == IP_ICMP6 && (k->icmp_type == 133 || k->icmp_type == 134)));
	case CUT_dns_dead:
		return whole && (udp || tcp) && (port == 53 || port == 853);
	case CUT_dns_wrong:
		return whole && udp && port == 53;
	case CUT_ntp_dead:
	case CUT_ntp_wrong:
		return whole && udp && port == 123;
	case CUT_captive_portal:
		if (whole && ((udp && port == 53) || (tcp && port == 80)))
			return true;
		break;
	case CUT_service_refused:
	case CUT_service_5xx:
	case CUT_tls_refused:
		if (!whole || !tcp)
			return false;
		break;
	case CUT_loss:
	case CUT_rate:
	case CUT_delay:
		return true;
	case CUT_link_down:
	case CUT_ap_down:
	case CUT_wrong_psk:
		return false;
	default:
		break;
	}
	if (!s->peer.family)
		return is_beyond(s, far);
	return addr_same(&s->peer, far) && (!s->port || (whole && (tcp || udp) && port == s->port));
}

static bool begins(struct span s, const char *text)
{
	return s.n >= strlen(text) && !memcmp(s.p, text, strlen(text));
}

/* An answer with an address that is not one of ours. */
static bool is_true_name(const struct answers_spec *s, const struct packet *k)
{
	struct dns d;

	if (!dns_decode(k->payload, &d))
		return false;
	for (unsigned i = 0; i < d.n; i++)
		if (d.answer[i].addr.family && !addr_same(&d.answer[i].addr, &s->wrong.four) && !addr_same(&d.answer[i].addr, &s->wrong.six))
			return true;
	return false;
}

/* Nearer to the recorder's clock than to the lie. */
static bool is_true_time(const struct answers_spec *s, const struct packet *k, int64_t wall_ns)
{
	int64_t told, off;

	if (!ntp_answer_time(k->payload, wall_ns, &told))
		return false;
	off = told - wall_ns;
	return s->offset_ns > 0 ? off < s->offset_ns / 2 : off > s->offset_ns / 2;
}

/* A reset is what a refusing router sends in the peer's name, a lie is no answer, and handshakes of TCP say nothing when
 * this host keeps them in the peer's name. */
static bool is_answer(const struct answers_spec *s, const struct packet *k, int64_t wall_ns)
{
	switch (s->kind) {
	case CUT_service_refused:
		return !(k->flags & TCP_RST);
	case CUT_dns_wrong:
		return is_true_name(s, k);
	case CUT_ntp_wrong:
		return is_true_time(s, k, wall_ns);
	case CUT_service_5xx:
		return k->payload.n && !begins(k->payload, "HTTP/1.1 503 ");
	case CUT_tls_refused:
		return k->payload.n && k->payload.p[0] != 21;
	case CUT_captive_portal:
		if (k->proto == IP_UDP)
			return k->sport == 53 ? is_true_name(s, k) : true;
		return k->proto != IP_TCP || (k->payload.n && !begins(k->payload, "HTTP/1.1 302 ") && !begins(k->payload, PAGE_PORTAL_HEAD));
	default:
		return true;
	}
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
		   is_answer(s, k, wall_ns)) {
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
		if (!packet_decode(f.data, &k))
			continue;
		answers_frame(s, &k, f.number, f.wall_ns, ret);
		if (f.wall_ns >= s->from_wall_ns && f.wall_ns <= s->to_wall_ns && !memcmp(k.mac_to, s->mac, 6))
			ret->bytes += (int64_t)f.data.n;
	}
	ret->lost = r.p.dropped - before;
	ret->frames = r.p.frames;
	pcapng_done(&r);
	return err->kind == ERR_NONE;
}
