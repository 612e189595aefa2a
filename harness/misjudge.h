/* SPDX-License-Identifier: Apache-2.0
 *
 * misjudge.h - six ways in which a verdict goes wrong although every single step looks right, as lint on results.
 *
 *   1  FAIL although the condition of the requirement is declared false
 *   2  PASS on all of a set from a sample of it
 *   3  a contradiction inside the declaration booked as the device's FAIL
 *   4  broken inheritance: 5.5-1 FAIL, and 5.5-6, 5.5-7, 5.8-1 or 5.8-2 better than that
 *   5  a claim wider than its evidence: PASS on a statement, or in words that nothing observed can carry
 *   6  not applicable in a circle: because it has not happened yet, or because the verdict says so
 *
 * What finds one marks it, in both languages, and makes a PASS or NOT_APPLICABLE worse: 2 INCONCLUSIVE, the others REVIEW.
 * Nothing is ever made better: a FAIL that is marked stays one, and a person looks at it.
 * A mark: {"pattern": 1..6, "on": id, "mapping": id (4 only), "text": {en, ja}, "was": verdict, "now": verdict}. */
#ifndef HARNESS_MISJUDGE_H
#define HARNESS_MISJUDGE_H

#include <jansson.h>

#include "harness/base/err.h"

#define MISJUDGE_PATTERNS 6

/* Each appends to marks and may change "verdict" and "why" of what it is given. */
void misjudge_tests(json_t *tests, const json_t *findings, json_t *marks);      /* 2, 3, 5; findings: of verdicts.json or NULL */
void misjudge_records(json_t *records, json_t *marks);                          /* 5 */
void misjudge_requirement(json_t *requirement, json_t *marks);                  /* 1, 6 */
void misjudge_lines(json_t *verdicts);                                          /* 1, 4 on "mappings"; marks go to verdicts */

/* What the patterns find in a finished verdicts.json that is not marked there; new reference. */
json_t *misjudge_find(const json_t *verdicts);
/* jusan lint RUN: *ret_marks: all marks, those of judge first, then what it did not mark (with "new": true); new reference. */
bool misjudge_lint(const char *dir, json_t **ret_marks, struct err *err) MUST_CHECK;
#endif
