/* SPDX-License-Identifier: Apache-2.0
 *
 * login.c - log-ins with default pairs, with known pairs, and by brute force. */
#include "probes/login/login.h"

/* One pair, offered once; a lock is reported, not waited for. */
bool login_try(struct step *st, struct err *err)
{
	struct refusal r = { .learned = false };
	struct surface *s = NULL;
	enum outcome o = OFFER_SILENT;
	bool ok = surface_open(st, URL_RULES, step_json(st, "surface"), &s, err) && offer_learn(s, step_rng(st), &r, err);

	if (ok && r.learned)
		ok = offer(s, step_rng(st), &r, step_text(st, "user"), step_text(st, "secret"), &o, err);
	if (ok) {
		fact_bool(st, "reached", r.last.reached);
		fact_bool(st, "granted", o == OFFER_GRANTED || r.open);
		fact_bool(st, "locked", o == OFFER_LOCKED || r.last.locked);
		fact_bool(st, "open", r.open);
		fact_int(st, "status", r.last.status);
		fact_int(st, "time", r.last.end_ns - r.last.begin_ns);
		fact_text(st, "answer", r.last.text);
		step_observer(st, "net.lan");
		step_scope_text(st, "%s: one pair for account %s", s->name, step_text(st, "user"));
		if (!r.learned && !r.last.locked && !r.last.closed)
			step_incomplete(st, "%s: %s", s->name, r.last.text);
	}
	surface_close(s);
	return ok;
}

static const struct param sweep_params[] = {
	{ "surfaces", VALUE_MAP, .need = true, .doc = "surface, or list of surfaces: name, kind, url or port, field names" },
	{ "list", VALUE_TEXT, .need = true, .doc = "credential list in the suites' lists folder" },
	{ "words", VALUE_SET, .doc = "the device's own words: model, serial number, MAC address" },
	{ "patience", VALUE_TIME, .min = 0, .max = SEC(7200), .fallback = "60s", .doc = "how long to wait for lock-outs, per surface" },
	{ 0 }
};
static const struct fact sweep_facts[] = {
	{ "tried", VALUE_INT, "pairs", "pairs the device checked" },
	{ "of", VALUE_INT, "pairs", "pairs there were, over all surfaces that answer" },
	{ "granted", VALUE_INT, "pairs", "pairs that got in" },
	{ "pairs", VALUE_SET, NULL, "which: surface user:password" },
	{ "closed", VALUE_SET, NULL, "surfaces where nothing listens" },
	{ "surfaces", VALUE_INT, NULL, "surfaces whose refusal was learned" },
	{ "locks", VALUE_INT, NULL, "lock-outs met" },
	{ "waited", VALUE_TIME, NULL, "time spent waiting for lock-outs to end" },
	{ "complete", VALUE_BOOL, NULL, "every pair was checked on every open surface" },
	{ 0 }
};
static const struct param try_params[] = {
	{ "surface", VALUE_MAP, .need = true, .doc = "where: name, kind, url or port, field names" },
	{ "user", VALUE_TEXT, .need = true, .doc = "account" },
	{ "secret", VALUE_SECRET, .need = true, .doc = "password" },
	{ 0 }
};
static const struct fact try_facts[] = {
	{ "granted", VALUE_BOOL, NULL, "the pair got in" },
	{ "locked", VALUE_BOOL, NULL, "the account is locked: the pair was not checked" },
	{ "open", VALUE_BOOL, NULL, "any pair gets in" },
	{ "reached", VALUE_BOOL, NULL, "an answer came" },
	{ "status", VALUE_INT, NULL, "HTTP status or MQTT return code" },
	{ "time", VALUE_TIME, NULL, "until the answer was there" },
	{ "answer", VALUE_TEXT, NULL, "in words" },
	{ 0 }
};
static const char *const stop_words[] = { "never", "locked", NULL };
static const struct param brute_params[] = {
	{ "surface", VALUE_MAP, .need = true, .doc = "where: name, kind, url or port, field names" },
	{ "user", VALUE_TEXT, .need = true, .doc = "account" },
	{ "right", VALUE_SECRET, .need = true, .doc = "its password" },
	{ "wrong", VALUE_INT, .min = 1, .max = 100000, .fallback = "100", .unit = "tries", .doc = "wrong passwords to be checked" },
	{ "budget", VALUE_TIME, .min = MS(100), .max = SEC(7200), .fallback = "30s", .doc = "time for the wrong ones" },
	{ "patience", VALUE_TIME, .min = 0, .max = SEC(7200), .fallback = "30s", .doc = "how long the right one may wait afterwards" },
	{ "stop", VALUE_ENUM, .words = stop_words, .fallback = "never", .doc = "locked: end at the first lock-out and leave it so" },
	{ 0 }
};
static const struct fact brute_facts[] = {
	{ "tried", VALUE_INT, "tries", "wrong passwords offered" },
	{ "checked", VALUE_INT, "tries", "of them checked by the device: not answered by a lock" },
	{ "granted", VALUE_INT, "tries", "wrong passwords that got in" },
	{ "locked", VALUE_BOOL, NULL, "a lock-out was met" },
	{ "locks", VALUE_INT, NULL, "how often" },
	{ "first_lock_after", VALUE_INT, "tries", "wrong passwords checked before the first lock-out" },
	{ "lock_longest", VALUE_TIME, NULL, "longest lock-out seen" },
	{ "right_before", VALUE_BOOL, NULL, "the right password got in at the beginning" },
	{ "right_refused_in_lock", VALUE_BOOL, NULL, "the right password was refused during the first lock-out" },
	{ "right_after", VALUE_BOOL, NULL, "the right password got in at the end" },
	{ "rate_per_hour", VALUE_INT, "tries/h", "wrong passwords an attacker gets checked in an hour, projected from the last cycle" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "sweep", VERB_PROBE, sweep_params, sweep_facts, login_sweep, "offer every pair of a list on every surface" },
	{ "try", VERB_PROBE, try_params, try_facts, login_try, "offer one pair" },
	{ "brute", VERB_PROBE, brute_params, brute_facts, login_brute, "offer wrong passwords until the device defends itself" },
	{ 0 }
};
const struct probe probe_login = { "login", "log-in surfaces of the device", verbs, NULL, RIGHT_SCOPE | RIGHT_LINES };
