// SPDX-License-Identifier: Apache-2.0
#include "probes/serial/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <limits.h>
#include <linux/serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/probe.h"

#define USB_LATE_NS MS(20)      /* converters without a readable timer: most hold a byte back for 16 ms, then the bus */

const char *const tty_parity_word[] = { "none", "odd", "even", "mark", "space", NULL };
const char *const tty_flow_word[] = { "none", "rtscts", "xonxoff", NULL };
const char *const tty_level_word[] = { "low", "high", "keep", NULL };

static int word(const struct line *l, const char *param, const char *const *words)
{
	int i = 0;

	while (words[i + 1] && strcmp(line_text(l, param), words[i]) != 0)
		i++;
	return i;
}

struct tty_want tty_wanted(const struct line *l)
{
	return (struct tty_want){
		.s = { line_int(l, "baud"), (int)line_int(l, "bits"), (int)line_int(l, "stop"),
		       (enum tty_parity)word(l, "parity", tty_parity_word) },
		.flow = (enum tty_flow)word(l, "flow", tty_flow_word),
		.dtr = (enum tty_level)word(l, "dtr", tty_level_word),
		.rts = (enum tty_level)word(l, "rts", tty_level_word),
	};
}

const char *tty_settings_text(const struct tty_settings *s, char buf[static 40])
{
	snprintf(buf, 40, "%lld %d%c%d", (long long)s->baud, s->bits, "NOEMS"[s->parity], s->stop);
	return buf;
}

/* ---- sysfs ---- */

static int read_number(const char *path)
{
	char text[16] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC), v = -1;

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) > 0)
		v = (int)strtol(text, NULL, 10);
	close(fd);
	return v;
}

/* One millisecond instead of FTDI's sixteen, where we may; what holds is read back. */
static void shorten_latency(const char *sys, struct tty *t)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%.4000s/device/latency_timer", sys);
	t->latency_was_ms = read_number(path);
	fd = t->latency_was_ms > 1 ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		(void)!write(fd, "1\n", 2);
		close(fd);
	}
	t->latency_ms = read_number(path);
}

/* A UART of the board gives its bytes at the latest when four characters' time passed without another, or its FIFO of at most
 * 64 is full; a converter adds its own timer and a frame of the bus; a pseudo-terminal only waits for the scheduler. */
void tty_find_latency(const char *path, const struct tty_settings *s, struct tty *t)
{
	const char *name = strrchr(path, '/');
	char sys[64], device[PATH_MAX];

	t->latency_was_ms = t->latency_ms = -1;
	t->late_ns = MS(1);
	snprintf(sys, sizeof(sys), "/sys/class/tty/%.40s", name ? name + 1 : path);
	if (strncmp(path, "/dev/pts/", 9) == 0 || !realpath(sys, device))
		return;
	shorten_latency(sys, t);
	if (t->latency_ms >= 0)
		t->late_ns = MS(t->latency_ms + 1);
	else if (strstr(device, "/usb"))
		t->late_ns = USB_LATE_NS;
	else
		t->late_ns = MS(1) + 64 * 12 * SEC(1) / s->baud;
}

/* ---- opening ---- */

static bool refused(struct err *err, const char *path, const char *what)
{
	if (errno == EBUSY || errno == EWOULDBLOCK)
		return err_set(err, ERR_BENCH, "%s is in use by another program", path);
	err_sys(err, "%s%s", path, what);
	err->kind = ERR_BENCH;
	return false;
}

static bool sp_failed(struct err *err, const char *path, const char *what)
{
	char *text = sp_last_error_message();

	err_set(err, ERR_BENCH, "%s: %s: %s", path, what, text ? text : "refused");
	sp_free_error_message(text);
	return false;
}

static bool level(int fd, int bit, enum tty_level level, const char *path, struct err *err)
{
	if (level == TTY_KEEP)
		return true;
	return ioctl(fd, level == TTY_HIGH ? TIOCMBIS : TIOCMBIC, &bit) == 0 || refused(err, path, ": DTR or RTS");
}

static bool sp_apply(struct sp_port *sp, const struct tty_want *w)
{
	struct sp_port_config *c;
	bool ok;

	if (sp_new_config(&c) != SP_OK)
		return false;
	ok = sp_set_config_baudrate(c, (int)w->s.baud) == SP_OK && sp_set_config_bits(c, w->s.bits) == SP_OK &&
	     sp_set_config_parity(c, (enum sp_parity)w->s.parity) == SP_OK && sp_set_config_stopbits(c, w->s.stop) == SP_OK &&
	     sp_set_config_cts(c, w->flow == TTY_FLOW_RTSCTS ? SP_CTS_FLOW_CONTROL : SP_CTS_IGNORE) == SP_OK &&
	     (w->flow != TTY_FLOW_RTSCTS || sp_set_config_rts(c, SP_RTS_FLOW_CONTROL) == SP_OK) &&
	     sp_set_config_xon_xoff(c, w->flow == TTY_FLOW_XONXOFF ? SP_XONXOFF_INOUT : SP_XONXOFF_DISABLED) == SP_OK &&
	     sp_set_config(sp, c) == SP_OK;
	sp_free_config(c);
	return ok;
}

static bool apply(struct tty *t, const char *path, const struct tty_want *w, struct err *err)
{
	if (!t->sp)
		return tty_plain_set(t->fd, w, err) || err_in(err, "%s", path);
	return sp_apply(t->sp, w) || sp_failed(err, path, "settings");
}

static bool open_plain(const char *path, struct tty *t, struct err *err)
{
	t->sp = NULL;
	t->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return t->fd >= 0 || refused(err, path, "");
}

/* libserialport wants an entry in sysfs, and modem lines that can be read. */
static bool open_either(const char *path, struct tty *t, struct err *err)
{
	bool no_lines;

	if (sp_get_port_by_name(path, &t->sp) != SP_OK)
		return open_plain(path, t, err);
	if (sp_open(t->sp, SP_MODE_READ_WRITE) == SP_OK)
		return sp_get_port_handle(t->sp, &t->fd) == SP_OK || sp_failed(err, path, "open");
	no_lines = sp_last_error_code() == ENOTTY;
	if (!no_lines)
		sp_failed(err, path, "open");
	sp_free_port(t->sp);
	t->sp = NULL;
	return no_lines && open_plain(path, t, err);
}

/* TIOCEXCL keeps out who opens it later, the lock keeps out root and says that we hold it. */
static bool exclusive(int fd, const char *path, struct err *err)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return refused(err, path, ": lock");
	return ioctl(fd, TIOCEXCL) == 0 || refused(err, path, ": exclusive use");
}

static int64_t overruns(const struct tty *t)
{
	struct serial_icounter_struct n;

	return ioctl(t->fd, TIOCGICOUNT, &n) == 0 ? (int64_t)n.overrun + n.buf_overrun : -1;
}

/* "/dev/serial/by-id/..." -> "/dev/ttyUSB0": libserialport and sysfs know ports by the kernel's own name. */
static bool kernel_name(const char *path, char ret[static PATH_MAX])
{
	char sys[80];

	snprintf(sys, sizeof(sys), "/sys/class/tty/%.60s", strncmp(path, "/dev/", 5) ? "" : path + 5);
	if (sys[15] && access(sys, F_OK) == 0)
		return snprintf(ret, PATH_MAX, "%s", path) < PATH_MAX;
	return realpath(path, ret) != NULL;
}

bool tty_open(const char *path, const struct tty_want *w, struct tty *ret, struct err *err)
{
	struct tty t = { .fd = -1 };
	char real[PATH_MAX];

	if (!kernel_name(path, real))
		return refused(err, path, "");
	if (!open_either(real, &t, err) || !exclusive(t.fd, real, err) || !level(t.fd, TIOCM_DTR, w->dtr, real, err) ||
	    (w->flow != TTY_FLOW_RTSCTS && !level(t.fd, TIOCM_RTS, w->rts, real, err)) || !apply(&t, real, w, err) ||
	    !tty_plain_raw(t.fd, err)) {
		tty_close(&t);
		return false;
	}
	tty_find_latency(real, &w->s, &t);
	t.overruns = overruns(&t);
	t.counts = t.overruns >= 0;
	*ret = t;
	return true;
}

bool tty_baud(struct tty *t, const struct tty_want *w, int64_t baud, struct err *err)
{
	struct tty_want other = *w;

	other.s.baud = baud;
	return apply(t, "rate", &other, err) && tty_plain_raw(t->fd, err);
}

bool tty_read_back(const struct tty *t, struct tty_settings *ret, struct err *err)
{
	return tty_plain_get(t->fd, ret, err);
}

int64_t tty_new_overruns(struct tty *t)
{
	int64_t n = t->counts ? overruns(t) : -1, more = n - t->overruns;

	if (n < 0)
		return 0;
	t->overruns = n;
	return more > 0 ? more : 0;
}

bool tty_break(const struct tty *t, bool low, struct err *err)
{
	return ioctl(t->fd, low ? TIOCSBRK : TIOCCBRK) == 0 || refused(err, "break", "");
}

void tty_close(struct tty *t)
{
	if (t->fd >= 0)
		ioctl(t->fd, TIOCNXCL);
	if (t->sp) {
		if (t->fd >= 0)
			sp_close(t->sp);
		sp_free_port(t->sp);
	} else if (t->fd >= 0) {
		close(t->fd);
	}
	*t = (struct tty){ .fd = -1 };
}
