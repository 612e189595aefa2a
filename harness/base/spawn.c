// SPDX-License-Identifier: Apache-2.0
#include "harness/base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/units.h"

static void clear_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN);       /* so that a program can say what it could not write */
}

static void close_rest(int keep)
{
	if (keep <= 2) {
		syscall(SYS_close_range, 3u, ~0u, 0u);
		return;
	}
	fcntl(keep, F_SETFD, 0);
	if (keep > 3)
		syscall(SYS_close_range, 3u, (unsigned)keep - 1, 0u);
	syscall(SYS_close_range, (unsigned)keep + 1, ~0u, 0u);
}

static void become(char *const argv[], int out, const struct spawn_options *o, pid_t parent)
{
	struct rlimit max = { (rlim_t)o->file_max, (rlim_t)o->file_max };
	struct err err = { 0 };
	int null = open("/dev/null", O_RDONLY);

	if (o->outlives) {
		setsid();
	} else {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(127);
	}
	clear_signals();
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	if ((o->file_max && setrlimit(RLIMIT_FSIZE, &max) < 0) || (o->enter && !o->enter(o->data, &err))) {
		dprintf(2, "%s\n", err.text);
		_exit(127);
	}
	close_rest(o->keep);
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

bool spawn_start(char *const argv[], int out, const struct spawn_options *o, struct spawn *ret, struct err *err)
{
	static const struct spawn_options plain;
	pid_t parent = getpid(), pid;
	int pidfd;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become(argv, out, o ? o : &plain, parent);
	if (pid < 0)
		return err_sys(err, "%s: fork", argv[0]);
	if (!o || !o->outlives)
		setpgid(pid, pid);      /* both sides do it: whoever comes first */
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		err_sys(err, "%s: pidfd", argv[0]);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return false;
	}
	fcntl(pidfd, F_SETFD, FD_CLOEXEC);
	*ret = (struct spawn){ pid, pidfd };
	return true;
}

const char *spawn_how(const struct spawn *s, char *buf, unsigned long n)
{
	siginfo_t si = { 0 };

	if (s->pid <= 0 || waitid(P_PID, (id_t)s->pid, &si, WEXITED | WNOHANG | WNOWAIT) || !si.si_pid)
		snprintf(buf, n, "is still running");
	else if (si.si_code == CLD_EXITED)
		snprintf(buf, n, "exited with status %d", si.si_status);
	else
		snprintf(buf, n, "was killed by signal %d", si.si_status);
	return buf;
}

int spawn_reap(struct spawn *s)
{
	int status = 0;

	if (s->pid <= 0)
		return -1;
	kill(-s->pid, SIGKILL);         /* what it started and left behind; the group's number is ours until we wait */
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(s->pidfd);
	*s = (struct spawn){ 0, -1 };
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void spawn_stop(struct spawn *s, int64_t grace_ns)
{
	struct pollfd p = { .fd = s->pidfd, .events = POLLIN };

	if (s->pid <= 0)
		return;
	kill(-s->pid, SIGTERM);
	while (poll(&p, 1, (int)(grace_ns / 1000000)) < 0 && errno == EINTR)
		;
	spawn_reap(s);
}
