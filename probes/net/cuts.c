// SPDX-License-Identifier: Apache-2.0
#include "probes/net/cuts.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/proto/event_log.h"
#include "probes/net/ntp_liar.h"
#include "probes/net/shape.h"

const char *cuts_text(const struct line *l, const char *param)
{
	const char *text = line_has(l, param) ? line_text(l, param) : NULL;

	return text && text[0] ? text : NULL;
}

static bool record(struct cuts *c, const char *word, int64_t value, const char *note, struct err *err)
{
	return c->blind || event_log_add(c->log, clock_ns(), word, value, note, err);
}

static bool start_log(struct line *l, struct cuts *c, struct err *err)
{
	const char *dot = strchr(line_name(l), '.');
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/net", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/net/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	return event_log_create(path, &c->log, err);
}

/* An address, with or without a prefix length; absent = none. */
static bool address(const struct line *l, const char *param, unsigned family, struct addr *ret, struct err *err)
{
	const char *text = cuts_text(l, param);
	char ip[64];

	*ret = (struct addr){ 0 };
	if (!text)
		return true;
	snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(text, "/"), text);
	return (addr_parse(ip, ret) && ret->family == family) ||
	       err_set(err, ERR_CONF, "%s: %s: '%s' is no IPv%u address", line_name(l), param, text, family);
}

void cuts_init(struct line *l, struct cuts *c)
{
	*c = (struct cuts){ .dns = -1, .ntp = -1, .log = -1, .page.epoll = -1, .blind = line_blind(l) };
	c->rules.lan4 = cuts_text(l, "lan_address");
	c->rules.lan6 = cuts_text(l, "lan_address6");
	c->rules.scope = json_object_get(line_bench(l), "scope");
}

bool cuts_open(struct line *l, struct cuts *c, struct err *err)
{
	return address(l, "wrong", 4, &c->wrong.four, err) && address(l, "wrong6", 6, &c->wrong.six, err) &&
	       address(l, "lan_address", 4, &c->ours.four, err) && address(l, "lan_address6", 6, &c->ours.six, err) &&
	       rules_check_scope(c->rules.scope, err) && start_log(l, c, err) &&
	       (!line_flag(l, "delay") || shape_can_delay(err)) && rules_load(&c->rules, err) && record(c, "open", 0, "-", err);
}

/* ---- who answers falsely ---- */

static void drop_socket(struct line *l, int *fd)
{
	if (*fd >= 0) {
		line_unwatch(l, *fd);
		close(*fd);
	}
	*fd = -1;
}

static void stop_lies(struct line *l, struct cuts *c)
{
	drop_socket(l, &c->dns);
	drop_socket(l, &c->ntp);
	if (c->page.epoll >= 0)
		line_unwatch(l, c->page.epoll);
	page_close(&c->page);
}

static bool lie(struct line *l, struct cuts *c, int *fd, struct cut *cut, struct err *err)
{
	drop_socket(l, fd);
	return liar_socket(SOCK_DGRAM, c->rules.lan, fd, &cut->udp_port, err) && line_watch(l, *fd, POLLIN, err);
}

static bool serve_page(struct line *l, struct cuts *c, enum page_kind kind, struct cut *cut, struct err *err)
{
	char ip[ADDR_TEXT];

	if (c->page.epoll >= 0)
		return err_set(err, ERR_BENCH, "%s beside another cut that answers connections: one at a time", cut_name[cut->kind]);
	return page_open(&c->page, kind, c->rules.lan, addr_text(&c->ours.four, ip), &cut->tcp_port, err) &&
	       line_watch(l, c->page.epoll, POLLIN, err);
}

static bool start_lies(struct line *l, struct cuts *c, struct cut *cut, struct err *err)
{
	switch (cut->kind) {
	case CUT_dns_wrong:
		return lie(l, c, &c->dns, cut, err);
	case CUT_ntp_wrong:
		c->offset_ns = cut->offset_ns;
		return lie(l, c, &c->ntp, cut, err);
	case CUT_service_5xx:
		return serve_page(l, c, PAGE_503, cut, err);
	case CUT_tls_refused:
		return serve_page(l, c, PAGE_TLS_ALERT, cut, err);
	case CUT_captive_portal:
		return serve_page(l, c, PAGE_PORTAL, cut, err) && lie(l, c, &c->dns, cut, err);
	default:
		return true;
	}
}

static bool is_portal(const struct cuts *c)
{
	return c->page.epoll >= 0 && c->page.kind == PAGE_PORTAL;
}

void cuts_event(struct line *l, struct cuts *c, int fd)
{
	(void)l;
	if (fd < 0)
		return;
	if (fd == c->dns)
		dns_liar_answer(fd, is_portal(c) ? &c->ours : &c->wrong);
	else if (fd == c->ntp)
		ntp_liar_answer(fd, c->offset_ns);
	else if (fd == c->page.epoll)
		page_event(&c->page);
}

/* ---- slow and late ---- */

static bool shape(struct line *l, struct cuts *c, const struct cut *cut, struct err *err)
{
	const char *end[] = { c->rules.lan, c->rules.up };

	if (cut->kind != CUT_rate && cut->kind != CUT_delay)
		return true;
	if (cut->kind == CUT_delay && !line_flag(l, "delay"))
		return err_set(err, ERR_BENCH, "%s: say `delay: true` in bench.yaml, so that a kernel without netem is noticed before a run",
			       line_name(l));
	if (c->shaped)
		return err_set(err, ERR_BENCH, "rate and delay: one at a time");
	c->shaped = true;
	for (int i = 0; i < 2; i++)
		if (end[i] && !(cut->kind == CUT_rate ? shape_rate(end[i], cut->kbit, err) : shape_delay(end[i], cut->delay_ns, err)))
			return false;
	return true;
}

static bool unshape(struct cuts *c, struct err *err)
{
	if (!c->shaped)
		return true;
	c->shaped = false;
	return shape_clear(c->rules.lan, err) && (!c->rules.up || shape_clear(c->rules.up, err));
}

/* ---- commands ---- */

static int64_t number(const json_t *args, const char *key)
{
	return json_integer_value(json_object_get(args, key));
}

static bool parse_cut(const json_t *args, struct cut *ret, struct err *err)
{
	const char *how = json_string_value(json_object_get(args, "how")), *peer = json_string_value(json_object_get(args, "peer"));

	*ret = (struct cut){ .kind = CUT_COUNT, .port = (int)number(args, "port"), .percent = (int)number(args, "percent"),
			     .offset_ns = number(args, "offset_ns"), .kbit = number(args, "kbit"), .delay_ns = number(args, "delay_ns") };
	for (unsigned i = 0; how && i < CUT_COUNT; i++)
		if (!strcmp(how, cut_name[i]))
			ret->kind = (enum cut_kind)i;
	if (ret->kind == CUT_COUNT)
		return err_set(err, ERR_BENCH, "unknown cut '%s'", how ? how : "");
	snprintf(ret->peer, sizeof(ret->peer), "%s", peer ? peer : "");
	return true;
}

static bool load_with(struct cuts *c, struct cut *cut, struct err *err)
{
	if (cut->udp_port || cut->tcp_port)
		cut->zone = c->zone = c->zone % 60000 + 1;
	c->rules.cut[c->rules.cuts++] = *cut;
	if (rules_load(&c->rules, err))
		return true;
	c->rules.cuts--;
	return false;
}

static bool add_cut(struct line *l, struct cuts *c, const json_t *args, struct err *err)
{
	struct cut cut;

	if (!parse_cut(args, &cut, err) || !rules_check_cut(&cut, c->rules.bridged, err))
		return false;
	if (c->rules.cuts == RULES_CUTS)
		return err_set(err, ERR_LIMIT, "more than %d cuts at once", RULES_CUTS);
	if (!start_lies(l, c, &cut, err) || !shape(l, c, &cut, err) || !load_with(c, &cut, err)) {
		struct err second = { 0 };

		if (!c->rules.cuts && (stop_lies(l, c), !unshape(c, &second)))
			err_in(err, "%s", second.text);
		return false;
	}
	return (cut.kind != CUT_link_down || c->plug(l, false, err)) &&
	       record(c, "cut", (int64_t)c->rules.cuts, cut_name[cut.kind], err);
}

static bool restore(struct line *l, struct cuts *c, json_t *reply, struct err *err)
{
	int64_t stopped = 0, t_ns;

	if (!c->rules.cuts)
		return json_object_set_new(reply, "t_ns", json_integer(clock_ns())) == 0;
	if (!rules_stopped(&stopped, err))
		return false;
	c->rules.cuts = 0;
	json_object_set_new(reply, "unanswered", json_integer(c->page.epoll >= 0 ? c->page.tls : 0));
	stop_lies(l, c);
	json_object_set_new(reply, "stopped", json_integer(stopped));
	t_ns = clock_ns();              /* the last moment at which the cuts surely stood */
	json_object_set_new(reply, "t_ns", json_integer(t_ns));
	return rules_load(&c->rules, err) && unshape(c, err) && c->plug(l, true, err) &&
	       (c->blind || event_log_add(c->log, t_ns, "restore", stopped, "-", err));
}

static size_t find_redirect(const struct rules *r, const char *ip, int port)
{
	size_t i = 0;

	while (i < r->redirects && (strcmp(r->redirect[i].from_ip, ip) || r->redirect[i].from_port != port))
		i++;
	return i;
}

static bool redirect(struct cuts *c, bool add, const json_t *args, struct err *err)
{
	const char *ip = json_string_value(json_object_get(args, "from_ip"));
	int64_t from = number(args, "from_port"), to = number(args, "to_port");
	struct redirect d = { .from_port = (int)from, .to_port = (int)to };
	struct rules *r = &c->rules;
	struct addr a;
	size_t i;

	if (r->bridged)
		return err_set(err, ERR_BENCH, "a peer can be replaced only where the bench is the router (mode: route)");
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
	return rules_load(r, err) && record(c, add ? "redirect" : "unredirect", from, ip, err);
}

static bool status(struct cuts *c, bool count, json_t *reply, struct err *err)
{
	int64_t stopped = 0;

	if (count && !rules_stopped(&stopped, err))
		return false;
	if (count)
		json_object_set_new(reply, "stopped", json_integer(stopped));
	if (!json_object_get(reply, "t_ns"))
		json_object_set_new(reply, "t_ns", json_integer(clock_ns()));
	return json_object_set_new(reply, "cuts", json_integer((json_int_t)c->rules.cuts)) == 0;
}

bool cuts_command(struct line *l, struct cuts *c, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	bool ok = true;

	if (!strcmp(command, "cut"))
		ok = add_cut(l, c, args, err);
	else if (!strcmp(command, "restore"))
		ok = restore(l, c, reply, err);
	else if (!strcmp(command, "redirect") || !strcmp(command, "unredirect"))
		ok = redirect(c, command[0] == 'r', args, err);
	else if (strcmp(command, "get"))
		return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
	if (!ok)
		return false;
	c->carrier(l, reply);
	return status(c, !strcmp(command, "get"), reply, err);
}

void cuts_close(struct line *l, struct cuts *c)
{
	stop_lies(l, c);
	if (c->log >= 0)
		close(c->log);
}
