/* SPDX-License-Identifier: Apache-2.0
 *
 * image.h - a file that holds what stands in a flash chip, changed and looked at in place. Bytes travel as hex digits.
 *
 * All fail with ERR_BENCH when the range is not inside the file or longer than IMAGE_PIECE, with ERR_OS else. */
#ifndef FLASH_IMAGE_H
#define FLASH_IMAGE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/hash.h"
#include "harness/base/fs.h"

#define IMAGE_PIECE ((size_t)16384)     /* bytes in one alter or peek: a command is one datagram */

bool image_size(const char *path, int64_t *ret, struct err *err) MUST_CHECK;
/* {size, sha256} into reply. */
bool image_tell(const char *path, json_t *reply, char hash[static HASH_HEX], struct err *err) MUST_CHECK;
/* {at, data}: writes; *ret_at where, *ret_n how many, *ret_changed those of them that differ from before. */
bool image_alter(const char *path, const json_t *args, int64_t *ret_at, int64_t *ret_n, int64_t *ret_changed, struct err *err) MUST_CHECK;
/* {at, length}: {data} into reply. */
bool image_peek(const char *path, const json_t *args, json_t *reply, struct err *err) MUST_CHECK;
/* Copies length bytes from `at` (all when length is 0) into a new file. */
bool image_cut(const char *path, int64_t at, int64_t length, const char *to, struct err *err) MUST_CHECK;
/* Where `to` of a read goes: below the run folder, its folder made. */
bool image_place(const char *run_dir, const json_t *args, char ret[static FS_PATH], struct err *err) MUST_CHECK;
#endif
