// SPDX-License-Identifier: Apache-2.0
// DHCP, DNS and router advertisements for the device: Debian's dnsmasq, in the foreground, its log in the evidence.
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "probes/service/dnsmasq.h"
#include "probes/service/managed.h"

#define READY_NS SEC(5)
#define GRACE MS(300)

static const struct param params[] = {
	{ .name = "interface", .type = VALUE_TEXT, .fallback = "lan0", .doc = "interface towards the device" },
	{ .name = "first", .type = VALUE_TEXT, .fallback = "192.168.77.20", .doc = "first address given out" },
	{ .name = "last", .type = VALUE_TEXT, .fallback = "192.168.77.99", .doc = "last address given out" },
	{ .name = "router", .type = VALUE_TEXT, .fallback = "192.168.77.1", .doc = "router and name server" },
	{ .name = "prefix", .type = VALUE_TEXT, .fallback = "fd77::", .doc = "advertised IPv6 prefix, a /64" },
	{ .name = "lease", .type = VALUE_TIME, .min = SEC(120), .max = SEC(86400), .fallback = "2min", .doc = "length of a lease" },
	{ 0 }
};

struct server {
	struct managed m;
	int out, log;                   /* its output; the evidence file */
	bool started;
	char line[1024], last[1024];    /* the one that is coming; the last whole one */
	size_t n;
};

static const char *text_or(struct line *l, const char *param, const char *fallback)
{
	return line_has(l, param) ? line_text(l, param) : fallback;
}

/* "RUN/evidence/dnsmasq.log": each line with the time it came, monotonic ns. */
static bool log_line(struct server *s, struct err *err)
{
	char stamp[32];
	int n = snprintf(stamp, sizeof(stamp), "%" PRId64 " ", clock_ns());

	s->started |= strstr(s->line, ": started, version") != NULL;
	snprintf(s->last, sizeof(s->last), "%s", s->line);
	s->line[s->n] = '\n';
	return fs_write_all(s->log, stamp, (size_t)n, err) && fs_write_all(s->log, s->line, s->n + 1, err);
}

/* *ret_open is false when the program closed its output, which it does by ending. */
static bool read_output(struct server *s, bool *ret_open, struct err *err)
{
	char buf[4096];
	ssize_t n = read(s->out, buf, sizeof(buf));

	*ret_open = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] != '\n' && s->n < sizeof(s->line) - 2) {
			s->line[s->n++] = buf[i];
			continue;
		}
		s->line[s->n] = 0;
		if (!log_line(s, err))
			return false;
		s->n = 0;
	}
	return true;
}

static bool await_started(struct line *l, struct server *s, struct err *err)
{
	int64_t until = clock_ns() + READY_NS;
	bool open = true;

	while (open && !s->started) {
		struct pollfd p = { .fd = s->out, .events = POLLIN };
		int64_t left = until - clock_ns();

		if (left <= 0)
			return err_set(err, ERR_BENCH, "%s: dnsmasq is not ready after 5s", line_name(l));
		if (poll(&p, 1, (int)(left / MS(1)) + 1) > 0 && !read_output(s, &open, err))
			return false;
	}
	return s->started || err_set(err, ERR_BENCH, "%s: dnsmasq ended at once: %.200s", line_name(l),
				     s->last[0] ? s->last : "it said nothing");
}

static bool write_config(struct line *l, char conf[static FS_PATH], struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	char leases[FS_PATH];
	struct lan lan = {
		.interface = text_or(l, "interface", "lan0"), .first = text_or(l, "first", "192.168.77.20"),
		.last = text_or(l, "last", "192.168.77.99"), .router = text_or(l, "router", "192.168.77.1"),
		.prefix = text_or(l, "prefix", "fd77::"), .leases = leases,
		.lease_ns = line_has(l, "lease") ? line_int(l, "lease") : SEC(120),
	};

	return fs_join(leases, line_work_dir(l), "leases", err) && fs_join(conf, line_work_dir(l), "dnsmasq.conf", err) &&
	       dnsmasq_config(&lan, json_object_get(line_bench(l), "hosts"), &text, err) &&
	       fs_write(conf, text, strlen(text), err);
}

static bool open_files(struct line *l, struct server *s, int *ret_in, struct err *err)
{
	char dir[FS_PATH], path[FS_PATH];
	int p[2];

	if (!fs_join(dir, line_run_dir(l), "evidence", err) || !fs_mkdirs(dir, err) || !fs_join(path, dir, "dnsmasq.log", err))
		return false;
	s->log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (s->log < 0 || pipe2(p, O_CLOEXEC))
		return err_sys(err, "%s", path);
	s->out = p[0];
	*ret_in = p[1];
	fcntl(s->out, F_SETFL, O_NONBLOCK);
	return true;
}

static bool start(struct line *l, struct server *s, struct err *err)
{
	CLEANUP(close_fd) int in = -1;
	char conf[FS_PATH], *argv[] = { "/usr/sbin/dnsmasq", "--no-daemon", "-C", conf, NULL };

	if (!write_config(l, conf, err) || !open_files(l, s, &in, err) ||
	    !managed_start(l, NETNS_BENCH, argv, in, &s->m, err))
		return false;
	close(take_fd(&in));            /* its end is then seen on our end */
	return await_started(l, s, err) && line_watch(l, s->out, POLLIN, err);
}

static void server_free(struct server *s)
{
	struct err err = { 0 };
	bool open;

	managed_stop(&s->m, GRACE);
	if (s->out >= 0 && read_output(s, &open, &err))
		close(s->out);
	if (s->log >= 0)
		close(s->log);
	free(s);
}

static bool dnsmasq_open(struct line *l, struct err *err)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(err, ERR_OS, "out of memory");
	s->out = s->log = -1;
	line_set_priv(l, s);
	if (start(l, s, err))
		return true;
	server_free(s);
	return false;
}

static bool dnsmasq_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct server *s = line_priv(l);

	(void)args;
	if (strcmp(command, "get"))
		return err_set(err, ERR_BENCH, "unknown command '%s'; there is get", command);
	json_object_set_new(reply, "pid", json_integer(s->m.pid));
	return true;
}

static bool dnsmasq_event(struct line *l, int fd, short revents, struct err *err)
{
	struct server *s = line_priv(l);
	bool open = true;
	char how[64];

	(void)revents;
	if (fd != s->out || !read_output(s, &open, err))
		return fd != s->out;
	if (open)
		return true;
	line_note(l, "dnsmasq %s", managed_how(&s->m, how, sizeof(how)));
	return err_set(err, ERR_BENCH, "dnsmasq ended; see evidence/dnsmasq.log");
}

static void dnsmasq_close(struct line *l)
{
	server_free(line_priv(l));
}

const struct line_driver driver_service_dnsmasq = {
	.name = "dnsmasq", .doc = "DHCP, DNS and router advertisements for the device, by dnsmasq",
	.seen = "dnsmasq itself, in every make check",
	.params = params, .open = dnsmasq_open, .command = dnsmasq_command, .event = dnsmasq_event, .close = dnsmasq_close,
};
