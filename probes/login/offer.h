/* SPDX-License-Identifier: Apache-2.0
 *
 * offer.h - offers a pair and tells granted from refused by a calibrated difference.
 *
 * What a refusal looks like is learned first, with random accounts and passwords nobody has. An answer of the same
 * shape is a refusal. One of another shape is only a candidate: it is GRANTED when the same account with a
 * random password is answered differently, and the pair is answered that way a second time. If the random password gets
 * the candidate's answer too, then it is another refusal - or a lock: a random account tells which.
 * Lock-outs that say so (429, 423, Retry-After, the row's pattern) and lock-outs that do not are both LOCKED: the
 * pair was not tried. */
#ifndef LOGIN_OFFER_H
#define LOGIN_OFFER_H

#include "harness/base/rng.h"
#include "probes/login/surface.h"

enum outcome { OFFER_REFUSED, OFFER_GRANTED, OFFER_LOCKED, OFFER_SILENT, OFFER_AGAIN };     /* AGAIN: lanes.h only, to be offered alone */

enum { REFUSAL_SHAPES = 8 };
struct refusal {                        /* zero-initialise; learned per surface */
	bool learned;
	bool open;                      /* random pairs get in: the surface asks for nothing */
	bool use_body;                  /* refusals have a steady body, so it counts */
	unsigned calibrated, n;         /* shapes [0, calibrated) from random accounts, the rest found later */
	uint64_t words;                 /* shape of last.text where offer_learn() ended, without what was offered */
	uint64_t head[REFUSAL_SHAPES], body[REFUSAL_SHAPES], raw[REFUSAL_SHAPES];
	struct answer last;             /* of the newest try, whatever came of it */
};

/* Offers random pairs (at most 3; one where the protocol says "refused" and nothing else) until the refusal is known. learned = false: it did not answer, or was locked;
 * last says which. Never touches a real account unless the surface has a fixed one. */
bool offer_learn(struct surface *s, struct rng *rng, struct refusal *r, struct err *err) MUST_CHECK;
bool offer(struct surface *s, struct rng *rng, struct refusal *r, const char *user, const char *secret,
	   enum outcome *ret, struct err *err) MUST_CHECK;
/* 16 hex digits no device has as a password or an account. */
void offer_random(struct rng *rng, char ret[static 17]);
#endif
