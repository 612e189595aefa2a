// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <string.h>

#include "probes/ports/syn_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The first byte picks the family; the frame follows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct syn_id id = { .key = 1, .base = 61008 };
	struct syn_answer a;

	if (!len)
		return 0;
	if (!addr_parse(data[0] & 1 ? "192.168.77.23" : "fd77::23", &id.device) ||
	    !addr_parse(data[0] & 1 ? "192.168.77.1" : "fd77::1", &id.us))
		__builtin_trap();
	a = syn_read(&id, (struct span){ data + 1, len - 1 });
	if (a.says != SYN_NOTHING && a.from >= SYN_TRIES)
		__builtin_trap();
	return 0;
}
