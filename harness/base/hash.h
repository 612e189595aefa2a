/* SPDX-License-Identifier: Apache-2.0
 *
 * hash.h - SHA-256 of bytes and files, as the run folder uses it. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define HASH_HEX 65                     /* 64 hex digits and the end */

void hash_bytes(const void *p, size_t n, uint8_t ret[static 32]);
void hash_hex(const uint8_t digest[static 32], char ret[static HASH_HEX]);
void hash_text(const void *p, size_t n, char ret[static HASH_HEX]);     /* both at once */
/* From where it stands; fd stays open. */
bool hash_fd(int fd, const char *name, char ret[static HASH_HEX], struct err *err) MUST_CHECK;
bool hash_file(const char *path, char ret[static HASH_HEX], struct err *err) MUST_CHECK;
/* Its first `size` bytes; ERR_LIMIT when it is shorter. */
bool hash_begin(const char *path, uint64_t size, char ret[static HASH_HEX], struct err *err) MUST_CHECK;
#endif
