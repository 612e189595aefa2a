// SPDX-License-Identifier: Apache-2.0
// A bundle as folders again, for whoever checks it.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/bundle_in.h"

struct unpack { const char *to; int fd; char path[FS_PATH]; };

/* Better said at once than after a gigabyte. */
static bool is_room(const json_t *list, int64_t total, void *data, struct err *err)
{
	const struct unpack *u = data;
	int64_t need = total + 4096 * (int64_t)json_array_size(json_object_get(list, "files"));
	struct statvfs fs;

	if (statvfs(u->to, &fs) < 0)
		return err_sys(err, "%s", u->to);
	if ((uint64_t)need / fs.f_frsize < fs.f_bavail)
		return true;
	return err_set(err, ERR_OS, "needs %lld MB below %s and there are %lld: set $TMPDIR to where there is more", (long long)(need >> 20), u->to,
		       (long long)((uint64_t)fs.f_bavail * fs.f_frsize >> 20));
}

static bool begin(const char *name, void *data, struct err *err)
{
	struct unpack *u = data;
	char *slash;

	if (!fs_join(u->path, u->to, name, err))
		return false;
	slash = strrchr(u->path, '/');
	*slash = '\0';
	if (!fs_mkdirs(u->path, err))
		return false;
	*slash = '/';
	u->fd = open(u->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	return u->fd >= 0 || err_sys(err, "%s", u->path);
}

static bool bytes(struct span s, void *data, struct err *err)
{
	return fs_write_all(((struct unpack *)data)->fd, s.p, s.n, err);
}

static bool end(void *data, struct err *err)
{
	struct unpack *u = data;
	int fd = u->fd;

	u->fd = -1;
	return close(fd) == 0 || err_sys(err, "%s", u->path);
}

bool bundle_unpack(const char *file, const char *key, const char *to, const struct bundle_limits *l, struct bundle_seen *ret, json_t **ret_list,
		   struct err *err)
{
	struct unpack u = { .to = to, .fd = -1 };
	const struct bundle_take take = { is_room, begin, bytes, end, &u };
	CLEANUP(close_fd) int fd = -1;
	struct stat st;
	int64_t size;
	bool ok;

	*ret = (struct bundle_seen){ 0 };
	if (!fs_open(file, &fd, &st, err) || !fs_mkdirs(to, err) || !bundle_stated(fd, key, to, &size, ret, err))
		return false;
	ok = bundle_entries(fd, size, true, l, &take, ret_list, err);
	if (u.fd >= 0)
		close(u.fd);
	return ok;
}
