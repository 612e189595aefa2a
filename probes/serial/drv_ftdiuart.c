// SPDX-License-Identifier: Apache-2.0
// The UART of an FTDI chip, without the kernel's driver: its line status reaches the record, and its latency timer is set
// whoever owns sysfs. Opening touches neither DTR nor RTS unless it was told to.
// Transfers are asynchronous and turn in the line's own loop: several IN transfers are always with the kernel, so that
// nothing is lost while the bench writes its record.
#include <ftdi.h>
#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/proto/ftdi_board.h"
#include "probes/serial/console.h"
#include "probes/serial/ftdi_packets.h"
#include "probes/serial/tty.h"

#define READERS    4
#define READ_N     4096         /* a multiple of each packet size */
#define OPEN_NS    SEC(1)
#define LATENCY_MS 1
#define FDS        8

struct own {
	struct console *c;
	struct usb_match match;
	struct tty_want want;
	struct ftdi_board board;
	struct libusb_transfer *in[READERS], *out;
	bool flying[READERS], out_flying;
	uint8_t in_buf[READERS][READ_N], out_buf[CONSOLE_WRITE];
	int fd[FDS];                    /* libusb's, watched */
	size_t fds;
	uint8_t latency_was_ms, latency_ms;
	bool failed, drained;           /* set in callbacks: the record cannot be written; all was sent */
	struct err err;
	char gone[128];                 /* the chip is, and why; "" = it is there */
};

/* ---- settings ---- */

static bool refused(const struct own *o, const char *what, struct err *err)
{
	return err_set(err, ERR_BENCH, "FTDI %s (%04x:%04x, %s): %s: %s", o->board.seen.path, o->board.seen.vendor, o->board.seen.product,
		       ftdi_board_chip(&o->board), what, ftdi_get_error_string(o->board.ftdi));
}

static bool set_form(struct own *o, bool low, struct err *err)
{
	const struct tty_settings *s = &o->want.s;

	return ftdi_set_line_property2(o->board.ftdi, s->bits == 7 ? BITS_7 : BITS_8, s->stop == 2 ? STOP_BIT_2 : STOP_BIT_1,
				       (enum ftdi_parity_type)s->parity, low ? BREAK_ON : BREAK_OFF) == 0 || refused(o, "form of a character", err);
}

static bool set_lines(struct own *o, struct err *err)
{
	struct ftdi_context *f = o->board.ftdi;
	int flow = o->want.flow == TTY_FLOW_XONXOFF ? ftdi_setflowctrl_xonxoff(f, 0x11, 0x13) :
		   ftdi_setflowctrl(f, o->want.flow == TTY_FLOW_RTSCTS ? SIO_RTS_CTS_HS : SIO_DISABLE_FLOW_CTRL);

	return (flow == 0 || refused(o, "flow control", err)) &&
	       (o->want.dtr == TTY_KEEP || ftdi_setdtr(f, o->want.dtr == TTY_HIGH) == 0 || refused(o, "DTR", err)) &&
	       (o->want.rts == TTY_KEEP || ftdi_setrts(f, o->want.rts == TTY_HIGH) == 0 || refused(o, "RTS", err));
}

static bool set_latency(struct own *o, struct err *err)
{
	struct ftdi_context *f = o->board.ftdi;

	return (ftdi_get_latency_timer(f, &o->latency_was_ms) == 0 && ftdi_set_latency_timer(f, LATENCY_MS) == 0 &&
		ftdi_get_latency_timer(f, &o->latency_ms) == 0) || refused(o, "latency timer", err);
}

static bool set_rate(struct own *o, int64_t baud, struct err *err)
{
	return ftdi_set_baudrate(o->board.ftdi, (int)baud) == 0 || refused(o, "rate", err);
}

/* The chip may have been left in bit-bang mode; one that has none refuses, and is in UART mode anyway. */
static bool set_all(struct own *o, struct err *err)
{
	(void)ftdi_set_bitmode(o->board.ftdi, 0, BITMODE_RESET);
	return set_rate(o, o->want.s.baud, err) && set_form(o, false, err) && set_lines(o, err) && set_latency(o, err);
}

/* ---- transfers ---- */

/* What callbacks found out is dealt with outside of them, at once: libusb may call them from any of its functions. */
static void soon(struct own *o)
{
	o->c->port_due = clock_ns();
	console_arm(o->c);
}

static void lose(struct own *o, const char *why)
{
	if (!o->gone[0])
		snprintf(o->gone, sizeof(o->gone), "%s", why);
	soon(o);
}

static const char *ended(enum libusb_transfer_status s)
{
	return s == LIBUSB_TRANSFER_NO_DEVICE ? "the adapter was unplugged" : s == LIBUSB_TRANSFER_STALL ? "the adapter refuses a transfer" :
	       s == LIBUSB_TRANSFER_CANCELLED ? "cancelled" : "a USB transfer failed";
}

static bool take(struct own *o, const uint8_t *p, size_t n, struct err *err)
{
	uint8_t out[READ_N];
	struct ftdi_errors e;
	int64_t t_ns = clock_ns();
	size_t got = ftdi_packets(p, n, o->board.ftdi->max_packet_size, out, &e);
	bool ok = !got || console_received(o->c, t_ns, out, got, err);

	for (enum serial_fault f = 0; ok && f < SERIAL_FAULT_COUNT; f++)
		ok = !e.count[f] || console_fault(o->c, t_ns, f, got - e.first[f], (int64_t)e.count[f], err);
	return ok;
}

static void on_in(struct libusb_transfer *t)
{
	struct own *o = t->user_data;
	size_t i = 0;

	while (o->in[i] != t)
		i++;
	o->flying[i] = false;
	if (t->status == LIBUSB_TRANSFER_COMPLETED && !o->failed && !take(o, t->buffer, (size_t)t->actual_length, &o->err)) {
		o->failed = true;
		soon(o);
	}
	if (t->status != LIBUSB_TRANSFER_COMPLETED)
		lose(o, ended(t->status));
	else if (!o->gone[0] && !(o->flying[i] = libusb_submit_transfer(t) == 0))
		lose(o, "the adapter takes no request");
}

static void on_out(struct libusb_transfer *t)
{
	struct own *o = t->user_data;

	o->out_flying = false;
	o->drained = true;
	soon(o);
	if (t->status != LIBUSB_TRANSFER_COMPLETED || t->actual_length != t->length)
		lose(o, t->status == LIBUSB_TRANSFER_COMPLETED ? "the adapter took only a part of what was typed" : ended(t->status));
}

static bool turn(struct own *o)
{
	struct timeval now = { 0, 0 };

	return libusb_handle_events_timeout_completed(o->board.ftdi->usb_ctx, &now, NULL) == 0;
}

/* false: the record cannot be written. */
static bool process(struct console *c, struct err *err)
{
	struct own *o = c->own;

	if (o->failed) {
		*err = o->err;
		return false;
	}
	if (o->gone[0])
		return console_lost(c, err, "%s", o->gone);
	if (!o->drained)
		return true;
	o->drained = false;
	return console_flush(c, err);
}

static bool port_readable(struct console *c, int fd, short revents, struct err *err)
{
	struct own *o = c->own;

	(void)fd;
	(void)revents;
	if (!console_is_up(c))
		return true;
	if (!turn(o))
		lose(o, "libusb cannot go on");
	return process(c, err);
}

/* ---- coming and going ---- */

static bool watch_all(struct own *o, struct err *err)
{
	const struct libusb_pollfd **list = libusb_get_pollfds(o->board.ftdi->usb_ctx);
	bool ok = list || err_set(err, ERR_BENCH, "libusb has no descriptors to wait for");

	for (size_t i = 0; ok && list[i]; i++) {
		ok = o->fds < FDS ? line_watch(o->c->line, list[i]->fd, list[i]->events, err) : err_set(err, ERR_LIMIT, "too many descriptors");
		if (ok)
			o->fd[o->fds++] = list[i]->fd;
	}
	libusb_free_pollfds(list);
	return ok;
}

/* libftdi names the endpoints from the chip's side: out_ep is read, in_ep is written. */
static bool start_transfers(struct own *o, struct err *err)
{
	struct ftdi_context *f = o->board.ftdi;

	o->out = libusb_alloc_transfer(0);
	for (size_t i = 0; i < READERS; i++) {
		o->in[i] = libusb_alloc_transfer(0);
		if (!o->in[i] || !o->out)
			return err_set(err, ERR_LIMIT, "out of memory");
		libusb_fill_bulk_transfer(o->in[i], f->usb_dev, (unsigned char)f->out_ep, o->in_buf[i], READ_N, on_in, o, 0);
		o->flying[i] = libusb_submit_transfer(o->in[i]) == 0;
		if (!o->flying[i])
			return err_set(err, ERR_BENCH, "FTDI %s takes no request", o->board.seen.path);
	}
	return true;
}

static bool port_prepare(struct console *c, struct err *err)
{
	struct own *o = c->own;

	o->c = c;
	o->board.node = -1;
	o->want = tty_wanted(c->line);
	if (o->want.s.bits < 7)
		return err_set(err, ERR_CONF, "%s: bits: FTDI chips have characters of 7 or 8", line_name(c->line));
	return usb_match_read(line_json(c->line, "match"), &o->match, err);
}

static bool port_open(struct console *c, struct err *err)
{
	struct own *o = c->own;
	char text[40];

	o->gone[0] = '\0';
	o->failed = o->drained = false;
	if (!ftdi_board_open(&o->match, FTDI_UART, OPEN_NS, &o->board, err) || !ftdi_board_take(&o->board, err) || !set_all(o, err) ||
	    !start_transfers(o, err) || !watch_all(o, err))
		return false;
	c->late_ns = MS(o->latency_ms + 1);     /* the timer, and a frame of USB */
	if (o->board.detached)
		line_note(c->line, "the kernel's serial driver lost %s; its terminal stays away until it is plugged in again", o->board.seen.path);
	snprintf(text, sizeof(text), "/dev/bus/usb/%03d", o->board.seen.bus);
	console_watch_folder(c, text);          /* where its node appears again */
	snprintf(text, sizeof(text), "latency=%ums", o->latency_ms);
	return console_up(c, err) && console_remark(c, clock_ns(), text, err);
}

static bool any_flying(const struct own *o)
{
	bool any = o->out_flying;

	for (size_t i = 0; i < READERS; i++)
		any |= o->flying[i];
	return any;
}

/* The kernel still owns the buffers of what was cancelled until it has said so. */
static void stop_transfers(struct own *o)
{
	struct timeval tick = { 0, 1000 };

	if (o->out_flying)
		libusb_cancel_transfer(o->out);
	for (size_t i = 0; i < READERS; i++)
		if (o->flying[i])
			libusb_cancel_transfer(o->in[i]);
	while (any_flying(o) && libusb_handle_events_timeout_completed(o->board.ftdi->usb_ctx, &tick, NULL) == 0)
		;
	for (size_t i = 0; i < READERS; i++) {
		libusb_free_transfer(o->in[i]);
		o->in[i] = NULL;
		o->flying[i] = false;
	}
	libusb_free_transfer(o->out);
	o->out = NULL;
	o->out_flying = false;
}

static void port_drop(struct console *c)
{
	struct own *o = c->own;

	if (!o->board.ftdi)
		return;
	while (o->fds)
		line_unwatch(c->line, o->fd[--o->fds]);
	if (!o->gone[0])
		snprintf(o->gone, sizeof(o->gone), "closed");   /* what comes back now is not asked for again */
	stop_transfers(o);
	ftdi_board_close(&o->board);
	c->port_due = 0;
}

/* ---- talking ---- */

static ssize_t port_write(struct console *c, const void *p, size_t n, struct err *err)
{
	struct own *o = c->own;
	struct ftdi_context *f = o->board.ftdi;

	if (o->out_flying)
		return 0;
	if (n > sizeof(o->out_buf))
		n = sizeof(o->out_buf);
	memcpy(o->out_buf, p, n);
	libusb_fill_bulk_transfer(o->out, f->usb_dev, (unsigned char)f->in_ep, o->out_buf, (int)n, on_out, o, 0);
	o->out_flying = libusb_submit_transfer(o->out) == 0;
	if (o->out_flying)
		return (ssize_t)n;
	err_set(err, ERR_BENCH, "the adapter takes no bytes");
	return -1;
}

static bool port_break(struct console *c, bool low, struct err *err)
{
	return set_form(c->own, low, err);
}

static bool port_baud(struct console *c, int64_t baud, struct err *err)
{
	struct own *o = c->own;

	if (!set_rate(o, baud, err))
		return false;
	o->want.s.baud = baud;
	return true;
}

/* The chip takes its settings and cannot be asked for them; a latency timer can. */
static void port_settings(struct console *c, json_t *reply)
{
	struct own *o = c->own;
	char text[40];

	json_object_set_new(reply, "settings", json_string(tty_settings_text(&o->want.s, text)));
	json_object_set_new(reply, "verified", json_false());
	json_object_set_new(reply, "wrong", json_string(""));
	json_object_set_new(reply, "latency_was", json_integer(MS(o->latency_was_ms)));
	json_object_set_new(reply, "latency", json_integer(MS(o->latency_ms)));
}

static const struct console_port port = {
	.own = sizeof(struct own), .prepare = port_prepare, .open = port_open, .readable = port_readable, .write = port_write,
	.drop = port_drop, .set_break = port_break, .set_baud = port_baud, .settings = port_settings, .timer = process,
};

static bool open_uart(struct line *l, struct err *err)
{
	return console_start(l, &port, err);
}

static const struct param params[] = {
	{ .name = "match", .type = VALUE_MAP, .need = true,
	  .doc = "the adapter: {serial: ...}, or {path: ...}; interface for chips with several ports" },
	TTY_PARAMS, CONSOLE_PARAMS, { 0 }
};

const struct line_driver drv_ftdiuart = {
	.name = "ftdi", .doc = "UART of an FTDI chip through libftdi: its line errors and its latency timer are in the record",
	.seen = "a model of the FT232R under umockdev; no real chip",
	.params = params, .open = open_uart, .command = console_command, .event = console_event, .close = console_close,
};
