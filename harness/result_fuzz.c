// SPDX-License-Identifier: Apache-2.0
/* verdicts.json of anybody: refused with a reason, or every text output can be made of it. */
#include <stdlib.h>

#include "harness/registry.h"
#include "harness/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const names[] = { "text", "json", "junit", NULL };
	struct err err = { 0 };
	json_t *v = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);
	struct result r = { .dir = "/nonexistent", .verdicts = v };

	if (!v)
		return 0;
	if (!result_check(v, &err)) {
		if (err.kind == ERR_NONE || !err.text[0])
			__builtin_trap();
		json_decref(v);
		return 0;
	}
	for (const char *const *n = names; *n; n++) {
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		if (!report_find(*n)->write(&r, out, &err))
			__builtin_trap();
		fclose(out);
		for (size_t i = 0; i < size; i++)       /* nothing a terminal or XML reader would obey */
			if ((unsigned char)text[i] < 0x20 && text[i] != '\n')
				__builtin_trap();
		free(text);
	}
	if (result_status(&r) < 0 || result_status(&r) > 3)
		__builtin_trap();
	json_decref(v);
	return 0;
}
