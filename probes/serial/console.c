// SPDX-License-Identifier: Apache-2.0
#include "probes/serial/console.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "harness/base/fs.h"

#define RETRY_FIRST_NS MS(100)
#define RETRY_LAST_NS SEC(2)

/* ---- the record ---- */

static bool record_open(struct console *c, struct err *err)
{
	const char *name = line_name(c->line), *dot = strchr(name, '.');
	char dir[FS_PATH];

	return fs_join(dir, line_run_dir(c->line), "serial", err) && fs_mkdirs(dir, err) &&
	       serial_log_create(dir, dot ? dot + 1 : name, &c->log, err);
}

bool console_remark(struct console *c, int64_t t_ns, const char *word, struct err *err)
{
	return serial_log_add(&c->log, t_ns, 'e', NULL, 0, word, err);
}

bool console_received(struct console *c, int64_t t_ns, const void *p, size_t n, struct err *err)
{
	c->received += (int64_t)n;
	return n == 0 || c->blind || serial_log_add(&c->log, t_ns, 'r', p, n, "-", err);
}

bool console_fault(struct console *c, int64_t t_ns, enum serial_fault fault, size_t back, int64_t count, struct err *err)
{
	c->fault[fault] += count;
	return c->blind || serial_log_fault(&c->log, t_ns, fault, c->log.off - (int64_t)back, count, err);
}

static bool record_sent(struct console *c, int64_t t_ns, size_t n, bool masked, struct err *err)
{
	char stars[CONSOLE_WRITE];

	c->sent += (int64_t)n;
	if (c->blind)
		return true;
	if (!masked)
		return serial_log_add(&c->log, t_ns, 't', c->queue, n, "-", err);
	memset(stars, '*', n);
	return serial_log_add(&c->log, t_ns, 't', stars, n, "secret", err);
}

/* ---- time ---- */

void console_arm(struct console *c)
{
	const int64_t due[] = { c->pace_due, c->break_due, c->retry_due, c->port_due };
	int64_t first = 0;

	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++)
		if (due[i] && (!first || due[i] < first))
			first = due[i];
	line_timer(c->line, first);
}

static bool come(int64_t *due, int64_t now)
{
	if (!*due || *due > now)
		return false;
	*due = 0;
	return true;
}

/* ---- coming and going ---- */

bool console_is_up(const struct console *c) { return c->up; }

static bool watch(struct console *c, struct err *err)
{
	line_unwatch(c->line, c->fd);
	return line_watch(c->line, c->fd, c->blocked ? POLLIN | POLLOUT : POLLIN, err);
}

void console_watch_folder(struct console *c, const char *dir)
{
	struct err err = { 0 };

	if (c->notify < 0) {
		c->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (c->notify < 0 || !line_watch(c->line, c->notify, POLLIN, &err)) {
			line_note(c->line, "no word from %s, so a port that comes back is found later: %s", dir,
				  err.text[0] ? err.text : strerror(errno));
			return;
		}
	}
	(void)!inotify_add_watch(c->notify, dir, IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR);
}

static void retry_later(struct console *c)
{
	c->retry_ns = c->retry_ns ? 2 * c->retry_ns : RETRY_FIRST_NS;
	if (c->retry_ns > RETRY_LAST_NS)
		c->retry_ns = RETRY_LAST_NS;
	c->retry_due = clock_ns() + c->retry_ns;
	console_arm(c);
}

static void retry(struct console *c)
{
	struct err why = { 0 };

	c->retry_due = 0;
	if (c->port->open(c, &why))
		return;
	c->port->drop(c);
	c->fd = -1;
	snprintf(c->why, sizeof(c->why), "%.255s", why.text);
	retry_later(c);
}

bool console_up(struct console *c, struct err *err)
{
	int64_t now = clock_ns();
	char late[40];

	if (c->fd >= 0 && !watch(c, err))
		return false;
	c->up = true;
	c->up_ns = now;
	c->retry_due = 0;
	console_arm(c);
	if (c->fault[SERIAL_GAP])
		line_note(c->line, "the port is back");
	c->why[0] = '\0';
	snprintf(late, sizeof(late), "late=%" PRId64 "ns", c->late_ns);
	if (c->low && !c->port->set_break(c, true, err))
		return false;
	return console_remark(c, now, c->fault[SERIAL_GAP] ? "back" : "open", err) && console_remark(c, now, late, err);
}

static bool mark_gap(struct console *c, struct err *err)
{
	c->fault[SERIAL_GAP]++;
	line_note(c->line, "the port is gone: %s", c->why);
	return serial_log_fault(&c->log, clock_ns(), SERIAL_GAP, c->log.off, 1, err);
}

bool console_lost(struct console *c, struct err *err, const char *fmt, ...)
{
	bool was = c->up;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
	if (c->fd >= 0)
		line_unwatch(c->line, c->fd);
	c->port->drop(c);
	c->fd = -1;
	c->low = c->low && !c->break_due;
	if (was && clock_ns() - c->up_ns > RETRY_LAST_NS)       /* else it flaps: ever more slowly */
		c->retry_ns = 0;
	c->up = c->blocked = c->held = c->pending = false;
	c->queued = 0;          /* what was meant for the device as it was then is not typed into another state */
	c->pace_due = c->break_due = c->port_due = 0;
	retry_later(c);
	return !was || mark_gap(c, err);
}

/* ---- typing ---- */

/* As much as pacing allows of what is masked alike. */
static size_t piece(const struct console *c)
{
	size_t n = 1, most = c->chunk ? (size_t)c->chunk : CONSOLE_WRITE;

	while (n < c->queued && n < most && c->masked[n] == c->masked[0])
		n++;
	return n;
}

static void dequeue(struct console *c, size_t n)
{
	memmove(c->queue, c->queue + n, c->queued - n);
	memmove(c->masked, c->masked + n, (c->queued - n) * sizeof(c->masked[0]));
	c->queued -= n;
}

static bool block(struct console *c, bool blocked, struct err *err)
{
	if (c->blocked == blocked || c->fd < 0)
		return true;
	c->blocked = blocked;
	return watch(c, err);
}

/* What the port took earlier and could not pass on. */
static bool push_pending(struct console *c, struct err *err)
{
	struct err why = { 0 };

	if (!c->up || !c->pending || c->port->write(c, c->queue, 0, &why) >= 0)
		return true;
	return console_lost(c, err, "%s", why.text);
}

bool console_flush(struct console *c, struct err *err)
{
	if (!push_pending(c, err))
		return false;
	while (c->up && c->queued && !c->low && !c->held && !c->pace_due) {
		struct err why = { 0 };
		int64_t t_ns = clock_ns();
		ssize_t n = c->port->write(c, c->queue, piece(c), &why);

		if (n < 0)
			return console_lost(c, err, "%s", why.text);
		if (n == 0)
			return block(c, true, err);
		if (!record_sent(c, t_ns, (size_t)n, c->masked[0], err))
			return false;
		dequeue(c, (size_t)n);
		if (c->chunk)
			c->pace_due = t_ns + c->every_ns;
	}
	console_arm(c);
	return block(c, c->pending, err);
}

static bool need_up(const struct console *c, struct err *err)
{
	return c->up || err_set(err, ERR_BENCH, "%s is not there: %s", line_name(c->line), c->why);
}

static bool type(struct console *c, const json_t *args, json_t *reply, struct err *err)
{
	const json_t *text = json_object_get(args, "text");
	size_t n = json_string_length(text);

	if (!n || n > CONSOLE_WRITE)
		return err_set(err, ERR_BENCH, "write: 1 to %d bytes, not %zu", CONSOLE_WRITE, n);
	if (!need_up(c, err))
		return false;
	if (n > CONSOLE_QUEUE - c->queued)
		return err_set(err, ERR_BENCH, "%s takes no input: %zu bytes still wait", line_name(c->line), c->queued);
	memcpy(c->queue + c->queued, json_string_value(text), n);
	memset(c->masked + c->queued, json_is_true(json_object_get(args, "secret")), n);
	c->queued += n;
	if (!console_flush(c, err))
		return false;
	json_object_set_new(reply, "queued", json_integer((json_int_t)c->queued));
	return true;
}

static bool line_low(struct console *c, bool low, int64_t for_ns, struct err *err)
{
	if (!need_up(c, err))
		return false;
	if (!c->port->set_break)
		return err_set(err, ERR_BENCH, "%s cannot hold its line low", line_name(c->line));
	if (!c->port->set_break(c, low, err))
		return false;
	c->low = low;
	c->break_due = for_ns ? clock_ns() + for_ns : 0;
	console_arm(c);
	return console_remark(c, clock_ns(), low ? "low" : "high", err) && (low || console_flush(c, err));
}

/* ---- commands and events ---- */

static bool set_baud(struct console *c, int64_t baud, struct err *err)
{
	char word[32];

	if (!need_up(c, err))
		return false;
	if (!c->port->set_baud)
		return err_set(err, ERR_BENCH, "%s has no rate to set", line_name(c->line));
	snprintf(word, sizeof(word), "baud=%" PRId64, baud);
	return c->port->set_baud(c, baud, err) && console_remark(c, clock_ns(), word, err);
}

static bool get(struct console *c, json_t *reply)
{
	json_t *faults = json_object();

	for (size_t f = 0; f < SERIAL_FAULT_COUNT; f++)
		json_object_set_new(faults, serial_fault_word[f], json_integer(c->fault[f]));
	json_object_set_new(reply, "open", json_boolean(c->up));
	json_object_set_new(reply, "why", json_string(c->why));
	json_object_set_new(reply, "received", json_integer(c->received));
	json_object_set_new(reply, "sent", json_integer(c->sent));
	json_object_set_new(reply, "queued", json_integer((json_int_t)c->queued));
	json_object_set_new(reply, "low", json_boolean(c->low));
	json_object_set_new(reply, "late", json_integer(c->late_ns));
	json_object_set_new(reply, "faults", faults);
	if (c->up && c->port->settings)
		c->port->settings(c, reply);
	return true;
}

bool console_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct console *c = line_priv(l);

	if (!strcmp(command, "write"))
		return type(c, args, reply, err);
	if (!strcmp(command, "get"))
		return get(c, reply);
	if (!strcmp(command, "break"))
		return line_low(c, true, json_integer_value(json_object_get(args, "for")), err);
	if (!strcmp(command, "idle"))
		return line_low(c, json_is_true(json_object_get(args, "low")), 0, err);
	if (!strcmp(command, "set"))
		return set_baud(c, json_integer_value(json_object_get(args, "baud")), err);
	return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
}

static bool on_time(struct console *c, struct err *err)
{
	int64_t now = clock_ns();

	if (come(&c->break_due, now) && !line_low(c, false, 0, err))
		return false;
	if (come(&c->port_due, now) && c->port->timer && !c->port->timer(c, err))
		return false;
	if (come(&c->retry_due, now))
		retry(c);
	come(&c->pace_due, now);
	return console_flush(c, err);
}

/* Something appeared in a watched folder: the port, perhaps. */
static void on_folder(struct console *c)
{
	char buf[4096];

	while (read(c->notify, buf, sizeof(buf)) > 0)
		;
	if (!c->up && c->retry_due)
		retry(c);
}

bool console_event(struct line *l, int fd, short revents, struct err *err)
{
	struct console *c = line_priv(l);

	if (fd < 0)
		return on_time(c, err);
	if (fd == c->notify) {
		on_folder(c);
		return true;
	}
	if (c->up && fd == c->fd && revents & POLLOUT && !console_flush(c, err))
		return false;
	if (fd == c->fd && !(revents & ~POLLOUT) && c->up)
		return true;
	return c->port->readable(c, fd, revents, err);
}

static void let_go(struct console *c)
{
	c->port->drop(c);
	if (c->notify >= 0)
		close(c->notify);
	serial_log_finish(&c->log);
	line_set_priv(c->line, NULL);
	free(c->own);
	free(c);
}

/* True also without a port, where that is allowed. */
static bool first_open(struct console *c, struct err *err)
{
	if (c->port->open(c, err))
		return true;
	if (!line_flag(c->line, "with_power"))
		return false;
	c->port->drop(c);
	c->fd = -1;
	snprintf(c->why, sizeof(c->why), "%.255s", err->text);
	*err = (struct err){ 0 };
	retry_later(c);
	return mark_gap(c, err);
}

bool console_start(struct line *l, const struct console_port *port, struct err *err)
{
	struct console *c = calloc(1, sizeof(*c));
	void *own = calloc(1, port->own);

	if (!c || !own) {
		free(c);
		free(own);
		return err_set(err, ERR_LIMIT, "out of memory");
	}
	c->line = l;
	c->port = port;
	c->own = own;
	c->fd = c->notify = c->log.raw = c->log.idx = -1;
	c->blind = line_blind(l);
	c->chunk = line_has(l, "chunk") ? line_int(l, "chunk") : 0;
	c->every_ns = line_int(l, "every");
	line_set_priv(l, c);
	if ((!port->prepare || port->prepare(c, err)) && record_open(c, err) && first_open(c, err))
		return true;
	let_go(c);
	return false;
}

void console_close(struct line *l)
{
	struct console *c = line_priv(l);
	struct err err = { 0 };

	if (!c)                 /* it never opened */
		return;
	if (c->up && c->fd >= 0 && !c->port->readable(c, c->fd, POLLIN, &err))          /* last words */
		line_note(l, "%s", err.text);
	let_go(c);
}
