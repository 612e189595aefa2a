/* SPDX-License-Identifier: Apache-2.0
 *
 * scan.h - which versions, suites, groups and signatures a server takes, by hellos of our own.
 *
 * How     suites: each version is offered every suite in lists of HELLO_SUITES, the registry dealt out so that those a server takes
 *         spread over all lists. What it picks is removed and the rest offered again until it refuses; a refusal for an unclear
 *         reason (an internal error, say) is followed up with both halves, so that one suite that breaks a server hides no other.
 *         Elliptic suites are offered with the curves in use and again with those that no longer are.
 *         Then the same with groups and signatures, with suites it took, and with compression.
 * Whole   a suite counts as taken when the server said everything up to ServerHelloDone; a hello that something else follows
 *         (an alert, an end) is only an offer. To TLS 1.2 its signature over its key exchange is then made. TLS 1.3 hides the rest.
 * Bounds  ask.h's. `unanswered` hellos leave the result incomplete; `dropped` connections count as refusals, for many servers refuse
 *         in that way: whether it still lives at the end is asked with a hello that was good at first.
 * DTLS    the same, with the registry in one hello. Silence, said again several times, is how many servers refuse: `dropped`, and what
 *         needs other keys is asked apart.
 * Fails   only for us. */
#ifndef TLS_SCAN_H
#define TLS_SCAN_H

#include "probes/tls/ask.h"
#include "probes/tls/hello.h"

enum { SCAN_VERSIONS = 5, SCAN_SUITES = 512, SCAN_CHAINS = 4 };
enum scan_taken { TAKEN_NOT, TAKEN_HELLO, TAKEN_WHOLE };

struct scan_found {
	uint8_t taken[SCAN_VERSIONS][SCAN_SUITES];      /* enum scan_taken of version SSL3 + i and suites[j] */
	enum scan_taken ssl2;
	uint8_t ssl2_kind[8][3];
	unsigned ssl2_kinds;
	struct numbers groups, signatures;
	unsigned field_bits;            /* smallest Diffie-Hellman prime or temporary RSA key; 0 = none */
	bool compression;
	bool no_renegotiation_info;     /* some hello to TLS 1.2 lacked RFC 5746 */
	bool no_master_secret;          /* some hello of TLS 1.0 to 1.2 lacked RFC 7627 */
	bool asks_certificate;
	bool datagram;                  /* it was DTLS */
	bool spoke;                     /* anything of TLS at all came: a hello or an alert */
	bool alive;                     /* the first hello that was good was good again at the end */
	unsigned unanswered, dropped, garbage, strange;         /* strange: it picked what was not offered */
	enum ask_end last;              /* of those that are no answer */
	const char *why;                /* of garbage */
	struct { uint8_t *p; size_t n; } chain[SCAN_CHAINS];    /* different Certificate messages */
	struct ask_count count;
	/* From which port of ours it was seen: the frames of a capture are found by it. */
	uint16_t port[SCAN_VERSIONS][SCAN_SUITES], ssl2_port, field_port, compression_port, chain_port[SCAN_CHAINS];
};

bool scan_server(const struct ask_where *where, const char *name, struct scan_found *ret, struct err *err) MUST_CHECK;
/* Only whether it says anything of TLS to a hello of any version. */
bool scan_hello(const struct ask_where *where, const char *name, struct scan_found *ret, struct err *err) MUST_CHECK;
bool scan_took(const struct scan_found *f, uint16_t version);   /* any suite, if only with a hello */
void scan_done(struct scan_found *f);
#endif
