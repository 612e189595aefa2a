// SPDX-License-Identifier: Apache-2.0
// A serial port of this host. Named by path, or by what is plugged in (usb_match.h), so that it is found again whatever
// number the kernel gives it after it was unplugged.
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/proto/usb_match.h"
#include "probes/serial/console.h"
#include "probes/serial/marked.h"
#include "probes/serial/tty.h"

struct own { struct tty t; struct tty_want want; struct marked marked; struct usb_match match; char path[FS_PATH]; };

/* What cannot change while the line lives; a mistake in the file is none of the port's. */
static bool port_prepare(struct console *c, struct err *err)
{
	struct own *o = c->own;
	const json_t *match = line_json(c->line, "match");
	char dir[FS_PATH];

	o->t.fd = -1;
	o->want = tty_wanted(c->line);
	if (line_has(c->line, "path") == (match != NULL))
		return err_set(err, ERR_CONF, "%s: say path or match, one of them", line_name(c->line));
	console_watch_folder(c, "/dev");
	if (match)
		return usb_match_read(match, &o->match, err);
	snprintf(o->path, sizeof(o->path), "%s", line_text(c->line, "path"));
	snprintf(dir, sizeof(dir), "%s", o->path);
	console_watch_folder(c, dirname(dir));
	return true;
}

static bool find_port(struct console *c, struct err *err)
{
	struct own *o = c->own;
	struct usb_seen seen;
	char path[64];

	if (line_has(c->line, "path"))
		return true;
	if (!usb_find(&o->match, &seen, err) ||
	    !usb_tty(&seen, o->match.interface, path, err))
		return false;
	snprintf(o->path, sizeof(o->path), "%s", path);
	return true;
}

static bool port_open(struct console *c, struct err *err)
{
	struct own *o = c->own;

	o->marked = (struct marked){ 0 };
	if (!find_port(c, err) || !tty_open(o->path, &o->want, &o->t, err))
		return false;
	c->fd = o->t.fd;
	c->late_ns = o->t.late_ns;
	return console_up(c, err);
}

/* What the line discipline marked in one read, and what the driver counted meanwhile. Without a parity bit only the stop bit
 * can be wrong. */
static bool faults(struct console *c, int64_t t_ns, size_t n, const struct marked_errors *e, struct err *err)
{
	struct own *o = c->own;
	size_t back = n > e->first ? n - e->first : 0;
	int64_t lost = tty_new_overruns(&o->t);

	return (!e->breaks || console_fault(c, t_ns, SERIAL_BREAK, back, (int64_t)e->breaks, err)) &&
	       (!e->bad || console_fault(c, t_ns, o->want.s.parity == TTY_NONE ? SERIAL_FRAMING : SERIAL_PARITY, back,
					 (int64_t)e->bad, err)) &&
	       (!lost || console_fault(c, t_ns, SERIAL_OVERRUN, 0, lost, err));
}

static bool port_readable(struct console *c, int fd, short revents, struct err *err)
{
	struct own *o = c->own;
	uint8_t in[65536], out[sizeof(in) + 2];
	struct marked_errors e;
	int64_t t_ns;
	ssize_t n;

	(void)revents;
	if (!console_is_up(c) || fd != c->fd)
		return true;
	n = read(fd, in, sizeof(in));
	t_ns = clock_ns();
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return console_lost(c, err, "%.200s: %s", o->path, n < 0 ? strerror(errno) : "hung up");
	n = (ssize_t)marked_take(&o->marked, in, (size_t)n, out, &e);
	return console_received(c, t_ns, out, (size_t)n, err) && faults(c, t_ns, (size_t)n, &e, err);
}

static ssize_t port_write(struct console *c, const void *p, size_t n, struct err *err)
{
	ssize_t sent = write(c->fd, p, n);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (sent < 0)
		err_sys(err, "%s", ((struct own *)c->own)->path);
	return sent;
}

static void port_drop(struct console *c)
{
	tty_close(&((struct own *)c->own)->t);
}

static bool port_break(struct console *c, bool low, struct err *err)
{
	return tty_break(&((struct own *)c->own)->t, low, err);
}

static bool port_baud(struct console *c, int64_t baud, struct err *err)
{
	struct own *o = c->own;

	if (!tty_baud(&o->t, &o->want, baud, err))
		return false;
	o->want.s.baud = baud;
	return true;
}

static void port_settings(struct console *c, json_t *reply)
{
	struct own *o = c->own;
	struct tty_settings now;
	struct err err = { 0 };
	char is[40], want[40], wrong[128] = "";
	bool read = tty_read_back(&o->t, &now, &err);

	if (!read)
		snprintf(wrong, sizeof(wrong), "%.120s", err.text);
	else if (strcmp(tty_settings_text(&now, is), tty_settings_text(&o->want.s, want)) != 0)
		snprintf(wrong, sizeof(wrong), "%s instead of %s", is, want);
	json_object_set_new(reply, "settings", json_string(tty_settings_text(&o->want.s, want)));
	json_object_set_new(reply, "verified", json_boolean(!wrong[0]));
	json_object_set_new(reply, "wrong", json_string(wrong));
	if (o->t.latency_ms >= 0) {
		json_object_set_new(reply, "latency_was", json_integer(MS(o->t.latency_was_ms)));
		json_object_set_new(reply, "latency", json_integer(MS(o->t.latency_ms)));
	}
}

static const struct console_port port = {
	.own = sizeof(struct own), .prepare = port_prepare, .open = port_open, .readable = port_readable, .write = port_write,
	.drop = port_drop, .set_break = port_break, .set_baud = port_baud, .settings = port_settings,
};

static bool open_tty(struct line *l, struct err *err)
{
	return console_start(l, &port, err);
}

static const struct param params[] = {
	{ .name = "path", .type = VALUE_TEXT, .doc = "of the port, best one below /dev/serial/by-id or by-path" },
	{ .name = "match", .type = VALUE_MAP,
	  .doc = "instead of path: the USB device (serial, path, vendor, product, name, interface); found again when it moved" },
	TTY_PARAMS, CONSOLE_PARAMS, { 0 }
};

const struct line_driver drv_tty = {
	.name = "tty", .doc = "serial port of this host: exclusive, line errors and gaps recorded, found again after it was unplugged",
	.seen = "the kernel's usb-serial of QEMU, unplugged and found again (make check-usb); pseudo-terminals",
	.params = params, .open = open_tty, .command = console_command, .event = console_event, .close = console_close,
};
