/* SPDX-License-Identifier: Apache-2.0
 *
 * dns_liar.h - answers every DNS question for an address with the same wrong one (A; for AAAA and the rest: none). */
#ifndef PROBES_NET_DNS_LIAR_H
#define PROBES_NET_DNS_LIAR_H

#include "harness/base/err.h"
#include "harness/proto/packet.h"

/* A UDP socket on a free port, bound to the interface, non-blocking. */
bool dns_liar_open(const char *interface, int *ret_fd, int *ret_port, struct err *err) MUST_CHECK;
/* Answers what is waiting (at most 64 questions a call); returns how many. Malformed ones are ignored. */
int dns_liar_answer(int fd, const struct addr *wrong);
/* The answer to one question; 0 = none fitting. */
size_t dns_liar_reply(struct span question, const struct addr *wrong, uint8_t ret[static 512]);
#endif
