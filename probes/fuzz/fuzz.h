/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz.h - the verbs of this folder; facts and parameters stand in fuzz.c. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "harness/probe.h"

bool fuzz_range(struct step *st, struct err *err);
bool fuzz_structure(struct step *st, struct err *err);

/* Text of a row's key, or the fallback (NULL: needed). Borrowed. False with ERR_CONF. */
bool fuzz_text(const json_t *row, const char *key, const char *fallback, const char **ret, struct err *err) MUST_CHECK;
#endif
