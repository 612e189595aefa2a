// SPDX-License-Identifier: Apache-2.0
/* verdicts.json of anybody: graded and searched for misjudgements without fault; nothing good comes out of it that did not go
 * in, and what was made worse is not found again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/grade.h"
#include "harness/misjudge.h"
#include "harness/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t good(const json_t *v)
{
	static const char *const lists[] = { "tests", "requirements", "records" };
	size_t n = 0, i;
	json_t *e;

	for (int k = 0; k < 3; k++)
		json_array_foreach(json_object_get(v, lists[k]), i, e) {
			const char *word = json_string_value(json_object_get(e, "verdict"));

			n += word && (!strcmp(word, "PASS") || !strcmp(word, "NOT_APPLICABLE"));
		}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	json_t *v = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL), *before, *marks, *again, *r;
	size_t i;

	if (!json_is_object(v)) {
		json_decref(v);
		return 0;
	}
	json_object_set_new(v, "marks", json_array());
	grade_tests(json_object_get(v, "tests"));
	grade_files(v, "/proc");
	before = json_deep_copy(v);
	marks = misjudge_find(v);
	if (!json_equal(before, v))
		abort();
	json_decref(before);
	misjudge_tests(json_object_get(v, "tests"), json_object_get(v, "findings"), json_object_get(v, "marks"));
	misjudge_records(json_object_get(v, "records"), json_object_get(v, "marks"));
	json_array_foreach(json_object_get(v, "requirements"), i, r)
		misjudge_requirement(r, json_object_get(v, "marks"));
	misjudge_lines(v);
	again = misjudge_find(v);
	if (json_array_size(again) > 0 || json_array_size(json_object_get(v, "marks")) != json_array_size(marks))
		abort();
	i = good(v);
	misjudge_tests(json_object_get(v, "tests"), NULL, marks);
	if (good(v) > i)
		abort();
	json_decref(again);
	json_decref(marks);
	json_decref(v);
	return 0;
}
