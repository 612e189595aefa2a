// SPDX-License-Identifier: Apache-2.0
// First byte: which reader. Checks the contract: a refusal says why and where; what is accepted can be walked.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/declare.h"
#include "harness/load.h"

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

static void walk_steps(const struct steps *steps)
{
	for (size_t i = 0; i < steps->n; i++) {
		const struct step_spec *s = &steps->step[i];

		must(s->name && s->at.line);
		if (s->kind == STEP_WHILE) {
			walk_steps(s->inner);
			walk_steps(s->beside);
		} else {
			must(s->verb && s->probe && json_is_object(s->args));
		}
	}
}

static void walk_claims(const struct claims *c)
{
	char text[200];

	for (size_t i = 0; c && i < c->n; i++)
		must(claim_text(claim_at(c, i), text, sizeof(text)) == text);
}

static void walk_test(const struct test *t)
{
	must(t->id && t->guideline && t->title_en && t->title_ja);
	for (size_t i = 0; i < t->n_each; i++)
		json_decref(each_values(&t->each[i], 1, t->id));
	walk_steps(&t->watch);
	walk_steps(&t->control.steps);
	walk_steps(&t->body.steps);
	walk_claims(t->control.expect);
	walk_claims(t->body.expect);
}

static void fuzz_suite(struct loader *l, const char *text, size_t n)
{
	const struct conf *c = NULL;
	struct err err = { 0 };
	struct test *test;
	size_t tests = 0;

	if (!conf_parse(l->a, "fuzz", text, n, &c, &err))
		return;
	test = arena_alloc(l->a, suite_count(c) + 1, sizeof(*test));
	suite_parse(l, c, test, &tests);
	for (size_t i = 0; i < tests && !l->errors; i++)
		walk_test(&test[i]);
}

static void fuzz_file(struct loader *l, unsigned which, const char *text, size_t n)
{
	CLEANUP(close_fd) int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct device device;
	struct bench bench;
	struct profile profile;
	char path[40];

	must(fd >= 0 && write(fd, text, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (which == 1 && device_parse(l, path, &device)) {
		for (size_t i = 0; i < device.n; i++) {
			walk_steps(&device.procedure[i].steps);
			walk_claims(device.procedure[i].expect);
		}
		declaration_check(l, &(struct plan){ .device = device });
		if (!l->errors)
			json_decref(declare_json(device.conf));
	}
	else if (which == 2 && bench_parse(l, path, &bench))
		for (size_t i = 0; i < bench.n; i++)
			must(bench.line[i].driver && json_is_object(bench.line[i].params));
	else if (which == 3)
		(void)profile_parse(l, "suites", path, &profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const ids[] = { "G9.1", "G9.3", "G1.1", NULL };
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *keep = json_array();
	struct loader l = { .a = &a, .keep = keep, .report = refused, .requirement = ids };

	if (!len || len > 32768)
		return 0;
	if (data[0] % 4 == 0)
		fuzz_suite(&l, (const char *)data + 1, len - 1);
	else
		fuzz_file(&l, data[0] % 4, (const char *)data + 1, len - 1);
	return 0;
}
