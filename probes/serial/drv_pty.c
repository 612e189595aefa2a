// SPDX-License-Identifier: Apache-2.0
// The console of a virtual device: a pseudo-terminal whose far end the machine gets. The far end is also held open
// here, so a machine without power is silence and not the end of the file, and it is raw, so bytes stay what they are.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "probes/serial/console.h"

#define LATE_NS MS(1)           /* the scheduler's; nothing else lies between */

struct pty { int slave; };

static bool open_pair(struct console *c, char *name, size_t room, struct err *err)
{
	struct pty *p = c->own;
	struct termios t;

	c->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (c->fd < 0 || grantpt(c->fd) < 0 || unlockpt(c->fd) < 0 || ptsname_r(c->fd, name, room) != 0)
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

static bool port_open(struct console *c, struct err *err)
{
	struct pty *p = c->own;
	char name[64];

	p->slave = -1;
	c->late_ns = LATE_NS;
	return open_pair(c, name, sizeof(name), err) && publish(c->line, name, err) && console_up(c, err);
}

static bool port_readable(struct console *c, int fd, short revents, struct err *err)
{
	char buf[65536];
	ssize_t n;

	(void)revents;
	if (fd != c->fd)
		return true;
	n = read(fd, buf, sizeof(buf));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR || err_sys(err, "%s", line_name(c->line));
	return console_received(c, clock_ns(), buf, (size_t)n, err);
}

static ssize_t port_write(struct console *c, const void *p, size_t n, struct err *err)
{
	ssize_t sent = write(c->fd, p, n);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (sent < 0)
		err_sys(err, "%s", line_name(c->line));
	return sent;
}

static void port_drop(struct console *c)
{
	struct pty *p = c->own;

	if (c->fd >= 0)
		close(c->fd);
	if (p->slave >= 0)
		close(p->slave);
	p->slave = -1;
}

static const struct console_port port = {
	.own = sizeof(struct pty), .open = port_open, .readable = port_readable, .write = port_write, .drop = port_drop,
};

static bool pty_open(struct line *l, struct err *err)
{
	return console_start(l, &port, err);
}

static const struct param pty_params[] = { CONSOLE_PARAMS, { 0 } };

const struct line_driver drv_pty = {
	.name = "pty", .doc = "console of a virtual device, a pseudo-terminal named after the line in the scratch folder",
	.seen = "the kernel's pseudo-terminals, in every make check",
	.params = pty_params, .open = pty_open, .command = console_command, .event = console_event, .close = console_close,
};
