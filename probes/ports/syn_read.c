/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "probes/ports/syn_wire.h"

static uint64_t mix(uint64_t x)         /* splitmix64 */
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint32_t syn_seq(const struct syn_id *id, uint16_t port, unsigned from)
{
	return (uint32_t)mix(id->key ^ (uint64_t)port << 8 ^ from);
}

static struct syn_answer tcp(const struct syn_id *id, const struct packet *k)
{
	struct syn_answer a = { SYN_NOTHING, k->sport, (uint8_t)(k->dport - id->base) };
	uint32_t seq = syn_seq(id, k->sport, a.from);

	if (!addr_same(&k->from, &id->device) || k->dport < id->base || k->dport >= id->base + SYN_TRIES)
		return a;
	if ((k->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK) && k->ack == seq + 1)
		a.says = SYN_OPEN;
	/* A reset acknowledges our SYN; some stacks forget to count it, some to acknowledge at all. */
	else if (k->flags & TCP_RST && (!(k->flags & TCP_ACK) || k->ack == seq + 1 || k->ack == seq))
		a.says = SYN_CLOSED;
	return a;
}

/* The start of our own segment, as it stands in an ICMP error. */
static bool ours(const struct syn_id *id, struct span s, struct syn_answer *a)
{
	struct addr from = { .family = id->us.family }, to = { .family = id->us.family };
	uint64_t first, proto, sport, dport, seq, skip;
	struct span x, y;
	bool four = id->us.family == 4;

	if (!take_be(&s, 1, &first) || !take_be(&s, four ? 8 : 5, &skip) || !take_be(&s, 1, &proto) || !take_be(&s, four ? 2 : 1, &skip) ||
	    !take_bytes(&s, four ? 4 : 16, &x) || !take_bytes(&s, four ? 4 : 16, &y))
		return false;
	if (four && ((first & 15) < 5 || !take_bytes(&s, ((first & 15) - 5) * 4, &(struct span){ 0 })))
		return false;
	if (!take_be(&s, 2, &sport) || !take_be(&s, 2, &dport) || !take_be(&s, 4, &seq))
		return false;
	for (size_t i = 0; i < x.n; i++) {
		from.b[i] = x.p[i];
		to.b[i] = y.p[i];
	}
	*a = (struct syn_answer){ SYN_NOTHING, (uint16_t)dport, (uint8_t)(sport - id->base) };
	return proto == IP_TCP && addr_same(&from, &id->us) && addr_same(&to, &id->device) && sport >= id->base &&
	       sport < (uint64_t)id->base + SYN_TRIES && seq == syn_seq(id, a->port, a->from);
}

static struct syn_answer icmp(const struct syn_id *id, const struct packet *k)
{
	bool four = k->proto == IP_ICMP;
	bool unreachable = k->icmp_type == (four ? ICMP_UNREACH : ICMP6_DST_UNREACH);
	bool gone = four ? k->icmp_code == ICMP_HOST_UNREACH || k->icmp_code == ICMP_NET_UNREACH :
			   k->icmp_code == ICMP6_DST_UNREACH_ADDR || k->icmp_code == ICMP6_DST_UNREACH_NOROUTE;
	struct span s = k->payload;
	struct syn_answer a;
	uint64_t skip;

	if (!unreachable || (k->from.family != id->us.family) || !take_be(&s, 4, &skip) || !ours(id, s, &a))
		return (struct syn_answer){ SYN_NOTHING, 0, 0 };
	a.says = gone ? SYN_GONE : SYN_UNREACHABLE;
	return a;
}

struct syn_answer syn_read(const struct syn_id *id, struct span frame)
{
	struct packet k;

	if (!packet_decode(frame, &k) || k.layer != PACKET_TRANSPORT || k.fragment)
		return (struct syn_answer){ SYN_NOTHING, 0, 0 };
	if (k.proto == IP_TCP)
		return tcp(id, &k);
	if (k.proto == IP_ICMP || k.proto == IP_ICMP6)
		return icmp(id, &k);
	return (struct syn_answer){ SYN_NOTHING, 0, 0 };
}
