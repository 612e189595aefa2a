// SPDX-License-Identifier: Apache-2.0
/* A decision file of anybody: read without fault; what is accepted is whole (a known word, a named reviewer, days that exist,
 * documents below review/), and without a seal it never counts. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[] = "/tmp/jusan-review-fuzz-XXXXXX";

static void clean(void)
{
	struct err none = { 0 };

	(void)!fs_remove(dir, &none);
}

static void put(const char *name, const void *p, size_t n)
{
	char path[FS_PATH];
	struct err err = { 0 };

	if (!fs_join(path, dir, name, &err) || !fs_write(path, p, n, &err))
		abort();
}

static void set_up(void)
{
	char path[FS_PATH];
	struct err err = { 0 };

	if (!mkdtemp(dir) || atexit(clean) || !fs_join(path, dir, "review", &err) || !fs_mkdirs(path, &err))
		abort();
	put("run.json", "{\"id\":\"r\"}\n", 11);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	json_t *entries = NULL, *shown;
	struct err err = { 0 };
	char why[300] = "";
	const json_t *e;

	if (strstr(dir, "XXXXXX"))
		set_up();
	put("review/0001.json", data, len);
	if (!review_read(dir, &entries, &err))
		return err.text[0] ? 0 : (abort(), 0);
	e = json_array_get(entries, 0);
	if (!review_id(json_string_value(json_object_get(e, "on"))) || review_says(e, "2026-11-26", why, sizeof(why)) != VERDICT_REVIEW || !why[0])
		abort();
	shown = review_shown(e, "2026-11-26");
	if (!json_is_object(shown))
		abort();
	json_decref(shown);
	json_decref(entries);
	return 0;
}
