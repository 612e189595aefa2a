// SPDX-License-Identifier: Apache-2.0
#include "harness/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/journal.h"
#include "harness/sign.h"

#define SEAL_FORMAT "jusan-seal/1"
#define SEAL_MAX ((size_t)64 << 20)
#define JOURNAL_MAX ((size_t)1 << 30)
#define SEALS_MAX 9999

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- what is in the folder ---- */
static bool below(const char *path, const char *folder)
{
	return !strncmp(path, folder, strlen(folder));
}

/* MANIFEST.json, seals/ and their signatures seal each other; .reserve is only space held back. */
static bool is_seal(const char *path)
{
	return below(path, "MANIFEST.json") || below(path, "seals/") || !strcmp(path, ".reserve");
}

static bool is_report(const char *path)
{
	return !strcmp(path, "verdicts.json") || below(path, "report/") || below(path, "derived/");
}

struct walk { const char *dir; bool reports; json_t *files; };

static bool describe(const char *dir, const char *rel, json_t **ret, struct err *err)
{
	char path[FS_PATH], hex[HASH_HEX];
	struct stat st;

	if (!fs_join(path, dir, rel, err) || !hash_file(path, hex, err))
		return false;
	if (stat(path, &st) < 0)
		return err_sys(err, "%s", path);
	*ret = json_pack("{s:s,s:I,s:s}", "path", rel, "size", (json_int_t)st.st_size, "sha256", hex);
	return *ret || err_set(err, ERR_CONF, "%s: its name is not UTF-8", path);
}

static bool one_file(const char *rel, void *data, struct err *err)
{
	struct walk *w = data;
	json_t *f;

	if (is_seal(rel) || is_report(rel) != w->reports)
		return true;
	if (json_array_size(w->files) >= SEAL_FILES)
		return err_set(err, ERR_LIMIT, "%s: more than %d files", w->dir, SEAL_FILES);
	if (!describe(w->dir, rel, &f, err))
		return false;
	json_array_append_new(w->files, f);
	return true;
}

/* Every file of one kind with its hash; new reference. */
static bool list_files(const char *dir, bool reports, json_t **ret, struct err *err)
{
	struct walk w = { dir, reports, json_array() };

	if (!fs_walk(dir, one_file, &w, err)) {
		json_decref(w.files);
		return false;
	}
	*ret = w.files;
	return true;
}

/* ---- seals on disk ---- */
static void seal_name(char buf[32], unsigned i)
{
	if (i == 0)
		snprintf(buf, 32, "MANIFEST.json");
	else
		snprintf(buf, 32, "seals/%04u.json", i);
}

static bool exists(const char *dir, const char *name)
{
	char path[FS_PATH];
	struct err err = { 0 };

	return fs_join(path, dir, name, &err) && access(path, F_OK) == 0;
}

static unsigned count_seals(const char *dir)
{
	char name[32];
	unsigned n = 0;

	for (seal_name(name, 0); n < SEALS_MAX && exists(dir, name); seal_name(name, n))
		n++;
	return n;
}

static bool read_seal(const char *dir, unsigned i, json_t **ret, struct err *err)
{
	char path[FS_PATH], name[32];

	seal_name(name, i);
	if (!fs_join(path, dir, name, err) || !fs_read_json(path, SEAL_MAX, ret, err))
		return false;
	if (!strcmp(text_of(*ret, "format"), SEAL_FORMAT) && json_is_array(json_object_get(*ret, "files")))
		return true;
	json_decref(*ret);
	*ret = NULL;
	return err_set(err, ERR_CONF, "%s: not a seal", name);
}

static json_t *prev_of(const char *dir, unsigned n, struct err *err)
{
	char path[FS_PATH], name[32], hex[HASH_HEX];

	if (n == 0)
		return json_null();
	seal_name(name, n - 1);
	if (!fs_join(path, dir, name, err) || !hash_file(path, hex, err))
		return NULL;
	return json_pack("{s:s,s:s}", "file", name, "sha256", hex);
}

/* ---- sealing ---- */
static bool maybe_sign(const char *file, struct err *err)
{
	const char *key = getenv("JUSAN_KEY"), *home = getenv("HOME");
	char path[FS_PATH];

	if (key && *key)
		return sign_file(file, key, err);
	if (!home || snprintf(path, sizeof(path), "%s/.config/jusan/key.pem", home) >= (int)sizeof(path) || access(path, R_OK) < 0)
		return true;
	return sign_file(file, path, err);
}

static bool add_seal(const char *dir, const char *what, json_t *files, struct err *err)
{
	unsigned n = count_seals(dir);
	CLEANUP(free_json) json_t *run = NULL;
	CLEANUP(free_json) json_t *seal = NULL;
	json_t *prev = prev_of(dir, n, err);
	char path[FS_PATH], name[32], run_path[FS_PATH];
	struct err none = { 0 };

	if (!prev)
		return false;
	if (fs_join(run_path, dir, "run.json", &none))
		(void)!fs_read_json(run_path, SEAL_MAX, &run, &none);
	seal = json_pack("{s:s,s:s,s:s,s:o,s:O}", "format", SEAL_FORMAT, "what", what, "run", text_of(run, "id"), "prev", prev, "files", files);
	seal_name(name, n);
	if (n > 0 && (!fs_join(path, dir, "seals", err) || !fs_mkdirs(path, err)))
		return false;
	return fs_join(path, dir, name, err) && fs_write_json(path, seal, err) && maybe_sign(path, err);
}

bool seal_write(const char *dir, struct err *err)
{
	CLEANUP(free_json) json_t *files = NULL;

	return list_files(dir, false, &files, err) && add_seal(dir, "run", files, err);
}

/* The newest seal of that kind; NULL when there is none or it cannot be read. */
static json_t *last_seal(const char *dir, const char *what)
{
	for (unsigned i = count_seals(dir); i-- > 0;) {
		struct err err = { 0 };
		json_t *s;

		if (!read_seal(dir, i, &s, &err))
			return NULL;
		if (!strcmp(text_of(s, "what"), what))
			return s;
		json_decref(s);
	}
	return NULL;
}

bool seal_reports(const char *dir, struct err *err)
{
	CLEANUP(free_json) json_t *files = NULL;
	CLEANUP(free_json) json_t *last = last_seal(dir, "report");

	if (!list_files(dir, true, &files, err))
		return false;
	if (!count_seals(dir) || (last && json_equal(json_object_get(last, "files"), files)))
		return true;            /* a folder whose run was never sealed cannot be sealed from the middle */
	return add_seal(dir, "report", files, err);
}

/* ---- checking ---- */
struct check {
	const char *dir, *key;
	void (*fault)(enum seal_fault f, const char *what, void *data);
	void *data;
	struct seal_report *r;
	unsigned pinned;
};

static void found(struct check *c, enum seal_fault f, const char *what)
{
	c->r->faults++;
	c->fault(f, what, c->data);
}

static const json_t *entry_of(const json_t *files, const char *path)
{
	size_t i;
	json_t *f;

	json_array_foreach((json_t *)files, i, f)
		if (!strcmp(text_of(f, "path"), path))
			return f;
	return NULL;
}

static json_t *by_path(const json_t *files)
{
	json_t *out = json_object(), *f;
	size_t i;

	json_array_foreach((json_t *)files, i, f)
		json_object_set(out, text_of(f, "path"), f);
	return out;
}

/* sealed against there */
static void compare(struct check *c, const json_t *sealed, const json_t *there)
{
	json_t *want = by_path(sealed), *have = by_path(there), *f;
	const char *path;

	json_object_foreach(want, path, f) {
		json_t *now = json_object_get(have, path);

		c->r->files++;
		if (!now)
			found(c, SEAL_MISSING, path);
		else if (!json_equal(now, f))
			found(c, SEAL_ALTERED, path);
	}
	json_object_foreach(have, path, f)
		if (!json_object_get(want, path))
			found(c, SEAL_ADDED, path);
	json_decref(want);
	json_decref(have);
}

/* The journal's first bytes, as many as an earlier seal saw, must still hash to what it saw. */
static bool still_begins_with(const struct check *c, const json_t *sealed)
{
	CLEANUP(free_ptr) char *text = NULL;
	char path[FS_PATH], hex[HASH_HEX];
	json_int_t size = json_integer_value(json_object_get(sealed, "size"));
	struct err err = { 0 };
	size_t n;

	if (!fs_join(path, c->dir, "journal.jsonl", &err) || !fs_read(path, JOURNAL_MAX, &text, &n, &err) || size < 0 || (size_t)size > n)
		return false;
	hash_text(text, (size_t)size, hex);
	return !strcmp(hex, text_of(sealed, "sha256"));
}

/* An earlier seal of the run: evidence stays, the journal only grows. */
static void compare_earlier(struct check *c, const json_t *earlier, const json_t *later)
{
	size_t i;
	json_t *f;

	json_array_foreach((json_t *)earlier, i, f) {
		const char *path = text_of(f, "path");
		const json_t *now = entry_of(later, path);

		if (!strcmp(path, "run.json"))
			continue;
		if (!strcmp(path, "journal.jsonl") ? !still_begins_with(c, f) : now && !json_equal(now, f))
			found(c, SEAL_ALTERED, path);
		else if (!now)
			found(c, SEAL_MISSING, path);
	}
}

static void check_signature(struct check *c, const char *name)
{
	char path[FS_PATH], sig[40];
	bool ok, pinned;
	struct err err = { 0 };

	snprintf(sig, sizeof(sig), "%s.sig", name);
	if (!exists(c->dir, sig)) {
		if (c->key)
			found(c, SEAL_SIGNATURE, name);
		return;
	}
	if (!fs_join(path, c->dir, name, &err) || !sign_check(path, c->key, &ok, &pinned, c->r->signer, &err) || !ok ||
	    (c->key && !pinned)) {
		found(c, SEAL_SIGNATURE, sig);
		return;
	}
	c->r->signatures++;
	c->pinned += pinned ? 1 : 0;
}

static bool follows(const struct check *c, const json_t *seal, unsigned i)
{
	struct err err = { 0 };
	json_t *prev = prev_of(c->dir, i, &err);
	bool same = prev && json_equal(prev, json_object_get(seal, "prev"));

	json_decref(prev);
	return same;
}

/* Walks the chain; the newest list of each kind goes to `newest` (borrowed from `seals`). */
static void check_chain(struct check *c, json_t *seals, const json_t *newest[2])
{
	unsigned n = count_seals(c->dir);

	for (unsigned i = 0; i < n; i++) {
		json_t *s = NULL, *files;
		char name[32];
		struct err err = { 0 };
		bool report;

		seal_name(name, i);
		if (!read_seal(c->dir, i, &s, &err)) {
			found(c, SEAL_BROKEN, name);
			continue;
		}
		json_array_append_new(seals, s);
		if (!follows(c, s, i))
			found(c, SEAL_BROKEN, name);
		check_signature(c, name);
		report = !strcmp(text_of(s, "what"), "report");
		files = json_object_get(s, "files");
		if (!report && newest[0])
			compare_earlier(c, newest[0], files);
		newest[report] = files;
		c->r->seals++;
	}
}

bool seal_verify(const char *dir, const char *key, void (*fault)(enum seal_fault f, const char *what, void *data), void *data,
		 struct seal_report *ret, struct err *err)
{
	CLEANUP(free_json) json_t *seals = json_array();
	CLEANUP(free_json) json_t *empty = json_array();
	CLEANUP(free_json) json_t *run = NULL;
	CLEANUP(free_json) json_t *reports = NULL;
	CLEANUP(free_json) json_t *records = NULL;
	const json_t *newest[2] = { NULL, NULL };
	struct check c = { dir, key, fault, data, ret, 0 };
	struct err broken = { 0 };

	*ret = (struct seal_report){ 0 };
	if (!list_files(dir, false, &run, err) || !list_files(dir, true, &reports, err))
		return false;
	if (!json_array_size(run))
		return err_set(err, ERR_CONF, "%s: no run folder", dir);
	check_chain(&c, seals, newest);
	if (!newest[0])
		found(&c, SEAL_MISSING, "MANIFEST.json: nothing says what this folder held");
	else
		compare(&c, newest[0], run);
	compare(&c, newest[1] ? newest[1] : empty, reports);
	if (!journal_read(dir, &records, &broken))
		found(&c, SEAL_BROKEN, broken.text);
	ret->pinned = ret->seals > 0 && c.pinned == ret->seals;
	return true;
}
