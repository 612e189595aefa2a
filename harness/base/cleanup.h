/* SPDX-License-Identifier: Apache-2.0
 *
 * cleanup.h - scope-bound release: `CLEANUP(close_fd) int fd = open(...)`; take_fd hands it over. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(f) __attribute__((cleanup(f), unused))     /* unused: clang does not count the release as a use */
static inline void close_fd(int *fd) { if (*fd >= 0) close(*fd); }
static inline int take_fd(int *fd) { int v = *fd; *fd = -1; return v; }
static inline void free_ptr(void *p) { free(*(void **)p); }
static inline void free_json(json_t **j) { json_decref(*j); }
static inline void close_file(FILE **f) { if (*f) fclose(*f); }
#endif
