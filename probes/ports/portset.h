/* SPDX-License-Identifier: Apache-2.0
 *
 * portset.h - a set of port numbers 1-65535, as suites write it: "1-1024,5353", "" is empty.
 * Fails   ERR_CONF naming the piece that is not a port or a range.   Owns nothing, 8 KiB each. */
#ifndef PORTS_PORTSET_H
#define PORTS_PORTSET_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/err.h"

struct portset { uint64_t bits[1024]; };

bool portset_parse(const char *text, struct portset *ret, struct err *err) MUST_CHECK;
static inline bool portset_has(const struct portset *s, unsigned port) { return s->bits[port >> 6] >> (port & 63) & 1; }
static inline void portset_add(struct portset *s, unsigned port) { s->bits[port >> 6] |= UINT64_C(1) << (port & 63); }
static inline void portset_del(struct portset *s, unsigned port) { s->bits[port >> 6] &= ~(UINT64_C(1) << (port & 63)); }
unsigned portset_count(const struct portset *s);
/* "tcp/80" -> its protocol bit is told by is_udp; false when it is not of that form. */
bool portset_named(const char *text, bool *ret_udp, unsigned *ret_port) MUST_CHECK;
#endif
