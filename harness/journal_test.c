// SPDX-License-Identifier: Apache-2.0
#include "harness/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"

static char dir[64];

static void fresh(void)
{
	snprintf(dir, sizeof(dir), "/tmp/journal-XXXXXX");
	ck_assert(mkdtemp(dir) != NULL);
}

static void gone(void)
{
	struct err err = { 0 };

	ck_assert_msg(fs_remove(dir, &err), "%s", err.text);
}

static void append(int from, int to)
{
	struct journal *j = NULL;
	struct err err = { 0 };

	ck_assert_msg(journal_open(dir, &j, &err), "%s", err.text);
	for (int i = from; i <= to; i++)
		ck_assert_msg(journal_append(j, "note", json_pack("{s:i}", "i", i), NULL, &err), "%s", err.text);
	journal_close(j);
}

static size_t count(struct err *err)
{
	json_t *records = NULL;
	size_t n;

	if (!journal_read(dir, &records, err))
		return 0;
	n = json_array_size(records);
	json_decref(records);
	return n;
}

/* Changes one byte at `at` from the end, or cuts the file there. */
static void damage(long at, int byte)
{
	char path[128];
	int fd;
	struct stat st;

	snprintf(path, sizeof(path), "%s/journal.jsonl", dir);
	fd = open(path, O_RDWR);
	ck_assert(fd >= 0 && fstat(fd, &st) == 0);
	if (byte < 0)
		ck_assert(ftruncate(fd, st.st_size - at) == 0);
	else
		ck_assert(pwrite(fd, &(char){ (char)byte }, 1, st.st_size - at) == 1);
	close(fd);
}

START_TEST(grows_over_sessions)
{
	struct err err = { 0 };

	fresh();
	append(1, 5);
	append(6, 7);
	ck_assert_uint_eq(count(&err), 7);
	gone();
}
END_TEST

START_TEST(a_torn_last_line_is_cut)
{
	struct err err = { 0 };

	fresh();
	append(1, 5);
	damage(10, -1);
	ck_assert_uint_eq(count(&err), 4);
	append(6, 6);                           /* and one record says that it was cut */
	ck_assert_uint_eq(count(&err), 6);
	gone();
}
END_TEST

START_TEST(a_changed_byte_breaks_the_chain)
{
	struct err err = { 0 };
	struct journal *j = NULL;

	fresh();
	append(1, 5);
	damage(300, 'x');
	ck_assert_uint_eq(count(&err), 0);
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert(strstr(err.text, "line") != NULL);
	ck_assert(!journal_open(dir, &j, &err));        /* nothing is appended to a record that does not hold */
	gone();
}
END_TEST

TEST_MAIN({ "sessions", grows_over_sessions, 1 }, { "torn", a_torn_last_line_is_cut, 1 },
	  { "chain", a_changed_byte_breaks_the_chain, 1 })
