// SPDX-License-Identifier: Apache-2.0
// Any answer of a server: read without a fault, and its certificates too.
#include <stdlib.h>

#include "probes/tls/chain.h"
#include "probes/tls/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t *hand = malloc(n + 1);
	struct chain_facts facts;
	struct reply r;

	if (!hand)
		return 0;
	reply_read((struct span){ p, n }, hand, &r);
	if (r.more && r.need <= n)
		abort();
	if (r.certificates.n)
		chain_read(r.certificates, 0, "device.example", &facts);
	chain_read((struct span){ p, n }, 0, NULL, &facts);
	free(hand);
	return 0;
}
