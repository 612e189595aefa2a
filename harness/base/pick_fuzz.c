// SPDX-License-Identifier: Apache-2.0
// What jansson takes, pick takes, and keeps the same; what pick keeps, jansson has read.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/pick.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct pick want[] = { { "a", NULL }, { 0 } };
	json_t *all = json_loadb((const char *)data, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL), *got = NULL;
	struct err err = { 0 };
	bool ok = pick_json((const char *)data, n, want, &got, &err);

	if (all && !ok && !strstr(err.text, "too deep") && !memchr(data, 0, n))         /* jansson ends a number at a NUL */
		abort();
	if (all && ok && json_is_object(all) && json_object_get(got, "a") && !json_equal(json_object_get(all, "a"), json_object_get(got, "a")))
		abort();
	json_decref(all);
	json_decref(got);
	return 0;
}
