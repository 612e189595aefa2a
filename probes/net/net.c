// SPDX-License-Identifier: Apache-2.0
// Verbs of the device's network. A cut is confirmed by something other than the rule that makes it: the carrier, or
// the capture, in which nobody may answer what the device asks meanwhile.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "probes/net/answers.h"

#define FLIGHT_NS MS(50)        /* frames that were on their way when the rule came */
#define BLOCK_NS  MS(35)        /* until the recorder has written what it saw */

/* One cut at a time is open without an end of its own; this worker lives as long as the attempt. */
static struct { bool open; char line[64], capture[64]; struct answers_spec spec; int64_t kbit; char lan4[64], lan6[64]; } pending;

static const char *line_key(struct step *st, const char *line, const char *key, const char *fallback)
{
	const char *v = json_string_value(json_object_get(json_object_get(json_object_get(step_bench(st), "lines"), line), key));

	return v ? v : fallback;
}

static bool parse_mac(const char *text, uint8_t ret[static 6])
{
	unsigned b[6];

	if (!text || sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6)
		return false;
	for (int i = 0; i < 6; i++)
		ret[i] = (uint8_t)b[i];
	return true;
}

static enum cut_kind kind_of(const char *how)
{
	unsigned i = 0;

	while (i < CUT_COUNT && strcmp(how, cut_name[i]))
		i++;
	return (enum cut_kind)i;
}

static bool name_here(const char *text, struct addr *ret)
{
	char ip[64];

	snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(text, "/"), text);
	*ret = (struct addr){ 0 };
	return !ip[0] || addr_parse(ip, ret);
}

/* What this bench answers for every name: the addresses of nobody, or of the portal. */
static bool false_names(struct step *st, const char *line, struct answers_spec *s, struct err *err)
{
	bool portal = s->kind == CUT_captive_portal;

	if (name_here(portal ? s->lan4 : line_key(st, line, "wrong", "203.0.113.254"), &s->wrong.four) &&
	    name_here(portal ? s->lan6 ? s->lan6 : "" : line_key(st, line, "wrong6", "2001:db8::254"), &s->wrong.six))
		return true;
	return err_set(err, ERR_BENCH, "%s: wrong: is no address", line);
}

static bool describe(struct step *st, const char *line, struct answers_spec *s, char peer[static 64], struct err *err)
{
	const char *mac = json_string_value(json_object_get(json_object_get(step_device(st), "dut"), "mac"));
	const char *lan6 = line_key(st, line, "lan_address6", "fd77::1/64");

	*s = (struct answers_spec){ .kind = kind_of(step_text(st, "how")), .port = step_has(st, "port") ? (int)step_int(st, "port") : 0,
				    .lan4 = line_key(st, line, "lan_address", "192.168.77.1/24"), .lan6 = lan6[0] ? lan6 : NULL };
	peer[0] = '\0';
	if (!parse_mac(mac ? mac : line_key(st, line, "mac", NULL), s->mac))
		return err_set(err, ERR_BENCH, "device.yaml says no dut: {mac: ...}, so its frames cannot be told");
	s->offset_ns = step_int(st, "offset");
	if (!false_names(st, line, s, err))
		return false;
	if (!step_has(st, "peer"))
		return true;
	return step_resolve(st, step_text(st, "peer"), peer, err) &&
	       (addr_parse(peer, &s->peer) || err_set(err, ERR_BENCH, "peer '%s' is no address", peer));
}

static json_t *cut_args(struct step *st, const char *peer, int port)
{
	json_t *args = json_pack("{s:s,s:I,s:I,s:I,s:I,s:I}", "how", step_text(st, "how"), "port", (json_int_t)port,
				 "percent", (json_int_t)(step_int(st, "loss") / 10000), "offset_ns", (json_int_t)step_int(st, "offset"),
				 "kbit", (json_int_t)step_int(st, "rate"), "delay_ns", (json_int_t)step_int(st, "delay"));

	if (peer[0])
		json_object_set_new(args, "peer", json_string(peer));
	return args;
}

/* What the capture shows of the window; a bench without that recorder has only the rule. */
static bool count(struct step *st, const char *capture, const struct answers_spec *s, struct answers *ret, bool *ret_seen,
		  struct err *err)
{
	const char *dot = strchr(capture, '.');
	struct err gone = { 0 };
	char path[FS_PATH];

	*ret = (struct answers){ .asked = 0 };
	*ret_seen = json_object_get(json_object_get(step_bench(st), "lines"), capture) != NULL;
	if (!*ret_seen)
		return true;
	step_wait(st, -1, clock_ns() + BLOCK_NS);
	if (!step_line(st, capture, "get", NULL, NULL, &gone))
		gone.kind = ERR_NONE;
	snprintf(path, sizeof(path), "%s/capture/%s.pcapng", step_run_dir(st), dot ? dot + 1 : capture);
	if (!answers_count(path, s, ret, err))
		return false;
	step_observer(st, capture);
	if (ret->lost)
		step_incomplete(st, "the recorder lost %lld frames meanwhile", (long long)ret->lost);
	if (!ret->frames)
		step_incomplete(st, "nothing was ever recorded by %s, so its silence confirms nothing", capture);
	if (ret->answered) {
		snprintf(path, sizeof(path), "capture/%s.pcapng", dot ? dot + 1 : capture);
		step_at_frame(st, path, ret->first_frame);
	}
	return true;
}

/* What the line said when the cut ended, and what was asked of it. */
struct ended { int64_t t_ns, stopped, unanswered, connected, refused, kbit; bool down; };

/* A queue lets a burst through before it slows, and the recorder's window has edges: a tenth and 64 KiB are allowed. */
static bool is_slow(const struct answers_spec *s, const struct answers *a, int64_t kbit)
{
	int64_t ms = (s->to_wall_ns - s->from_wall_ns) / MS(1);

	return a->bytes <= kbit * ms / 8 * 11 / 10 + 65536;
}

static bool holds(const struct answers_spec *s, const struct answers *a, const struct ended *e)
{
	switch (s->kind) {
	case CUT_loss:
		return e->stopped > 0 || !a->asked;
	case CUT_rate:
		return is_slow(s, a, e->kbit);
	case CUT_delay:
		return true;            /* the queue stands: the kernel took it */
	default:
		return a->answered == 0 && !e->unanswered;
	}
}

static void explain(const struct answers_spec *s, const struct answers *a, const struct ended *e, bool seen, char how[static 160])
{
	if (e->unanswered)
		snprintf(how, 160, "%lld connections wanted TLS: a page in it needs the peer's key; use tls_refused", (long long)e->unanswered);
	else if (s->kind == CUT_loss)
		snprintf(how, 160, "%lld packets lost on the way, %lld sent by the device", (long long)e->stopped, (long long)a->asked);
	else if (s->kind == CUT_rate && seen)
		snprintf(how, 160, "%lld bytes to the device at up to %lld kbit/s", (long long)a->bytes, (long long)e->kbit);
	else if (s->kind != CUT_delay && seen && a->asked)
		snprintf(how, 160, "%lld frames asked, %lld answered", (long long)a->asked, (long long)a->answered);
	else
		snprintf(how, 160, "the rule stands%s", s->kind == CUT_delay ? "" : ", nobody asked");
}

/* The facts of a cut that lasted from s->from to s->to (wall clock). */
static bool judge(struct step *st, const char *capture, const struct answers_spec *s, const struct ended *e, struct err *err)
{
	struct answers a;
	char how[160];
	bool seen;

	if (s->kind == CUT_link_down) {
		fact_bool(st, "confirmed", e->down);
		fact_text(st, "how", e->down ? "no carrier at either end" : "there is still a carrier");
		return true;
	}
	if (s->kind == CUT_ap_down || s->kind == CUT_wrong_psk) {       /* the access point knows who was in */
		snprintf(how, sizeof(how), "%lld stations connected, %lld refused", (long long)e->connected, (long long)e->refused);
		fact_bool(st, "confirmed", !e->connected);
		fact_text(st, "how", how);
		return true;
	}
	if (!count(st, capture, s, &a, &seen, err))
		return false;
	explain(s, &a, e, seen, how);
	fact_bool(st, "confirmed", holds(s, &a, e));
	fact_text(st, "how", how);
	fact_int(st, "asked", a.asked);
	fact_int(st, "answered", a.answered);
	return true;
}

static bool end_cut(struct step *st, const char *line, struct ended *e, struct err *err)
{
	CLEANUP(free_json) json_t *reply = NULL;

	if (!step_line(st, line, "restore", NULL, &reply, err))
		return false;
	e->t_ns = json_integer_value(json_object_get(reply, "t_ns"));
	e->stopped = json_integer_value(json_object_get(reply, "stopped"));
	e->unanswered = json_integer_value(json_object_get(reply, "unanswered"));
	e->connected = json_integer_value(json_object_get(reply, "connected"));
	e->refused = json_integer_value(json_object_get(reply, "refused"));
	return true;
}

/* The attempt is over, or net.restore said so: what stands open ends now, and is counted. */
static void finish(struct step *st, void *data)
{
	struct err err = { 0 };
	struct ended e = { .down = true };      /* a pulled cable was confirmed when it was pulled */

	(void)data;
	if (!pending.open)
		return;
	pending.open = false;
	pending.spec.to_wall_ns = clock_ns() + step_wall_offset_ns(st);
	e.kbit = pending.kbit;
	if (!end_cut(st, pending.line, &e, &err)) {
		step_incomplete(st, "%s", err.text);
		return;
	}
	step_observer(st, pending.line);
	if (pending.spec.kind != CUT_link_down && !judge(st, pending.capture, &pending.spec, &e, &err))
		step_incomplete(st, "%s", err.text);
}

static void leave_open(struct step *st, const char *line, const struct answers_spec *s)
{
	pending.open = true;
	pending.kbit = step_int(st, "rate");
	snprintf(pending.line, sizeof(pending.line), "%s", line);
	snprintf(pending.capture, sizeof(pending.capture), "%s", step_text(st, "capture"));
	snprintf(pending.lan4, sizeof(pending.lan4), "%s", s->lan4);
	snprintf(pending.lan6, sizeof(pending.lan6), "%s", s->lan6 ? s->lan6 : "");
	pending.spec = *s;
	pending.spec.lan4 = pending.lan4;
	pending.spec.lan6 = s->lan6 ? pending.lan6 : NULL;
	step_at_finish(st, finish, NULL);
}

static bool cut(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	CLEANUP(free_json) json_t *args = NULL;
	CLEANUP(free_json) json_t *reply = NULL;
	struct ended e = { .kbit = step_int(st, "rate") };
	struct answers_spec s;
	int64_t from_ns;
	char peer[64];

	if (!describe(st, line, &s, peer, err))
		return false;
	args = cut_args(st, peer, s.port);
	if (!step_line(st, line, "cut", args, &reply, err))
		return false;
	from_ns = json_integer_value(json_object_get(reply, "t_ns"));
	s.from_wall_ns = from_ns + FLIGHT_NS + step_wall_offset_ns(st);
	e.down = !json_is_true(json_object_get(reply, "carrier")) && !json_is_true(json_object_get(reply, "device_carrier"));
	step_observer(st, line);
	fact_bool(st, "carrier", !e.down);
	if (!step_has(st, "for")) {
		fact_bool(st, "confirmed", s.kind == CUT_link_down ? e.down : json_integer_value(json_object_get(reply, "cuts")) > 0);
		fact_text(st, "how", s.kind == CUT_link_down ? "carrier" : "the rule stands");
		leave_open(st, line, &s);
		return true;
	}
	step_wait(st, -1, from_ns + step_int(st, "for"));
	s.to_wall_ns = clock_ns() + step_wall_offset_ns(st);
	return end_cut(st, line, &e, err) && judge(st, step_text(st, "capture"), &s, &e, err);
}

static bool restore(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	CLEANUP(free_json) json_t *reply = NULL;

	if (pending.open)
		pending.spec.to_wall_ns = clock_ns() + step_wall_offset_ns(st);
	if (!step_line(st, line, "restore", NULL, &reply, err))
		return false;
	pending.open = false;
	step_observer(st, line);
	fact_bool(st, "confirmed", json_integer_value(json_object_get(reply, "cuts")) == 0);
	fact_int(st, "stopped", json_integer_value(json_object_get(reply, "stopped")));
	return true;
}

static bool address(struct step *st, struct err *err)
{
	char ip[64];
	bool present = step_dut_address(st, ip);

	(void)err;
	step_observer(st, "net");
	fact_bool(st, "present", present);
	if (present)
		fact_text(st, "address", ip);
	return true;
}

static bool carrier(struct step *st, struct err *err)
{
	CLEANUP(free_json) json_t *reply = NULL;

	if (!step_line(st, step_text(st, "line"), "get", NULL, &reply, err))
		return false;
	step_observer(st, step_text(st, "line"));
	fact_bool(st, "up", json_is_true(json_object_get(reply, "carrier")));
	return true;
}

/* ---- descriptors ---- */

#define LINE { .name = "line", .type = VALUE_LINE, .fallback = "net.lan", .doc = "which network" }

static const struct param cut_params[] = {
	LINE,
	{ .name = "how", .type = VALUE_ENUM, .need = true, .words = cut_name, .doc = "what is missing" },
	{ .name = "for", .type = VALUE_TIME, .min = MS(1), .max = SEC(86400), .doc = "how long; else until net.restore or the end of the attempt" },
	{ .name = "peer", .type = VALUE_TEXT, .doc = "only this far end" },
	{ .name = "port", .type = VALUE_INT, .min = 1, .max = 65535, .doc = "only this port of it" },
	{ .name = "loss", .type = VALUE_SHARE, .min = 10000, .max = 1000000, .fallback = "30%", .doc = "for how: loss" },
	{ .name = "offset", .type = VALUE_TIME, .min = SEC(1), .max = SEC(3153600000), .fallback = "36500h",
	  .doc = "for how: ntp_wrong: how far our clock is ahead" },
	{ .name = "rate", .type = VALUE_INT, .min = 8, .max = 10000000, .unit = "kbit/s", .fallback = "64", .doc = "for how: rate: each way" },
	{ .name = "delay", .type = VALUE_TIME, .min = MS(1), .max = SEC(60), .fallback = "500ms", .doc = "for how: delay: each way" },
	{ .name = "capture", .type = VALUE_TEXT, .fallback = "capture.lan", .doc = "the recorder that confirms it" },
	{ 0 }
};
static const struct param line_params[] = { LINE, { 0 } };
static const struct param no_params[] = { { 0 } };
static const struct fact cut_facts[] = {
	{ "confirmed", VALUE_BOOL, NULL, "no carrier, or no answer in the capture to anything the device asked" },
	{ "how", VALUE_TEXT, NULL, "what confirmed it" },
	{ "carrier", VALUE_BOOL, NULL, "there is a carrier during the cut" },
	{ "asked", VALUE_INT, "frames", "that the device sent to what was cut" },
	{ "answered", VALUE_INT, "frames", "that came back" },
	{ 0 }
};
static const struct fact restore_facts[] = {
	{ "confirmed", VALUE_BOOL, NULL, "no cut is left" },
	{ "stopped", VALUE_INT, "packets", "that the cuts stopped" },
	{ 0 }
};
static const struct fact address_facts[] = {
	{ "present", VALUE_BOOL, NULL, "the device has an address" },
	{ "address", VALUE_TEXT, NULL, "which" },
	{ 0 }
};
static const struct fact carrier_facts[] = { { "up", VALUE_BOOL, NULL, "both ends of the cable are up" }, { 0 } };
static const struct verb verbs[] = {
	{ "cut", VERB_STIMULUS, cut_params, cut_facts, cut, "take away a part of the network" },
	{ "restore", VERB_STIMULUS, line_params, restore_facts, restore, "end all cuts" },
	{ "address", VERB_PROBE, no_params, address_facts, address, "the address that the device was given" },
	{ "carrier", VERB_PROBE, line_params, carrier_facts, carrier, "whether the cable carries anything" },
	{ 0 }
};

#define DRIVER_net(d) extern const struct line_driver drv_##d;
#include "tables.h"
static const struct line_driver *const drivers[] = {
#define DRIVER_net(d) &drv_##d,
#include "tables.h"
	NULL
};

const struct probe probe_net = {
	.name = "net", .doc = "the device's network, and what can go wrong with it", .verbs = verbs, .drivers = drivers,
	.rights = RIGHT_LINES,
};
