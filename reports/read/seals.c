/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/seals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "reports/read/read.h"

#define SEALS_MAX 9999
#define SEAL_BYTES ((size_t)64 << 20)

static bool is_signed(const char *path)
{
	char sig[FS_PATH + 8];

	snprintf(sig, sizeof(sig), "%s.sig", path);
	return access(sig, F_OK) == 0;
}

/* False when there is no such file, or none that can be read as a seal: those after it are not looked for. */
static bool add(const char *dir, const char *name, json_t *list)
{
	CLEANUP(free_json) json_t *seal = NULL;
	CLEANUP(free_ptr) char *text = NULL;
	char path[FS_PATH], sha256[HASH_HEX];
	struct err none = { 0 };
	const char *what;
	size_t n = 0;

	if (!fs_join(path, dir, name, &none) || !fs_read(path, SEAL_BYTES, &text, &n, &none))
		return false;
	seal = json_loadb(text, n, 0, NULL);
	if (!json_is_object(seal))
		return false;
	what = get_text(seal, "what");
	hash_text(text, n, sha256);
	if (!strcmp(what, "run") || !strcmp(what, "review"))
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:I,s:s,s:b}", "seal", name, "what", what, "sha256", sha256, "files",
			(json_int_t)count_of(seal, "files"), "signer", get_text(seal, "signer"), "signature", (int)is_signed(path)));
	return true;
}

json_t *seals_of(const char *dir)
{
	json_t *list = json_array();
	char name[32] = "MANIFEST.json";

	for (unsigned i = 1; add(dir, name, list) && i <= SEALS_MAX; i++)
		snprintf(name, sizeof(name), "seals/%04u.json", i);
	return list;
}
