// SPDX-License-Identifier: Apache-2.0
#include "probes/capture/flows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 65536u

bool flows_mac(const char *text, uint8_t ret[static 6])
{
	unsigned b[6];
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &end) != 6 || text[end])
		return false;
	for (int i = 0; i < 6; i++)
		ret[i] = (uint8_t)b[i];
	return true;
}

void flows_init(struct flows *f, const uint8_t mac[static 6])
{
	*f = (struct flows){ .room = 0 };
	memcpy(f->mac, mac, 6);
	f->bucket = calloc(BUCKETS, sizeof(*f->bucket));
	f->name = calloc(FLOWS_NAMES, sizeof(*f->name));
	f->full = !f->bucket || !f->name;
}

static uint32_t hash(const struct flow *w)
{
	uint32_t h = (uint32_t)w->proto << 24 ^ (uint32_t)w->near_port * 2654435761u ^ (uint32_t)w->far_port * 40503u;

	for (size_t i = 0; i < sizeof(w->far.b); i++)
		h = h * 31 + w->far.b[i];
	return (h ^ h >> 13) % BUCKETS;
}

static bool same(const struct flow *a, const struct flow *b)
{
	return a->proto == b->proto && a->near_port == b->near_port && a->far_port == b->far_port && addr_same(&a->far, &b->far);
}

static bool grow(struct flows *f)
{
	size_t room = f->room ? 2 * f->room : 256;
	struct flow *flow;
	uint32_t *older;

	if (f->n < f->room)
		return true;
	if (room > FLOWS_MAX || !(flow = realloc(f->flow, room * sizeof(*flow))))
		return false;
	f->flow = flow;
	if (!(older = realloc(f->older, room * sizeof(*older))))
		return false;
	f->older = older;
	f->room = room;
	return true;
}

static uint32_t newest_name(const struct flows *f, const struct addr *a)
{
	for (size_t i = f->names; i-- > 0;)
		if (addr_same(&f->name[i].addr, a))
			return (uint32_t)i + 1;
	return 0;
}

static struct flow *find(struct flows *f, const struct flow *key, bool fresh)
{
	uint32_t h = hash(key);

	if (!f->bucket)
		return NULL;
	for (uint32_t i = fresh ? 0 : f->bucket[h]; i; i = f->older[i - 1])
		if (same(&f->flow[i - 1], key))
			return &f->flow[i - 1];
	if (!grow(f)) {
		f->full = true;
		return NULL;
	}
	f->flow[f->n] = *key;
	f->flow[f->n].name = newest_name(f, &key->far);
	f->older[f->n] = f->bucket[h];
	f->bucket[h] = (uint32_t)++f->n;
	return &f->flow[f->n - 1];
}

static void learn(struct flows *f, const struct packet *k)
{
	struct dns d;

	if (k->proto != IP_UDP || k->sport != 53 || !dns_decode(k->payload, &d) || !d.response)
		return;
	for (unsigned i = 0; i < d.n; i++) {
		/* The name that was asked for counts, not the alias that carries the address. */
		if (!d.answer[i].addr.family || !d.name[0] || f->names == FLOWS_NAMES || !f->name)
			continue;
		f->name[f->names].addr = d.answer[i].addr;
		memcpy(f->name[f->names++].name, d.name, sizeof(d.name));
	}
}

static bool belongs_to_cable(const struct packet *k)
{
	if (k->layer < PACKET_IP || k->proto == 2)
		return true;
	return k->proto == IP_ICMP6 && ((k->icmp_type >= 130 && k->icmp_type <= 137) || k->icmp_type == 143);
}

/* A SYN to the device, and its RST: a scan makes 65 535 of them, and none is a flow. */
static bool refusal_or_request(const struct packet *k, bool sent)
{
	return sent ? (k->flags & TCP_RST) != 0 : (k->flags & TCP_SYN) && !(k->flags & TCP_ACK);
}

/* On its own cable the device is known by its hardware address, beyond the router by its address. */
static bool is_device(const struct flows *f, const uint8_t mac[static 6], const struct addr *a)
{
	struct addr router;

	if (!memcmp(mac, f->mac, 6))
		return true;
	for (int i = 0; i < 2; i++) {
		char ip[ADDR_TEXT + 8];

		if (!f->net[i] || !addr_within(a, f->net[i]))
			continue;
		snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(f->net[i], "/"), f->net[i]);
		return !addr_parse(ip, &router) || !addr_same(a, &router);
	}
	return false;
}

void flows_frame(struct flows *f, const struct packet *k, int64_t frame, int64_t wall_ns)
{
	bool sent = is_device(f, k->mac_from, &k->from), syn = k->proto == IP_TCP && (k->flags & TCP_SYN);
	/* With a SYN and ACK it takes a call: from here on the flow is the caller's. */
	bool takes = syn && (k->flags & TCP_ACK);
	struct flow key = { .proto = k->proto, .from_device = sent && !takes, .first_frame = frame }, *w;

	/* Broadcast to the device and others is nobody's flow with it. */
	if (!sent && (!is_device(f, k->mac_to, &k->to) || addr_is_group(&k->to)))
		return;
	if (!sent)
		learn(f, k);
	if (belongs_to_cable(k) || (k->proto == IP_TCP && refusal_or_request(k, sent)))
		return;
	key.far = sent ? k->to : k->from;
	key.near_port = sent ? k->sport : k->dport;
	key.far_port = sent ? k->dport : k->sport;
	w = find(f, &key, false);
	if (w && sent && syn && w->from_device == takes)
		w = find(f, &key, true);        /* the same ports, opened by the other side this time */
	if (!w || !sent)
		return;
	w->sent++;
	w->last_sent_ns = wall_ns;
	if (!w->first_sent_ns)
		w->first_sent_ns = wall_ns;
}

static const char *name_of(const struct flows *f, const struct flow *w, const json_t *hosts, const struct addr *router)
{
	const struct addr *a = &w->far;
	const char *name;
	json_t *v;

	if (w->name)
		return f->name[w->name - 1].name;
	json_object_foreach((json_t *)hosts, name, v) {
		struct addr host;

		if (json_is_string(v) && addr_parse(json_string_value(v), &host) && addr_same(&host, a))
			return name;
	}
	return router && addr_same(router, a) ? "router" : NULL;
}

const char *flows_text(const struct flows *f, const struct flow *w, const json_t *hosts, const struct addr *router,
		       char buf[static FLOW_TEXT])
{
	const char *name = name_of(f, w, hosts, router);
	char ip[ADDR_TEXT];

	addr_text(&w->far, ip);
	if (w->proto == IP_TCP || w->proto == IP_UDP)
		snprintf(buf, FLOW_TEXT, !name && w->far.family == 6 ? "[%s]:%u/%s" : "%s:%u/%s", name ? name : ip,
			 (unsigned)w->far_port, w->proto == IP_TCP ? "tcp" : "udp");
	else if (w->proto == IP_ICMP || w->proto == IP_ICMP6)
		snprintf(buf, FLOW_TEXT, "%s/icmp", name ? name : ip);
	else
		snprintf(buf, FLOW_TEXT, "%s/proto-%u", name ? name : ip, (unsigned)w->proto);
	return buf;
}

void flows_free(struct flows *f)
{
	free(f->flow);
	free(f->bucket);
	free(f->older);
	free(f->name);
	*f = (struct flows){ .room = 0 };
}
