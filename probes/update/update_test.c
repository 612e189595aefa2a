/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/fake.h"

#include "harness/base/hash.h"
#include "harness/base/test.h"
#include "probes/update/mutant.h"

extern const struct probe probe_update;
enum { N = 5000, SIGN = 64 };
static uint8_t image[N];

static const struct { const char *name; size_t n; int body, sign; } rows[] = {  /* bytes that differ, -1 = many */
	{ "none", N, 0, 0 }, { "flip_payload", N, 1, 0 }, { "flip_signature", N, 0, 1 }, { "truncate", N - N / 4, 0, 0 },
	{ "trailing", N + 16, 0, 0 }, { "unsigned", N - SIGN, 0, 0 }, { "zero_signature", N, 0, -1 }, { "wrong_format", N, -1, -1 },
};
START_TEST(mutants)
{
	struct rng r;
	struct err err = { 0 };
	uint8_t *p;
	size_t n;
	int body = 0, sign = 0;

	rng_init(&r, 1, "image");
	rng_bytes(&r, image, N);
	ck_assert_str_eq(mutant_names[_i], rows[_i].name);
	ck_assert(mutant_make(rows[_i].name, image, N, SIGN, &r, &p, &n, &err));
	ck_assert_uint_eq(n, rows[_i].n);
	for (size_t i = 0; i < n && i < N; i++)
		*(i < N - SIGN ? &body : &sign) += p[i] != image[i];
	ck_assert_msg(rows[_i].body < 0 ? body > 1000 : body == rows[_i].body, "%d", body);
	ck_assert_msg(rows[_i].sign < 0 ? sign > 50 : sign == rows[_i].sign, "%d", sign);
	free(p);
	ck_assert(!mutant_make("other", image, N, SIGN, &r, &p, &n, &err));
	ck_assert(!mutant_make("none", image, 70, SIGN, &r, &p, &n, &err));
}
END_TEST

static char *slurp(const char *dir, const char *name, size_t *ret_n)
{
	char path[FS_PATH], *p = NULL;
	struct err err = { 0 };

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	*ret_n = 0;
	return fs_read(path, 1 << 20, &p, ret_n, &err) ? p : NULL;
}

static void put_file(const char *name, const void *p, size_t n)
{
	char path[FS_PATH];
	struct err err = { 0 };

	snprintf(path, sizeof(path), "%s/%s", fake.work, name);
	ck_assert(fs_write(path, p, n, &err));
}

/* What is announced fits what is offered, and nothing stays when the test's part is over. */
START_TEST(publish)
{
	static const char side[] = "{\"model\":\"m\",\"version\":\"2.0.0\",\"size\":1,\"sha256\":\"0\",\"url\":\"/m/new.img\",\"signature\":\"abc\"}";
	char args[500], into[200], hex[HASH_HEX], *got;
	json_t *j;
	size_t n;

	fake_bench("{}", false);
	put_file("valid.img", image, N);
	put_file("valid.img.json", side, sizeof(side) - 1);
	snprintf(into, sizeof(into), "%s/served", fake.work);
	snprintf(args, sizeof(args), "{\"image\":\"%s/valid.img\",\"mutant\":\"unsigned\",\"into\":\"%s\"}", fake.work, into);
	fake_step(&probe_update, "publish", args);
	got = slurp(into, "new.img", &n);
	ck_assert(got && n == N - SIGN);
	hash_text(got, n, hex);
	free(got);
	got = slurp(into, "manifest.json", &n);
	j = json_loads(got, 0, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(j, "sha256")), hex);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "size")), N - SIGN);
	ck_assert_str_eq(json_string_value(json_object_get(j, "signature")), "");
	ck_assert_str_eq(json_string_value(json_object_get(j, "version")), "2.0.0");
	json_decref(j);
	free(got);
	fake.finish(&fake.last, fake.finish_data);
	ck_assert_ptr_null(slurp(into, "new.img", &n));
	ck_assert_ptr_null(slurp(into, "manifest.json", &n));
	snprintf(args, sizeof(args), "{\"image\":\"%s/valid.img\",\"into\":\"%s\",\"manifest\":\"v=@version@ n=@size@ @url@ @x@\",\"version\":\"3\","
		 "\"url\":\"https://a/b/c.img\"}", fake.work, into);
	fake_step(&probe_update, "publish", args);
	got = slurp(into, "manifest.json", &n);
	ck_assert_str_eq(got, "v=3 n=5000 https://a/b/c.img @x@");
	free(got);
	got = slurp(into, "c.img", &n);
	ck_assert(got && n == N);
	free(got);
	fake.finish(&fake.last, fake.finish_data);
	fake_close();
}
END_TEST

TEST_MAIN({ "mutants", mutants, ROWS(rows) }, { "publish", publish, 1 })
