// SPDX-License-Identifier: Apache-2.0
// Pins of a GPIO chip of the bench's computer, through libgpiod: buttons, sensors, LEDs, usually behind an optocoupler.
// Levels are logical: active_low turns them.
//
// Commands   as pins.h
// Record     Edges carry the kernel's time (CLOCK_MONOTONIC since Linux 5.7); a chip that
//            reports no edges is looked at every `poll`, and what is shorter than that is not seen.
// Way back   close and the guard drive every output to its `safe` level and let go of it; what the chip does with a pin
//            that nobody holds is its own affair, so the circuit should rest there by a resistor.
#include <errno.h>
#include <gpiod.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/proto/gpio_find.h"
#include "probes/wire/pins.h"

#define LINES_MAX 14            /* each input is watched */
#define OLD_KERNEL SEC(600)     /* a stamp this far off is not of the monotonic clock */

struct wire { struct gpiod_line *line; int fd, safe; };         /* fd: of edges; -1 = polled, or an output */

struct gpio {
	struct pins pins;
	struct wire wire[PINS_MAX];
	struct gpiod_chip *chip;
};

/* ---- what bench.yaml says of a pin ---- */

static bool word_flag(const json_t *spec, const char *key, const char *const *words, const int *flags, int *into, struct err *err)
{
	const json_t *v = json_object_get(spec, key);

	if (!v)
		return true;
	for (size_t i = 0; words[i] && json_is_string(v); i++)
		if (!strcmp(json_string_value(v), words[i])) {
			*into |= flags[i];
			return true;
		}
	return err_set(err, ERR_CONF, "%s: one of %s, %s, %s", key, words[0], words[1], words[2]);
}

static bool flags_of(const json_t *spec, int *ret, struct err *err)
{
	static const char *const bias[] = { "none", "pull_up", "pull_down", NULL }, *const drive[] = { "push_pull", "open_drain", "open_source", NULL };
	static const int bias_flag[] = { GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE, GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP,
					 GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN },
			 drive_flag[] = { 0, GPIOD_LINE_REQUEST_FLAG_OPEN_DRAIN, GPIOD_LINE_REQUEST_FLAG_OPEN_SOURCE };

	*ret = json_is_true(json_object_get(spec, "active_low")) ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
	return word_flag(spec, "bias", bias, bias_flag, ret, err) && word_flag(spec, "drive", drive, drive_flag, ret, err);
}

static bool known_keys(const json_t *spec, bool out, struct err *err)
{
	static const char *const input[] = { "line", "active_low", "bias", NULL },
			 *const output[] = { "line", "active_low", "bias", "drive", "initial", "safe", NULL };
	const char *const *known = out ? output : input;
	const char *key;
	json_t *v;

	if (!json_is_object(spec))
		return err_set(err, ERR_CONF, "write {line: NUMBER or \"NAME\", ...}");
	json_object_foreach((json_t *)(uintptr_t)spec, key, v) {
		size_t i = 0;

		while (known[i] && strcmp(known[i], key))
			i++;
		if (!known[i])
			return err_set(err, ERR_CONF, "unknown key '%s' of an %s", key, out ? "output" : "input");
		if (!strcmp(key, "active_low") && !json_is_boolean(v))
			return err_set(err, ERR_CONF, "active_low: true or false");
		if ((!strcmp(key, "initial") || !strcmp(key, "safe")) && (!json_is_integer(v) || json_integer_value(v) & ~1))
			return err_set(err, ERR_CONF, "%s: 0 or 1", key);
	}
	return true;
}

static struct gpiod_line *line_of(struct gpiod_chip *chip, const json_t *v, struct err *err)
{
	char number[24] = "";

	if (json_is_integer(v))
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
	return gpio_find(chip, json_is_string(v) ? json_string_value(v) : number, err);
}

/* ---- taking lines ---- */

static bool take(const struct line *l, struct gpiod_line *line, int type, int flags, int value, struct err *err)
{
	struct gpiod_line_request_config c = { .consumer = "jusan", .request_type = type, .flags = flags };

	if (gpiod_line_request(line, &c, value) == 0)
		return true;
	return errno == EBUSY ? err_set(err, ERR_BENCH, "%s: another program or driver holds this line", line_name(l)) : err_sys(err, "%s", line_name(l));
}

static bool take_input(struct line *l, struct gpio *g, struct pin *p, struct wire *w, int flags, struct err *err)
{
	struct err why = { 0 };

	if (take(l, w->line, GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES, flags, 0, &why)) {
		w->fd = gpiod_line_event_get_fd(w->line);
		if (!line_watch(l, w->fd, POLLIN, err))
			return false;
	} else if (why.kind == ERR_BENCH) {
		*err = why;
		return false;
	} else if (!line_has(l, "poll")) {
		return err_set(err, ERR_BENCH, "this chip reports no edges; say poll: 10ms, and shorter levels are not seen (%s)", why.text);
	} else if (!take(l, w->line, GPIOD_LINE_REQUEST_DIRECTION_INPUT, flags, 0, err)) {
		return false;
	} else {
		g->pins.look_ns = clock_ns();
	}
	p->value = gpiod_line_get_value(w->line);
	return p->value >= 0 || err_sys(err, "read");
}

static bool add(struct line *l, struct gpio *g, const char *name, const json_t *spec, bool out, struct err *err)
{
	struct pin *p = pins_add(&g->pins, name, out, err);
	struct wire *w = &g->wire[g->pins.n - (p != NULL)];
	int flags, initial = (int)json_integer_value(json_object_get(spec, "initial"));

	if (!p)
		return false;
	*w = (struct wire){ .fd = -1, .safe = (int)json_integer_value(json_object_get(spec, json_object_get(spec, "safe") ? "safe" : "initial")) };
	if (!known_keys(spec, out, err) || !flags_of(spec, &flags, err))
		return false;
	p->value = initial;
	w->line = line_of(g->chip, json_object_get(spec, "line"), err);
	if (!w->line || !(out ? take(l, w->line, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, flags, initial, err) : take_input(l, g, p, w, flags, err)))
		return false;
	return pins_record(&g->pins, p, clock_ns(), err);
}

static bool add_all(struct line *l, struct gpio *g, const char *param, bool out, struct err *err)
{
	const char *name;
	json_t *spec;

	json_object_foreach((json_t *)(uintptr_t)line_json(l, param), name, spec)
		if (!add(l, g, name, spec, out, err))
			return err_in(err, "%s: %.40s", param, name);
	return true;
}

static bool open_chip(const struct line *l, struct gpio *g, struct err *err)
{
	g->chip = gpiod_chip_open_lookup(line_text(l, "chip"));
	return g->chip || err_sys(err, "%s: GPIO chip '%s'", line_name(l), line_text(l, "chip"));
}

/* ---- time ---- */

static bool drive(struct pins *p, const struct pin *pin, int64_t value, struct err *err)
{
	const struct gpio *g = (const struct gpio *)p;

	return gpiod_line_set_value(g->wire[pin - p->pin].line, (int)value) == 0 || err_sys(err, "pin %s", pin->name);
}

static bool look(struct gpio *g, struct err *err)
{
	for (size_t i = 0; i < g->pins.n; i++) {
		struct pin *p = &g->pins.pin[i];
		int now;

		if (p->out || g->wire[i].fd >= 0)
			continue;
		now = gpiod_line_get_value(g->wire[i].line);
		if (now < 0)
			return err_sys(err, "pin %s", p->name);
		if (now == p->value)
			continue;
		p->value = now;
		if (!pins_record(&g->pins, p, clock_ns(), err))
			return false;
	}
	return true;
}

static bool due(struct line *l, struct gpio *g, struct err *err)
{
	int64_t now = clock_ns();

	if (!pins_release(&g->pins, err))
		return false;
	if (g->pins.look_ns && g->pins.look_ns <= now) {
		g->pins.look_ns = now + line_int(l, "poll");
		if (!look(g, err))
			return false;
	}
	pins_timer(l, &g->pins);
	return true;
}

static bool edge(struct gpio *g, size_t i, struct err *err)
{
	struct pin *p = &g->pins.pin[i];
	struct gpiod_line_event e;
	int64_t t_ns, now;

	if (gpiod_line_event_read(g->wire[i].line, &e) < 0)
		return err_sys(err, "pin %s", p->name);
	now = clock_ns();
	t_ns = (int64_t)e.ts.tv_sec * SEC(1) + e.ts.tv_nsec;
	if (t_ns > now || now - t_ns > OLD_KERNEL)
		t_ns = now;
	p->value = e.event_type == GPIOD_LINE_EVENT_RISING_EDGE;
	return pins_record(&g->pins, p, t_ns, err);
}

/* ---- the line ---- */

static bool gpio_open(struct line *l, struct err *err)
{
	struct gpio *g = calloc(1, sizeof(*g));

	if (!g)
		return err_set(err, ERR_LIMIT, "out of memory");
	g->pins = (struct pins){ .max = LINES_MAX, .digital = true, .drive = drive, .log.fd = -1 };
	line_set_priv(l, g);
	if (!pins_begin(l, &g->pins, err) || !open_chip(l, g, err) || !add_all(l, g, "outputs", true, err) ||
	    !add_all(l, g, "inputs", false, err))
		return false;
	pins_timer(l, &g->pins);
	return true;
}

static bool gpio_event(struct line *l, int fd, short revents, struct err *err)
{
	struct gpio *g = line_priv(l);

	if (fd < 0)
		return due(l, g, err);
	for (size_t i = 0; i < g->pins.n; i++)
		if (g->wire[i].fd == fd)
			return revents & POLLIN ? edge(g, i, err) : err_set(err, ERR_BENCH, "the GPIO chip is gone");
	return true;
}

static bool gpio_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct gpio *g = line_priv(l);

	return pins_command(l, &g->pins, command, args, reply, err);
}

static void gpio_close(struct line *l)
{
	struct gpio *g = line_priv(l);
	struct err err = { 0 };

	for (size_t i = 0; i < g->pins.n; i++) {
		if (!g->wire[i].line)
			continue;
		if (g->pins.pin[i].out && !pins_drive(&g->pins, &g->pins.pin[i], g->wire[i].safe, &err))
			line_note(l, "%s: %s", line_name(l), err.text);
		gpiod_line_release(g->wire[i].line);
	}
	if (g->chip)
		gpiod_chip_close(g->chip);
	pins_end(&g->pins);
	free(g);
}

/* Nothing is left of the process that held the lines: each output is taken at its safe level, and let go. */
static void gpio_safe(struct line *l)
{
	struct gpio g = { .chip = NULL };
	struct err err = { 0 };
	const char *name;
	json_t *spec;

	if (!open_chip(l, &g, &err))
		return;
	json_object_foreach((json_t *)(uintptr_t)line_json(l, "outputs"), name, spec) {
		const char *level = json_object_get(spec, "safe") ? "safe" : "initial";
		struct gpiod_line *out = line_of(g.chip, json_object_get(spec, "line"), &err);
		int flags;

		if (out && flags_of(spec, &flags, &err) &&
		    take(l, out, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, flags, (int)json_integer_value(json_object_get(spec, level)), &err))
			gpiod_line_release(out);
	}
	gpiod_chip_close(g.chip);
}

static const struct param gpio_params[] = {
	{ .name = "chip", .type = VALUE_TEXT, .need = true, .doc = "label, name, number or path of the chip, as gpiodetect shows them" },
	{ .name = "inputs", .type = VALUE_MAP,
	  .doc = "pins that the device drives: {led: {line: 4, active_low: true, bias: pull_up}}; line: number, or name that gpioinfo shows; "
		 "bias: none, pull_up or pull_down" },
	{ .name = "outputs", .type = VALUE_MAP,
	  .doc = "pins that the bench drives: {button: {line: 17, initial: 0, safe: 0, drive: open_drain}}; drive: push_pull, open_drain or "
		 "open_source; safe: level at the end, else as initial, which is 0 when not said" },
	{ .name = "poll", .type = VALUE_TIME, .min = MS(1), .max = SEC(10), .doc = "how often inputs are read on a chip that reports no edges" },
	{ 0 }
};

const struct line_driver drv_gpiopins = {
	.name = "gpio", .doc = "pins of a GPIO chip of the bench's computer (libgpiod)", .seen = "the kernel's gpiochip of ftdi_sio (make check-usb), judged by the chip model's own log; no real pins",
	.params = gpio_params,
	.open = gpio_open, .command = gpio_command, .event = gpio_event, .safe = gpio_safe, .close = gpio_close,
};
