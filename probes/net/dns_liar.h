/* SPDX-License-Identifier: Apache-2.0
 *
 * dns_liar.h - answers every DNS question for an address with the same wrong ones (A and AAAA; for the rest: none). */
#ifndef PROBES_NET_DNS_LIAR_H
#define PROBES_NET_DNS_LIAR_H

#include "harness/base/err.h"
#include "harness/proto/packet.h"

struct dns_lie { struct addr four, six; };      /* family 0 = no record of that kind */

/* Answers what is waiting on a non-blocking UDP socket (at most 64 questions a call); returns how many. Malformed ones are
 * ignored. */
int dns_liar_answer(int fd, const struct dns_lie *lie);
/* The answer to one question; 0 = none fitting. */
size_t dns_liar_reply(struct span question, const struct dns_lie *lie, uint8_t ret[static 512]);
#endif
