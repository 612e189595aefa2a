/* SPDX-License-Identifier: Apache-2.0
 *
 * lanes.h - one surface asked over several connections at once, by threads. They only save time: a lane settles a pair when the
 * answer reads exactly like a refusal that a single connection was given before. Anything else it hands back, and the caller offers
 * that pair again, alone. So neither a lock nor a connection that the device dropped because there were too many can pass for a
 * refusal, and nothing is granted here.
 *
 * In      the row of the surface, the pairs of a round in the order to be offered, the refusals known (lanes_know()).
 * Out     per pair settled or handed back; a round ends early with the first that is handed back, and the rest is untouched.
 * Width   begins with six, as a browser does, and each answer adds one, as far as `most`. A lane whose connection is dropped ends,
 *         its pair goes to another, and no more than are left are used from then on; with the last one the round ends.
 *         lanes_narrow(): the device answers otherwise when there are so many.
 * Bounds  LANES_MOST lanes of 256 KiB of stack; LANES_SHAPES refusals.
 * Fails   only for us, like a surface's attempt. */
#ifndef LOGIN_LANES_H
#define LOGIN_LANES_H

#include "harness/probe.h"
#include "probes/login/offer.h"
#include "probes/login/trylog.h"

enum { LANES_MOST = 64, LANES_SHAPES = 32 };
enum lane_state { LANE_OPEN, LANE_SETTLED, LANE_BACK };     /* not offered, refused, handed back */
struct lane_job { const char *user, *secret; enum lane_state state; uint64_t shape; };   /* shape: of what was handed back, 0 = no answer */

struct lanes;
/* `first` is the caller's own surface, lane 0 of every round; most: 1 to LANES_MOST. */
bool lanes_new(struct step *st, const json_t *row, struct surface *first, unsigned most, struct lanes **ret, struct err *err) MUST_CHECK;
struct lanes *lanes_free(struct lanes *l);              /* NULL is fine; returns NULL */
/* How an answer reads, whatever was offered; 0 when it is none that could be a refusal. */
uint64_t lanes_mix(const struct refusal *r, const struct answer *a, uint64_t words);   /* words: surface_shape() of a->text */
uint64_t lanes_shape(const struct refusal *r, const struct answer *a, const char *user, const char *secret);
void lanes_know(struct lanes *l, uint64_t shape);       /* a single connection was refused in these words */
bool lanes_useful(const struct lanes *l);               /* more than one lane, and a refusal to compare with */
unsigned lanes_widest(const struct lanes *l);           /* how many were answered at the same time */
bool lanes_round(struct lanes *l, const struct refusal *r, struct lane_job *job, size_t n, int64_t until_ns, struct trylog *log,
		 struct err *err) MUST_CHECK;
/* Fewer from now on: as many as settled something in the last round, which is one less at least; now and then one more is tried again. */
void lanes_narrow(struct lanes *l);
#endif
