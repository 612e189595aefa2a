// SPDX-License-Identifier: Apache-2.0
// Verbs of the supply. What a verb states rests on the line's record and on a second channel: after a cut the pins
// must be dead and the console silent, after switching on the device must show a sign of life.
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/event_log.h"
#include "harness/proto/serial_log.h"
#include "harness/proto/wire_log.h"

#define SETTLE_NS  MS(20)       /* bytes that were on their way when the supply went */
#define SILENCE_NS MS(50)
#define PINS_NS    SEC(2)

static const char *after_dot(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : name;
}

static const char *line_key(struct step *st, const char *line, const char *key)
{
	return json_string_value(json_object_get(json_object_get(json_object_get(step_bench(st), "lines"), line), key));
}

static bool log_path(struct step *st, const char *folder, const char *line, const char *ending, char ret[static FS_PATH])
{
	return snprintf(ret, FS_PATH, "%s/%s/%s%s", step_run_dir(st), folder, after_dot(line), ending) < FS_PATH;
}

/* The wire line that serves the board this supply feeds; NULL = none. */
static const char *wire_of(struct step *st, const char *line)
{
	const char *pins = line_key(st, line, "pins"), *name, *board;
	json_t *v;

	json_object_foreach(json_object_get(step_bench(st), "lines"), name, v) {
		board = json_string_value(json_object_get(v, "board"));
		if (pins && !strncmp(name, "wire.", 5) && !strcmp(pins, board ? board : "board"))
			return name;
	}
	return NULL;
}

/* ---- second channels ---- */

/* Waits until the board's newest word on its supply is `powered`; *ret_ns when it said so, 0 when it did not. */
static bool board_says(struct step *st, const char *wire, bool powered, int64_t until_ns, int64_t *ret_ns, struct err *err)
{
	char path[FS_PATH];
	struct tail t;
	struct wire_entry e;
	bool now = false, known = false;

	*ret_ns = 0;
	if (!log_path(st, "wire", wire, ".log", path) || !tail_open(path, true, &t, err))
		return false;
	do {
		while (wire_log_next(&t, &e, err))
			if (e.kind == WIRE_EVENT) {
				known = true;
				now = e.powered;
				*ret_ns = e.t_ns;
			}
	} while (err->kind == ERR_NONE && (!known || now != powered) && step_wait(st, t.notify, until_ns));
	tail_close(&t);
	if (!known || now != powered)
		*ret_ns = 0;
	step_observer(st, wire);
	return err->kind == ERR_NONE;
}

static bool console_silent(struct step *st, const char *console, int64_t dead_ns, bool *ret_silent, struct err *err)
{
	char path[FS_PATH];
	struct serial_log log;
	int64_t until = dead_ns + SETTLE_NS + SILENCE_NS;

	if (!log_path(st, "serial", console, "", path) || !serial_log_open(path, dead_ns + SETTLE_NS, true, &log, err))
		return false;
	while (!log.n && step_wait(st, log.tail.notify, until))
		if (!serial_log_more(&log, err))
			break;
	*ret_silent = log.n == 0;
	serial_log_done(&log);
	step_observer(st, console);
	return err->kind == ERR_NONE;
}

/* First byte on the console since `from_ns`; 0 when none came. */
static bool console_speaks(struct step *st, const char *console, int64_t from_ns, int64_t until_ns, int64_t *ret_ns, struct err *err)
{
	char path[FS_PATH];
	struct serial_log log;

	*ret_ns = 0;
	if (!log_path(st, "serial", console, "", path) || !serial_log_open(path, from_ns, true, &log, err))
		return false;
	while (!log.n && step_wait(st, log.tail.notify, until_ns))
		if (!serial_log_more(&log, err))
			break;
	if (log.n)
		*ret_ns = log.piece[0].t_ns;
	serial_log_done(&log);
	step_observer(st, console);
	return err->kind == ERR_NONE;
}

static bool proof_of_off(struct step *st, const char *line, int64_t dead_ns, bool *ret, struct err *err)
{
	const char *wire = wire_of(st, line), *console = line_key(st, line, "console");
	int64_t said = 1;
	bool silent = true;

	if (wire && !board_says(st, wire, false, dead_ns + PINS_NS, &said, err))
		return false;
	if (console && !console_silent(st, console, dead_ns, &silent, err))
		return false;
	*ret = (wire || console) && said && silent;
	return true;
}

/* ---- verbs ---- */

static bool power_on(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line"), *console = line_key(st, line, "console"), *wire = wire_of(st, line);
	int64_t from = clock_ns(), until = from + step_int(st, "within"), sign = 0;
	json_t *reply = NULL;
	bool was_on;

	if (!step_line(st, line, "on", NULL, &reply, err))
		return false;
	was_on = json_is_true(json_object_get(reply, "was_on"));
	json_decref(reply);
	step_observer(st, line);
	if (was_on && wire) {
		if (!board_says(st, wire, true, until, &sign, err))
			return false;
		from = sign ? sign : from;      /* it already had power: no time passed */
	} else if (console) {
		if (!console_speaks(st, console, from, until, &sign, err))
			return false;
	} else if (wire && !board_says(st, wire, true, until, &sign, err)) {
		return false;
	}
	fact_bool(st, "confirmed", sign != 0);
	if (sign)
		fact_int(st, "latency", sign - from);
	return true;
}

static bool power_off(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	int64_t request, dead;
	json_t *reply = NULL;
	bool proved = false;

	if (!step_line(st, line, "off", NULL, &reply, err))
		return false;
	request = json_integer_value(json_object_get(reply, "request_ns"));
	dead = json_integer_value(json_object_get(reply, "dead_ns"));
	json_decref(reply);
	step_observer(st, line);
	if (!proof_of_off(st, line, dead, &proved, err))
		return false;
	fact_bool(st, "confirmed", proved);
	fact_int(st, "latency", dead - request);
	return true;
}

static bool power_get(struct step *st, struct err *err)
{
	json_t *reply = NULL;

	if (!step_line(st, step_text(st, "line"), "get", NULL, &reply, err))
		return false;
	step_observer(st, step_text(st, "line"));
	fact_bool(st, "on", json_is_true(json_object_get(reply, "on")));
	fact_bool(st, "alive", json_is_true(json_object_get(reply, "alive")));
	json_decref(reply);
	return true;
}

/* Waits for the record to say that the supply went. */
static bool await_off(struct step *st, struct tail *t, int64_t until, struct event *ret, bool *ret_found, struct err *err)
{
	*ret_found = false;
	do {
		while (!*ret_found && event_log_next(t, ret, err))
			*ret_found = !strcmp(ret->word, "off");
	} while (!*ret_found && err->kind == ERR_NONE && step_wait(st, t->notify, until));
	return err->kind == ERR_NONE;
}

static bool request_cut(struct step *st, const char *line, int64_t at_ns, struct err *err)
{
	json_t *args = json_object();
	bool ok, armed = step_has(st, "when") || step_int(st, "at");

	if (step_has(st, "when"))
		json_object_set_new(args, "when", json_string(step_text(st, "when")));
	else if (armed)
		json_object_set_new(args, "at_ns", json_integer(at_ns));
	ok = step_line(st, line, armed ? "arm" : "off", args, NULL, err);
	json_decref(args);
	return ok;
}

static bool back_on(struct step *st, const char *line, int64_t dead_ns, int64_t *ret_off_for, struct err *err)
{
	int64_t on = dead_ns + step_int(st, "for");

	step_wait(st, -1, on);
	if (!step_line(st, line, "on", NULL, NULL, err))
		return false;
	*ret_off_for = clock_ns() - dead_ns;
	return true;
}

static bool power_cut(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	int64_t at_ns = step_begin_ns(st) + step_int(st, "at"), until = at_ns + step_int(st, "within"), off_for = 0;
	char path[FS_PATH], rel[FS_PATH];
	struct event e;
	struct tail t;
	bool found = false, proved = false, ok;

	if (!log_path(st, "power", line, ".log", path) || !tail_open(path, true, &t, err))
		return false;
	while (event_log_next(&t, &e, err))
		;                       /* what was before is not this cut */
	ok = err->kind == ERR_NONE && request_cut(st, line, at_ns, err) && await_off(st, &t, until, &e, &found, err);
	tail_close(&t);
	if (ok && !found)
		ok = step_line(st, line, "disarm", NULL, NULL, err);
	if (!ok)
		return false;
	step_observer(st, line);
	fact_bool(st, "triggered", found);
	if (found) {
		if (!proof_of_off(st, line, e.t_ns, &proved, err) || !back_on(st, line, e.t_ns, &off_for, err))
			return false;
		fact_int(st, "latency", e.value);
		fact_int(st, "off_for", off_for);
		snprintf(rel, sizeof(rel), "power/%s.log", after_dot(line));
		step_at_bytes(st, rel, e.off, e.len);
	}
	fact_bool(st, "confirmed", found && proved);
	return true;
}

/* ---- descriptors ---- */

#define LINE { .name = "line", .type = VALUE_LINE, .fallback = "power.main", .doc = "which supply" }

static const struct param on_params[] = {
	LINE,
	{ .name = "within", .type = VALUE_TIME, .max = SEC(600), .fallback = "10s", .doc = "how long a sign of life is waited for" },
	{ 0 }
};
static const struct param line_params[] = { LINE, { 0 } };
static const struct param cut_params[] = {
	LINE,
	{ .name = "for", .type = VALUE_TIME, .need = true, .min = MS(1), .max = SEC(3600), .doc = "time without supply" },
	{ .name = "at", .type = VALUE_TIME, .max = SEC(86400), .fallback = "0s", .doc = "cut this long after the step's begin" },
	{ .name = "when", .type = VALUE_TEXT, .doc = "cut when this pattern (POSIX ERE) comes on the console, instead of `at`" },
	{ .name = "within", .type = VALUE_TIME, .min = MS(1), .max = SEC(86400), .fallback = "60s",
	  .doc = "how long the moment is waited for" },
	{ 0 }
};
static const struct fact on_facts[] = {
	{ "confirmed", VALUE_BOOL, NULL, "the device showed a sign of life on another channel" },
	{ "latency", VALUE_TIME, NULL, "from the request to that sign" },
	{ 0 }
};
static const struct fact off_facts[] = {
	{ "confirmed", VALUE_BOOL, NULL, "the machine is gone, its pins are dead and its console is silent" },
	{ "latency", VALUE_TIME, NULL, "from the request to the end of the last process" },
	{ 0 }
};
static const struct fact get_facts[] = {
	{ "on", VALUE_BOOL, NULL, "the supply is on" },
	{ "alive", VALUE_BOOL, NULL, "and the machine has not ended by itself" },
	{ 0 }
};
static const struct fact cut_facts[] = {
	{ "confirmed", VALUE_BOOL, NULL, "the cut happened: the machine is gone, its pins are dead and its console is silent" },
	{ "triggered", VALUE_BOOL, NULL, "the moment came" },
	{ "latency", VALUE_TIME, NULL, "from the trigger to the end of the last process" },
	{ "off_for", VALUE_TIME, NULL, "measured time without supply" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "on", VERB_STIMULUS, on_params, on_facts, power_on, "switch the supply on" },
	{ "off", VERB_STIMULUS, line_params, off_facts, power_off, "switch the supply off" },
	{ "cut", VERB_STIMULUS, cut_params, cut_facts, power_cut, "switch the supply off at a moment, wait, switch it on" },
	{ "get", VERB_PROBE, line_params, get_facts, power_get, "is it on" },
	{ 0 }
};

#define DRIVER_power(d) extern const struct line_driver drv_##d;
#include "tables.h"
static const struct line_driver *const drivers[] = {
#define DRIVER_power(d) &drv_##d,
#include "tables.h"
	NULL
};

const struct probe probe_power = {
	.name = "power", .doc = "the switched supply of the device", .verbs = verbs, .drivers = drivers, .rights = RIGHT_LINES,
};
