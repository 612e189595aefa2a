// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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

bool virtual_enter(struct session *s, struct err *err)
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
