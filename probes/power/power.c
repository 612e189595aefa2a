// SPDX-License-Identifier: Apache-2.0
// Verbs of the supply. What a verb states rests on the line's record and on a second channel: after a cut the pins
// must be dead or, without pins, a console that was heard must be silent; after switching on the device must show a sign
// of life.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/proto/event_log.h"
#include "probes/power/measure.h"
#include "probes/power/proof.h"

/* The line refuses to switch on before its shortest time off is over, and says how long that is. */
static bool ask_on(struct step *st, const char *line, json_t **ret_reply, struct err *err)
{
	json_t *reply = NULL;
	int64_t wait;

	for (;;) {
		if (!step_line(st, line, "on", NULL, &reply, err))
			return false;
		wait = json_integer_value(json_object_get(reply, "wait_ns"));
		if (!wait)
			break;
		json_decref(reply);
		step_wait(st, -1, clock_ns() + wait);
	}
	*ret_reply = reply;
	return true;
}

void power_times(struct step *st, const json_t *reply)
{
	fact_int(st, "requested", json_integer_value(json_object_get(reply, "request_ns")));
	fact_int(st, "acknowledged", json_integer_value(json_object_get(reply, "ack_ns")));
}

static bool power_on(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line"), *console = power_line_key(st, line, "console"), *wire = power_wire_of(st, line);
	int64_t from = clock_ns(), until = from + step_int(st, "within"), sign = 0;
	json_t *reply = NULL;
	bool was_on;

	if (!ask_on(st, line, &reply, err))
		return false;
	was_on = json_is_true(json_object_get(reply, "was_on"));
	power_times(st, reply);
	json_decref(reply);
	step_observer(st, line);
	if (was_on && wire) {
		if (!proof_board_says(st, wire, true, until, &sign, err))
			return false;
		from = sign ? sign : from;      /* it already had power: no time passed */
	} else if (console) {
		if (!proof_console_speaks(st, console, from, until, &sign, err))
			return false;
	} else if (wire && !proof_board_says(st, wire, true, until, &sign, err)) {
		return false;
	}
	if (wire && (was_on || !console))
		step_observer(st, wire);
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
	dead = json_integer_value(json_object_get(reply, "ack_ns"));
	power_times(st, reply);
	json_decref(reply);
	step_observer(st, line);
	if (!proof_of_off(st, line, dead, &proved, err))
		return false;
	fact_bool(st, "confirmed", proved);
	fact_int(st, "latency", dead - request);
	return true;
}

/* Off for a stated time that the line itself keeps; what came of it stands in its record. */
static bool power_pulse(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line");
	json_t *args = json_pack("{s:I}", "for_ns", (json_int_t)step_int(st, "for")), *reply = NULL;
	char path[FS_PATH];
	struct event e;
	struct tail t;
	int64_t off_ns = 0;
	bool ok = power_log_path(st, "power", line, ".log", path) && tail_open(path, true, &t, err);

	if (ok) {
		while (event_log_next(&t, &e, err))
			;
		e = (struct event){ .t_ns = 0 };        /* what was before is not this pulse */
		ok = step_line(st, line, "pulse", args, &reply, err);
		while (ok && strcmp(e.word, "on")) {
			while (strcmp(e.word, "on") && event_log_next(&t, &e, err))
				off_ns = !strcmp(e.word, "off") ? e.t_ns : off_ns;
			ok = err->kind == ERR_NONE && (!strcmp(e.word, "on") || step_wait(st, t.notify, step_deadline_ns(st)));
		}
		tail_close(&t);
	}
	json_decref(args);
	if (ok) {
		power_times(st, reply);
		fact_int(st, "off_for", e.t_ns - off_ns);
		step_observer(st, line);
	}
	json_decref(reply);
	return ok || err->kind != ERR_NONE ? ok : err_set(err, ERR_TIME, "%s did not switch on again", line);
}

/* ---- machines that can do more than lose their supply ---- */

/* The line's answer comes when the machine was reset. What it says by itself then is the sign of life. */
static bool power_reset(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line"), *console = power_line_key(st, line, "console");
	int64_t request, done, sign = 0;
	json_t *reply = NULL;

	if (!step_line(st, line, "reset", NULL, &reply, err))
		return false;
	request = json_integer_value(json_object_get(reply, "request_ns"));
	done = json_integer_value(json_object_get(reply, "ack_ns"));
	power_times(st, reply);
	json_decref(reply);
	step_observer(st, line);
	if (console && !proof_console_speaks(st, console, done + SETTLE_NS, clock_ns() + step_int(st, "within"), &sign, err))
		return false;
	fact_bool(st, "confirmed", sign != 0);
	if (sign)
		fact_int(st, "latency", sign - request);
	return true;
}

/* Waits for the record to say `word`, from where t stands. */
static bool await_word(struct step *st, struct tail *t, const char *word, struct event *ret, struct err *err)
{
	do {
		while (event_log_next(t, ret, err))
			if (!strcmp(ret->word, word))
				return true;
	} while (err->kind == ERR_NONE && step_wait(st, t->notify, step_deadline_ns(st)));
	return err->kind == ERR_NONE && err_set(err, ERR_TIME, "no '%s' in the record of the supply", word);
}

/* Stands still for a stated time that the line itself keeps: a device that hangs. Its console must fall silent meanwhile. */
static bool power_freeze(struct step *st, struct err *err)
{
	const char *line = step_text(st, "line"), *console = power_line_key(st, line, "console");
	json_t *args = json_pack("{s:I}", "for_ns", (json_int_t)step_int(st, "for")), *reply = NULL;
	struct proof p = { .proved = false };
	struct event e = { .t_ns = 0 };
	char path[FS_PATH];
	int64_t done = 0;
	struct tail t;
	bool ok = power_log_path(st, "power", line, ".log", path) && tail_open(path, true, &t, err);

	if (ok) {
		while (event_log_next(&t, &e, err))
			;                       /* what was before is not this */
		ok = step_line(st, line, "freeze", args, &reply, err);
		done = json_integer_value(json_object_get(reply, "ack_ns"));
		ok = ok && (!console || proof_console(st, line, console, done, &p, err)) && await_word(st, &t, "thawed", &e, err);
		tail_close(&t);
	}
	json_decref(args);
	if (ok) {
		power_times(st, reply);
		fact_bool(st, "confirmed", p.proved && !p.denied);
		fact_text(st, "how", p.how[0] ? p.how : "nothing but the machine's own word");
		fact_int(st, "frozen_for", e.t_ns - done);
		step_observer(st, line);
	}
	json_decref(reply);
	return ok;
}

static bool power_get(struct step *st, struct err *err)
{
	json_t *reply = NULL;

	if (!step_line(st, step_text(st, "line"), "get", NULL, &reply, err))
		return false;
	step_observer(st, step_text(st, "line"));
	fact_bool(st, "on", json_is_true(json_object_get(reply, "on")));
	fact_bool(st, "alive", json_is_true(json_object_get(reply, "alive")));
	fact_text(st, "readback", json_string_value(json_object_get(reply, "readback")));
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
	bool ok, armed = step_has(st, "when") || step_has(st, "frame") || step_int(st, "at");

	if (step_has(st, "when")) {
		json_object_set_new(args, "when", json_string(step_text(st, "when")));
	} else if (step_has(st, "frame")) {
		const char *interface = power_line_key(st, step_has(st, "capture") ? step_text(st, "capture") : "capture.lan", "interface");

		json_object_set_new(args, "frame", json_string(step_text(st, "frame")));
		json_object_set_new(args, "interface", json_string(interface ? interface : ""));
	} else if (armed) {
		json_object_set_new(args, "at_ns", json_integer(at_ns));
	}
	ok = step_line(st, line, armed ? "arm" : "off", args, NULL, err);
	json_decref(args);
	return ok;
}

static bool back_on(struct step *st, const char *line, int64_t dead_ns, int64_t *ret_off_for, struct err *err)
{
	int64_t on = dead_ns + step_int(st, "for");
	json_t *reply;

	step_wait(st, -1, on);
	if (!ask_on(st, line, &reply, err))
		return false;
	json_decref(reply);
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

	if (!power_log_path(st, "power", line, ".log", path) || !tail_open(path, true, &t, err))
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
		fact_int(st, "requested", e.t_ns - e.value);
		fact_int(st, "acknowledged", e.t_ns);
		fact_int(st, "latency", e.value);
		fact_int(st, "off_for", off_for);
		snprintf(rel, sizeof(rel), "power/%s.log", power_after_dot(line));
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
	{ .name = "frame", .type = VALUE_TEXT, .doc = "cut when a frame passes that this libpcap filter takes, instead of `at`" },
	{ .name = "capture", .type = VALUE_LINE, .doc = "whose interface that frame passes; else capture.lan" },
	{ .name = "within", .type = VALUE_TIME, .min = MS(1), .max = SEC(86400), .fallback = "60s",
	  .doc = "how long the moment is waited for" },
	{ 0 }
};
#define SWITCHED                                                                                           \
	{ "requested", VALUE_TIME, NULL, "when the bench asked, on the monotonic clock" },                 \
	{ "acknowledged", VALUE_TIME, NULL, "when the switch had done it, by its own word" }
#define PROVED                                                                                             \
	{ "confirmed", VALUE_BOOL, NULL, "another channel than the switch says that the device has no supply, and none denies it" }, \
	{ "how", VALUE_TEXT, NULL, "what those channels say" },                                            \
	{ "proved", VALUE_TIME, NULL, "when that was known, on the monotonic clock" },                     \
	{ "readback", VALUE_ENUM, NULL, "what the switch's own answer is worth: none, commanded, reported, measured" }
#define MEASURED                                                                                           \
	{ "mv", VALUE_INT, "mV", "what the supply measures" },                                             \
	{ "ua", VALUE_INT, "µA", "what the device draws" }

static const struct param pulse_params[] = {
	LINE, { .name = "for", .type = VALUE_TIME, .need = true, .min = MS(1), .max = SEC(60), .doc = "time without supply" }, { 0 }
};
static const struct param freeze_params[] = {
	LINE, { .name = "for", .type = VALUE_TIME, .need = true, .min = SEC(1), .max = SEC(3600), .doc = "time it stands still" }, { 0 }
};
#define MV(text) { .name = "mv", .type = VALUE_INT, .need = true, .max = 100000, .unit = "mV", .doc = text }
#define TOLERANCE { .name = "tolerance", .type = VALUE_SHARE, .fallback = "3%", .doc = "by which what is measured may differ" }
static const struct param voltage_params[] = {
	LINE, MV("output voltage"), TOLERANCE,
	{ .name = "within", .type = VALUE_TIME, .max = SEC(60), .fallback = "2s", .doc = "how long the output may take" },
	{ 0 }
};
static const struct param dip_params[] = {
	LINE, MV("voltage at the bottom"), TOLERANCE,
	{ .name = "for", .type = VALUE_TIME, .need = true, .min = MS(1), .max = SEC(600), .doc = "time at the bottom" },
	{ .name = "ramp", .type = VALUE_TIME, .max = SEC(600), .fallback = "0s", .doc = "time of the way down, and of the way up" },
	{ .name = "from", .type = VALUE_INT, .max = 100000, .unit = "mV", .doc = "voltage before and after; else what is measured" },
	{ 0 }
};
static const struct param sample_params[] = {
	LINE,
	{ .name = "for", .type = VALUE_TIME, .max = SEC(3600), .fallback = "0s", .doc = "how long to measure; 0: once" },
	{ .name = "every", .type = VALUE_TIME, .min = MS(1), .max = SEC(60), .fallback = "100ms", .doc = "time between two samples" },
	{ 0 }
};
static const struct fact on_facts[] = {
	SWITCHED,
	{ "confirmed", VALUE_BOOL, NULL, "the device showed a sign of life on another channel" },
	{ "latency", VALUE_TIME, NULL, "from the request to that sign" },
	{ 0 }
};
static const struct fact off_facts[] = {
	SWITCHED, PROVED, { "latency", VALUE_TIME, NULL, "from the request to the switch's word" }, { 0 }
};
static const struct fact get_facts[] = {
	{ "on", VALUE_BOOL, NULL, "the supply is on" },
	{ "alive", VALUE_BOOL, NULL, "and the machine has not ended by itself" },
	{ "readback", VALUE_ENUM, NULL, "what that answer is worth: none, commanded, reported, measured" },
	{ 0 }
};
static const struct fact cut_facts[] = {
	SWITCHED, PROVED,
	{ "triggered", VALUE_BOOL, NULL, "the moment came" },
	{ "latency", VALUE_TIME, NULL, "from the moment, the byte or the frame to the switch's word" },
	{ "off_for", VALUE_TIME, NULL, "measured time without supply" },
	{ 0 }
};
static const struct fact pulse_facts[] = { SWITCHED, { "off_for", VALUE_TIME, NULL, "measured time without supply" }, { 0 } };
static const struct fact reset_facts[] = {
	SWITCHED,
	{ "confirmed", VALUE_BOOL, NULL, "the device's console spoke after that" },
	{ "latency", VALUE_TIME, NULL, "from the request to that sign" },
	{ 0 }
};
static const struct fact freeze_facts[] = {
	SWITCHED,
	{ "confirmed", VALUE_BOOL, NULL, "the device's console, which had spoken, fell silent" },
	{ "how", VALUE_TEXT, NULL, "what it did" },
	{ "frozen_for", VALUE_TIME, NULL, "measured time it stood still" },
	{ 0 }
};
static const struct fact voltage_facts[] = {
	SWITCHED, MEASURED, { "confirmed", VALUE_BOOL, NULL, "what is measured is what was asked for" }, { 0 }
};
static const struct fact dip_facts[] = {
	{ "requested", VALUE_TIME, NULL, "when it began, on the monotonic clock" },
	MEASURED,
	{ "confirmed", VALUE_BOOL, NULL, "what was measured at the bottom is what was asked for" },
	{ "low_for", VALUE_TIME, NULL, "measured time at the bottom" },
	{ 0 }
};
static const struct fact sample_facts[] = {
	MEASURED,
	{ "least", VALUE_INT, "µA", "smallest current" },
	{ "most", VALUE_INT, "µA", "largest current" },
	{ "samples", VALUE_INT, "samples", "that the means are made of" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "on", VERB_STIMULUS, on_params, on_facts, power_on, "switch the supply on" },
	{ "off", VERB_STIMULUS, line_params, off_facts, power_off, "switch the supply off" },
	{ "cut", VERB_STIMULUS, cut_params, cut_facts, power_cut, "switch the supply off, now or at a moment, wait, switch it on" },
	{ "pulse", VERB_STIMULUS, pulse_params, pulse_facts, power_pulse, "take the supply away for a short time that the line keeps" },
	{ "reset", VERB_STIMULUS, on_params, reset_facts, power_reset,
	  "reset the device, its supply stays on; only where the driver can (qemu)" },
	{ "freeze", VERB_STIMULUS, freeze_params, freeze_facts, power_freeze,
	  "let the device stand still for a time, as one that hangs; only where the driver can (qemu)" },
	{ "voltage", VERB_STIMULUS, voltage_params, voltage_facts, power_voltage, "set the voltage of a bench supply" },
	{ "dip", VERB_STIMULUS, dip_params, dip_facts, power_dip, "brown-out: lower the voltage of a bench supply, hold, raise it again" },
	{ "sample", VERB_PROBE, sample_params, sample_facts, power_sample, "what the supply measures" },
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
