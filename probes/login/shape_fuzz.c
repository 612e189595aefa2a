/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "probes/login/surface.h"

/* First byte: how long the word is that was offered; then that word, then a page. Its shape does not depend on what lies behind it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char word[256] = "", *page;
	const char *out[2] = { word, NULL };
	size_t k;

	if (!n || (size_t)data[0] + 1 > n)
		return 0;
	k = data[0];
	memcpy(word, data + 1, k);
	n -= k + 1;
	page = malloc(n ? n : 1);       /* of its exact size, so that one byte too far is seen */
	memcpy(page, data + 1 + k, n);
	if (surface_shape(page, n, out) != surface_shape(page, n, out))
		__builtin_trap();
	free(page);
	return 0;
}
