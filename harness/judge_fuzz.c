// SPDX-License-Identifier: Apache-2.0
/* Records of anybody (a journal without its chain): judged without fault, in the outline that reports rely on, and never
 * PASS without one record of each kind that a PASS rests on. One JSON value a line. */
#include <stdlib.h>
#include <string.h>

#include "harness/judge.h"
#include "harness/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct arena arena;
static struct plan plan;
static struct test test;
static struct claims control, expect;

static void parse(const char *yaml, struct claims *ret)
{
	struct err err = { 0 };
	const struct conf *c;

	if (!conf_parse(&arena, "fuzz", yaml, strlen(yaml), &c, &err) || !claims_parse(&arena, c, ret, &err))
		abort();
}

static void set_up(void)
{
	static const struct step_spec one = { .kind = STEP_VERB, .name = "x.y" };
	static const char *const decides[] = { "G1.1", NULL };
	static struct each each = { .name = "r" };

	parse("- {the: c.found, is: true}\n", &control);
	parse("- {no: p.hits, above: 0}\n- {share: w.ok, at_least: 90%, during: p}\n- {longest: w.ok, at_most: 3s}\n"
	      "- {spread: p.n, at_most: 9}\n- {count: w.ok, is: p.n}\n- {the: p.s, has: \"${each.r}\", else: INCONCLUSIVE}\n"
	      "- {any: [{every: p.set, within: declared.set}, {some: p.t, below: 5s}]}\n", &expect);
	each.values = json_pack("[i,i]", 0, 1);
	test = (struct test){ .id = "T", .file = "f", .guideline = "G1", .decides = decides, .each = &each, .n_each = 1,
			      .control = { { &one, 1 }, &control, NULL }, .body = { { &one, 1 }, &expect, NULL } };
	plan = (struct plan){ .test = &test, .n = 1, .device = { .json = json_pack("{s:[s]}", "set", "a") },
			      .requirements = json_pack("{s:[{s:s}],s:[{s:s,s:s,s:s,s:s,s:{s:s,s:s},s:s}]}", "guidelines", "id", "G1",
							"requirements", "id", "G1.1", "guideline", "G1", "force", "shall", "class", "a",
							"text", "en", "x", "ja", "x", "phrase", "x") };
}

static void want(const uint8_t *data, size_t len, const char *word)
{
	if (!memmem(data, len, word, strlen(word)))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const needed[] = { "begin", "rep", "alive", "step", "observe", "done", "end", NULL };
	json_t *lines = json_array(), *run = json_pack("{s:s,s:i}", "id", "x", "seed", 1), *out;
	struct records *records;
	const uint8_t *p = data, *stop = data + len, *end;
	struct err err = { 0 };

	if (!test.id)
		set_up();
	for (; p < stop; p = end + 1) {
		json_t *rec;

		end = memchr(p, '\n', (size_t)(stop - p));
		end = end ? end : stop;
		rec = json_loadb((const char *)p, (size_t)(end - p), JSON_REJECT_DUPLICATES, NULL);
		if (rec)
			json_array_append_new(lines, rec);
	}
	records = records_of(lines);
	out = judge_records(&plan, run, records, "dir");
	if (!result_check(out, &err))
		__builtin_trap();
	if (!strcmp(json_string_value(json_object_get(json_array_get(json_object_get(out, "tests"), 0), "verdict")), "PASS"))
		for (const char *const *n = needed; *n; n++)
			want(data, len, *n);
	json_decref(out);
	json_decref(run);
	records_free(records);
	json_decref(lines);
	return 0;
}
