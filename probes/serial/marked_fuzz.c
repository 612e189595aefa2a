// SPDX-License-Identifier: Apache-2.0
// However the bytes are cut into pieces, the same comes out.
#include <stdlib.h>
#include <string.h>

#include "probes/serial/marked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *whole = malloc(n + 2), *parts = malloc(n + 2);
	struct marked a = { .held = 0 }, b = { .held = 0 };
	struct marked_errors e, one;
	size_t k, errors = 0, j = 0;

	if (!whole || !parts)
		abort();
	k = marked_take(&a, data, n, whole, &e);
	for (size_t i = 0; i < n; i++) {
		uint8_t out[3];
		size_t got = marked_take(&b, data + i, 1, out, &one);

		if (got > 2 || j + got > n + 2)
			__builtin_trap();
		memcpy(parts + j, out, got);
		j += got;
		errors += one.breaks + one.bad;
	}
	if (k != j || memcmp(whole, parts, k) != 0 || errors != e.breaks + e.bad || e.first > k)
		__builtin_trap();
	free(whole);
	free(parts);
	return 0;
}
