/* SPDX-License-Identifier: Apache-2.0
 *
 * grade.h - how good is the evidence of a verdict? Says nothing of the device and changes no verdict. A pure function of
 * verdicts.json; only grade_files() also looks whether the files that claims point to are there.
 *
 *   L1  indexed and repeatable: every claim the verdict rests on points to a place (file and offset, capture and frame, journal
 *       number), says what was expected and what was seen, and one command does it again
 *   L2  one of these three is missing somewhere
 *   L3  files are named, but no place in them; or two of the three are missing
 *   L4  a statement only; also what breaks a rule of the gate (below), and what points to files that are gone
 *   L5  the evidence contradicts the verdict
 *
 * Rules: FAIL says expected and actual. PASS on "every", "no" or "within" needs all of the set, not a sample. INCONCLUSIVE
 * and ERROR name their cause. NOT_APPLICABLE names the cell that shows the condition false.
 * A record's decision: L1 with reviewer, date, documents and their hashes; L4 without a document; L5 when one was altered.
 * A requirement: the worst of the tests and records that its verdict rests on. Nothing tested, nothing decided: null. */
#ifndef HARNESS_GRADE_H
#define HARNESS_GRADE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Each sets "grade" ("L1".."L5" or null) and "grade_why" (what is missing; "" for L1) in its first argument. */
void grade_tests(json_t *tests);
void grade_decided(json_t *test, const json_t *entry);          /* after a decision of review.h settled its verdict */
void grade_record(json_t *record, const json_t *entry);         /* entry: the decision that counts, or NULL */
void grade_requirement(json_t *requirement, const json_t *tests, const json_t *records);
/* Whole verdicts.json: files of dir that are gone or too short make L4; requirements follow. */
void grade_files(json_t *verdicts, const char *dir);

/* Whole verdicts.json of a campaign, whose files lie in its runs: no test better than the worst of its units; requirements follow. */
void grade_units(json_t *verdicts);

/* A text of the test's scope that says only a part was looked at ("5 of 100 pairs", "only the first .."); NULL = none. */
const char *grade_sample(const json_t *test);
/* Does a claim speak of all members of a set? Its text begins with every or no, or says within. */
bool grade_all(const char *claim_text);
/* Does this text name a place: file:line, table and row, pointer? 2 = a place, 1 = only a file or table, 0 = neither. */
int grade_cell(const char *evidence);
#endif
