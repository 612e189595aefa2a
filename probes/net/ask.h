/* SPDX-License-Identifier: Apache-2.0
 *
 * ask.h - what a net line may ask of the helper jusan-net, and what it answers: one fixed-size packet each way over a
 * SEQPACKET socket pair, standard input of the helper. A packet of another size, an unknown verb or an interface that was not
 * declared on the helper's command line is refused.
 *
 * TAKE   (with the descriptor of a network namespace) the interface serves the bench from now on: in that namespace
 *        appears a macvlan `as` on it. Refused while the host itself uses the interface (default route, addresses), unless it
 *        was declared as IFACE:shared; then nothing of it is changed, and the bench is one more station beside the host.
 *        Otherwise the bench gets every frame, offloads and the host's own IPv6 on it are off, and told.before is how it was.
 * LINK   up (flag 1) or down of an interface that was taken and is not shared: the carrier of the cable.
 * GIVE   the interface is as `before` says. The helper does the same by itself with what it took when the socket closes. */
#ifndef PROBES_NET_ASK_H
#define PROBES_NET_ASK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ASK_TAKE = 1, ASK_LINK, ASK_GIVE };
#define ASK_OFFLOADS 5                  /* transmit checksums, scatter-gather, TSO, GSO, GRO */
#define ASK_DECLARED 8

struct ask_before { uint8_t known, up, no_six, offload[ASK_OFFLOADS]; };        /* booleans; known 0: all else is 0 */
struct ask { uint8_t verb, flag; char interface[IFNAMSIZ], as[IFNAMSIZ]; struct ask_before before; };
struct told { uint8_t ok; char text[191]; struct ask_before before; };
struct declared { const char *name; bool shared; };

/* The packet p[0..n) as a question about declared[0..n_declared): *ret_which is the one it concerns. NULL = fine, or why not.
 * Every text in *ret is terminated, every boolean 0 or 1. */
const char *ask_check(const void *p, size_t n, const struct declared *declared, size_t n_declared, struct ask *ret, size_t *ret_which);
#endif
