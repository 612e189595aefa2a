// SPDX-License-Identifier: Apache-2.0
// Nothing of the line is lost or made up, and an error stands inside what came.
#include <stdlib.h>
#include <string.h>

#include "probes/serial/ftdi_packets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const size_t sizes[] = { 8, 64, 512 };
	struct ftdi_errors e;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *out = malloc(n ? n : 1);
		size_t packets = (n + sizes[i] - 1) / sizes[i], got;

		if (!out)
			abort();
		got = ftdi_packets(data, n, sizes[i], out, &e);
		if (got > n || got + 2 * packets < n)
			__builtin_trap();
		for (size_t f = 0; f < SERIAL_FAULT_COUNT; f++)
			if (e.count[f] > packets || e.first[f] > got)
				__builtin_trap();
		free(out);
	}
	return 0;
}
