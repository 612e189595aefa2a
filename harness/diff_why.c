// SPDX-License-Identifier: Apache-2.0
// What else differs beside a test that came out another way: named, by class, and no more than that. Where several things
// differ the data does not say which of them did it; where nothing does, the test is unsteady.
#include "harness/diff_in.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum class { DEVICE, DECLARATION, MEASURE, BENCH, CLASSES };

static const char *const class_name[CLASSES] = { "device", "declaration", "measure", "bench" };
static const struct { const char *what; enum class class; } known[] = {
	{ "maker", DEVICE }, { "product", DEVICE }, { "model", DEVICE }, { "hardware", DEVICE }, { "firmware", DEVICE },
	{ "firmware_sha256", DEVICE }, { "serial", DEVICE }, { "unit", DEVICE }, { "device_sha256", DECLARATION }, { "profile", MEASURE },
	{ "profile_sha256", MEASURE }, { "seed", MEASURE }, { "repeat", MEASURE }, { "tool", MEASURE }, { "only", MEASURE }, { "state", MEASURE },
	{ "bench", BENCH }, { "bench_sha256", BENCH }, { "machine", BENCH }, { "suites", MEASURE },
};

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

const char *diff_class(const char *what)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].what, what))
			return class_name[known[i].class];
	return "measure";
}

static const json_t *file_of(const json_t *suites, const char *name)
{
	size_t i;
	json_t *s;

	json_array_foreach((json_t *)(uintptr_t)suites, i, s)
		if (!strcmp(text_of(s, "file"), name))
			return s;
	return NULL;
}

/* Did the file the test stands in change? "suites/G09-outages.yaml" of a test is "G09-outages.yaml" in run.json. */
static bool own_file_changed(const json_t *pair, const json_t *was, const json_t *is)
{
	const char *a = strrchr(text_of(was, "file"), '/'), *b = strrchr(text_of(is, "file"), '/');
	const json_t *x, *y;

	a = a ? a + 1 : text_of(was, "file");
	b = b ? b + 1 : text_of(is, "file");
	if (strcmp(a, b) || !*a)
		return true;
	x = file_of(json_object_get(pair, "a"), a);
	y = file_of(json_object_get(pair, "b"), b);
	return !x || !y || !json_equal(x, y);
}

/* What people decided on a test in REVIEW, where it counts. */
static const json_t *decided(const json_t *test)
{
	return json_is_true(json_object_get(test, "used")) ? json_object_get(test, "decision") : NULL;
}

static void add(json_t *reasons, const char *class, json_t *what)
{
	size_t i;
	json_t *r, *of = NULL;

	json_array_foreach(reasons, i, r)
		if (!strcmp(text_of(r, "class"), class))
			of = json_object_get(r, "what");
	if (!of) {
		of = json_array();
		json_array_append_new(reasons, json_pack("{s:s,s:o}", "class", class, "what", of));
	}
	json_array_append_new(of, what);
}

json_t *diff_reasons(const json_t *run, const json_t *limits, const json_t *was, const json_t *is)
{
	json_t *out = json_array(), *e;
	size_t i;

	for (int c = 0; c < CLASSES; c++) {
		if (c == MEASURE)
			json_array_foreach((json_t *)(uintptr_t)limits, i, e)
				add(out, "measure", json_sprintf("limit %.100s", text_of(e, "name")));
		json_array_foreach((json_t *)(uintptr_t)run, i, e) {
			const char *what = text_of(e, "what");

			if (strcmp(diff_class(what), class_name[c]) || (!strcmp(what, "suites") && !own_file_changed(e, was, is)))
				continue;
			add(out, class_name[c], json_string(what));
		}
	}
	if (decided(was) || decided(is)) {
		const json_t *a = decided(was), *b = decided(is);

		if (!a || !b || !json_equal(a, b))
			add(out, "people", json_string("decision"));
	}
	if (!json_array_size(out))
		add(out, "unsteady", json_string("nothing else that the runs record differs"));
	return out;
}
