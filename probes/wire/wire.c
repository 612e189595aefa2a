// SPDX-License-Identifier: Apache-2.0
// Verbs of single wires. Levels are read from the record (wire_log.h).
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/wire_log.h"

struct view {                           /* one pin as the record shows it */
	struct tail t;
	const char *pin;
	char file[FS_PATH];
	struct wire_entry last;         /* newest entry of the pin */
	bool known;
	bool powered, power_known;      /* known only where the bench sees the board's supply */
};

static bool open_view(struct step *st, struct view *v, struct err *err)
{
	const char *line = step_text(st, "line"), *dot = strchr(line, '.');
	char path[FS_PATH];

	*v = (struct view){ .pin = step_text(st, "pin") };
	snprintf(v->file, sizeof(v->file), "wire/%s.log", dot ? dot + 1 : line);
	step_observer(st, line);
	return fs_join(path, step_run_dir(st), v->file, err) && tail_open(path, true, &v->t, err);
}

/* The next entry about this pin, if there is one now. */
static bool next(struct view *v, struct err *err)
{
	struct wire_entry e;

	while (wire_log_next(&v->t, &e, err)) {
		if (e.kind == WIRE_EVENT) {
			v->powered = e.powered;
			v->power_known = true;
			continue;
		}
		if (strcmp(e.pin, v->pin))
			continue;
		v->last = e;
		v->known = true;
		return true;
	}
	return false;
}

static void level_facts(struct step *st, const struct view *v)
{
	fact_bool(st, "level", v->last.value != 0);
	fact_int(st, "value", v->last.value);
	step_at_bytes(st, v->file, v->last.off, v->last.len);
}

static bool done(struct step *st, struct view *v, const struct err *err)
{
	if (!v->known)
		step_incomplete(st, "nothing was ever recorded of pin %s", v->pin);
	tail_close(&v->t);
	return err->kind == ERR_NONE;
}

static bool read_pin(struct step *st, struct err *err)
{
	struct view v;

	if (!open_view(st, &v, err))
		return false;
	while (next(&v, err))
		;
	if (v.known) {
		level_facts(st, &v);
		if (v.power_known)
			fact_bool(st, "powered", v.powered);
	}
	return done(st, &v, err);
}

static bool command(struct step *st, const char *name, int64_t for_ns, struct err *err)
{
	json_t *args = json_pack("{s:s,s:I,s:I}", "pin", step_text(st, "pin"), "value", (json_int_t)step_int(st, "value"),
				 "for_ns", (json_int_t)for_ns);
	bool ok = step_line(st, step_text(st, "line"), name, args, NULL, err);

	json_decref(args);
	return ok;
}

static bool set_pin(struct step *st, struct err *err)
{
	struct view v;

	if (!command(st, "set", 0, err) || !open_view(st, &v, err))
		return false;
	while (next(&v, err))
		;
	if (v.known)
		level_facts(st, &v);
	return done(st, &v, err);
}

static bool press(struct step *st, struct err *err)
{
	int64_t for_ns = step_int(st, "for"), down_ns = 0, value = step_int(st, "value");
	struct view v;
	bool released = false;

	if (!open_view(st, &v, err))
		return false;
	while (next(&v, err))
		;
	if (err->kind != ERR_NONE || !command(st, "press", for_ns, err)) {
		tail_close(&v.t);
		return false;
	}
	do
		while (!released && next(&v, err)) {
			if (!down_ns && v.last.value == value)
				down_ns = v.last.t_ns;
			else if (down_ns && v.last.value != value)
				released = true;
		}
	while (!released && err->kind == ERR_NONE && step_wait(st, v.t.notify, step_begin_ns(st) + for_ns + SEC(5)));
	if (released) {
		fact_int(st, "held", v.last.t_ns - down_ns);
		step_at_bytes(st, v.file, v.last.off, v.last.len);
	} else {
		step_incomplete(st, "the release of pin %s was not recorded", v.pin);
	}
	return done(st, &v, err);
}

static bool expect(struct step *st, struct err *err)
{
	int64_t since = step_since_ns(st), until = step_begin_ns(st) + step_int(st, "within");
	bool want = step_bool(st, "is"), matched = false;
	struct wire_entry before = { 0 };
	bool has_before = false;
	struct view v;

	if (!open_view(st, &v, err))
		return false;
	do
		while (!matched && next(&v, err)) {
			if (v.last.t_ns < since) {
				before = v.last;
				has_before = true;
			} else {
				/* the level that stood when the stimulus began counts too */
				matched = (has_before && (before.value != 0) == want) || (v.last.value != 0) == want;
				if (has_before && (before.value != 0) == want)
					v.last = before;
				has_before = false;
			}
		}
	while (!matched && !(has_before && (before.value != 0) == want) && err->kind == ERR_NONE &&
	       step_wait(st, v.t.notify, until));
	if (!matched && has_before && (before.value != 0) == want) {
		matched = true;
		v.last = before;
	}
	fact_bool(st, "matched", matched);
	if (v.known)
		level_facts(st, &v);
	if (matched)
		fact_int(st, "after", v.last.t_ns > since ? v.last.t_ns - since : 0);
	return done(st, &v, err);
}

static bool levels(struct step *st, struct err *err)
{
	struct view v;
	bool first = true;

	if (!open_view(st, &v, err))
		return false;
	for (;;) {
		while (next(&v, err)) {
			if (v.last.t_ns < step_begin_ns(st))
				continue;
			level_facts(st, &v);
			step_observer(st, step_text(st, "line"));
			step_observe_at(st, v.last.t_ns);
			first = false;
		}
		if (first && v.known) {         /* the level at the begin */
			level_facts(st, &v);
			step_observer(st, step_text(st, "line"));
			step_observe_at(st, step_begin_ns(st));
		}
		first = false;
		if (err->kind != ERR_NONE || step_stopped(st))
			break;
		if (!step_wait(st, v.t.notify, step_deadline_ns(st)) && !step_stopped(st))
			break;
	}
	return done(st, &v, err);
}

/* ---- descriptors ---- */

#define LINE { .name = "line", .type = VALUE_LINE, .fallback = "wire.board", .doc = "which board" }
#define PIN { .name = "pin", .type = VALUE_TEXT, .need = true, .doc = "name of the pin" }
#define LEVEL_FACTS                                                                     \
	{ "level", VALUE_BOOL, NULL, "the value is not 0" },                             \
	{ "value", VALUE_INT, NULL, "level or reading" }

static const struct param read_params[] = { LINE, PIN, { 0 } };
static const struct param set_params[] = {
	LINE, PIN, { .name = "value", .type = VALUE_INT, .need = true, .doc = "level or reading to drive" }, { 0 }
};
static const struct param press_params[] = {
	LINE,
	{ .name = "pin", .type = VALUE_TEXT, .fallback = "button", .doc = "name of the pin" },
	{ .name = "for", .type = VALUE_TIME, .need = true, .min = MS(1), .max = SEC(600), .doc = "how long" },
	{ .name = "value", .type = VALUE_INT, .fallback = "1", .doc = "level while pressed" },
	{ 0 }
};
static const struct param expect_params[] = {
	LINE, PIN,
	{ .name = "is", .type = VALUE_BOOL, .need = true, .doc = "the level waited for" },
	{ .name = "within", .type = VALUE_TIME, .need = true, .max = SEC(86400), .doc = "from the step's begin" },
	{ .name = "since", .type = VALUE_TEXT, .doc = "label of the step to look from; else the last stimulus" },
	{ 0 }
};
static const struct fact read_facts[] = {
	LEVEL_FACTS, { "powered", VALUE_BOOL, NULL, "the board is connected, that is, has power; absent where the line cannot tell" }, { 0 }
};
static const struct fact level_only[] = { LEVEL_FACTS, { 0 } };
static const struct fact press_facts[] = { { "held", VALUE_TIME, NULL, "measured time of the press" }, { 0 } };
static const struct fact expect_facts[] = {
	{ "matched", VALUE_BOOL, NULL, "the level was seen" },
	{ "after", VALUE_TIME, NULL, "from the stimulus to the edge; 0 when it already was so" },
	LEVEL_FACTS, { 0 }
};
static const struct verb verbs[] = {
	{ "read", VERB_PROBE, read_params, read_facts, read_pin, "the newest level of a pin" },
	{ "set", VERB_STIMULUS, set_params, level_only, set_pin, "drive a pin" },
	{ "press", VERB_STIMULUS, press_params, press_facts, press, "drive a pin for a time, such as a button" },
	{ "expect", VERB_PROBE, expect_params, expect_facts, expect, "wait for a level" },
	{ "levels", VERB_WATCH, read_params, level_only, levels, "every level of a pin, from now on" },
	{ 0 }
};

#define DRIVER_wire(d) extern const struct line_driver drv_##d;
#include "tables.h"
static const struct line_driver *const drivers[] = {
#define DRIVER_wire(d) &drv_##d,
#include "tables.h"
	NULL
};

const struct probe probe_wire = {
	.name = "wire", .doc = "single wires to and from the device", .verbs = verbs, .drivers = drivers, .rights = RIGHT_LINES,
};
