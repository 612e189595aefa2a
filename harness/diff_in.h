/* SPDX-License-Identifier: Apache-2.0
 *
 * diff_in.h - between diff.c and diff_why.c. */
#ifndef HARNESS_DIFF_IN_H
#define HARNESS_DIFF_IN_H

#include "harness/diff.h"

/* run: what the runs differ in; limits: those of the test that differ. New reference: [{"class","what":[..]}], never empty. */
json_t *diff_reasons(const json_t *run, const json_t *limits, const json_t *was, const json_t *is);
#endif
