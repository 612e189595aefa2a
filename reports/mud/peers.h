/* SPDX-License-Identifier: Apache-2.0
 *
 * peers.h - whom the device called in this run, out of the observations of capture.egress that claims point to. Private to mud. */
#ifndef REPORTS_MUD_PEERS_H
#define REPORTS_MUD_PEERS_H

#include "harness/result.h"

#define PEERS_MAX 500           /* half of what a reader of MUD files here takes */
#define PEER_TEXT 300

enum peer_kind { PEER_NAME, PEER_IPV4, PEER_IPV6, PEER_LOCAL };
struct peer {
	enum peer_kind kind;
	char host[256];                 /* a DNS name, or "203.0.113.7"; "" when local */
	bool tcp;
	unsigned port;
	bool undeclared;                /* the run found it outside what is declared */
};
struct peers {
	struct peer peer[PEERS_MAX];
	size_t n;
	json_t *left_out;               /* [{"seen","why"}]: what was seen and stands in no list; owned, also the following */
	json_t *from;                   /* ["BT6-02 journal#1253"]: the observations */
	json_t *scope;                  /* in their words: how long, how much */
	json_t *unseen;                 /* declared in egress.allow, and not seen */
	json_t *names;                  /* names it asked for or named in TLS */
};

/* Never fails: what cannot be read was not seen. */
void peers_read(const struct result *r, struct peers *ret);
void peers_free(struct peers *p);
/* "cloud.example:443/tcp", "[2001:db8::1]:53/udp", "router:123/udp". False: it says nothing that a MUD file can hold, and why. */
bool peer_parse(const char *text, struct peer *ret, const char **ret_why);
#endif
