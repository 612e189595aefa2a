// SPDX-License-Identifier: Apache-2.0
// Pins of an FTDI chip in bit-bang mode as single wires: buttons, sensors, LEDs, best behind optocouplers. The chip and
// all its pins belong to this line. Levels are logical: active_low turns them.
//
// Commands   set {pin, value}; press {pin, value, for_ns}: value now, what was before afterwards;
//            get {pin} -> {value, late_ns}: late_ns is the longest time between two looks at the inputs so far
// Record     RUN/wire/NAME.log (wire_log.h). The chip reports no edges: inputs are read every `poll`. The time of an edge
//            is when it was seen, late by at most late_ns; what is shorter than `poll` may not be seen at all.
// Way back   close and the guard drive every output to its `safe` level. The chip holds it until it loses its power.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/ftdi_board.h"
#include "harness/proto/wire_log.h"

#define PINS_MAX 8

struct pin {
	char name[WIRE_PIN];
	uint8_t bit;
	bool out, active_low;
	int value, back, safe;
	int64_t until_ns;               /* end of a press; 0 = none */
};

struct pins {
	struct ftdi_board board;
	struct pin pin[PINS_MAX];
	size_t n;
	struct wire_log_writer log;
	bool blind;
	int64_t look_ns, seen_ns, late_ns;      /* next look (0: no inputs), the last one, longest between two */
};

static bool record(struct pins *w, const struct pin *p, int64_t t_ns, struct err *err)
{
	return w->blind || wire_log_level(&w->log, t_ns, p->out ? WIRE_OUT : WIRE_IN, p->name, p->value, err);
}

/* ---- what bench.yaml says of a pin ---- */

static struct pin *find(struct pins *w, const char *name)
{
	for (size_t i = 0; name && i < w->n; i++)
		if (!strcmp(w->pin[i].name, name))
			return &w->pin[i];
	return NULL;
}

static bool whole(const json_t *v, json_int_t max)
{
	return json_is_integer(v) && json_integer_value(v) >= 0 && json_integer_value(v) <= max;
}

static bool read_pin(const json_t *spec, struct pin *p, struct err *err)
{
	const char *key;
	json_t *v;
	bool ok = json_is_object(spec) && json_object_get(spec, "bit");

	json_object_foreach((json_t *)(uintptr_t)spec, key, v) {
		if (!strcmp(key, "bit"))
			ok &= whole(v, 7);
		else if (!strcmp(key, "active_low"))
			ok &= json_is_boolean(v);
		else
			ok &= p->out && (!strcmp(key, "initial") || !strcmp(key, "safe")) && whole(v, 1);
	}
	if (!ok)
		return err_set(err, ERR_CONF, "write {bit: 0 to 7, active_low: true or false}, and for outputs initial and safe: 0 or 1");
	p->bit = (uint8_t)(1 << json_integer_value(json_object_get(spec, "bit")));
	p->active_low = json_is_true(json_object_get(spec, "active_low"));
	p->value = (int)json_integer_value(json_object_get(spec, "initial"));
	p->safe = (int)json_integer_value(json_object_get(spec, json_object_get(spec, "safe") ? "safe" : "initial"));
	return true;
}

static bool add(struct pins *w, const char *name, const json_t *spec, bool out, struct err *err)
{
	struct pin p = { .out = out };

	if (!wire_name_ok(name) || find(w, name) || w->n == PINS_MAX)
		return err_set(err, ERR_CONF, "no pin name, or listed twice, or one of more than %d", PINS_MAX);
	if (!read_pin(spec, &p, err))
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (w->pin[i].bit == p.bit)
			return err_set(err, ERR_CONF, "its bit is pin '%s' already", w->pin[i].name);
	strcpy(p.name, name);
	w->pin[w->n++] = p;
	return true;
}

static bool read_pins(const struct line *l, struct pins *w, struct err *err)
{
	static const char *const param[] = { "inputs", "outputs" };
	const char *name;
	json_t *spec;

	for (int out = 0; out < 2; out++)
		json_object_foreach((json_t *)(uintptr_t)line_json(l, param[out]), name, spec)
			if (!add(w, name, spec, out, err))
				return err_in(err, "%s: %s: %.40s", line_name(l), param[out], name);
	return true;
}

/* ---- the chip ---- */

static uint8_t outputs(const struct pins *w)
{
	uint8_t mask = 0;

	for (size_t i = 0; i < w->n; i++)
		mask |= w->pin[i].out ? w->pin[i].bit : 0;
	return mask;
}

static uint8_t levels(const struct pins *w)
{
	uint8_t byte = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->pin[i].out && (w->pin[i].value != 0) != w->pin[i].active_low)
			byte |= w->pin[i].bit;
	return byte;
}

/* `begin`: enters the mode with all pins as inputs first, so that no byte can go out of a UART and no pin moves twice. */
static bool drive_all(struct pins *w, bool begin, struct err *err)
{
	bool ok = ftdi_board_take(&w->board, err) && (!begin || ftdi_board_listen(&w->board, err)) &&
		  (begin ? ftdi_board_drive(&w->board, outputs(w), levels(w), err) : ftdi_board_write(&w->board, levels(w), err));

	ftdi_board_give(&w->board);
	return ok;
}

static bool drive(struct pins *w, struct pin *p, int value, struct err *err)
{
	p->value = value;
	return drive_all(w, false, err) && record(w, p, clock_ns(), err);
}

static bool look(struct pins *w, bool first, struct err *err)
{
	uint8_t byte;
	int64_t now;

	if (!ftdi_board_pins(&w->board, &byte, err))
		return false;
	now = clock_ns();
	if (!first && now - w->seen_ns > w->late_ns)
		w->late_ns = now - w->seen_ns;
	w->seen_ns = now;
	for (size_t i = 0; i < w->n; i++) {
		struct pin *p = &w->pin[i];
		int value = ((byte & p->bit) != 0) != p->active_low;

		if (p->out || (!first && value == p->value))
			continue;
		p->value = value;
		if (!record(w, p, now, err))
			return false;
	}
	return true;
}

/* ---- time ---- */

static void next_timer(struct line *l, const struct pins *w)
{
	int64_t at = w->look_ns;

	for (size_t i = 0; i < w->n; i++)
		if (w->pin[i].until_ns && (!at || w->pin[i].until_ns < at))
			at = w->pin[i].until_ns;
	line_timer(l, at);
}

static bool pins_event(struct line *l, int fd, short revents, struct err *err)
{
	struct pins *w = line_priv(l);
	int64_t now = clock_ns();

	(void)fd;
	(void)revents;
	for (size_t i = 0; i < w->n; i++)
		if (w->pin[i].until_ns && w->pin[i].until_ns <= now) {
			w->pin[i].until_ns = 0;
			if (!drive(w, &w->pin[i], w->pin[i].back, err))
				return false;
		}
	if (w->look_ns && w->look_ns <= now) {
		w->look_ns = now + line_int(l, "poll");
		if (!look(w, false, err))
			return false;
	}
	next_timer(l, w);
	return true;
}

/* ---- the line ---- */

static bool open_board(const struct line *l, struct pins *w, struct err *err)
{
	struct usb_match m;

	return read_pins(l, w, err) && usb_match_read(line_json(l, "match"), &m, err) &&
	       ftdi_board_open(&m, FTDI_PINS_ASYNC, line_int(l, "timeout"), &w->board, err);
}

static bool start_log(const struct line *l, struct pins *w, struct err *err)
{
	const char *dot = strchr(line_name(l), '.');
	char path[FS_PATH];

	snprintf(path, sizeof(path), "%s/wire", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/wire/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	return wire_log_create(path, &w->log, err);
}

static bool begin(struct line *l, struct pins *w, struct err *err)
{
	if (!start_log(l, w, err) || !open_board(l, w, err) || !drive_all(w, true, err))
		return false;
	if (w->board.detached)
		line_note(l, "%s: the kernel's serial driver lost %s; its terminal stays away until it is plugged in again", line_name(l),
			  w->board.seen.path);
	for (size_t i = 0; i < w->n; i++) {
		if (!w->pin[i].out)
			w->look_ns = clock_ns();
		else if (!record(w, &w->pin[i], clock_ns(), err))
			return false;
	}
	return !w->look_ns || look(w, true, err);
}

static void done(struct pins *w)
{
	ftdi_board_close(&w->board);
	if (w->log.fd >= 0)
		close(w->log.fd);
	free(w);
}

static bool pins_open(struct line *l, struct err *err)
{
	struct pins *w = calloc(1, sizeof(*w));

	if (!w)
		return err_set(err, ERR_LIMIT, "out of memory");
	*w = (struct pins){ .board.node = -1, .log.fd = -1, .blind = line_blind(l) };
	if (!begin(l, w, err)) {
		done(w);
		return false;
	}
	line_set_priv(l, w);
	next_timer(l, w);
	return true;
}

static bool press(struct line *l, struct pins *w, struct pin *p, int value, int64_t for_ns, struct err *err)
{
	if (!p->until_ns)
		p->back = p->value;
	if (!drive(w, p, value, err))
		return false;
	p->until_ns = clock_ns() + for_ns;
	next_timer(l, w);
	return true;
}

static bool pins_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct pins *w = line_priv(l);
	const char *name = json_string_value(json_object_get(args, "pin"));
	struct pin *p = find(w, name);
	json_int_t value = json_integer_value(json_object_get(args, "value"));

	if (!p)
		return err_set(err, ERR_BENCH, "%s has no pin '%s'", line_name(l), name ? name : "");
	if (!strcmp(command, "get"))
		return json_object_set_new(reply, "value", json_integer(p->value)) == 0 &&
		       json_object_set_new(reply, "late_ns", json_integer(p->out ? 0 : w->late_ns)) == 0;
	if (!p->out)
		return err_set(err, ERR_BENCH, "pin '%s' is driven by the device", name);
	if (value & ~1)
		return err_set(err, ERR_BENCH, "pin '%s' is digital: 0 or 1, not %lld", name, (long long)value);
	json_object_set_new(reply, "t_ns", json_integer(clock_ns()));
	if (!strcmp(command, "press"))
		return press(l, w, p, (int)value, json_integer_value(json_object_get(args, "for_ns")), err);
	if (strcmp(command, "set"))
		return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
	p->until_ns = 0;
	next_timer(l, w);
	return drive(w, p, (int)value, err);
}

static bool make_safe(struct pins *w, bool begin_mode, struct err *err)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->pin[i].out)
			w->pin[i].value = w->pin[i].safe;
	return drive_all(w, begin_mode, err);
}

static void pins_safe(struct line *l)
{
	struct pins w = { .board.node = -1 };
	struct err err = { 0 };

	if (!open_board(l, &w, &err) || !make_safe(&w, true, &err))
		line_note(l, "%s is NOT in its safe state: %s", line_name(l), err.text);
	ftdi_board_close(&w.board);
}

static void pins_close(struct line *l)
{
	struct pins *w = line_priv(l);
	struct err err = { 0 };

	if (!make_safe(w, false, &err))
		line_note(l, "%s is NOT in its safe state: %s", line_name(l), err.text);
	for (size_t i = 0; i < w->n; i++)
		if (w->pin[i].out && !record(w, &w->pin[i], clock_ns(), &err))
			line_note(l, "%s", err.text);
	done(w);
}

static const struct param params[] = {
	{ .name = "match", .type = VALUE_MAP, .need = true, .doc = "the adapter: {serial: ...}, or {path: ...}; interface for chips with several" },
	{ .name = "inputs", .type = VALUE_MAP, .doc = "pins that the device drives: {led: {bit: 4, active_low: true}}; bit 0 to 7 is D0 to D7" },
	{ .name = "outputs", .type = VALUE_MAP,
	  .doc = "pins that the bench drives: {button: {bit: 0, initial: 0, safe: 0}}; safe: level at the end, else as initial, which is 0 "
		 "when not said" },
	{ .name = "poll", .type = VALUE_TIME, .min = MS(1), .max = SEC(10), .fallback = "5ms",
	  .doc = "how often inputs are read: an edge is seen late by up to that and a USB exchange, a shorter level perhaps not at all" },
	{ .name = "timeout", .type = VALUE_TIME, .min = MS(20), .max = SEC(10), .fallback = "1s", .doc = "longest wait for the adapter" },
	{ 0 }
};

const struct line_driver drv_ftdipins = {
	.name = "ftdi", .doc = "pins of an FTDI chip in bit-bang mode",
	.seen = "a model of the FT245R under umockdev; no real chip", .params = params, .open = pins_open, .command = pins_command,
	.event = pins_event, .safe = pins_safe, .close = pins_close,
};
