// SPDX-License-Identifier: Apache-2.0
// First byte of each piece: bit 7 = from the server, the rest its length.
#include <stdint.h>
#include <stdlib.h>

#include "probes/service/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct flow f;

	flow_init(&f);
	for (size_t at = 0; at < len;) {
		enum flow_from from = data[at] & 0x80 ? FLOW_SERVER : FLOW_CLIENT;
		size_t n = data[at] & 0x7f, used = 0;
		uint8_t *copy;

		at++;
		n = n < len - at ? n : len - at;
		copy = malloc(n ? n : 1);       /* exact, so that reading past the end is seen */
		if (!copy)
			return 0;
		for (size_t i = 0; i < n; i++)
			copy[i] = data[at + i];
		while (used < n) {
			size_t got = flow_feed(&f, from, copy + used, n - used);

			if (!got || got > n - used)
				__builtin_trap();       /* it must go on, and never take more than there is */
			if (used + got < n)
				flow_release(&f);
			used += got;
		}
		free(copy);
		at += n;
	}
	if (flow_established(&f) && (!f.side[0].app_bytes && !f.side[0].app_records))
		__builtin_trap();
	return 0;
}
