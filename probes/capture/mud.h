/* SPDX-License-Identifier: Apache-2.0
 *
 * mud.h - whom a device may call, as its MUD file says (RFC 8520): the accepting entries of its from-device policy.
 *
 * Read    dst-dnsname, destination-ipv4-network, destination-ipv6-network, protocol, destination port (eq or range), local-networks.
 *         An entry for connections that are initiated to the device allows no call of it.
 * Not     controllers, manufacturers, models and other matches mean nothing without a manager; such an entry allows nothing here,
 *         and stands among `unread`.
 * Bounds  files of 1 MiB, MUD_RULES rules, MUD_UNREAD names of entries that were not understood.
 * Fails   ERR_CONF for what is no MUD file, or has no from-device policy.   Source RFC 8520 3, 8; RFC 8519. */
#ifndef PROBES_CAPTURE_MUD_H
#define PROBES_CAPTURE_MUD_H

#include <jansson.h>

#include "harness/base/err.h"
#include "harness/proto/packet.h"

#define MUD_RULES 1024
#define MUD_UNREAD 32

struct mud_rule {
	char name[DNS_NAME];            /* lower case; "" = any */
	char net[64];                   /* "203.0.113.0/24"; "" = any */
	bool local;                     /* the device's own networks */
	unsigned proto;                 /* 0 = any */
	unsigned from, to;              /* destination ports */
};
struct mud {
	struct mud_rule rule[MUD_RULES];
	size_t n;
	char unread[MUD_UNREAD][64];    /* "ACL/entry" */
	size_t n_unread;
};
bool mud_read(const json_t *file, struct mud *ret, struct err *err) MUST_CHECK;
struct mud_call { const char *name; const struct addr *to; bool local; unsigned proto, port; };  /* name NULL = not known */
bool mud_allows(const struct mud *m, const struct mud_call *c);
bool mud_names(const struct mud *m, const char *name);  /* a rule is about this name */
#endif
