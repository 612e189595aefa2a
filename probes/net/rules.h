/* SPDX-License-Identifier: Apache-2.0
 *
 * rules.h - packet rules of the bench as text for the program `nft`, in one table of our own (inet jusan).
 *
 * Cuts stand before connection tracking, so flows that were established before are cut as well. The program is
 * used and not its library, which cannot be linked with OpenSSL 3. */
#ifndef PROBES_NET_RULES_H
#define PROBES_NET_RULES_H

#include "harness/probe.h"

#define RULES_CUTS 16
#define RULES_REDIRECTS 32
#define RULES_TEXT 16384

/* Names of outages: what they mean for the device, and whether they concern one peer or may. */
#define CUTS(X)                                                                                     \
	X(link_down,       "the cable is pulled: no carrier")                                       \
	X(no_dhcp,         "nobody answers DHCP")                                                   \
	X(dns_dead,        "nobody answers DNS")                                                    \
	X(dns_wrong,       "DNS answers with the address of nobody")                                \
	X(ntp_dead,        "nobody answers NTP")                                                    \
	X(black_hole,      "what goes beyond the router, or to the peer, vanishes")                 \
	X(service_refused, "TCP connections beyond the router, or to the peer, are reset")          \
	X(no_route,        "the router says that there is no route beyond it, or to the peer")      \
	X(loss,            "a share of all packets is lost, both ways")

enum cut_kind {
#define X(name, doc) CUT_##name,
	CUTS(X)
#undef X
	CUT_COUNT
};
extern const char *const cut_name[CUT_COUNT + 1];       /* NULL-terminated */
extern const char *const cut_doc[CUT_COUNT];

struct cut {
	enum cut_kind kind;
	char peer[48];                  /* address; "" = everything beyond the router */
	int port;                       /* TCP and UDP; 0 = all */
	int percent;                    /* loss */
	int redirect_port;              /* dns_wrong: where the wrong answers come from */
};
struct redirect { char from_ip[48]; int from_port, to_port; };

struct rules {
	const char *lan, *up;           /* interfaces, borrowed */
	const char *lan4, *lan6;        /* addresses with prefix; lan6 may be NULL */
	const json_t *scope;            /* list of networks that workers may reach; NULL = no limit */
	struct cut cut[RULES_CUTS];
	size_t cuts;
	struct redirect redirect[RULES_REDIRECTS];
	size_t redirects;
};

/* Checks what came from files or commands; ERR_CONF or ERR_BENCH. */
bool rules_check_scope(const json_t *scope, struct err *err) MUST_CHECK;
bool rules_check_cut(const struct cut *c, struct err *err) MUST_CHECK;
/* The whole table, replacing the one before in one transaction. */
bool rules_text(const struct rules *r, char text[static RULES_TEXT], struct err *err) MUST_CHECK;
bool rules_load(const struct rules *r, struct err *err) MUST_CHECK;
bool rules_remove(struct err *err) MUST_CHECK;          /* the table; fine when there is none */
/* Packets that the cuts stopped since rules_load. */
bool rules_stopped(int64_t *ret, struct err *err) MUST_CHECK;
#endif
