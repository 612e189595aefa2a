// SPDX-License-Identifier: Apache-2.0
// What a declaration may rest on besides IXIT: files that lie beside it, tests of the same run.
#include <string.h>

#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/declare.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static bool file_there(const json_t *evidence, const char *device_file, struct err *err)
{
	char dir[FS_PATH], path[FS_PATH], hex[HASH_HEX];
	const char *slash = strrchr(device_file, '/'), *file = text_of(evidence, "file");

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - device_file) : 1, slash ? device_file : ".");
	if (!fs_join(path, dir, file, err) || !hash_file(path, hex, err))
		return false;
	return !strcmp(hex, text_of(evidence, "sha256")) || err_set(err, ERR_CONF, "%s is not the file that was declared: its SHA-256 is %s", file, hex);
}

bool evidence_files(const json_t *declared, const char *device_file, struct err *err)
{
	const char *id;
	json_t *e;

	json_object_foreach(json_object_get(declared, "evidence"), id, e)
		if (!file_there(e, device_file, err)) {
			err->kind = ERR_CONF;   /* the declaration names it */
			return err_in(err, "%s: evidence %s", text_of(e, "where"), id);
		}
	return true;
}

json_t *evidence_known(const json_t *declared, const char *device_file, const json_t *tests)
{
	json_t *out = json_object(), *e;
	const char *id;
	size_t i;

	json_object_foreach(json_object_get(declared, "evidence"), id, e) {
		struct err err = { 0 };

		if (device_file && file_there(e, device_file, &err))
			json_object_set_new(out, id, json_true());
	}
	json_array_foreach((json_t *)(uintptr_t)tests, i, e)
		if (!strcmp(text_of(e, "verdict"), "PASS"))
			json_object_set_new(out, text_of(e, "id"), json_true());
	return out;
}
