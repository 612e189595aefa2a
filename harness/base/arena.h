/* SPDX-License-Identifier: Apache-2.0
 *
 * arena.h - memory with one lifetime: freed all at once. Zero-initialise; cap 0 = 256 MiB. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena { struct arena_block *head; size_t used, cap; };

/* Zeroed, aligned for any type. Never NULL: past `cap`, or out of memory, the program stops with a
 * message, so check sizes that a device or a file chose BEFORE calling. */
void *arena_alloc(struct arena *a, size_t n, size_t size) __attribute__((malloc, returns_nonnull, alloc_size(2, 3)));
#define arena_new(a, type) ((type *)arena_alloc((a), 1, sizeof(type)))
char *arena_strdup(struct arena *a, const char *s) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3), returns_nonnull));
void arena_free(struct arena *a);               /* leaves it ready for use again */
#endif
