/* SPDX-License-Identifier: Apache-2.0
 *
 * session.h - one connection to an SSH server up to its KEXINIT, and the packets after it that are still in clear.
 * Bounds  every wait ends with the timeout, and 512 KiB are read of one server, whatever it says. */
#ifndef SSH_SESSION_H
#define SSH_SESSION_H

#include "harness/proto/wire.h"
#include "probes/ssh/kexinit.h"

enum { SESSION_BYTES = 512 << 10 };
enum session_said { SAID_NOTHING, SAID_VERSION, SAID_KEXINIT };

struct session {
	struct wire w;
	enum session_said said;
	bool ended;                     /* the server ended it, by a disconnect or without a word */
	char version[SSH_VERSION];
	struct kexinit kexinit;
	char why[240];                  /* why it said no more */

	uint8_t in[SSH_HEAD + SSH_PACKET + 4], payload[SSH_PACKET];
	size_t n, total;
};

/* false only for us; what the server did stands in *s. Our own version is sent at once, as clients do. */
bool session_open(struct session *s, const char *address, int port, int64_t timeout_ns, struct err *err) MUST_CHECK;
/* The next packet that is not mere noise; borrowed until the next. */
bool session_take(struct session *s, struct span *ret);
bool session_send(struct session *s, const void *payload, size_t n);
void session_close(struct session *s);
#endif
