/* SPDX-License-Identifier: Apache-2.0
 *
 * standard.h - what EN 303 645 and TS 103 701 ask of a maker's declaration: the 29 IXIT tables with their fields, the lines
 * of the ICS, and what tables tell about numbered conditions and lettered features.
 *
 * Two editions stand side by side, since UK law pins the older one:
 *   en303645-v2.1.1 (2020-06) with TS 103 701 V1.1.1 (2021-08), en303645-v3.1.3 (2024-09) with TS 103 701 V2.1.1 (2025-05).
 * Names of tables and fields are those of the standard, letter for letter, so that a laboratory's sheet fits; they were read
 * in public copies. Lines, conditions and features stand in suites/mappings/en303645-*.yaml. */
#ifndef HARNESS_STANDARD_H
#define HARNESS_STANDARD_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/mapping.h"

enum edition { EDITION_2, EDITION_3, EDITION_COUNT };
extern const char *const edition_name[];        /* "en303645-v2.1.1", "en303645-v3.1.3", NULL: ids of their mappings */
extern const char *const edition_ts[];          /* "1.1.1", "2.1.1", NULL: of TS 103 701 */

/* ---- IXIT (ixit_tables.c) ---- */
enum cell_type {
	CELL_TEXT,
	CELL_YES,                       /* begins with yes or no; an explanation may follow */
	CELL_REFS,                      /* a list of IDs of rows, or a text that says why there is none */
};
struct ixit_field {                     /* tables end with { 0 } in both names */
	const char *name[EDITION_COUNT];        /* NULL: not in this edition */
	enum cell_type type;
	const char *doc;
};
struct ixit_table { unsigned number; const char *name[EDITION_COUNT]; const struct ixit_field *fields; const char *doc; };
#define IXIT_TABLES 29
extern const struct ixit_table ixit_table[IXIT_TABLES];
/* By name in either edition; NULL when unknown. */
const struct ixit_table *ixit_find(const char *name);
/* By name in either edition, also with " (Yes/No)" behind it, as forms print it; NULL when unknown. */
const struct ixit_field *ixit_field_find(const struct ixit_table *t, const char *name);

/* ---- ICS (ics.c) ---- */
struct editions { const struct mapping *of[EDITION_COUNT]; };   /* NULL: these suites do not have it */
struct editions editions_of(const struct mapping *m, size_t n);
static inline bool ics_recommended(const struct mapping_line *l) { return l->force && l->force[0] == 'R'; }
static inline bool ics_conditional(const struct mapping_line *l) { return *l->conditions || *l->features; }
const char *ics_term(const struct mapping_line *l, size_t n);   /* the n-th condition or feature it depends on, or NULL */
bool ics_depends(const struct mapping_line *l, const char *term);

struct edition_term { const struct mapping_term *term; bool feature; unsigned editions; };      /* bits 1 << EDITION_2 ... */
#define TERMS_MAX 128
/* The conditions (or features) of all editions, each once, with the text of the first that has it; returns how many. */
size_t editions_terms(const struct editions *e, bool features, struct edition_term *ret, size_t room);

/* ---- what tables tell about conditions and features (terms.c) ---- */
enum look {                             /* how a cell, or a table, answers */
	LOOK_ROWS,                      /* has rows */
	LOOK_NO_ROWS,                   /* has none */
	LOOK_EMPTY,                     /* only that it has none is an answer: then it is false */
	LOOK_SAYS,                      /* a cell says something, and not "N/A", "none" or "no" */
	LOOK_YES,                       /* a cell begins with yes */
	LOOK_HAS,                       /* a cell holds one of the words; that it does not, only where it says none or holds
					   one of the others */
};
struct term_look { unsigned table; enum look look; const char *field; const char *words, *others; };    /* "a|b" */
struct term_rule {
	const char *id;                         /* "1" to "16", "a" to "z", "aa" */
	struct term_look look, also;            /* also: in the same row; table 0 = none */
	unsigned table2;                        /* the same look into a second table; 0 = none */
	bool one_way;                           /* rows can show that it is true, never that it is not */
	const char *opposite;                   /* "4": this one is true exactly when that one is not */
};
extern const struct term_rule term_rules[];     /* ends with { 0 } */
const struct term_rule *term_rule_find(const char *id);         /* NULL: nothing but the declaration tells */
#endif
