// SPDX-License-Identifier: Apache-2.0
#include "harness/base/fs.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"

static void scratch(char dir[static 64])
{
	snprintf(dir, 64, "/tmp/jusan-fs-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void path_in(char buf[static FS_PATH], const char *dir, const char *name)
{
	struct err err = { 0 };

	ck_assert(fs_join(buf, dir, name, &err));
}

START_TEST(writes_and_reads)
{
	char dir[64], path[FS_PATH], copy[FS_PATH];
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(free_ptr) char *again = NULL;
	struct err err = { 0 };
	size_t n = 0;

	scratch(dir);
	path_in(path, dir, "a");
	path_in(copy, dir, "b");
	ck_assert(fs_write(path, "one", 3, &err) && fs_write(path, "two\0x", 5, &err));
	ck_assert(fs_read(path, 5, &text, &n, &err));
	ck_assert(n == 5 && !memcmp(text, "two\0x", 6));
	ck_assert(!fs_read(path, 4, &again, &n, &err) && err.kind == ERR_LIMIT);
	ck_assert(fs_copy(path, copy, &err) && fs_read(copy, 100, &again, &n, &err) && n == 5);
	ck_assert(!fs_read(dir, 100, &again, &n, &err));
	ck_assert(fs_remove(dir, &err) && fs_remove(dir, &err));
}
END_TEST

START_TEST(refuses_what_would_hang)
{
	char dir[64], path[FS_PATH];
	char *text;
	size_t n;
	struct err err = { 0 };

	scratch(dir);
	path_in(path, dir, "fifo");
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert(!fs_read(path, 10, &text, &n, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "not a regular file"));
	ck_assert(fs_remove(dir, &err));
}
END_TEST

START_TEST(keeps_json)
{
	char dir[64], path[FS_PATH];
	CLEANUP(free_json) json_t *j = json_pack("{s:i,s:[b,s]}", "z", 1, "a", 1, "x");
	CLEANUP(free_json) json_t *got = NULL;
	CLEANUP(free_ptr) char *text = NULL;
	struct err err = { 0 };
	json_t *none;
	size_t n;

	scratch(dir);
	path_in(path, dir, "j");
	ck_assert(fs_write_json(path, j, &err) && fs_read(path, 1000, &text, &n, &err));
	ck_assert(text[n - 1] == '\n' && strstr(text, "\"a\"") < strstr(text, "\"z\""));
	ck_assert(fs_read_json(path, 1000, &got, &err) && json_equal(j, got));
	ck_assert(fs_write(path, "{\"a\":1,\"a\":2}", 13, &err));
	ck_assert(!fs_read_json(path, 1000, &none, &err));
	ck_assert(fs_remove(dir, &err));
}
END_TEST

static bool append(const char *rel, void *data, struct err *err)
{
	(void)err;
	strcat(strcat(data, rel), " ");
	return true;
}

START_TEST(walks_in_order_without_links)
{
	char dir[64], path[FS_PATH], seen[256] = "";
	static const char *const files[] = { "b", "a/x", "a.b", "a/deep/y" };
	struct err err = { 0 };

	scratch(dir);
	path_in(path, dir, "a/deep");
	ck_assert(fs_mkdirs(path, &err) && fs_mkdirs(path, &err));
	for (size_t i = 0; i < 4; i++) {
		path_in(path, dir, files[i]);
		ck_assert(fs_write(path, "", 0, &err));
	}
	path_in(path, dir, "link");
	ck_assert_int_eq(symlink("/", path), 0);
	ck_assert_msg(fs_walk(dir, append, seen, &err), "%s", err.text);
	ck_assert_str_eq(seen, "a.b a/deep/y a/x b ");
	ck_assert(fs_remove(dir, &err));
}
END_TEST

START_TEST(says_no)
{
	char buf[FS_PATH], name[FS_PATH];
	struct err err = { 0 };

	memset(name, 'x', sizeof(name));
	name[FS_PATH - 1] = '\0';
	ck_assert(!fs_join(buf, "dir", name, &err) && err.kind == ERR_LIMIT);
	ck_assert(!fs_mkdirs("/proc/self/status/x", &err) && err.kind == ERR_OS);
	ck_assert(!fs_write("/nonexistent/folder/file", "x", 1, &err) && err.kind == ERR_OS);
}
END_TEST

TEST_MAIN({ "write and read", writes_and_reads, 1 }, { "fifo", refuses_what_would_hang, 1 }, { "json", keeps_json, 1 },
	  { "walk", walks_in_order_without_links, 1 }, { "failures", says_no, 1 })
