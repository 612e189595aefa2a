// SPDX-License-Identifier: Apache-2.0
#include "probes/capture/record.h"

#include <stdio.h>
#include <string.h>

#include "probes/capture/flows.h"

#define BLOCK_NS MS(25)         /* the kernel hands blocks of frames over after at most 10 ms */

/* `whole`: without a label the window is all that was recorded, not what came since the last stimulus. */
bool record_open(struct step *st, bool live, bool whole, struct record *ret, struct err *err)
{
	const char *line = step_text(st, "line"), *dot = strchr(line, '.');
	struct record r = { .offset_ns = step_wall_offset_ns(st), .since_ns = step_since_ns(st) };
	struct err gone = { 0 };
	char path[FS_PATH];

	if (whole && !step_has(st, "since"))
		r.since_ns = 0;
	if (!live) {
		step_wait(st, -1, clock_ns() + BLOCK_NS);
		/* A run that is over has no recorder, and everything is on file. */
		if (!step_line(st, line, "get", NULL, NULL, &gone))
			gone.kind = ERR_NONE;
	}
	snprintf(r.file, sizeof(r.file), "capture/%s.pcapng", dot ? dot + 1 : line);
	if (!fs_join(path, step_run_dir(st), r.file, err) || !pcapng_open(path, live, &r.r, err))
		return false;
	step_observer(st, line);
	*ret = r;
	return true;
}

int64_t record_at_ns(const struct record *r, const struct pcapng_frame *f)
{
	return f->wall_ns - r->offset_ns;
}

bool record_next(struct record *r, struct pcapng_frame *f, struct packet *k, bool *ret_inside, struct err *err)
{
	while (pcapng_next(&r->r, f, err)) {
		*ret_inside = record_at_ns(r, f) >= r->since_ns;
		if (!*ret_inside)
			r->dropped_before = r->r.p.dropped;
		if (packet_decode(f->data, k))
			return true;
	}
	return false;
}

/* What was lost makes absence uncertain; what was seen stays seen. */
bool record_done(struct step *st, struct record *r, const struct err *err)
{
	int64_t lost = r->r.p.dropped - r->dropped_before;

	if (lost > 0)
		step_incomplete(st, "the recorder lost %lld frames", (long long)lost);
	if (r->r.p.bad)
		step_incomplete(st, "%s: %s", r->file, r->r.p.why);
	if (!r->r.p.frames)
		step_incomplete(st, "nothing was ever recorded in %s", r->file);
	pcapng_done(&r->r);
	return err->kind == ERR_NONE;
}

bool record_mac(struct step *st, uint8_t ret[static 6], struct err *err)
{
	const char *mac = json_string_value(json_object_get(json_object_get(step_device(st), "dut"), "mac")), *name;
	json_t *v;

	json_object_foreach(json_object_get(step_bench(st), "lines"), name, v)
		if (!mac && !strncmp(name, "net.", 4))
			mac = json_string_value(json_object_get(v, "mac"));
	return (mac && flows_mac(mac, ret)) || err_set(err, ERR_BENCH, "device.yaml says no dut: {mac: ...}, so its frames cannot be told");
}

/* The networks of the device's cable, each as the router's address on it. */
void record_cable(struct step *st, const char *ret[2])
{
	const char *name;
	json_t *v;

	ret[0] = ret[1] = NULL;
	json_object_foreach(json_object_get(step_bench(st), "lines"), name, v) {
		if (strncmp(name, "net.", 4))
			continue;
		ret[0] = json_string_value(json_object_get(v, "lan_address"));
		ret[1] = json_string_value(json_object_get(v, "lan_address6"));
		ret[0] = ret[0] ? ret[0] : "192.168.77.1/24";
		ret[1] = ret[1] ? ret[1] : "fd77::1/64";
	}
}

/* On the cable itself: the router, neighbours, groups. Nobody there is a third party. */
bool record_local(const char *const net[2], const struct addr *a, struct addr *ret_router)
{
	static const uint8_t link_local[2] = { 0xfe, 0x80 };
	char ip[ADDR_TEXT + 8];

	ret_router->family = 0;
	for (int i = 0; i < 2; i++)
		if (net[i] && addr_within(a, net[i])) {
			snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(net[i], "/"), net[i]);
			if (!addr_parse(ip, ret_router))
				ret_router->family = 0;
			return true;
		}
	return addr_is_group(a) || (a->family == 6 && !memcmp(a->b, link_local, 2));
}

bool record_allowed(const json_t *allowed, const char *text)
{
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)allowed, i, v) {
		const char *a = json_string_value(v);
		size_t n = a ? strlen(a) : 0;

		/* "host" alone stands for every port of it */
		if (n && (!strcmp(a, text) || (!strchr(a, '/') && !strncmp(a, text, n) && (text[n] == ':' || text[n] == '/'))))
			return true;
	}
	return false;
}

