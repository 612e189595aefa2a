/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/telnet.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct telnet t = { .n = 0 };
	uint8_t reply[3];

	for (size_t i = 0; i < n; i++) {
		size_t k = telnet_take(&t, data[i], reply);

		if ((k && k != 3) || t.n > TELNET_TEXT || strlen(t.text) != t.n)
			__builtin_trap();
		if (telnet_last_line(&t) > t.text + t.n)
			__builtin_trap();
	}
	return 0;
}
