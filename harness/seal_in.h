/* SPDX-License-Identifier: Apache-2.0
 *
 * seal_in.h - seals on disk, for seal.c (sets them), seal_check.c and seal_list.c (read them) only. Number 0 is MANIFEST.json,
 * then seals/0001.json ... */
#ifndef HARNESS_SEAL_IN_H
#define HARNESS_SEAL_IN_H

#include <jansson.h>

#include "harness/base/err.h"

/* Who writes a file: each kind has seals of its own. */
enum seal_kind { SEAL_RUN, SEAL_REPORT, SEAL_REVIEW, SEAL_KINDS };
extern const char *const seal_kind_name[SEAL_KINDS];

void seal_name(char buf[32], unsigned i);
bool seal_has(const char *dir, const char *name);       /* is there a file of that name below dir? */
unsigned seal_count(const char *dir);                   /* without a gap from MANIFEST.json on */
bool seal_is_one(const char *path, unsigned n);         /* one of the first n, or the signature of one */
/* New reference. Refuses whatever would not have been written: other keys, another order, one blank more. */
bool seal_get(const char *dir, unsigned i, json_t **ret, struct err *err) MUST_CHECK;
/* What seal n says of the one before: {"file","sha256"}, null for the first; NULL when that cannot be read. */
json_t *seal_prev(const char *dir, unsigned n, struct err *err);
/* Every file of one kind: [{"path","size","sha256"}], sorted; new reference. A name that is not UTF-8 goes to `odd`, or is an
 * error without it. */
bool seal_files(const char *dir, enum seal_kind kind, void (*odd)(const char *path, void *data), void *data, json_t **ret,
		struct err *err) MUST_CHECK;
#endif
