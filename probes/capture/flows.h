/* SPDX-License-Identifier: Apache-2.0
 *
 * flows.h - who talks to whom in a capture, seen from the device: every flow it took part in, who began it, and under
 * which name its far end was looked up.
 *
 * In      frames in order. The device is known by its hardware address, and beyond its router by an address of its
 *         networks that is not the router's.
 * Out     flows in order of first frame; names from DNS answers seen so far, then from the table given.
 * Bound   FLOWS_MAX flows, FLOWS_NAMES names; what does not fit sets `full`.
 * Note    ARP, IGMP, neighbour discovery and group management belong to the cable and are no flows. */
#ifndef PROBES_CAPTURE_FLOWS_H
#define PROBES_CAPTURE_FLOWS_H

#include <jansson.h>

#include "harness/proto/packet.h"

#define FLOWS_MAX   (1 << 19)
#define FLOWS_NAMES 4096
#define FLOW_TEXT   (DNS_NAME + 16)

struct flow {
	struct addr far;                /* the other end */
	uint8_t proto;
	uint16_t near_port, far_port;   /* ICMP: both 0 */
	bool from_device;               /* the device sent the first frame that was seen */
	int64_t first_frame, last_sent_ns, first_sent_ns; /* wall clock; sent: by the device; 0 = nothing */
	int64_t sent;                   /* frames by the device */
	uint32_t name;                  /* private: 1 + what `far` was last looked up as when the flow began; 0 = never */
};

struct flow_name { struct addr addr; char name[DNS_NAME]; };
struct flows {
	uint8_t mac[6];
	const char *net[2];             /* the cable's networks as "router's address/prefix", borrowed; NULL = none */
	struct flow *flow;
	uint32_t *bucket, *older;       /* private: newest + 1 by hash, and the chain */
	size_t n, room;
	struct flow_name *name;
	size_t names;
	bool full;
};

bool flows_mac(const char *text, uint8_t ret[static 6]);        /* "02:00:00:48:50:01" */
void flows_init(struct flows *f, const uint8_t mac[static 6]);
void flows_frame(struct flows *f, const struct packet *k, int64_t frame, int64_t wall_ns);
/* "cloud.hearth.example:8883/tcp", "203.0.113.9:53/udp", "[fd77::5]:80/tcp", "203.0.113.1/icmp". `hosts` (name ->
 * address, may be NULL) and `router` (address called "router", may be NULL) name what DNS did not. Returns buf. */
const char *flows_text(const struct flows *f, const struct flow *w, const json_t *hosts, const struct addr *router,
		       char buf[static FLOW_TEXT]);
void flows_free(struct flows *f);
#endif
