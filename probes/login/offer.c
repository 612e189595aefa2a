/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/offer.h"

#include <stdio.h>
#include <string.h>

void offer_random(struct rng *rng, char ret[static 17])
{
	snprintf(ret, 17, "%016llx", (unsigned long long)rng_u64(rng));
}

static bool known(const struct refusal *r, unsigned from, unsigned to, const struct answer *a)
{
	for (unsigned i = from; i < to; i++)
		if (r->head[i] == a->head && (!r->use_body || r->body[i] == a->body || r->raw[i] == a->raw))
			return true;
	return false;
}

static bool refused(const struct refusal *r, const struct answer *a)
{
	if (a->says == SAYS_REFUSED)
		return true;
	return a->says == SAYS_NOTHING && known(r, 0, r->n, a);
}

static bool same(const struct refusal *r, const struct answer *a, const struct answer *b)
{
	if (a->says != SAYS_NOTHING || b->says != SAYS_NOTHING)
		return a->says == b->says;      /* the protocol's own word; a page behind it may change by itself */
	return a->head == b->head && (!r->use_body || a->body == b->body || a->raw == b->raw);
}

static void learn(struct refusal *r, const struct answer *a)
{
	if (r->n == REFUSAL_SHAPES || known(r, 0, r->n, a))
		return;
	r->head[r->n] = a->head;
	r->raw[r->n] = a->raw;
	r->body[r->n++] = a->body;
}

static bool usable(const struct answer *a)
{
	return a->reached && !a->locked && !a->broken;
}

/* ret_words: shape of what it said, may be NULL. */
static bool attempt_random(struct surface *s, struct rng *rng, const char *user, struct answer *ret, uint64_t *ret_words, struct err *err)
{
	char name[17], secret[17];

	offer_random(rng, name);
	offer_random(rng, secret);
	if (!surface_attempt(s, user ? user : name, secret, ret, err))
		return false;
	if (ret_words)
		*ret_words = surface_shape(ret->text, strlen(ret->text), (const char *const[2]){ s->user[0] ? s->user : user ? user : name, secret });
	return true;
}

bool offer_learn(struct surface *s, struct rng *rng, struct refusal *r, struct err *err)
{
	struct refusal out = { .use_body = true };
	unsigned granted = 0, tries = s->user[0] ? 2 : 3;       /* a fixed account has a counter of its own */
	struct answer a;

	for (unsigned i = 0; i < tries; i++) {
		if (!attempt_random(s, rng, NULL, &a, &out.words, err))
			return false;
		r->last = a;
		if (!usable(&a))
			return true;
		granted += a.says == SAYS_GRANTED;
		if (i && out.head[0] == a.head && out.body[0] != a.body)
			out.use_body = false;
		learn(&out, &a);
		if (a.says == SAYS_REFUSED && !a.body)  /* the protocol's word, and no page with it that might change */
			break;
	}
	out.learned = true;
	out.open = granted == tries;
	out.calibrated = out.n;
	out.last = a;
	*r = out;
	return true;
}

/* The pair's answer is new. Is it a way in, a refusal not met before, or a lock that does not say so? */
static bool look_closer(struct surface *s, struct rng *rng, struct refusal *r, const char *user, const char *secret,
			const struct answer *first, enum outcome *ret, struct err *err)
{
	struct answer twin, again;

	if (!attempt_random(s, rng, user, &twin, NULL, err))
		return false;
	if (!usable(&twin)) {
		*ret = OFFER_LOCKED;
		return true;
	}
	if (!same(r, &twin, first)) {
		if (!surface_attempt(s, user, secret, &again, err))
			return false;
		*ret = !usable(&again) ? OFFER_LOCKED : same(r, &again, first) ? OFFER_GRANTED : OFFER_REFUSED;
		r->last = again;
		return true;
	}
	if (!attempt_random(s, rng, NULL, &again, NULL, err))
		return false;
	if (usable(&again) && known(r, 0, r->calibrated, &again) && first->says == SAYS_GRANTED) {
		*ret = OFFER_GRANTED;           /* this account takes any password, others do not */
	} else if (usable(&again) && known(r, 0, r->calibrated, &again) && !s->user[0]) {
		learn(r, first);                /* only this account is answered so: its way to refuse */
		*ret = OFFER_REFUSED;
	} else {
		*ret = OFFER_LOCKED;            /* nobody is answered as before */
	}
	return true;
}

bool offer(struct surface *s, struct rng *rng, struct refusal *r, const char *user, const char *secret,
	   enum outcome *ret, struct err *err)
{
	struct answer a;

	if (!surface_attempt(s, user, secret, &a, err))
		return false;
	r->last = a;
	if (a.locked) {
		*ret = OFFER_LOCKED;
	} else if (!a.reached || a.broken) {
		*ret = OFFER_SILENT;
	} else if (refused(r, &a)) {
		*ret = OFFER_REFUSED;
	} else {
		return look_closer(s, rng, r, user, secret, &a, ret, err);
	}
	return true;
}
