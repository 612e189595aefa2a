/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "probes/ports/syn_log.h"
#include "probes/ports/syn_wire.h"
#include "probes/ports/tcp_scan.h"

enum { ROUNDS = 40, PERIOD = 32, PERIOD_MAX = 256, INFLIGHT = 16384, DRAIN = 8192, SURE = 10 * 16, LINGER = MS(400) };
#define DEAD_NS SEC(60)                 /* a device that answered and then did not for so long will not be waited for */
#define DEAF_RATE 10000.0               /* as long as nothing ever answered */

struct scan {
	struct syn_wire wire;
	struct syn_log log;
	struct pace pace;
	const struct portset *want;
	const struct tcp_how *how;
	struct tcp_scan *out;
	struct portset done;
	uint16_t queue[65536], again[65536];    /* ports of this round, and those of the next */
	unsigned n, next, n_again, round, converted;
	uint8_t tries[65536];
	uint16_t worth[65536];                  /* of the silences of a port so far, in sixteenths of a bit */
	double tokens;
	int64_t now_ns, filled_ns, sent_ns, answer_ns;
	unsigned since_control;
	bool thin;                              /* of late, many asked stayed silent: more controls tell why */
};

/* ---- what comes in ---- */
static void take(struct scan *s, const struct syn_answer *a)
{
	int64_t rtt_ns;
	bool fresh;

	if (!portset_has(s->want, a->port) || a->says == SYN_NOTHING || a->says == SYN_GONE)
		return;
	fresh = !portset_has(&s->done, a->port);
	syn_answered(&s->log, a->port, a->from, a->says == SYN_OPEN, a->says != SYN_UNREACHABLE, s->now_ns, &rtt_ns);
	if (rtt_ns >= 0)
		pace_rtt(&s->pace, rtt_ns);
	if (s->answer_ns && s->pace.away && s->now_ns - s->answer_ns > s->out->away_ns)
		s->out->away_ns = s->now_ns - s->answer_ns;
	s->answer_ns = s->now_ns;
	s->converted += fresh && s->round;
	portset_add(&s->done, a->port);
	if (a->says == SYN_OPEN)
		portset_add(&s->out->open, a->port);
	else if (fresh)
		portset_add(a->says == SYN_CLOSED ? &s->out->closed : &s->out->filtered, a->port);
}

static unsigned drain(struct scan *s)
{
	struct syn_answer a;
	unsigned n = 0;

	s->now_ns = clock_ns();
	while (n < DRAIN && syn_next(&s->wire, &a)) {
		take(s, &a);
		n++;
	}
	return n;
}

/* ---- periods ---- */
static void set_pace(struct scan *s, const struct syn_period *p)
{
	unsigned lost = p->asked - p->answered, controls_lost = p->controls - p->controls_answered;

	s->thin = lost * 12 > p->asked;
	if (!s->thin)
		pace_period(&s->pace, p->asked, lost, p->begin_ns, s->now_ns);
	else if (p->controls >= 4)              /* what is silent may be filtered; what is not is in the controls */
		pace_period(&s->pace, p->controls, controls_lost, p->begin_ns, s->now_ns);
	else if (p->answered && !syn_has_controls(&s->log))
		pace_period(&s->pace, p->asked, lost, p->begin_ns, s->now_ns);
}

static void judge_periods(struct scan *s)
{
	const struct syn_period *p;

	while ((p = syn_settled(&s->log))) {
		bool counts = p->controls && 2 * p->controls_answered >= p->controls;
		unsigned worth;

		set_pace(s, p);
		for (uint32_t i = p->first; i != p->end; i++) {
			const struct syn_sent *e = syn_at(&s->log, i);

			if (!e->control && !portset_has(&s->done, e->port))
				s->again[s->n_again++] = e->port;
		}
		syn_judged(&s->log, p);
		worth = counts ? syn_worth(&s->log) : 0;
		for (uint32_t i = p->first; i != p->end; i++) {
			const struct syn_sent *e = syn_at(&s->log, i);

			if (!e->control && s->worth[e->port] + worth <= UINT16_MAX)
				s->worth[e->port] = (uint16_t)(s->worth[e->port] + worth);
		}
	}
}

static void maybe_end_period(struct scan *s)
{
	const struct syn_period *p = syn_filling(&s->log);
	bool enough = p->asked >= (s->pace.starting ? PERIOD / 2 : PERIOD) && (!s->thin || !syn_has_controls(&s->log) || p->controls >= 8);

	if ((enough && s->now_ns - p->begin_ns >= s->pace.rtt_ns) || p->asked >= PERIOD_MAX ||
	    (p->asked && s->next == s->n))
		syn_end_period(&s->log);
}

/* ---- what goes out ---- */
static void put_control(struct scan *s)
{
	unsigned every = s->thin || s->round ? 8 : 64;
	int64_t *sent_ns;
	uint16_t port;
	uint8_t from;

	if (s->round && s->n - s->next < 16)
		every = 1;                      /* the last few are asked one to one */
	/* not in step with any limit that counts: the place moves with the port before */
	if (s->since_control++ < every - 1 + s->log.head % 3 * (every > 1))
		return;
	s->since_control = 0;
	sent_ns = syn_control(&s->log, s->now_ns, &port, &from);
	if (!sent_ns)
		return;
	syn_put(&s->wire, port, from, sent_ns);
	s->tokens--;
}

static bool may_send(const struct scan *s)
{
	/* many may be under way only once it is known that silence is no sign of loss */
	unsigned window = s->how->window ? s->how->window : s->thin ? INFLIGHT : INFLIGHT / 8;

	return s->next < s->n && s->tokens >= 1 && s->log.inflight < window && s->wire.n < SYN_BATCH - 1 && syn_room(&s->log);
}

static double rate_now(const struct scan *s)
{
	return s->answer_ns || s->pace.rate < DEAF_RATE ? s->pace.rate : DEAF_RATE;
}

/* Tokens for what may be sent now; a burst is a millisecond's worth, so that a late wake-up does not become a flood. */
static void fill_tokens(struct scan *s)
{
	double rate = rate_now(s), burst = rate / 1000 < 4 ? 4 : rate / 1000;

	if (s->how->window && burst > s->how->window)
		burst = s->how->window;
	s->tokens += rate * (double)(s->now_ns - s->filled_ns) / 1e9;
	s->tokens = s->tokens < burst ? s->tokens : burst;
	s->filled_ns = s->now_ns;
}

static bool send_some(struct scan *s, unsigned *ret_n, struct err *err)
{
	fill_tokens(s);
	while (may_send(s)) {
		uint16_t port = s->queue[s->next++];
		int64_t *sent_ns;

		if (portset_has(&s->done, port))        /* a late answer */
			continue;
		sent_ns = syn_sent(&s->log, port, s->tries[port] % SYN_OWN, s->now_ns);
		syn_put(&s->wire, port, s->tries[port]++ % SYN_OWN, sent_ns);
		s->tokens--;
		s->out->tried++;
		put_control(s);
		maybe_end_period(s);
	}
	*ret_n = s->wire.n;
	if (s->wire.n)
		s->sent_ns = s->now_ns;
	if (rate_now(s) > s->out->rate && s->answer_ns)
		s->out->rate = (unsigned)rate_now(s);
	maybe_end_period(s);
	return syn_flush(&s->wire, err);
}

/* Until a token is there, something came, or something is too old. */
static void idle(struct scan *s)
{
	int64_t until = s->now_ns + MS(20), token = s->now_ns + (int64_t)((1 - s->tokens) * 1e9 / rate_now(s));
	struct pollfd p = { s->wire.in, POLLIN, 0 };
	struct timespec t = { 0, 0 };

	if (s->next < s->n && s->tokens < 1 && token < until)
		until = token;
	if (s->log.settled != s->log.head) {
		int64_t old = syn_time(&syn_at(&s->log, s->log.settled)->at_ns);

		if (old != SYN_UNSENT && old + pace_patience(&s->pace, s->round) < until)
			until = old + pace_patience(&s->pace, s->round);
	}
	t.tv_nsec = until - s->now_ns > 0 ? until - s->now_ns : 0;
	ppoll(&p, 1, &t, NULL);
}

/* ---- rounds ---- */
static bool over(const struct scan *s)
{
	return s->now_ns >= s->how->deadline_ns || (s->pace.away && s->now_ns - s->answer_ns > DEAD_NS);
}

static bool run_round(struct scan *s, struct err *err)
{
	while ((s->next < s->n || s->log.judged != s->log.open) && !over(s)) {
		unsigned came = drain(s), went = 0;

		syn_expire(&s->log, s->now_ns - pace_patience(&s->pace, s->round));
		judge_periods(s);
		if (!send_some(s, &went, err))
			return false;
		if (!came && !went)
			idle(s);
	}
	return true;
}

/* Sixteenths of a bit that make silence sure. It is the ports we began with that count, since each had its chance to be the one
 * whose answers are all lost: together they err less than once in 2^(SURE/16). */
static unsigned needed(unsigned n)
{
	unsigned bits = 0;

	for (; n > 1; n = (n + 1) / 2)
		bits++;
	return SURE + 16 * bits;
}

/* More ports than loss explains answered only now: the device answers each port, or ports of a kind, in its own time. Silence was
 * then worth nothing, and slower is better. */
static bool too_many_late(const struct scan *s)
{
	double expected = portset_count(s->want);

	for (unsigned r = 0; r < s->round; r++)
		expected *= s->log.asked > 0 ? (s->log.lost + 3) / s->log.asked : 1;
	return s->round > 1 && s->converted > 3 + 4 * expected;
}

static void next_round(struct scan *s)
{
	unsigned need = needed(portset_count(s->want));

	if (s->round == 0)
		s->out->silent_first = s->n_again;
	if (too_many_late(s)) {
		memset(s->worth, 0, sizeof(s->worth));
		s->pace.rate = s->pace.rate / 2 > s->pace.least ? s->pace.rate / 2 : s->pace.least;
	}
	s->n = s->next = s->converted = 0;
	for (unsigned i = 0; i < s->n_again; i++) {
		uint16_t port = s->again[i];

		if (portset_has(&s->done, port))
			continue;
		if (s->worth[port] >= need && s->tries[port] > 1)
			portset_add(&s->out->filtered, port);   /* not `done`: a late answer still counts */
		else
			s->queue[s->n++] = port;
	}
	s->n_again = 0;
	s->round++;
}

static bool linger(struct scan *s, struct err *err)
{
	(void)err;
	while (s->now_ns < s->sent_ns + LINGER && s->now_ns < s->how->deadline_ns)
		if (!drain(s))
			idle(s);
	return true;
}

/* ---- order ---- */
static void shuffle(uint16_t *p, unsigned n, uint64_t x)
{
	x |= 1;
	for (unsigned i = n; i > 1; i--) {
		unsigned k;
		uint16_t t = p[i - 1];

		x ^= x << 13;                   /* xorshift64 */
		x ^= x >> 7;
		x ^= x << 17;
		k = (unsigned)((x >> 33) * i >> 31);
		p[i - 1] = p[k];
		p[k] = t;
	}
}

static void fill_queue(struct scan *s)
{
	const struct portset *first = s->how->first;
	unsigned n_first = 0;

	for (unsigned port = 1; first && port < 65536; port++)
		if (portset_has(s->want, port) && portset_has(first, port))
			s->queue[n_first++] = (uint16_t)port;
	s->n = n_first;
	for (unsigned port = 1; port < 65536; port++)
		if (portset_has(s->want, port) && !(first && portset_has(first, port)))
			s->queue[s->n++] = (uint16_t)port;
	shuffle(s->queue + n_first, s->n - n_first, s->how->key);
}

static bool rounds(struct scan *s, struct err *err)
{
	fill_queue(s);
	s->now_ns = s->filled_ns = clock_ns();
	while (s->n && s->round < ROUNDS && !over(s)) {
		if (!run_round(s, err))
			return false;
		if (over(s))
			break;
		next_round(s);
		if (!s->answer_ns && s->round == 2)
			break;
	}
	return portset_count(&s->out->filtered) == 0 || linger(s, err);
}

bool syn_scan(const char *address, const struct portset *want, const struct tcp_how *how, struct tcp_scan *ret, bool *ret_refused,
	      struct err *err)
{
	CLEANUP(free_ptr) struct scan *s = calloc(1, sizeof(*s));
	bool ok;

	if (!s)
		return err_set(err, ERR_OS, "out of memory");
	*ret = (struct tcp_scan){ .how = "syn" };
	if (!syn_open(address, how->key, &s->wire, ret_refused, err))
		return false;
	s->want = want;
	s->how = how;
	s->out = ret;
	pace_init(&s->pace, how->rate ? how->rate : 2e6);
	ok = rounds(s, err);
	syn_close(&s->wire);
	if (s->pace.away && s->now_ns - s->answer_ns > ret->away_ns)
		ret->away_ns = s->now_ns - s->answer_ns;
	ret->pace = (unsigned)s->pace.rate;
	ret->deaf = !s->answer_ns;
	ret->rtt_ns = s->pace.rtt_ns;
	ret->loss_ppm = s->log.all_asked ? (unsigned)(s->log.all_lost * 1000000 / s->log.all_asked) : 0;
	for (unsigned i = 0; i < 1024; i++) {           /* an acceptance outweighs a refusal, an answer outweighs silence */
		ret->closed.bits[i] &= ~ret->open.bits[i];
		ret->filtered.bits[i] &= ~(ret->open.bits[i] | ret->closed.bits[i]);
	}
	return ok;
}
