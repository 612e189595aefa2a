/* SPDX-License-Identifier: Apache-2.0
 *
 * six.h - the IPv6 addresses of the device: those from which its hardware address sends while all nodes of each cable are asked for
 * an echo, once from every address we have there, since a device answers with an address that fits the asker's.
 * Out     texts such as "fd77::23", "fe80::1%lan0"; at most SIX_MAX. A device that stays silent has none that we know of.
 * Fails   ERR_OS; *ret_refused: this process may not.   Source RFC 4443 4.1, 4291 2.7.1, 6724. */
#ifndef PORTS_SIX_H
#define PORTS_SIX_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/proto/packet.h"

enum { SIX_MAX = 8, SIX_TEXT = ADDR_TEXT + 18 };

bool six_addresses(const char *mac, int64_t for_ns, char ret[SIX_MAX][SIX_TEXT], unsigned *ret_n, bool *ret_refused,
		   struct err *err) MUST_CHECK;
/* A packet that shows an address of this hardware address: unicast, and not "::". */
bool six_shows(struct span frame, const uint8_t mac[6], struct addr *ret);
#endif
