/* SPDX-License-Identifier: Apache-2.0
 *
 * pick.h - a few members out of a large JSON text, without building the rest of it.
 *
 * In      any bytes. The whole text is checked (grammar, UTF-8, escapes), also what is not kept; only a member that stands
 *         twice and an integer too large to hold go unnoticed there.
 * Out     what reading everything and dropping the unwanted would give. A wanted member that is absent stays absent; one
 *         whose name is written with escapes is not recognised.
 * Bound   nesting of PICK_DEPTH. Cost: one pass, about as fast as the text can be read from memory; jansson sees only what is kept. */
#ifndef BASE_PICK_H
#define BASE_PICK_H

#include <jansson.h>
#include <stddef.h>

#include "harness/base/err.h"

#define PICK_DEPTH 200

/* Ends with {0}. inside: what to keep of the object, or of each object of the array; NULL: all of it. */
struct pick { const char *name; const struct pick *inside; };

/* ERR_CONF with the offset at which the text is no JSON. New reference. */
bool pick_json(const char *text, size_t n, const struct pick *want, json_t **ret, struct err *err) MUST_CHECK;
#endif
