/* SPDX-License-Identifier: Apache-2.0
 *
 * impostor_in.h - what impostor.c, liar.c and relay.c share. */
#ifndef SERVICE_IMPOSTOR_IN_H
#define SERVICE_IMPOSTOR_IN_H

#include <openssl/ssl.h>

#include "harness/base/clock.h"
#include "probes/service/flow.h"
#include "probes/service/impostor.h"

#define CONNS 64
#define IDLE_NS SEC(20)         /* without a byte */
#define QUIET_NS SEC(900)       /* the same for a relayed session: telemetry may be rare */
#define SILENT_NS MS(300)       /* after application data */
#define HOLD_NS MS(40)          /* see flow.h: the server's tickets come within that time */
#define READ_MAX 65536
#define PIPE_MAX 16384

/* One direction of a relay: buf[0..n) was read; buf[0..ready) may go on. */
struct pipe { uint8_t *buf; size_t n, ready; bool ended, told; };       /* ended: its source closed; told: passed on */

struct conn {
	int id, fd, up;                 /* fd < 0 = free; up: to the true peer (relay) */
	int64_t until_ns, hold_ns;      /* closed then; relay: go on with the client's bytes then (0 = not held) */
	SSL *ssl;                       /* liar */
	short want;
	bool begun, done, plain;        /* liar: first byte seen; handshake done; what came is no TLS */
	int64_t app_bytes;
	struct flow flow;               /* relay */
	struct pipe to_peer, to_device;
	bool connected, hello_counted, met;
	int64_t alerts_counted;
};

struct server {
	const struct impostor *cfg;
	SSL_CTX *ctx;
	struct conn conn[CONNS];
	struct impostor_tally tally;
	int last_id;
	int64_t log_end;
	bool log_lost;
};

/* key: the tally points at this line. */
void impostor_note(struct server *s, int conn, bool key, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void impostor_alert(struct server *s, int conn, const char *text);
/* Tells whoever waits that there was a meeting: a liar\'s connection has ended, a relayed session carries data. */
void impostor_met(struct server *s);

/* Each event function returns why the connection is over, or NULL. */
bool liar_context(struct server *s, struct err *err) MUST_CHECK;
const char *liar_event(struct server *s, struct conn *c, bool ready);
bool relay_begin(struct server *s, struct conn *c);
short relay_want(const struct conn *c, int fd);
const char *relay_event(struct server *s, struct conn *c, short down, short up);
void relay_count(struct server *s, struct conn *c);     /* at the end of a connection */
#endif
