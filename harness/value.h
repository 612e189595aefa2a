/* SPDX-License-Identifier: Apache-2.0
 *
 * value.h - facts and operands as JSON values: compared, and shown with their units.
 *
 * A fact is true/false, an integer, a text, an array of texts or {"hmac": ...}. An operand may also be text with a unit
 * ("60s", "99%"): it is read as a number when the fact is one. What cannot be compared is unknown, never false. */
#ifndef HARNESS_VALUE_H
#define HARNESS_VALUE_H

#include <jansson.h>

#include "harness/base/units.h"
#include "harness/claim.h"

/* word in a claim, words in a sentence */
#define COMPARISONS(X)              \
	X(is, "is")                 \
	X(is_not, "is not")         \
	X(at_most, "at most")       \
	X(at_least, "at least")     \
	X(above, "above")           \
	X(below, "below")           \
	X(within, "within")         \
	X(has, "has")               \
	X(has_not, "has not")

enum comparison {
#define X(name, words) COMPARE_##name,
	COMPARISONS(X)
#undef X
	COMPARE_COUNT
};

/* Does `fact` stand in that relation to `operand`? NULL on either side is unknown. */
enum truth value_compare(const json_t *fact, enum comparison how, const json_t *operand);
/* Would the answer stay the same if more had been seen? Of an observation that rests on less than was asked only
 * what is there counts: true stays true, a number can only grow, a set can only gain, equal text is equal.
 * Times and shares can move both ways, so nothing is certain of them. */
bool value_certain(const json_t *fact, enum comparison how, const json_t *operand, enum value_type type);
/* A number that a fact of type INT, TIME or SHARE can be compared with. */
bool value_number(const json_t *v, int64_t *ret);

/* As a person reads it: "72.4s", "99%", "true", "\"text\"", "[a, b]". Bounded; valid UTF-8; returns buf. Times are
 * rounded to a thousandth of their unit. */
const char *value_text(const json_t *v, enum value_type type, char *buf, size_t n);
const char *time_text(int64_t ns, char *buf, size_t n);        /* the same for a time */
/* snprintf that never leaves half a UTF-8 character behind; appends to the text in buf. */
void text_add(char *buf, size_t n, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#endif
