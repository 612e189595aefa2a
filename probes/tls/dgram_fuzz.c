// SPDX-License-Identifier: Apache-2.0
// Any datagrams of a server of DTLS: two bytes of length before each. What comes out is read as TLS would be.
#include <stdlib.h>

#include "probes/tls/dgram.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint8_t hello[80] = { 22 };
	static uint8_t hand[sizeof(((struct dgram *)0)->out)], out[DGRAM_HELLO];
	static struct dgram d;
	struct span in = { p, n }, datagram;
	struct reply r;
	uint64_t len;

	dgram_begin(&d);
	while (take_be(&in, 2, &len) && take_bytes(&in, len < in.n ? len : in.n, &datagram))
		switch (dgram_read(&d, datagram)) {
		case DGRAM_RECORDS:
			reply_read((struct span){ d.out, d.n }, hand, &r);
			break;
		case DGRAM_COOKIE:
			if (dgram_answer(&d, hello, sizeof(hello), out) != sizeof(hello) + d.cookie[0])
				abort();
			break;
		case DGRAM_GARBAGE:
			if (!d.why)
				abort();
			return 0;
		default:
			break;
		}
	return 0;
}
