/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes into a bundle comes out of it, and nothing else does: altered, cut, lengthened and hostile ones are refused, each
 * with its reason, and leave nothing outside the folder they were unpacked to. Hostile archives carry a statement that is true,
 * so that it is not the hash that stops them. */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/base/test.h"
#include "harness/bundle_in.h"
#include "harness/sign_key.h"

static char base[FS_PATH];

static const char *at(const char *name)
{
	static char buf[4][FS_PATH];
	static unsigned i;

	snprintf(buf[++i % 4], FS_PATH, "%.900s/%.100s", base, name);
	return buf[i % 4];
}

static void put(const char *name, const void *p, size_t n)
{
	struct err err = { 0 };
	char path[FS_PATH];
	FILE *f;

	snprintf(path, sizeof(path), "%s", at(name));
	*strrchr(path, '/') = '\0';
	ck_assert(fs_mkdirs(path, &err));
	f = fopen(at(name), "we");      /* fs_write() would wait for the disk, some thousand times */
	ck_assert(f && fwrite(p, 1, n, f) == n && fclose(f) == 0);
}

static void setup(void)
{
	static const char run[] = "{\"id\": \"R1\", \"ended\": \"2026-11-27T01:56:10Z\"}\n";

	snprintf(base, sizeof(base), "/tmp/bundle.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
	setenv("HOME", base, 1);
	unsetenv("JUSAN_KEY");
	put("r/run.json", run, sizeof(run) - 1);
	put("r/journal.jsonl", "one\ntwo\n", 8);
	put("r/evidence/empty.log", "", 0);
	for (int i = 0; i < 30; i++) {
		char name[64], text[3000];

		snprintf(name, sizeof(name), "r/evidence/x-%d.log", i);
		memset(text, 'a' + i % 26, sizeof(text));
		put(name, text, (size_t)(i * 100));
	}
}

static void teardown(void)
{
	struct err err = { 0 };

	ck_assert(fs_remove(base, &err));
}

static void write_it(const char *out)
{
	const struct bundle_job job = { .dir = at("r"), .out = out };
	struct bundle_done done;
	struct err err = { 0 };

	ck_assert_msg(bundle_write(&job, &done, &err), "%s", err.text);
	ck_assert_uint_eq(done.files, 33);
}

/* Unpacks to a folder of its own, which is removed again; true with nothing in *why. */
static bool accepts(const char *file, const char *key, char why[static 512])
{
	CLEANUP(free_json) json_t *list = NULL;
	struct bundle_seen seen;
	struct err err = { 0 }, other = { 0 };
	bool ok = bundle_unpack(file, key, at("out"), NULL, &seen, &list, &err);

	snprintf(why, 512, "%s", err.text);
	ck_assert(ok || err.kind);
	ck_assert(fs_remove(at("out"), &other));
	return ok;
}

static char *read_all(const char *path, size_t *n)
{
	struct err err = { 0 };
	char *p;

	ck_assert_msg(fs_read(path, (size_t)64 << 20, &p, n, &err), "%s", err.text);
	return p;
}

/* ---- round trip ---- */
static bool same_file(const char *rel, void *data, struct err *err)
{
	char a[FS_PATH], b[FS_PATH], x[HASH_HEX], y[HASH_HEX];

	ck_assert(fs_join(a, at("r"), rel, err) && fs_join(b, at("out/run"), rel, err) && hash_file(a, x, err));
	ck_assert_msg(hash_file(b, y, err), "%s", err->text);
	ck_assert_str_eq(x, y);
	++*(int *)data;
	return true;
}

START_TEST(round_trip)
{
	CLEANUP(free_json) json_t *list = NULL;
	struct bundle_seen seen;
	struct err err = { 0 };
	int n = 0;

	write_it(at("a.zst"));
	ck_assert(bundle_is(at("a.zst")));
	ck_assert(!bundle_is(at("r/run.json")));
	ck_assert_msg(bundle_unpack(at("a.zst"), NULL, at("out"), NULL, &seen, &list, &err), "%s", err.text);
	ck_assert(fs_walk(at("r"), same_file, &n, &err));
	ck_assert_int_eq(n, 33);
	ck_assert(!seen.is_signed);
	ck_assert_str_eq(json_string_value(json_object_get(list, "run")), "R1");
}
END_TEST

START_TEST(same_bytes)
{
	CLEANUP(free_ptr) char *a = NULL;
	CLEANUP(free_ptr) char *b = NULL;
	size_t n, m;

	write_it(at("a.zst"));
	a = read_all(at("a.zst"), &n);
	ck_assert_int_eq(utimensat(AT_FDCWD, at("r/journal.jsonl"), (const struct timespec[2]){ { 1, 0 }, { 1, 0 } }, 0), 0);
	write_it(at("b.zst"));
	b = read_all(at("b.zst"), &m);
	ck_assert_uint_eq(n, m);
	ck_assert_mem_eq(a, b, n);
}
END_TEST

START_TEST(key)
{
	struct bundle_seen seen;
	struct err err = { 0 };
	struct sign_key *k;
	char why[512];

	for (int i = 0; i < 2; i++) {
		ck_assert(sign_key_make(at(i ? "other" : "key"), &err) && sign_key_open(at(i ? "other" : "key"), &k, &err));
		put(i ? "other.pem" : "key.pem", sign_key_public(k), strlen(sign_key_public(k)));
		sign_key_close(k);
	}
	setenv("JUSAN_KEY", at("key"), 1);
	write_it(at("a.zst"));
	for (int i = 0; i < 2; i++) {
		CLEANUP(free_json) json_t *list = NULL;

		ck_assert_msg(bundle_unpack(at("a.zst"), at(i ? "other.pem" : "key.pem"), at("out"), NULL, &seen, &list, &err), "%s", err.text);
		ck_assert(seen.is_signed);
		ck_assert(seen.pinned == !i);
		ck_assert(fs_remove(at("out"), &err));
	}
	ck_assert(!accepts(at("a.zst"), at("r/journal.jsonl"), why));   /* no key at all */
}
END_TEST

/* ---- altered ---- */
static void every_byte(bool is_signed)
{
	CLEANUP(free_ptr) char *p = NULL;
	CLEANUP(close_fd) int fd = -1;
	struct err err = { 0 };
	char why[512];
	size_t n;

	if (is_signed) {
		ck_assert(sign_key_make(at("key"), &err));
		setenv("JUSAN_KEY", at("key"), 1);
	}
	write_it(at("a.zst"));
	p = read_all(at("a.zst"), &n);
	put("b.zst", p, n);
	fd = open(at("b.zst"), O_WRONLY);
	ck_assert(fd >= 0);
	for (size_t i = 0; i < n; i += i + 1200 < n ? 7 : 1) {   /* every one of the statement */
		p[i] ^= (char)(1 << i % 8);
		ck_assert_int_eq(pwrite(fd, p, n, 0), (ssize_t)n);
		ck_assert_msg(!accepts(at("b.zst"), NULL, why), "byte %zu of %zu, bit %zu: not noticed", i, n, i % 8);
		p[i] ^= (char)(1 << i % 8);
	}
	for (size_t i = 0; i < n; i += 1 + n / 300) {
		ck_assert_int_eq(ftruncate(fd, (off_t)i), 0);
		ck_assert_int_eq(pwrite(fd, p, i, 0), (ssize_t)i);
		ck_assert_msg(!accepts(at("b.zst"), NULL, why), "cut to %zu of %zu: not noticed", i, n);
	}
	p[n] = 'x';                     /* the NUL that fs_read puts there */
	put("b.zst", p, n + 1);
	ck_assert(!accepts(at("b.zst"), NULL, why));
}

START_TEST(flips) { every_byte(_i); } END_TEST

/* ---- hostile ---- */
struct entry {
	const char *name; int type; const char *link, *text;
	int64_t size;                   /* of text; 0 = its own */
};
static const char good_list[] = "L";    /* stands for a list that is true of what follows it */
#define FILE_(n, t) { n, AE_IFREG, NULL, t, 0 }
static const struct hostile {
	const char *name, *why;
	struct entry e[5];
	const char *listed[4];          /* names in the list; NULL: those of the entries */
	int64_t listed_size;            /* of each; 0: as it is */
} hostile[] = {
	{ "sound", NULL, { FILE_("run/a", "x"), FILE_("run/b", "y") }, { 0 }, 0 },
	{ "up and out", "cannot be the name", { FILE_("run/../../escaped", "x") }, { 0 }, 0 },
	{ "absolute", "cannot be the name", { FILE_("/tmp/bundle-escaped", "x") }, { 0 }, 0 },
	{ "another folder", "cannot be the name", { FILE_("etc/a", "x") }, { 0 }, 0 },
	{ "a run not listed", "cannot be the name", { FILE_("runs/1/a", "x") }, { 0 }, 0 },
	{ "empty part", "cannot be the name", { FILE_("run//a", "x") }, { 0 }, 0 },
	{ "dot", "cannot be the name", { FILE_("run/./a", "x") }, { 0 }, 0 },
	{ "backslash", "cannot be the name", { FILE_("run/..\\a", "x") }, { 0 }, 0 },
	{ "line end", "cannot be the name", { FILE_("run/a\nb", "x") }, { 0 }, 0 },
	{ "the folder itself", "cannot be the name", { FILE_("run", "x") }, { 0 }, 0 },
	{ "hidden escape", "where the list says", { FILE_("run/../../escaped", "x") }, { "run/a" }, 0 },
	{ "link out", "not a plain file", { { "run/a", AE_IFLNK, "/etc", "", 0 }, FILE_("run/a/b", "x") }, { "run/a", "run/b" }, 0 },
	{ "link to a file", "not a plain file", { { "run/a", AE_IFLNK, "/etc/passwd", "", 0 } }, { 0 }, 0 },
	{ "hard link", "not a plain file", { FILE_("run/a", "x"), { "run/b", 0, "run/a", "", 0 } }, { 0 }, 0 },
	{ "device", "not a plain file", { { "run/a", AE_IFCHR, NULL, "", 0 } }, { 0 }, 0 },
	{ "pipe", "not a plain file", { { "run/a", AE_IFIFO, NULL, "", 0 } }, { 0 }, 0 },
	{ "folder", "where the list says", { { "run/d", AE_IFDIR, NULL, "", 0 } }, { "run/d" }, 0 },
	{ "twice", "twice", { FILE_("run/a", "x"), FILE_("run/a", "x") }, { 0 }, 0 },
	{ "twice in the archive", "added", { FILE_("run/a", "x"), FILE_("run/a", "x") }, { "run/a" }, 0 },
	{ "out of order", "out of order", { FILE_("run/b", "x"), FILE_("run/a", "x") }, { 0 }, 0 },
	{ "case", "upper and lower", { FILE_("run/A", "x"), FILE_("run/a", "x") }, { 0 }, 0 },
	{ "case of a folder", "upper and lower", { FILE_("run/D/a", "x"), FILE_("run/d/b", "x") }, { 0 }, 0 },
	{ "file and folder", "upper and lower", { FILE_("run/a", "x"), FILE_("run/a/b", "x") }, { 0 }, 0 },
	{ "one more", "added", { FILE_("run/a", "x"), FILE_("run/b", "x") }, { "run/a" }, 0 },
	{ "one less", "missing", { FILE_("run/a", "x") }, { "run/a", "run/b" }, 0 },
	{ "longer", "not as long", { FILE_("run/a", "xyz") }, { "run/a" }, 1 },
	{ "huge", "more than may come", { FILE_("run/a", "x") }, { "run/a" }, INT64_C(1) << 50 },
	{ "bomb", "bomb", { FILE_("run/a", "x") }, { "run/a" }, INT64_C(1) << 34 },
	{ "deep", "cannot be the name", { FILE_("run/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9", "x") }, { 0 }, 0 },
};

static json_t *list_of(const struct hostile *h)
{
	json_t *files = json_array();

	for (const struct entry *e = h->e; e->name; e++) {
		size_t i = (size_t)(e - h->e);
		const char *name = h->listed[0] ? (i < 4 ? h->listed[i] : NULL) : e->name;
		char hex[HASH_HEX];

		hash_text(e->text, strlen(e->text), hex);
		if (name)
			json_array_append_new(files, json_pack("{s:s,s:I,s:s}", "path", name, "size",
							       (json_int_t)(h->listed_size ? h->listed_size : (int64_t)strlen(e->text)), "sha256", hex));
		if (h->listed[0] && !h->e[i + 1].name && i + 1 < 4 && h->listed[i + 1])
			json_array_append_new(files, json_pack("{s:s,s:i,s:s}", "path", h->listed[i + 1], "size", 1, "sha256", hex));
	}
	return json_pack("{s:s,s:s,s:s,s:b,s:[{s:s,s:s}],s:o}", "format", BUNDLE_FORMAT, "what", "run", "run", "R1", "redacted", 0, "folders", "folder",
			 "run", "run", "R1", "files", files);
}

static void add(struct archive *a, const struct entry *e, const char *text, size_t n)
{
	struct archive_entry *x = archive_entry_new();

	archive_entry_set_pathname(x, e->name);
	archive_entry_set_perm(x, 0644);
	if (e->type)
		archive_entry_set_filetype(x, (unsigned)e->type);
	if (e->type == AE_IFLNK)
		archive_entry_set_symlink(x, e->link);
	if (!e->type)
		archive_entry_set_hardlink(x, e->link);
	archive_entry_set_size(x, (int64_t)n);
	ck_assert_int_eq(archive_write_header(a, x), ARCHIVE_OK);
	if (n)
		ck_assert_int_eq(archive_write_data(a, text, n), (la_ssize_t)n);
	archive_entry_free(x);
}

/* States what the file is, as anybody can. */
static void state(const char *name)
{
	struct bundle_done done = { 0 };
	struct err err = { 0 };
	char hex[HASH_HEX];
	struct stat st;
	int fd = open(at(name), O_RDWR | O_APPEND);

	ck_assert(fd >= 0 && fstat(fd, &st) == 0 && hash_file(at(name), hex, &err));
	ck_assert_msg(bundle_state(fd, at("scratch"), st.st_size, hex, &done, &err), "%s", err.text);
	close(fd);
}

static void make_hostile(const struct hostile *h, const char *name)
{
	CLEANUP(free_json) json_t *list = list_of(h);
	CLEANUP(free_ptr) char *text = json_dumps(list, JSON_INDENT(1) | JSON_SORT_KEYS);
	const struct entry first = { BUNDLE_LIST, AE_IFREG, NULL, good_list, 0 };
	struct archive *a = archive_write_new();
	size_t n = strlen(text);

	archive_write_add_filter_zstd(a);
	archive_write_set_format_pax_restricted(a);
	ck_assert_int_eq(archive_write_open_filename(a, at(name)), ARCHIVE_OK);
	text[n] = '\n';
	add(a, &first, text, n + 1);
	for (const struct entry *e = h->e; e->name; e++)
		add(a, e, e->text, strlen(e->text));
	ck_assert_int_eq(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	state(name);
}

START_TEST(refused)
{
	const struct hostile *h = &hostile[_i];
	char why[512];

	make_hostile(h, "h.zst");
	if (h->why) {
		ck_assert_msg(!accepts(at("h.zst"), NULL, why), "%s: taken", h->name);
		ck_assert_msg(strstr(why, h->why), "%s: refused, but because: %s", h->name, why);
	} else {
		ck_assert_msg(accepts(at("h.zst"), NULL, why), "%s: %s", h->name, why);
	}
	ck_assert_int_ne(access(at("escaped"), F_OK), 0);
	ck_assert_int_ne(access("/tmp/bundle-escaped", F_OK), 0);
}
END_TEST

/* A file of a gigabyte of holes, as GNU tar and pax write it. */
START_TEST(sparse)
{
	struct hostile h = { "sparse", "not", { FILE_("run/a", "x") }, { 0 }, 0 };
	CLEANUP(free_json) json_t *list = NULL;
	struct archive *a = archive_write_new();
	struct archive_entry *x = archive_entry_new();
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(free_ptr) char *hole = NULL;
	const struct entry first = { BUNDLE_LIST, AE_IFREG, NULL, good_list, 0 };
	char why[512];
	size_t n;

	h.listed[0] = "run/a";
	h.listed_size = 1 << 20;
	list = list_of(&h);
	text = json_dumps(list, JSON_INDENT(1) | JSON_SORT_KEYS);
	n = strlen(text);
	text[n] = '\n';
	archive_write_add_filter_zstd(a);
	archive_write_set_format_pax(a);
	ck_assert_int_eq(archive_write_open_filename(a, at("h.zst")), ARCHIVE_OK);
	add(a, &first, text, n + 1);
	archive_entry_set_pathname(x, "run/a");
	archive_entry_set_filetype(x, AE_IFREG);
	archive_entry_set_perm(x, 0644);
	archive_entry_set_size(x, 1 << 20);
	archive_entry_sparse_add_entry(x, (1 << 20) - 1, 1);
	ck_assert_int_eq(archive_write_header(a, x), ARCHIVE_OK);
	archive_entry_free(x);
	hole = calloc(1, 1 << 20);
	ck_assert_int_eq(archive_write_data(a, hole, 1 << 20), 1 << 20);
	ck_assert_int_eq(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	state("h.zst");
	ck_assert(!accepts(at("h.zst"), NULL, why));
	ck_assert_msg(strstr(why, "not a plain file"), "%s", why);
}
END_TEST

/* Something else in front of a true statement. */
START_TEST(no_archive)
{
	static const char *const what[] = { "", "hello", "\x28\xb5\x2f\xfd", "\x1f\x8b\x08" };
	char why[512];

	put("h.zst", what[_i], strlen(what[_i]));
	state("h.zst");
	ck_assert(!accepts(at("h.zst"), NULL, why));
	ck_assert(*why);
}
END_TEST

/* A folder with names that others could not unpack is not bundled. */
START_TEST(not_written)
{
	static const char *const name[] = { "r/evidence/X-1.log", "r/a\\b", "r/a\tb", "r/\xff" };
	const struct bundle_job job = { .dir = at("r"), .out = at("a.zst") };
	struct bundle_done done;
	struct err err = { 0 };

	put(name[_i], "x", 1);
	ck_assert(!bundle_write(&job, &done, &err));
	ck_assert_int_ne(access(at("a.zst"), F_OK), 0);
	ck_assert_int_ne(access(at("a.zst.new"), F_OK), 0);
}
END_TEST

/* ---- the private folder ---- */
static int how;

static int leave(const char *dir, void *data)
{
	char path[FS_PATH];
	struct err err = { 0 };

	if (!fs_join(path, dir, "x", &err) || !fs_write(path, "x", 1, &err) || !fs_write(data, dir, strlen(dir), &err))
		return 99;
	if (how == 1)
		kill(getpid(), SIGKILL);
	if (how == 2) {
		kill(getppid(), SIGTERM);
		for (;;)
			pause();
	}
	return 7;
}

/* Gone when it returned, when it died, and when we were told to end. */
START_TEST(private)
{
	static const int want[] = { 7, 0, 130 };
	CLEANUP(free_ptr) char *dir = NULL;
	char path[FS_PATH];
	struct err err = { 0 };
	int status = 0;
	size_t n;

	how = _i;
	snprintf(path, sizeof(path), "%s", at("where"));
	setenv("TMPDIR", base, 1);
	ck_assert_msg(private_folder(leave, path, &status, &err) == (how != 1), "%s", err.text);
	if (how != 1)
		ck_assert_int_eq(status, want[how]);
	dir = read_all(path, &n);
	ck_assert_ptr_nonnull(strstr(dir, base));
	ck_assert_int_ne(access(dir, F_OK), 0);
}
END_TEST

static void with_folder(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 180);
}

int main(void)
{
	const struct test_row tests[] = {
		{ "round_trip", round_trip, 1 }, { "same_bytes", same_bytes, 1 }, { "key", key, 1 }, { "flips", flips, 2 }, { "refused", refused, ROWS(hostile) },
		{ "sparse", sparse, 1 }, { "no_archive", no_archive, 4 }, { "not_written", not_written, 4 }, { "private", private, 3 },
	};
	Suite *s = suite_create(__FILE__);
	SRunner *r;
	int bad;

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		TCase *tc = tcase_create(tests[i].name);

		with_folder(tc);
		tcase_add_loop_test(tc, tests[i].test, 0, tests[i].rows);
		suite_add_tcase(s, tc);
	}
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
