// SPDX-License-Identifier: Apache-2.0
// The inventory of egress: addresses and ports the device called, names it asked for, hosts it named in TLS. On its own cable
// DHCP, name service at the router, ICMP and announcements to groups are the network's own business; a neighbour is not.
#include "probes/capture/egress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "probes/capture/flows.h"
#include "probes/capture/mud.h"
#include "probes/capture/record.h"
#include "probes/capture/sni.h"

enum { NAMES_MAX = 1024, POINTERS = 20, MUD_BYTES = 1 << 20 };

struct name { char text[DNS_NAME]; int64_t frame; const char *how; };   /* "DNS", "TLS" */
struct egress {
	struct step *st;
	struct record r;
	struct flows flows;
	const json_t *allowed;
	struct mud mud;
	struct name name[NAMES_MAX];
	size_t names;
	unsigned pointers, cut_hellos;
	bool full;
};

static void point(struct egress *e, int64_t frame)
{
	if (e->pointers++ < POINTERS)
		step_at_frame(e->st, e->r.file, frame);
}

static void keep_name(struct egress *e, const char *text, const char *how, int64_t frame)
{
	if (!text[0])
		return;
	for (size_t i = 0; i < e->names; i++)
		if (e->name[i].how == how && !strcmp(e->name[i].text, text))
			return;
	if (e->names == NAMES_MAX) {
		e->full = true;
		return;
	}
	snprintf(e->name[e->names].text, DNS_NAME, "%s", text);
	e->name[e->names].how = how;
	e->name[e->names++].frame = frame;
}

/* What the device itself says in this frame about names. */
static void names_in(struct egress *e, const struct packet *k, int64_t frame)
{
	char host[DNS_NAME];
	struct dns d;

	if (memcmp(k->mac_from, e->flows.mac, 6) || k->layer != PACKET_TRANSPORT || !k->payload.n)
		return;
	if (k->proto == IP_UDP && k->dport == 53 && dns_decode(k->payload, &d) && !d.response && d.type != DNS_PTR)
		keep_name(e, d.name, "DNS", frame);
	if (k->proto != IP_TCP)
		return;
	switch (sni_read(k->payload, host)) {
	case SNI_NAME: keep_name(e, host, "TLS", frame); break;
	case SNI_CUT: e->cut_hellos++; break;
	default: break;
	}
}

static bool name_declared(const struct egress *e, const char *name)
{
	size_t n = strlen(name), i;
	const json_t *v;

	json_array_foreach((json_t *)e->allowed, i, v) {
		const char *a = json_string_value(v);

		if (a && !strncmp(a, name, n) && (!a[n] || a[n] == ':' || a[n] == '/'))
			return true;
	}
	return mud_names(&e->mud, name);
}

/* The network's own business: nobody can be on it without. */
static bool infrastructure(const struct flow *w, const struct addr *router)
{
	if (addr_is_group(&w->far) || w->proto == IP_ICMP || w->proto == IP_ICMP6)
		return true;
	if (w->proto == IP_UDP && (w->far_port == 67 || w->far_port == 547))
		return true;
	return w->far_port == 53 && router->family && addr_same(router, &w->far);
}

static bool flow_declared(const struct egress *e, const struct flow *w, const char *text, bool local)
{
	const char *colon = strrchr(text, ':');
	char name[FLOW_TEXT];
	struct mud_call c = { NULL, &w->far, local, w->proto, w->far_port };

	snprintf(name, sizeof(name), "%.*s", (int)(colon ? colon - text : 0), text);
	if (name[0])
		c.name = name;
	return record_allowed(e->allowed, text) || mud_allows(&e->mud, &c);
}

/* Also what was allowed is told: it shows that the recorder sees. */
static int64_t tell_flows(struct egress *e)
{
	const json_t *hosts = json_object_get(step_bench(e->st), "hosts");
	char text[FLOW_TEXT];
	int64_t sent = 0;

	for (size_t i = 0; i < e->flows.n; i++) {
		const struct flow *w = &e->flows.flow[i];
		struct addr router;
		bool local = record_local(e->flows.net, &w->far, &router);

		if (!w->from_device || !w->sent || w->last_sent_ns - e->r.offset_ns < e->r.since_ns)
			continue;
		sent += w->sent;
		flows_text(&e->flows, w, hosts, router.family ? &router : NULL, text);
		fact_set_add(e->st, "seen", text);
		if ((local && infrastructure(w, &router)) || flow_declared(e, w, text, local))
			continue;
		fact_set_add(e->st, "undeclared", text);
		point(e, w->first_frame);
	}
	return sent;
}

static void tell_names(struct egress *e)
{
	char text[DNS_NAME + 16];

	for (size_t i = 0; i < e->names; i++) {
		const struct name *n = &e->name[i];

		fact_set_add(e->st, "names", n->text);
		if (name_declared(e, n->text))
			continue;
		snprintf(text, sizeof(text), "%s (%s)", n->text, n->how);
		fact_set_add(e->st, "undeclared", text);
		point(e, n->frame);
	}
}

static void report(struct egress *e)
{
	struct step *st = e->st;
	int64_t window = step_begin_ns(st) - e->r.since_ns, sent = tell_flows(e);

	tell_names(e);
	for (size_t i = 0; i < e->mud.n_unread; i++)
		fact_set_add(st, "unread", e->mud.unread[i]);
	fact_int(st, "frames", sent);
	fact_int(st, "window", window);
	step_scope_text(st, "in a window of %lld.%03lld s only: %lld frames of the device in %zu flows, %zu names; what it calls at other times is not known",
			(long long)(window / SEC(1)), (long long)(window % SEC(1) / MS(1)), (long long)sent, e->flows.n, e->names);
	if (e->cut_hellos)
		step_scope_text(st, "%u TLS hellos were too long to tell the host they name", e->cut_hellos);
	if (e->flows.full || e->full)
		step_incomplete(st, "more flows or names than could be kept");
}

static bool load_mud(struct egress *e, struct err *err)
{
	const char *path = step_text(e->st, "mud");
	CLEANUP(free_json) json_t *file = NULL;

	if (!path[0])
		return true;
	return (fs_read_json(path, MUD_BYTES, &file, err) && mud_read(file, &e->mud, err)) || err_in(err, "%s", path);
}

bool egress_run(struct step *st, struct err *err)
{
	static const char *const sets[] = { "seen", "undeclared", "names", "unread" };
	static struct egress e;
	struct pcapng_frame f;
	struct packet k;
	uint8_t mac[6];
	bool inside;

	e = (struct egress){ .st = st, .allowed = step_json(st, "allowed") };
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		fact_set_empty(st, sets[i]);
	if (!load_mud(&e, err) || !record_mac(st, mac, err) || !record_open(st, false, true, &e.r, err))
		return false;
	/* From the first frame on, so that flows and names of earlier times are known. */
	flows_init(&e.flows, mac);
	record_cable(st, e.flows.net);
	while (record_next(&e.r, &f, &k, &inside, err)) {
		flows_frame(&e.flows, &k, f.number, f.wall_ns);
		if (inside)
			names_in(&e, &k, f.number);
	}
	report(&e);
	flows_free(&e.flows);
	return record_done(st, &e.r, err);
}

const struct param egress_params[] = {
	{ .name = "line", .type = VALUE_LINE, .fallback = "capture.lan", .doc = "which recorder" },
	{ .name = "allowed", .type = VALUE_SET, .need = true, .doc = "\"host:port/tcp\", \"host:port/udp\", or \"host\" for all of it" },
	{ .name = "mud", .type = VALUE_TEXT, .fallback = "", .doc = "a MUD file (RFC 8520): what its from-device policy accepts is allowed too" },
	{ .name = "since", .type = VALUE_TEXT, .doc = "label of the step to look from; else the begin of the recording" },
	{ 0 }
};
const struct fact egress_facts[] = {
	{ "seen", VALUE_SET, NULL, "all far ends that the device called" },
	{ "undeclared", VALUE_SET, NULL, "those that are not allowed, neighbours on the cable too, and names it asked for or named in TLS" },
	{ "names", VALUE_SET, NULL, "names it asked for or named in TLS" },
	{ "unread", VALUE_SET, NULL, "entries of the MUD file that say nothing here (controllers, manufacturers ...)" },
	{ "frames", VALUE_INT, "frames", "that it sent" },
	{ "window", VALUE_TIME, NULL, "how long was looked at" },
	{ 0 }
};
