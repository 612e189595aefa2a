/* SPDX-License-Identifier: Apache-2.0
 *
 * claim_in.h - the inside of a claim, for claim.c (reads and checks) and claim_eval.c (finds its truth); plan
 * prints from it. */
#ifndef HARNESS_CLAIM_IN_H
#define HARNESS_CLAIM_IN_H

#include "harness/claim.h"
#include "harness/value.h"

/* word, how `expected` begins */
#define QUANTIFIERS(X)                  \
	X(the, "")                      \
	X(every, "every one ")          \
	X(some, "at least one ")        \
	X(no, "none ")                  \
	X(count, "number of observations ") \
	X(share, "share of true ")      \
	X(longest, "longest stretch ")  \
	X(spread, "largest minus smallest ") \
	X(distinct, "different in every unit")

enum quantifier {
#define X(name, words) QUANTIFIER_##name,
	QUANTIFIERS(X)
#undef X
	QUANTIFIER_COUNT
};

extern const char *const quantifier_word[];     /* "the", ... */
extern const char *const comparison_word[];     /* "is_not", ... */
extern const char *const comparison_words[];    /* "is not", ... */

struct claim {
	struct where at;
	struct claims any;              /* n > 0: one of these; nothing else is set but otherwise */
	enum quantifier quantifier;
	const char *label, *fact;
	enum value_type type;           /* of the fact; from the check, else guessed from the operand */
	bool typed;
	enum comparison comparison;
	const struct conf *operand;     /* NULL: of `distinct` */
	const char *ref;                /* operand is a reference; else NULL */
	const char *from, *to;          /* during; NULL = the whole repetition */
	enum verdict otherwise;
};

/* Type of what is compared: for `count` a number, for `longest` a time and so on. */
enum value_type claim_value_type(const struct claim *c);
#endif
