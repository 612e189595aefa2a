/* SPDX-License-Identifier: Apache-2.0
 *
 * mutant.h - a valid update image, spoilt in one way. Each way is a threat of RFC 9124.
 *
 * In      the image; how long the signature at its end is; the way. Random draws come from the caller's stream.
 * Out     malloc'd bytes. "none" is a copy.
 * Fails   ERR_BENCH when the image is too small to be spoilt; ERR_CONF for an unknown way. */
#ifndef UPDATE_MUTANT_H
#define UPDATE_MUTANT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/rng.h"

extern const char *const mutant_names[];        /* NULL-terminated */
bool mutant_make(const char *name, const uint8_t *image, size_t n, size_t signature, struct rng *rng, uint8_t **ret,
		 size_t *ret_n, struct err *err) MUST_CHECK;
#endif
