// SPDX-License-Identifier: Apache-2.0
// The network of a virtual bench: the device's cable, the way up to the world, and what can go wrong with both.
//
// Commands   cut {how, peer?, port?, percent?} -> {t_ns, carrier, device_carrier}; restore {} -> {t_ns, stopped, ...}:
//            ends all cuts, t_ns is when they last stood; get {} -> {carrier, device_carrier, cuts, stopped};
//            redirect {from_ip, from_port, to_port}:
//            the device's TCP connections there end at a port of this host; unredirect {from_ip, from_port}
// Record     RUN/net/NAME.log (event_log.h): cut <number> <how>, restore <packets stopped>, redirect <port> <from>, ...
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/proto/event_log.h"
#include "probes/net/dns_liar.h"
#include "probes/net/links.h"
#include "probes/net/rules.h"

struct veth {
	struct rules rules;
	int here, there;                /* sockets in the bench's and the device's namespace */
	int liar;                       /* -1 = tells no lies */
	struct addr wrong;
	int log;
	bool blind;
};

static const char *text_or_null(const struct line *l, const char *param)
{
	const char *text = line_has(l, param) ? line_text(l, param) : NULL;

	return text && text[0] ? text : NULL;
}

static bool record(struct veth *v, const char *word, int64_t value, const char *note, struct err *err)
{
	return v->blind || event_log_add(v->log, clock_ns(), word, value, note, err);
}

static bool start_log(struct line *l, struct veth *v, struct err *err)
{
	const char *dot = strchr(line_name(l), '.');
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/net", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/net/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	return event_log_create(path, &v->log, err);
}

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

static void fill_rules(const struct line *l, struct rules *r)
{
	r->lan = line_text(l, "lan");
	r->up = text_or_null(l, "up");
	r->lan4 = line_text(l, "lan_address");
	r->lan6 = text_or_null(l, "lan_address6");
	r->scope = json_object_get(line_bench(l), "scope");
}

static void fill_links(const struct line *l, struct links *k)
{
	*k = (struct links){
		.lan = line_text(l, "lan"), .dut = line_text(l, "dut"), .up = text_or_null(l, "up"), .world = line_text(l, "world"),
		.mac = text_or_null(l, "mac"), .lan4 = line_text(l, "lan_address"), .lan6 = text_or_null(l, "lan_address6"),
		.up4 = line_text(l, "up_address"), .up6 = text_or_null(l, "up_address6"),
		.hosts = json_object_get(line_bench(l), "hosts"),
	};
	k->has_up = k->up != NULL;
}

static bool veth_open(struct line *l, struct err *err)
{
	struct veth *v = calloc(1, sizeof(*v));
	struct links k;

	if (!v)
		return err_set(err, ERR_LIMIT, "out of memory");
	v->liar = v->there = -1;
	v->blind = line_blind(l);
	line_set_priv(l, v);
	fill_rules(l, &v->rules);
	fill_links(l, &k);
	if (!addr_parse(line_text(l, "wrong"), &v->wrong))
		return err_set(err, ERR_CONF, "%s: wrong: '%s' is no address", line_name(l), line_text(l, "wrong"));
	v->here = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return rules_check_scope(v->rules.scope, err) && start_log(l, v, err) && links_make(l, &k, err) &&
	       socket_there(l, &v->there, err) && rules_load(&v->rules, err) && record(v, "open", 0, "-", err);
}

static bool stop_lies(struct line *l, struct veth *v)
{
	if (v->liar >= 0) {
		line_unwatch(l, v->liar);
		close(v->liar);
	}
	v->liar = -1;
	return true;
}

static bool add_cut(struct line *l, struct veth *v, const json_t *args, struct err *err)
{
	const char *how = json_string_value(json_object_get(args, "how")), *peer = json_string_value(json_object_get(args, "peer"));
	struct cut c = { .kind = CUT_COUNT, .port = (int)json_integer_value(json_object_get(args, "port")),
			 .percent = (int)json_integer_value(json_object_get(args, "percent")) };

	for (unsigned i = 0; how && i < CUT_COUNT; i++)
		if (!strcmp(how, cut_name[i]))
			c.kind = (enum cut_kind)i;
	if (c.kind == CUT_COUNT)
		return err_set(err, ERR_BENCH, "unknown cut '%s'", how ? how : "");
	snprintf(c.peer, sizeof(c.peer), "%s", peer ? peer : "");
	if (!rules_check_cut(&c, err))
		return false;
	if (v->rules.cuts == RULES_CUTS)
		return err_set(err, ERR_LIMIT, "more than %d cuts at once", RULES_CUTS);
	if (c.kind == CUT_dns_wrong) {
		stop_lies(l, v);
		if (!dns_liar_open(v->rules.lan, &v->liar, &c.redirect_port, err) || !line_watch(l, v->liar, POLLIN, err))
			return false;
	}
	v->rules.cut[v->rules.cuts++] = c;
	if (!rules_load(&v->rules, err)) {
		v->rules.cuts--;
		return false;
	}
	return (c.kind != CUT_link_down || links_up(v->here, v->rules.lan, false, err)) &&
	       record(v, "cut", (int64_t)v->rules.cuts, how, err);
}

static bool restore(struct line *l, struct veth *v, json_t *reply, struct err *err)
{
	int64_t stopped = 0, t_ns;

	if (!v->rules.cuts)
		return json_object_set_new(reply, "t_ns", json_integer(clock_ns())) == 0;
	if (!rules_stopped(&stopped, err))
		return false;
	v->rules.cuts = 0;
	stop_lies(l, v);
	json_object_set_new(reply, "stopped", json_integer(stopped));
	t_ns = clock_ns();              /* the last moment at which the cuts surely stood */
	json_object_set_new(reply, "t_ns", json_integer(t_ns));
	return rules_load(&v->rules, err) && links_up(v->here, v->rules.lan, true, err) &&
	       (v->blind || event_log_add(v->log, t_ns, "restore", stopped, "-", err));
}

static size_t find_redirect(const struct rules *r, const char *ip, int port)
{
	size_t i = 0;

	while (i < r->redirects && (strcmp(r->redirect[i].from_ip, ip) || r->redirect[i].from_port != port))
		i++;
	return i;
}

static bool redirect(struct veth *v, bool add, const json_t *args, struct err *err)
{
	const char *ip = json_string_value(json_object_get(args, "from_ip"));
	int64_t from = json_integer_value(json_object_get(args, "from_port")), to = json_integer_value(json_object_get(args, "to_port"));
	struct redirect d = { .from_port = (int)from, .to_port = (int)to };
	struct rules *r = &v->rules;
	struct addr a;
	size_t i;

	if (!ip || !addr_parse(ip, &a) || from < 1 || from > 65535 || (add && (to < 1 || to > 65535)))
		return err_set(err, ERR_BENCH, "redirect needs from_ip, from_port and to_port");
	snprintf(d.from_ip, sizeof(d.from_ip), "%s", ip);
	i = find_redirect(r, ip, (int)from);
	if (add && i == RULES_REDIRECTS)
		return err_set(err, ERR_LIMIT, "more than %d redirections", RULES_REDIRECTS);
	if (!add && i == r->redirects)
		return true;
	if (add) {
		r->redirect[i] = d;
		r->redirects += i == r->redirects;
	} else {
		r->redirect[i] = r->redirect[--r->redirects];
	}
	return rules_load(r, err) && record(v, add ? "redirect" : "unredirect", from, ip, err);
}

static bool status(struct veth *v, bool count, json_t *reply, struct err *err)
{
	int64_t stopped = 0;

	if (count && !rules_stopped(&stopped, err))
		return false;
	if (count)
		json_object_set_new(reply, "stopped", json_integer(stopped));
	if (!json_object_get(reply, "t_ns"))
		json_object_set_new(reply, "t_ns", json_integer(clock_ns()));
	json_object_set_new(reply, "carrier", json_boolean(links_carrier(v->here, v->rules.lan)));
	json_object_set_new(reply, "cuts", json_integer((json_int_t)v->rules.cuts));
	return true;
}

static bool veth_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct veth *v = line_priv(l);

	/* The other end has carrier when both are up; a device without power has none either. */
	if (!strcmp(command, "cut") && !add_cut(l, v, args, err))
		return false;
	else if (!strcmp(command, "restore") && !restore(l, v, reply, err))
		return false;
	else if (!strcmp(command, "redirect") || !strcmp(command, "unredirect")) {
		if (!redirect(v, command[0] == 'r', args, err))
			return false;
	} else if (strcmp(command, "cut") && strcmp(command, "restore") && strcmp(command, "get")) {
		return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
	}
	json_object_set_new(reply, "device_carrier", json_boolean(links_carrier(v->there, line_text(l, "dut"))));
	return status(v, !strcmp(command, "get"), reply, err);
}

static bool veth_event(struct line *l, int fd, short revents, struct err *err)
{
	struct veth *v = line_priv(l);

	(void)revents, (void)err;
	if (fd >= 0 && fd == v->liar)
		dns_liar_answer(fd, &v->wrong);
	return true;
}

/* Namespaces go with the run; on the way back it matters that nothing of ours stays where they are shared. */
static void veth_safe(struct line *l)
{
	struct err err = { 0 };
	struct links k;

	fill_links(l, &k);
	if (!rules_remove(&err) || !links_remove(&k, &err))
		line_note(l, "%s", err.text);
}

static void veth_close(struct line *l)
{
	struct veth *v = line_priv(l);

	stop_lies(l, v);
	veth_safe(l);
	close(v->here);
	close(v->there);
	close(v->log);
	free(v);
}

static const struct param veth_params[] = {
	{ .name = "dut", .type = VALUE_TEXT, .fallback = "dut0", .doc = "the device's interface" },
	{ .name = "lan", .type = VALUE_TEXT, .fallback = "lan0", .doc = "the bench's end of its cable" },
	{ .name = "up", .type = VALUE_TEXT, .fallback = "up0", .doc = "the bench's interface to the world; empty = no world" },
	{ .name = "world", .type = VALUE_TEXT, .fallback = "world0", .doc = "the world's end of that" },
	{ .name = "mac", .type = VALUE_TEXT, .doc = "hardware address of the device's interface" },
	{ .name = "lan_address", .type = VALUE_TEXT, .fallback = "192.168.77.1/24", .doc = "the bench on the cable" },
	{ .name = "lan_address6", .type = VALUE_TEXT, .fallback = "fd77::1/64", .doc = "the same for IPv6; empty = none" },
	{ .name = "up_address", .type = VALUE_TEXT, .fallback = "203.0.113.1/24", .doc = "the bench on the way to the world" },
	{ .name = "up_address6", .type = VALUE_TEXT, .doc = "the same for IPv6" },
	{ .name = "wrong", .type = VALUE_TEXT, .fallback = "203.0.113.254", .doc = "address of nobody, for wrong DNS answers" },
	{ 0 }
};

const struct line_driver drv_veth = {
	.name = "veth", .doc = "network of a virtual bench: cable, router, world, and cuts of them",
	.params = veth_params, .open = veth_open, .command = veth_command, .event = veth_event, .safe = veth_safe,
	.close = veth_close,
};
