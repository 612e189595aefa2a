// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "probes/net/ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct declared declared[] = { { "eth1", false }, { "eth0", true } };
	struct ask a;
	size_t which;

	if (ask_check(data, len, declared, 2, &a, &which))
		return 0;
	if (which > 1 || strcmp(a.interface, declared[which].name) || (which == 1 && a.verb != ASK_TAKE))
		__builtin_trap();
	if (a.verb == ASK_TAKE && (strnlen(a.as, IFNAMSIZ) == IFNAMSIZ || strchr(a.as, '/')))
		__builtin_trap();
	return 0;
}
