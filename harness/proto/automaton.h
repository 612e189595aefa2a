/* SPDX-License-Identifier: Apache-2.0
 *
 * automaton.h - many byte strings looked for at once: one table look-up a byte, whatever their number.
 *
 * Use     new, add, ready; then step byte by byte from state 0.
 * Bounds  AUTOMATON_PATTERNS strings, AUTOMATON_STATES states (their total length and one); memory is states times the
 *         number of different bytes in them.
 * Source  Aho, Corasick: Efficient string matching, CACM 18(6), 1975. */
#ifndef PROTO_AUTOMATON_H
#define PROTO_AUTOMATON_H

#include "harness/base/err.h"
#include "harness/base/span.h"

#define AUTOMATON_PATTERNS 2048
#define AUTOMATON_STATES 200000

struct automaton {
	uint32_t *next;                 /* [state * classes + class_of[byte]] */
	uint8_t *final;                 /* [state]: some string ends here */
	uint16_t class_of[256];         /* 0 = in no string */
	unsigned classes, states;
	struct automaton_private *own;
};

struct automaton *automaton_new(void);          /* NULL: out of memory */
void automaton_free(struct automaton *a);       /* NULL is fine */
/* False when these very bytes are there already (the first id stays) or n is 0. Copies p. */
bool automaton_add(struct automaton *a, const uint8_t *p, size_t n, unsigned id);
bool automaton_ready(struct automaton *a, struct err *err) MUST_CHECK;

static inline uint32_t automaton_step(const struct automaton *a, uint32_t state, uint8_t byte)
{
	return a->next[state * a->classes + a->class_of[byte]];
}
static inline bool automaton_final(const struct automaton *a, uint32_t state) { return a->final[state] != 0; }
/* f for every string that ends in this state, the longest first; false when f stopped it. */
bool automaton_hits(const struct automaton *a, uint32_t state, bool (*f)(unsigned id, size_t n, void *data), void *data);
#endif
