// SPDX-License-Identifier: Apache-2.0
// The lines before STARTTLS: whatever comes, an answer is whole, wanted or not, before there is no more room for it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/tls/plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "smtp", "imap", "pop3", "ftp" };
	const struct plain *p;
	unsigned step;
	char *text;

	if (!n || n > PLAIN_MAX)
		return 0;
	p = plain_find(names[data[0] & 3]);
	step = (data[0] >> 2) % PLAIN_STEPS;
	if (!p || !p->step[step].good)
		return 0;
	text = malloc(n);               /* of its exact size, so that one byte too far is seen */
	memcpy(text, data + 1, n - 1);
	if (plain_read(p, step, text, n - 1) == PLAIN_MORE && n > PLAIN_MAX - 1)
		__builtin_trap();
	free(text);
	return 0;
}
