/* SPDX-License-Identifier: Apache-2.0
 *
 * mdns_types.h - the service types an mDNS responder lists, as questions for their instances.
 *
 * In      an answer to "_services._dns-sd._udp.local", hostile.
 * Out     the i-th type's question (PTR, unicast answer wanted), whose answer carries names, ports and texts.
 * Bounds  types of the usual form, two labels of at most 63 bytes; MDNS_TYPES of them.   Source RFC 6763 9, RFC 6762 5.4. */
#ifndef PORTS_MDNS_TYPES_H
#define PORTS_MDNS_TYPES_H

#include <stdbool.h>

#include "harness/base/span.h"

#define MDNS_TYPES 16
struct mdns_type { uint8_t question[160]; size_t n; char name[132]; };
/* How many were written to ret. */
size_t mdns_types(struct span answer, struct mdns_type ret[static MDNS_TYPES]);
#endif
