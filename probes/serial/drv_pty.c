// SPDX-License-Identifier: Apache-2.0
// The console of a virtual device: a pseudo-terminal whose far end the machine gets. The far end is also held open
// here, so a machine without power is silence and not the end of the file, and it is raw, so bytes stay what they are.
//
// Commands   write {text} -> {sent}; get {} -> {received}
// Record     RUN/serial/NAME.raw and .idx (serial_log.h)
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/serial_log.h"

struct pty { int master, slave; struct serial_log_writer log; bool blind; int64_t received; };

static bool open_pair(struct pty *p, char *name, size_t room, struct err *err)
{
	struct termios t;

	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (p->master < 0 || grantpt(p->master) < 0 || unlockpt(p->master) < 0 || ptsname_r(p->master, name, room) != 0)
		return err_sys(err, "pseudo-terminal");
	p->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->slave < 0 || tcgetattr(p->slave, &t) < 0)
		return err_sys(err, "%s", name);
	cfmakeraw(&t);
	return tcsetattr(p->slave, TCSANOW, &t) == 0 || err_sys(err, "%s: raw mode", name);
}

/* WORK/serial.console -> /dev/pts/N, where the power line finds it. */
static bool publish(const struct line *l, const char *name, struct err *err)
{
	char path[FS_PATH];

	if (!fs_join(path, line_work_dir(l), line_name(l), err))
		return false;
	unlink(path);
	return symlink(name, path) == 0 || err_sys(err, "%s", path);
}

static bool pty_open(struct line *l, struct err *err)
{
	struct pty *p = calloc(1, sizeof(*p));
	const char *dot = strchr(line_name(l), '.');
	char name[64], dir[FS_PATH];

	if (!p)
		return err_set(err, ERR_LIMIT, "out of memory");
	p->blind = line_blind(l);
	line_set_priv(l, p);
	return fs_join(dir, line_run_dir(l), "serial", err) && fs_mkdirs(dir, err) &&
	       serial_log_create(dir, dot ? dot + 1 : line_name(l), &p->log, err) &&
	       open_pair(p, name, sizeof(name), err) && publish(l, name, err) && line_watch(l, p->master, POLLIN, err) &&
	       serial_log_add(&p->log, clock_ns(), 'e', NULL, 0, "open", err);
}

static bool write_text(struct pty *p, const json_t *args, json_t *reply, struct err *err)
{
	const json_t *text = json_object_get(args, "text");
	size_t n = json_string_length(text);
	int64_t t_ns = clock_ns();
	ssize_t sent;

	if (!n || n > 4096)
		return err_set(err, ERR_BENCH, "write: 1 to 4096 bytes, not %zu", n);
	sent = write(p->master, json_string_value(text), n);
	if (sent < 0)
		return err_sys(err, "console takes no input");
	json_object_set_new(reply, "sent", json_integer(sent));
	return p->blind || serial_log_add(&p->log, t_ns, 't', json_string_value(text), (size_t)sent, "-", err);
}

static bool pty_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct pty *p = line_priv(l);

	if (!strcmp(command, "write"))
		return write_text(p, args, reply, err);
	if (!strcmp(command, "get"))
		return json_object_set_new(reply, "received", json_integer(p->received)) == 0;
	return err_set(err, ERR_BENCH, "%s does not know '%s'", line_name(l), command);
}

static bool pty_event(struct line *l, int fd, short revents, struct err *err)
{
	struct pty *p = line_priv(l);
	char buf[65536];
	ssize_t n;

	(void)revents;
	if (fd != p->master)
		return true;
	n = read(fd, buf, sizeof(buf));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR || err_sys(err, "%s", line_name(l));
	p->received += n;
	return n == 0 || p->blind || serial_log_add(&p->log, clock_ns(), 'r', buf, (size_t)n, "-", err);
}

static void pty_close(struct line *l)
{
	struct pty *p = line_priv(l);
	struct err err = { 0 };

	if (!pty_event(l, p->master, POLLIN, &err))             /* last words */
		line_note(l, "%s", err.text);
	close(p->master);
	close(p->slave);
	serial_log_finish(&p->log);
	free(p);
}

static const struct param pty_params[] = { { 0 } };

const struct line_driver drv_pty = {
	.name = "pty", .doc = "console of a virtual device, a pseudo-terminal named after the line in the scratch folder",
	.params = pty_params, .open = pty_open, .command = pty_command, .event = pty_event, .close = pty_close,
};
