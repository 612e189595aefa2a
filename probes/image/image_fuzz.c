/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as an image: archives in archives, keys, names; small bounds, which must hold. */
#include <stdlib.h>

#include "harness/base/clock.h"
#include "probes/image/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan *s = calloc(1, sizeof(*s));

	s->room = 1 << 20;
	s->max_members = 100;
	s->until_ns = clock_ns() + SEC(1);
	scan_bytes(s, (struct span){ data, size });
	if (s->members > 110 || s->n > SCAN_FINDINGS)
		__builtin_trap();
	free(s);
	return 0;
}
