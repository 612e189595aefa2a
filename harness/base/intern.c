// SPDX-License-Identifier: Apache-2.0
#include "harness/base/intern.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const struct jspan part[static INTERN_PARTS])
{
	uint64_t h = 0xcbf29ce484222325;        /* FNV-1a; what collides is compared */

	for (int k = 0; k < INTERN_PARTS; k++) {
		for (size_t i = 0; part[k].p && i < part[k].n; i++)
			h = (h ^ (unsigned char)part[k].p[i]) * 0x100000001b3;
		h = (h ^ (part[k].p ? 0x1ff : 0x1fe)) * 0x100000001b3;
	}
	return h ^ h >> 29;
}

static bool same(const struct interned *e, const struct jspan part[static INTERN_PARTS])
{
	for (int k = 0; k < INTERN_PARTS; k++)
		if (!part[k].p != !e->part[k] ||
		    (part[k].p && (strncmp(e->part[k], part[k].p, part[k].n) != 0 || e->part[k][part[k].n])))
			return false;
	return true;
}

/* Where it is, or where it would go. */
static struct interned **place(const struct intern *t, uint64_t hash, const struct jspan part[static INTERN_PARTS])
{
	size_t i = hash & (t->room - 1);

	while (t->slot[i] && (t->slot[i]->hash != hash || !same(t->slot[i], part)))
		i = (i + 1) & (t->room - 1);
	return &t->slot[i];
}

static void grow(struct intern *t)
{
	struct intern wider = { .arena = t->arena, .n = t->n, .room = t->room ? t->room * 2 : 16 };

	wider.slot = calloc(wider.room, sizeof(struct interned *));
	if (!wider.slot)
		abort();
	for (size_t i = 0; i < t->room; i++) {
		size_t at;

		if (!t->slot[i])
			continue;
		for (at = t->slot[i]->hash & (wider.room - 1); wider.slot[at]; at = (at + 1) & (wider.room - 1))
			;
		wider.slot[at] = t->slot[i];
	}
	free(t->slot);
	*t = wider;
}

struct interned *intern_find(const struct intern *t, const struct jspan part[static INTERN_PARTS])
{
	return t->n ? *place(t, hash_of(part), part) : NULL;
}

struct interned *intern(struct intern *t, const struct jspan part[static INTERN_PARTS])
{
	uint64_t hash = hash_of(part);
	struct interned **at;

	if (t->n * 2 >= t->room)
		grow(t);
	at = place(t, hash, part);
	if (*at)
		return *at;
	*at = arena_new(t->arena, struct interned);
	(*at)->hash = hash;
	(*at)->id = t->n++;
	for (int k = 0; k < INTERN_PARTS; k++)
		if (part[k].p) {
			char *copy = arena_alloc(t->arena, part[k].n + 1, 1);

			memcpy(copy, part[k].p, part[k].n);
			(*at)->part[k] = copy;
		}
	return *at;
}

void intern_done(struct intern *t)
{
	free(t->slot);
	*t = (struct intern){ .arena = t->arena };
}
