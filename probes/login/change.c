/* SPDX-License-Identifier: Apache-2.0
 *
 * change.c - after a change of secret: is the old one refused, and the new one accepted, everywhere and every time? The two are
 * offered in turn, so that each success ends the count of failures that the old one began. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "probes/login/login.h"
#include "probes/login/trylog.h"

struct count { int64_t offered, old_granted, new_granted, old_checked, new_checked; };

/* One secret, until it is checked or time is up: an account that is locked has not looked at it. */
static bool put(struct step *st, struct surface *s, struct refusal *r, struct trylog *log, bool old, int64_t until, enum outcome *ret,
		struct err *err)
{
	const char *user = step_text(st, "user"), *secret = step_text(st, old ? "old" : "new");
	int64_t again;

	for (unsigned k = 0;; k++) {
		if (!offer(s, step_rng(st), r, user, secret, ret, err))
			return false;
		trylog_add(log, s->name, user, old ? "(old)" : "(new)", &r->last, *ret);
		again = clock_ns() + login_pause_ns(&r->last, k);
		if (*ret == OFFER_REFUSED || *ret == OFFER_GRANTED || again >= until)
			return true;
		step_wait(st, -1, again);
	}
}

static bool on_surface(struct step *st, struct surface *s, struct trylog *log, struct count *c, int64_t until, struct err *err)
{
	struct refusal r = { .learned = false };
	int64_t times = step_int(st, "times");
	enum outcome o;

	c->offered += times;
	if (!offer_learn(s, step_rng(st), &r, err))
		return false;
	if (!r.learned)
		step_incomplete(st, "%s: no refusal to be learned: %s", s->name, r.last.text);
	for (int64_t i = 0; r.learned && i < times; i++) {
		if (!put(st, s, &r, log, true, until, &o, err))
			return false;
		c->old_checked += o == OFFER_REFUSED || o == OFFER_GRANTED;
		c->old_granted += o == OFFER_GRANTED;
		if (!put(st, s, &r, log, false, until, &o, err))
			return false;
		c->new_checked += o == OFFER_REFUSED || o == OFFER_GRANTED;
		c->new_granted += o == OFFER_GRANTED;
	}
	return true;
}

static bool one_row(struct step *st, const json_t *row, struct trylog *log, struct count *c, int64_t until, struct err *err)
{
	struct surface *s = NULL;
	bool ok = surface_open(st, URL_RULES, row, &s, err) && on_surface(st, s, log, c, until, err);

	surface_close(s);
	return ok;
}

static void report(struct step *st, const struct count *c)
{
	bool complete = c->offered > 0 && c->old_checked == c->offered && c->new_checked == c->offered;

	fact_int(st, "offered", c->offered);
	fact_int(st, "old_granted", c->old_granted);
	fact_int(st, "new_granted", c->new_granted);
	fact_int(st, "new_refused", c->new_checked - c->new_granted);
	fact_bool(st, "complete", complete);
	step_observer(st, "net.lan");
	step_scope_text(st, "account %s: old and new secret offered %" PRId64 " times each", step_text(st, "user"), c->offered);
	if (!complete)
		step_incomplete(st, "of %" PRId64 " times each, the old secret was checked %" PRId64 " and the new one %" PRId64, c->offered,
				c->old_checked, c->new_checked);
}

bool login_changed(struct step *st, struct err *err)
{
	const json_t *rows = step_json(st, "surfaces"), *row;
	int64_t until = clock_ns() + step_int(st, "patience");
	struct trylog log = { .f = NULL };
	struct count c = { .offered = 0 };
	bool ok = trylog_open(st, "changed", &log, err);
	size_t i;

	if (until > login_end_ns(st))
		until = login_end_ns(st);
	if (ok && json_is_object(rows))
		ok = one_row(st, rows, &log, &c, until, err);
	else
		json_array_foreach(rows, i, row)
			ok = ok && one_row(st, row, &log, &c, until, err);
	trylog_close(st, &log);
	if (ok)
		report(st, &c);
	return ok;
}
