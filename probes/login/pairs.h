/* SPDX-License-Identifier: Apache-2.0
 *
 * pairs.h - the pairs of a credential list.
 *
 * In      a list file, one pair a line, "user:password" (the first colon divides; either side may be empty), lines
 *         with # are comments. "{user}" in a password is the user; "{word}" on either side makes one pair for every
 *         word given (model, serial number, MAC address ...), none when there are none.
 * Out     distinct pairs in the file's order, in one block of memory.
 * Bounds  PAIRS_MAX pairs of at most 127 bytes each side, a file of 1 MiB.
 * Fails   ERR_CONF with the line for a line without a colon; ERR_LIMIT; ERR_OS. */
#ifndef LOGIN_PAIRS_H
#define LOGIN_PAIRS_H

#include <jansson.h>
#include <stddef.h>

#include "harness/base/err.h"

#define PAIRS_MAX 20000
struct pair { char user[128], secret[128]; };
struct pairs { struct pair *pair; size_t n, room; };            /* zero-initialise */

/* `words`: array of texts or NULL. */
bool pairs_parse(const char *name, const char *text, const json_t *words, struct pairs *ret, struct err *err) MUST_CHECK;
bool pairs_read(const char *path, const json_t *words, struct pairs *ret, struct err *err) MUST_CHECK;
void pairs_done(struct pairs *p);
#endif
