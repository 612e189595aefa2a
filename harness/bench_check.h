/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_check.h - qualifying a bench: every line is exercised, timed and, where it switches the device off, made to prove it.
 * What is done to a line of each kind is a table of steps and claims (bench_check.c); what comes of it is a stamp (stamp.h). */
#ifndef HARNESS_BENCH_CHECK_H
#define HARNESS_BENCH_CHECK_H

#include "harness/by_hand.h"

/* One line after the other; told as soon as it is known. result: its entry of the stamp, borrowed. */
typedef void bench_checked_fn(const char *line, const json_t *result);

/* Lines of `only` (NULL-terminated; NULL = all), each `repeats` times. *ret_lines: {line: entry}, new reference; *ret_bad: how
 * many did not do what they should. false: interrupted, or the bench is in no state to go on. */
bool bench_check(struct by_hand *h, const char *const *only, int repeats, bench_checked_fn *told, json_t **ret_lines, int *ret_bad,
		 struct err *err) MUST_CHECK;
/* Entry of a line that did not even open. New reference. */
json_t *bench_check_failed(const struct bench *b, const struct bench_line *l, const char *why);
#endif
