/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/digest.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), out[1500];
	struct challenge c;

	if (!text)
		return 0;
	memcpy(text, data, n);
	text[n] = 0;
	challenge_read(text, &c);
	if (c.algorithm != DIGEST_NONE && (!c.nonce[0] || (!c.md5 && !c.sha256) || (c.algorithm >= DIGEST_SHA256) != c.sha256))
		__builtin_trap();
	if (digest_answer(&c, "GET", "/", "us\"er", "secret", 1, 7, out, sizeof(out)) && strpbrk(out, "\r\n"))
		__builtin_trap();
	free(text);
	return 0;
}
