// SPDX-License-Identifier: Apache-2.0
#include "probes/flash/image.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"

bool image_size(const char *path, int64_t *ret, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(err, "%s", path);
	*ret = st.st_size;
	return true;
}

bool image_tell(const char *path, json_t *reply, char hash[static HASH_HEX], struct err *err)
{
	int64_t size;

	if (!image_size(path, &size, err) || !hash_file(path, hash, err))
		return false;
	json_object_set_new(reply, "size", json_integer(size));
	json_object_set_new(reply, "sha256", json_string(hash));
	return true;
}

static bool inside(const char *path, int64_t at, int64_t n, struct err *err)
{
	int64_t size;

	if (!image_size(path, &size, err))
		return false;
	return (at >= 0 && n >= 0 && at <= size && n <= size - at) ||
	       err_set(err, ERR_BENCH, "%lld bytes at %lld are not inside a flash of %lld bytes", (long long)n, (long long)at,
		       (long long)size);
}

static bool range(const char *path, const json_t *args, size_t n, int64_t *ret_at, struct err *err)
{
	*ret_at = json_integer_value(json_object_get(args, "at"));
	if (n > IMAGE_PIECE)
		return err_set(err, ERR_BENCH, "%zu bytes are more than %zu at once", n, IMAGE_PIECE);
	return inside(path, *ret_at, (int64_t)n, err);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool image_alter(const char *path, const json_t *args, int64_t *ret_at, int64_t *ret_n, int64_t *ret_changed, struct err *err)
{
	const char *hex = json_string_value(json_object_get(args, "data"));
	size_t n = hex ? strlen(hex) / 2 : 0;
	uint8_t now[IMAGE_PIECE], was[IMAGE_PIECE];
	CLEANUP(close_fd) int fd = -1;
	int64_t at, changed = 0;

	if (!range(path, args, n, &at, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = digit(hex[2 * i]), lo = digit(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return err_set(err, ERR_BENCH, "alter: not hex digits");
		now[i] = (uint8_t)(hi << 4 | lo);
	}
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || pread(fd, was, n, at) != (ssize_t)n || pwrite(fd, now, n, at) != (ssize_t)n)
		return err_sys(err, "%s", path);
	for (size_t i = 0; i < n; i++)
		changed += was[i] != now[i];
	*ret_at = at;
	*ret_n = (int64_t)n;
	*ret_changed = changed;
	return true;
}

bool image_peek(const char *path, const json_t *args, json_t *reply, struct err *err)
{
	int64_t at, n = json_integer_value(json_object_get(args, "length"));
	CLEANUP(close_fd) int fd = -1;
	char hex[2 * IMAGE_PIECE + 1] = "";
	uint8_t b[IMAGE_PIECE];

	if (!range(path, args, n < 0 ? SIZE_MAX : (size_t)n, &at, err))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, b, (size_t)n, at) != n)
		return err_sys(err, "%s", path);
	for (int64_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", b[i]);
	return json_object_set_new(reply, "data", json_string(hex)) == 0;
}

bool image_cut(const char *path, int64_t at, int64_t length, const char *to, struct err *err)
{
	CLEANUP(close_fd) int in = -1;
	CLEANUP(close_fd) int out = -1;
	uint8_t b[65536];

	if (!length)
		return fs_copy(path, to, err);
	if (!inside(path, at, length, err))
		return false;
	in = open(path, O_RDONLY | O_CLOEXEC);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (in < 0 || out < 0)
		return err_sys(err, "%s", in < 0 ? path : to);
	for (int64_t left = length; left > 0;) {
		ssize_t n = pread(in, b, left < (int64_t)sizeof(b) ? (size_t)left : sizeof(b), at + length - left);

		if (n <= 0)
			return err_sys(err, "%s", path);
		if (!fs_write_all(out, b, (size_t)n, err))
			return err_in(err, "%s", to);
		left -= n;
	}
	return true;
}

bool image_place(const char *run_dir, const json_t *args, char ret[static FS_PATH], struct err *err)
{
	const char *to = json_string_value(json_object_get(args, "to"));
	char dir[FS_PATH];

	if (!to || to[0] == '/' || strstr(to, ".."))
		return err_set(err, ERR_BENCH, "read: a file of the run folder, not '%s'", to ? to : "");
	if (!fs_join(ret, run_dir, to, err))
		return false;
	snprintf(dir, sizeof(dir), "%s", ret);
	*strrchr(dir, '/') = '\0';
	return fs_mkdirs(dir, err);
}
