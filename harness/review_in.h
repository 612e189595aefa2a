/* SPDX-License-Identifier: Apache-2.0
 *
 * review_in.h - the inside of review_add(), for review_add.c review_may.c review_documents.c only. */
#ifndef HARNESS_REVIEW_IN_H
#define HARNESS_REVIEW_IN_H

#include "harness/review.h"

/* ERR_BENCH when seal_verify finds a fault; what an interrupted review of the next entry left is none. */
bool review_intact(const char *dir, const json_t *entries, struct err *err) MUST_CHECK;
/* Copies e->files to review/ID/NNNN-K-NAME for entry n and appends {"path","name","size","sha256"} to `files`. Links, folders,
 * empty files and files beyond REVIEW_FILE_MAX are refused (ERR_CONF, ERR_LIMIT); then none of the copies stays. */
bool review_documents(const char *dir, const struct review_entry *e, unsigned n, json_t *files, struct err *err) MUST_CHECK;
#endif
