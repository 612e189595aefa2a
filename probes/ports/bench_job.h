/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_job.h - for benches: one run of one program, timed. What it says goes to a file in memory, so that it never waits for us; it ends with us. */
#ifndef PORTS_BENCH_JOB_H
#define PORTS_BENCH_JOB_H

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"

struct job { pid_t pid; int out; int64_t begin_ns; double s, cpu; bool late; char said[1 << 16]; };   /* late: it was stopped */
/* In the network of the process `inside`; 0 = in ours. */
static void job_start(struct job *j, char *const argv[], pid_t inside)
{
	j->out = memfd_create("out", MFD_CLOEXEC);
	j->begin_ns = clock_ns();
	j->pid = fork();
	if (j->pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (inside) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/ns/net", inside);
		if (setns(open(path, O_RDONLY | O_CLOEXEC), CLONE_NEWNET) < 0)
			_exit(126);
	}
	dup2(open("/dev/null", O_RDWR), 0);
	dup2(j->out, 1);
	dup2(open("/dev/null", O_RDWR), 2);
	execvp(argv[0], argv);
	_exit(127);
}

static void job_read(struct job *j)
{
	ssize_t n = pread(j->out, j->said, sizeof(j->said) - 1, 0);

	j->said[n > 0 ? n : 0] = '\0';
}

static void job_reap(struct job *j)
{
	struct rusage u;

	if (wait4(j->pid, NULL, 0, &u) < 0)
		exit(3);
	if (!j->s)
		j->s = (double)(clock_ns() - j->begin_ns) / 1e9;
	j->cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
	job_read(j);
	close(j->out);
}

/* Whether it has, after waiting for that long. */
static bool job_ended(const struct job *j, int64_t wait_ns)
{
	int fd = (int)syscall(SYS_pidfd_open, j->pid, 0);
	struct pollfd p = { fd, POLLIN, 0 };
	bool ended = poll(&p, 1, (int)(wait_ns / MS(1))) > 0;

	close(fd);
	return ended;
}

static void job_await(struct job *j, int64_t limit_ns)
{
	int64_t left = j->begin_ns + limit_ns - clock_ns();

	j->late = !job_ended(j, left > 0 ? left : 0);
	if (j->late)
		kill(j->pid, SIGKILL);
	job_reap(j);
}
#endif
