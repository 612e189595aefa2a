/* SPDX-License-Identifier: Apache-2.0
 *
 * cuts.h - what can go wrong with the device's network, for any driver that has made one: the rules that stand, who
 * answers falsely meanwhile, the queues that slow it, the record of it all. One for each open line.
 *
 * Commands   cut {how, peer?, port?, percent?, offset_ns?, kbit?, delay_ns?} -> {t_ns, carrier, device_carrier, cuts};
 *            restore {} -> {t_ns, stopped, unanswered, ...}: ends all cuts; t_ns is when they last stood, unanswered counts
 *            connections that wanted TLS where only a page could be given; get {} -> {carrier, device_carrier, cuts,
 *            stopped}; redirect {from_ip, from_port, to_port}: the device's TCP connections there end at a port of this
 *            host; unredirect {from_ip, from_port}
 * Record     RUN/net/NAME.log (event_log.h): cut <number> <how>, restore <packets stopped>, redirect <port> <from>, ...
 * Uses       the line's parameters lan_address, lan_address6, wrong, wrong6, delay (CUTS_PARAMS). */
#ifndef PROBES_NET_CUTS_H
#define PROBES_NET_CUTS_H

#include "probes/net/dns_liar.h"
#include "probes/net/page.h"
#include "probes/net/rules.h"

#define CUTS_PARAMS                                                                                                           \
	{ .name = "lan_address", .type = VALUE_TEXT, .fallback = "192.168.77.1/24", .doc = "the bench on the cable" },       \
	{ .name = "lan_address6", .type = VALUE_TEXT, .fallback = "fd77::1/64", .doc = "the same for IPv6; empty = none" },  \
	{ .name = "wrong", .type = VALUE_TEXT, .fallback = "203.0.113.254", .doc = "address of nobody, for wrong DNS answers" }, \
	{ .name = "wrong6", .type = VALUE_TEXT, .fallback = "2001:db8::254", .doc = "the same for IPv6; empty = none" },     \
	{ .name = "delay", .type = VALUE_BOOL, .fallback = "false",                                                          \
	  .doc = "the cut `delay` will be used: a kernel without netem is then an error when the line opens" }

struct cuts {
	struct rules rules;             /* lan: the interface where the device's frames come in */
	struct dns_lie wrong, ours;     /* of dns_wrong; of the captive portal */
	int dns, ntp;                   /* sockets of false answers, -1 = none */
	struct page page;
	int64_t offset_ns;              /* of the NTP answers */
	int zone;                       /* the last one used */
	bool shaped, blind;
	int log;
	/* The driver's: pulls and plugs the cable; puts carrier and device_carrier into the reply. */
	bool (*plug)(struct line *l, bool in, struct err *err);
	void (*carrier)(struct line *l, json_t *reply);
};

/* Nothing open yet, so that cuts_close() may be called. */
void cuts_init(struct line *l, struct cuts *c);
/* The interfaces exist: loads the rules, starts the record. c->rules.lan, .up, .bridged and .masquerade are the driver's. */
bool cuts_open(struct line *l, struct cuts *c, struct err *err) MUST_CHECK;
bool cuts_command(struct line *l, struct cuts *c, const char *command, const json_t *args, json_t *reply, struct err *err) MUST_CHECK;
/* A watched descriptor; those of others are left alone. */
void cuts_event(struct line *l, struct cuts *c, int fd);
void cuts_close(struct line *l, struct cuts *c);        /* the rules are the driver's to remove */
/* A text parameter; NULL when it is absent or empty. */
const char *cuts_text(const struct line *l, const char *param);
#endif
