// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <string.h>

#include "harness/proto/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct packet k;
	struct dns d;

	if (packet_decode((struct span){ data, len }, &k)) {
		if (k.payload.n && (k.payload.p < data || k.payload.p + k.payload.n > data + len))
			__builtin_trap();
		(void)dns_decode(k.payload, &d);
	}
	if (dns_decode((struct span){ data, len }, &d) && (d.n > DNS_RECORDS || strnlen(d.name, DNS_NAME) == DNS_NAME))
		__builtin_trap();
	return 0;
}
