/* SPDX-License-Identifier: Apache-2.0
 *
 * fs.h - files of the run folder: whole reads with a bound, writes that are either old or new. */
#ifndef BASE_FS_H
#define BASE_FS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "harness/base/err.h"

#define FS_PATH 1024

/* For reading; refuses what is no regular file, without ever waiting for one. */
bool fs_open(const char *path, int *ret_fd, struct stat *ret_st, struct err *err) MUST_CHECK;
/* malloc'd, NUL-terminated after n bytes; ERR_LIMIT above max. */
bool fs_read(const char *path, size_t max, char **ret, size_t *ret_n, struct err *err) MUST_CHECK;
/* A regular file below dir, for reading, without following a link in any part of its path and without "..". */
bool fs_open_below(const char *dir, const char *rel, int *ret_fd, struct err *err) MUST_CHECK;
/* Written to path.new, synced, renamed. */
bool fs_write(const char *path, const void *p, size_t n, struct err *err) MUST_CHECK;
bool fs_write_json(const char *path, const json_t *j, struct err *err) MUST_CHECK;      /* indented, sorted keys, newline */
bool fs_read_json(const char *path, size_t max, json_t **ret, struct err *err) MUST_CHECK; /* new reference */
bool fs_mkdirs(const char *path, struct err *err) MUST_CHECK;   /* like mkdir -p */
bool fs_copy(const char *from, const char *to, struct err *err) MUST_CHECK;
/* Removes a folder tree; missing is fine. Never follows links. */
bool fs_remove(const char *path, struct err *err) MUST_CHECK;
/* Calls f for every regular file below dir, relative path, sorted; stops at false. Links and specials are skipped. */
bool fs_walk(const char *dir, bool (*f)(const char *rel, void *data, struct err *err), void *data, struct err *err) MUST_CHECK;
/* The same for what fs_walk() skips: links and special files. */
bool fs_walk_odd(const char *dir, bool (*f)(const char *rel, void *data, struct err *err), void *data, struct err *err) MUST_CHECK;
/* Writes all or fails; handles EINTR and short writes. */
bool fs_write_all(int fd, const void *p, size_t n, struct err *err) MUST_CHECK;
/* "dir/name" into buf of FS_PATH; ERR_LIMIT when too long. Refuses nothing else. */
bool fs_join(char buf[static FS_PATH], const char *dir, const char *name, struct err *err) MUST_CHECK;
#endif
