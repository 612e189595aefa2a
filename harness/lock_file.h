/* SPDX-License-Identifier: Apache-2.0
 *
 * lock_file.h - one lock of lock.h as a file, for lock.c only. */
#ifndef HARNESS_LOCK_FILE_H
#define HARNESS_LOCK_FILE_H

#include "harness/base/fs.h"

struct lock_file { char path[FS_PATH]; int fd; json_t *says; };         /* says: what stands in it, owned */

/* ERR_BENCH when somebody has it. note (appended): what was taken over. key names the hardware; says: line, bench. */
bool lock_file_take(const char *key, json_t *says, struct lock_file *ret, char *note, size_t n, struct err *err) MUST_CHECK;
/* Still ours: writes that we live. false: another has taken it over. */
bool lock_file_beat(struct lock_file *f);
void lock_file_release(struct lock_file *f);
#endif
