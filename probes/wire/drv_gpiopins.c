// SPDX-License-Identifier: Apache-2.0
// Pins of a GPIO chip of the bench's computer, through libgpiod: buttons, sensors, LEDs, usually behind an optocoupler.
// Levels are logical: active_low turns them, so 1 is "pressed" and "lit" whatever the circuit.
//
// Commands   set {pin, value}; press {pin, value, for_ns}: value now, what was before afterwards; get {pin} -> {value}
// Record     RUN/wire/NAME.log (wire_log.h). Edges carry the kernel's time (CLOCK_MONOTONIC since Linux 5.7); a chip that
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

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/gpio_find.h"
#include "harness/proto/wire_log.h"

#define PINS_MAX 14             /* each input is watched */
#define OLD_KERNEL SEC(600)     /* a stamp this far off is not of the monotonic clock */

struct pin {
	char name[WIRE_PIN];
	struct gpiod_line *line;
	bool out;
	int value, back, safe;
	int64_t until_ns;       /* end of a press; 0 = none */
	int fd;                 /* of edges; -1 = polled, or an output */
};

struct gpio {
	struct gpiod_chip *chip;
	struct pin pin[PINS_MAX];
	size_t n;
	struct wire_log_writer log;
	bool blind;
	int64_t poll_ns;        /* next look at polled inputs; 0 = none is polled */
};

static bool record(struct gpio *g, const struct pin *p, int64_t t_ns, struct err *err)
{
	return g->blind || wire_log_level(&g->log, t_ns, p->out ? WIRE_OUT : WIRE_IN, p->name, p->value, err);
}

/* ---- what bench.yaml says of a pin ---- */

static struct pin *find(struct gpio *g, const char *name)
{
	for (size_t i = 0; name && i < g->n; i++)
		if (!strcmp(g->pin[i].name, name))
			return &g->pin[i];
	return NULL;
}

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

static bool take(const struct line *l, struct pin *p, int type, int flags, int value, struct err *err)
{
	struct gpiod_line_request_config c = { .consumer = "jusan", .request_type = type, .flags = flags };

	if (gpiod_line_request(p->line, &c, value) == 0)
		return true;
	return errno == EBUSY ? err_set(err, ERR_BENCH, "%s: another program or driver holds this line", line_name(l)) : err_sys(err, "%s", line_name(l));
}

static bool take_input(struct line *l, struct gpio *g, struct pin *p, int flags, struct err *err)
{
	struct err why = { 0 };

	if (take(l, p, GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES, flags, 0, &why)) {
		p->fd = gpiod_line_event_get_fd(p->line);
		if (!line_watch(l, p->fd, POLLIN, err))
			return false;
	} else if (why.kind == ERR_BENCH) {
		*err = why;
		return false;
	} else if (!line_has(l, "poll")) {
		return err_set(err, ERR_BENCH, "this chip reports no edges; say poll: 10ms, and shorter levels are not seen (%s)", why.text);
	} else if (!take(l, p, GPIOD_LINE_REQUEST_DIRECTION_INPUT, flags, 0, err)) {
		return false;
	} else {
		g->poll_ns = clock_ns();
	}
	p->value = gpiod_line_get_value(p->line);
	return p->value >= 0 || err_sys(err, "read");
}

static bool add(struct line *l, struct gpio *g, const char *name, const json_t *spec, bool out, struct err *err)
{
	struct pin *p = &g->pin[g->n];
	int flags, initial = (int)json_integer_value(json_object_get(spec, "initial"));

	if (!wire_name_ok(name) || find(g, name) || g->n == PINS_MAX)
		return err_set(err, ERR_CONF, "no pin name, or listed twice, or one of more than %d", PINS_MAX);
	if (!known_keys(spec, out, err) || !flags_of(spec, &flags, err))
		return false;
	*p = (struct pin){ .line = line_of(g->chip, json_object_get(spec, "line"), err), .out = out, .value = initial, .fd = -1,
			   .safe = (int)json_integer_value(json_object_get(spec, json_object_get(spec, "safe") ? "safe" : "initial")) };
	strcpy(p->name, name);
	if (!p->line || !(out ? take(l, p, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, flags, initial, err) : take_input(l, g, p, flags, err)))
		return false;
	g->n++;
	return record(g, p, clock_ns(), err);
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

static void next_timer(struct line *l, const struct gpio *g)
{
	int64_t at = g->poll_ns;

	for (size_t i = 0; i < g->n; i++)
		if (g->pin[i].until_ns && (!at || g->pin[i].until_ns < at))
			at = g->pin[i].until_ns;
	line_timer(l, at);
}

static bool drive(struct gpio *g, struct pin *p, int value, struct err *err)
{
	if (gpiod_line_set_value(p->line, value) < 0)
		return err_sys(err, "pin %s", p->name);
	p->value = value;
	return record(g, p, clock_ns(), err);
}

static bool look(struct gpio *g, struct err *err)
{
	for (size_t i = 0; i < g->n; i++) {
		struct pin *p = &g->pin[i];
		int now;

		if (p->out || p->fd >= 0)
			continue;
		now = gpiod_line_get_value(p->line);
		if (now < 0)
			return err_sys(err, "pin %s", p->name);
		if (now == p->value)
			continue;
		p->value = now;
		if (!record(g, p, clock_ns(), err))
			return false;
	}
	return true;
}

static bool due(struct line *l, struct gpio *g, struct err *err)
{
	int64_t now = clock_ns();

	for (size_t i = 0; i < g->n; i++)
		if (g->pin[i].until_ns && g->pin[i].until_ns <= now) {
			g->pin[i].until_ns = 0;
			if (!drive(g, &g->pin[i], g->pin[i].back, err))
				return false;
		}
	if (g->poll_ns && g->poll_ns <= now) {
		g->poll_ns = now + line_int(l, "poll");
		if (!look(g, err))
			return false;
	}
	next_timer(l, g);
	return true;
}

static bool edge(struct gpio *g, struct pin *p, struct err *err)
{
	struct gpiod_line_event e;
	int64_t t_ns, now;

	if (gpiod_line_event_read(p->line, &e) < 0)
		return err_sys(err, "pin %s", p->name);
	now = clock_ns();
	t_ns = (int64_t)e.ts.tv_sec * SEC(1) + e.ts.tv_nsec;
	if (t_ns > now || now - t_ns > OLD_KERNEL)
		t_ns = now;
	p->value = e.event_type == GPIOD_LINE_EVENT_RISING_EDGE;
	return record(g, p, t_ns, err);
}

/* ---- the line ---- */

static bool gpio_open(struct line *l, struct err *err)
{
	struct gpio *g = calloc(1, sizeof(*g));
	const char *dot = strchr(line_name(l), '.');
	char path[FS_PATH];

	if (!g)
		return err_set(err, ERR_LIMIT, "out of memory");
	g->blind = line_blind(l);
	line_set_priv(l, g);
	snprintf(path, sizeof(path), "%s/wire", line_run_dir(l));
	if (!fs_mkdirs(path, err))
		return false;
	snprintf(path, sizeof(path), "%s/wire/%s.log", line_run_dir(l), dot ? dot + 1 : line_name(l));
	if (!wire_log_create(path, &g->log, err) || !open_chip(l, g, err) || !add_all(l, g, "outputs", true, err) ||
	    !add_all(l, g, "inputs", false, err))
		return false;
	next_timer(l, g);
	return true;
}

static bool gpio_event(struct line *l, int fd, short revents, struct err *err)
{
	struct gpio *g = line_priv(l);

	if (fd < 0)
		return due(l, g, err);
	for (size_t i = 0; i < g->n; i++)
		if (g->pin[i].fd == fd)
			return revents & POLLIN ? edge(g, &g->pin[i], err) : err_set(err, ERR_BENCH, "the GPIO chip is gone");
	return true;
}

static bool press(struct line *l, struct gpio *g, struct pin *p, int value, int64_t for_ns, struct err *err)
{
	if (!p->until_ns)
		p->back = p->value;
	if (!drive(g, p, value, err))
		return false;
	p->until_ns = clock_ns() + for_ns;      /* of the edge, not of the wish */
	next_timer(l, g);
	return true;
}

static bool gpio_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct gpio *g = line_priv(l);
	const char *name = json_string_value(json_object_get(args, "pin"));
	struct pin *p = find(g, name);
	json_int_t value = json_integer_value(json_object_get(args, "value"));

	if (!p)
		return err_set(err, ERR_BENCH, "%s has no pin '%s'", line_name(l), name ? name : "");
	if (!strcmp(command, "get"))
		return json_object_set_new(reply, "value", json_integer(p->value)) == 0;
	if (!p->out)
		return err_set(err, ERR_BENCH, "pin '%s' is driven by the device", name);
	if (value & ~1)
		return err_set(err, ERR_BENCH, "pin '%s' is digital: 0 or 1, not %lld", name, (long long)value);
	json_object_set_new(reply, "t_ns", json_integer(clock_ns()));
	if (!strcmp(command, "press"))
		return press(l, g, p, (int)value, json_integer_value(json_object_get(args, "for_ns")), err);
	if (strcmp(command, "set"))
		return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
	p->until_ns = 0;
	next_timer(l, g);
	return drive(g, p, (int)value, err);
}

static void gpio_close(struct line *l)
{
	struct gpio *g = line_priv(l);
	struct err err = { 0 };

	for (size_t i = 0; i < g->n; i++) {
		if (g->pin[i].out && !drive(g, &g->pin[i], g->pin[i].safe, &err))
			line_note(l, "%s: %s", line_name(l), err.text);
		gpiod_line_release(g->pin[i].line);
	}
	gpiod_chip_close(g->chip);
	close(g->log.fd);
	free(g);
}

/* Nothing is left of the process that held the lines: each output is taken at its safe level, and let go. */
static void gpio_safe(struct line *l)
{
	struct gpio g = { .n = 0 };
	struct err err = { 0 };
	const char *name;
	json_t *spec;

	if (!open_chip(l, &g, &err))
		return;
	json_object_foreach((json_t *)(uintptr_t)line_json(l, "outputs"), name, spec) {
		const char *level = json_object_get(spec, "safe") ? "safe" : "initial";
		struct pin p = { .line = line_of(g.chip, json_object_get(spec, "line"), &err) };
		int flags;

		if (p.line && flags_of(spec, &flags, &err) &&
		    take(l, &p, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, flags, (int)json_integer_value(json_object_get(spec, level)), &err))
			gpiod_line_release(p.line);
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
