// SPDX-License-Identifier: Apache-2.0
#include "harness/ipc.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"

bool ipc_pair(int fd[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return err_sys(err, "socketpair");
	return true;
}

bool ipc_send(int fd, json_t *msg, struct err *err)
{
	CLEANUP(free_ptr) char *text = json_dumps(msg, JSON_COMPACT);
	size_t n = text ? strlen(text) : 0;
	ssize_t sent;

	json_decref(msg);
	if (!text || n > IPC_MAX)
		return err_set(err, ERR_LIMIT, "message of %zu bytes is over %zu", n, IPC_MAX);
	do
		sent = send(fd, text, n, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return err_sys(err, "send");
	return true;
}

static bool await(int fd, int64_t deadline_ns, struct err *err)
{
	struct pollfd p = { fd, POLLIN, 0 };

	for (;;) {
		int64_t left = deadline_ns < 0 ? -1 : deadline_ns - clock_ns();
		int ms = deadline_ns < 0 ? -1 : left <= 0 ? 0 : (int)(left / MS(1)) + 1;
		int r = poll(&p, 1, ms);

		if (r > 0)
			return true;
		if (r == 0)
			return err_set(err, ERR_TIME, "no answer in time");
		if (errno != EINTR)
			return err_sys(err, "poll");
	}
}

bool ipc_recv(int fd, int64_t deadline_ns, json_t **ret, struct err *err)
{
	static char buf[IPC_MAX];
	json_error_t bad;
	ssize_t n;

	if (!await(fd, deadline_ns, err))
		return false;
	do
		n = recv(fd, buf, sizeof(buf), 0);
	while (n < 0 && errno == EINTR);
	*ret = NULL;
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return true;
	if (n < 0)
		return err_sys(err, "recv");
	*ret = json_loadb(buf, (size_t)n, 0, &bad);
	if (!*ret)
		return err_set(err, ERR_BENCH, "a message that is not JSON: %s", bad.text);
	return true;
}

/* A socket and the address it is for. */
static bool named(const char *path, int *ret_fd, struct sockaddr_un *a, struct err *err)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(a->sun_path))
		return err_set(err, ERR_LIMIT, "%s: socket path too long", path);
	memcpy(a->sun_path, path, strlen(path) + 1);
	*ret_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return *ret_fd >= 0 || err_sys(err, "socket");
}

bool ipc_listen(const char *path, int *ret_fd, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	struct sockaddr_un a;

	if (!named(path, &fd, &a, err))
		return false;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 16) < 0)
		return err_sys(err, "%s", path);
	*ret_fd = take_fd(&fd);
	return true;
}

bool ipc_connect(const char *path, int *ret_fd, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	struct sockaddr_un a;

	if (!named(path, &fd, &a, err))
		return false;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return err_sys(err, "%s", path);
	*ret_fd = take_fd(&fd);
	return true;
}
