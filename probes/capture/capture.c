// SPDX-License-Identifier: Apache-2.0
// Verbs over recorded frames. They open the file, never the recorder; the recorder is only asked to write out what it
// holds. Frame stamps are wall clock and are turned into the run's own clock by its offset.
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/pcapng.h"
#include "probes/capture/egress.h"
#include "probes/capture/flows.h"
#include "probes/capture/record.h"
#include "probes/capture/tls_seen.h"

/* "203.0.113.10" of a peer, which may be given as a name of the bench. */
static bool peer_address(struct step *st, struct addr *ret, struct err *err)
{
	char ip[64];

	return step_resolve(st, step_text(st, "peer"), ip, err) &&
	       (addr_parse(ip, ret) || err_set(err, ERR_BENCH, "peer '%s' is no address", ip));
}

static bool concerns(const struct packet *k, const struct addr *peer, int64_t port)
{
	if (k->layer != PACKET_TRANSPORT || k->proto != IP_TCP)
		return false;
	return (k->dport == port && addr_same(&k->to, peer)) || (k->sport == port && addr_same(&k->from, peer));
}

/* ---- session ---- */

static bool best_session(struct streams *t, const struct addr *peer, struct tls_seen *ret, const struct stream **ret_flow)
{
	for (size_t i = 0; i < t->n; i++) {
		struct tls_seen s;

		if (!addr_same(&t->flow[i].to, peer))
			continue;
		tls_seen(&t->flow[i], &s);
		if (s.established) {
			*ret = s;
			*ret_flow = &t->flow[i];
			return true;
		}
	}
	return false;
}

static bool session(struct step *st, struct err *err)
{
	int64_t port = step_int(st, "port"), until = step_begin_ns(st) + step_int(st, "within");
	const struct stream *flow = NULL;
	struct tls_seen s = { 0 };
	struct pcapng_frame f;
	struct packet k;
	struct streams t;
	struct record r;
	struct addr peer;
	bool inside, found = false, more = true;

	if (!peer_address(st, &peer, err) || !record_open(st, true, false, &r, err))
		return false;
	streams_init(&t, (size_t)64 << 20);
	while (more && err->kind == ERR_NONE) {
		bool fresh = false;

		while (record_next(&r, &f, &k, &inside, err))
			if (inside && concerns(&k, &peer, port)) {
				streams_add(&t, &k, f.number, f.wall_ns);
				fresh = true;
			}
		found = fresh && best_session(&t, &peer, &s, &flow);
		more = !found && step_wait(st, r.r.tail.notify, until);
	}
	fact_bool(st, "established", found);
	if (found) {
		fact_int(st, "after", s.wall_ns - r.offset_ns - r.since_ns);
		fact_int(st, "app_bytes", s.app_bytes);
		step_at_frame(st, r.file, s.frame);
	}
	if (t.full)
		step_incomplete(st, "more sessions than could be kept");
	streams_free(&t);
	return record_done(st, &r, err);
}

/* ---- attempts ---- */

static bool attempts(struct step *st, struct err *err)
{
	int64_t port = step_int(st, "port"), last_ns = 0, count = 0;
	struct { uint16_t port; uint32_t seq; } seen[64] = { 0 };
	struct pcapng_frame f;
	struct packet k;
	struct record r;
	struct addr peer;
	bool inside;

	if (!peer_address(st, &peer, err) || !record_open(st, false, false, &r, err))
		return false;
	while (record_next(&r, &f, &k, &inside, err)) {
		bool again = false;

		if (!inside || !concerns(&k, &peer, port) || (k.flags & (TCP_SYN | TCP_ACK)) != TCP_SYN || k.dport != port)
			continue;
		for (size_t i = 0; i < 64 && !again; i++)
			again = count > (int64_t)i && seen[i].port == k.sport && seen[i].seq == k.seq;
		if (again)
			continue;       /* a retransmission is no new try */
		seen[count % 64].port = k.sport;
		seen[count++ % 64].seq = k.seq;
		fact_int(st, "at", record_at_ns(&r, &f));
		if (last_ns)
			fact_int(st, "gap", record_at_ns(&r, &f) - last_ns);
		last_ns = record_at_ns(&r, &f);
		step_at_frame(st, r.file, f.number);
		step_observer(st, step_text(st, "line"));
		step_observe_at(st, last_ns);
	}
	fact_int(st, "count", count);
	return record_done(st, &r, err);
}

/* ---- destinations ---- */

static void tell_flows(struct step *st, const struct flows *f, const struct record *r)
{
	const json_t *hosts = json_object_get(step_bench(st), "hosts"), *allowed = step_json(st, "allowed");
	char text[FLOW_TEXT];
	int64_t sent = 0;

	fact_set_empty(st, "seen");
	fact_set_empty(st, "undeclared");
	for (size_t i = 0; i < f->n; i++) {
		const struct flow *w = &f->flow[i];
		struct addr router;
		bool local = record_local(f->net, &w->far, &router);

		if (!w->from_device || !w->sent || w->last_sent_ns - r->offset_ns < r->since_ns)
			continue;
		sent += w->sent;
		flows_text(f, w, hosts, router.family ? &router : NULL, text);
		fact_set_add(st, "seen", text);
		if (local || record_allowed(allowed, text))
			continue;
		fact_set_add(st, "undeclared", text);
		step_at_frame(st, r->file, w->first_frame);
	}
	fact_int(st, "frames", sent);
	step_scope_text(st, "%lld frames of the device in %lld flows", (long long)sent, (long long)f->n);
}

static bool destinations(struct step *st, struct err *err)
{
	struct pcapng_frame f;
	struct packet k;
	struct flows w;
	struct record r;
	uint8_t mac[6];
	bool inside;

	if (!record_mac(st, mac, err) || !record_open(st, false, true, &r, err))
		return false;
	/* From the first frame on, so that flows and names of earlier times are known. */
	flows_init(&w, mac);
	record_cable(st, w.net);
	while (record_next(&r, &f, &k, &inside, err))
		flows_frame(&w, &k, f.number, f.wall_ns);
	tell_flows(st, &w, &r);
	if (w.full)
		step_incomplete(st, "more flows than could be kept");
	flows_free(&w);
	return record_done(st, &r, err);
}

static bool drops(struct step *st, struct err *err)
{
	int64_t frames = 0;
	struct pcapng_frame f;
	struct packet k;
	struct record r;
	bool inside;

	if (!record_open(st, false, true, &r, err))
		return false;
	while (record_next(&r, &f, &k, &inside, err))
		frames += inside;
	fact_int(st, "dropped", r.r.p.dropped - r.dropped_before);
	fact_int(st, "frames", frames);
	return record_done(st, &r, err);
}

/* ---- descriptors ---- */

#define LINE { .name = "line", .type = VALUE_LINE, .fallback = "capture.lan", .doc = "which recorder" }
#define SINCE { .name = "since", .type = VALUE_TEXT, .doc = "label of the step to look from; else the last stimulus" }
#define WHOLE { .name = "since", .type = VALUE_TEXT, .doc = "label of the step to look from; else the begin of the recording" }
#define PEER                                                                                                    \
	{ .name = "peer", .type = VALUE_TEXT, .need = true, .doc = "name or address of the far end" },           \
	{ .name = "port", .type = VALUE_INT, .need = true, .min = 1, .max = 65535, .doc = "its TCP port" }

static const struct param session_params[] = {
	LINE, PEER,
	{ .name = "within", .type = VALUE_TIME, .need = true, .max = SEC(86400), .doc = "from the step's begin" },
	SINCE, { 0 }
};
static const struct param attempts_params[] = { LINE, PEER, SINCE, { 0 } };
static const struct param destinations_params[] = {
	LINE,
	{ .name = "allowed", .type = VALUE_SET, .need = true, .doc = "\"host:port/tcp\", \"host:port/udp\", or \"host\" for all of it" },
	WHOLE, { 0 }
};
static const struct param drops_params[] = { LINE, WHOLE, { 0 } };
static const struct fact session_facts[] = {
	{ "established", VALUE_BOOL, NULL, "a session came about: TLS beyond its handshake, or TCP with data both ways" },
	{ "after", VALUE_TIME, NULL, "from the stimulus to that" },
	{ "app_bytes", VALUE_INT, "bytes", "that the device sent in it so far; of TLS those surely beyond the handshake" },
	{ 0 }
};
static const struct fact attempts_facts[] = {
	{ "at", VALUE_TIME, NULL, "when the device tried to connect; one observation a try" },
	{ "gap", VALUE_TIME, NULL, "since the try before" },
	{ "count", VALUE_INT, "tries", "in all" },
	{ 0 }
};
static const struct fact destinations_facts[] = {
	{ "seen", VALUE_SET, NULL, "all far ends that the device spoke to on its own account" },
	{ "undeclared", VALUE_SET, NULL, "those beyond its own cable that are not allowed" },
	{ "frames", VALUE_INT, "frames", "that it sent to them" },
	{ 0 }
};
static const struct fact drops_facts[] = {
	{ "dropped", VALUE_INT, "frames", "that the recorder lost in that time" },
	{ "frames", VALUE_INT, "frames", "that it recorded" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "session", VERB_PROBE, session_params, session_facts, session, "wait until the device has a session with a peer" },
	{ "attempts", VERB_EXAMINE, attempts_params, attempts_facts, attempts, "every try of the device to connect to a peer" },
	{ "destinations", VERB_EXAMINE, destinations_params, destinations_facts, destinations, "to whom the device spoke" },
	{ "egress", VERB_EXAMINE, egress_params, egress_facts, egress_run, "everything the device called in a window, less what is declared" },
	{ "drops", VERB_EXAMINE, drops_params, drops_facts, drops, "whether the recorder lost anything" },
	{ 0 }
};

#define DRIVER_capture(d) extern const struct line_driver drv_##d;
#include "tables.h"
static const struct line_driver *const drivers[] = {
#define DRIVER_capture(d) &drv_##d,
#include "tables.h"
	NULL
};

const struct probe probe_capture = {
	.name = "capture", .doc = "recorded frames", .verbs = verbs, .drivers = drivers, .rights = RIGHT_LINES,
};
