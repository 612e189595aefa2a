/* SPDX-License-Identifier: Apache-2.0
 *
 * The archive of a bundle by anybody: bare, so that mutations reach the tar reader and the list. First byte: packed with zstd or
 * not. Whatever is taken must be what its own list says. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/bundle_in.h"

struct taken { size_t files; int64_t bytes, listed; };

static bool listed(const json_t *list, int64_t total, void *data, struct err *err)
{
	(void)list;
	(void)err;
	((struct taken *)data)->listed = total;
	return true;
}

static bool begin(const char *path, void *data, struct err *err)
{
	(void)err;
	if (strncmp(path, "run", 3) || strstr(path, "/../") || strstr(path, "//") || strlen(path) > BUNDLE_PATH)
		__builtin_trap();
	((struct taken *)data)->files++;
	return true;
}

static bool bytes(struct span s, void *data, struct err *err)
{
	(void)err;
	((struct taken *)data)->bytes += (int64_t)s.n;
	return true;
}

static bool end(void *data, struct err *err)
{
	(void)data;
	(void)err;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct bundle_limits limits = { 16 << 20, 100 };
	CLEANUP(free_json) json_t *list = NULL;
	struct taken t = { 0 };
	const struct bundle_take take = { listed, begin, bytes, end, &t };
	struct err err = { 0 };
	CLEANUP(close_fd) int fd = memfd_create("bundle", MFD_CLOEXEC);
	bool ok;

	if (n < 1 || fd < 0 || write(fd, data + 1, n - 1) != (ssize_t)(n - 1))
		return 0;
	ok = bundle_entries(fd, (int64_t)n - 1, data[0] & 1, &limits, &take, &list, &err);
	if (ok ? t.bytes != t.listed || t.files != json_array_size(json_object_get(list, "files")) : !err.kind || !err.text[0])
		__builtin_trap();
	if (t.bytes > t.listed)
		__builtin_trap();
	return 0;
}
