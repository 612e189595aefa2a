// SPDX-License-Identifier: Apache-2.0
// LCUS and NOYITO relay boards on HID. They have no serial and no name of their own, so the bench file must say which
// device it is: a board is never taken for one because it says nothing.
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "probes/power/lcus.h"
#include "probes/power/usb_board.h"

struct board { struct usb_dev *usb; struct usb_pipe to, from; unsigned channel; int64_t timeout_ns; const char *asks; };

static bool any(const struct usb_seen *d)
{
	return d->hub_ports == 0;
}

static const struct usb_family family = { "an LCUS relay board on HID", any, NULL };

static bool start(const struct line *l, struct board *b, struct err *err)
{
	*b = (struct board){ .channel = (unsigned)line_int(l, "channel"), .timeout_ns = line_int(l, "timeout"), .asks = line_text(l, "asks") };
	return usb_board_open(l, &family, &b->usb, err) && usb_dev_pipe(b->usb, 0, 3, false, &b->to, err) &&
	       (!strcmp(b->asks, "none") || usb_dev_pipe(b->usb, 0, 3, true, &b->from, err));
}

static void lcushid_close(void *dev)
{
	struct board *b = dev;

	usb_dev_close(b->usb);
	free(b);
}

static bool lcushid_open(struct line *l, void **ret_dev, struct err *err)
{
	struct board *b = calloc(1, sizeof(*b));

	if (!b)
		return err_set(err, ERR_LIMIT, "out of memory");
	if (!start(l, b, err)) {
		lcushid_close(b);
		return false;
	}
	*ret_dev = b;
	return true;
}

static bool lcushid_set(void *dev, bool energised, struct err *err)
{
	const struct board *b = dev;
	uint8_t frame[LCUS_FRAME];
	bool ok;

	lcus_frame(b->channel, energised, frame);
	if (!usb_dev_claim(b->usb, 0, err))
		return false;
	ok = usb_dev_send(b->usb, b->to, frame, sizeof(frame), err);
	usb_dev_release(b->usb, 0);
	return ok;
}

/* All that it says until it is quiet: what an answer leaves unread would pass for the next one. */
static bool read_answer(const struct board *b, bool *ret_energised, struct err *err)
{
	int64_t until = clock_ns() + b->timeout_ns;
	struct lcus_text text = { .n = 0 };
	uint8_t report[64];
	size_t n = 0, room = b->from.packet < sizeof(report) ? b->from.packet : sizeof(report);
	bool more = true;

	while (more && clock_ns() < until) {
		more = usb_dev_receive(b->usb, b->from, report, room, &n, text.n ? LCUS_QUIET : b->timeout_ns, err);
		lcus_add(&text, report, more ? n : 0);
	}
	if (!more && usb_dev_end(b->usb) == USB_END_late && !text.n)
		usb_dev_forget(b->usb, b->from);
	if (!more && (usb_dev_end(b->usb) != USB_END_late || !text.n))
		return false;
	*err = (struct err){ .kind = ERR_NONE };        /* the quiet at its end */
	return lcus_says(&text, b->channel, ret_energised) ||
	       err_set(err, ERR_BENCH, "USB %s: its answer says nothing of channel %u", usb_dev_seen(b->usb)->path, b->channel);
}

static bool lcushid_get(void *dev, bool *ret_energised, struct err *err)
{
	const struct board *b = dev;
	uint8_t question[LCUS_FRAME];
	size_t n = lcus_question(b->asks, question);
	bool ok;

	if (!usb_dev_claim(b->usb, 0, err))
		return false;
	ok = usb_dev_send(b->usb, b->to, question, n, err) && read_answer(b, ret_energised, err);
	usb_dev_release(b->usb, 0);
	return ok;
}

static const struct outlet_ops deaf = { READBACK_none, lcushid_open, lcushid_set, NULL, NULL, NULL, lcushid_close };
static const struct outlet_ops asked = { READBACK_commanded, lcushid_open, lcushid_set, lcushid_get, NULL, NULL, lcushid_close };
static const struct param params[] = {
	OUTLET_PARAMS, LCUS_PARAMS,
	{ .name = "match", .type = VALUE_MAP, .need = true, .doc = "which board: {path}, or {vendor, product} as text of four hex digits" },
	{ 0 }
};

static const struct outlet_ops *ops_of(const struct line *l)
{
	return strcmp(line_text(l, "asks"), "none") ? &asked : &deaf;
}
static bool line_opens(struct line *l, struct err *err) { return outlet_open(l, ops_of(l), err); }
static void line_safe(struct line *l) { outlet_safe(l, ops_of(l)); }
const struct line_driver drv_lcushid = {
	.name = "lcushid", .doc = "a relay of an LCUS or NOYITO board on USB HID.", .seen = "a model of the board under umockdev, from facts read in other programs' source",
	.params = params, .open = line_opens,
	.command = outlet_command, .event = outlet_event, .safe = line_safe, .close = outlet_close,
};
