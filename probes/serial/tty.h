/* SPDX-License-Identifier: Apache-2.0
 *
 * tty.h - a terminal of the kernel, opened so that the device notices as little of it as Linux allows: exclusive, raw, line
 * errors marked in the bytes (marked.h), modem lines as wanted, and not dropped when it is closed.
 *
 * Through libserialport, except where it refuses: it takes only ports that stand in /sys/class/tty and have modem lines, so for a
 * pseudo-terminal (a simulated device, a virtual machine) or a console without such lines termios is used (tty_plain.c).
 * Note     the kernel raises DTR and RTS in open() itself; `low` lowers them right after. Boards that reset on DTR need a port
 *          whose lines are not connected, or HUPCL cleared since the last time, as this does.
 * Source   termios(3), ioctl_tty(2), kernel Documentation/ABI/testing/sysfs-tty and the usb-serial attribute latency_timer */
#ifndef SERIAL_TTY_H
#define SERIAL_TTY_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/err.h"

enum tty_parity { TTY_NONE, TTY_ODD, TTY_EVEN, TTY_MARK, TTY_SPACE };   /* RFC 2217 and libserialport count alike */
enum tty_flow { TTY_FLOW_NONE, TTY_FLOW_RTSCTS, TTY_FLOW_XONXOFF };
enum tty_level { TTY_LOW, TTY_HIGH, TTY_KEEP };
extern const char *const tty_parity_word[], *const tty_flow_word[], *const tty_level_word[];    /* NULL-terminated */

struct tty_settings { int64_t baud; int bits, stop; enum tty_parity parity; };
struct tty_want { struct tty_settings s; enum tty_flow flow; enum tty_level dtr, rts; };

struct sp_port;
struct tty {
	int fd;                         /* -1 = closed */
	struct sp_port *sp;             /* NULL: by termios */
	bool counts;                    /* the driver counts overruns (TIOCGICOUNT) */
	int64_t overruns;               /* counted so far */
	int latency_was_ms, latency_ms; /* FTDI's timer as found and as it is now; -1 = no such thing */
	int64_t late_ns;                /* a byte is read at most so much later than it came in */
};

/* Parameters that rfc2217 has too; put them into a driver's table. */
#define TTY_PARAMS \
	{ .name = "baud", .type = VALUE_INT, .min = 50, .max = 12000000, .unit = "Bd", .fallback = "115200", .doc = "rate of the line" }, \
	{ .name = "bits", .type = VALUE_INT, .min = 5, .max = 8, .unit = "bits", .fallback = "8", .doc = "of a character" }, \
	{ .name = "parity", .type = VALUE_ENUM, .words = tty_parity_word, .fallback = "none", .doc = "of a character" }, \
	{ .name = "stop", .type = VALUE_INT, .min = 1, .max = 2, .unit = "bits", .fallback = "1", .doc = "stop bits" }, \
	{ .name = "flow", .type = VALUE_ENUM, .words = tty_flow_word, .fallback = "none", .doc = "flow control" }, \
	{ .name = "dtr", .type = VALUE_ENUM, .words = tty_level_word, .fallback = "keep", \
	  .doc = "from the moment the port is open; keep: as the port has it" }, \
	{ .name = "rts", .type = VALUE_ENUM, .words = tty_level_word, .fallback = "keep", .doc = "the same" }

struct line;
struct tty_want tty_wanted(const struct line *l);               /* what TTY_PARAMS say */
const char *tty_settings_text(const struct tty_settings *s, char buf[static 40]);       /* "115200 8N1" */

/* ERR_BENCH: not there, held by somebody else, or it refuses a setting. */
bool tty_open(const char *path, const struct tty_want *w, struct tty *ret, struct err *err) MUST_CHECK;
/* Part of tty_open(), sets latency and late: shortens the converter's latency timer where we may. */
void tty_find_latency(const char *path, const struct tty_settings *s, struct tty *t);
bool tty_baud(struct tty *t, const struct tty_want *w, int64_t baud, struct err *err) MUST_CHECK;
bool tty_read_back(const struct tty *t, struct tty_settings *ret, struct err *err) MUST_CHECK;
int64_t tty_new_overruns(struct tty *t);                        /* since the last call */
bool tty_break(const struct tty *t, bool low, struct err *err) MUST_CHECK;
void tty_close(struct tty *t);

/* tty_plain.c */
bool tty_plain_raw(int fd, struct err *err);                    /* all but the rate and form of characters */
bool tty_plain_set(int fd, const struct tty_want *w, struct err *err);
bool tty_plain_get(int fd, struct tty_settings *ret, struct err *err);
#endif
