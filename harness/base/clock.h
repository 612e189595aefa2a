/* SPDX-License-Identifier: Apache-2.0
 *
 * clock.h - one clock for everything: CLOCK_MONOTONIC in nanoseconds. Wall time is used only for run
 * identity and packet stamps; their offset to the monotonic clock stands in run.json. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define US(n)  ((int64_t)(n) * 1000)
#define MS(n)  ((int64_t)(n) * 1000000)
#define SEC(n) ((int64_t)(n) * 1000000000)

int64_t clock_ns(void);                 /* monotonic now */
int64_t clock_wall_ns(void);            /* nanoseconds since 1970, UTC */
int64_t clock_wall_offset_ns(void);     /* wall - monotonic, read back to back, best of several */
#endif
