// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/known_keys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddee"
static const struct { const char *name, *text; bool good; size_t n; } row[] = {
	{ "two, and the first comes last", "# head\n" HEX "ff EC256 somewhere\n" HEX "00 RSA512 else\n", true, 2 },
	{ "none", "# head\n", true, 0 },
	{ "short", HEX " x y\n", false, 0 },
	{ "no place", HEX "ff\n", false, 0 },
	{ "capital letters", "A" HEX "f x y\n", false, 0 },
};
START_TEST(read_list)
{
	char dir[] = "/tmp/known-XXXXXX", path[64];
	struct known_keys k;
	struct err err = { 0 };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "mkdir %s/lists", dir);
	ck_assert_int_eq(system(path), 0);
	snprintf(path, sizeof(path), "%s/lists/known-keys.txt", dir);
	ck_assert(fs_write(path, row[_i].text, strlen(row[_i].text), &err));
	ck_assert_msg(known_keys_read(dir, &k, &err) == row[_i].good, "%s: %s", row[_i].name, err.text);
	ck_assert_uint_eq(k.n, row[_i].n);
	if (k.n) {
		uint8_t last = k.key[1].hash[31];

		ck_assert_uint_eq(last, 0xff);
		ck_assert_str_eq(known_keys_find(&k, k.key[1].hash), "EC256 somewhere");
		k.key[0].hash[31] = 1;
		ck_assert_ptr_null(known_keys_find(&k, (const uint8_t[32]){ 0 }));
	}
	known_keys_free(&k);
	unlink(path);
	snprintf(path, sizeof(path), "%s/lists", dir);
	rmdir(path);
	rmdir(dir);
}
END_TEST

START_TEST(shipped)                     /* the list itself; that its head is right is tested with the other lists */
{
	struct known_keys k;
	struct err err = { 0 };

	ck_assert_msg(known_keys_read("suites", &k, &err), "%s", err.text);
	ck_assert_uint_ge(k.n, 50);
	known_keys_free(&k);
}
END_TEST

TEST_MAIN({ "read", read_list, ROWS(row) }, { "shipped", shipped, 1 })
