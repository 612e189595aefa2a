/* SPDX-License-Identifier: Apache-2.0
 *
 * usb_board.h - which USB board a power line means: what the drivers of USB relays and strips share. A board is known by
 * what it is (family), never by what it lacks; `match:` chooses among several. */
#ifndef PROBES_POWER_USB_BOARD_H
#define PROBES_POWER_USB_BOARD_H

#include "harness/proto/usb_dev.h"
#include "probes/power/outlet.h"

#define USB_BOARDS 16           /* of one family on one host */

struct usb_family {
	const char *what;                               /* "a dcttech USBRelay" */
	bool (*ids)(const struct usb_seen *d);          /* vendor and product, which others may share */
	bool (*is)(const struct usb_seen *d);           /* and what tells it from those; NULL: nothing */
};

/* Those of the family that `match:` (if said) takes, sorted by path; at least one, else ERR_BENCH that says whether
 * something with the same ids is there. */
bool usb_boards(const struct line *l, const struct usb_family *f, struct usb_seen ret[static USB_BOARDS], size_t *ret_n,
		struct err *err) MUST_CHECK;
/* The one: ERR_BENCH names two when there are several. */
bool usb_board(const struct line *l, const struct usb_family *f, struct usb_seen *ret, struct err *err) MUST_CHECK;
/* That one, opened. */
bool usb_board_open(const struct line *l, const struct usb_family *f, struct usb_dev **ret, struct err *err) MUST_CHECK;

#define USB_MATCH                                                                                                       \
	{ .name = "match", .type = VALUE_MAP,                                                                           \
	  .doc = "which board: {serial}, {path} or other keys as in udev; may be left out when there is only one" }
#endif
