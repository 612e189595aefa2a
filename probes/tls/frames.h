/* SPDX-License-Identifier: Apache-2.0
 *
 * frames.h - which frames of a capture show what a scan found.
 *
 * Out     f is called with the frame in which each of these hellos of the server begins: for every version the first suite it took, for
 *         every trait the first suite that has it, the weakest suite, every chain, the smallest group, compression. That is enough to
 *         look every FAIL up, and stays below sixty frames.
 * Bound   one reading of the capture.
 * Fails   when it cannot be read. */
#ifndef TLS_FRAMES_H
#define TLS_FRAMES_H

#include "probes/tls/scan.h"

/* The first frame, not before from_wall_ns, with the first bytes of a hello from address, port. */
bool frames_of(const char *capture, const char *address, int port, const struct scan_found *found, int64_t from_wall_ns,
	       void (*f)(int64_t frame, void *data), void *data, struct err *err) MUST_CHECK;
#endif
