/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/seals.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "reports/read/read.h"

static char dir[64];

static void put_file(const char *name, const char *text)
{
	char path[FS_PATH];
	struct err err = { 0 };

	ck_assert(fs_join(path, dir, name, &err) && fs_write(path, text, strlen(text), &err));
}

static void begin(void)
{
	char path[FS_PATH];
	struct err err = { 0 };

	snprintf(dir, sizeof(dir), "/tmp/jusan-seals-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert(fs_join(path, dir, "seals", &err) && fs_mkdirs(path, &err));
}

START_TEST(of_a_folder)
{
	struct err err = { 0 };

	begin();
	CLEANUP(free_json) json_t *none = seals_of(dir);
	ck_assert_uint_eq(json_array_size(none), 0);
	put_file("MANIFEST.json", "{\"what\":\"run\",\"signer\":\"ab12\",\"files\":[{},{}]}");
	put_file("MANIFEST.json.sig", "x");
	put_file("seals/0001.json", "{\"what\":\"report\",\"signer\":null,\"files\":[]}");
	put_file("seals/0002.json", "{\"what\":\"review\",\"signer\":null,\"files\":[{}]}");
	put_file("seals/0004.json", "{\"what\":\"run\"}");      /* behind a gap: not looked for */
	CLEANUP(free_json) json_t *some = seals_of(dir);
	ck_assert_uint_eq(json_array_size(some), 2);            /* that of reports would make a report depend on itself */
	ck_assert_str_eq(get_text(json_array_get(some, 0), "signer"), "ab12");
	ck_assert(is_on(json_array_get(some, 0), "signature") && get_int(json_array_get(some, 0), "files") == 2);
	ck_assert_str_eq(get_text(json_array_get(some, 1), "seal"), "seals/0002.json");
	ck_assert(!is_on(json_array_get(some, 1), "signature") && !*get_text(json_array_get(some, 1), "signer"));
	put_file("seals/0001.json", "[7");
	CLEANUP(free_json) json_t *broken = seals_of(dir);
	ck_assert_uint_eq(json_array_size(broken), 1);
	ck_assert(fs_remove(dir, &err));
}
END_TEST

TEST_MAIN({ "of a folder", of_a_folder, 1 })
