// SPDX-License-Identifier: Apache-2.0
#include "harness/factkey.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"

static char dir[64], path[FS_PATH];
static struct err err;

static void begin(void)
{
	snprintf(dir, sizeof(dir), "/tmp/jusan-key-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key", dir);
}

static void finish(void)
{
	ck_assert(fs_remove(dir, &(struct err){ 0 }));
}

START_TEST(is_made_once_and_kept)
{
	struct factkey a, b;
	struct stat st;
	CLEANUP(free_ptr) char *text = NULL;
	size_t n;

	begin();
	ck_assert_msg(factkey_load(path, &a, &err), "%s", err.text);
	ck_assert(stat(path, &st) == 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert(fs_read(path, 100, &text, &n, &err));
	ck_assert_uint_eq(n, 65);
	ck_assert(factkey_load(path, &b, &err));
	ck_assert_mem_eq(a.key, b.key, 32);
	ck_assert_str_eq(a.id, b.id);
	ck_assert_uint_eq(strlen(a.id), 16);
	ck_assert_ptr_null(strstr(text, a.id));         /* the name does not give the key away */
	finish();
}
END_TEST

/* Without a file no two runs share a key, and none is left behind. */
START_TEST(is_drawn)
{
	struct factkey a, b;

	ck_assert(factkey_load(NULL, &a, &err) && factkey_load(NULL, &b, &err));
	ck_assert_mem_ne(a.key, b.key, 32);
	ck_assert_str_eq(a.id, "");
}
END_TEST

static const struct { const char *text; mode_t mode; const char *why; } wrong[] = {
	{ "", 0600, "not a campaign key" },
	{ "0123\n", 0600, "not a campaign key" },
	{ "zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0600, "not a campaign key" },
	{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 0600, "not a campaign key" },
	{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0644, "others may read" },
};
START_TEST(refuses)
{
	struct factkey k;

	begin();
	ck_assert(fs_write(path, wrong[_i].text, strlen(wrong[_i].text), &err) && chmod(path, wrong[_i].mode) == 0);
	ck_assert(!factkey_load(path, &k, &err));
	ck_assert_msg(strstr(err.text, wrong[_i].why), "%s", err.text);
	finish();
}
END_TEST

TEST_MAIN({ "made", is_made_once_and_kept, 1 }, { "drawn", is_drawn, 1 }, { "refused", refuses, ROWS(wrong) })
