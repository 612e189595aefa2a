// SPDX-License-Identifier: Apache-2.0
// A program that stands for a service: the vendor's cloud of a rehearsal, or whatever else a bench brings.
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "probes/service/managed.h"

#define ARGS_MAX 64
#define WITHIN SEC(10)
#define GRACE MS(500)

static const char *const places[] = { "bench", "world", NULL };

static const struct param params[] = {
	{ .name = "run", .type = VALUE_SET, .need = true, .doc = "program and arguments" },
	{ .name = "where", .type = VALUE_ENUM, .words = places, .fallback = "world", .doc = "network namespace it runs in" },
	{ .name = "ready", .type = VALUE_TEXT, .doc = "file that it makes when it is ready; relative to the scratch folder" },
	{ .name = "within", .type = VALUE_TIME, .min = MS(10), .max = SEC(600), .fallback = "10s", .doc = "time it may take until then" },
	{ 0 }
};

static bool ready_path(struct line *l, char ret[static FS_PATH], struct err *err)
{
	const char *ready = line_text(l, "ready");

	if (*ready == '/')
		return (size_t)snprintf(ret, FS_PATH, "%s", ready) < FS_PATH || err_set(err, ERR_LIMIT, "ready: too long");
	return fs_join(ret, line_work_dir(l), ready, err);
}

/* An inotify descriptor on the folder of the file that will appear. */
static bool watch_folder(const char *path, int *ret_fd, struct err *err)
{
	CLEANUP(close_fd) int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char dir[FS_PATH];

	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (fd < 0 || inotify_add_watch(fd, dir, IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
		return err_sys(err, "watch %s", dir);
	*ret_fd = take_fd(&fd);
	return true;
}

static bool await_file(struct line *l, struct managed *m, const char *path, int folder, struct err *err)
{
	int64_t within = line_has(l, "within") ? line_int(l, "within") : WITHIN, until = clock_ns() + within;
	struct pollfd p[2] = { { .fd = folder, .events = POLLIN }, { .fd = m->pidfd, .events = POLLIN } };
	char skip[4096], how[64];
	struct stat sb;

	while (stat(path, &sb)) {
		int64_t left = until - clock_ns();

		if (left <= 0)
			return err_set(err, ERR_BENCH, "%s is not ready: %s has not appeared", line_name(l), path);
		if (poll(p, 2, (int)(left / MS(1)) + 1) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (p[1].revents)
			return err_set(err, ERR_BENCH, "%s %s before it was ready; see evidence/%s.log", line_name(l),
				       managed_how(m, how, sizeof(how)), line_name(l));
		while (read(folder, skip, sizeof(skip)) > 0)
			;
	}
	return true;
}

static bool open_log(struct line *l, int *ret_fd, struct err *err)
{
	char dir[FS_PATH], path[FS_PATH], name[128];

	snprintf(name, sizeof(name), "%s.log", line_name(l));
	if (!fs_join(dir, line_run_dir(l), "evidence", err) || !fs_mkdirs(dir, err) || !fs_join(path, dir, name, err))
		return false;
	*ret_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return *ret_fd >= 0 || err_sys(err, "%s", path);
}

static bool arguments(struct line *l, char *ret[static ARGS_MAX + 1], struct err *err)
{
	const json_t *run = line_json(l, "run"), *arg;
	size_t n = json_array_size(run);

	if (!n || n > ARGS_MAX)
		return err_set(err, ERR_CONF, "%s: run: needs 1 to %d texts", line_name(l), ARGS_MAX);
	for (size_t i = 0; i < n; i++) {
		arg = json_array_get(run, i);
		if (!json_is_string(arg))
			return err_set(err, ERR_CONF, "%s: run: item %zu is no text; put it in quotes", line_name(l), i + 1);
		ret[i] = (char *)(uintptr_t)json_string_value(arg);
	}
	ret[n] = NULL;
	return true;
}

static bool start(struct line *l, struct managed *m, struct err *err)
{
	CLEANUP(close_fd) int log = -1, folder = -1;
	const char *where = line_has(l, "where") ? line_text(l, "where") : "world";
	char *argv[ARGS_MAX + 1], path[FS_PATH];
	bool wait = line_has(l, "ready");

	if (!arguments(l, argv, err) || !open_log(l, &log, err))
		return false;
	if (wait && (!ready_path(l, path, err) || !watch_folder(path, &folder, err)))
		return false;
	return managed_start(l, strcmp(where, "bench") ? NETNS_WORLD : NETNS_BENCH, argv, log, m, err) &&
	       (!wait || await_file(l, m, path, folder, err)) &&
	       line_watch(l, m->pidfd, POLLIN, err);
}

static bool child_open(struct line *l, struct err *err)
{
	struct managed *m = calloc(1, sizeof(*m));

	if (!m)
		return err_set(err, ERR_OS, "out of memory");
	line_set_priv(l, m);
	if (start(l, m, err))
		return true;
	managed_stop(m, GRACE);
	free(m);
	return false;
}

static bool child_command(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	struct managed *m = line_priv(l);
	char how[64];

	(void)args;
	if (strcmp(command, "get"))
		return err_set(err, ERR_BENCH, "unknown command '%s'; there is get", command);
	json_object_set_new(reply, "state", json_string(managed_how(m, how, sizeof(how))));
	return true;
}

static bool child_event(struct line *l, int fd, short revents, struct err *err)
{
	struct managed *m = line_priv(l);
	char how[64];

	(void)revents;
	if (fd < 0 || fd != m->pidfd)
		return true;
	managed_how(m, how, sizeof(how));
	line_note(l, "%s %s", line_name(l), how);
	return err_set(err, ERR_BENCH, "%s %s; see evidence/%s.log", line_name(l), how, line_name(l));
}

static void child_close(struct line *l)
{
	struct managed *m = line_priv(l);

	managed_stop(m, GRACE);
	free(m);
}

const struct line_driver driver_service_child = {
	.name = "child", .doc = "a program of the bench's own, such as the vendor's cloud of a rehearsal",
	.seen = "the vendor's cloud of the virtual product, in every make check",
	.params = params, .open = child_open, .command = child_command, .event = child_event, .close = child_close,
};
