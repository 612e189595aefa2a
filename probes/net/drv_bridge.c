// SPDX-License-Identifier: Apache-2.0
// The network of a real bench: the port the device is plugged into and, where there is one, the port to the world. Both stay
// the host's; the helper jusan-net puts a station of ours on each into the run's own namespace, and there the bench is
//
//   route    the device's router, with the addresses below and whatever service lines (dnsmasq) are added: every cut works
//   bridge   a bridge between the two ports, with one address of its own: the device lives in the lab's network as it is,
//            and only what stops frames can be cut (the kernel answers in nobody's name on a bridge)
//
// Commands and record are those of cuts.h. Way back: what the ports were like is kept in WORK/NAME.ports, for a fresh process.
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "probes/net/cuts.h"
#include "probes/net/helper.h"
#include "probes/net/links.h"

#define BRIDGE "br0"
#define LAN "lan0"
#define UP "up0"
#define NET "/proc/self/ns/net"

struct ports {                          /* as they were; the second is the uplink */
	struct { char name[IFNAMSIZ]; struct ask_before before; } port[2];
};

struct bridge {
	struct cuts cuts;
	struct helper helper;
	struct ports ports;
	bool apart;                     /* this process is in the bench's namespace */
	int host;                       /* a socket in the host's namespace, to see the carrier of the port itself */
};

static bool is_bridge(const struct line *l)
{
	return !strcmp(line_text(l, "mode"), "bridge");
}

static bool start_helper(const struct line *l, struct helper *ret, struct err *err)
{
	const char *up = cuts_text(l, "up"), *args[3] = { line_text(l, "dut"), NULL, NULL };
	char shared[IFNAMSIZ + 8];

	snprintf(shared, sizeof(shared), "%.15s%s", up ? up : "", line_flag(l, "up_shared") ? ":shared" : "");
	if (up)
		args[1] = shared;
	return helper_start(cuts_text(l, "helper"), args, ret, err);
}

static bool ports_path(const struct line *l, char ret[static FS_PATH], struct err *err)
{
	char name[96];

	snprintf(name, sizeof(name), "%.64s.ports", line_name(l));
	return fs_join(ret, line_work_dir(l), name, err);
}

static bool take(struct line *l, struct bridge *b, int which, const char *name, const char *as, int ns, struct err *err)
{
	struct ask a = { .verb = ASK_TAKE };
	char path[FS_PATH];

	if (strlen(name) >= IFNAMSIZ)
		return err_set(err, ERR_CONF, "%s: '%s' is no interface name", line_name(l), name);
	strcpy(a.interface, name);
	strcpy(a.as, as);
	strcpy(b->ports.port[which].name, name);
	return helper_ask(&b->helper, &a, ns, &b->ports.port[which].before, err) && ports_path(l, path, err) &&
	       fs_write(path, &b->ports, sizeof(b->ports), err);
}

static bool give(const struct helper *h, const struct ports *p, struct err *err)
{
	for (int i = 0; i < 2; i++) {
		struct ask a = { .verb = ASK_GIVE, .before = p->port[i].before };

		strcpy(a.interface, p->port[i].name);
		if (a.before.known && !helper_ask(h, &a, -1, NULL, err))
			return false;
	}
	return true;
}

static bool plug(struct line *l, bool in, struct err *err)
{
	struct bridge *b = line_priv(l);
	struct ask a = { .verb = ASK_LINK, .flag = in };

	strcpy(a.interface, b->ports.port[0].name);
	return helper_ask(&b->helper, &a, -1, NULL, err);
}

static void carrier(struct line *l, json_t *reply)
{
	struct bridge *b = line_priv(l);

	json_object_set_new(reply, "carrier", json_boolean(links_carrier(b->host, b->ports.port[0].name)));
}

static bool gateways(const struct line *l, const char *interface, struct err *err)
{
	const char *four = cuts_text(l, "gateway"), *six = cuts_text(l, "gateway6");

	return (!four || links_gateway(interface, four, err)) && (!six || links_gateway(interface, six, err));
}

static bool as_router(struct line *l, struct bridge *b, struct err *err)
{
	struct links k = { .lan = LAN, .up = UP, .lan4 = b->cuts.rules.lan4, .lan6 = b->cuts.rules.lan6, .has_up = cuts_text(l, "up") != NULL,
			   .up4 = line_text(l, "up_address"), .up6 = cuts_text(l, "up_address6") };

	b->cuts.rules.masquerade = true;
	return links_bench_side(&k, err) && (!k.has_up || gateways(l, UP, err));
}

static bool as_bridge(struct line *l, struct bridge *b, struct err *err)
{
	const char *const port[2] = { LAN, cuts_text(l, "up") ? UP : NULL };
	struct links k = { .lan = BRIDGE, .lan4 = b->cuts.rules.lan4, .lan6 = b->cuts.rules.lan6 };

	b->cuts.rules.bridged = true;
	return links_bridge(BRIDGE, port, err) && links_bench_side(&k, err) && gateways(l, BRIDGE, err);
}

/* What a process that was killed left in our namespace, which a run that goes on may still have. */
static bool clear(struct err *err)
{
	const struct links k = { .lan = LAN, .up = UP }, bridge = { .lan = BRIDGE };

	return links_remove(&k, err) && links_remove(&bridge, err);
}

static bool build(struct line *l, struct bridge *b, struct err *err)
{
	const char *up = cuts_text(l, "up");
	CLEANUP(close_fd) int ns = -1;
	struct stat home, here;

	b->host = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (b->host < 0)
		return err_sys(err, "socket");
	/* The helper stays on the host's side; from here on this process is in the bench's namespace. */
	if (!start_helper(l, &b->helper, err) || stat(NET, &home) < 0 || !line_enter(l, NETNS_BENCH, err) || stat(NET, &here) < 0 ||
	    !links_namespace(l, NETNS_BENCH, &ns, err))
		return err->kind == ERR_NONE ? err_sys(err, NET) : false;
	if (home.st_ino == here.st_ino)
		return err_set(err, ERR_BENCH, "%s: the bench has no namespace of its own, and the host's network is not touched", line_name(l));
	b->apart = true;
	if (!clear(err))
		return false;
	return take(l, b, 0, line_text(l, "dut"), LAN, ns, err) && (!up || take(l, b, 1, up, UP, ns, err)) &&
	       (is_bridge(l) ? as_bridge(l, b, err) : as_router(l, b, err));
}

static void undo(struct line *l, struct bridge *b)
{
	struct err err = { 0 };
	char path[FS_PATH];

	if (b->apart && (!rules_remove(is_bridge(l), &err) || !clear(&err)))
		line_note(l, "%s", err.text);
	if (b->helper.fd >= 0 && !give(&b->helper, &b->ports, &err))
		line_note(l, "%s", err.text);
	else if (ports_path(l, path, &err))
		unlink(path);
	helper_end(&b->helper);
}

static void bridge_close(struct line *l)
{
	struct bridge *b = line_priv(l);

	cuts_close(l, &b->cuts);
	undo(l, b);
	if (b->host >= 0)
		close(b->host);
	free(b);
}

static bool bridge_open(struct line *l, struct err *err)
{
	struct bridge *b = calloc(1, sizeof(*b));

	if (!b)
		return err_set(err, ERR_LIMIT, "out of memory");
	line_set_priv(l, b);
	cuts_init(l, &b->cuts);
	b->host = b->helper.fd = -1;
	b->cuts.rules.lan = LAN;
	b->cuts.rules.up = cuts_text(l, "up") ? UP : NULL;
	b->cuts.plug = plug;
	b->cuts.carrier = carrier;
	if (is_bridge(l) && !b->cuts.rules.up)
		err_set(err, ERR_CONF, "%s: mode: bridge needs `up`, the port on the other side", line_name(l));
	else if (build(l, b, err) && cuts_open(l, &b->cuts, err))
		return true;
	bridge_close(l);
	return false;
}

static bool bridge_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct bridge *b = line_priv(l);

	return cuts_command(l, &b->cuts, command, args, reply, err);
}

static bool bridge_event(struct line *l, int fd, short revents, struct err *err)
{
	struct bridge *b = line_priv(l);

	(void)revents, (void)err;
	cuts_event(l, &b->cuts, fd);
	return true;
}

/* The namespace and all that is in it go with the run; the ports are the host's. */
static void bridge_safe(struct line *l)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct helper h = { -1, 0 };
	struct err err = { 0 };
	struct ports p;
	char path[FS_PATH];
	size_t n;

	if (!ports_path(l, path, &err) || access(path, F_OK) || !fs_read(path, sizeof(p), &text, &n, &err) || n != sizeof(p))
		return;                 /* nothing was taken, or it was given back */
	memcpy(&p, text, sizeof(p));
	p.port[0].name[IFNAMSIZ - 1] = p.port[1].name[IFNAMSIZ - 1] = '\0';
	if (!start_helper(l, &h, &err) || !give(&h, &p, &err))
		line_note(l, "%s", err.text);
	else
		unlink(path);
	helper_end(&h);
}

static const char *const mode_words[] = { "route", "bridge", NULL };
static const struct param bridge_params[] = {
	{ .name = "dut", .type = VALUE_TEXT, .need = true, .doc = "this host's interface that the device is plugged into; the host may not use it. "
	  "The bench sees it as lan0" },
	{ .name = "up", .type = VALUE_TEXT, .doc = "the interface to the world, as up0; absent = no world" },
	{ .name = "up_shared", .type = VALUE_BOOL, .fallback = "false", .doc = "the host uses `up` too (its default route, its addresses): the bench "
	  "is one more station beside it" },
	{ .name = "mode", .type = VALUE_ENUM, .words = mode_words, .fallback = "route", .doc = "route: the bench is the device's router. bridge: "
	  "the device is in the lab's network (its address there: lan_address on br0), and only what stops frames can be cut" },
	{ .name = "mac", .type = VALUE_TEXT, .doc = "hardware address of the device, where device.yaml says none" },
	CUTS_PARAMS,
	{ .name = "up_address", .type = VALUE_TEXT, .fallback = "203.0.113.1/24", .doc = "the bench on the way to the world (mode: route)" },
	{ .name = "up_address6", .type = VALUE_TEXT, .doc = "the same for IPv6" },
	{ .name = "gateway", .type = VALUE_TEXT, .doc = "the lab's router" },
	{ .name = "gateway6", .type = VALUE_TEXT, .doc = "the same for IPv6" },
	{ .name = "helper", .type = VALUE_TEXT, .doc = "the program jusan-net, when it is not beside jusan" },
	{ 0 }
};

const struct line_driver drv_bridge = {
	.name = "bridge", .doc = "network of a real bench: the device's port, the way up, and cuts of them",
	.seen = "the kernel's cables in namespaces of a host (make lab); no real network card",
	.params = bridge_params, .open = bridge_open, .command = bridge_command, .event = bridge_event, .safe = bridge_safe,
	.close = bridge_close,
};
