/* SPDX-License-Identifier: Apache-2.0
 * Frames of a hostile device: two bytes of length, then a frame, again and again. */
#include "probes/ports/six.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0x48, 0x50, 1 };
	struct span s = { data, n }, frame;
	struct six x = { .n = 0 };
	struct addr any;
	char text[SIX_TEXT];
	uint64_t len;

	while (take_be(&s, 2, &len) && take_bytes(&s, len, &frame))
		six_read(&x, mac, frame, (unsigned)(len & 1));
	if (x.n > SIX_MAX || x.groups > SIX_MAX || x.n_there > x.n)
		__builtin_trap();
	for (unsigned i = 0; i < x.n; i++)
		six_text(&x.at[i], text);
	(void)six_nameless(&x, &any);
	return 0;
}
