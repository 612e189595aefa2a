// SPDX-License-Identifier: Apache-2.0
#include <stdint.h>
#include <stdlib.h>

#include "probes/login/tlv8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t got[384];

	for (unsigned type = 0; type < 16; type++)
		if (tlv8_get(data, size, (uint8_t)type, got, sizeof(got)) > (long)sizeof(got))
			abort();
	return 0;
}
