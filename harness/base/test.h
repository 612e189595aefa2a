/* SPDX-License-Identifier: Apache-2.0
 *
 * test.h - Check's boilerplate, once. A test file ends with
 *   TEST_MAIN({ "name", function, ROWS(table) }, { "other", function2, 1 })  */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include <check.h>
#include <stdlib.h>

struct test_row { const char *name; const TTest *test; int rows; };
#define ROWS(t) ((int)(sizeof(t) / sizeof((t)[0])))
#define TEST_MAIN(...)                                                                    \
	int main(void)                                                                    \
	{                                                                                 \
		const struct test_row test_rows[] = { __VA_ARGS__ };                      \
		Suite *s = suite_create(__FILE__);                                        \
		SRunner *r;                                                               \
		int bad;                                                                  \
                                                                                          \
		for (size_t i = 0; i < sizeof(test_rows) / sizeof(test_rows[0]); i++) {   \
			TCase *tc = tcase_create(test_rows[i].name);                      \
                                                                                          \
			tcase_set_timeout(tc, 180);                                       \
			tcase_add_loop_test(tc, test_rows[i].test, 0, test_rows[i].rows); \
			suite_add_tcase(s, tc);                                           \
		}                                                                         \
		r = srunner_create(s);                                                    \
		srunner_run_all(r, CK_ENV);                                               \
		bad = srunner_ntests_failed(r);                                           \
		srunner_free(r);                                                          \
		return bad ? EXIT_FAILURE : EXIT_SUCCESS;                                 \
	}
#endif
