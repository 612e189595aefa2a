/* SPDX-License-Identifier: Apache-2.0
 *
 * ports.c - what the device listens on: every TCP port, and the UDP ports asked for. */
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "probes/ports/portset.h"
#include "probes/ports/seen.h"
#include "probes/ports/six_targets.h"
#include "probes/ports/target.h"
#include "probes/ports/tcp_scan.h"
#include "probes/ports/udp_scan.h"
#include "probes/ports/verbs.h"

static bool allowed_sets(const struct step *st, struct portset ret[2], struct err *err)
{
	const json_t *item;
	unsigned port;
	size_t i;
	bool udp;

	memset(ret, 0, 2 * sizeof(*ret));
	json_array_foreach(step_json(st, "allowed"), i, item) {
		if (!json_is_string(item) || !portset_named(json_string_value(item), &udp, &port))
			return err_set(err, ERR_CONF, "allowed: write ports as tcp/443 or udp/5353");
		portset_add(&ret[udp], port);
	}
	return true;
}

enum { LISTED = 256 };

/* One address of the device. The first is the main one: what is counted as facts is its; of the others the least counts. */
struct target { const char *ip; bool main; const struct portset *want, *allowed; unsigned tcp_done, udp_done; };

/* Ports of `in` that are (not) in `other`, as "tcp/80". A device that answers on every port shall not fill the journal: LISTED of
 * them are as much a finding as all. */
static void fact_ports(struct step *st, const char *fact, const char *proto, const char *at, const struct portset *in,
		       const struct portset *other, bool in_other)
{
	unsigned n = 0;
	char text[16 + SIX_TEXT];

	for (unsigned port = 1; port < 65536 && n < LISTED; port++) {
		if (!portset_has(in, port) || (other && portset_has(other, port) != in_other))
			continue;
		snprintf(text, sizeof(text), "%s/%u%s%s", proto, port, at ? " " : "", at ? at : "");
		fact_set_add(st, fact, text);
		n++;
	}
}

static void report_open(struct step *st, const char *proto, const struct target *t, const struct portset *want,
			const struct portset *open, const struct portset *allowed)
{
	struct portset asked_allowed = *allowed;

	for (unsigned i = 0; i < 1024; i++)
		asked_allowed.bits[i] &= want->bits[i];
	fact_ports(st, "open", proto, NULL, open, allowed, true);
	fact_ports(st, "open", proto, NULL, open, allowed, false);
	fact_ports(st, "undeclared", proto, NULL, open, allowed, false);
	if (t->main) {
		fact_ports(st, "missing", proto, NULL, &asked_allowed, open, false);
		return;
	}
	fact_ports(st, "six_open", proto, t->ip, open, allowed, false);
	fact_ports(st, "six_open", proto, t->ip, open, allowed, true);
}

static void facts_tcp(struct step *st, const struct tcp_scan *s)
{
	fact_text(st, "method", s->how);
	fact_int(st, "away", s->away_ns);
	fact_int(st, "loss", s->loss_ppm);
	fact_int(st, "tcp_done", portset_count(&s->open) + portset_count(&s->closed) + portset_count(&s->filtered));
	fact_int(st, "closed", portset_count(&s->closed));
	fact_int(st, "filtered", portset_count(&s->filtered));
}

static void report_tcp(struct step *st, struct target *t, const struct tcp_scan *s, int64_t took_ns)
{
	unsigned asked = portset_count(&t->want[0]), open = portset_count(&s->open), closed = portset_count(&s->closed),
		 filtered = portset_count(&s->filtered), done = open + closed + filtered;

	if (t->main)
		facts_tcp(st, s);
	else
		t->tcp_done = done < t->tcp_done ? done : t->tcp_done;
	report_open(st, "tcp", t, &t->want[0], &s->open, &t->allowed[0]);
	step_scope_text(st, "%s: %u of %u TCP ports in %lld ms: %u open, %u closed, %u filtered (by %s, %u sent, %u silent at first, "
			"%u.%u %% lost)", t->ip, done, asked, (long long)(took_ns / MS(1)), open, closed, filtered, s->how, s->tried,
			s->silent_first, s->loss_ppm / 10000, s->loss_ppm / 1000 % 10);
	if (done < asked && s->deaf)
		step_incomplete(st, "%s: nothing answered a SYN, so silence says nothing", t->ip);
	else if (done < asked && s->away_ns)
		step_incomplete(st, "%s: %u of %u TCP ports done; the device answered nothing for %lld ms", t->ip, done, asked,
				(long long)(s->away_ns / MS(1)));
	else if (done < asked)
		step_incomplete(st, "%s: %u of %u TCP ports done in the time there was", t->ip, done, asked);
}

static void report_udp(struct step *st, struct target *t, const struct udp_scan *s, int64_t took_ns)
{
	unsigned asked = portset_count(&t->want[1]), sent = portset_count(&s->sent), open = portset_count(&s->open),
		 closed = portset_count(&s->closed), filtered = portset_count(&s->filtered), quiet = portset_count(&s->quiet);

	if (t->main) {
		fact_int(st, "udp_done", sent);
		fact_int(st, "udp_closed", closed);
		fact_int(st, "udp_quiet", quiet);
		fact_int(st, "udp_unanswered", (int64_t)sent - open - closed - filtered);
	} else {
		t->udp_done = sent < t->udp_done ? sent : t->udp_done;
	}
	report_open(st, "udp", t, &t->want[1], &s->open, &t->allowed[1]);
	step_scope_text(st, "%s: %u of %u UDP ports asked in %lld ms: %u answered, %u closed by ICMP, %u filtered, %u open or filtered, "
			"%u silent that may be closed too", t->ip, sent, asked, (long long)(took_ns / MS(1)), open, closed, filtered, quiet,
			sent - open - closed - filtered - quiet);
	if (sent < asked)
		step_incomplete(st, "%s: %u of %u UDP ports asked before the deadline", t->ip, sent, asked);
}

static void point(int64_t frame, void *data)
{
	step_at_frame(data, "capture/lan.pcapng", frame);
}

/* Undeclared ports are findings: the frames that show them are looked up in the record, where there is one. */
static bool point_to(struct step *st, const char *ip, const struct portset open[2], const struct portset allowed[2], struct err *err)
{
	struct portset strange[2] = { open[0], open[1] };
	char path[FS_PATH], bare[SIX_TEXT];

	snprintf(bare, sizeof(bare), "%.*s", target_bare(ip), ip);
	for (int p = 0; p < 2; p++)
		for (unsigned i = 0; i < 1024; i++)
			strange[p].bits[i] &= ~allowed[p].bits[i];
	if (!portset_count(&strange[0]) && !portset_count(&strange[1]))
		return true;
	if (!json_object_get(json_object_get(step_bench(st), "lines"), "capture.lan"))
		return true;
	return step_recorded(st, "capture.lan", err) && fs_join(path, step_run_dir(st), "capture/lan.pcapng", err) &&
	       seen_frames(path, bare, &strange[0], &strange[1], step_begin_ns(st) + step_wall_offset_ns(st), point, st, err);
}

/* Both protocols together take no longer than the budget; the step's deadline lies well beyond it. */
static int64_t until(const struct step *st)
{
	return step_begin_ns(st) + step_int(st, "budget");
}

/* UDP gives no sign of being too fast; what TCP found the way can take, halved since datagrams are longer, holds for it too. */
static unsigned udp_rate(const struct step *st, const struct tcp_scan *tcp)
{
	unsigned rate = (unsigned)step_int(st, "rate"), found = tcp->pace / 2 < 1000 ? 1000 : tcp->pace / 2;

	if (tcp->loss_ppm < 20000)
		return rate;
	return rate && rate < found ? rate : found;
}

/* A device that went away during the UDP scan was silent for that reason: does it still answer where it answered before? */
static bool still_there(struct step *st, const char *ip, const struct tcp_scan *tcp, bool *ret, struct err *err)
{
	static struct tcp_scan again;
	static struct portset few;
	struct tcp_how how = { .deadline_ns = clock_ns() + SEC(2), .rate = (unsigned)step_int(st, "rate"), .key = rng_u64(step_rng(st)) };
	unsigned n = 0;

	memset(&few, 0, sizeof(few));
	for (unsigned port = 1; port < 65536 && n < 4; port++)
		if (portset_has(n < 2 ? &tcp->open : &tcp->closed, port)) {
			portset_add(&few, port);
			n++;
		}
	*ret = true;
	if (!n)
		return true;                    /* nothing answers TCP; the UDP answers speak for themselves */
	if (!tcp_scan(ip, &few, &how, &again, err))
		return false;
	*ret = portset_count(&again.open) + portset_count(&again.closed) > 0;
	return true;
}

static bool scan_both(struct step *st, struct target *t, bool *ret_complete, struct err *err)
{
	static struct tcp_scan tcp;
	static struct udp_scan udp;
	struct tcp_how how = { .deadline_ns = until(st), .rate = (unsigned)step_int(st, "rate"), .window = (unsigned)step_int(st, "window"),
			       .key = rng_u64(step_rng(st)), .first = &t->allowed[0] };
	unsigned n_tcp = portset_count(&t->want[0]), n_udp = portset_count(&t->want[1]);
	struct udp_how udp_how;
	int64_t begin_ns = clock_ns();
	bool any, there = true;

	*ret_complete = false;
	if (begin_ns >= until(st)) {
		step_incomplete(st, "%s was not scanned: the time was over", t->ip);
		return true;
	}
	if (!tcp_scan(t->ip, &t->want[0], &how, &tcp, err))
		return false;
	report_tcp(st, t, &tcp, clock_ns() - begin_ns);
	begin_ns = clock_ns();
	udp_how = (struct udp_how){ step_int(st, "settle"), step_int(st, "sort"), until(st), tcp.loss_ppm, udp_rate(st, &tcp) };
	if (!udp_scan(t->ip, &t->want[1], &udp_how, &udp, err))
		return false;
	report_udp(st, t, &udp, clock_ns() - begin_ns);
	if (n_udp && !still_there(st, t->ip, &tcp, &there, err))
		return false;
	if (!there)
		step_incomplete(st, "%s answered nothing after the UDP scan: its silence says nothing", t->ip);
	if (!point_to(st, t->ip, (const struct portset[2]){ tcp.open, udp.open }, t->allowed, err))
		return false;
	any = portset_count(&tcp.open) + portset_count(&tcp.closed) + portset_count(&udp.open) + portset_count(&udp.closed);
	if (!any)
		step_incomplete(st, "%s: no port answered at all: nothing shows that the device was there", t->ip);
	*ret_complete = any && there && portset_count(&tcp.open) + portset_count(&tcp.closed) + portset_count(&tcp.filtered) == n_tcp &&
			portset_count(&udp.sent) == n_udp;
	return true;
}

static bool scan_six(struct step *st, struct target t, bool *complete, struct err *err)
{
	static struct six_targets found;
	bool whole = false;

	if (!six_targets(st, step_int(st, "look"), &found, complete, err))
		return false;
	t.main = false;
	t.tcp_done = t.udp_done = UINT16_MAX;
	for (unsigned i = 0; i < found.n; i++) {
		t.ip = found.ip[i];
		if (!scan_both(st, &t, &whole, err))
			return false;
		*complete = *complete && whole;
	}
	if (found.n) {
		fact_int(st, "six_tcp_done", t.tcp_done);
		fact_int(st, "six_udp_done", t.udp_done);
	}
	return true;
}

static bool scan(struct step *st, struct err *err)
{
	static struct portset want[2], allowed[2];
	bool complete = false;
	char ip[64];
	struct target t = { .ip = ip, .main = true, .want = want, .allowed = allowed };

	if (!portset_parse(step_text(st, "tcp"), &want[0], err))
		return err_in(err, "tcp");
	if (!portset_parse(step_text(st, "udp"), &want[1], err))
		return err_in(err, "udp");
	if (!allowed_sets(st, allowed, err))
		return false;
	fact_set_empty(st, "open");
	fact_set_empty(st, "undeclared");
	fact_set_empty(st, "missing");
	if (step_bool(st, "ipv6"))
		fact_set_empty(st, "six_open");
	step_observer(st, "net.lan");
	if (!step_dut_address(st, ip)) {
		step_incomplete(st, "the device has no address");
		fact_bool(st, "complete", false);
		return true;
	}
	if (!step_in_scope(st, ip, err) || !scan_both(st, &t, &complete, err))
		return false;
	if (step_bool(st, "ipv6") && !scan_six(st, t, &complete, err))
		return false;
	fact_bool(st, "complete", complete);
	return true;
}

static const struct param scan_params[] = {
	{ "allowed", VALUE_SET, .need = true, .doc = "declared ports: tcp/443, udp/5353" },
	{ "tcp", VALUE_TEXT, .fallback = "1-65535", .doc = "TCP ports, such as 1-1024,8080" },
	{ "udp", VALUE_TEXT, .fallback = "53,67,69,111,123,137,161,500,514,520,1194,1434,1701,1812,1883,1900,3478,3702,4500,"
					 "5060,5353,5355,5683,5684,6667,7000,9999,10001,11211,17185,30718,32414,37020,48899,49152,54321",
	  .doc = "UDP ports" },
	{ "settle", VALUE_TIME, .min = MS(50), .max = SEC(30), .fallback = "700ms", .doc = "how long to listen for late UDP answers" },
	{ "sort", VALUE_TIME, .min = 0, .max = SEC(2 * 86400), .fallback = "0s",
	  .doc = "how long to ask silent UDP ports again at the pace of the device's ICMP errors" },
	{ "budget", VALUE_TIME, .min = MS(100), .max = SEC(7 * 86400), .fallback = "1min", .doc = "how long all of it may take" },
	{ "ipv6", VALUE_BOOL, .fallback = "false", .doc = "also every IPv6 address that the device has on the cable" },
	{ "look", VALUE_TIME, .min = MS(100), .max = SEC(600), .fallback = "3s", .doc = "how long to look for them; a device that is about to "
	  "have one is given 3 s more" },
	{ "rate", VALUE_INT, .min = 0, .max = 10000000, .unit = "packets/s", .fallback = "0",
	  .doc = "never ask faster than this; 0: as fast as the device answers" },
	{ "window", VALUE_INT, .min = 0, .max = 65535, .unit = "ports", .fallback = "0",
	  .doc = "never wait for more TCP answers at a time than this; 0: as many as the device takes" },
	{ 0 }
};
static const struct fact scan_facts[] = {
	{ "open", VALUE_SET, NULL, "ports that accept or answer" },
	{ "undeclared", VALUE_SET, NULL, "open ports that are not allowed" },
	{ "missing", VALUE_SET, NULL, "allowed ports among those asked that are not open" },
	{ "six_open", VALUE_SET, NULL, "those of IPv6 addresses, each with its address: \"tcp/80 fd77::23\"" },
	{ "six_addresses", VALUE_SET, NULL, "IPv6 addresses the device answers for: \"fd77::23\", \"fe80::1%lan0\"" },
	{ "six_asked", VALUE_INT, "times", "how often they were asked for on every cable" },
	{ "six_tcp_done", VALUE_INT, "ports", "TCP ports whose state was found at every one of them" },
	{ "six_udp_done", VALUE_INT, "ports", "UDP ports that were asked at every one of them" },
	{ "method", VALUE_TEXT, NULL, "syn: TCP segments of our own; connect: connections, where raw sockets are refused" },
	{ "away", VALUE_TIME, NULL, "longest time in which the device, asked on TCP ports that had answered, answered nothing" },
	{ "loss", VALUE_SHARE, NULL, "of what was sent to TCP ports known to answer" },
	{ "tcp_done", VALUE_INT, "ports", "TCP ports whose state was found" },
	{ "udp_done", VALUE_INT, "ports", "UDP ports that were asked" },
	{ "closed", VALUE_INT, "ports", "TCP ports refused by a reset" },
	{ "filtered", VALUE_INT, "ports", "TCP ports that stayed silent while others answered, or refused by ICMP" },
	{ "udp_closed", VALUE_INT, "ports", "UDP ports refused by ICMP" },
	{ "udp_quiet", VALUE_INT, "ports", "UDP ports that stayed silent while the device told of closed ones: open or filtered" },
	{ "udp_unanswered", VALUE_INT, "ports", "all UDP ports that stayed silent; most may be closed" },
	{ "complete", VALUE_BOOL, NULL, "every port of every address was finished, and at each one of them answered" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "scan", VERB_PROBE, scan_params, scan_facts, scan, "find open TCP and UDP ports" },
	{ "identify", VERB_PROBE, identify_params, identify_facts, identify_run,
	  "name the services of open ports, and find those that ask for a log-in" },
	{ "told", VERB_EXAMINE, told_params, told_facts, told_run, "search what strangers were told for what they should not learn" },
	{ 0 }
};
const struct probe probe_ports = { "ports", "what the device listens on", verbs, NULL, RIGHT_SCOPE | RIGHT_LINES | RIGHT_RAW };
