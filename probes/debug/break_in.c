// SPDX-License-Identifier: Apache-2.0
#include "probes/debug/break_in.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "probes/debug/ear.h"
#include "probes/debug/said.h"

#define ENTER "\r"
#define EVERY_NS MS(10)         /* between two keys: a boot loader that does not wait looks once */
#define ROUNDS 3                /* so often must a line follow the command, and nothing else */

/* U-Boot common/autoboot.c (any key, Ctrl-C, CONFIG_AUTOBOOT_STOP_STR), barebox common/startup.c (Ctrl-D), "tpl" of one maker's
 * routers and "4" of another's boot menu as OpenWrt's table of hardware names them, "f" of OpenWrt's failsafe, Escape and Ctrl-P as
 * PMON, RedBoot and CFE take them. */
static const char *const keys[] = { ENTER, "\3", "\4", " ", "\33", "tpl" ENTER, "4", "f" ENTER, "\20", "s", "x" };
#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* Harmless where they are known: none writes, resets or starts anything. */
static const char *const commands[] = { "help", "?", "id", "version", "ls", "printenv", "ps", "info", "echo $((6*7))" };
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char login_pattern[] = "((login|user ?name|user|account) ?:|(password|passwd|passcode|pin)[^\n]{0,40}:) *$";

struct attempt {
	struct ear ear;
	struct said nonsense;           /* what it says to words that nobody knows, and by itself */
	regex_t login;
	int64_t patience;
	bool answered, obeys, asks_login;
	bool talks;                     /* it answered as the device ran; else after a boot only a loader may */
	bool crowded;                   /* it says more by itself than can be told from an answer */
	char how[240];
};

/* ---- one answer ---- */

static bool ask(struct attempt *a, const char *word, struct said *ret, struct err *err)
{
	char text[40];
	const char *heard;
	size_t n;

	snprintf(text, sizeof(text), "%s" ENTER, word);
	if (!ear_type(&a->ear, text, err) || !ear_hear(&a->ear, a->patience, err))
		return false;
	n = ear_heard(&a->ear, &heard);
	ret->n = 0;
	said_add(ret, heard, n, word);
	return true;
}

static bool at_login(const struct attempt *a)
{
	const char *text, *nl;
	size_t n = ear_heard(&a->ear, &text);

	nl = n ? memrchr(text, '\n', n) : NULL;
	return n && !regexec(&a->login, nl ? nl + 1 : text, 0, NULL, 0);
}

static void nonsense_word(struct attempt *a, char ret[static 16])
{
	snprintf(ret, 16, "q%08" PRIx32, (uint32_t)rng_u64(step_rng(a->ear.st)));
}

static bool ask_nonsense(struct attempt *a, struct err *err)
{
	char word[16];
	struct said s;

	nonsense_word(a, word);
	if (!ask(a, word, &s, err))
		return false;
	for (size_t i = 0; i < s.n; i++)
		said_add(&a->nonsense, s.line[i], strlen(s.line[i]), "");
	return true;
}

/* ---- does it obey? ---- */

/* What only the command brings forth, each time. */
static bool understands(struct attempt *a, const char *command, bool *ret, struct err *err)
{
	struct said first, again;
	const char *text;

	*ret = false;
	if (!ask(a, command, &first, err))
		return false;
	said_drop(&first, &a->nonsense);
	for (int i = 1; i < ROUNDS && first.n; i++) {
		if (!ask_nonsense(a, err) || !ask(a, command, &again, err))
			return false;
		said_drop(&first, &a->nonsense);
		said_keep(&first, &again);
	}
	a->crowded |= a->nonsense.n == SAID_LINES;      /* what found no room there may be anything */
	*ret = first.n > 0 && !a->crowded;
	if (*ret && ear_heard(&a->ear, &text)) {
		snprintf(a->how, sizeof(a->how), "'%s' is obeyed: %s", command, first.line[0]);
		ear_cite(&a->ear, true);
	}
	return true;
}

static bool try_commands(struct attempt *a, struct err *err)
{
	a->nonsense.n = 0;
	if (!ear_type(&a->ear, ENTER, err) || !ear_hear(&a->ear, a->patience, err))
		return false;
	a->asks_login |= at_login(a);
	for (int i = 0; i < 2 && !at_login(a); i++)
		if (!ask_nonsense(a, err))
			return false;
	for (size_t i = 0; i < COMMANDS && !a->obeys && !at_login(a); i++)
		if (!understands(a, commands[i], &a->obeys, err))
			return false;
	a->asks_login |= at_login(a);
	return true;
}

/* ---- does it answer at all? ---- */

/* What it says by itself is added to *s; *ret: anything. */
static bool in_pause(struct attempt *a, struct said *s, bool *ret, struct err *err)
{
	const char *text;
	size_t n;

	a->ear.mark = a->ear.log.n;
	if (!ear_hear(&a->ear, a->patience, err))
		return false;
	n = ear_heard(&a->ear, &text);
	said_add(s, text, n, "");
	*ret = n > 0;
	return true;
}

/* Something follows what is typed each time while the pauses are silent; or a line does that stands in none of them. */
static bool follows(struct attempt *a, bool words, bool *ret, struct err *err)
{
	struct said first = { .n = 0 }, again, pauses = { .n = 0 };
	char word[16] = "";
	bool each = true, spoke = false, by_itself = false;
	const char *text;

	for (int i = 0; i < ROUNDS && each; i++) {
		if (words)
			nonsense_word(a, word);
		if (!ask(a, word, &again, err))
			return false;
		each = ear_heard(&a->ear, &text) > 0;
		if (i == 0)
			first = again;
		said_keep(&first, &again);
		if (!in_pause(a, &pauses, &spoke, err))
			return false;
		by_itself |= spoke;
	}
	said_drop(&first, &pauses);
	*ret = each && ((first.n > 0 && pauses.n < SAID_LINES) || !by_itself);
	return true;
}

/* An empty line may draw a prompt; where it draws nothing, a word may be echoed or refused. */
static bool try_answer(struct attempt *a, struct err *err)
{
	return follows(a, false, &a->answered, err) && (a->answered || follows(a, true, &a->answered, err));
}

/* Commands are tried when it answers: what is typed at a system that still starts is read by nobody, and what it says while it
 * starts may be too much to tell an answer from. */
static bool try_when_it_answers(struct attempt *a, int64_t limit, struct err *err)
{
	int64_t until = clock_ns() + limit;
	bool late;

	do {
		late = clock_ns() >= until;     /* one that is silent to all but a command */
		a->crowded = false;
		if (!try_answer(a, err) || ((a->answered || late) && !try_commands(a, err)))
			return false;
	} while (!a->obeys && (!a->answered || a->crowded) && !late);
	return true;
}

/* ---- boots ---- */

static bool switch_on(struct step *st, struct err *err)
{
	for (;;) {
		CLEANUP(free_json) json_t *reply = NULL;
		int64_t wait;

		if (!step_line(st, step_text(st, "power"), "on", NULL, &reply, err))
			return false;
		wait = json_integer_value(json_object_get(reply, "wait_ns"));
		if (!wait)
			return true;
		step_wait(st, -1, clock_ns() + wait);
	}
}

static bool type_while_it_boots(struct attempt *a, int64_t boot, struct err *err)
{
	int64_t until = clock_ns() + step_int(a->ear.st, "window");

	for (size_t i = 0; clock_ns() < until; i++) {
		if (!ear_type(&a->ear, keys[boot ? (size_t)(boot - 1) % KEYS : i % KEYS], err))
			return false;
		step_wait(a->ear.st, -1, clock_ns() + EVERY_NS);
	}
	return ear_hear(&a->ear, a->patience, err);
}

static bool one_boot(struct attempt *a, int64_t boot, struct err *err)
{
	struct step *st = a->ear.st;

	if (!step_line(st, step_text(st, "power"), "off", NULL, NULL, err))
		return false;
	step_wait(st, -1, clock_ns() + step_int(st, "off"));
	if (!switch_on(st, err) || !type_while_it_boots(a, boot, err) || !try_when_it_answers(a, a->talks ? step_int(st, "boot") : 0, err))
		return false;
	if (a->obeys)
		snprintf(a->how + strlen(a->how), sizeof(a->how) - strlen(a->how), " (boot %" PRId64 ")", boot + 1);
	return true;
}

/* ---- the verb ---- */

static bool begin(struct step *st, const char *line, struct attempt *a, struct err *err)
{
	*a = (struct attempt){ .patience = step_int(st, "patience") };
	if (regcomp(&a->login, login_pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB))
		return err_set(err, ERR_OS, "out of memory");
	if (ear_open(st, line, &a->ear, err))
		return true;
	regfree(&a->login);
	return false;
}

static void end(struct attempt *a)
{
	step_observer(a->ear.st, a->ear.line);
	if (a->ear.log.away || a->ear.log.fault[SERIAL_GAP])
		step_incomplete(a->ear.st, "%s went away meanwhile", a->ear.line);
	ear_close(&a->ear);
	regfree(&a->login);
}

bool break_in_control(struct step *st, const char *line, struct err *err)
{
	struct attempt a;
	bool ok;

	if (!begin(st, line, &a, err))
		return false;
	ok = try_answer(&a, err);
	if (ok) {
		fact_bool(st, "answered", a.answered);
		fact_text(st, "how", a.answered ? "it answers what is typed" : "nothing shows that what was typed arrived");
		ear_cite(&a.ear, false);
	}
	end(&a);
	return ok;
}

bool break_in(struct step *st, const char *line, bool login_declared, struct err *err)
{
	int64_t boots = step_int(st, "boots"), done = 0, until = step_begin_ns(st) + step_int(st, "within");
	struct attempt a;
	bool ok, heard;

	if (!begin(st, line, &a, err))
		return false;
	ok = try_when_it_answers(&a, step_int(st, "boot"), err);        /* as it runs */
	a.talks = a.answered;
	heard = a.answered && !a.crowded;
	while (ok && !a.obeys && done < boots && clock_ns() < until) {
		ok = one_boot(&a, done, err);
		done += ok;
		heard &= a.answered && !a.crowded;
	}
	if (ok) {
		fact_bool(st, "answered", a.obeys || a.answered);
		fact_bool(st, "open", a.obeys);
		fact_bool(st, "login", a.asks_login && !login_declared);
		fact_bool(st, "complete", done == boots && heard);
		fact_int(st, "boots", done);
		fact_int(st, "typed", a.ear.typed);
		fact_text(st, "how", a.obeys ? a.how : a.asks_login ? "it asks who logs in" : a.answered ? "it obeys nothing that was typed" :
			  "nothing shows that what was typed arrived");
		step_scope_text(st, "%" PRId64 " boots of %s, %" PRId64 " bytes typed", done, line, a.ear.typed);
		if (!a.obeys)
			ear_cite(&a.ear, false);
	}
	end(&a);
	return ok;
}
