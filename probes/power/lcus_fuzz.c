/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever a board sent before, in whatever pieces: its newest word counts. */
#include "probes/power/lcus.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct lcus_text *t = calloc(1, sizeof(*t));
	bool on = false, want;

	if (!t)
		abort();
	if (n >= 2) {
		want = data[1] & 1;
		for (size_t i = 0, piece = 1 + data[0]; i < n; i += piece)
			lcus_add(t, data + i, n - i < piece ? n - i : piece);
		for (unsigned channel = 1; channel <= 8; channel++)
			(void)lcus_says(t, channel, &on);
		lcus_add(t, (const uint8_t *)(want ? "\r\nCH3: ON\r\n" : "\r\nCH3:OFF\r\n"), 11);
		if (t->n > LCUS_ANSWER || !lcus_says(t, 3, &on) || on != want)
			__builtin_trap();
	}
	free(t);
	return 0;
}
