/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/outage/tries.h"

#include <string.h>
#include <strings.h>

static void add(struct tries *t, uint64_t key, int64_t frame, int64_t wall_ns)
{
	if ((t->n || t->more) && key == t->last_key)
		return;
	t->last_key = key;
	if (t->n == TRIES_MAX) {
		t->more++;
		return;
	}
	t->at_ns[t->n] = wall_ns;
	t->frame[t->n++] = frame;
}

static void question(struct tries *t, const struct packet *k, int64_t frame, int64_t wall_ns)
{
	static struct dns d;            /* large */

	if (k->proto == IP_UDP && k->dport == 53 && dns_decode(k->payload, &d) && !d.response && !strcasecmp(d.name, t->name) &&
	    d.type == DNS_A)
		add(t, (uint64_t)d.id << 16 | k->sport, frame, wall_ns);
}

void tries_frame(struct tries *t, const struct packet *k, int64_t frame, int64_t wall_ns)
{
	if (k->layer != PACKET_TRANSPORT)
		return;
	if (t->name) {
		question(t, k, frame, wall_ns);
		return;
	}
	if (k->proto != IP_TCP)
		return;
	if (addr_same(&k->to, &t->peer) && k->dport == t->port && (k->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		add(t, (uint64_t)k->seq << 16 | k->sport, frame, wall_ns);
	else if (addr_same(&k->from, &t->peer) && k->sport == t->port && (k->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		t->answers++;
}

int tries_after(const struct tries *t, int64_t from_ns)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->at_ns[i] >= from_ns)
			return (int)i;
	return -1;
}

static unsigned most_in_a_minute(const struct tries *t, unsigned a, unsigned b)
{
	unsigned most = 0;

	for (unsigned i = a, k = a; k < b; k++) {
		while (t->at_ns[k] - t->at_ns[i] >= 60 * INT64_C(1000000000))
			i++;
		most = k - i + 1 > most ? k - i + 1 : most;
	}
	return most;
}

void tries_gaps(const struct tries *t, int64_t from_ns, int64_t to_ns, struct gaps *ret)
{
	struct gaps g = { 0 };
	unsigned a = 0, b, half;

	while (a < t->n && t->at_ns[a] < from_ns)
		a++;
	for (b = a; b < t->n && t->at_ns[b] < to_ns; b++)
		;
	g.n = b > a + 1 ? b - a - 1 : 0;
	half = g.pairs = g.n / 2;
	for (unsigned i = 0; i < g.n; i++) {
		int64_t gap = t->at_ns[a + i + 1] - t->at_ns[a + i];

		g.longest_ns = gap > g.longest_ns ? gap : g.longest_ns;
		g.shortest_ns = !i || gap < g.shortest_ns ? gap : g.shortest_ns;
		if (i < half)
			g.early_ns += gap;
		if (i >= g.n - half)
			g.late_ns += gap;
	}
	g.per_min = most_in_a_minute(t, a, b);
	*ret = g;
}

bool gaps_grow(const struct gaps *sum, bool deep, bool *ret_grows)
{
	if (sum->pairs < 3 && !(deep && sum->pairs))
		return false;
	*ret_grows = sum->late_ns / 12 >= sum->early_ns / 10;
	return true;
}
