// SPDX-License-Identifier: Apache-2.0
// The way back. The guard holds the list of what is open and no driver state; it acts when its socket closes,
// which is what the end of the controller looks like however it came about.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/ipc.h"
#include "harness/session.h"

#define PIDS_MAX 256
#define SAFE_NS SEC(5)

struct list {
	bool open[64];                  /* by index in plan->bench.line */
	pid_t pid[PIDS_MAX];
	size_t n;
	bool keep;                      /* somebody wants the lines left as they are */
};

static void note(const struct session *s, struct list *l, const json_t *msg)
{
	const char *line = json_string_value(json_object_get(msg, "line"));
	pid_t pid = (pid_t)json_integer_value(json_object_get(msg, "pid"));

	for (size_t i = 0; line && i < s->plan->bench.n && i < 64; i++)
		if (!strcmp(s->plan->bench.line[i].name, line))
			l->open[i] = true;
	l->keep |= json_is_true(json_object_get(msg, "keep"));
	if (pid > 1 && l->n < PIDS_MAX)
		l->pid[l->n++] = pid;
}

/* One process per line, so that a driver that hangs holds up nobody else. */
static void safe_one(const struct session *s, const struct bench_line *spec)
{
	pid_t pid = fork();
	CLEANUP(close_fd) int fd = -1;
	struct pollfd p;

	if (pid == 0) {
		line_make_safe(s, spec);
		_exit(0);
	}
	if (pid < 0)
		return;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	p = (struct pollfd){ fd, POLLIN, 0 };
	if (fd < 0 || poll(&p, 1, (int)(SAFE_NS / MS(1))) != 1)
		kill(pid, SIGKILL);
}

static void way_back(const struct session *s, const struct list *l)
{
	struct err err = { 0 };
	bool is_virtual = s->plan->bench.is_virtual;

	for (size_t i = s->plan->bench.n; i-- > 0;)
		if (i < 64 && l->open[i] && !l->keep)
			safe_one(s, &s->plan->bench.line[i]);
	for (size_t i = 0; i < l->n; i++)
		kill(l->pid[i], SIGKILL);
	if (is_virtual)
		kill(-1, SIGKILL);      /* we are init of the run's own PID namespace: this is the run and nothing else */
	if (!fs_remove(s->work, &err))
		err.kind = ERR_NONE;    /* scratch left behind hurts nobody */
}

static void guard_main(const struct session *s, int fd)
{
	struct list list = { 0 };

	signal(SIGCHLD, SIG_IGN);       /* orphans of the run end here; nobody asks for their status */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	for (;;) {
		CLEANUP(free_json) json_t *msg = NULL;
		struct err err = { 0 };

		if (!ipc_recv(fd, -1, &msg, &err) || !msg || json_object_get(msg, "end"))
			break;
		note(s, &list, msg);
	}
	way_back(s, &list);
	_exit(0);
}

bool guard_start(const struct session *s, int lock_fd, struct guard *ret, struct err *err)
{
	int fd[2];

	if (!ipc_pair(fd, err))
		return false;
	ret->pid = fork();
	if (ret->pid < 0)
		return err_sys(err, "guard");
	if (ret->pid == 0) {
		setpgid(0, 0);          /* Ctrl-C is for the controller */
		child_stdio(s);
		close_other_fds((const int[]){ fd[1], lock_fd, s->ns[0], s->ns[1], s->ns[2], s->user_ns }, 6);
		guard_main(s, fd[1]);
	}
	close(fd[1]);
	ret->fd = fd[0];
	return true;
}

bool guard_line(struct guard *g, const char *line, struct err *err)
{
	return ipc_send(g->fd, json_pack("{s:s}", "line", line), err) || err_in(err, "guard");
}

bool guard_pid(struct guard *g, pid_t pid, struct err *err)
{
	return ipc_send(g->fd, json_pack("{s:i}", "pid", (int)pid), err) || err_in(err, "guard");
}

bool guard_keep(struct guard *g, struct err *err)
{
	return ipc_send(g->fd, json_pack("{s:b}", "keep", 1), err) || err_in(err, "guard");
}

bool guard_end(struct guard *g, struct err *err)
{
	struct err gone = { 0 };
	int status;

	if (!ipc_send(g->fd, json_pack("{s:b}", "end", 1), &gone))
		gone.kind = ERR_NONE;   /* already on its way */
	close(g->fd);
	while (waitpid(g->pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "guard");
	return true;
}
