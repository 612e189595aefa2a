// SPDX-License-Identifier: Apache-2.0
#include "harness/review.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/journal.h"
#include "harness/seal.h"

/* ---- a small run folder, and a desk with documents beside it ---- */
static char dir[64], desk[64];

static const char *at(const char *folder, const char *name)
{
	static char path[4][FS_PATH];
	static int next;
	char *p = path[next = (next + 1) % 4];

	snprintf(p, FS_PATH, "%s/%s", folder, name);
	return p;
}

static const char *in(const char *name) { return at(dir, name); }
static const char *on_desk(const char *name) { return at(desk, name); }

static void put(const char *path, const char *text)
{
	struct err err = { 0 };

	ck_assert_msg(fs_write(path, text, strlen(text), &err), "%s", err.text);
}

static void make(void)
{
	struct err err = { 0 };
	struct journal *j;

	snprintf(dir, sizeof(dir), "/tmp/jusan-review-XXXXXX");
	snprintf(desk, sizeof(desk), "/tmp/jusan-desk-XXXXXX");
	ck_assert(mkdtemp(dir) != NULL && mkdtemp(desk) != NULL);
	unsetenv("JUSAN_KEY");
	setenv("HOME", desk, 1);
	put(in("run.json"), "{\"id\": \"r1\", \"ended\": \"2026-11-26T03:14:22Z\"}\n");
	ck_assert(journal_open(dir, &j, &err) && journal_append(j, "mark", json_object(), NULL, &err));
	journal_close(j);
	ck_assert_msg(seal_write(dir, &err), "%s", err.text);
	put(on_desk("policy.pdf"), "%PDF policy\n");
	put(on_desk("plan.txt"), "plan\n");
}

static void drop(void)
{
	struct err err = { 0 };

	ck_assert_msg(fs_remove(dir, &err) && fs_remove(desk, &err), "%s", err.text);
}

static struct review_entry entry(const char *on, const char *decide, const char *expires)
{
	return (struct review_entry){ .what = decide ? REVIEW_DECISION : REVIEW_WAIVER, .on = on, .decide = decide,
				      .reviewer = "Aki Mori <aki@lab.example>", .date = "2026-12-01", .expires = expires, .reason = "read it",
				      .asked = "is it so?" };
}

static void add(const char *on, const char *decide, const char *expires, const char *file)
{
	struct review_entry e = entry(on, decide, expires);
	char path[32];
	struct err err = { 0 };

	e.files = &file;
	e.n_files = file ? 1 : 0;
	ck_assert_msg(review_add(dir, &e, path, &err), "%s", err.text);
}

static json_t *read_all(void)
{
	struct err err = { 0 };
	json_t *out = NULL;

	ck_assert_msg(review_read(dir, &out, &err), "%s", err.text);
	return out;
}

static void count(enum seal_fault f, const char *what, void *data)
{
	(void)f;
	(void)what;
	++*(unsigned *)data;
}

static unsigned faults(void)
{
	struct seal_report r;
	struct err err = { 0 };
	unsigned n = 0;

	ck_assert_msg(seal_verify(dir, NULL, count, &n, &r, &err), "%s", err.text);
	return n;
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- what a decision must say ---- */
static const struct { struct review_entry e; const char *want; } checked[] = {
#define OK .reviewer = "A <a@b>", .date = "2026-12-01", .expires = "2027-12-01", .reason = "r"
	{ { .on = "ER2-01", .decide = "pass", OK }, NULL },
	{ { .on = "ER2-01", .decide = "open", .reviewer = "森 亜紀 <a@b.example>", .date = "2026-12-01", .reason = "再確認" }, NULL },
	{ { .on = "G1.4", .what = REVIEW_WAIVER, OK }, NULL },
	{ { .on = "../../etc", .decide = "pass", OK }, "is no id" },
	{ { .on = "ER2/01", .decide = "pass", OK }, "is no id" },
	{ { .on = "G1..4", .decide = "pass", OK }, "is no id" },
	{ { .on = ".", .decide = "pass", OK }, "is no id" },
	{ { .on = "ERRRRRRRRRRRRRRRRRRRRRR2-01", .decide = "pass", OK }, "is no id" },
	{ { .on = NULL, .decide = "pass", OK }, "is no id" },
	{ { .on = "ER2-01", .decide = "passed", OK }, "not one of" },
	{ { .on = "ER2-01", OK }, "not one of" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "Aki", .date = "2026-12-01", .expires = "2027-12-01", .reason = "r" }, "Name <mail" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = " <a@b>", .date = "2026-12-01", .expires = "2027-12-01", .reason = "r" }, "Name <mail" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b> x", .date = "2026-12-01", .expires = "2027-12-01", .reason = "r" }, "Name <mail" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A\x1b[2J <a@b>", .date = "2026-12-01", .expires = "2027-12-01", .reason = "r" }, "Name <mail" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b>", .date = "2026-12-01", .expires = "2027-12-01", .reason = "" }, "one line" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b>", .date = "2026-12-01", .expires = "2027-12-01", .reason = "   " }, "one line" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b>", .date = "2026-12-01", .expires = "2027-12-01", .reason = "two\nlines" }, "one line" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b>", .date = "2026-12-01", .expires = "2027-12-01", .reason = "turned \u202e round" }, "one line" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b>", .date = "2026-12-01", .expires = "2027-12-01", .reason = "\xff" }, "one line" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b>", .date = "1.12.2026", .expires = "2027-12-01", .reason = "r" }, "date:" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b>", .date = "2026-12-01", .expires = "2027-02-30", .reason = "r" }, "expires:" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b>", .date = "2026-12-01", .reason = "r" }, "holds until" },
	{ { .on = "ER2-01", .decide = "not-applicable", .reviewer = "A <a@b>", .date = "2026-12-01", .reason = "r" }, "holds until" },
	{ { .on = "G1.4", .what = REVIEW_WAIVER, .reviewer = "A <a@b>", .date = "2026-12-01", .reason = "r" }, "holds until" },
	{ { .on = "ER2-01", .decide = "pass", .reviewer = "A <a@b>", .date = "2026-12-01", .expires = "2026-11-30", .reason = "r" }, "lies before" },
};

START_TEST(must_say)
{
	struct err err = { 0 };
	bool ok = review_check(&checked[_i].e, &err);

	ck_assert_msg(ok == !checked[_i].want, "%s", err.text);
	ck_assert_msg(ok || strstr(err.text, checked[_i].want), "%s", err.text);
}
END_TEST

START_TEST(too_long)
{
	struct review_entry e = entry("ER2-01", "fail", NULL);
	char reason[REVIEW_TEXT + 2];
	struct err err = { 0 };

	memset(reason, 'x', sizeof(reason));
	reason[REVIEW_TEXT] = '\0';
	e.reason = reason;
	ck_assert(review_check(&e, &err));
	reason[REVIEW_TEXT] = 'x';
	reason[REVIEW_TEXT + 1] = '\0';
	ck_assert(!review_check(&e, &err));
}
END_TEST

/* ---- taken, read back, superseded ---- */
START_TEST(taken)
{
	CLEANUP(free_json) json_t *all = NULL;
	const json_t *last, *f;
	char why[300] = "";

	make();
	add("ER2-01", "pass", "2027-11-26", on_desk("policy.pdf"));
	add("ER2-02", "fail", NULL, NULL);
	add("ER2-01", "open", NULL, NULL);
	add("BT1-05", NULL, "2026-12-31", NULL);
	ck_assert_uint_eq(faults(), 0);
	all = read_all();
	ck_assert_uint_eq(json_array_size(all), 4);
	f = json_array_get(json_object_get(json_array_get(all, 0), "files"), 0);
	ck_assert_str_eq(text(f, "path"), "review/ER2-01/0001-1-policy.pdf");
	ck_assert_str_eq(text(f, "name"), "policy.pdf");
	ck_assert_str_eq(text(json_array_get(all, 0), "seal"), "seals/0001.json");
	ck_assert_str_eq(text(json_array_get(all, 3), "seal"), "seals/0004.json");
	last = review_last(all, REVIEW_DECISION, "ER2-01");
	ck_assert_str_eq(text(last, "path"), "review/0003.json");
	ck_assert(review_says(last, "2026-11-26", why, sizeof(why)) == VERDICT_REVIEW);
	ck_assert(review_says(review_last(all, REVIEW_DECISION, "ER2-02"), "2026-11-26", why, sizeof(why)) == VERDICT_FAIL);
	ck_assert_ptr_null(review_last(all, REVIEW_DECISION, "BT1-05"));
	ck_assert_ptr_nonnull(review_last(all, REVIEW_WAIVER, "BT1-05"));
	drop();
}
END_TEST

/* ---- documents that want to lead astray ---- */
static const struct { const char *name, *copy, *want; } document[] = {
	{ "policy.pdf", "0001-1-policy.pdf", NULL },
	{ "..hidden", "0001-1-_.hidden", NULL },
	{ "a b;rm -rf $HOME", "0001-1-a_b_rm_-rf__HOME", NULL },
	{ "\x1b]0;x\x07.txt", "0001-1-__0_x_.txt", NULL },
	{ "方針.pdf", "0001-1-______.pdf", NULL },
	{ "\xff\xfe.bin", "0001-1-__.bin", NULL },
	{ "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789.pdf",
	  "0001-1-45678901234567890123456789012345678901234567890123456789" "01234567890123456789.pdf" + 0, NULL },
	{ "link", NULL, "is a link" },
	{ "fifo", NULL, "no regular file" },
	{ "folder", NULL, "no regular file" },
	{ "empty", NULL, "is empty" },
	{ "huge", NULL, "larger than" },
	{ "missing", NULL, "No such file" },
};

static void lay_out(const char *name)
{
	struct err err = { 0 };

	if (!strcmp(name, "link"))
		ck_assert(symlink(on_desk("policy.pdf"), on_desk(name)) == 0);
	else if (!strcmp(name, "fifo"))
		ck_assert(mkfifo(on_desk(name), 0600) == 0);
	else if (!strcmp(name, "folder"))
		ck_assert(fs_mkdirs(on_desk(name), &err));
	else if (!strcmp(name, "huge"))
		ck_assert(close(open(on_desk(name), O_CREAT | O_WRONLY, 0600)) == 0 && truncate(on_desk(name), (off_t)REVIEW_FILE_MAX + 1) == 0);
	else if (strcmp(name, "missing"))
		put(on_desk(name), strcmp(name, "empty") ? "text\n" : "");
}

START_TEST(documents)
{
	CLEANUP(free_json) json_t *all = NULL;
	struct review_entry e;
	const char *files[2];
	char path[32], want[FS_PATH];
	struct err err = { 0 };
	bool ok;

	make();
	lay_out(document[_i].name);
	e = entry("ER2-01", "pass", "2027-11-26");
	files[0] = strdup(on_desk("plan.txt"));
	files[1] = strdup(on_desk(document[_i].name));
	e.files = files + 1;
	e.n_files = 1;
	ok = review_add(dir, &e, path, &err);
	ck_assert_msg(ok == !document[_i].want && (ok || strstr(err.text, document[_i].want)), "%s", err.text);
	if (ok) {
		snprintf(want, sizeof(want), "review/ER2-01/%s", document[_i].copy);
		all = read_all();
		ck_assert_str_eq(text(json_array_get(json_object_get(json_array_get(all, 0), "files"), 0), "path"), want);
		ck_assert(access(in(want), R_OK) == 0);
	} else {                                /* the good one before it is not left behind either */
		e.files = files;
		e.n_files = 2;
		ck_assert(!review_add(dir, &e, path, &err));
		ck_assert(access(in("review/ER2-01/0001-1-plan.txt"), F_OK) < 0 && access(in("review/0001.json"), F_OK) < 0);
	}
	ck_assert_uint_eq(faults(), 0);
	free((void *)(uintptr_t)files[0]);
	free((void *)(uintptr_t)files[1]);
	drop();
}
END_TEST

/* ---- a folder that is not what was sealed ---- */
static void two(void)
{
	make();
	add("ER2-01", "pass", "2027-11-26", on_desk("policy.pdf"));
	add("ER2-01", "fail", "2027-11-26", on_desk("plan.txt"));
}

static void lose_last(void) { ck_assert(unlink(in("review/0002.json")) == 0); }
static void lose_first(void) { ck_assert(unlink(in("review/0001.json")) == 0); }
static void lose_all(void) { struct err err = { 0 }; ck_assert(fs_remove(in("review"), &err)); }
static void lose_document(void) { ck_assert(unlink(in("review/ER2-01/0002-1-plan.txt")) == 0); }
static void alter_document(void) { put(in("review/ER2-01/0002-1-plan.txt"), "plam\n"); }
static void link_document(void) { lose_document(); ck_assert(symlink(on_desk("plan.txt"), in("review/ER2-01/0002-1-plan.txt")) == 0); }
static void alter_entry(void) { put(in("review/0002.json"), "{}\n"); }
static void break_entry(void) { put(in("review/0002.json"), "{\n"); }
static void lose_seal(void) { ck_assert(unlink(in("seals/0002.json")) == 0); }
static void lose_both(void) { lose_seal(); lose_last(); }
static void lose_middle(void) { add("ER2-02", "open", NULL, NULL); lose_both(); ck_assert(unlink(in("review/0003.json")) == 0); }
static void copy_first(void) { struct err err = { 0 }; ck_assert(fs_copy(in("review/0001.json"), in("review/0002.json"), &err)); }
static void other_run(void) { put(in("run.json"), "{\"id\": \"r2\"}\n"); }
static void keep(void) { }

static const struct { void (*change)(void); const char *refused; const char *says; } changed[] = {
	{ keep, NULL, "FAIL" },
	{ lose_last, "gone", NULL },
	{ lose_first, "gone", NULL },
	{ lose_all, "gone", NULL },
	{ lose_document, NULL, "REVIEW" },
	{ alter_document, NULL, "REVIEW" },
	{ link_document, NULL, "REVIEW" },
	{ alter_entry, "not of the form", NULL },
	{ break_entry, "not of the form", NULL },
	{ copy_first, "is not number 2", NULL },
	{ lose_seal, NULL, "REVIEW" },
	{ lose_middle, "one was lost", NULL },
	{ other_run, "another run", NULL },
};

/* Nothing that is lost or altered makes the second decision, a FAIL, give way to the first, a PASS. */
START_TEST(nothing_better)
{
	CLEANUP(free_json) json_t *all = NULL;
	struct review_entry e = entry("ER2-02", "open", NULL);
	struct err err = { 0 };
	char why[300] = "", path[32];

	two();
	changed[_i].change();
	if (changed[_i].refused) {
		ck_assert(!review_read(dir, &all, &err));
		ck_assert_msg(err.kind == ERR_BENCH && strstr(err.text, changed[_i].refused), "%s", err.text);
	} else {
		all = read_all();
		ck_assert_str_eq(verdict_name(review_says(review_last(all, REVIEW_DECISION, "ER2-01"), "2026-11-26", why, sizeof(why))),
				 changed[_i].says);
	}
	ck_assert(changed[_i].change == keep || changed[_i].change == lose_seal || !review_add(dir, &e, path, &err));
	drop();
}
END_TEST

/* ---- interrupted, disturbed ---- */
START_TEST(interrupted)
{
	CLEANUP(free_json) json_t *all = NULL;
	struct err err = { 0 };

	make();
	add("ER2-01", "pass", "2027-11-26", on_desk("policy.pdf"));
	put(in("review/ER2-01/0002-1-half.pdf"), "half");       /* killed while copying */
	put(in("review/ER2-01/0002-7-more.pdf"), "half");
	put(in("review/0002.json.new"), "{");
	add("ER2-01", "pass", "2027-11-26", on_desk("plan.txt"));
	ck_assert(access(in("review/ER2-01/0002-1-half.pdf"), F_OK) < 0 && access(in("review/ER2-01/0002-7-more.pdf"), F_OK) < 0);
	ck_assert_uint_eq(faults(), 0);
	ck_assert(unlink(in("seals/0002.json")) == 0);          /* killed before its seal */
	ck_assert_uint_eq(faults(), 2);
	add("ER2-02", "fail", NULL, NULL);
	ck_assert_uint_eq(faults(), 0);
	all = read_all();
	ck_assert_uint_eq(json_array_size(all), 3);
	ck_assert_str_eq(text(json_array_get(all, 1), "seal"), "seals/0002.json");
	(void)err;
	drop();
}
END_TEST

static void alter_run(void) { put(in("run.json"), "{\"id\": \"r1\"}\n"); }
static void add_foreign(void) { struct err err = { 0 }; ck_assert(fs_mkdirs(in("review"), &err)); put(in("review/note.txt"), "x"); }
static void link_review(void) { ck_assert(symlink(desk, in("review")) == 0); }
static void link_folder(void) { struct err err = { 0 }; ck_assert(fs_mkdirs(in("review"), &err) && symlink(desk, in("review/ER2-01")) == 0); }
static void unseal(void) { ck_assert(unlink(in("MANIFEST.json")) == 0); }
static void bad_key(void) { setenv("JUSAN_KEY", "/nowhere/key.pem", 1); }
static void many(void) { }

static const struct { void (*before)(void); const char *want; } refused[] = {
	{ alter_run, "altered: run.json" }, { add_foreign, "added: review/note.txt" }, { link_review, "added: review;" }, { link_folder, "added: review/ER2-01;" },
	{ unseal, "is not what was sealed" }, { bad_key, "No such file" }, { many, "more than 32 documents" },
};

START_TEST(refuses)
{
	struct review_entry e = entry("ER2-01", "pass", "2027-11-26");
	const char *files[REVIEW_FILES + 1];
	char path[32], file[FS_PATH];
	struct err err = { 0 };

	make();
	refused[_i].before();
	snprintf(file, sizeof(file), "%s", on_desk("policy.pdf"));
	for (size_t i = 0; i <= REVIEW_FILES; i++)
		files[i] = file;
	e.files = files;
	e.n_files = refused[_i].before == many ? REVIEW_FILES + 1 : 1;
	ck_assert(!review_add(dir, &e, path, &err));
	ck_assert_msg(strstr(err.text, refused[_i].want), "%s", err.text);
	ck_assert(access(at(desk, "0001.json"), F_OK) < 0 && access(at(desk, "0001-1-policy.pdf"), F_OK) < 0);
	unsetenv("JUSAN_KEY");
	drop();
}
END_TEST

START_TEST(one_at_a_time)
{
	struct review_entry e = entry("ER2-01", "fail", NULL);
	char path[32];
	struct err err = { 0 };
	int fd;

	make();
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	ck_assert(fd >= 0 && flock(fd, LOCK_EX) == 0);
	ck_assert(!review_add(dir, &e, path, &err) && strstr(err.text, "somebody else"));
	close(fd);
	ck_assert_msg(review_add(dir, &e, path, &err), "%s", err.text);
	drop();
}
END_TEST

TEST_MAIN({ "must say", must_say, ROWS(checked) }, { "too long", too_long, 1 }, { "taken", taken, 1 }, { "documents", documents, ROWS(document) },
	  { "nothing better", nothing_better, ROWS(changed) }, { "interrupted", interrupted, 1 }, { "refuses", refuses, ROWS(refused) },
	  { "one at a time", one_at_a_time, 1 })
