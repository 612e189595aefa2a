/* SPDX-License-Identifier: Apache-2.0
 *
 * links.h - cables and addresses of a virtual bench: lan (here) to dut (the device's namespace), up (here) to
 * world0 (the world's namespace). Offloads are off on all four ends, so a capture shows frames and checksums as they
 * would be on a wire; duplicate address detection is off on the bench's own, so they can be used at once.
 *
 * Needs  CAP_NET_ADMIN over the three namespaces. */
#ifndef PROBES_NET_LINKS_H
#define PROBES_NET_LINKS_H

#include "harness/probe.h"

struct links {                          /* all borrowed */
	const char *lan, *dut, *up, *world;             /* interface names */
	const char *mac;                                /* of dut; NULL = the kernel's choice */
	const char *lan4, *lan6, *up4, *up6;            /* "192.168.77.1/24"; 6: NULL = none */
	const json_t *hosts;                            /* name -> address: what world answers to; NULL = none */
	bool has_up;
};

/* A namespace of the bench as a descriptor. */
bool links_namespace(const struct line *l, enum netns ns, int *ret_fd, struct err *err) MUST_CHECK;
/* Makes everything. What exists already under these names in this namespace is removed first. */
bool links_make(const struct line *l, const struct links *k, struct err *err) MUST_CHECK;
bool links_remove(const struct links *k, struct err *err) MUST_CHECK;
/* The bench's ends alone, which exist: addresses, forwarding, offloads off, up. */
bool links_bench_side(const struct links *k, struct err *err) MUST_CHECK;
/* A bridge `name` with these ports and no delay before it forwards; all of them up, offloads off. */
bool links_bridge(const char *name, const char *const port[2], struct err *err) MUST_CHECK;
/* Default route of this namespace over a gateway on that interface; either family. */
bool links_gateway(const char *interface, const char *ip, struct err *err) MUST_CHECK;
/* These act in the namespace that socket `s` (any kind) was made in. */
bool links_up(int s, const char *interface, bool up, struct err *err) MUST_CHECK;
bool links_carrier(int s, const char *interface);       /* up at this end and at the other */
#endif
