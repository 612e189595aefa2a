// SPDX-License-Identifier: Apache-2.0
#include "probes/net/tool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/base/fs.h"

#define TOOL_NS SEC(8)

static void become(int fd, const char *const *argv)
{
	char path[64];

	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	execvp(argv[0], (char *const *)argv);
	snprintf(path, sizeof(path), "/usr/sbin/%s", argv[0]);
	execv(path, (char *const *)argv);               /* ordinary users often have no sbin in PATH */
	dprintf(2, "cannot run it: %s", strerror(errno));
	_exit(127);
}

/* What it says until it ends, in out (bounded, terminated). */
static bool hear(int fd, char *out, size_t room, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t until = clock_ns() + TOOL_NS, left;
	size_t n = 0;

	while ((left = until - clock_ns()) > 0) {
		ssize_t got;

		if (poll(&p, 1, (int)(left / MS(1)) + 1) < 1)
			continue;
		got = read(fd, out + n, room - 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || n + (size_t)got == room - 1) {
			out[n] = '\0';
			return true;
		}
		n += (size_t)got;
	}
	return err_set(err, ERR_TIME, "it does not answer");
}

bool tool_run(const char *const *argv, const char *in, char *out, size_t room, struct err *err)
{
	CLEANUP(close_fd) int ours = -1;
	int fd[2], status = 0;
	bool heard;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return err_sys(err, "%s", argv[0]);
	ours = fd[0];
	pid = fork();
	if (pid == 0)
		become(fd[1], argv);
	close(fd[1]);
	if (pid < 0)
		return err_sys(err, "%s", argv[0]);
	heard = fs_write_all(ours, in, strlen(in), err) && shutdown(ours, SHUT_WR) == 0 && hear(ours, out, room, err);
	if (!heard)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!heard)
		return err_in(err, "%s", argv[0]);
	return status == 0 || err_set(err, ERR_BENCH, "%s: %.300s", argv[0], out);
}
