// SPDX-License-Identifier: Apache-2.0
// A relay or a load switch on a pin of the bench's computer, through libgpiod. Taking the line does not move it: it is
// first asked how it stands and then driven to just that.
#include <errno.h>
#include <gpiod.h>
#include <stdlib.h>

#include "harness/proto/gpio_find.h"
#include "probes/power/outlet.h"

struct pin { struct gpiod_chip *chip; struct gpiod_line *line; };

static bool request(struct pin *p, int type, int value, struct err *err)
{
	struct gpiod_line_request_config c = { .consumer = "jusan", .request_type = type };

	return gpiod_line_request(p->line, &c, value) == 0 ||
	       (errno == EBUSY ? err_set(err, ERR_BENCH, "another program or driver holds this line") : err_sys(err, "GPIO line"));
}

static bool take(struct line *l, struct pin *p, struct err *err)
{
	int now;

	p->line = gpio_find(p->chip, line_text(l, "line"), err);
	if (!p->line || !request(p, GPIOD_LINE_REQUEST_DIRECTION_AS_IS, 0, err))
		return false;
	now = gpiod_line_get_value(p->line);
	gpiod_line_release(p->line);
	return (now >= 0 || err_sys(err, "GPIO line")) && request(p, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, now, err);
}

static void pin_close(void *dev)
{
	struct pin *p = dev;

	gpiod_chip_close(p->chip);      /* lets go of the line too */
	free(p);
}

static bool pin_open(struct line *l, void **ret_dev, struct err *err)
{
	struct pin *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(err, ERR_LIMIT, "out of memory");
	p->chip = gpiod_chip_open_lookup(line_text(l, "chip"));
	if (p->chip && take(l, p, err)) {
		*ret_dev = p;
		return true;
	}
	if (p->chip)
		pin_close(p);
	else {
		err_sys(err, "GPIO chip '%s'", line_text(l, "chip"));
		free(p);
	}
	err->kind = ERR_BENCH;
	return false;
}

static bool pin_set(void *dev, bool energised, struct err *err)
{
	struct pin *p = dev;

	return gpiod_line_set_value(p->line, energised) == 0 || (err_sys(err, "GPIO line"), err->kind = ERR_BENCH, false);
}

static bool pin_get(void *dev, bool *ret_energised, struct err *err)
{
	struct pin *p = dev;
	int v = gpiod_line_get_value(p->line);

	*ret_energised = v == 1;
	return v >= 0 || (err_sys(err, "GPIO line"), err->kind = ERR_BENCH, false);
}

static const struct param params[] = {
	OUTLET_PARAMS,
	{ .name = "chip", .type = VALUE_TEXT, .need = true, .doc = "label, name, number or path of the chip, as gpiodetect shows them" },
	{ .name = "line", .type = VALUE_TEXT, .need = true, .doc = "number of the line on it, or its name as gpioinfo shows it" },
	{ 0 }
};
static const struct outlet_ops ops = { READBACK_commanded, pin_open, pin_set, pin_get, NULL, NULL, pin_close };

OUTLET_DRIVER(gpio, "a relay or load switch on a pin of the bench's computer (libgpiod)",
	      "the kernel's gpiochip of ftdi_sio (make check-usb), judged by the chip model's own log; no real pins", params, ops);
