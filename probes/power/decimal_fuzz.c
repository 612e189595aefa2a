// SPDX-License-Identifier: Apache-2.0
// What is accepted and written again is the same number.
#include "probes/power/decimal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), again[40];
	int64_t v, w;

	memcpy(text, data, len);
	text[len] = '\0';
	if (decimal_parse(text, 3, &v) && (!decimal_parse(decimal_milli(v, again, sizeof(again)), 3, &w) || v != w))
		__builtin_trap();
	free(text);
	return 0;
}
