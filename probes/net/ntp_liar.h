/* SPDX-License-Identifier: Apache-2.0
 *
 * ntp_liar.h - answers NTP and SNTP clients with a time that is wrong by a stated amount.
 * Source  RFC 5905 section 7.3 (packet), section 14 and RFC 4330 (what a client checks: mode, stratum, origin, leap). */
#ifndef PROBES_NET_NTP_LIAR_H
#define PROBES_NET_NTP_LIAR_H

#include "harness/base/clock.h"
#include "harness/base/span.h"

#define NTP_BYTES 48

/* Wall-clock ns (Unix epoch) as an NTP timestamp: seconds since 1900 modulo 2^32, and a binary fraction. */
uint64_t ntp_stamp(int64_t wall_ns);
/* The transmit time of a server's answer as wall-clock ns, in the era nearest to near_ns; false when it is no answer. */
bool ntp_answer_time(struct span packet, int64_t near_ns, int64_t *ret_wall_ns);
/* The answer to one question, telling wall_ns as the time; false = it is no client's question. */
bool ntp_liar_reply(struct span question, int64_t wall_ns, uint8_t ret[static NTP_BYTES]);
/* Answers what is waiting on a non-blocking UDP socket (at most 64 a call); returns how many. */
int ntp_liar_answer(int fd, int64_t offset_ns);
#endif
