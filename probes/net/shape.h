/* SPDX-License-Identifier: Apache-2.0
 *
 * shape.h - a slow or late line, by the kernel's queues (`tc`): what leaves through these interfaces.
 * Rates are kept by tbf, delays by netem, which not every kernel has. */
#ifndef PROBES_NET_SHAPE_H
#define PROBES_NET_SHAPE_H

#include <stdint.h>

#include "harness/base/err.h"

/* ERR_BENCH "this kernel has no netem" when it is so; tried on the loopback of the current namespace. */
bool shape_can_delay(struct err *err) MUST_CHECK;
bool shape_rate(const char *interface, int64_t kbit, struct err *err) MUST_CHECK;
bool shape_delay(const char *interface, int64_t ns, struct err *err) MUST_CHECK;
bool shape_clear(const char *interface, struct err *err) MUST_CHECK;    /* fine when there is none */
#endif
