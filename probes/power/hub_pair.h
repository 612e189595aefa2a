/* SPDX-License-Identifier: Apache-2.0
 *
 * hub_pair.h - the other half of a USB3 hub, which the kernel shows as a hub of its own. */
#ifndef PROBES_POWER_HUB_PAIR_H
#define PROBES_POWER_HUB_PAIR_H

#include "probes/power/hub.h"

struct hub_other { struct usb_seen hub; unsigned port; };     /* ports of root hubs may be numbered differently */

/* *ret_found false: it has none. `say` (NULL: nothing) is the path of the other half, or "none".
 * Otherwise the kernel's own pairing of this port counts (`peer` in sysfs). Where it has none, the one hub of the other
 * speed with the same container id (USB 3.2, 9.6.2.3), number of ports and, where both have one, serial; if several, the
 * one in the same socket. Still several: ERR_BENCH. */
bool hub_pair(struct hub *h, unsigned port, const char *say, int64_t timeout_ns, struct hub_other *ret, bool *ret_found,
	      struct err *err) MUST_CHECK;

#define HUB_CONTAINER 16
/* The container id in the bytes of a BOS descriptor, as far as they came; false: none there. */
bool hub_container(const uint8_t *bos, size_t n, uint8_t ret[static HUB_CONTAINER]);
#endif
