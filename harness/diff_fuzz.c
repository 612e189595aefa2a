// SPDX-License-Identifier: Apache-2.0
// Two results, a line each: whatever JSON they are, comparing them ends, and says the same twice.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nl = memchr(data, '\n', size);
	json_t *a, *b, *d, *e;

	if (!nl)
		return 0;
	a = json_loadb((const char *)data, (size_t)(nl - data), 0, NULL);
	b = json_loadb((const char *)nl + 1, size - (size_t)(nl + 1 - data), 0, NULL);
	d = diff_results(a, b);
	e = diff_results(a, b);
	if (!d || !json_equal(d, e) || json_integer_value(json_object_get(d, "differences")) < 0)
		abort();
	json_decref(a);
	json_decref(b);
	json_decref(d);
	json_decref(e);
	return 0;
}
