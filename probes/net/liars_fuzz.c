// SPDX-License-Identifier: Apache-2.0
// What the device sends to the false servers: HTTP and TLS heads, DNS and NTP questions.
#include <string.h>

#include "probes/net/dns_liar.h"
#include "probes/net/ntp_liar.h"
#include "probes/net/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dns_lie lie = { { 4, { 1, 2, 3, 4 } }, { 6, { 0x20, 1 } } };
	uint8_t answer[512], ntp[NTP_BYTES];
	struct span in = { data, len };
	char out[PAGE_OUT];
	struct dns d;
	int64_t told;
	size_t n;

	for (int kind = PAGE_503; kind <= PAGE_PORTAL; kind++) {
		enum page_next next = page_reply((enum page_kind)kind, "192.168.77.1", in, out, &n);

		if (n >= PAGE_OUT || (next == PAGE_ANSWER) != (n > 0) || (next == PAGE_MORE && len >= PAGE_IN))
			__builtin_trap();
	}
	n = dns_liar_reply(in, &lie, answer);
	if (n > sizeof(answer) || (n && (!dns_decode((struct span){ answer, n }, &d) || !d.response)))
		__builtin_trap();
	if (ntp_liar_reply(in, SEC((int64_t)1700000000), ntp) && !ntp_answer_time((struct span){ ntp, sizeof(ntp) }, SEC((int64_t)1700000000), &told))
		__builtin_trap();
	(void)ntp_answer_time(in, 0, &told);
	return 0;
}
