/* SPDX-License-Identifier: Apache-2.0
 *
 * jline.h - one JSON object a line, read where it stands, without building it.
 *
 * Plain   is what json_dumps(JSON_COMPACT | JSON_SORT_KEYS) nearly always makes: no white space, keys in ascending order (so
 *         none is there twice) and without escapes, numbers whole and below 10^18, at most JLINE_DEPTH deep.
 * Promise what is plain here jansson accepts too, with JSON_REJECT_DUPLICATES, and gives the same values (jline_test.c,
 *         jline_fuzz.c). What is not plain may still be good JSON: ask jansson, it has the last word.
 * Why     a journal of a million lines is to be judged in seconds; building every line takes jansson five microseconds. */
#ifndef BASE_JLINE_H
#define BASE_JLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JLINE_DEPTH 16

struct jspan { const char *p; size_t n; };              /* borrowed */
struct jmember { struct jspan key, value; };            /* key without its quotes; value as it is written */

/* text[n] must be there and hold '\n' or NUL. False: not plain, or more than max members. */
bool jline_plain(const char *text, size_t n, struct jmember *ret, size_t max, size_t *ret_n);

/* The rest for parts of what was found plain (of other text they give nonsense, but never run over its end). */
bool jline_find(struct jspan object, const char *key, struct jspan *ret);       /* false: no object, or no such key */
bool jline_int(struct jspan value, int64_t *ret);                               /* false: no number */
bool jline_text(struct jspan value, struct jspan *ret);                         /* false: no text, or one with escapes */
#endif
