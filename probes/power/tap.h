/* SPDX-License-Identifier: Apache-2.0
 *
 * tap.h - the wire between the device's interface and the network card that an emulator plays.
 *
 * How     a tap, and tc rules at both ends that hand every frame to the other: no bridge, which would learn addresses, keep frames
 *         for 01:80:c2:00:00:0x (LLDP, EAPOL), and swallow those for the interface's own address. The host's stack sees no frame.
 * Needs   CAP_NET_ADMIN over the namespace, /dev/net/tun, and the kernel's sch_ingress, cls_u32 and act_mirred. */
#ifndef PROBES_POWER_TAP_H
#define PROBES_POWER_TAP_H

#include "harness/base/err.h"

/* In this process's namespace. The tap goes when the last copy of *ret_fd is closed; rules of an earlier one are replaced. */
bool tap_wire(const char *interface, int *ret_fd, struct err *err) MUST_CHECK;
#endif
