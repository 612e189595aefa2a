// SPDX-License-Identifier: Apache-2.0
// The list at the head of a bundle: what is in it, before anything else of it is read.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "harness/bundle_in.h"
#include "harness/seal.h"

#define DEPTH 16

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- names ---- */
static bool is_part(const char *p, size_t n)
{
	return n > 0 && !(n == 1 && p[0] == '.') && !(n == 2 && p[0] == '.' && p[1] == '.');
}

/* Parts without "", "." and ".."; no control byte, and no backslash, which is a slash elsewhere. */
static bool is_plain(const char *path)
{
	unsigned depth = 0;

	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '\\')
			return false;
	for (const char *p = path;; p++) {
		size_t n = strcspn(p, "/");

		if (!is_part(p, n) || ++depth > DEPTH)
			return false;
		p += n;
		if (!*p)
			return strlen(path) <= BUNDLE_PATH;
	}
}

bool bundle_name_fits(const char *path, const json_t *folders)
{
	size_t i;
	json_t *f;

	json_array_foreach((json_t *)(uintptr_t)folders, i, f) {
		const char *folder = text_of(f, "folder");
		size_t n = strlen(folder);

		if (n && !strncmp(path, folder, n) && path[n] == '/')
			return is_plain(path);
	}
	return false;
}

/* ---- names that are one name elsewhere ---- */
static void fold(const char *s, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
	out[n] = '\0';
}

/* `seen` holds each file and each folder ("a/") as it would look without case. False when it was seen written in another way, a
 * file also when it was seen at all, and both when the other was. */
static bool only_one(json_t *seen, const char *path, size_t n)
{
	bool folder = path[n - 1] == '/';
	char folded[BUNDLE_PATH + 2];
	const char *other;

	fold(path, n, folded);
	other = json_string_value(json_object_get(seen, folded));
	if (other)
		return folder && strlen(other) == n && !memcmp(other, path, n);
	folded[folder ? n - 1 : n] = folder ? '\0' : '/';
	folded[n + !folder] = '\0';
	if (json_object_get(seen, folded))
		return false;
	fold(path, n, folded);
	return json_object_set_new(seen, folded, json_stringn(path, n)) == 0;
}

static bool clashes(json_t *seen, const char *path)
{
	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/'))
		if (!only_one(seen, path, (size_t)(p - path) + 1))
			return true;
	return !only_one(seen, path, strlen(path));
}

/* ---- the list ---- */
static bool is_hash(const char *s)
{
	return strlen(s) == HASH_HEX - 1 && strspn(s, "0123456789abcdef") == HASH_HEX - 1;
}

static bool folders_fit(const json_t *folders)
{
	size_t i;
	json_t *f;
	char want[32] = "run";

	if (json_array_size(folders) < 1 || json_array_size(folders) > BUNDLE_RUNS + 1)
		return false;
	json_array_foreach((json_t *)(uintptr_t)folders, i, f) {
		if (i)
			snprintf(want, sizeof(want), "runs/%zu", i);
		if (json_object_size(f) != 2 || strcmp(text_of(f, "folder"), want) || !json_is_string(json_object_get(f, "run")))
			return false;
	}
	return true;
}

static bool file_fits(const json_t *f, const json_t *folders, const char *last, json_t *seen, int64_t *room, struct err *err)
{
	const char *path = text_of(f, "path");
	const json_t *size = json_object_get(f, "size");

	if (json_object_size(f) != 3 || !json_is_integer(size) || json_integer_value(size) < 0 || !is_hash(text_of(f, "sha256")))
		return err_set(err, ERR_BENCH, BUNDLE_LIST ": an entry is not one of ours");
	if (!bundle_name_fits(path, folders))
		return err_set(err, ERR_BENCH, BUNDLE_LIST ": '%.200s' cannot be the name of a file in a bundle", path);
	if (strcmp(path, last) <= 0)
		return err_set(err, ERR_BENCH, BUNDLE_LIST ": '%.200s' is there twice or out of order", path);
	if (clashes(seen, path))
		return err_set(err, ERR_BENCH, BUNDLE_LIST ": '%.200s' and another name are one, or one where upper and lower case are the same", path);
	if (json_integer_value(size) > *room)
		return err_set(err, ERR_LIMIT, BUNDLE_LIST ": with '%.200s' it would be more than may come out of it", path);
	*room -= json_integer_value(size);
	return true;
}

bool bundle_list_fits(const json_t *list, int64_t total, int64_t *ret_total, struct err *err)
{
	CLEANUP(free_json) json_t *seen = json_object();
	const json_t *folders = json_object_get(list, "folders"), *files = json_object_get(list, "files");
	const char *what = text_of(list, "what"), *last = "";
	int64_t room = total;
	size_t i;
	json_t *f;

	if (json_object_size(list) != 6 || strcmp(text_of(list, "format"), BUNDLE_FORMAT) || !json_is_boolean(json_object_get(list, "redacted")) ||
	    (strcmp(what, "run") && strcmp(what, "campaign")) || !json_is_string(json_object_get(list, "run")) || !folders_fit(folders) ||
	    (!strcmp(what, "run") && json_array_size(folders) != 1))
		return err_set(err, ERR_BENCH, BUNDLE_LIST ": not a list of format " BUNDLE_FORMAT);
	if (!json_array_size(files) || json_array_size(files) > SEAL_FILES)
		return err_set(err, ERR_LIMIT, BUNDLE_LIST ": lists no file, or more than %d", SEAL_FILES);
	json_array_foreach((json_t *)(uintptr_t)files, i, f) {
		if (!file_fits(f, folders, last, seen, &room, err))
			return false;
		last = text_of(f, "path");
	}
	*ret_total = total - room;
	return true;
}

bool bundle_list_parse(const char *text, size_t n, int64_t total, json_t **ret, int64_t *ret_total, struct err *err)
{
	CLEANUP(free_json) json_t *list = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	CLEANUP(free_ptr) char *ours = list ? json_dumps(list, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;

	if (!ours || strlen(ours) + 1 != n || memcmp(ours, text, n - 1) != 0 || text[n - 1] != '\n')
		return err_set(err, ERR_BENCH, BUNDLE_LIST ": not as jusan writes it");
	if (!bundle_list_fits(list, total, ret_total, err))
		return false;
	*ret = json_incref(list);
	return true;
}
