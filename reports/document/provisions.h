/* SPDX-License-Identifier: Apache-2.0
 *
 * provisions.h - lines of EN 303 645 with the test cases of TS 103 701 that belong to them. Private to ts103701. */
#ifndef REPORTS_DOCUMENT_PROVISIONS_H
#define REPORTS_DOCUMENT_PROVISIONS_H

#include "reports/document/doc.h"

struct provisions {
	const char *edition;            /* "en303645-v3.1.3"; NULL: the verdicts hold none */
	const json_t *lines, *cases;    /* of the two mappings; borrowed */
	json_t *of;                     /* id of a line -> its cases; owned */
};

/* A case belongs to the line whose id is its own without the last number. */
struct provisions provisions_of(const struct doc *d, const char *edition);
void provisions_free(struct provisions *p);
/* The worst of the line and its cases: a case nobody answered leaves the provision without a verdict. */
enum verdict provisions_verdict(const struct provisions *p, const json_t *line);

struct overall { unsigned of[VERDICT_COUNT]; const char *word; };       /* applicable mandatory provisions by verdict; PASS, FAIL, NONE */
/* PASS only when every mandatory provision is PASS or proved not to apply, and `unfit` is "". */
struct overall provisions_overall(const struct provisions *p, const char *unfit);

void provisions_table(struct doc *d, const struct provisions *p);
/* Mandatory and without a verdict of TS 103 701: what each waits for. */
void provisions_open(struct doc *d, const struct provisions *p);
#endif
