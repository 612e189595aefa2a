// SPDX-License-Identifier: Apache-2.0
// Relay boards "USBRelay1" to "USBRelay8" of dcttech (V-USB firmware). Their vendor and product id are shared by many
// other projects, so only the product text tells them; their USB serial is empty, the board's id stands in its report.
// Wire   SET_REPORT, 8 bytes: 0xFF on or 0xFD off, relay from 1. GET_REPORT, 8 bytes: 0..4 id, 7 relays as bits.
//        Sent to the device, not to its interface, so nothing has to be claimed and no driver to be detached.
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "probes/power/usb_board.h"

#define NAME     "USBRelay"
#define REPORT_N 8
#define ID_N     5

struct board { struct usb_dev *usb; unsigned relay; };

static bool dcttech_ids(const struct usb_seen *d)
{
	return d->vendor == 0x16c0 && d->product == 0x05df;
}

/* How many relays it has by its name; 0: not such a board. */
static unsigned relays(const struct usb_seen *d)
{
	const char *count = d->name + strlen(NAME);

	return !strncmp(d->name, NAME, strlen(NAME)) && count[0] >= '1' && count[0] <= '8' && !count[1] ? (unsigned)(count[0] - '0') : 0;
}

static bool dcttech_is(const struct usb_seen *d)
{
	return relays(d) > 0;
}

static const struct usb_family family = { "a dcttech USBRelay", dcttech_ids, dcttech_is };

static bool read_report(struct usb_dev *usb, uint8_t report[static REPORT_N], struct err *err)
{
	size_t n;

	if (!usb_dev_in(usb, (struct usb_request){ 0xA0, 0x01, 0x0300, 0 }, report, REPORT_N, &n, err))
		return false;
	if (n != REPORT_N)
		return err_set(err, ERR_BENCH, "USB %s: a report of %zu bytes, not of %d", usb_dev_seen(usb)->path, n, REPORT_N);
	return !(report[7] >> relays(usb_dev_seen(usb))) ||
	       err_set(err, ERR_BENCH, "USB %s: bytes of a report that has relays the board has not", usb_dev_seen(usb)->path);
}

/* ---- which board ---- */

/* The only board whose report carries that id; ids do get corrupted in the field, then `match: {path}` still finds it. */
static bool find_id(const struct line *l, const char *id, struct usb_seen *ret, struct err *err)
{
	CLEANUP(free_ptr) struct usb_seen *all = calloc(USB_BOARDS, sizeof(*all));
	const struct usb_seen *hit = NULL;
	struct err unread = { 0 };
	size_t n;

	if (!all)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!usb_boards(l, &family, all, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t report[REPORT_N];
		struct usb_dev *usb = NULL;
		bool ok = usb_dev_open(&all[i], line_int(l, "timeout"), &usb, &unread) && read_report(usb, report, &unread);

		usb_dev_close(usb);
		if (!ok || memcmp(report, id, ID_N))
			continue;
		if (hit)
			return err_set(err, ERR_BENCH, "%s and %s both carry the id %s: say match: {path}", hit->path, all[i].path, id);
		hit = &all[i];
	}
	if (!hit)
		return err_set(err, ERR_BENCH, "no dcttech USBRelay carries the id %s%s%s", id, unread.text[0] ? ". " : "", unread.text);
	*ret = *hit;
	return true;
}

static bool dcttech_open(struct line *l, void **ret_dev, struct err *err)
{
	const char *id = line_has(l, "id") ? line_text(l, "id") : NULL;
	struct board b = { .relay = (unsigned)line_int(l, "relay") };
	struct usb_seen d;

	if (id && strlen(id) != ID_N)
		return err_set(err, ERR_CONF, "id: %d characters, as usbrelay(1) prints them", ID_N);
	if (!(id ? find_id(l, id, &d, err) : usb_board(l, &family, &d, err)))
		return false;
	if (b.relay > relays(&d))
		return err_set(err, ERR_BENCH, "%s is a %s: it has no relay %u", d.path, d.name, b.relay);
	if (!usb_dev_open(&d, line_int(l, "timeout"), &b.usb, err))
		return false;
	*ret_dev = malloc(sizeof(b));
	if (!*ret_dev) {
		usb_dev_close(b.usb);
		return err_set(err, ERR_LIMIT, "out of memory");
	}
	memcpy(*ret_dev, &b, sizeof(b));
	return true;
}

/* ---- switching ---- */

static bool dcttech_set(void *dev, bool energised, struct err *err)
{
	const struct board *b = dev;
	uint8_t report[REPORT_N] = { energised ? 0xFF : 0xFD, (uint8_t)b->relay };

	return usb_dev_out(b->usb, (struct usb_request){ 0x20, 0x09, 0x0300, 0 }, report, sizeof(report), err);
}

static bool dcttech_get(void *dev, bool *ret_energised, struct err *err)
{
	const struct board *b = dev;
	uint8_t report[REPORT_N];

	if (!read_report(b->usb, report, err))
		return false;
	*ret_energised = report[7] >> (b->relay - 1) & 1;
	return true;
}

static void dcttech_close(void *dev)
{
	struct board *b = dev;

	usb_dev_close(b->usb);
	free(b);
}

static const struct outlet_ops ops = { READBACK_commanded, dcttech_open, dcttech_set, dcttech_get, NULL, NULL, dcttech_close };
static const struct param params[] = {
	OUTLET_PARAMS, USB_MATCH,
	{ .name = "id", .type = VALUE_TEXT, .doc = "the board's own id of 5 characters, instead of match or besides it" },
	{ .name = "relay", .type = VALUE_INT, .min = 1, .max = 8, .fallback = "1", .doc = "relay as printed on the board" },
	{ 0 }
};
OUTLET_DRIVER(dcttech, "a relay of a dcttech USBRelay board (USB HID, 16c0:05df).",
	      "a model of the board under umockdev, from facts read in other programs' source", params, ops);
