/* SPDX-License-Identifier: Apache-2.0
 * What a device's shell answers, of any bytes. */
#include <stdlib.h>

#include "probes/shell/listing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct listing *l = malloc(sizeof(*l));

	listing_read((struct span){ data, size }, "m", l);
	if (l->root_sockets.n > l->ports.n || l->ports.n > l->sockets.n || (l->ended && !l->begun))
		__builtin_trap();
	free(l);
	return 0;
}
