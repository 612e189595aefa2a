/* SPDX-License-Identifier: Apache-2.0
 *
 * finish.h - whole handshakes, by OpenSSL: what a server only offers is told from what it does.
 *
 * In      where; one version, or 0 for any; anything OpenSSL still knows is allowed (security level 0, no certificate refused).
 * Out     established: both Finished messages were good. The chain it showed, and what was agreed.
 * Fails   only for us. No answer, no TLS, an alert are observations: established is false, why says it. */
#ifndef TLS_FINISH_H
#define TLS_FINISH_H

#include "harness/base/err.h"
#include "probes/tls/ask.h"
#include "probes/tls/chain.h"

struct finish {
	bool answered;                  /* a connection was had */
	bool established;
	uint16_t version, suite;
	char group[32];                 /* "" = none */
	int sign;                       /* private: which signature of TLS 1.3 */
	bool has_chain;
	struct chain_facts chain;
	char why[160];
};
bool finish_try(const struct ask_where *where, const char *name, uint16_t version, int64_t now_s, struct finish *ret,
		struct err *err) MUST_CHECK;
/* How a server signs in TLS 1.3, which hides it from raw hellos: every signature it takes, by one handshake for each. Added to ret. */
bool finish_signatures(const struct ask_where *where, const char *name, struct numbers *ret, struct err *err) MUST_CHECK;
/* Could a whole handshake be had with this suite? Of those OpenSSL was built with; no shared keys. */
bool finish_knows(uint16_t version, uint16_t suite);
#endif
