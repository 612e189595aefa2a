/* SPDX-License-Identifier: Apache-2.0
 *
 * intern.h - short lists of texts, each kept once: equal lists have the same address, so that a million records that say
 * the same hold one pointer each. */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/jline.h"

#define INTERN_PARTS 4

struct interned {
	const char *part[INTERN_PARTS]; /* with a NUL behind; NULL: absent, which is not the same as "" */
	size_t id;                      /* 0.. in the order in which they came */
	void *data;                     /* the owner's; NULL at first */
	uint64_t hash;
};
struct intern { struct arena *arena; struct interned **slot; size_t n, room; };         /* set arena, zero the rest */

/* The one with these parts (p NULL: absent); made when it is new. Stops the program when memory ends, as the arena does. */
struct interned *intern(struct intern *t, const struct jspan part[static INTERN_PARTS]);
/* The same, but NULL instead of a new one. */
struct interned *intern_find(const struct intern *t, const struct jspan part[static INTERN_PARTS]);
void intern_done(struct intern *t);     /* the arena stays */
#endif
