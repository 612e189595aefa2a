// SPDX-License-Identifier: Apache-2.0
// LCUS, LCTech and NOYITO relay boards behind a CH340 serial converter, 9600 baud 8N1. The converter has no serial number:
// say its node, or its USB path by match.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/proto/usb_match.h"
#include "probes/power/lcus.h"
#include "probes/power/outlet.h"

#define TURN_NS  MS(3)          /* from our release to our next turn: whoever waits comes first */
#define AGAIN_MS 1              /* between two looks at what another process holds, or at bytes still to go out */

struct board { int fd; unsigned channel; int64_t timeout_ns; const char *asks; char node[64]; int64_t released_ns; };

static bool find_node(const struct line *l, char ret[static 64], struct err *err)
{
	struct usb_match m;
	struct usb_seen d;

	if (line_has(l, "match") == line_has(l, "device"))
		return err_set(err, ERR_CONF, "%s: needs either device or match", line_name(l));
	if (line_has(l, "match"))
		return usb_match_read(line_json(l, "match"), &m, err) && usb_find(&m, &d, err) && usb_tty(&d, m.interface, ret, err);
	if (strlen(line_text(l, "device")) >= 64)
		return err_set(err, ERR_CONF, "%s: device: longer than 63 characters", line_name(l));
	strcpy(ret, line_text(l, "device"));
	return true;
}

/* Raw, 9600 8N1, and no HUPCL: the board must not see the line drop when a process ends. */
static bool set_up(int fd, const char *node, struct err *err)
{
	struct termios t;

	if (tcgetattr(fd, &t) != 0)
		return err_set(err, ERR_BENCH, "%s is no serial line: %s", node, strerror(errno));
	cfmakeraw(&t);
	t.c_cflag = (t.c_cflag & ~(tcflag_t)(CSTOPB | CRTSCTS | HUPCL)) | CLOCAL | CREAD;
	cfsetspeed(&t, B9600);
	return tcsetattr(fd, TCSANOW, &t) == 0 || err_set(err, ERR_BENCH, "%s: cannot be set to 9600 8N1: %s", node, strerror(errno));
}

static bool lcus_open(struct line *l, void **ret_dev, struct err *err)
{
	struct board b = { .channel = (unsigned)line_int(l, "channel"), .timeout_ns = line_int(l, "timeout"), .asks = line_text(l, "asks") };
	CLEANUP(close_fd) int fd = -1;

	if (!find_node(l, b.node, err))
		return false;
	fd = open(b.node, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_BENCH, "%s: %s%s", b.node, strerror(errno), errno == EACCES ? " (its group is dialout)" : "");
	if (!set_up(fd, b.node, err))
		return false;
	*ret_dev = malloc(sizeof(b));
	if (!*ret_dev)
		return err_set(err, ERR_LIMIT, "out of memory");
	b.fd = take_fd(&fd);
	memcpy(*ret_dev, &b, sizeof(b));
	return true;
}

/* The other relays of the board are other processes' lines: one exchange at a time. */
static bool take_turn(const struct board *b, int64_t until_ns, struct err *err)
{
	int64_t now = clock_ns(), from = b->released_ns + TURN_NS;

	if (now < from)
		poll(NULL, 0, (int)((from - now) / MS(1)) + 1);
	while (flock(b->fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || clock_ns() >= until_ns)
			return err_set(err, ERR_BENCH, "%s: another process holds it", b->node);
		poll(NULL, 0, AGAIN_MS);
	}
	return true;
}

static void end_turn(struct board *b)
{
	flock(b->fd, LOCK_UN);
	b->released_ns = clock_ns();
}

static bool send_all(const struct board *b, const uint8_t *p, size_t n, int64_t until_ns, struct err *err)
{
	int waiting = 1;

	while (n) {
		ssize_t done = write(b->fd, p, n);

		if (done > 0) {
			p += done;
			n -= (size_t)done;
		} else if (done < 0 && errno != EAGAIN && errno != EINTR) {
			return err_set(err, ERR_BENCH, "%s: %s", b->node, errno == EIO || errno == ENXIO ? "it was unplugged" : strerror(errno));
		} else if (clock_ns() >= until_ns) {
			return err_set(err, ERR_BENCH, "%s takes no bytes", b->node);
		} else {
			poll(&(struct pollfd){ b->fd, POLLOUT, 0 }, 1, AGAIN_MS);
		}
	}
	while (ioctl(b->fd, TIOCOUTQ, &waiting) == 0 && waiting && clock_ns() < until_ns)
		poll(NULL, 0, AGAIN_MS);
	return true;
}

/* All that it says until it is quiet: what an answer leaves unread would pass for the next one. */
static bool read_text(const struct board *b, struct lcus_text *t, int64_t until_ns, struct err *err)
{
	int64_t now = clock_ns(), quiet = until_ns;
	uint8_t bytes[64];

	for (; now < quiet && now < until_ns; now = clock_ns()) {
		struct pollfd p = { b->fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&p, 1, (int)((quiet - now) / MS(1)) + 1) <= 0)
			continue;
		n = read(b->fd, bytes, sizeof(bytes));
		if (n <= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR)))
			return err_set(err, ERR_BENCH, "%s: it was unplugged", b->node);
		lcus_add(t, bytes, n > 0 ? (size_t)n : 0);
		quiet = clock_ns() + LCUS_QUIET;
	}
	return true;
}

/* An answer that comes too late is waited for as long again and thrown away: nothing in it says which question it is for. */
static bool read_answer(const struct board *b, bool *ret_energised, int64_t until_ns, struct err *err)
{
	struct lcus_text text = { .n = 0 }, late = { .n = 0 };

	if (!read_text(b, &text, until_ns, err))
		return false;
	if (!text.n)
		return read_text(b, &late, until_ns + b->timeout_ns, err) &&
		       err_set(err, ERR_BENCH, "%s: no answer within %lld ms", b->node, (long long)(b->timeout_ns / MS(1)));
	return lcus_says(&text, b->channel, ret_energised) ||
	       err_set(err, ERR_BENCH, "%s: its answer says nothing of channel %u", b->node, b->channel);
}

static bool lcus_set(void *dev, bool energised, struct err *err)
{
	struct board *b = dev;
	int64_t until = clock_ns() + b->timeout_ns;
	uint8_t frame[LCUS_FRAME];
	bool ok;

	lcus_frame(b->channel, energised, frame);
	ok = take_turn(b, until, err) && send_all(b, frame, sizeof(frame), until, err);
	end_turn(b);
	return ok;
}

static bool lcus_get(void *dev, bool *ret_energised, struct err *err)
{
	struct board *b = dev;
	int64_t until = clock_ns() + b->timeout_ns;
	uint8_t question[LCUS_FRAME];
	size_t n = lcus_question(b->asks, question);
	bool ok = take_turn(b, until, err);

	ok = ok && send_all(b, question, n, until, err) && read_answer(b, ret_energised, until, err);
	end_turn(b);
	return ok;
}

static void lcus_close(void *dev)
{
	struct board *b = dev;

	close(b->fd);
	free(b);
}

static const struct outlet_ops deaf = { READBACK_none, lcus_open, lcus_set, NULL, NULL, NULL, lcus_close };
static const struct outlet_ops asked = { READBACK_commanded, lcus_open, lcus_set, lcus_get, NULL, NULL, lcus_close };
static const struct param params[] = {
	OUTLET_PARAMS, LCUS_PARAMS,
	{ .name = "device", .type = VALUE_TEXT, .doc = "its node, such as /dev/ttyUSB0 or a link below /dev/serial/by-path" },
	{ .name = "match", .type = VALUE_MAP, .doc = "or the USB device, as {path}" },
	{ 0 }
};

static const struct outlet_ops *ops_of(const struct line *l)
{
	return strcmp(line_text(l, "asks"), "none") ? &asked : &deaf;
}
static bool line_opens(struct line *l, struct err *err) { return outlet_open(l, ops_of(l), err); }
static void line_safe(struct line *l) { outlet_safe(l, ops_of(l)); }
const struct line_driver drv_lcus = {
	.name = "lcus", .doc = "a relay of an LCUS, LCTech or NOYITO board on a serial converter (CH340)."
			       "",
	.seen = "a model of the board on a pseudo-terminal, from facts read in other programs' source",
	.params = params, .open = line_opens, .command = outlet_command, .event = outlet_event, .safe = line_safe, .close = outlet_close,
};
