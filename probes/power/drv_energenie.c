// SPDX-License-Identifier: Apache-2.0
// Socket strips Energenie EG-PM, EG-PMS and Gembird SiS-PM on USB.
// Wire   HID feature report 3n for socket n. Set: {3n, 0x03 on or 0x00 off}. Get: {3n, bit 0 switched on, bit 1 its output
//        has voltage}. Source: Gembird, SIS-PM USB reports (API description), 2008.
#include <stdlib.h>
#include <string.h>

#include "probes/power/usb_board.h"

struct strip { struct usb_dev *usb; unsigned socket; };

static unsigned sockets(const struct usb_seen *d)
{
	switch (d->product) {
	case 0xfd10: case 0xfd12:            return 1;
	case 0xfd11: case 0xfd13: case 0xfd15: return 4;
	}
	return 0;
}

static bool energenie_ids(const struct usb_seen *d)
{
	return d->vendor == 0x04b4 && sockets(d) > 0;
}

static const struct usb_family family = { "an Energenie or SiS-PM strip", energenie_ids, NULL };

static bool energenie_open(struct line *l, void **ret_dev, struct err *err)
{
	struct strip s = { .socket = (unsigned)line_int(l, "socket") };

	if (!usb_board_open(l, &family, &s.usb, err))
		return false;
	if (s.socket > sockets(usb_dev_seen(s.usb))) {
		err_set(err, ERR_BENCH, "USB %s: this strip has no switched socket %u", usb_dev_seen(s.usb)->path, s.socket);
		usb_dev_close(s.usb);
		return false;
	}
	*ret_dev = malloc(sizeof(s));
	if (!*ret_dev) {
		usb_dev_close(s.usb);
		return err_set(err, ERR_LIMIT, "out of memory");
	}
	memcpy(*ret_dev, &s, sizeof(s));
	return true;
}

static bool energenie_set(void *dev, bool energised, struct err *err)
{
	const struct strip *s = dev;
	uint8_t id = (uint8_t)(3 * s->socket), report[2] = { id, energised ? 0x03 : 0x00 };
	bool ok;

	if (!usb_dev_claim(s->usb, 0, err))
		return false;
	ok = usb_dev_out(s->usb, (struct usb_request){ 0x21, 0x09, 0x0300 | id, 0 }, report, sizeof(report), err);
	usb_dev_release(s->usb, 0);
	return ok;
}

static bool energenie_get(void *dev, bool *ret_energised, struct err *err)
{
	const struct strip *s = dev;
	uint8_t id = (uint8_t)(3 * s->socket), report[8] = { 0 };
	size_t n = 0;
	bool ok;

	if (!usb_dev_claim(s->usb, 0, err))
		return false;
	ok = usb_dev_in(s->usb, (struct usb_request){ 0xA1, 0x01, 0x0300 | id, 0 }, report, sizeof(report), &n, err);
	usb_dev_release(s->usb, 0);
	if (!ok)
		return false;
	if (n < 2 || report[0] != id)
		return err_set(err, ERR_BENCH, "USB %s: %zu bytes that are no report of socket %u", usb_dev_seen(s->usb)->path, n, s->socket);
	*ret_energised = report[1] & 1;
	return true;
}

static void energenie_close(void *dev)
{
	struct strip *s = dev;

	usb_dev_close(s->usb);
	free(s);
}

static const struct outlet_ops ops = { READBACK_commanded, energenie_open, energenie_set, energenie_get, NULL, NULL, energenie_close };
static const struct param params[] = {
	OUTLET_PARAMS, USB_MATCH,
	{ .name = "socket", .type = VALUE_INT, .min = 1, .max = 4, .fallback = "1", .doc = "switched socket, counted from 1" },
	{ 0 }
};
OUTLET_DRIVER(energenie, "a socket of an Energenie or SiS-PM strip on USB (04b4:fd10 to fd13, fd15).",
	      "a model of the strip under umockdev, from facts read in other programs' source", params, ops);
