/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/reply.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct reply r;
	bool done = false;

	if (!n)
		return 0;
	reply_begin(&r, (enum reply_style)(data[0] % 3), data[0] % 3 == REPLY_TAGGED ? data[0] & 4 ? "*" : "a1" : "");
	for (size_t i = 1; i < n && !done; i++)
		done = reply_take(&r, data[i]);
	if (done != (r.whole || r.alien) || (r.whole && !r.code) || r.words_n > REPLY_TEXT || strlen(r.words) != r.words_n)
		__builtin_trap();
	if (strlen(r.last) > REPLY_TEXT || (r.style == REPLY_NUMBERED && r.code && (r.code < 100 || r.code > 599)))
		__builtin_trap();
	(void)reply_has(&r, "AUTH PLAIN");
	return 0;
}
