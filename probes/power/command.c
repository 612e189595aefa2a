// SPDX-License-Identifier: Apache-2.0
#include "probes/power/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"

#define NOT_STARTED 127         /* as shells say it */

bool command_check(const json_t *argv, const char *name, struct err *err)
{
	const json_t *arg;
	size_t i;

	if (!json_array_size(argv) || json_array_size(argv) >= COMMAND_ARGS)
		return err_set(err, ERR_CONF, "%s: a list of 1 to %d texts", name, COMMAND_ARGS - 1);
	json_array_foreach((json_t *)argv, i, arg)
		if (!json_is_string(arg))
			return err_set(err, ERR_CONF, "%s: item %zu is no text", name, i + 1);
	return true;
}

static void child(const json_t *argv, int out, pid_t parent)
{
	const char *word[COMMAND_ARGS] = { NULL };
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)        /* it died before that stood */
		_exit(NOT_STARTED);
	for (size_t i = 0; i < json_array_size(argv) && i < COMMAND_ARGS - 1; i++)
		word[i] = json_string_value(json_array_get(argv, i));
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	close_range(3, ~0u, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	execvp(word[0], (char *const *)word);
	dprintf(1, "%s: %s", word[0], strerror(errno));
	_exit(NOT_STARTED);
}

/* What stands in the pipe; false: more than is taken. */
static bool drain(int fd, struct command_end *r, size_t *n)
{
	ssize_t got;

	while ((got = read(fd, r->said + *n, sizeof(r->said) - 1 - *n)) > 0) {
		*n += (size_t)got;
		if (*n == sizeof(r->said) - 1)
			return false;
	}
	return true;
}

/* The program's end counts, not the end of its output: what it left running may hold that open. */
static bool await_end(int pidfd, int out, int64_t until, struct command_end *r, size_t *n, struct err *err)
{
	struct pollfd p[2] = { { pidfd, POLLIN, 0 }, { out, POLLIN, 0 } };
	int64_t left;

	while ((left = until - clock_ns()) > 0) {
		poll(p, 2, (int)(left / MS(1)) + 1);
		if (!drain(out, r, n))
			return err_set(err, ERR_BENCH, "it says more than %d bytes", COMMAND_SAYS - 1);
		if (p[0].revents)
			return true;
		if (p[1].revents & POLLHUP)
			p[1].fd = -1;
	}
	return err_set(err, ERR_BENCH, "it does not end in time");
}

bool command_run(const json_t *argv, int64_t timeout_ns, struct command_end *ret, struct err *err)
{
	const char *name = json_string_value(json_array_get(argv, 0));
	int64_t until = clock_ns() + timeout_ns;
	CLEANUP(close_fd) int pidfd = -1;
	int out[2], status = 0;
	pid_t parent = getpid(), pid;
	size_t n = 0;
	bool ended;

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_set(err, ERR_BENCH, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		child(argv, out[1], parent);
	close(out[1]);
	if (pid > 0) {
		setpgid(pid, pid);      /* whichever of us comes first */
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	}
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	ended = pidfd >= 0 ? await_end(pidfd, out[0], until, ret, &n, err) : err_set(err, ERR_BENCH, "no new process: %s", strerror(errno));
	if (pid > 0) {
		kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(out[0]);
	for (size_t i = 0; i < n; i++)
		if (!ret->said[i])
			ret->said[i] = '?';
	ret->said[n] = '\0';
	if (!ended)
		return err_in(err, "%s", name);
	if (!WIFEXITED(status))
		return err_set(err, ERR_BENCH, "%s: ended by signal %d", name, WTERMSIG(status));
	ret->status = WEXITSTATUS(status);
	return ret->status != NOT_STARTED || err_set(err, ERR_BENCH, "cannot be started: %.200s", ret->said);
}
