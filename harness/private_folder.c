// SPDX-License-Identifier: Apache-2.0
// A folder for what is not to stay: another process does the work in it, so that this one can take it away whatever happens.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/bundle.h"

static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

/* The child's end, or a signal that ends us both. -1: a signal. */
static int wait_for(pid_t pid, const sigset_t *set)
{
	for (;;) {
		int sig = sigwaitinfo(set, NULL), how;

		if (sig < 0 && errno != EINTR)
			sig = SIGTERM;
		if (sig == SIGCHLD) {
			if (waitpid(pid, &how, WNOHANG) == pid)
				return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
		} else if (sig >= 0) {
			kill(pid, SIGKILL);
			waitpid(pid, &how, 0);
			return -1;
		}
	}
}

static void work(int (*f)(const char *dir, void *data), void *data, const char *dir, const sigset_t *before)
{
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, before, NULL);
	status = f(dir, data);
	if (fflush(stdout) || fflush(stderr))
		status = 3;
	_exit(status);
}

static bool in_folder(const char *dir, int (*f)(const char *dir, void *data), void *data, int *ret_status, struct err *err)
{
	sigset_t set, before;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&set, ends[i]);
	fflush(stdout);
	fflush(stderr);
	sigprocmask(SIG_BLOCK, &set, &before);
	pid = fork();
	if (pid == 0)
		work(f, data, dir, &before);
	if (pid > 0)
		*ret_status = wait_for(pid, &set);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return err_sys(err, "fork");
	if (*ret_status > 128)
		return err_set(err, ERR_OS, "the process that read it died of signal %d", *ret_status - 128);
	if (*ret_status < 0)
		*ret_status = 130;
	return true;
}

bool private_folder(int (*f)(const char *dir, void *data), void *data, int *ret_status, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	char dir[FS_PATH];
	struct err other = { 0 };
	bool ok;

	if (snprintf(dir, sizeof(dir), "%s/jusan.XXXXXX", tmp && *tmp ? tmp : "/tmp") >= FS_PATH)
		return err_set(err, ERR_LIMIT, "$TMPDIR is too long");
	if (!mkdtemp(dir))
		return err_sys(err, "%s", dir);
	ok = in_folder(dir, f, data, ret_status, err);
	return (fs_remove(dir, &other) || !ok || err_set(err, other.kind, "%s: what was unpacked there is still there: %s", dir, other.text)) && ok;
}
