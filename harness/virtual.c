// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/session.h"

static bool put(const char *path, const char *text, struct err *err)
{
	CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "%s", path);
	return fs_write_all(fd, text, strlen(text), err) || err_in(err, "%s", path);
}

/* We become root of our own small world, and only there. */
static bool map_ids(uid_t uid, gid_t gid, struct err *err)
{
	char map[32];

	if (!put("/proc/self/setgroups", "deny", err))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!put("/proc/self/uid_map", map, err))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return put("/proc/self/gid_map", map, err);
}

static bool loopback_up(struct err *err)
{
	CLEANUP(close_fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		return err_sys(err, "loopback up");
	return true;
}

static bool new_net(int *ret_fd, struct err *err)
{
	if (unshare(CLONE_NEWNET) < 0)
		return err_sys(err, "network namespace");
	if (!loopback_up(err))
		return false;
	*ret_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return *ret_fd >= 0 || err_sys(err, "/proc/self/ns/net");
}

static bool virtual_enter(struct session *s, struct err *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER) < 0)
		return err_set(err, ERR_BENCH, "the virtual bench needs user namespaces, and this kernel refuses them (%s); "
			       "as root: sysctl -w kernel.unprivileged_userns_clone=1", strerror(errno));
	if (!map_ids(uid, gid, err) ||
	    !new_net(&s->ns[NETNS_DUT], err) || !new_net(&s->ns[NETNS_WORLD], err) || !new_net(&s->ns[NETNS_BENCH], err))
		return err_in(err, "virtual bench");
	if (unshare(CLONE_NEWPID) < 0)
		return err_sys(err, "virtual bench: PID namespace");
	return true;
}

/* ---- a real bench with a network ---- */

static void make_apart(uid_t uid, gid_t gid, int fd)
{
	struct err err = { 0 };
	int net;

	if (unshare(CLONE_NEWUSER) < 0)
		err_set(&err, ERR_BENCH, "the bench's network needs user namespaces, and this kernel refuses them (%s)", strerror(errno));
	else if (map_ids(uid, gid, &err))
		(void)!new_net(&net, &err);
	(void)!write(fd, &err, sizeof(err));
	(void)!read(fd, &err, 1);       /* the parent has what it wants */
	_exit(0);
}

static int open_ns(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* A child makes them, so that this process, which serves the host's own lines too, stays where it is. */
static bool apart_make(struct session *s, struct err *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int fd[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return err_sys(err, "namespace");
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		make_apart(uid, gid, fd[1]);
	}
	close(fd[1]);
	if (pid < 0 || read(fd[0], err, sizeof(*err)) != (ssize_t)sizeof(*err)) {
		err_sys(err, "namespace");
	} else if (err->kind == ERR_NONE) {
		s->user_ns = open_ns(pid, "user");
		s->ns[NETNS_BENCH] = open_ns(pid, "net");
		if (s->user_ns < 0 || s->ns[NETNS_BENCH] < 0)
			err_sys(err, "namespace of the bench's network");
	}
	close(fd[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return err->kind == ERR_NONE;
}

bool apart_enter(const struct session *s, struct err *err)
{
	static bool inside;

	if (s->user_ns < 0 || inside)
		return true;
	inside = true;
	if (setns(s->user_ns, CLONE_NEWUSER) < 0 || setns(s->ns[NETNS_BENCH], CLONE_NEWNET) < 0)
		return err_sys(err, "enter the bench's network");
	return true;
}

bool world_make(struct session *s, struct err *err)
{
	const struct bench *b = &s->plan->bench;

	if (b->is_virtual)
		return virtual_enter(s, err);
	for (size_t i = 0; i < b->n; i++)
		if (!strncmp(b->line[i].name, "net.", 4))
			return apart_make(s, err);
	return true;
}
