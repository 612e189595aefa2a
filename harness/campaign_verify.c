// SPDX-License-Identifier: Apache-2.0
// Are the runs of a campaign still what was judged?
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/campaign_judge.h"
#include "harness/seal.h"

#define RUN_MAX ((size_t)4 << 20)

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static bool has_id(const char *dir, const char *id)
{
	CLEANUP(free_json) json_t *run = NULL;
	char path[FS_PATH];
	struct err none = { 0 };

	return fs_join(path, dir, "run.json", &none) && fs_read_json(path, RUN_MAX, &run, &none) && !strcmp(text_of(run, "id"), id);
}

/* Given by name, or where it was when the campaign was judged. */
static bool find(const char *dir, const json_t *one, const char *const *given, size_t n, char ret[static FS_PATH])
{
	const char *folder = text_of(one, "folder");
	struct err none = { 0 };

	for (size_t i = 0; i < n; i++)
		if (has_id(given[i], text_of(one, "run")))
			return snprintf(ret, FS_PATH, "%s", given[i]) < FS_PATH;
	if (folder[0] == '/' ? snprintf(ret, FS_PATH, "%s", folder) >= FS_PATH : !fs_join(ret, dir, folder, &none))
		return false;
	return folder[0] && has_id(ret, text_of(one, "run"));
}

bool campaign_folder(const char *dir, const json_t *run, int64_t unit, char *ret, size_t n)
{
	char where[FS_PATH];
	size_t i;
	json_t *one;

	json_array_foreach(json_object_get(run, "runs"), i, one)
		if (json_integer_value(json_object_get(one, "unit")) == unit && find(dir, one, NULL, 0, where))
			return snprintf(ret, n, "%s", where) < (int)n;
	return false;
}

bool campaign_again(const char *dir, const json_t *run, const char *as_of, struct err *err)
{
	static char folder[CAMPAIGN_RUNS][FS_PATH];
	const char *runs[CAMPAIGN_RUNS];
	const json_t *list = json_object_get(run, "runs");
	size_t i, n = json_array_size(list) < CAMPAIGN_RUNS ? json_array_size(list) : CAMPAIGN_RUNS;

	for (i = 0; i < n; i++) {
		runs[i] = folder[i];
		if (!find(dir, json_array_get(list, i), NULL, 0, folder[i]))
			return err_set(err, ERR_CONF, "run %.100s is not where it was when the campaign was judged: jusan campaign %.200s RUN...",
				       text_of(json_array_get(list, i), "run"), dir);
	}
	return campaign_judge(dir, runs, n, as_of, err);
}

/* Later seals may have been added; the one that was judged must still be there, and the chain holds it (seal_verify). */
static bool still_sealed(const char *dir, const json_t *one)
{
	const json_t *seal = json_object_get(one, "seal");
	char path[FS_PATH], hex[HASH_HEX];
	const char *file = text_of(seal, "file");
	struct err none = { 0 };

	if (strcmp(file, "MANIFEST.json") && strncmp(file, "seals/", 6))
		return false;
	return !strstr(file, "..") && fs_join(path, dir, file, &none) && hash_file(path, hex, &none) &&
	       !strcmp(hex, text_of(seal, "sha256"));
}

static void first_fault(enum seal_fault f, const char *what, void *data)
{
	char *text = data;

	(void)f;
	if (!text[0])
		snprintf(text, 256, "not intact: %s", what);
}

static bool check(const char *dir, const char *key, const json_t *one, char text[static 256])
{
	struct seal_report r;
	struct err err = { 0 };

	text[0] = '\0';
	if (!seal_verify(dir, key, first_fault, text, &r, &err)) {
		snprintf(text, 256, "cannot be read: %.200s", err.text);
		return false;
	}
	if (r.faults)
		return false;
	if (still_sealed(dir, one)) {
		snprintf(text, 256, "intact, sealed as it was judged");
		return true;
	}
	snprintf(text, 256, "intact, but its seals are not those of the run that was judged");
	return false;
}

size_t campaign_verify(const char *dir, const json_t *run, const char *key, const char *const *given, size_t n,
		       void (*say)(const json_t *one, bool good, const char *text, void *data), void *data)
{
	size_t i, bad = 0;
	json_t *one;

	json_array_foreach(json_object_get(run, "runs"), i, one) {
		const json_t *seal = json_object_get(one, "seal");
		char where[FS_PATH], text[256];
		bool good = true;

		if (find(dir, one, given, n, where))
			good = check(where, key, one, text);
		else
			snprintf(text, sizeof(text), "not here, not checked; its seal was %.40s %.64s", text_of(seal, "file"),
				 text_of(seal, "sha256"));
		bad += !good;
		say(one, good, text, data);
	}
	return bad;
}
