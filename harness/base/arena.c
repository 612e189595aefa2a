// SPDX-License-Identifier: Apache-2.0
#include "harness/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char data[];
};

#define BLOCK ((size_t)64 << 10)
#define CAP   ((size_t)256 << 20)

static void die(const char *why)
{
	fprintf(stderr, "jusan: %s\n", why);
	abort();
}

void *arena_alloc(struct arena *a, size_t n, size_t size)
{
	size_t want, align = _Alignof(max_align_t);
	struct arena_block *b = a->head;
	void *p;

	if (size && n > (SIZE_MAX / 2) / size)
		die("arena: size overflow");
	want = (n * size + align - 1) / align * align;
	if (a->used + want > (a->cap ? a->cap : CAP))
		die("arena: over its cap");
	if (!b || b->size - b->used < want) {
		size_t sz = want > BLOCK ? want : BLOCK;

		b = calloc(1, sizeof(*b) + sz);
		if (!b)
			die("out of memory");
		b->size = sz;
		b->next = a->head;
		a->head = b;
	}
	p = b->data + b->used;
	b->used += want;
	a->used += want;
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(arena_alloc(a, n, 1), s, n);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	int n;
	char *s;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		die("arena_printf: bad format");
	s = arena_alloc(a, (size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

void arena_free(struct arena *a)
{
	while (a->head) {
		struct arena_block *b = a->head;

		a->head = b->next;
		free(b);
	}
	a->used = 0;
}
