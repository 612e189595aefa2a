/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_seen.h - what can be told of a TLS session from outside: was it established, and how much did the client say.
 *
 * Records of type 23 carry application data, in TLS 1.3 also the encrypted rest of the handshake and alerts. The
 * session counts as established when the server sends such a record, longer than an alert, in a later frame than the
 * client's first: it has then accepted the client's Finished. A stream that is no TLS counts as established when both
 * sides sent something. Lower bounds, never guesses. */
#ifndef PROBES_CAPTURE_TLS_SEEN_H
#define PROBES_CAPTURE_TLS_SEEN_H

#include "harness/proto/stream.h"

struct tls_seen {
	bool tls, established;
	int64_t app_bytes;              /* by the client, after the session was established; no TLS: all it sent */
	int64_t frame;                  /* that established it, 0 = none */
	int64_t wall_ns;
};
void tls_seen(struct stream *s, struct tls_seen *ret);
#endif
