// SPDX-License-Identifier: Apache-2.0
// Yepkit YKUSH, YKUSH XS and YKUSH3: USB hubs whose ports have a switch of their own, commanded through a HID beside.
// Wire   64-byte interrupt reports. To the board, byte 0: 0x1n on, 0x0n off, 0x2n ask, n = port. Each is answered; the
//        answer to a question has in byte 1 the port in its low half, and a 1 above when it is on.
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "probes/power/usb_board.h"

#define REPORT_N 64
#define STALE    16             /* answers that may wait unread */
#define QUIET_NS MS(20)         /* more than two of the board's polling intervals */

struct board { struct usb_dev *usb; struct usb_pipe to, from; unsigned port; int64_t timeout_ns; };

static unsigned ports(const struct usb_seen *d)
{
	return d->product == 0xf2f7 || d->product == 0xf11b ? 3 : d->product == 0xf0cd ? 1 : 0;
}

static bool ykush_ids(const struct usb_seen *d)
{
	return d->vendor == 0x04d8 && ports(d) > 0;
}

static const struct usb_family family = { "a YKUSH board", ykush_ids, NULL };

/* Answers that a process killed in mid-exchange has left would pass for answers to us. */
static void drain(const struct board *b)
{
	uint8_t answer[REPORT_N];
	struct err ignored = { 0 };
	size_t n;

	for (int i = 0; i < STALE && usb_dev_receive(b->usb, b->from, answer, sizeof(answer), &n, QUIET_NS, &ignored); i++)
		;
}

/* One report there and the answer back, with the interface ours in between. */
static bool exchange(const struct board *b, uint8_t command, uint8_t answer[static REPORT_N], struct err *err)
{
	uint8_t report[REPORT_N] = { command };
	bool ok, asks = command >> 4 == 2;
	size_t n = 0;

	if (!usb_dev_claim(b->usb, 0, err))
		return false;
	if (asks)               /* a command must not wait for that */
		drain(b);
	ok = usb_dev_send(b->usb, b->to, report, sizeof(report), err) &&
	     usb_dev_receive(b->usb, b->from, answer, REPORT_N, &n, b->timeout_ns, err);
	if (!ok && usb_dev_end(b->usb) == USB_END_late)
		usb_dev_forget(b->usb, b->from);
	usb_dev_release(b->usb, 0);
	if (ok && (n != REPORT_N || (asks && (answer[1] & 0x0F) != b->port)))
		return err_set(err, ERR_BENCH, "USB %s: %zu bytes that are no answer for port %u", usb_dev_seen(b->usb)->path, n, b->port);
	return ok;
}

static bool start(const struct line *l, struct board *b, struct err *err)
{
	b->port = (unsigned)line_int(l, "port");
	b->timeout_ns = line_int(l, "timeout");
	if (!usb_board_open(l, &family, &b->usb, err))
		return false;
	if (b->port > ports(usb_dev_seen(b->usb)))
		return err_set(err, ERR_BENCH, "USB %s: this board has no port %u", usb_dev_seen(b->usb)->path, b->port);
	return usb_dev_pipe(b->usb, 0, 3, false, &b->to, err) && usb_dev_pipe(b->usb, 0, 3, true, &b->from, err);
}

static void ykush_close(void *dev)
{
	struct board *b = dev;

	usb_dev_close(b->usb);
	free(b);
}

static bool ykush_open(struct line *l, void **ret_dev, struct err *err)
{
	struct board *b = calloc(1, sizeof(*b));

	if (!b)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!start(l, b, err)) {
		ykush_close(b);
		return false;
	}
	*ret_dev = b;
	return true;
}

static bool ykush_set(void *dev, bool energised, struct err *err)
{
	const struct board *b = dev;
	uint8_t answer[REPORT_N];

	return exchange(b, (uint8_t)((energised ? 0x10 : 0x00) | b->port), answer, err);
}

static bool ykush_get(void *dev, bool *ret_energised, struct err *err)
{
	const struct board *b = dev;
	uint8_t answer[REPORT_N];

	if (!exchange(b, (uint8_t)(0x20 | b->port), answer, err))
		return false;
	*ret_energised = answer[1] >> 4;
	return true;
}

static const struct outlet_ops ops = { READBACK_commanded, ykush_open, ykush_set, ykush_get, NULL, NULL, ykush_close };
static const struct param params[] = {
	OUTLET_PARAMS, USB_MATCH,
	{ .name = "port", .type = VALUE_INT, .min = 1, .max = 3, .fallback = "1", .doc = "port as printed on the board" },
	{ 0 }
};
OUTLET_DRIVER(ykush, "a port of a Yepkit YKUSH, YKUSH XS or YKUSH3 (04d8:f2f7, f0cd, f11b).",
	      "a model of the board under umockdev, from facts read in other programs' source", params, ops);
