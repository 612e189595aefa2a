// SPDX-License-Identifier: Apache-2.0
#include "probes/net/helper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"

#define ANSWER_NS SEC(5)
#define END_NS SEC(3)

static void become(const char *path, const char *const *args, int fd)
{
	const char *argv[ASK_DECLARED + 2] = { "jusan-net" };

	for (size_t i = 0; args[i] && i < ASK_DECLARED; i++)
		argv[i + 1] = args[i];
	dup2(fd, 0);
	setpgid(0, 0);
	execv(path, (char *const *)argv);
	dprintf(2, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

static bool beside_us(char *ret, size_t n, struct err *err)
{
	ssize_t got = readlink("/proc/self/exe", ret, n - sizeof("jusan-net"));
	char *slash;

	if (got <= 0)
		return err_sys(err, "/proc/self/exe");
	ret[got] = '\0';
	slash = strrchr(ret, '/');
	strcpy(slash ? slash + 1 : ret, "jusan-net");
	return true;
}

static bool hear(const struct helper *h, struct told *t, struct err *err)
{
	struct pollfd p = { .fd = h->fd, .events = POLLIN };
	int64_t until = clock_ns() + ANSWER_NS, left;

	while ((left = until - clock_ns()) > 0) {
		if (poll(&p, 1, (int)(left / MS(1)) + 1) < 1)
			continue;
		if (recv(h->fd, t, sizeof(*t), 0) != (ssize_t)sizeof(*t))
			return err_set(err, ERR_BENCH, "the helper jusan-net ended; is it there, and may it be executed?");
		t->text[sizeof(t->text) - 1] = '\0';
		return t->ok || err_set(err, ERR_BENCH, "%s", t->text);
	}
	return err_set(err, ERR_TIME, "the helper jusan-net does not answer");
}

bool helper_start(const char *path, const char *const *args, struct helper *ret, struct err *err)
{
	struct told hello;
	char beside[1024];
	int fd[2];

	*ret = (struct helper){ -1, 0 };
	if (!path && !beside_us(beside, sizeof(beside), err))
		return false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return err_sys(err, "helper");
	ret->pid = fork();
	if (ret->pid == 0)
		become(path ? path : beside, args, fd[1]);
	close(fd[1]);
	ret->fd = fd[0];
	if (ret->pid > 0 && hear(ret, &hello, err))
		return true;
	if (ret->pid < 0)
		err_sys(err, "helper");
	helper_end(ret);
	return false;
}

bool helper_ask(const struct helper *h, const struct ask *a, int ns, struct ask_before *ret_before, struct err *err)
{
	union { struct cmsghdr align; char b[CMSG_SPACE(sizeof(int))]; } rights = { .b = { 0 } };
	struct iovec v = { (void *)(uintptr_t)a, sizeof(*a) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	struct told t;

	if (ns >= 0) {
		m.msg_control = rights.b;
		m.msg_controllen = sizeof(rights.b);
		*CMSG_FIRSTHDR(&m) = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &ns, sizeof(ns));
	}
	if (sendmsg(h->fd, &m, MSG_NOSIGNAL) != (ssize_t)sizeof(*a))
		return err_set(err, ERR_BENCH, "the helper jusan-net is gone");
	if (!hear(h, &t, err))
		return false;
	if (ret_before)
		*ret_before = t.before;
	return true;
}

void helper_end(struct helper *h)
{
	CLEANUP(close_fd) int pidfd = h->pid > 0 ? (int)syscall(SYS_pidfd_open, h->pid, 0) : -1;
	struct pollfd p = { pidfd, POLLIN, 0 };

	if (h->fd >= 0)
		close(h->fd);
	if (h->pid > 0) {
		if (pidfd < 0 || poll(&p, 1, (int)(END_NS / MS(1))) != 1)
			kill(h->pid, SIGKILL);
		while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	*h = (struct helper){ -1, 0 };
}
