// SPDX-License-Identifier: Apache-2.0
// Verbs of a console. They read the record (serial_log.h) from the last stimulus on, never from "now", so what the
// device said while nobody asked is not missed.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "probes/serial/talk.h"

static void hit_facts(struct step *st, const struct listener *l, const struct hit *h)
{
	fact_bytes(st, "text", h->text, strlen(h->text));
	if (h->has_group)
		fact_text(st, "group", h->group);
	listen_at(st, l, h);
}

/* Pattern 0 is what is waited for, the others are deaths. */
static bool expect_patterns(struct step *st, struct listener *l, struct err *err)
{
	const json_t *death = step_has(st, "death") ? step_json(st, "death") : NULL, *one;
	size_t i;

	if (!listen_for(l, step_text(st, "pattern"), err))
		return false;
	json_array_foreach(death, i, one)
		if (!listen_for(l, json_string_value(one), err))
			return false;
	return !step_has(st, "profile") || profile_deaths(profile_find(step_text(st, "profile")), l, err);
}

static void expect_facts_of(struct step *st, const struct listener *l, const struct hit *h, bool found, int64_t since)
{
	fact_bool(st, "matched", found && h->which == 0);
	fact_bool(st, "died", found && h->which > 0);
	if (!found)
		return;
	if (h->which > 0) {
		fact_bytes(st, "death", h->text, strlen(h->text));
		listen_at(st, l, h);
		return;
	}
	fact_int(st, "after", h->t_ns > since ? h->t_ns - since : 0);
	fact_int(st, "at", h->t_ns);
	hit_facts(st, l, h);
}

static bool expect(struct step *st, struct err *err)
{
	int64_t since = step_since_ns(st);
	struct listener l;
	struct hit h;
	bool found, ok;

	if (!listen_open(st, since, &l, err))
		return false;
	/* A record that already holds the match needs no waiting, however late we ask. */
	ok = expect_patterns(st, &l, err) && listen_await(st, &l, step_begin_ns(st) + step_int(st, "within"), &h, &found, err);
	if (ok) {
		expect_facts_of(st, &l, &h, found, since);
		listen_gaps(st, &l, found);
	}
	listen_close(&l);
	return ok;
}

static bool find(struct step *st, struct err *err)
{
	struct listener l;
	struct hit h, last = { 0 };
	int64_t count = 0;
	size_t at = 0;
	bool ok, open;

	if (!listen_open(st, step_since_ns(st), &l, err))
		return false;
	ok = listen_for(&l, step_text(st, "pattern"), err);
	while (ok && listen_next(&l, 0, at, &h, &open)) {
		count++;
		last = h;
		at = h.at + (h.n ? h.n : 1);
	}
	if (ok) {
		fact_bool(st, "found", count > 0);
		fact_int(st, "count", count);
		if (count)
			hit_facts(st, &l, &last);
		step_scope_text(st, "%zu bytes of %s", l.log.n, step_text(st, "line"));
		listen_gaps(st, &l, false);
	}
	listen_close(&l);
	return ok;
}

static bool send_text(struct step *st, struct err *err)
{
	struct listener l;
	int64_t sent = 0;
	bool ok;

	if (!listen_open(st, step_begin_ns(st), &l, err))
		return false;
	ok = talk_type(st, &l, step_text(st, "text"), false, step_begin_ns(st) + step_int(st, "within"), &sent, err);
	if (ok)
		fact_int(st, "sent", sent);
	listen_close(&l);
	return ok;
}

static bool boots(struct step *st, struct err *err)
{
	const char *pattern;
	struct listener l;
	struct hit h;
	bool ok, open = false;
	size_t done = 0;
	int64_t seen = 0, first = 0;    /* offsets in raw: end of the last match; oldest byte still held */

	if (step_has(st, "pattern") == step_has(st, "profile"))
		return err_set(err, ERR_CONF, "serial.boots: say pattern or profile, one of them");
	pattern = step_has(st, "pattern") ? step_text(st, "pattern") : profile_find(step_text(st, "profile"))->banner;
	if (!listen_open(st, step_begin_ns(st), &l, err))
		return false;
	for (ok = listen_for(&l, pattern, err); ok;) {
		while (listen_next(&l, 0, done, &h, &open) && !open) {
			done = h.at + (h.n ? h.n : 1);
			if (h.raw_off < seen)
				continue;
			seen = h.raw_off + (int64_t)h.n;
			fact_int(st, "at", h.t_ns);
			fact_bytes(st, "text", h.text, strlen(h.text));
			listen_at(st, &l, &h);
			step_observer(st, step_text(st, "line"));
			step_observe_at(st, h.t_ns);
		}
		if (step_stopped(st))
			break;
		/* The last look is after the stop, so that nothing said before it is missed. */
		first = l.log.n ? l.log.piece[0].raw_off : 0;
		if (!step_wait(st, l.log.tail.notify, step_deadline_ns(st)) && !step_stopped(st))
			break;
		ok = serial_log_more(&l.log, err);
		if (ok && l.log.n && l.log.piece[0].raw_off != first)
			done = 0;               /* old bytes were let go: offsets moved */
	}
	if (ok)
		listen_gaps(st, &l, false);
	listen_close(&l);
	return ok;
}

static bool silence(struct step *st, struct err *err)
{
	struct listener l;

	if (!listen_open(st, step_begin_ns(st), &l, err))
		return false;
	while (!l.log.n && listen_more(st, &l, step_begin_ns(st) + step_int(st, "for"), err))
		;
	fact_bool(st, "silent", l.log.n == 0);
	if (l.log.n)
		step_at_bytes(st, l.file, l.log.piece[0].raw_off, (int64_t)l.log.piece[0].n);
	listen_gaps(st, &l, l.log.n != 0);
	listen_close(&l);
	return err->kind == ERR_NONE;
}

/* ---- the line itself ---- */

static int64_t int_in(const json_t *map, const char *key) { return json_integer_value(json_object_get(map, key)); }

static bool state_of(struct step *st, json_t **ret, struct err *err)
{
	const char *line = step_text(st, "line"), *wrong;

	if (!step_line(st, line, "get", NULL, ret, err))
		return false;
	if (!json_is_true(json_object_get(*ret, "open")))
		return err_set(err, ERR_BENCH, "%s is not there: %.300s", line, json_string_value(json_object_get(*ret, "why")));
	wrong = json_string_value(json_object_get(*ret, "wrong"));
	if (wrong && *wrong)
		return err_set(err, ERR_BENCH, "%s has other settings than asked for: %s", line, wrong);
	return true;
}

static bool ready(struct step *st, struct err *err)
{
	CLEANUP(free_json) json_t *state = NULL;
	const json_t *faults, *settings, *latency;
	int64_t errors;

	if (!state_of(st, &state, err))
		return false;
	faults = json_object_get(state, "faults");
	settings = json_object_get(state, "settings");
	latency = json_object_get(state, "latency");
	errors = int_in(faults, "framing") + int_in(faults, "parity") + int_in(faults, "overrun");
	fact_bool(st, "ready", errors == 0);
	fact_bool(st, "verified", json_is_true(json_object_get(state, "verified")));
	if (settings)
		fact_text(st, "settings", json_string_value(settings));
	fact_int(st, "late", int_in(state, "late"));
	if (latency) {
		fact_int(st, "latency", json_integer_value(latency));
		fact_int(st, "latency_was", int_in(state, "latency_was"));
	}
	fact_int(st, "errors", errors);
	fact_int(st, "breaks", int_in(faults, "break"));
	fact_int(st, "gaps", int_in(faults, "gap"));
	fact_int(st, "received", int_in(state, "received"));
	step_observer(st, step_text(st, "line"));
	return true;
}

/* The line is low for all of the time; that it was let go again is asked, not assumed. */
static bool send_break(struct step *st, struct err *err)
{
	CLEANUP(free_json) json_t *args = json_pack("{s:I}", "for", (json_int_t)step_int(st, "for")), *state = NULL;
	int64_t until = clock_ns() + step_int(st, "for"), give_up = until + SEC(2);
	struct listener l;
	bool low = true;

	if (!listen_open(st, step_begin_ns(st), &l, err))
		return false;
	if (step_line(st, step_text(st, "line"), "break", args, NULL, err)) {
		/* the end of the break is an event of the record */
		while (low && err->kind == ERR_NONE && (listen_more(st, &l, give_up, err) || clock_ns() < give_up)) {
			json_decref(state);
			state = NULL;
			low = state_of(st, &state, err) && json_is_true(json_object_get(state, "low"));
		}
		if (low && err->kind == ERR_NONE)
			err_set(err, ERR_BENCH, "%s is still low", step_text(st, "line"));
		fact_int(st, "sent", 1);
	}
	listen_close(&l);
	return err->kind == ERR_NONE;
}

static bool idle(struct step *st, struct err *err)
{
	bool low = !strcmp(step_text(st, "level"), "low");
	CLEANUP(free_json) json_t *args = json_pack("{s:b}", "low", (int)low);

	if (!step_line(st, step_text(st, "line"), "idle", args, NULL, err))
		return false;
	fact_bool(st, "low", low);
	return true;
}

/* ---- descriptors ---- */

#define LINE { .name = "line", .type = VALUE_LINE, .fallback = "serial.console", .doc = "which console" }
#define PATTERN { .name = "pattern", .type = VALUE_TEXT, .need = true, .doc = "POSIX extended regular expression, within one line" }
#define SINCE { .name = "since", .type = VALUE_TEXT, .doc = "label of the step to look from; else the last stimulus" }

#define WITHIN(fallback_) { .name = "within", .type = VALUE_TIME, .min = MS(1), .max = SEC(86400), .fallback = fallback_, .doc = "from the step's begin" }
#define PROFILE(fallback_) { .name = "profile", .type = VALUE_ENUM, .words = profile_word, .fallback = fallback_, \
	.doc = "what is at the other end: its prompts, keys and last words" }
#define PROMPT { .name = "prompt", .type = VALUE_TEXT, .doc = "pattern of the prompt, instead of the profile's" }

static const struct param expect_params[] = {
	LINE, PATTERN,
	{ .name = "within", .type = VALUE_TIME, .need = true, .max = SEC(86400), .doc = "from the step's begin" },
	{ .name = "death", .type = VALUE_SET, .doc = "patterns after which waiting is in vain: whichever comes first ends it" },
	{ .name = "profile", .type = VALUE_ENUM, .words = profile_word, .doc = "its last words count as death too" },
	SINCE, { 0 }
};
static const struct param find_params[] = { LINE, PATTERN, SINCE, { 0 } };
static const struct param boots_params[] = {
	LINE, { .name = "pattern", .type = VALUE_TEXT, .doc = "POSIX extended regular expression, within one line" },
	{ .name = "profile", .type = VALUE_ENUM, .words = profile_word, .doc = "instead of a pattern: its boot banner" }, { 0 }
};
static const struct param send_params[] = {
	LINE, { .name = "text", .type = VALUE_TEXT, .need = true, .doc = "what to type; a new line is not added" },
	WITHIN("10s"), { 0 }
};
static const struct param line_params[] = { LINE, { 0 } };
static const struct param break_params[] = {
	LINE, { .name = "for", .type = VALUE_TIME, .min = MS(1), .max = SEC(60), .fallback = "250ms", .doc = "how long the line is low" }, { 0 }
};
static const char *const idle_word[] = { "low", "high", NULL };
static const struct param idle_params[] = {
	LINE, { .name = "level", .type = VALUE_ENUM, .words = idle_word, .need = true,
		.doc = "low: an unpowered device is not fed through its console; high: as a console is" }, { 0 }
};
static const struct param login_params[] = {
	LINE, PROFILE("linux_login"),
	{ .name = "user", .type = VALUE_TEXT, .need = true, .doc = "account" },
	{ .name = "password", .type = VALUE_SECRET, .doc = "typed when asked for; never written into the record" },
	PROMPT, WITHIN("30s"), { 0 }
};
static const struct param interrupt_params[] = {
	LINE, PROFILE("uboot"), PROMPT,
	{ .name = "key", .type = VALUE_TEXT, .doc = "what to type, instead of the profile's key" },
	{ .name = "at", .type = VALUE_TEXT, .doc = "pattern at which typing begins, instead of the profile's" },
	{ .name = "every", .type = VALUE_TIME, .min = MS(10), .max = SEC(10), .fallback = "200ms", .doc = "typed so often until the prompt comes" },
	WITHIN("30s"), { .name = "since", .type = VALUE_TEXT, .doc = "label of the step to look from; else the last stimulus" }, { 0 }
};
static const struct param run_params[] = {
	LINE, PROFILE("shell"),
	{ .name = "command", .type = VALUE_TEXT, .need = true, .doc = "one line for the shell" },
	WITHIN("30s"), { 0 }
};
static const struct param autobaud_params[] = {
	LINE,
	{ .name = "rates", .type = VALUE_SET, .doc = "to try, in this order; absent: the usual ones, 115200 first" },
	{ .name = "for", .type = VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "2s", .doc = "how long to listen at each" },
	{ .name = "text", .type = VALUE_TEXT, .fallback = "", .doc = "typed first at each rate, for devices that only answer" },
	{ .name = "share", .type = VALUE_SHARE, .min = 1, .max = 1000000, .fallback = "95%", .doc = "of readable bytes at which a rate is right" },
	{ .name = "enough", .type = VALUE_INT, .min = 1, .max = 65536, .unit = "bytes", .fallback = "16", .doc = "fewer prove nothing" },
	{ .name = "within", .type = VALUE_TIME, .min = MS(10), .max = SEC(3600), .fallback = "60s", .doc = "no further rate is tried then" },
	{ 0 }
};
static const struct param silence_params[] = {
	LINE, { .name = "for", .type = VALUE_TIME, .need = true, .min = MS(1), .max = SEC(86400), .doc = "how long to listen" }, { 0 }
};
static const struct fact expect_facts[] = {
	{ "matched", VALUE_BOOL, NULL, "the pattern came" },
	{ "died", VALUE_BOOL, NULL, "one of the last words came first" },
	{ "death", VALUE_TEXT, NULL, "what it said then" },
	{ "after", VALUE_TIME, NULL, "from the stimulus to the first byte of the match" },
	{ "at", VALUE_TIME, NULL, "when, on the monotonic clock" },
	{ "text", VALUE_TEXT, NULL, "what matched" },
	{ "group", VALUE_TEXT, NULL, "its first parenthesised part" },
	{ 0 }
};
static const struct fact find_facts[] = {
	{ "found", VALUE_BOOL, NULL, "the pattern is in the record" },
	{ "count", VALUE_INT, "matches", "how often" },
	{ "text", VALUE_TEXT, NULL, "the last match" },
	{ "group", VALUE_TEXT, NULL, "its first parenthesised part" },
	{ 0 }
};
static const struct fact boots_facts[] = {
	{ "at", VALUE_TIME, NULL, "when, on the monotonic clock; one observation a match" },
	{ "text", VALUE_TEXT, NULL, "what matched" },
	{ 0 }
};
static const struct fact send_facts[] = { { "sent", VALUE_INT, "bytes", "that the console took" }, { 0 } };
static const struct fact ready_facts[] = {
	{ "ready", VALUE_BOOL, NULL, "open, and no line error so far; a port that is gone or has other settings is an error of the bench" },
	{ "verified", VALUE_BOOL, NULL, "the settings were read back equal; false where a port cannot say" },
	{ "settings", VALUE_TEXT, NULL, "such as 115200 8N1" },
	{ "late", VALUE_TIME, NULL, "a byte's stamp is at most so much later than the byte" },
	{ "latency", VALUE_TIME, NULL, "the converter's latency timer, where it has one" },
	{ "latency_was", VALUE_TIME, NULL, "the same as it was found" },
	{ "errors", VALUE_INT, "errors", "framing, parity and overrun since the line was opened" },
	{ "breaks", VALUE_INT, "breaks", "received" },
	{ "gaps", VALUE_INT, "gaps", "times the port was not there" },
	{ "received", VALUE_INT, "bytes", "since the line was opened" },
	{ 0 }
};
static const struct fact break_facts[] = { { "sent", VALUE_INT, "breaks", "that were sent and ended" }, { 0 } };
static const struct fact idle_facts[] = { { "low", VALUE_BOOL, NULL, "the line is held low" }, { 0 } };
#define DEATH_FACTS \
	{ "died", VALUE_BOOL, NULL, "it said its last words meanwhile" }, { "death", VALUE_TEXT, NULL, "these" }
static const struct fact login_facts[] = {
	{ "in", VALUE_BOOL, NULL, "a prompt of the shell came" },
	{ "already", VALUE_BOOL, NULL, "it was there before anybody logged in" },
	{ "asked", VALUE_BOOL, NULL, "a password was asked for" },
	{ "refused", VALUE_BOOL, NULL, "the log-in was refused" },
	{ "after", VALUE_TIME, NULL, "from the step's begin to the prompt" },
	DEATH_FACTS, { 0 }
};
static const struct fact interrupt_facts[] = {
	{ "stopped", VALUE_BOOL, NULL, "the prompt came" },
	{ "after", VALUE_TIME, NULL, "from the stimulus to the prompt" },
	{ "keys", VALUE_INT, "keys", "typed" },
	DEATH_FACTS, { 0 }
};
static const struct fact run_facts[] = {
	{ "began", VALUE_BOOL, NULL, "the shell took the line: a marker came that its echo cannot be" },
	{ "ended", VALUE_BOOL, NULL, "the command ended in time" },
	{ "status", VALUE_INT, NULL, "its exit status" },
	{ "output", VALUE_TEXT, NULL, "what came between the markers, its beginning" },
	{ "after", VALUE_TIME, NULL, "from typing to its end" },
	DEATH_FACTS, { 0 }
};
static const struct fact autobaud_facts[] = {
	{ "found", VALUE_BOOL, NULL, "one rate gave readable text; the line stays at it, else at the one it had" },
	{ "baud", VALUE_INT, "Bd", "that one" },
	{ "share", VALUE_SHARE, NULL, "of readable bytes at it" },
	{ "errors", VALUE_INT, "errors", "of the line at it" },
	{ "tried", VALUE_SET, NULL, "each rate tried, with bytes, share and errors" },
	{ 0 }
};
static const struct fact silence_facts[] = { { "silent", VALUE_BOOL, NULL, "no byte came" }, { 0 } };

static const struct verb verbs[] = {
	{ "expect", VERB_PROBE, expect_params, expect_facts, expect, "wait until the console has said a pattern" },
	{ "find", VERB_PROBE, find_params, find_facts, find, "count a pattern in what the console has said" },
	{ "send", VERB_STIMULUS, send_params, send_facts, send_text, "type on the console" },
	{ "boots", VERB_WATCH, boots_params, boots_facts, boots, "every time the console says a pattern, such as a boot banner" },
	{ "silence", VERB_PROBE, silence_params, silence_facts, silence, "listen whether the console stays silent" },
	{ "ready", VERB_PROBE, line_params, ready_facts, ready, "is the console open, with the settings it should have" },
	{ "break", VERB_STIMULUS, break_params, break_facts, send_break, "send a break" },
	{ "idle", VERB_STIMULUS, idle_params, idle_facts, idle, "hold the bench's side of the console low, or let it go" },
	{ "login", VERB_STIMULUS, login_params, login_facts, talk_login, "log in on the console" },
	{ "interrupt", VERB_STIMULUS, interrupt_params, interrupt_facts, talk_interrupt, "stop a boot loader at its prompt" },
	{ "run", VERB_STIMULUS, run_params, run_facts, talk_run, "run a command in a shell on the console" },
	{ "autobaud", VERB_PROBE, autobaud_params, autobaud_facts, autobaud, "find the rate of the console" },
	{ 0 }
};

#define DRIVER_serial(d) extern const struct line_driver drv_##d;
#include "tables.h"
static const struct line_driver *const drivers[] = {
#define DRIVER_serial(d) &drv_##d,
#include "tables.h"
	NULL
};

const struct probe probe_serial = {
	.name = "serial", .doc = "consoles of the device", .verbs = verbs, .drivers = drivers, .rights = RIGHT_LINES,
};
