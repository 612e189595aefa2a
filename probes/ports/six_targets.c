/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/six_targets.h"

#include <netinet/icmp6.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/proto/pcapng.h"
#include "probes/ports/target.h"

#define CAPTURE "capture/lan.pcapng"
#define LOCAL "link-local"

struct looking {
	struct step *st;
	struct six *s;
	struct six_targets *out;
	bool complete;
};

static void open_end(struct looking *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void open_end(struct looking *l, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	step_incomplete(l->st, "%s", why);
	l->complete = false;
}

/* ---- the record ---- */
static bool recorded(struct looking *l, char path[FS_PATH], bool *ret, struct err *err)
{
	*ret = json_object_get(json_object_get(step_bench(l->st), "lines"), "capture.lan") != NULL;
	return !*ret || (step_recorded(l->st, "capture.lan", err) && fs_join(path, step_run_dir(l->st), CAPTURE, err));
}

static bool read_record(struct looking *l, const uint8_t mac[6], struct err *err)
{
	char path[FS_PATH];
	bool there;

	return recorded(l, path, &there, err) && (!there || six_record(l->s, mac, path, err));
}

static bool is_question(const struct packet *k)
{
	return k->layer == PACKET_TRANSPORT && k->proto == IP_ICMP6 && k->icmp_type == MLD_LISTENER_QUERY;
}

/* That nothing answered rests on the questions having gone out: their frames. */
static bool point_to_questions(struct looking *l, struct err *err)
{
	int64_t from_ns = step_begin_ns(l->st) + step_wall_offset_ns(l->st);
	static struct pcapng_reader r;
	struct pcapng_frame frame;
	unsigned n = 0;
	char path[FS_PATH];
	struct packet k;
	bool there;

	if (!recorded(l, path, &there, err) || (there && !pcapng_open(path, false, &r, err)))
		return false;
	if (!there)
		return true;
	while (pcapng_next(&r, &frame, err))
		if (frame.wall_ns >= from_ns && packet_decode(frame.data, &k) && is_question(&k)) {
			step_at_frame(l->st, CAPTURE, frame.number);
			n++;
		}
	pcapng_done(&r);
	if (err->kind != ERR_NONE)
		return false;
	if (n < l->s->asked)
		open_end(l, "IPv6: %u of our %u questions stand in the record", n, l->s->asked);
	return true;
}

/* ---- the declaration ---- */
static const json_t *dut(const struct step *st, const char *key)
{
	return json_object_get(json_object_get(step_device(st), "dut"), key);
}

static void tell_declared(struct looking *l)
{
	const json_t *item;
	struct addr a;
	size_t i;

	json_array_foreach(dut(l->st, "ipv6"), i, item) {
		const char *text = json_is_string(item) ? json_string_value(item) : "";

		l->s->want_local |= !strcmp(text, LOCAL);
		l->s->want_other |= !strcmp(text, "slaac");
		if (!addr_parse(text, &a))
			continue;
		six_tell(l->s, &a, "the declaration");
		for (unsigned k = 0; k < l->s->n; k++)
			l->s->at[k].trial |= addr_same(&a, &l->s->at[k].addr);
	}
}

static bool is_there(const struct six *s, const char *declared)
{
	struct addr a;

	if (!addr_parse(declared, &a))
		return six_has(s, !strcmp(declared, LOCAL));
	for (unsigned i = 0; i < s->n; i++)
		if (s->at[i].ifindex && addr_same(&a, &s->at[i].addr))
			return true;
	return false;
}

static void check_declared(struct looking *l)
{
	const json_t *item;
	size_t i;

	json_array_foreach(dut(l->st, "ipv6"), i, item)
		if (json_is_string(item) && !is_there(l->s, json_string_value(item)))
			open_end(l, "IPv6: the declared %s address did not show in %u questions", json_string_value(item), l->s->asked);
}

/* ---- what was found ---- */
static void choose(struct looking *l, const struct six_address *a)
{
	char text[SIX_TEXT], bare[SIX_TEXT];
	struct err outside = { 0 };

	six_text(a, text);
	snprintf(bare, sizeof(bare), "%.*s", target_bare(text), text);
	fact_set_add(l->st, "six_addresses", text);
	if (!step_in_scope(l->st, bare, &outside))
		open_end(l, "%s is the device, but outside the bench's scope: add it there", text);
	else if (!target_routed(text))
		open_end(l, "%s is the device, but the bench has no way there", text);
	else
		memcpy(l->out->ip[l->out->n++], text, SIX_TEXT);
}

static void say(struct looking *l)
{
	char text[SIX_MAX * (SIX_TEXT + 48)] = "", one[SIX_TEXT];
	size_t n = 0;

	for (unsigned i = 0; i < l->s->n; i++)
		if (l->s->at[i].ifindex)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s (known by %s)", n ? ", " : ": ",
					      six_text(&l->s->at[i], one), l->s->at[i].from);
	if (l->s->n_there)
		step_scope_text(l->st, "IPv6: %u addresses of the device%s; asked %u times", l->s->n_there, text, l->s->asked);
	else
		step_scope_text(l->st, "IPv6: no address of the device seen, asked %u times", l->s->asked);
}

static bool conclude(struct looking *l, struct err *err)
{
	char text[ADDR_TEXT];
	struct addr group;

	say(l);
	fact_int(l->st, "six_asked", l->s->asked);
	for (unsigned i = 0; i < l->s->n; i++)
		if (l->s->at[i].ifindex)
			choose(l, &l->s->at[i]);
	check_declared(l);
	if (l->s->asked < SIX_ASKS)
		open_end(l, "IPv6: asked %u times of %u: the bench has no usable address on the cable", l->s->asked, (unsigned)SIX_ASKS);
	if (six_nameless(l->s, &group))
		open_end(l, "IPv6: the device listens to %s, so it has an address that ends so and was not found", addr_text(&group, text));
	if (l->s->full)
		open_end(l, "IPv6: the device shows more than %u addresses", (unsigned)SIX_MAX);
	return l->s->n_there || point_to_questions(l, err);
}

bool six_targets(struct step *st, int64_t for_ns, struct six_targets *ret, bool *ret_complete, struct err *err)
{
	const char *mac_text = json_string_value(dut(st, "mac"));
	struct six s = { .n = 0 };
	struct looking l = { st, &s, ret, true };
	struct err refusal = { 0 };
	bool refused = false;
	uint8_t mac[6];

	ret->n = 0;
	fact_set_empty(st, "six_addresses");
	if (mac_text && !six_mac(mac_text, mac))
		return err_set(err, ERR_CONF, "dut.mac: '%s' is not a hardware address", mac_text);
	tell_declared(&l);
	if (!mac_text) {
		open_end(&l, "IPv6 addresses of the device were not looked for: its dut.mac is not declared");
	} else if (!read_record(&l, mac, err)) {
		return false;
	} else if (!six_find(&s, mac, for_ns, &refused, &refusal)) {
		if (!refused) {
			*err = refusal;
			return false;
		}
		open_end(&l, "IPv6 addresses of the device were not looked for: this bench may not use raw sockets");
	} else if (!conclude(&l, err)) {
		return false;
	}
	*ret_complete = *ret_complete && l.complete;
	return true;
}
