// SPDX-License-Identifier: Apache-2.0
// What jline.h takes for plain, jansson takes too, with the same values.
#include <stdint.h>

#include "harness/base/jline_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	bool plain;

	if (!jline_agrees((const char *)data, len, &plain))
		__builtin_trap();
	return 0;
}
