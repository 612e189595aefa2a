/* SPDX-License-Identifier: Apache-2.0
 *
 * brute.c - wrong passwords for one account as fast as the device takes them: does it lock, is the right one
 * refused during the lock, does the owner get in again, how many guesses an hour does that leave?
 * Source  NIST SP 800-63B 5.2.2 (at most 100 failures), OWASP ASVS 4 2.2.1 (at most 100 an hour). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "probes/login/login.h"
#include "probes/login/trylog.h"

enum { SLOWER = 4 };

struct brute {
	struct step *st;
	struct surface *s;
	struct refusal refusal;
	const char *user, *right;
	struct trylog log;
	int64_t begin_ns, end_ns;       /* of the wrong tries */
	int64_t lock_begin_ns;          /* 0 = not locked now */
	int64_t first_begin_ns, first_end_ns;   /* of the first lock; 0 = not seen */
	int64_t lock_longest_ns, cycle_begin_ns, cycle_ns;
	int64_t right_ns, wrong_ns;     /* the answer to the right one before all; to all wrong ones that were checked */
	int64_t tried, checked, granted, locks, silent, cycle_checked, last_cycle_checked, first_lock_after;
	bool to_first_lock;             /* end there, and leave the account locked */
	bool settled;                   /* the locks leave so few an hour that the rest would only be waited for */
	bool right_before, right_in_lock, right_in_lock_known, right_after, right_after_known;
};

static bool put(struct brute *b, bool right, enum outcome *ret, struct err *err)
{
	char wrong[17];

	offer_random(step_rng(b->st), wrong);
	if (!offer(b->s, step_rng(b->st), &b->refusal, b->user, right ? b->right : wrong, ret, err))
		return false;
	trylog_add(&b->log, b->s->name, b->user, right ? "(right)" : "(wrong)", &b->refusal.last, *ret);
	return true;
}

/* Who guesses does not wait as long as he is told to. */
static bool in_lock(struct brute *b)
{
	int64_t now = clock_ns(), asked = login_pause_ns(&b->refusal.last, 0);
	int64_t pause = now - b->lock_begin_ns < SEC(2) ? MS(40) : MS(250), until = now + (asked < pause ? asked : pause);

	step_wait(b->st, -1, until < b->end_ns ? until : b->end_ns);
	return true;
}

/* A lock begins: is the owner refused too? (A yes counts only if the lock still stands, which it does: same instant.) */
static bool lock_begins(struct brute *b, struct err *err)
{
	enum outcome o;

	b->locks++;
	b->lock_begin_ns = clock_ns();
	if (b->first_lock_after < 0) {
		b->first_lock_after = b->checked;
		b->first_begin_ns = b->refusal.last.begin_ns;
	}
	if (b->to_first_lock)
		return true;
	if (!b->right_in_lock_known) {
		if (!put(b, true, &o, err))
			return false;
		b->right_in_lock = o == OFFER_GRANTED;
		b->right_in_lock_known = o != OFFER_SILENT;
	}
	return in_lock(b);
}

static void lock_ended(struct brute *b, int64_t now)
{
	if (!b->lock_begin_ns)
		return;
	if (!b->first_end_ns)
		b->first_end_ns = now;
	if (now - b->lock_begin_ns > b->lock_longest_ns)
		b->lock_longest_ns = now - b->lock_begin_ns;
	b->cycle_ns = now - b->cycle_begin_ns;          /* guesses of one cycle and the lock they cost */
	b->last_cycle_checked = b->cycle_checked;
	b->cycle_begin_ns = now;
	b->cycle_checked = 0;
	b->lock_begin_ns = 0;
}

static bool one_wrong(struct brute *b, struct err *err)
{
	enum outcome o;

	if (!put(b, false, &o, err))
		return false;
	b->tried++;
	if (o == OFFER_LOCKED) {
		if (b->lock_begin_ns)                   /* still the same lock */
			return in_lock(b);
		return lock_begins(b, err);
	}
	if (o == OFFER_SILENT) {
		b->silent++;
		step_wait(b->st, -1, clock_ns() + MS(100));
		return true;
	}
	lock_ended(b, b->refusal.last.end_ns);
	b->wrong_ns += b->refusal.last.end_ns - b->refusal.last.begin_ns;
	b->checked++;
	b->cycle_checked++;
	b->granted += o == OFFER_GRANTED;
	return true;
}

/* Guesses of a first hour at the rate of the last whole cycle (of all time where nothing locked). */
static int64_t rate_per_hour(const struct brute *b, int64_t now)
{
	int64_t took = now - b->begin_ns, n = b->checked, rest = SEC(3600) - took;

	if (took < MS(1))
		took = MS(1);
	if (!b->locks)
		return (int64_t)((__int128)n * SEC(3600) / took);
	if (rest <= 0)
		return n;
	if (b->lock_begin_ns) {                 /* in a lock: its cycle lasts at least this long */
		int64_t cycle = now - b->cycle_begin_ns;

		return n + (int64_t)((__int128)b->cycle_checked * rest / (cycle > MS(1) ? cycle : MS(1)));
	}
	return n + (int64_t)((__int128)b->last_cycle_checked * rest / (b->cycle_ns > MS(1) ? b->cycle_ns : MS(1)));
}

/* The device locked a second time after its first lock had ended, and this lock alone already keeps a guesser below what is asked
 * for. One lock would not do: it might be the only one. */
static bool settled(struct brute *b)
{
	b->settled = step_has(b->st, "enough") && b->locks >= 2 && b->lock_begin_ns && rate_per_hour(b, clock_ns()) <= step_int(b->st, "enough");
	return b->settled;
}

/* Few guesses an hour speak for the device only when it was the device that took the time: by locks, or by answering a wrong password
 * much later than the right one. Otherwise the bench, or a slow link, may have kept them few. */
static void whose_time(struct brute *b)
{
	if (!b->locks && (!b->checked || b->wrong_ns < SLOWER * b->right_ns * b->checked))
		step_incomplete(b->st, "only %" PRId64 " wrong passwords could be tried on %s, which took no longer than the right one: it is not "
				"the device that slows a guesser", b->checked, b->s->name);
}

static bool wrong_ones(struct brute *b, struct err *err)
{
	int64_t want = step_int(b->st, "wrong");

	b->begin_ns = b->cycle_begin_ns = clock_ns();
	b->end_ns = b->begin_ns + step_int(b->st, "budget");
	while (!(b->to_first_lock && b->locks) && !settled(b) && b->checked < want && b->silent < 10 && clock_ns() < b->end_ns &&
	       clock_ns() < login_end_ns(b->st))
		if (!one_wrong(b, err))
			return false;
	if (b->checked < want && !b->to_first_lock)
		step_scope_text(b->st, "%" PRId64 " of %" PRId64 " wrong passwords were checked by the device, then %s",
				b->checked, want, b->silent >= 10 ? "it stopped answering" : b->settled ?
				"two locks in a row had settled how many an hour it lets pass" : "the time given was up");
	if (b->checked < want && !b->to_first_lock)
		whose_time(b);
	if (b->silent >= 10)
		step_incomplete(b->st, "%s stopped answering after %" PRId64 " tries", b->s->name, b->tried);
	return true;
}

/* The owner tries until let in or patience ends. */
static bool right_afterwards(struct brute *b, struct err *err)
{
	int64_t until = clock_ns() + step_int(b->st, "patience");
	enum outcome o = OFFER_SILENT;

	for (unsigned k = 0; clock_ns() < until && clock_ns() < login_end_ns(b->st); k++) {
		if (!put(b, true, &o, err))
			return false;
		if (o == OFFER_GRANTED || o == OFFER_REFUSED)
			break;
		step_wait(b->st, -1, clock_ns() + login_pause_ns(&b->refusal.last, k));
	}
	lock_ended(b, clock_ns());
	b->right_after = o == OFFER_GRANTED;
	b->right_after_known = o == OFFER_GRANTED || o == OFFER_REFUSED;
	if (!b->right_after_known)
		step_scope_text(b->st, "the right password still met the lock when patience ended");
	return true;
}

static void report(struct brute *b, int64_t rate)
{
	struct step *st = b->st;

	fact_int(st, "tried", b->tried);
	fact_int(st, "checked", b->checked);
	fact_int(st, "granted", b->granted);
	fact_bool(st, "locked", b->locks > 0);
	fact_int(st, "locks", b->locks);
	if (b->locks)
		fact_int(st, "first_lock_after", b->first_lock_after);
	if (b->first_begin_ns)
		fact_int(st, "lock_begin", b->first_begin_ns - b->begin_ns);
	if (b->first_end_ns)
		fact_int(st, "lock_end", b->first_end_ns - b->begin_ns);
	fact_int(st, "lock_longest", b->lock_longest_ns);
	if (step_bool(st, "control"))
		fact_bool(st, "right_before", b->right_before);
	if (b->right_in_lock_known)
		fact_bool(st, "right_refused_in_lock", !b->right_in_lock);
	if (b->right_after_known)
		fact_bool(st, "right_after", b->right_after);
	fact_int(st, "rate_per_hour", rate);
	fact_bool(st, "settled", b->settled);
	step_observer(st, "net.lan");
	step_scope_text(st, "%s, account %s: %" PRId64 " wrong passwords, %" PRId64 " of them checked, %" PRId64 " lock-outs, the "
			"longest %" PRId64 " ms", b->s->name, b->user, b->tried, b->checked, b->locks, b->lock_longest_ns / MS(1));
}

static bool brute(struct brute *b, struct err *err)
{
	enum outcome o;
	int64_t rate;

	if (!offer_learn(b->s, step_rng(b->st), &b->refusal, err))
		return false;
	if (!b->refusal.learned) {
		step_incomplete(b->st, "%s: no refusal to be learned: %s", b->s->name, b->refusal.last.text);
		fact_int(b->st, "tried", 0);
		fact_bool(b->st, "right_before", false);
		return true;
	}
	if (step_bool(b->st, "control")) {      /* which ends a count of failures, too */
		if (!put(b, true, &o, err))
			return false;
		b->right_before = o == OFFER_GRANTED;
		b->right_ns = b->refusal.last.end_ns - b->refusal.last.begin_ns;
	}
	if (!wrong_ones(b, err))
		return false;
	rate = rate_per_hour(b, clock_ns());
	if (!b->to_first_lock && !right_afterwards(b, err))
		return false;
	report(b, rate);
	return true;
}

bool login_brute(struct step *st, struct err *err)
{
	struct brute b = { .st = st, .user = step_text(st, "user"), .right = step_text(st, "right"), .first_lock_after = -1,
			   .to_first_lock = !strcmp(step_text(st, "stop"), "locked") };
	bool ok = surface_open(st, URL_RULES, step_json(st, "surface"), &b.s, err) && trylog_open(st, "brute", &b.log, err) && brute(&b, err);

	surface_close(b.s);
	trylog_close(st, &b.log);
	return ok;
}
