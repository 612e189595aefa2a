// SPDX-License-Identifier: Apache-2.0
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/debug/said.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct said a, b;
	char word[9] = "";
	size_t w = size < 8 ? size : data[0] % 9u;

	memcpy(word, data, w);
	a.n = b.n = 0;
	said_add(&a, (const char *)data + w, size - w, word);
	said_add(&b, (const char *)data + w, (size - w) / 2, "");
	said_keep(&a, &b);
	for (size_t i = 0; i < a.n; i++)
		if (strlen(a.line[i]) >= SAID_LINE || !a.line[i][0])
			abort();
	said_drop(&a, &b);
	if (a.n)
		abort();
	return 0;
}
