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

/* What a bridge can do to frames that only pass: drop them. Answering needs a router. */
static bool bridge_can(enum cut_kind kind)
{
	return kind == CUT_link_down || kind == CUT_no_dhcp || kind == CUT_dns_dead || kind == CUT_ntp_dead || kind == CUT_black_hole ||
	       kind == CUT_loss || kind == CUT_rate || kind == CUT_delay;
}

bool rules_check_cut(const struct cut *c, bool bridged, struct err *err)
{
	struct addr a;

	if (c->kind == CUT_ap_down || c->kind == CUT_wrong_psk)
		return err_set(err, ERR_BENCH, "%s is for a line with driver hostapd", cut_name[c->kind]);
	if (bridged && !bridge_can(c->kind))
		return err_set(err, ERR_BENCH, "%s needs the bench to be the router (mode: route); a bridge only stops frames", cut_name[c->kind]);
	if (c->kind == CUT_service_5xx && !c->peer[0])
		return err_set(err, ERR_BENCH, "service_5xx needs a peer");
	if (c->kind == CUT_rate && (c->kbit < 8 || c->kbit > 10000000))
		return err_set(err, ERR_BENCH, "rate of %lld kbit/s: 8 to 10000000", (long long)c->kbit);

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

/* And what comes back, without a word: an old connection of the peer's would look like an answer. match: "" or a protocol. */
static void back(struct out *o, const struct rules *r, const struct cut *c, const char *match)
{
	const char *family = is_six(c->peer) ? "ip6" : "ip";

	if (!r->up)
		return;
	if (c->peer[0] && c->port)
		put(o, "iifname \"%s\" %s saddr %s %s th sport %d drop\n", r->up, family, c->peer,
		    match[0] ? match : "meta l4proto { tcp, udp }", c->port);
	else if (c->peer[0])
		put(o, "iifname \"%s\" %s saddr %s %s drop\n", r->up, family, c->peer, match);
	else
		put(o, "iifname \"%s\" %s drop\n", r->up, match);
}

/* What this host answers in the place of others: tracked apart (before tracking), then redirected (nat). */
static void diverted(struct out *o, const struct rules *r, const struct cut *c, bool nat)
{
	char udp[48], tcp[48], zone[48];

	snprintf(zone, sizeof(zone), "ct zone set %d", c->zone);
	snprintf(udp, sizeof(udp), "redirect to :%d", c->udp_port);
	snprintf(tcp, sizeof(tcp), "redirect to :%d", c->tcp_port);
	if (c->udp_port)
		put(o, "iifname \"%s\" udp dport %d %s\n", r->lan, c->kind == CUT_ntp_wrong ? 123 : 53, nat ? udp : zone);
	if (c->kind == CUT_captive_portal)
		put(o, "iifname \"%s\" tcp dport 80 %s\n", r->lan, nat ? tcp : zone);
	else if (c->tcp_port)
		towards(o, r, c, "meta l4proto tcp", nat ? tcp : zone);
}

/* In a zone of its own a flow that was open before is not known: it ends at this host too, which resets it. */
static void divert(struct out *o, const struct rules *r, const struct cut *c)
{
	diverted(o, r, c, false);
}

static void before_routing(struct out *o, const struct rules *r, const struct cut *c)
{
	switch (c->kind) {
	case CUT_link_down:
	case CUT_rate:
	case CUT_delay:
	case CUT_ap_down:
	case CUT_wrong_psk:
	case CUT_COUNT:
		break;
	case CUT_no_dhcp:               /* IPv6 gets its addresses from router advertisements as well */
		put(o, "iifname \"%s\" udp dport { 67, 547 } counter drop\n", r->lan);
		put(o, "iifname \"%s\" icmpv6 type nd-router-solicit counter drop\n", r->lan);
		break;
	case CUT_ntp_wrong:
	case CUT_service_5xx:
		divert(o, r, c);
		break;
	case CUT_tls_refused:
		divert(o, r, c);
		back(o, r, c, "meta l4proto tcp");
		break;
	case CUT_captive_portal:
		divert(o, r, c);
		put(o, "iifname \"%s\" tcp dport 80 accept\niifname \"%s\" udp dport 53 accept\n", r->lan, r->lan);
		put(o, "iifname \"%s\" tcp flags & (syn | ack) == syn counter drop\n", r->lan);
		towards(o, r, c, "", "drop");
		back(o, r, c, "");
		break;
	case CUT_dns_dead:
		put(o, "iifname \"%s\" meta l4proto { tcp, udp } th dport { 53, 853 } counter drop\n", r->lan);
		break;
	case CUT_dns_wrong:
		divert(o, r, c);
		put(o, "iifname \"%s\" tcp dport { 53, 853 } counter drop\n", r->lan);
		break;
	case CUT_ntp_dead:
		put(o, "iifname \"%s\" udp dport 123 counter drop\n", r->lan);
		break;
	case CUT_black_hole:
		towards(o, r, c, "", "drop");
		back(o, r, c, "");
		break;
	case CUT_service_refused:
		towards(o, r, c, "meta l4proto tcp", "reject with tcp reset");
		back(o, r, c, "meta l4proto tcp");
		break;
	case CUT_no_route:
		towards(o, r, c, "", "reject with icmpx type no-route");
		back(o, r, c, "");
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
		put(o, "oifname \"%s\" udp dport { 68, 546 } drop\noifname \"%s\" icmpv6 type nd-router-advert drop\n", r->lan, r->lan);
	if (c->udp_port)
		put(o, "oifname \"%s\" udp sport %d ct zone set %d\n", r->lan, c->udp_port, c->zone);
	if (c->tcp_port)
		put(o, "oifname \"%s\" tcp sport %d ct zone set %d\n", r->lan, c->tcp_port, c->zone);
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
		if (r->cut[i].zone)
			diverted(o, r, &r->cut[i], true);
	for (size_t i = 0; i < r->redirects; i++)
		put(o, "iifname \"%s\" %s daddr %s tcp dport %d redirect to :%d\n", r->lan,
		    is_six(r->redirect[i].from_ip) ? "ip6" : "ip", r->redirect[i].from_ip, r->redirect[i].from_port,
		    r->redirect[i].to_port);
	put(o, "}\n");
	if (r->masquerade && r->up)
		put(o, "chain nat_post {\ntype nat hook postrouting priority 100\noifname \"%s\" masquerade\n}\n", r->up);
	/* A flow that was open before its redirection is reset, so that the device comes back through it. New ones
	 * are rewritten before this hook and do not pass it: they end on this host. */
	put(o, "chain redirected {\ntype filter hook forward priority -310\n");
	for (size_t i = 0; i < r->redirects; i++)
		put(o, "iifname \"%s\" %s daddr %s tcp dport %d counter reject with tcp reset\n", r->lan,
		    is_six(r->redirect[i].from_ip) ? "ip6" : "ip", r->redirect[i].from_ip, r->redirect[i].from_port);
	put(o, "}\n");
}

/* Frames that pass between the ports, and those between the device and this host, which is a station on the bridge. */
static void on_bridge(struct out *o, const struct rules *r)
{
	put(o, "table bridge jusan\ndelete table bridge jusan\ntable bridge jusan {\n");
	put(o, "chain cut_pre {\ntype filter hook prerouting priority -310\n");
	for (size_t i = 0; i < r->cuts; i++) {
		before_routing(o, r, &r->cut[i]);
		if (r->cut[i].kind == CUT_no_dhcp && r->up)
			put(o, "iifname \"%s\" udp dport { 68, 546 } drop\niifname \"%s\" icmpv6 type nd-router-advert drop\n", r->up, r->up);
		if ((r->cut[i].kind == CUT_dns_dead || r->cut[i].kind == CUT_ntp_dead) && r->up)
			put(o, "iifname \"%s\" meta l4proto { tcp, udp } th sport %s drop\n", r->up,
			    r->cut[i].kind == CUT_ntp_dead ? "123" : "{ 53, 853 }");
	}
	put(o, "}\nchain cut_out {\ntype filter hook output priority -310\n");
	for (size_t i = 0; i < r->cuts; i++)
		if (r->cut[i].kind == CUT_no_dhcp || r->cut[i].kind == CUT_loss)
			on_output(o, r, &r->cut[i]);
	put(o, "}\n}\n");
}

bool rules_text(const struct rules *r, char text[static RULES_TEXT], struct err *err)
{
	struct out o = { text, 0 };

	if (r->bridged)
		on_bridge(&o, r);
	put(&o, "table inet jusan\ndelete table inet jusan\ntable inet jusan {\n");
	put(&o, "chain cut_pre {\ntype filter hook prerouting priority -310\n");
	for (size_t i = 0; i < r->cuts && !r->bridged; i++)
		before_routing(&o, r, &r->cut[i]);
	put(&o, "}\nchain cut_out {\ntype filter hook output priority -310\n");
	for (size_t i = 0; i < r->cuts && !r->bridged; i++)
		on_output(&o, r, &r->cut[i]);
	put(&o, "}\n");
	nat(&o, r);
	scope(&o, r);
	put(&o, "}\n");
	return o.n < RULES_TEXT - 1 || err_set(err, ERR_LIMIT, "too many packet rules");
}
