/* SPDX-License-Identifier: Apache-2.0
 *
 * facts.h - what a scan and the proofs beside it come to, as facts of tls.enumerate.
 *
 * A version is `proved` by a whole handshake of OpenSSL. It is in `versions` when proved, or when every suite it was taken with is
 * one OpenSSL does not speak (SSL 2 and 3, RC4, export, shared keys), or it asks for a certificate, which the bench has not: then the
 * server's whole half of a handshake has to do. What
 * OpenSSL speaks and still could not finish is `offered`, and its suites do not count as taken. */
#ifndef TLS_FACTS_H
#define TLS_FACTS_H

#include "harness/probe.h"
#include "harness/proto/known_keys.h"
#include "probes/tls/finish.h"
#include "probes/tls/scan.h"

struct proofs { struct finish of[SCAN_VERSIONS]; };     /* of SSL3 + i; SSL 3 has none */

extern const struct fact enumerate_facts[];
/* The facts of a server that said nothing. */
void facts_empty(struct step *st);
void facts_report(struct step *st, const struct scan_found *f, const struct proofs *p, const struct known_keys *known, const char *name,
		  int64_t now_s);
#endif
