/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/proto/automaton.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct word { uint8_t *p; size_t n; unsigned id; };
struct automaton_private {
	struct word word[AUTOMATON_PATTERNS];
	unsigned words;
	uint32_t *ends;                 /* [state]: index of the word that ends here, NONE */
	uint32_t *shorter;              /* [state]: nearest proper suffix state where a word ends, 0 */
};

struct automaton *automaton_new(void)
{
	struct automaton *a = calloc(1, sizeof(*a));

	if (a && !(a->own = calloc(1, sizeof(*a->own)))) {
		free(a);
		return NULL;
	}
	return a;
}

void automaton_free(struct automaton *a)
{
	if (!a)
		return;
	for (unsigned i = 0; i < a->own->words; i++)
		free(a->own->word[i].p);
	free(a->own->ends);
	free(a->own->shorter);
	free(a->own);
	free(a->next);
	free(a->final);
	free(a);
}

bool automaton_add(struct automaton *a, const uint8_t *p, size_t n, unsigned id)
{
	struct automaton_private *o = a->own;
	uint8_t *copy;

	if (!n || o->words == AUTOMATON_PATTERNS)
		return false;
	for (unsigned i = 0; i < o->words; i++)
		if (o->word[i].n == n && !memcmp(o->word[i].p, p, n))
			return false;
	copy = malloc(n);
	if (!copy)
		abort();
	memcpy(copy, p, n);
	o->word[o->words++] = (struct word){ copy, n, id };
	return true;
}

static bool room(struct automaton *a, struct err *err)
{
	size_t states = 1;

	a->classes = 1;
	memset(a->class_of, 0, sizeof(a->class_of));
	for (unsigned i = 0; i < a->own->words; i++) {
		const struct word *w = &a->own->word[i];

		states += w->n;
		for (size_t k = 0; k < w->n; k++)
			if (!a->class_of[w->p[k]])
				a->class_of[w->p[k]] = (uint16_t)a->classes++;
	}
	if (states > AUTOMATON_STATES)
		return err_set(err, ERR_LIMIT, "too many bytes to search for");
	a->next = calloc(states * a->classes, sizeof(*a->next));
	a->final = calloc(states, sizeof(*a->final));
	a->own->ends = malloc(states * sizeof(*a->own->ends));
	a->own->shorter = calloc(states, sizeof(*a->own->shorter));
	if (!a->next || !a->final || !a->own->ends || !a->own->shorter)
		return err_set(err, ERR_OS, "out of memory");
	memset(a->own->ends, 0xff, states * sizeof(*a->own->ends));
	return true;
}

static void grow_trie(struct automaton *a)
{
	a->states = 1;
	for (unsigned i = 0; i < a->own->words; i++) {
		const struct word *w = &a->own->word[i];
		uint32_t at = 0;

		for (size_t k = 0; k < w->n; k++) {
			uint32_t *to = &a->next[at * a->classes + a->class_of[w->p[k]]];

			if (!*to)
				*to = a->states++;
			at = *to;
		}
		a->own->ends[at] = i;
		a->final[at] = 1;
	}
}

/* Breadth first: what a state lacks it takes over from its longest proper suffix, which was finished before. */
static bool link_suffixes(struct automaton *a, struct err *err)
{
	uint32_t *queue = malloc(a->states * sizeof(*queue)), *suffix = calloc(a->states, sizeof(*suffix));
	size_t head = 0, tail = 0;

	if (!queue || !suffix) {
		free(queue);
		free(suffix);
		return err_set(err, ERR_OS, "out of memory");
	}
	queue[tail++] = 0;
	while (head < tail) {
		uint32_t s = queue[head++], f = suffix[s];

		for (unsigned c = 0; c < a->classes; c++) {
			uint32_t *to = &a->next[s * a->classes + c], other = s ? a->next[f * a->classes + c] : 0;

			if (!*to) {
				*to = other;
				continue;
			}
			suffix[*to] = other;
			a->own->shorter[*to] = a->own->ends[other] != NONE ? other : a->own->shorter[other];
			a->final[*to] |= a->final[other];
			queue[tail++] = *to;
		}
	}
	free(queue);
	free(suffix);
	return true;
}

bool automaton_ready(struct automaton *a, struct err *err)
{
	if (!room(a, err))
		return false;
	grow_trie(a);
	return link_suffixes(a, err);
}

bool automaton_hits(const struct automaton *a, uint32_t state, bool (*f)(unsigned id, size_t n, void *data), void *data)
{
	uint32_t s = a->own->ends[state] != NONE ? state : a->own->shorter[state];

	for (; s; s = a->own->shorter[s]) {
		const struct word *w = &a->own->word[a->own->ends[s]];

		if (!f(w->id, w->n, data))
			return false;
	}
	return true;
}
