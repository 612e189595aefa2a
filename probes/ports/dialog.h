/* SPDX-License-Identifier: Apache-2.0
 *
 * dialog.h - one bounded exchange after another with a port of the device: in clear, inside TLS, or by datagrams.
 *
 * In      address, port, a deadline (monotonic ns) no call goes beyond.
 * Out     the first bytes of what came back. A peer that never ends is left after DIALOG_READ bytes, one that
 *         drips after the deadline, one that says nothing after `quiet`.
 * TLS     whatever OpenSSL still speaks, nothing is verified: the point is what is inside. A peer that answers in
 *         TLS without letting us in counts as TLS (`tls_seen`).
 * Fails   only for us: no descriptors, no memory. Refusals, resets and silence are observations. */
#ifndef PORTS_DIALOG_H
#define PORTS_DIALOG_H

#include <openssl/ssl.h>

#include "harness/base/err.h"
#include "harness/base/span.h"

#define DIALOG_KEEP (16u << 10)         /* kept of one answer */
#define DIALOG_READ (256u << 10)        /* read of it; a banner that goes on is no banner */

struct dialog {                         /* zero-initialise */
	int64_t until_ns, quiet_ns;     /* set by the caller */
	int fd;
	SSL *ssl;
	bool connected;                 /* TCP came about */
	bool inside;                    /* the TLS handshake was done */
	bool tls_seen;                  /* the peer answered in TLS, at least with an alert */
	bool wants_certificate;         /* it asked for one of ours */
	bool refused, reset;            /* instead of an answer */
	bool endless;                   /* more than DIALOG_READ bytes came */
	bool ended;                     /* the peer closed */
	uint8_t answer[DIALOG_KEEP + 1];        /* of the last dialog_read; terminated */
	size_t n;
};

bool dialog_open(struct dialog *d, const char *ip, unsigned port, bool tls, struct err *err) MUST_CHECK;
/* False when the connection is gone. */
bool dialog_send(struct dialog *d, struct span bytes);
/* Reads until the peer is quiet, has closed, or is cut off; what came stands in `answer`. False when nothing did. */
bool dialog_read(struct dialog *d);
/* The peer's certificate in DER, malloc'd; 0 = none. */
size_t dialog_certificate(const struct dialog *d, uint8_t **ret);
void dialog_close(struct dialog *d);

/* One datagram, and the first that comes back from that port, or with `elsewhere` from any port of that host; false in
 * `ret_answered` when none does in time. */
bool dialog_datagram(struct dialog *d, const char *ip, unsigned port, struct span bytes, bool elsewhere, bool *ret_answered,
		     struct err *err) MUST_CHECK;
#endif
