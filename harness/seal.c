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
#include "harness/seal_in.h"
#include "harness/sign.h"
#include "harness/sign_key.h"

#define SEAL_FORMAT "jusan-seal/2"
#define SEAL_MAX ((size_t)64 << 20)
#define SEALS_MAX 9999

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- names ---- */
void seal_name(char buf[32], unsigned i)
{
	if (i == 0)
		snprintf(buf, 32, "MANIFEST.json");
	else
		snprintf(buf, 32, "seals/%04u.json", i);
}

bool seal_has(const char *dir, const char *name)
{
	char path[FS_PATH];
	struct err err = { 0 };

	return fs_join(path, dir, name, &err) && access(path, F_OK) == 0;
}

unsigned seal_count(const char *dir)
{
	char name[32];
	unsigned n = 0;

	for (seal_name(name, 0); n < SEALS_MAX && seal_has(dir, name); seal_name(name, n))
		n++;
	return n;
}

bool seal_is_one(const char *path, unsigned n)
{
	char name[32];
	unsigned i = !strncmp(path, "seals/", 6) ? (unsigned)strtoul(path + 6, NULL, 10) : 0;
	size_t len;

	seal_name(name, i);
	len = strlen(name);
	return i < n && !strncmp(path, name, len) && (!path[len] || !strcmp(path + len, ".sig"));
}

/* ---- what is in the folder ---- */
static bool below(const char *path, const char *folder)
{
	return !strncmp(path, folder, strlen(folder));
}

const char *const seal_kind_name[SEAL_KINDS] = { "run", "report", "review" };

static enum seal_kind kind_of(const char *path)
{
	if (!strcmp(path, "verdicts.json") || below(path, "report/") || below(path, "derived/"))
		return SEAL_REPORT;
	return below(path, "review/") ? SEAL_REVIEW : SEAL_RUN;
}

struct walk {
	const char *dir;
	enum seal_kind kind;
	unsigned seals;
	void (*odd)(const char *path, void *data);
	void *data;
	json_t *files;
};

static bool one_file(const char *rel, void *data, struct err *err)
{
	struct walk *w = data;
	char path[FS_PATH], hex[HASH_HEX];
	struct stat st;
	json_t *f;

	if (seal_is_one(rel, w->seals) || kind_of(rel) != w->kind)
		return true;
	if (json_array_size(w->files) >= SEAL_FILES)
		return err_set(err, ERR_LIMIT, "%s: more than %d files", w->dir, SEAL_FILES);
	if (!fs_join(path, w->dir, rel, err) || !hash_file(path, hex, err))
		return false;
	if (stat(path, &st) < 0)
		return err_sys(err, "%s", path);
	f = json_pack("{s:s,s:I,s:s}", "path", rel, "size", (json_int_t)st.st_size, "sha256", hex);
	if (f)
		json_array_append_new(w->files, f);
	else if (w->odd)
		w->odd(rel, w->data);
	return f || w->odd || err_set(err, ERR_CONF, "%s: its name is not UTF-8", path);
}

bool seal_files(const char *dir, enum seal_kind kind, void (*odd)(const char *path, void *data), void *data, json_t **ret,
		struct err *err)
{
	struct walk w = { dir, kind, seal_count(dir), odd, data, json_array() };

	if (!fs_walk(dir, one_file, &w, err)) {
		json_decref(w.files);
		return false;
	}
	*ret = w.files;
	return true;
}

/* ---- seals on disk ---- */
/* A file of ours has one form: then no byte of it can change without changing what it says. */
static bool read_exactly(const char *path, json_t **ret, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(free_ptr) char *ours = NULL;
	CLEANUP(free_json) json_t *j = NULL;
	size_t n;

	if (!fs_read(path, SEAL_MAX, &text, &n, err))
		return false;
	j = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	ours = j ? json_dumps(j, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
	if (!ours || strlen(ours) + 1 != n || memcmp(ours, text, n - 1) != 0 || text[n - 1] != '\n')
		return err_set(err, ERR_CONF, "%s: not as jusan writes it", path);
	*ret = json_incref(j);
	return true;
}

static bool is_hash(const json_t *v)
{
	const char *s = json_string_value(v);

	return s && strlen(s) == HASH_HEX - 1 && strspn(s, "0123456789abcdef") == HASH_HEX - 1;
}

static bool well_listed(const json_t *files)
{
	const char *last = "";
	size_t i;
	json_t *f;

	if (!json_is_array(files))
		return false;
	json_array_foreach((json_t *)(uintptr_t)files, i, f) {
		if (json_object_size(f) != 3 || strcmp(text_of(f, "path"), last) <= 0 || !json_is_integer(json_object_get(f, "size")) ||
		    json_integer_value(json_object_get(f, "size")) < 0 || !is_hash(json_object_get(f, "sha256")))
			return false;
		last = text_of(f, "path");
	}
	return true;
}

static bool well_formed(const json_t *s)
{
	const json_t *prev = json_object_get(s, "prev"), *signer = json_object_get(s, "signer");
	bool known = false;

	for (int k = 0; k < SEAL_KINDS; k++)
		known |= !strcmp(text_of(s, "what"), seal_kind_name[k]);
	return known && json_object_size(s) == 6 && !strcmp(text_of(s, "format"), SEAL_FORMAT) && json_is_string(json_object_get(s, "run")) && (json_is_null(prev) || json_is_object(prev)) &&
	       (json_is_null(signer) || is_hash(signer)) && well_listed(json_object_get(s, "files"));
}

bool seal_get(const char *dir, unsigned i, json_t **ret, struct err *err)
{
	CLEANUP(free_json) json_t *s = NULL;
	char path[FS_PATH], name[32];

	seal_name(name, i);
	if (!fs_join(path, dir, name, err) || !read_exactly(path, &s, err))
		return false;
	if (!well_formed(s))
		return err_set(err, ERR_CONF, "%s: not a seal of format " SEAL_FORMAT, name);
	*ret = json_incref(s);
	return true;
}

json_t *seal_prev(const char *dir, unsigned n, struct err *err)
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
static void close_key(struct sign_key **k) { sign_key_close(*k); }

static bool add_seal(const char *dir, const char *what, json_t *files, struct err *err)
{
	unsigned n = seal_count(dir);
	CLEANUP(close_key) struct sign_key *key = NULL;
	CLEANUP(free_json) json_t *run = NULL;
	CLEANUP(free_json) json_t *seal = NULL;
	CLEANUP(free_json) json_t *prev = seal_prev(dir, n, err);
	char path[FS_PATH], name[32], run_path[FS_PATH], where[FS_PATH], signer[HASH_HEX];
	struct err none = { 0 };

	if (!prev || (sign_where(where) && !sign_key_open(where, &key, err)))
		return false;
	if (key)
		hash_text(sign_key_public(key), strlen(sign_key_public(key)), signer);
	if (fs_join(run_path, dir, "run.json", &none))
		(void)!fs_read_json(run_path, SEAL_MAX, &run, &none);
	seal = json_pack("{s:s,s:s,s:s,s:O,s:s?,s:O}", "format", SEAL_FORMAT, "what", what, "run", text_of(run, "id"), "prev", prev,
			 "signer", key ? signer : NULL, "files", files);
	seal_name(name, n);
	if (n > 0 && (!fs_join(path, dir, "seals", err) || !fs_mkdirs(path, err)))
		return false;
	return fs_join(path, dir, name, err) && fs_write_json(path, seal, err) && (!key || sign_with(path, key, err));
}

bool seal_write(const char *dir, struct err *err)
{
	CLEANUP(free_json) json_t *files = NULL;

	return seal_files(dir, SEAL_RUN, NULL, NULL, &files, err) && add_seal(dir, seal_kind_name[SEAL_RUN], files, err);
}

/* The newest seal of that kind; NULL when there is none or it cannot be read. */
static json_t *last_seal(const char *dir, const char *what)
{
	for (unsigned i = seal_count(dir); i-- > 0;) {
		struct err err = { 0 };
		json_t *s;

		if (!seal_get(dir, i, &s, &err))
			return NULL;
		if (!strcmp(text_of(s, "what"), what))
			return s;
		json_decref(s);
	}
	return NULL;
}

/* Nothing is added when nothing changed; a folder whose run was never sealed cannot be sealed from the middle. */
static bool seal_later(const char *dir, enum seal_kind kind, struct err *err)
{
	CLEANUP(free_json) json_t *files = NULL;
	CLEANUP(free_json) json_t *last = last_seal(dir, seal_kind_name[kind]);

	if (!seal_files(dir, kind, NULL, NULL, &files, err))
		return false;
	if (!seal_count(dir) || (last && json_equal(json_object_get(last, "files"), files)))
		return true;
	return add_seal(dir, seal_kind_name[kind], files, err);
}

bool seal_reports(const char *dir, struct err *err)
{
	return seal_later(dir, SEAL_REPORT, err);
}

bool seal_review(const char *dir, struct err *err)
{
	if (!seal_count(dir))
		return err_set(err, ERR_CONF, "%s: the run was never sealed, so there is nothing to decide on", dir);
	return seal_later(dir, SEAL_REVIEW, err);
}

bool seal_last(const char *dir, char ret_file[static 32], char ret_sha256[static 65], struct err *err)
{
	unsigned n = seal_count(dir);
	char path[FS_PATH];

	if (!n)
		return err_set(err, ERR_CONF, "%s was never sealed", dir);
	seal_name(ret_file, n - 1);
	return fs_join(path, dir, ret_file, err) && hash_file(path, ret_sha256, err);
}
