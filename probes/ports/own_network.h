/* SPDX-License-Identifier: Apache-2.0
 *
 * own_network.h - for tests: a network with nothing but a loopback, of which the test is root, and packet rules in it. */
#ifndef PORTS_OWN_NETWORK_H
#define PORTS_OWN_NETWORK_H

#include <check.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/fs.h"

static void own_network_put(const char *path, const char *text)
{
	struct err err = { 0 };
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0 && fs_write_all(fd, text, strlen(text), &err), "%s", path);
	close(fd);
}

/* Of which we are root, so that nft may write its rules. False where the kernel forbids it. */
static bool own_network(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	char uid[32], gid[32];
	int fd;

	snprintf(uid, sizeof(uid), "0 %u 1", geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	own_network_put("/proc/self/setgroups", "deny");
	own_network_put("/proc/self/uid_map", uid);
	own_network_put("/proc/self/gid_map", gid);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	ck_assert(ioctl(fd, SIOCSIFFLAGS, &ifr) == 0);
	close(fd);
	return true;
}

/* The rest of a table; false where there is no nft. */
__attribute__((unused)) static bool rules(const char *text)
{
	char command[1024];

	snprintf(command, sizeof(command), "nft 'table inet f { %s; }' >/dev/null 2>&1", text);
	if (!system(command))
		return true;
	printf("nft: skipped\n");
	return false;
}
#endif
