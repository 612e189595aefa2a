/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/fuzz/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct http1_answer a = { 0 };
	struct span in = { data, n };

	if (http1_take(in, n & 1, &a) == HTTP1_TAKEN && (a.n > n || !a.n || a.status < 100))
		__builtin_trap();
	return 0;
}
