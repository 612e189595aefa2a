// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE 1
#include "probes/service/managed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(struct line *l, enum netns ns, char *const argv[], int out, pid_t parent)
{
	struct err err = { 0 };
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	if (l && !line_enter(l, ns, &err)) {
		dprintf(2, "%s\n", err.text);
		_exit(127);
	}
	syscall(SYS_close_range, 3u, ~0u, 0u);
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

bool managed_start(struct line *l, enum netns ns, char *const argv[], int out, struct managed *ret, struct err *err)
{
	pid_t parent = getpid(), pid;
	int pidfd;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become(l, ns, argv, out, parent);
	if (pid < 0)
		return err_sys(err, "%s: fork", argv[0]);
	setpgid(pid, pid);      /* both sides do it: whoever comes first */
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		err_sys(err, "%s: pidfd", argv[0]);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return false;
	}
	fcntl(pidfd, F_SETFD, FD_CLOEXEC);
	if (l)
		line_guard_pid(l, pid);
	*ret = (struct managed){ pid, pidfd };
	return true;
}

const char *managed_how(struct managed *m, char *buf, size_t n)
{
	siginfo_t si = { 0 };

	if (m->pid <= 0 || waitid(P_PID, (id_t)m->pid, &si, WEXITED | WNOHANG | WNOWAIT) || !si.si_pid)
		snprintf(buf, n, "is still running");
	else if (si.si_code == CLD_EXITED)
		snprintf(buf, n, "exited with status %d", si.si_status);
	else
		snprintf(buf, n, "was killed by signal %d", si.si_status);
	return buf;
}

void managed_stop(struct managed *m, int64_t grace_ns)
{
	struct pollfd p = { .fd = m->pidfd, .events = POLLIN };

	if (m->pid <= 0)
		return;
	kill(-m->pid, SIGTERM);
	while (poll(&p, 1, (int)(grace_ns / MS(1))) < 0 && errno == EINTR)
		;
	kill(-m->pid, SIGKILL);         /* what it started and left behind; the group's number is ours until we wait */
	waitpid(m->pid, NULL, 0);
	close(m->pidfd);
	*m = (struct managed){ 0, -1 };
}
