/* SPDX-License-Identifier: Apache-2.0
 *
 * plug_net.h - the device's end of the cable while its supply comes and goes. The sockets are made inside the
 * device's network namespace and stay there, so nobody has to enter it again. */
#ifndef PROBES_POWER_PLUG_NET_H
#define PROBES_POWER_PLUG_NET_H

#include "harness/probe.h"

struct plug_net { int route, diag, inet, six; };        /* -1 = not open */

bool plug_net_open(const struct line *l, struct plug_net *ret, struct err *err) MUST_CHECK;
bool plug_net_link(const struct plug_net *n, const char *interface, bool up, struct err *err) MUST_CHECK;
/* Link up. `owns_ip` false: the host kernel keeps silent on it (no IPv6), a guest has its own stack there. */
bool plug_net_ready(const struct plug_net *n, const char *interface, bool owns_ip, struct err *err) MUST_CHECK;
/* After the cut: no address stays, and every TCP socket that the kernel would still close politely is destroyed
 * without a word on the wire (the link is down). A kernel without that facility keeps them: true all the same. */
bool plug_net_forget(const struct plug_net *n, const char *interface, struct err *err) MUST_CHECK;
void plug_net_close(struct plug_net *n);
#endif
