/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_print.h - how a bench file is printed that somebody is going to edit: its head, and lines to choose from. What is no
 * line, for whatever reason, stands in a comment. */
#ifndef HARNESS_BENCH_PRINT_H
#define HARNESS_BENCH_PRINT_H

#include <stdbool.h>
#include <stdio.h>

/* what: the comment on top. Ends with `lines:`. */
void bench_print_head(FILE *out, const char *what, const char *name, const char *scope);
/* live false, or a driver that this build does not have: a comment. params, why: text of a YAML flow map and of a comment,
 * harmless already; "" is none. */
void bench_print_line(FILE *out, bool live, const char *name, const char *driver, const char *params, const char *why);
#endif
