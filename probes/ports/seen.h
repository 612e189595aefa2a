/* SPDX-License-Identifier: Apache-2.0
 *
 * seen.h - the frames in which the device showed an open port: SYN-ACK for TCP, a datagram from it for UDP.
 * In      a capture, the device's address, ports, when the scan began (wall clock ns).   Fails as pcapng.h. */
#ifndef PORTS_SEEN_H
#define PORTS_SEEN_H

#include "probes/ports/portset.h"

/* Calls f with the first such frame of each port. */
bool seen_frames(const char *capture, const char *address, const struct portset *tcp, const struct portset *udp, int64_t from_wall_ns,
		 void (*f)(int64_t frame, void *data), void *data, struct err *err) MUST_CHECK;
#endif
