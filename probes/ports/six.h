/* SPDX-License-Identifier: Apache-2.0
 *
 * six.h - the IPv6 addresses of the device on the bench's cables.
 *
 * What is known   from what its hardware address sends: any source, what it tries out before use (DAD), mDNS AAAA; from the record of
 *                 the run, the declaration, and what its hardware address makes of our prefixes and of fe80:: (EUI-64).
 * What is there   an address for which it answers a neighbour solicitation of ours now. Nothing else is a target: sources can be
 *                 forwarded, names can lie, what was used yesterday may be gone.
 * What is missing Each address makes its owner listen to a solicited-node group, and a multicast query makes it list these. A group
 *                 that no address explains is one more address, of which we know the last three bytes only.
 * Asking          SIX_ASKS times in the time given, on every cable: an echo to all nodes from each of our addresses there, a multicast
 *                 query, a solicitation for each address that is known. An address on trial, a group without address, what a
 *                 device that asked for a router is about to have, and what the declaration promises are waited for, SIX_TRIAL_NS
 *                 at most: that is how long a device that was just started takes (RFC 4862 5.4).
 * Never           an address of the bench itself.
 * Fails           ERR_OS; *ret_refused: this process may not.
 * Source          RFC 4861 4.3, 4.4, 7.2; 4862 5.4; 3810 5, 6; 4291 2.5.1, 2.7.1; 4443 4.1. */
#ifndef PORTS_SIX_H
#define PORTS_SIX_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/base/err.h"
#include "harness/proto/packet.h"

enum { SIX_MAX = 16, SIX_TEXT = ADDR_TEXT + 18, SIX_ASKS = 3, SIX_CABLES = 4 };
#define SIX_TRIAL_NS SEC(3)

struct six_address {
	struct addr addr;
	unsigned ifindex;               /* our interface on whose cable it is there; 0 = it did not answer */
	const char *from;               /* how we came to know it, borrowed: "its EUI-64", "a frame", ... */
	bool trial;                     /* it was being tried out while we looked, or it is promised */
};
struct six {                            /* zero-initialise */
	struct six_address at[SIX_MAX];
	struct addr group[SIX_MAX], ours[SIX_MAX];
	unsigned n, groups, n_ours, n_there;
	unsigned asked;                 /* how often, on every cable */
	bool want_local, want_other;    /* a link-local address, one of another kind is promised */
	bool full;                      /* there was more than we keep */
};

bool six_mac(const char *text, uint8_t ret[6]);         /* "02:00:00:48:50:01" */
/* Is there one that is link-local, or one that is not? */
bool six_has(const struct six *s, bool local);
/* One more address to ask for; nothing when it cannot be one of the device's. */
void six_tell(struct six *s, const struct addr *a, const char *from);
/* A frame, as it came in on our interface; ifindex 0 = from a record: it makes addresses known, but none is there for it. */
void six_read(struct six *s, const uint8_t mac[6], struct span frame, unsigned ifindex);
/* Everything in a capture. Fails as pcapng.h. */
bool six_record(struct six *s, const uint8_t mac[6], const char *capture, struct err *err) MUST_CHECK;
/* Asks and listens. */
bool six_find(struct six *s, const uint8_t mac[6], int64_t for_ns, bool *ret_refused, struct err *err) MUST_CHECK;
/* A group it listens to that no address there explains. */
bool six_nameless(const struct six *s, struct addr *ret);
/* "fd77::23", "fe80::1%lan0". */
const char *six_text(const struct six_address *a, char buf[static SIX_TEXT]);
bool six_is_local(const struct addr *a);                /* fe80::/10 */

/* ---- six_ask.c: one cable of ours ---- */
struct six_cable {
	unsigned ifindex;
	uint8_t mac[6];
	bool local_known;
	struct addr local, own[SIX_MAX];        /* own: all of ours there, link-local too */
	unsigned n;
	int fd;                                 /* raw ICMPv6, from the link-local address; -1 = there is none that may be used */
};
/* Every interface that is up and has IPv6; their addresses become s->ours. */
bool six_cables(struct six *s, struct six_cable ret[SIX_CABLES], unsigned *ret_n, struct err *err) MUST_CHECK;
void six_cables_close(struct six_cable *c, unsigned n);
/* False when nothing could be sent there: an address of ours that is on trial itself. */
bool six_ask_all(const struct six_cable *c);
bool six_ask_for(const struct six_cable *c, const struct addr *target);
#endif
