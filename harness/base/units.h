/* SPDX-License-Identifier: Apache-2.0
 *
 * units.h - numbers with units, as suites write them and reports print them. No floats anywhere:
 * time is nanoseconds, a share is parts per million (99% = 990000). */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a parameter, a fact or an operand is. Name as it stands in manuals, then what is accepted. */
#define VALUE_TYPES(X)                                                     \
	X(BOOL,   "bool",   "true or false")                               \
	X(INT,    "int",    "a whole number")                              \
	X(TIME,   "time",   "a time such as 50ms, 2s, 5min, 24h")          \
	X(SHARE,  "share",  "a share such as 99% or 0.5%")                 \
	X(TEXT,   "text",   "text")                                        \
	X(ENUM,   "enum",   "one of the listed words")                     \
	X(SET,    "set",    "a list of texts")                             \
	X(LINE,   "line",   "the name of a bench line, such as power.main") \
	X(MAP,    "map",    "a map or a list of maps")                     \
	X(SECRET, "secret", "text that is kept only as a keyed hash")

enum value_type {
#define X(name, text, form) VALUE_##name,
	VALUE_TYPES(X)
#undef X
};

extern const char *const value_type_name[];     /* "bool", ... */
extern const char *const value_type_form[];     /* "true or false", ... */

/* False when the text is not of that form or overflows. Times: ns us ms s min h d, whole or with one decimal point. */
bool units_time(const char *text, int64_t *ret_ns);
bool units_share(const char *text, int64_t *ret_ppm);
bool units_int(const char *text, int64_t *ret);

/* Shortest exact text: 1500000000 -> "1.5s"; 990000 ppm -> "99%". Returns buf. */
const char *units_time_text(int64_t ns, char *buf, size_t n);
const char *units_share_text(int64_t ppm, char *buf, size_t n);
#endif
