/* SPDX-License-Identifier: Apache-2.0
 *
 * test_editions.h - for tests: both editions of EN 303 645 as suites/mappings has them, loaded once and kept. */
#ifndef HARNESS_TEST_EDITIONS_H
#define HARNESS_TEST_EDITIONS_H

#include "harness/base/test.h"
#include "harness/plan.h"
#include "harness/standard.h"

static inline const struct editions *test_editions(void)
{
	static struct arena arena;
	static struct plan plan;
	static struct editions editions;
	struct err err = { 0 };

	if (!plan.keep)
		ck_assert_msg(plan_load(&arena, &(struct plan_input){ .suites = "suites" }, NULL, NULL, &plan, &err), "%s", err.text);
	editions = editions_of(plan.mapping, plan.n_mappings);
	ck_assert(editions.of[EDITION_2] && editions.of[EDITION_3]);
	return &editions;
}

#endif
