/* SPDX-License-Identifier: Apache-2.0
 *
 * manifest.h - the text that tells the device of an image, made to fit the bytes that are really offered: a
 * mutant must be refused for what it is, not because its size or hash was announced wrongly.
 *
 * Two ways: a JSON manifest of the maker's for the genuine image, whose "size", "sha256" and "url" are brought up to
 * date; or a template with @size@ @sha256@ @version@ @url@.
 * Out     malloc'd text.   Bound 64 KiB. */
#ifndef UPDATE_MANIFEST_H
#define UPDATE_MANIFEST_H

#include <stddef.h>

#include "harness/base/err.h"

struct offer { size_t size; const char *sha256, *version, *url; bool without_signature; };
/* version and url NULL = as the manifest has them. `without_signature` empties a "signature" of the manifest's own. */
bool manifest_refit(const char *json, const struct offer *o, char **ret, struct err *err) MUST_CHECK;
bool manifest_fill(const char *template, const struct offer *o, char **ret, struct err *err) MUST_CHECK;
#endif
