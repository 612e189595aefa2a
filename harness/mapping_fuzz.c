// SPDX-License-Identifier: Apache-2.0
// Bytes up to the first zero are one mapping, the rest a second one that may name it as basis. A refusal says why; what is
// accepted projects to lines with known verdicts, and to no PASS when nothing passed.
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/load.h"
#include "harness/mapping.h"
#include "harness/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool truth)
{
	if (!truth)
		__builtin_trap();
}

static void refused(const struct err *e, void *data)
{
	(void)data;
	must(e->kind != ERR_NONE && *e->text);
}

static void check(const json_t *mappings)
{
	size_t i, k;
	json_t *m, *line;
	enum verdict v;

	json_array_foreach((json_t *)mappings, i, m)
		json_array_foreach(json_object_get(m, "lines"), k, line)
			must(verdict_parse(json_string_value(json_object_get(line, "verdict")), &v) && v != VERDICT_PASS &&
			     v != VERDICT_NOT_APPLICABLE && json_is_string(json_object_get(line, "why")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const requirements[] = { "G1.1", "G5.1", NULL }, *const tests[] = { "BT1-01", NULL }, *const records[] = { "ER1-01", NULL };
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *keep = json_array(), *failed = json_pack("[{s:s,s:s}]", "id", "G5.1", "verdict", "FAIL"), *out = NULL;
	struct loader l = { .a = &a, .keep = keep, .report = refused, .requirement = requirements, .test = tests, .record = records };
	const char *text = (const char *)data, *zero = len ? memchr(text, '\0', len) : NULL;
	const size_t first = zero ? (size_t)(zero - text) : len;
	struct mapping m[2];
	size_t n = 0;

	if (len > 32768)
		return 0;
	for (int i = 0; i < (zero ? 2 : 1); i++) {
		const struct conf *c = NULL;
		struct err err = { 0 };

		if (conf_parse(&a, "fuzz", i ? zero + 1 : text, i ? len - first - 1 : first, &c, &err) && mapping_parse(&l, c, &m[n]))
			n++;
	}
	mappings_link(&l, m, n);
	if (l.errors)
		return 0;
	out = mappings_project(m, n, &(struct mapping_in){ .requirements = failed });
	must(json_array_size(out) == n);
	check(out);
	return 0;
}
