/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/policy/words.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct policy_words w;

	if (n > 4096)
		return 0;
	policy_read((const char *)data, n, &w);
	if (strlen(w.contact) >= QUOTE || strlen(w.acknowledgement) >= QUOTE || strlen(w.updates) >= QUOTE)
		__builtin_trap();
	return 0;
}
