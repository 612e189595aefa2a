/* SPDX-License-Identifier: Apache-2.0
 *
 * rules.h - packet rules of the bench as text for the program `nft`, in tables of our own (inet jusan, and bridge jusan
 * when ports are bridged).
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
	X(loss,            "a share of all packets is lost, both ways")                             \
	X(ntp_wrong,       "NTP answers with a wrong time")                                         \
	X(service_5xx,     "HTTP at the peer answers 503")                                          \
	X(tls_refused,     "TLS beyond the router, or with the peer, ends in handshake_failure")    \
	X(captive_portal,  "every name is the portal's, every page leads there, all else vanishes") \
	X(rate,            "the line is slow, both ways")                                           \
	X(delay,           "the line is late, both ways; the kernel needs netem")                   \
	X(ap_down,         "the access point is off")                                               \
	X(wrong_psk,       "the access point has another passphrase")

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
	int udp_port, tcp_port;         /* of this host, where false answers come from; 0 = none */
	int zone;                       /* of connection tracking, own to this cut: what was known before counts as new */
	int64_t offset_ns;              /* ntp_wrong: added to the true time */
	int64_t kbit;                   /* rate, in 1000 bit/s */
	int64_t delay_ns;
};
struct redirect { char from_ip[48]; int from_port, to_port; };

struct rules {
	const char *lan, *up;           /* interfaces, borrowed; up may be NULL */
	bool bridged;                   /* lan and up are ports of one bridge: frames are stopped there, nothing is answered */
	bool masquerade;                /* the world sees the bench's address instead of the device's */
	const char *lan4, *lan6;        /* addresses with prefix; lan6 may be NULL */
	const json_t *scope;            /* list of networks that workers may reach; NULL = no limit */
	struct cut cut[RULES_CUTS];
	size_t cuts;
	struct redirect redirect[RULES_REDIRECTS];
	size_t redirects;
};

/* Checks what came from files or commands; ERR_CONF or ERR_BENCH. */
bool rules_check_scope(const json_t *scope, struct err *err) MUST_CHECK;
bool rules_check_cut(const struct cut *c, bool bridged, struct err *err) MUST_CHECK;
/* The whole table, replacing the one before in one transaction. */
bool rules_text(const struct rules *r, char text[static RULES_TEXT], struct err *err) MUST_CHECK;
bool rules_load(const struct rules *r, struct err *err) MUST_CHECK;
bool rules_remove(bool bridged, struct err *err) MUST_CHECK;    /* the tables; fine when there are none */
/* Packets that the cuts stopped since rules_load. */
bool rules_stopped(int64_t *ret, struct err *err) MUST_CHECK;
#endif
