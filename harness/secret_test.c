// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/secret.h"

static struct err err;

static bool parse(const char *text, json_t **ret)
{
	struct arena a = { 0 };
	const struct conf *c = NULL;
	bool ok;

	err = (struct err){ 0 };
	*ret = NULL;
	ck_assert(conf_parse(&a, "bench.yaml", text, strlen(text), &c, &err));
	ok = secret_parse(c, ret, &err);
	arena_free(&a);
	return ok;
}

START_TEST(only_references_are_taken)
{
	static const char *const bad[] = { "hunter2", "'hunter2'", "{file: a, env: B}", "{value: hunter2}", "{}", "{env: ''}",
					   "{env: 'hunter 2'}", "[hunter2]" };
	json_t *ref;

	ck_assert(parse("{file: /etc/pdu.pass}", &ref));
	ck_assert_str_eq(json_string_value(json_object_get(ref, "file")), "/etc/pdu.pass");
	json_decref(ref);
	ck_assert(parse("{env: PDU_PASS}", &ref));
	json_decref(ref);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(!parse(bad[i], &ref), "%s", bad[i]);
		ck_assert_int_eq(err.kind, ERR_CONF);
		ck_assert_uint_eq(err.at.line, 1);
		ck_assert_msg(!strstr(err.text, "hunter"), "%s", err.text);
	}
}
END_TEST

static bool read_file(const char *bytes, size_t n, char *buf, size_t room)
{
	char path[] = "/tmp/jusan-secret-XXXXXX";
	int fd = mkstemp(path);
	json_t *ref = json_pack("{s:s}", "file", path);
	bool ok;

	err = (struct err){ 0 };
	ck_assert(fd >= 0 && fs_write_all(fd, bytes, n, &err));
	ok = secret_read(ref, buf, room, &err);
	json_decref(ref);
	close(fd);
	unlink(path);
	return ok;
}

START_TEST(values_are_one_line_of_text)
{
	json_t *ref = json_pack("{s:s}", "env", "JUSAN_TEST_SECRET");
	char buf[16];

	unsetenv("JUSAN_TEST_SECRET");
	ck_assert(!secret_read(ref, buf, sizeof(buf), &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	setenv("JUSAN_TEST_SECRET", "from-env", 1);
	ck_assert(secret_read(ref, buf, sizeof(buf), &err));
	ck_assert_str_eq(buf, "from-env");
	json_decref(ref);
	ck_assert(read_file("from-file\r\n", 11, buf, sizeof(buf)));
	ck_assert_str_eq(buf, "from-file");
	ck_assert(read_file("123456789012345", 15, buf, sizeof(buf)));
	ck_assert(!read_file("1234567890123456", 16, buf, sizeof(buf)));
	ck_assert(!read_file("two\nlines\n", 10, buf, sizeof(buf)));
	ck_assert(!read_file("nu\0l", 4, buf, sizeof(buf)));
	ck_assert(!read_file("\n", 1, buf, sizeof(buf)));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ref = json_pack("{s:s}", "file", "/nonexistent/secret");
	ck_assert(!secret_read(ref, buf, sizeof(buf), &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	json_decref(ref);
	ref = json_string("public");
	ck_assert(secret_read(ref, buf, sizeof(buf), &err));
	ck_assert_str_eq(buf, "public");
	json_decref(ref);
}
END_TEST

START_TEST(what_was_read_is_masked)
{
	char buf[32], text[] = "login admin/topsecret: topsecrettopsecret refused", plain[] = "public x";
	json_t *ref = json_string("public"), *j;

	ck_assert(read_file("topsecret", 9, buf, sizeof(buf)));
	ck_assert(read_file("x", 1, buf, sizeof(buf)));
	ck_assert(secret_read(ref, buf, sizeof(buf), &err));
	json_decref(ref);
	secret_mask(text);
	ck_assert_str_eq(text, "login admin/***: ****** refused");
	secret_mask(plain);
	ck_assert_str_eq(plain, "public *");            /* a driver's default is no secret */
	j = json_pack("{s:s,s:[s,{s:s}],s:i}", "note", "a topsecret b", "list", "topsecret", "deep", "-topsecret", "n", 3);
	secret_mask_json(j);
	ck_assert_str_eq(json_string_value(json_object_get(j, "note")), "a *** b");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(j, "list"), 0)), "***");
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(j, "list"), 1), "deep")), "-***");
	ck_assert_int_eq(json_integer_value(json_object_get(j, "n")), 3);
	json_decref(j);
}
END_TEST

TEST_MAIN({ "references", only_references_are_taken, 1 }, { "values", values_are_one_line_of_text, 1 }, { "masked", what_was_read_is_masked, 1 })
