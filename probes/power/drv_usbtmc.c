// SPDX-License-Identifier: Apache-2.0
// The bench supplies of scpi.h on USB.
#include "harness/proto/usb_dev.h"
#include "probes/power/scpi.h"
#include "probes/power/usbtmc.h"

static bool tell(void *io, const char *text, struct err *err) { return usbtmc_tell(io, text, err); }
static bool ask(void *io, const char *text, char *ret, size_t room, struct err *err) { return usbtmc_ask(io, text, ret, room, err); }
static void done(void *io) { usbtmc_close(io); }

static bool open_by_match(struct line *l, void **ret_dev, struct err *err)
{
	struct scpi_link link = { NULL, tell, ask, done };
	struct usbtmc *t = NULL;
	struct usb_match m;
	struct usb_seen d;

	if (!usb_match_read(line_json(l, "match"), &m, err) || !usb_find(&m, &d, err) || !usbtmc_open(&d, line_int(l, "timeout"), &t, err))
		return false;
	link.io = t;
	return scpi_open(l, &link, ret_dev, err);
}

static const struct param usbtmc_params[] = {
	{ .name = "match", .type = VALUE_MAP, .need = true, .doc = "which instrument: {serial}, {path} or other keys as in udev" },
	SCPI_PARAMS,
	OUTLET_PARAMS,
	{ 0 }
};
static const struct outlet_ops usbtmc_ops = SCPI_OPS(open_by_match);

OUTLET_DRIVER(usbtmc, "bench supply by SCPI over USB (USBTMC)",
	      "a model of a supply under umockdev, with the quirks that users report; no real supply", usbtmc_params, usbtmc_ops);
