// SPDX-License-Identifier: Apache-2.0
// The network of a virtual bench: the device's cable, the way up to the world, and what can go wrong with both.
//
// Commands and record are those of cuts.h.
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "probes/net/cuts.h"
#include "probes/net/links.h"

struct veth {
	struct cuts cuts;
	int here, there;                /* sockets in the bench's and the device's namespace */
};

/* A socket that stays in the device's namespace, to see the cable from the other end. */
static bool socket_there(struct line *l, int *ret, struct err *err)
{
	CLEANUP(close_fd) int home = -1;
	CLEANUP(close_fd) int dut = -1;

	if (!links_namespace(l, NETNS_BENCH, &home, err) || !links_namespace(l, NETNS_DUT, &dut, err))
		return false;
	if (setns(dut, CLONE_NEWNET) < 0)
		return err_sys(err, "the device's namespace");
	*ret = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (setns(home, CLONE_NEWNET) < 0)
		return err_sys(err, "back from the device's namespace");
	return *ret >= 0 || err_sys(err, "socket");
}

static void fill_links(const struct line *l, struct links *k)
{
	*k = (struct links){
		.lan = line_text(l, "lan"), .dut = line_text(l, "dut"), .up = cuts_text(l, "up"), .world = line_text(l, "world"),
		.mac = cuts_text(l, "mac"), .lan4 = line_text(l, "lan_address"), .lan6 = cuts_text(l, "lan_address6"),
		.up4 = line_text(l, "up_address"), .up6 = cuts_text(l, "up_address6"),
		.hosts = json_object_get(line_bench(l), "hosts"),
	};
	k->has_up = k->up != NULL;
}

static bool plug(struct line *l, bool in, struct err *err)
{
	struct veth *v = line_priv(l);

	return links_up(v->here, v->cuts.rules.lan, in, err);
}

/* The other end has carrier when both are up; a device without power has none either. */
static void carrier(struct line *l, json_t *reply)
{
	struct veth *v = line_priv(l);

	json_object_set_new(reply, "device_carrier", json_boolean(links_carrier(v->there, line_text(l, "dut"))));
	json_object_set_new(reply, "carrier", json_boolean(links_carrier(v->here, v->cuts.rules.lan)));
}

static bool veth_open(struct line *l, struct err *err)
{
	struct veth *v = calloc(1, sizeof(*v));
	struct links k;

	if (!v)
		return err_set(err, ERR_LIMIT, "out of memory");
	line_set_priv(l, v);
	cuts_init(l, &v->cuts);
	v->cuts.rules.lan = line_text(l, "lan");
	v->cuts.rules.up = cuts_text(l, "up");
	v->cuts.plug = plug;
	v->cuts.carrier = carrier;
	v->there = -1;
	fill_links(l, &k);
	v->here = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return links_make(l, &k, err) && socket_there(l, &v->there, err) && cuts_open(l, &v->cuts, err);
}

static bool veth_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct veth *v = line_priv(l);

	return cuts_command(l, &v->cuts, command, args, reply, err);
}

static bool veth_event(struct line *l, int fd, short revents, struct err *err)
{
	struct veth *v = line_priv(l);

	(void)revents, (void)err;
	cuts_event(l, &v->cuts, fd);
	return true;
}

/* Namespaces go with the run; on the way back it matters that nothing of ours stays where they are shared. */
static void veth_safe(struct line *l)
{
	struct err err = { 0 };
	struct links k;

	fill_links(l, &k);
	if (!rules_remove(false, &err) || !links_remove(&k, &err))
		line_note(l, "%s", err.text);
}

static void veth_close(struct line *l)
{
	struct veth *v = line_priv(l);

	cuts_close(l, &v->cuts);
	veth_safe(l);
	close(v->here);
	close(v->there);
	free(v);
}

static const struct param veth_params[] = {
	{ .name = "dut", .type = VALUE_TEXT, .fallback = "dut0", .doc = "the device's interface" },
	{ .name = "lan", .type = VALUE_TEXT, .fallback = "lan0", .doc = "the bench's end of its cable" },
	{ .name = "up", .type = VALUE_TEXT, .fallback = "up0", .doc = "the bench's interface to the world; empty = no world" },
	{ .name = "world", .type = VALUE_TEXT, .fallback = "world0", .doc = "the world's end of that" },
	{ .name = "mac", .type = VALUE_TEXT, .doc = "hardware address of the device's interface" },
	{ .name = "up_address", .type = VALUE_TEXT, .fallback = "203.0.113.1/24", .doc = "the bench on the way to the world" },
	{ .name = "up_address6", .type = VALUE_TEXT, .doc = "the same for IPv6" },
	CUTS_PARAMS,
	{ 0 }
};

const struct line_driver drv_veth = {
	.name = "veth", .doc = "network of a virtual bench: cable, router, world, and cuts of them",
	.seen = "the kernel's own cables and nft, in namespaces, in every make check",
	.params = veth_params, .open = veth_open, .command = veth_command, .event = veth_event, .safe = veth_safe,
	.close = veth_close,
};
