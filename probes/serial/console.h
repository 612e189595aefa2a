/* SPDX-License-Identifier: Apache-2.0
 *
 * console.h - what every console driver shares: the record, the queue of what is to be typed, line errors, and coming
 * back after the port vanished. A driver brings a struct console_port and calls console_start() in its open.
 *
 * Commands   write {text, secret} -> {queued}      typed as fast as pacing and port allow; "secret": masked in the record
 *            break {for}, idle {low}               line low for a time (ns), or until told otherwise
 *            set {baud}                            another rate
 *            get {} -> {open, why, received, sent, queued, low, late, faults: {break, ...}} and what the port adds:
 *                      {settings, verified, wrong} as text, bool, text ("" = read back as wanted)
 * Record     RUN/serial/NAME.raw and .idx (serial_log.h)
 *
 * Life       port.open() either ends with console_up(), or it has begun and console_up() comes with a later event.
 *            console_lost() at any time: the gap is marked, what was still to be typed is dropped, and port.open() is
 *            tried again when a watched folder changes, and after 100 ms, 200 ms, ... 2 s.
 * Blocking   nothing here blocks. */
#ifndef SERIAL_CONSOLE_H
#define SERIAL_CONSOLE_H

#include "harness/probe.h"
#include "harness/proto/serial_log.h"

#define CONSOLE_QUEUE 65536
#define CONSOLE_WRITE 4096              /* one write command */

/* Parameters of every driver; put them into its table. */
#define CONSOLE_PARAMS \
	{ .name = "chunk", .type = VALUE_INT, .min = 1, .max = CONSOLE_WRITE, .unit = "bytes", \
	  .doc = "type so many at a time, then wait `every`: for devices that lose fast input; 1 = character by character" }, \
	{ .name = "every", .type = VALUE_TIME, .min = US(100), .max = SEC(10), .fallback = "10ms", .doc = "from one chunk to the next" }, \
	{ .name = "with_power", .type = VALUE_BOOL, .fallback = "false", \
	  .doc = "the port exists only while the device has power: its absence at the start is a gap, not a fault of the bench" }

struct console;
struct console_port {                                   /* open, readable, write and drop are needed */
	size_t own;                                     /* bytes of the driver's own state: c->own, zeroed */
	bool (*prepare)(struct console *c, struct err *err);    /* once, before open: parameters, folders; NULL: nothing */
	/* Opens the port with its settings. false: not now (err says why); it may be called again. */
	bool (*open)(struct console *c, struct err *err);
	/* A descriptor given to line_watch is ready (c->fd or the port's own): console_received(), console_fault(),
	 * console_lost() as it comes. false = the record cannot be written. */
	bool (*readable)(struct console *c, int fd, short revents, struct err *err);
	/* Never blocks. How many bytes were taken; 0: none now, so console_flush() is called when c->fd is writable (a port
	 * without c->fd calls it itself); -1: the port is gone, err says why. n = 0 when c->pending: only what it holds. */
	ssize_t (*write)(struct console *c, const void *p, size_t n, struct err *err);
	void (*drop)(struct console *c);                /* lets go of whatever is open; idempotent */
	bool (*set_break)(struct console *c, bool low, struct err *err);        /* NULL: cannot */
	bool (*set_baud)(struct console *c, int64_t baud, struct err *err);     /* NULL: has no rate */
	void (*settings)(struct console *c, json_t *reply);     /* adds settings, verified, wrong; NULL: nothing to set */
	bool (*timer)(struct console *c, struct err *err);      /* c->port_due has come; NULL: never */
};

struct console {                        /* zero-initialised by console_start */
	struct line *line;
	const struct console_port *port;
	void *own;
	int fd;                         /* the port's; -1 = none. Set by port.open(), core watches it while the port is up */
	int64_t late_ns;                /* a stamp may be so much later than its byte; set by the driver before console_up() */
	int64_t port_due;               /* driver's own deadline, monotonic; 0 = none; console_arm() after changing it */
	bool held;                      /* the other side asked not to be sent anything */
	bool pending;                   /* the port holds bytes that c->fd did not take yet; set by port.write() */

	/* private */
	struct serial_log_writer log;
	bool blind, up, low, blocked;
	int64_t up_ns;
	int notify;                     /* inotify; -1 = none */
	uint8_t queue[CONSOLE_QUEUE];
	bool masked[CONSOLE_QUEUE];
	size_t queued;
	int64_t received, sent, fault[SERIAL_FAULT_COUNT];
	int64_t chunk, every_ns, pace_due, break_due, retry_due, retry_ns;
	char why[256];                  /* the port is not up: the cause */
};

/* line_driver.open: creates the record and calls port.open(), and port.drop() when that fails. `port` is kept, and the line's
 * priv is the console. */
bool console_start(struct line *l, const struct console_port *port, struct err *err) MUST_CHECK;
/* Folder whose changes mean that the port may be back ("/dev"); missing ones are ignored. */
void console_watch_folder(struct console *c, const char *dir);

/* line_driver.command, .event and .close of every console driver. */
bool console_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err);
bool console_event(struct line *l, int fd, short revents, struct err *err);
void console_close(struct line *l);

/* ---- from the port ---- */
bool console_up(struct console *c, struct err *err) MUST_CHECK;
/* Returns true unless the record cannot be written: a lost port does not end the line. */
bool console_lost(struct console *c, struct err *err, const char *fmt, ...) __attribute__((format(printf, 3, 4))) MUST_CHECK;
bool console_received(struct console *c, int64_t t_ns, const void *p, size_t n, struct err *err) MUST_CHECK;
/* `back`: how many received bytes ago, 0 = at the end of what was received; count of them at this read. */
bool console_fault(struct console *c, int64_t t_ns, enum serial_fault fault, size_t back, int64_t count, struct err *err) MUST_CHECK;
bool console_remark(struct console *c, int64_t t_ns, const char *word, struct err *err) MUST_CHECK;     /* an event of one word */
bool console_flush(struct console *c, struct err *err) MUST_CHECK;
void console_arm(struct console *c);
bool console_is_up(const struct console *c);
#endif
