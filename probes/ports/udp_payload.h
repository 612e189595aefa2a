/* SPDX-License-Identifier: Apache-2.0
 *
 * udp_payload.h - the datagram to which a service on this UDP port would answer. Protocols with a port of their
 * own get a real question; every other port gets one that a text or binary service may answer with an error. */
#ifndef PORTS_UDP_PAYLOAD_H
#define PORTS_UDP_PAYLOAD_H

#include "harness/base/span.h"

struct udp_payload { unsigned port; const char *name; struct span bytes; bool elsewhere; };     /* answered from another port */
/* Never NULL; port 0 in it = the generic one. Further questions for the same port follow it in the table. */
const struct udp_payload *udp_payload(unsigned port);
/* The whole table; the generic one ends it. */
const struct udp_payload *udp_payloads(void);
#endif
