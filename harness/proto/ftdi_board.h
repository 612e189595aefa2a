/* SPDX-License-Identifier: Apache-2.0
 *
 * ftdi_board.h - an FTDI chip of the bench, opened by what the bench file says of it, its pins in bit-bang mode.
 *
 * Sharing  several lines may be relays of one board, each in a process of its own, and the kernel gives an interface to
 *          one of them at a time. So a board stays open but is claimed only from ftdi_board_take() to ftdi_board_give(),
 *          under a lock on its device node, which also makes read, change and write of its one byte a whole.
 * Bounds   every call ends within the timeout given at open, or a few USB transfers after it.
 * Fails    ERR_BENCH in plain words, always; after a failure close and open again.
 * Source   FTDI AN232R-01 (bit-bang), libftdi 1.5 */
#ifndef PROTO_FTDI_BOARD_H
#define PROTO_FTDI_BOARD_H

#include "harness/proto/usb_match.h"

enum ftdi_pins_mode { FTDI_PINS_ASYNC, FTDI_PINS_SYNC, FTDI_UART };     /* FTDI_UART: bit-bang is not asked for, only take and give */

struct ftdi_context;
struct ftdi_board {
	struct ftdi_context *ftdi;
	struct usb_seen seen;
	int node;                       /* its device node, for the lock */
	int64_t timeout_ns;
	enum ftdi_pins_mode mode;
	bool taken;
	bool detached;                  /* a kernel driver had it, and lost its terminal */
};

/* Zero-initialise *ret's owner: on failure nothing is left open. Leaves the board given. */
bool ftdi_board_open(const struct usb_match *m, enum ftdi_pins_mode mode, int64_t timeout_ns, struct ftdi_board *ret,
		     struct err *err) MUST_CHECK;
void ftdi_board_close(struct ftdi_board *b);    /* pins stay as they are */
const char *ftdi_board_chip(const struct ftdi_board *b);        /* "FT232R/FT245R" */

/* Waits for other lines of the bench, and for strangers that hold the interface. */
bool ftdi_board_take(struct ftdi_board *b, struct err *err) MUST_CHECK;
void ftdi_board_give(struct ftdi_board *b);

/* Levels of all pins now. Needs no claim. */
bool ftdi_board_pins(struct ftdi_board *b, uint8_t *ret, struct err *err) MUST_CHECK;
/* On a taken board. Puts `byte` on the pins of `mask` and makes the others inputs: written before the mode is entered,
 * so that on a chip with a FIFO a pin that begins to be driven has its level at once, and after. Nothing is written after a refused mode. */
bool ftdi_board_drive(struct ftdi_board *b, uint8_t mask, uint8_t byte, struct err *err) MUST_CHECK;
/* On a taken board that is in its mode already: another byte. */
bool ftdi_board_write(struct ftdi_board *b, uint8_t byte, struct err *err) MUST_CHECK;
/* On a taken board: enters the mode with every pin an input; writes nothing. */
bool ftdi_board_listen(struct ftdi_board *b, struct err *err) MUST_CHECK;
#endif
