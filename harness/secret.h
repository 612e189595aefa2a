/* SPDX-License-Identifier: Apache-2.0
 *
 * secret.h - secrets of bench lines: bench.yaml says where one is kept, never what it is.
 *
 * A reference is {file: PATH} (the file's text without the line end that closes it) or {env: NAME}. Only the process that needs
 * the value reads it; what it then says of itself (notes, errors, replies) is masked. */
#ifndef HARNESS_SECRET_H
#define HARNESS_SECRET_H

#include <jansson.h>
#include <stddef.h>

#include "harness/base/conf.h"
#include "harness/base/err.h"

#define SECRET_MAX 1024         /* bytes of one secret, with its NUL */

/* {file: PATH} or {env: NAME} as it stands in bench.yaml; anything else, above all a value, is ERR_CONF at its position and
 * is not repeated in the message. New reference. */
bool secret_parse(const struct conf *c, json_t **ret, struct err *err) MUST_CHECK;
/* The value behind such a reference, from now on masked in this process; a text (a driver's own default) is no secret and is
 * given as it is. ERR_BENCH: absent, empty, not text of one line, or too long for buf. */
bool secret_read(const json_t *ref, char *buf, size_t room, struct err *err) MUST_CHECK;
/* Every secret read so far becomes *** in it, in place; the text never grows. */
void secret_mask(char *text);
void secret_mask_json(json_t *j);       /* in every text of it */
#endif
