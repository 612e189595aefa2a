// SPDX-License-Identifier: Apache-2.0
#include "harness/base/intern.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/test.h"

static struct jspan text(const char *s)
{
	return (struct jspan){ s, s ? strlen(s) : 0 };
}

static struct interned *put(struct intern *t, const char *a, const char *b)
{
	return intern(t, (const struct jspan[INTERN_PARTS]){ text(a), text(b) });
}

/* Equal lists have one address; absent is not empty, a prefix is not the whole, and parts do not run into each other. */
START_TEST(once)
{
	static const char *const pair[][2] = { { "a", "b" }, { "ab", "" }, { "", "ab" }, { "ab", NULL }, { NULL, "ab" }, { NULL, NULL }, { "", "" },
					       { "abc", "" }, { "a", NULL } };
	struct arena a = { 0 };
	struct intern t = { .arena = &a };
	struct interned *e[ROWS(pair)];

	ck_assert_ptr_null(intern_find(&t, (const struct jspan[INTERN_PARTS]){ text("a") }));
	for (int i = 0; i < ROWS(pair); i++) {
		e[i] = put(&t, pair[i][0], pair[i][1]);
		ck_assert_uint_eq(e[i]->id, (size_t)i);
		for (int k = 0; k < 2; k++)
			ck_assert(pair[i][k] ? !strcmp(e[i]->part[k], pair[i][k]) : !e[i]->part[k]);
	}
	for (int i = 0; i < ROWS(pair); i++) {
		ck_assert_ptr_eq(put(&t, pair[i][0], pair[i][1]), e[i]);
		ck_assert_ptr_eq(intern_find(&t, (const struct jspan[INTERN_PARTS]){ text(pair[i][0]), text(pair[i][1]) }), e[i]);
	}
	ck_assert_uint_eq(t.n, ROWS(pair));
	intern_done(&t);
	arena_free(&a);
}
END_TEST

START_TEST(many)
{
	struct arena a = { 0 };
	struct intern t = { .arena = &a };
	char name[16];

	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < 5000; i++) {
			snprintf(name, sizeof(name), "%d", i);
			ck_assert_uint_eq(put(&t, name, "x")->id, (size_t)i);
		}
	intern_done(&t);
	arena_free(&a);
}
END_TEST

TEST_MAIN({ "once", once, 1 }, { "many", many, 1 })
