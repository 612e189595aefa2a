// SPDX-License-Identifier: Apache-2.0
// Which seals there are of one kind, and who signed them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/seal.h"
#include "harness/seal_in.h"
#include "harness/sign.h"

/* Of a seal: who signed it; "" = nobody, or badly. */
static void signer_of(const char *dir, const char *name, char ret[static 65])
{
	char path[FS_PATH], sig[48];
	bool ok = false, pinned;
	struct err none = { 0 };

	snprintf(sig, sizeof(sig), "%s.sig", name);
	if (!seal_has(dir, sig) || !fs_join(path, dir, name, &none) || !sign_check(path, NULL, &ok, &pinned, ret, &none) || !ok)
		ret[0] = '\0';
}

/* A seal beyond the first that is missing: one was lost, and with it what it listed. */
static bool beyond(const char *rel, void *data, struct err *err)
{
	unsigned long i = strtoul(rel, NULL, 10);

	return i < *(const unsigned *)data ? true : err_set(err, ERR_BENCH, "seals/%.60s has no seal before it: one was lost", rel);
}

bool seal_list(const char *dir, const char *what, json_t **ret, struct err *err)
{
	CLEANUP(free_json) json_t *out = json_array();
	unsigned n = seal_count(dir);
	char folder[FS_PATH];

	if (seal_has(dir, "seals") && (!fs_join(folder, dir, "seals", err) || !fs_walk(folder, beyond, &n, err)))
		return false;

	for (unsigned i = 0; i < n; i++) {
		CLEANUP(free_json) json_t *s = NULL;
		char name[32], signer[65] = "";

		if (!seal_get(dir, i, &s, err))
			return false;
		if (!json_is_string(json_object_get(s, "what")) || strcmp(json_string_value(json_object_get(s, "what")), what))
			continue;
		seal_name(name, i);
		signer_of(dir, name, signer);
		json_array_append_new(out, json_pack("{s:s,s:s,s:O}", "seal", name, "signer", signer, "files", json_object_get(s, "files")));
	}
	*ret = json_incref(out);
	return true;
}
