// SPDX-License-Identifier: Apache-2.0
#include "probes/net/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/proto/packet.h"

const char *const cut_name[CUT_COUNT + 1] = {
#define X(name, doc) #name,
	CUTS(X)
#undef X
};
const char *const cut_doc[CUT_COUNT] = {
#define X(name, doc) doc,
	CUTS(X)
#undef X
};

struct out { char *p; size_t n; };

static void put(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->p + o->n, RULES_TEXT - o->n, fmt, ap);
	va_end(ap);
	o->n = o->n + (size_t)n < RULES_TEXT ? o->n + (size_t)n : RULES_TEXT - 1;
}

/* "192.168.77.0/24", "10.0.0.1": nothing else may reach the program. */
static bool is_network(const char *text)
{
	struct addr any = { 0 };
	char ip[64];

	snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(text, "/"), text);
	return addr_parse(ip, &any) && addr_within(&any, text);
}

static bool is_six(const char *text)
{
	return strchr(text, ':') != NULL;
}

bool rules_check_scope(const json_t *scope, struct err *err)
{
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)scope, i, v)
		if (!json_is_string(v) || !is_network(json_string_value(v)))
			return err_set(err, ERR_CONF, "scope: item %zu is no network such as 192.168.77.0/24", i + 1);
	return true;
}

bool rules_check_cut(const struct cut *c, struct err *err)
{
	struct addr a;

	if (c->peer[0] && !addr_parse(c->peer, &a))
		return err_set(err, ERR_BENCH, "peer '%s' is no address", c->peer);
	if (c->port < 0 || c->port > 65535 || (c->port && !c->peer[0]))
		return err_set(err, ERR_BENCH, "port %d without a peer, or no port", c->port);
	if (c->kind == CUT_loss && (c->percent < 1 || c->percent > 100))
		return err_set(err, ERR_BENCH, "loss of %d%%: 1%% to 100%%", c->percent);
	return true;
}

/* Traffic of the device towards what is cut, one line per family, with the verdict. */
static void towards(struct out *o, const struct rules *r, const struct cut *c, const char *match, const char *verdict)
{
	const char *family = is_six(c->peer) ? "ip6" : "ip";

	if (c->peer[0] && c->port && !match[0])
		put(o, "iifname \"%s\" %s daddr %s meta l4proto { tcp, udp } th dport %d counter %s\n", r->lan, family, c->peer,
		    c->port, verdict);
	else if (c->peer[0] && c->port)
		put(o, "iifname \"%s\" %s daddr %s tcp dport %d counter %s\n", r->lan, family, c->peer, c->port, verdict);
	else if (c->peer[0])
		put(o, "iifname \"%s\" %s daddr %s %s counter %s\n", r->lan, family, c->peer, match, verdict);
	else {
		put(o, "iifname \"%s\" ip daddr != { %s, 224.0.0.0/4, 255.255.255.255, 0.0.0.0 } %s counter %s\n", r->lan, r->lan4,
		    match, verdict);
		put(o, "iifname \"%s\" ip6 daddr != { %s%sff00::/8, fe80::/10 } %s counter %s\n", r->lan, r->lan6 ? r->lan6 : "",
		    r->lan6 ? ", " : "", match, verdict);
	}
}

/* And what comes back, without a word. */
static void back(struct out *o, const struct rules *r, const struct cut *c)
{
	const char *family = is_six(c->peer) ? "ip6" : "ip";

	if (!r->up)
		return;
	if (c->peer[0] && c->port)
		put(o, "iifname \"%s\" %s saddr %s meta l4proto { tcp, udp } th sport %d drop\n", r->up, family, c->peer, c->port);
	else if (c->peer[0])
		put(o, "iifname \"%s\" %s saddr %s drop\n", r->up, family, c->peer);
	else
		put(o, "iifname \"%s\" drop\n", r->up);
}

static void before_routing(struct out *o, const struct rules *r, const struct cut *c)
{
	switch (c->kind) {
	case CUT_link_down:
	case CUT_COUNT:
		break;
	case CUT_no_dhcp:
		put(o, "iifname \"%s\" udp dport { 67, 547 } counter drop\n", r->lan);
		break;
	case CUT_dns_dead:
		put(o, "iifname \"%s\" meta l4proto { tcp, udp } th dport { 53, 853 } counter drop\n", r->lan);
		break;
	case CUT_dns_wrong:
		put(o, "iifname \"%s\" tcp dport { 53, 853 } counter drop\n", r->lan);
		break;
	case CUT_ntp_dead:
		put(o, "iifname \"%s\" udp dport 123 counter drop\n", r->lan);
		break;
	case CUT_black_hole:
		towards(o, r, c, "", "drop");
		back(o, r, c);
		break;
	case CUT_service_refused:
		towards(o, r, c, "meta l4proto tcp", "reject with tcp reset");
		break;
	case CUT_no_route:
		towards(o, r, c, "", "reject with icmpx type no-route");
		back(o, r, c);
		break;
	case CUT_loss:
		put(o, "iifname \"%s\" numgen random mod 100 < %d counter drop\n", r->lan, c->percent);
		if (r->up)
			put(o, "iifname \"%s\" numgen random mod 100 < %d counter drop\n", r->up, c->percent);
		break;
	}
}

static void on_output(struct out *o, const struct rules *r, const struct cut *c)
{
	if (c->kind == CUT_no_dhcp)
		put(o, "oifname \"%s\" udp dport { 68, 546 } drop\n", r->lan);
	if (c->kind == CUT_loss)
		put(o, "oifname \"%s\" numgen random mod 100 < %d counter drop\n", r->lan, c->percent);
}

/* Workers reach the declared scope, link-local and group addresses on the cable, and nothing else. */
static void scope(struct out *o, const struct rules *r)
{
	size_t i;
	json_t *v;

	put(o, "chain scope {\ntype filter hook output priority 0\noifname \"lo\" accept\n");
	json_array_foreach((json_t *)r->scope, i, v)
		put(o, "%s daddr %s accept\n", is_six(json_string_value(v)) ? "ip6" : "ip", json_string_value(v));
	put(o, "ip daddr { 224.0.0.0/4, 255.255.255.255 } accept\nip6 daddr { ff00::/8, fe80::/10 } accept\n");
	if (r->scope)
		put(o, "counter reject with icmpx type admin-prohibited\n");
	put(o, "}\n");
}

static void nat(struct out *o, const struct rules *r)
{
	put(o, "chain nat_pre {\ntype nat hook prerouting priority -100\n");
	for (size_t i = 0; i < r->cuts; i++)
		if (r->cut[i].kind == CUT_dns_wrong)
			put(o, "iifname \"%s\" udp dport 53 redirect to :%d\n", r->lan, r->cut[i].redirect_port);
	for (size_t i = 0; i < r->redirects; i++)
		put(o, "iifname \"%s\" %s daddr %s tcp dport %d redirect to :%d\n", r->lan,
		    is_six(r->redirect[i].from_ip) ? "ip6" : "ip", r->redirect[i].from_ip, r->redirect[i].from_port,
		    r->redirect[i].to_port);
	put(o, "}\n");
	/* A flow that was open before its redirection is reset, so that the device comes back through it. New ones
	 * are rewritten before this hook and do not pass it: they end on this host. */
	put(o, "chain redirected {\ntype filter hook forward priority -310\n");
	for (size_t i = 0; i < r->redirects; i++)
		put(o, "iifname \"%s\" %s daddr %s tcp dport %d counter reject with tcp reset\n", r->lan,
		    is_six(r->redirect[i].from_ip) ? "ip6" : "ip", r->redirect[i].from_ip, r->redirect[i].from_port);
	put(o, "}\n");
}

bool rules_text(const struct rules *r, char text[static RULES_TEXT], struct err *err)
{
	struct out o = { text, 0 };

	put(&o, "table inet jusan\ndelete table inet jusan\ntable inet jusan {\n");
	put(&o, "chain cut_pre {\ntype filter hook prerouting priority -310\n");
	for (size_t i = 0; i < r->cuts; i++)
		before_routing(&o, r, &r->cut[i]);
	put(&o, "}\nchain cut_out {\ntype filter hook output priority -310\n");
	for (size_t i = 0; i < r->cuts; i++)
		on_output(&o, r, &r->cut[i]);
	put(&o, "}\n");
	nat(&o, r);
	scope(&o, r);
	put(&o, "}\n");
	return o.n < RULES_TEXT - 1 || err_set(err, ERR_LIMIT, "too many packet rules");
}
