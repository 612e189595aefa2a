// SPDX-License-Identifier: Apache-2.0
// Relay boards on an FTDI chip in bit-bang mode: one bit is one coil. All coils of a board stand in one byte, so each
// command reads the pins, changes its own bit and writes the byte back, under the board's lock (ftdi_board.h).
// Source: board makers' manuals as collected in crelay and others; the chip: FTDI AN232R-01.
#include <stdlib.h>
#include <string.h>

#include "harness/proto/ftdi_board.h"
#include "probes/power/outlet.h"

#define BOARDS(X)                                                                               \
	X(sainsmart, 8, 0, 1, "SainSmart 4 and 8 relays (FT245R): relay n is bit n - 1")        \
	X(denkovi8,  8, 0, 1, "Denkovi 8 relays (FT245RL): relay n is bit n - 1")               \
	X(denkovi4,  4, 1, 2, "Denkovi 4 relays (FT245RL): relays 1 to 4 are bits 1, 3, 5, 7")  \
	X(plain,     8, 0, 1, "any FTDI chip with bit-bang: channel n is bit n - 1")

static const struct { const char *name; int channels, first, step; } board[] = {        /* bit = first + step * (channel - 1) */
#define X(name, channels, first, step, doc) { #name, channels, first, step },
	BOARDS(X)
#undef X
};
static const char *const board_names[] = {
#define X(name, channels, first, step, doc) #name,
	BOARDS(X)
#undef X
	NULL
};
static const char *const modes[] = { "async", "sync", NULL };

struct relay { struct ftdi_board board; uint8_t bit, outputs; };

/* Which bit; channels that the board has not are a mistake in the bench file. */
static bool bit_of(const struct line *l, uint8_t *ret, struct err *err)
{
	int channel = (int)line_int(l, "channel");
	size_t i = 0;

	while (strcmp(board[i].name, line_text(l, "board")))
		i++;
	if (channel > board[i].channels)
		return err_set(err, ERR_CONF, "%s: channel %d: %s has %d", line_name(l), channel, board[i].name, board[i].channels);
	*ret = (uint8_t)(1 << (board[i].first + board[i].step * (channel - 1)));
	return true;
}

static void relay_close(void *dev)
{
	struct relay *r = dev;

	ftdi_board_close(&r->board);
	free(r);
}

static bool relay_open(struct line *l, void **ret_dev, struct err *err)
{
	enum ftdi_pins_mode mode = strcmp(line_text(l, "mode"), "sync") ? FTDI_PINS_ASYNC : FTDI_PINS_SYNC;
	struct relay *r = calloc(1, sizeof(*r));
	struct usb_match m;

	if (!r)
		return err_set(err, ERR_LIMIT, "out of memory");
	r->outputs = (uint8_t)line_int(l, "outputs");
	if (!usb_match_read(line_json(l, "match"), &m, err) || !bit_of(l, &r->bit, err) ||
	    !ftdi_board_open(&m, mode, line_int(l, "timeout"), &r->board, err)) {
		free(r);
		return false;
	}
	if (!(r->outputs & r->bit)) {
		relay_close(r);
		return err_set(err, ERR_CONF, "%s: outputs: leaves out the bit of its own channel", line_name(l));
	}
	if (r->board.detached)
		line_note(l, "%s: the kernel's serial driver lost %s; its terminal stays away until it is plugged in again", line_name(l),
			  r->board.seen.path);
	*ret_dev = r;
	return true;
}

static bool exchange(struct relay *r, bool energised, struct err *err)
{
	uint8_t pins;

	if (!ftdi_board_pins(&r->board, &pins, err))
		return false;
	pins = energised ? pins | r->bit : (uint8_t)(pins & ~r->bit);
	return ftdi_board_drive(&r->board, r->outputs, pins, err);
}

static bool relay_set(void *dev, bool energised, struct err *err)
{
	struct relay *r = dev;
	bool ok = ftdi_board_take(&r->board, err) && exchange(r, energised, err);

	ftdi_board_give(&r->board);
	return ok;
}

static bool relay_get(void *dev, bool *ret_energised, struct err *err)
{
	struct relay *r = dev;
	uint8_t pins;

	if (!ftdi_board_pins(&r->board, &pins, err))
		return false;
	*ret_energised = pins & r->bit;
	return true;
}

/* The levels of the chip's own pins: what the coil does with them, nobody says. */
static const struct outlet_ops ops = { READBACK_reported, relay_open, relay_set, relay_get, NULL, NULL, relay_close };

static const struct param params[] = {
	OUTLET_PARAMS,
	{ .name = "match", .type = VALUE_MAP, .need = true,
	  .doc = "the board: {serial: ...}, or {path: ...}. Vendor and product alone also mean every console cable with such a chip" },
	{ .name = "board", .type = VALUE_ENUM, .words = board_names, .fallback = "sainsmart",
	  .doc = "sainsmart, denkovi8, plain: relay n is bit n - 1; denkovi4: relays 1 to 4 are bits 1, 3, 5, 7" },
	{ .name = "channel", .type = VALUE_INT, .need = true, .min = 1, .max = 8, .doc = "number of the relay as printed on the board" },
	{ .name = "mode", .type = VALUE_ENUM, .words = modes, .fallback = "async", .doc = "bit-bang mode: async, or sync for boards that want it" },
	{ .name = "outputs", .type = VALUE_INT, .min = 1, .max = 255, .fallback = "255",
	  .doc = "pins that are driven, as a sum of bits; the others stay inputs. The same on all lines of one board" },
	{ 0 }
};
OUTLET_DRIVER(ftdi, "relay on an FTDI board in bit-bang mode (SainSmart, Denkovi, any FT232R/FT245R)",
	      "a model of the FT245R that the kernel's ftdi_sio takes for real (make check-usb); QEMU's adapter, which cannot", params, ops);
