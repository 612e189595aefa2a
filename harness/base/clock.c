// SPDX-License-Identifier: Apache-2.0
#include "harness/base/clock.h"

#include <time.h>

static int64_t now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return SEC(t.tv_sec) + t.tv_nsec;
}

int64_t clock_ns(void)
{
	return now(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
	return now(CLOCK_REALTIME);
}

int64_t clock_wall_offset_ns(void)
{
	int64_t best = INT64_MAX, offset = 0;

	/* The pair with the shortest gap between the two outer reads is the truest. */
	for (int i = 0; i < 8; i++) {
		int64_t a = clock_ns(), w = clock_wall_ns(), b = clock_ns();

		if (b - a < best) {
			best = b - a;
			offset = w - (a + (b - a) / 2);
		}
	}
	return offset;
}
