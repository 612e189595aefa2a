/* SPDX-License-Identifier: Apache-2.0
 *
 * login.c - log-ins with default pairs, with known pairs, and by brute force. */
#include "probes/login/lanes.h"
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
	{ "words", VALUE_SET, .doc = "words beside those that identity and dut of device.yaml hold" },
	{ "patience", VALUE_TIME, .min = 0, .max = SEC(7200), .fallback = "60s", .doc = "how long to wait for lock-outs, per surface" },
	{ "connections", VALUE_INT, .min = 1, .max = LANES_MOST, .fallback = "1", .doc = "at once, to one surface; fewer where the device drops some" },
	{ 0 }
};
static const struct fact sweep_facts[] = {
	{ "tried", VALUE_INT, "pairs", "pairs the device checked" },
	{ "of", VALUE_INT, "pairs", "pairs there were, over all surfaces that answer" },
	{ "granted", VALUE_INT, "pairs", "pairs that got in" },
	{ "pairs", VALUE_SET, NULL, "which: surface user:password" },
	{ "closed", VALUE_SET, NULL, "surfaces where nothing listens" },
	{ "connections", VALUE_INT, NULL, "most that were answered at the same time" },
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
	{ "enough", VALUE_INT, .min = 1, .max = 1000000000, .unit = "tries/h",
	  .doc = "end early: in the second lock-out, once it leaves no more than these; absent: never" },
	{ "control", VALUE_BOOL, .fallback = "true", .doc = "the right password is offered at the beginning" },
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
	{ "lock_begin", VALUE_TIME, NULL, "from the first wrong password to the first that met a lock" },
	{ "lock_end", VALUE_TIME, NULL, "from the first wrong password to the end of the first lock" },
	{ "lock_longest", VALUE_TIME, NULL, "longest lock-out seen" },
	{ "right_before", VALUE_BOOL, NULL, "the right password got in at the beginning" },
	{ "right_refused_in_lock", VALUE_BOOL, NULL, "the right password was refused during the first lock-out" },
	{ "right_after", VALUE_BOOL, NULL, "the right password got in at the end" },
	{ "rate_per_hour", VALUE_INT, "tries/h", "wrong passwords an attacker gets checked in an hour, projected from the last cycle" },
	{ "settled", VALUE_BOOL, NULL, "ended early: `enough`" },
	{ 0 }
};
static const struct param changed_params[] = {
	{ "surfaces", VALUE_MAP, .need = true, .doc = "surface, or list of surfaces" },
	{ "user", VALUE_TEXT, .need = true, .doc = "account" },
	{ "old", VALUE_SECRET, .need = true, .doc = "its secret before the change" },
	{ "new", VALUE_SECRET, .need = true, .doc = "its secret after it" },
	{ "times", VALUE_INT, .min = 1, .max = 100, .fallback = "3", .unit = "times", .doc = "how often each is offered, in turn" },
	{ "patience", VALUE_TIME, .min = 0, .max = SEC(7200), .fallback = "30s", .doc = "how long to wait for lock-outs, in all" },
	{ 0 }
};
static const struct fact changed_facts[] = {
	{ "offered", VALUE_INT, "times", "how often each of the two was to be offered, over all surfaces" },
	{ "old_granted", VALUE_INT, "times", "the old secret got in" },
	{ "new_granted", VALUE_INT, "times", "the new secret got in" },
	{ "new_refused", VALUE_INT, "times", "the new secret was checked and did not get in" },
	{ "complete", VALUE_BOOL, NULL, "both were checked as often as asked" },
	{ 0 }
};
static const struct param downgrade_params[] = {
	{ "surface", VALUE_MAP, .need = true, .doc = "where: name, kind, url or port, field names" },
	{ "user", VALUE_TEXT, .need = true, .doc = "account" },
	{ "secret", VALUE_SECRET, .need = true, .doc = "its secret; it goes over the wire in clear" },
	{ 0 }
};
static const struct fact downgrade_facts[] = {
	{ "accepted", VALUE_INT, "ways", "that are weaker than the declared one and take the secret" },
	{ "which", VALUE_SET, NULL, "of them" },
	{ "tried", VALUE_SET, NULL, "ways where something answers" },
	{ "closed", VALUE_SET, NULL, "ways where nothing listens" },
	{ "complete", VALUE_BOOL, NULL, "the declared way takes the secret after all the others were tried" },
	{ 0 }
};
static const struct param setup_params[] = {
	{ "setup", VALUE_MAP, .need = true, .doc = "url, method, body with ${password} in it, without: the body that leaves it out" },
	{ "floor", VALUE_INT, .min = 1, .max = 64, .need = true, .unit = "characters", .doc = "the shortest secret that may be taken" },
	{ "list", VALUE_TEXT, .need = true, .doc = "list of common secrets in the suites' lists folder" },
	{ 0 }
};
static const struct fact setup_facts[] = {
	{ "accepted", VALUE_INT, "secrets", "weak ones that were taken; the first ends it" },
	{ "which", VALUE_SET, NULL, "of them" },
	{ "tried", VALUE_INT, "secrets", "that were answered" },
	{ "of", VALUE_INT, "secrets", "there were to offer" },
	{ "complete", VALUE_BOOL, NULL, "all were answered" },
	{ 0 }
};
static const struct param reach_params[] = {
	{ "urls", VALUE_SET, .need = true, .doc = "addresses of functions, asked for with GET" },
	{ "user", VALUE_TEXT, .doc = "account; absent: nobody" },
	{ "secret", VALUE_SECRET, .doc = "and its secret (HTTP Basic)" },
	{ 0 }
};
static const struct fact reach_facts[] = {
	{ "open", VALUE_INT, "addresses", "that gave what they have: a status of 200 to 299" },
	{ "which", VALUE_SET, NULL, "of them" },
	{ "all", VALUE_BOOL, NULL, "every one did" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "sweep", VERB_PROBE, sweep_params, sweep_facts, login_sweep, "offer every pair of a list on every surface" },
	{ "try", VERB_PROBE, try_params, try_facts, login_try, "offer one pair" },
	{ "brute", VERB_PROBE, brute_params, brute_facts, login_brute, "offer wrong passwords until the device defends itself" },
	{ "changed", VERB_PROBE, changed_params, changed_facts, login_changed, "after a change of secret: offer the old and the new one" },
	{ "downgrade", VERB_PROBE, downgrade_params, downgrade_facts, login_downgrade,
	  "log in without TLS, or by Basic where a digest is asked for" },
	{ "setup", VERB_PROBE, setup_params, setup_facts, login_setup, "offer weak secrets in set-up: none, empty, short, common" },
	{ "reach", VERB_PROBE, reach_params, reach_facts, login_reach, "which functions answer" },
	{ 0 }
};
const struct probe probe_login = { "login", "log-in surfaces of the device", verbs, NULL, RIGHT_SCOPE | RIGHT_LINES };
