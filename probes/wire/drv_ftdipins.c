// SPDX-License-Identifier: Apache-2.0
// Pins of an FTDI chip in bit-bang mode as single wires: buttons, sensors, LEDs, best behind optocouplers. The chip and
// all its pins belong to this line. Levels are logical: active_low turns them.
//
// Commands   as pins.h; get -> {late_ns} too: the longest time between two looks at the inputs so far
// Record     The chip reports no edges: inputs are read every `poll`. The time of an edge
//            is when it was seen, late by at most late_ns; what is shorter than `poll` may not be seen at all.
// Way back   close and the guard drive every output to its `safe` level. The chip holds it until it loses its power.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/proto/ftdi_board.h"
#include "probes/wire/pins.h"

#define BITS 8

struct bit { uint8_t mask; bool active_low; int64_t safe; };

struct chip {
	struct pins pins;
	struct bit bit[PINS_MAX];
	struct ftdi_board board;
	int64_t seen_ns, late_ns;       /* last look, longest time between two */
};

/* ---- what bench.yaml says of a pin ---- */

static bool whole(const json_t *v, json_int_t max)
{
	return json_is_integer(v) && json_integer_value(v) >= 0 && json_integer_value(v) <= max;
}

static bool read_pin(const json_t *spec, struct pin *p, struct bit *b, struct err *err)
{
	const char *key;
	json_t *v;
	bool ok = json_is_object(spec) && json_object_get(spec, "bit");

	json_object_foreach((json_t *)(uintptr_t)spec, key, v) {
		if (!strcmp(key, "bit"))
			ok &= whole(v, BITS - 1);
		else if (!strcmp(key, "active_low"))
			ok &= json_is_boolean(v);
		else
			ok &= p->out && (!strcmp(key, "initial") || !strcmp(key, "safe")) && whole(v, 1);
	}
	if (!ok)
		return err_set(err, ERR_CONF, "write {bit: 0 to 7, active_low: true or false}, and for outputs initial and safe: 0 or 1");
	b->mask = (uint8_t)(1 << json_integer_value(json_object_get(spec, "bit")));
	b->active_low = json_is_true(json_object_get(spec, "active_low"));
	b->safe = json_integer_value(json_object_get(spec, json_object_get(spec, "safe") ? "safe" : "initial"));
	p->value = json_integer_value(json_object_get(spec, "initial"));
	return true;
}

static bool add(struct chip *c, const char *name, const json_t *spec, bool out, struct err *err)
{
	struct pin *p = pins_add(&c->pins, name, out, err);
	size_t own = c->pins.n - 1;

	if (!p || !read_pin(spec, p, &c->bit[own], err))
		return false;
	for (size_t i = 0; i < own; i++)
		if (c->bit[i].mask == c->bit[own].mask)
			return err_set(err, ERR_CONF, "its bit is pin '%s' already", c->pins.pin[i].name);
	return true;
}

static bool read_pins(const struct line *l, struct chip *c, struct err *err)
{
	static const char *const param[] = { "inputs", "outputs" };
	const char *name;
	json_t *spec;

	for (int out = 0; out < 2; out++)
		json_object_foreach((json_t *)(uintptr_t)line_json(l, param[out]), name, spec)
			if (!add(c, name, spec, out, err))
				return err_in(err, "%s: %s: %.40s", line_name(l), param[out], name);
	return true;
}

/* ---- the chip ---- */

static uint8_t outputs(const struct chip *c)
{
	uint8_t mask = 0;

	for (size_t i = 0; i < c->pins.n; i++)
		mask |= c->pins.pin[i].out ? c->bit[i].mask : 0;
	return mask;
}

static uint8_t levels(const struct chip *c)
{
	uint8_t byte = 0;

	for (size_t i = 0; i < c->pins.n; i++)
		if (c->pins.pin[i].out && (c->pins.pin[i].value != 0) != c->bit[i].active_low)
			byte |= c->bit[i].mask;
	return byte;
}

/* `begin`: enters the mode with all pins as inputs first, so that no byte can go out of a UART and no pin moves twice. */
static bool drive_all(struct chip *c, bool begin, struct err *err)
{
	bool ok = ftdi_board_take(&c->board, err) && (!begin || ftdi_board_listen(&c->board, err)) &&
		  (begin ? ftdi_board_drive(&c->board, outputs(c), levels(c), err) : ftdi_board_write(&c->board, levels(c), err));

	ftdi_board_give(&c->board);
	return ok;
}

/* All pins go out in one byte, so the new value counts before it is there. */
static bool drive(struct pins *p, const struct pin *pin, int64_t value, struct err *err)
{
	p->pin[pin - p->pin].value = value;
	return drive_all((struct chip *)p, false, err);
}

static bool look(struct chip *c, bool first, struct err *err)
{
	uint8_t byte;
	int64_t now;

	if (!ftdi_board_pins(&c->board, &byte, err))
		return false;
	now = clock_ns();
	if (!first && now - c->seen_ns > c->late_ns)
		c->late_ns = now - c->seen_ns;
	c->seen_ns = now;
	for (size_t i = 0; i < c->pins.n; i++) {
		struct pin *p = &c->pins.pin[i];
		int value = ((byte & c->bit[i].mask) != 0) != c->bit[i].active_low;

		if (p->out || (!first && value == p->value))
			continue;
		p->value = value;
		if (!pins_record(&c->pins, p, now, err))
			return false;
	}
	return true;
}

static bool pins_event(struct line *l, int fd, short revents, struct err *err)
{
	struct chip *c = line_priv(l);
	int64_t now = clock_ns();

	(void)fd;
	(void)revents;
	if (!pins_release(&c->pins, err))
		return false;
	if (c->pins.look_ns && c->pins.look_ns <= now) {
		c->pins.look_ns = now + line_int(l, "poll");
		if (!look(c, false, err))
			return false;
	}
	pins_timer(l, &c->pins);
	return true;
}

/* ---- the line ---- */

static const struct chip none = { .pins = { .max = BITS, .digital = true, .drive = drive, .log.fd = -1 }, .board.node = -1 };

static bool open_board(const struct line *l, struct chip *c, struct err *err)
{
	struct usb_match m;

	return read_pins(l, c, err) && usb_match_read(line_json(l, "match"), &m, err) &&
	       ftdi_board_open(&m, FTDI_PINS_ASYNC, line_int(l, "timeout"), &c->board, err);
}

static bool begin(struct line *l, struct chip *c, struct err *err)
{
	if (!pins_begin(l, &c->pins, err) || !open_board(l, c, err) || !drive_all(c, true, err))
		return false;
	if (c->board.detached)
		line_note(l, "%s: the kernel's serial driver lost %s; its terminal stays away until it is plugged in again", line_name(l),
			  c->board.seen.path);
	for (size_t i = 0; i < c->pins.n; i++) {
		if (!c->pins.pin[i].out)
			c->pins.look_ns = clock_ns();
		else if (!pins_record(&c->pins, &c->pins.pin[i], clock_ns(), err))
			return false;
	}
	return !c->pins.look_ns || look(c, true, err);
}

static void done(struct chip *c)
{
	ftdi_board_close(&c->board);
	pins_end(&c->pins);
	free(c);
}

static bool pins_open(struct line *l, struct err *err)
{
	struct chip *c = malloc(sizeof(*c));

	if (!c)
		return err_set(err, ERR_LIMIT, "out of memory");
	*c = none;
	if (!begin(l, c, err)) {
		done(c);
		return false;
	}
	line_set_priv(l, c);
	pins_timer(l, &c->pins);
	return true;
}

static bool chip_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct chip *c = line_priv(l);
	const struct pin *p = pins_find(&c->pins, json_string_value(json_object_get(args, "pin")));

	if (p && !strcmp(command, "get"))
		json_object_set_new(reply, "late_ns", json_integer(p->out ? 0 : c->late_ns));
	return pins_command(l, &c->pins, command, args, reply, err);
}

static bool make_safe(struct chip *c, bool begin_mode, struct err *err)
{
	for (size_t i = 0; i < c->pins.n; i++)
		if (c->pins.pin[i].out)
			c->pins.pin[i].value = c->bit[i].safe;
	return drive_all(c, begin_mode, err);
}

static void pins_safe(struct line *l)
{
	struct chip c = none;
	struct err err = { 0 };

	if (!open_board(l, &c, &err) || !make_safe(&c, true, &err))
		line_note(l, "%s is NOT in its safe state: %s", line_name(l), err.text);
	ftdi_board_close(&c.board);
}

static void pins_close(struct line *l)
{
	struct chip *c = line_priv(l);
	struct err err = { 0 };

	if (!make_safe(c, false, &err))
		line_note(l, "%s is NOT in its safe state: %s", line_name(l), err.text);
	for (size_t i = 0; i < c->pins.n; i++)
		if (c->pins.pin[i].out && !pins_record(&c->pins, &c->pins.pin[i], clock_ns(), &err))
			line_note(l, "%s", err.text);
	done(c);
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
	.seen = "a model of the FT245R under umockdev; no real chip", .params = params, .open = pins_open, .command = chip_command,
	.event = pins_event, .safe = pins_safe, .close = pins_close,
};
