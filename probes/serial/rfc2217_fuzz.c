// SPDX-License-Identifier: Apache-2.0
// Any server: bounded, and never more answers than it sent commands.
#include "probes/serial/rfc2217.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rfc2217 t;
	uint8_t c, twice[2];
	size_t got = 0;

	rfc2217_begin(&t);
	for (size_t i = 0; i < n; i++) {
		size_t before = t.out_n;

		got += rfc2217_take(&t, data[i], &c);
		if (t.out_n > RFC2217_OUT || t.out_n > before + 3 || t.sub_n > RFC2217_SUB + 1 || got > i + 1)
			__builtin_trap();
		if (t.event == RFC2217_ANSWER && (t.code < COM_BAUD || t.code > COM_PURGE))
			__builtin_trap();
		if (rfc2217_escape(&t, &data[i], 1, twice) > 2)
			__builtin_trap();
		if (i % 64 == 0)
			t.out_n = 0;
	}
	return 0;
}
