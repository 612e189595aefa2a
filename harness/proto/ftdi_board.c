// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/ftdi_board.h"

#include <errno.h>
#include <fcntl.h>
#include <ftdi.h>
#include <libusb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "harness/base/clock.h"

#define AGAIN_MS 2              /* between two tries for what somebody else holds */

static const struct { const char *name; bool async, sync; } chip_is[] = {
	[TYPE_AM] = { "FT8U232AM", false, false },      /* has no bit-bang mode at all */
	[TYPE_BM] = { "FT232BM/FT245BM", true, false },
	[TYPE_2232C] = { "FT2232C/D", true, true },
	[TYPE_R] = { "FT232R/FT245R", true, true },
	[TYPE_2232H] = { "FT2232H", true, true },
	[TYPE_4232H] = { "FT4232H", true, true },
	[TYPE_232H] = { "FT232H", true, true },
	[TYPE_230X] = { "FT-X", true, true },
};
#define CHIPS (sizeof(chip_is) / sizeof(chip_is[0]))

const char *ftdi_board_chip(const struct ftdi_board *b)
{
	return (size_t)b->ftdi->type < CHIPS ? chip_is[b->ftdi->type].name : "unknown FTDI chip";
}

static bool failed(const struct ftdi_board *b, const char *what, struct err *err)
{
	return err_set(err, ERR_BENCH, "FTDI %s (serial \"%.40s\"): %s: %s", b->seen.path, b->seen.serial, what,
		       ftdi_get_error_string(b->ftdi));
}

/* ---- one process at a time ---- */

static bool lock(struct ftdi_board *b, int64_t until_ns, struct err *err)
{
	while (flock(b->node, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(err, ERR_BENCH, "FTDI %s: its node cannot be locked: %s", b->seen.path, strerror(errno));
		if (clock_ns() >= until_ns)
			return err_set(err, ERR_BENCH, "FTDI %s: another line of the bench holds the board", b->seen.path);
		poll(NULL, 0, AGAIN_MS);
	}
	return true;
}

bool ftdi_board_take(struct ftdi_board *b, struct err *err)
{
	int64_t until = clock_ns() + b->timeout_ns;
	int r;

	if (!lock(b, until, err))
		return false;
	while ((r = libusb_claim_interface(b->ftdi->usb_dev, b->ftdi->interface)) == LIBUSB_ERROR_BUSY && clock_ns() < until)
		poll(NULL, 0, AGAIN_MS);
	b->taken = r == 0;
	if (b->taken)
		return true;
	flock(b->node, LOCK_UN);
	return err_set(err, ERR_BENCH, "FTDI %s (serial \"%.40s\") cannot be claimed: %s", b->seen.path, b->seen.serial,
		       r == LIBUSB_ERROR_BUSY ? "another program holds it" : libusb_strerror(r));
}

void ftdi_board_give(struct ftdi_board *b)
{
	if (!b->taken)
		return;
	libusb_release_interface(b->ftdi->usb_dev, b->ftdi->interface);
	flock(b->node, LOCK_UN);
	b->taken = false;
}

/* ---- opening ---- */

/* Was the interface bound to a kernel driver such as ftdi_sio? libftdi unbinds it and does not give it back. */
static bool bound(const struct usb_seen *d, int interface)
{
	char path[512];

	snprintf(path, sizeof(path), "%s:1.%d/driver", d->sys, interface);
	return access(path, F_OK) == 0;
}

static bool open_device(struct ftdi_board *b, int64_t until_ns, struct err *err)
{
	struct libusb_device **list;
	ssize_t n = libusb_get_device_list(b->ftdi->usb_ctx, &list);
	int r = LIBUSB_ERROR_NO_DEVICE;

	for (ssize_t i = 0; i < n; i++)
		if (libusb_get_bus_number(list[i]) == b->seen.bus && libusb_get_device_address(list[i]) == b->seen.address)
			while ((r = ftdi_usb_open_dev(b->ftdi, list[i])) < 0 && b->ftdi->usb_dev == NULL && r == -5 && clock_ns() < until_ns)
				poll(NULL, 0, AGAIN_MS);        /* -5: the interface could not be claimed */
	if (n >= 0)
		libusb_free_device_list(list, 1);
	return r == 0 || (r == LIBUSB_ERROR_NO_DEVICE ? err_set(err, ERR_BENCH, "FTDI %s is gone", b->seen.path) : failed(b, "cannot be opened", err));
}

/* Reading the pins proves that the chip knows bit-bang, and moves nothing. */
static bool able(struct ftdi_board *b, struct err *err)
{
	bool known = (size_t)b->ftdi->type < CHIPS;
	uint8_t pins;

	if (b->mode == FTDI_UART)
		return true;
	if (!known || !(b->mode == FTDI_PINS_SYNC ? chip_is[b->ftdi->type].sync : chip_is[b->ftdi->type].async))
		return err_set(err, ERR_BENCH, "FTDI %s is a %s, which has no %s bit-bang mode: not the board that is meant", b->seen.path,
			       ftdi_board_chip(b), b->mode == FTDI_PINS_SYNC ? "synchronous" : "asynchronous");
	return ftdi_board_pins(b, &pins, err) || err_in(err, "this adapter cannot bit-bang");
}

static bool start(const struct usb_match *m, struct ftdi_board *b, struct err *err)
{
	int64_t until = clock_ns() + b->timeout_ns;
	int interface = m->interface > 0 ? m->interface : 0, ms = (int)(b->timeout_ns / MS(1));
	char node[64];

	if (!usb_find(m, &b->seen, err))
		return false;
	if (interface > 3)
		return err_set(err, ERR_BENCH, "FTDI chips have interfaces 0 to 3");
	snprintf(node, sizeof(node), "/dev/bus/usb/%03d/%03d", b->seen.bus, b->seen.address);
	b->node = open(node, O_RDONLY | O_CLOEXEC);
	if (b->node < 0)
		return err_set(err, ERR_BENCH, "%s: %s", node, strerror(errno));
	b->ftdi = ftdi_new();
	if (!b->ftdi)
		return err_set(err, ERR_BENCH, "libftdi cannot be started");
	b->ftdi->usb_read_timeout = b->ftdi->usb_write_timeout = ms;
	b->detached = bound(&b->seen, interface);
	ftdi_set_interface(b->ftdi, (enum ftdi_interface)(INTERFACE_A + interface));
	if (!lock(b, until, err) || !open_device(b, until, err))
		return false;
	b->taken = true;
	return able(b, err);
}

bool ftdi_board_open(const struct usb_match *m, enum ftdi_pins_mode mode, int64_t timeout_ns, struct ftdi_board *ret, struct err *err)
{
	struct ftdi_board b = { .node = -1, .timeout_ns = timeout_ns, .mode = mode };

	if (!start(m, &b, err)) {
		ftdi_board_close(&b);
		return false;
	}
	ftdi_board_give(&b);
	*ret = b;
	return true;
}

void ftdi_board_close(struct ftdi_board *b)
{
	if (b->ftdi) {
		ftdi_board_give(b);
		ftdi_free(b->ftdi);
	}
	if (b->node >= 0)
		close(b->node);         /* and its lock */
	*b = (struct ftdi_board){ .node = -1 };
}

/* ---- pins ---- */

bool ftdi_board_pins(struct ftdi_board *b, uint8_t *ret, struct err *err)
{
	return ftdi_read_pins(b->ftdi, ret) == 0 || failed(b, "pins cannot be read", err);
}

static bool enter(struct ftdi_board *b, uint8_t mask, struct err *err)
{
	return ftdi_set_bitmode(b->ftdi, mask, b->mode == FTDI_PINS_SYNC ? BITMODE_SYNCBB : BITMODE_BITBANG) == 0 ||
	       failed(b, "bit-bang mode refused, nothing was written since", err);
}

bool ftdi_board_listen(struct ftdi_board *b, struct err *err)
{
	return enter(b, 0, err);
}

/* Not ftdi_write_data(), which never ends on a device that takes nothing and calls it done. */
bool ftdi_board_write(struct ftdi_board *b, uint8_t byte, struct err *err)
{
	int n = 0, r = libusb_bulk_transfer(b->ftdi->usb_dev, (unsigned char)b->ftdi->in_ep, &byte, 1, &n, (unsigned)(b->timeout_ns / MS(1)));

	if (r || n != 1)
		return err_set(err, ERR_BENCH, "FTDI %s (serial \"%.40s\"): the byte for its pins was not taken: %s", b->seen.path,
			       b->seen.serial, r ? libusb_strerror(r) : "none");
	/* in synchronous mode each byte gives a sample; a chip full of them takes no more bytes */
	return b->mode != FTDI_PINS_SYNC || ftdi_tciflush(b->ftdi) == 0 || failed(b, "its samples cannot be emptied", err);
}

bool ftdi_board_drive(struct ftdi_board *b, uint8_t mask, uint8_t byte, struct err *err)
{
	return ftdi_board_write(b, byte, err) && enter(b, mask, err) && ftdi_board_write(b, byte, err);
}
