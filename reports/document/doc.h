/* SPDX-License-Identifier: Apache-2.0
 *
 * doc.h - what the documents for certification share: a page that prints on A4, values that cannot become markup, and blanks that
 * a person must fill. Private to the document reports (ts103701, jcstar, psti, cls).
 *
 * A blank is numbered and visible, in the document's language; how many there are stands at the top. doc_put() and doc_putf() write
 * markup of ours; whatever came out of the run folder goes through doc_text() or doc_json(), also verdict words and ids. */
#ifndef REPORTS_DOCUMENT_DOC_H
#define REPORTS_DOCUMENT_DOC_H

#include <jansson.h>
#include <stdio.h>

#include "harness/result.h"
#include "reports/read/read.h"

struct doc {
	FILE *out;
	const struct doc_kind *kind;
	const struct result *r;
	const json_t *v, *run;          /* verdicts.json and its "run"; borrowed */
	json_t *entries;                /* id -> test, requirement or record; owned, of several with one id the worst */
	json_t *device;                 /* inputs/device.yaml, NULL when there is none that can be read; owned */
	json_t *files;                  /* sealed_files(); owned */
	json_t *ics;                    /* "EDITION LINE" -> answer; owned */
	unsigned blanks;
};

struct doc_kind {
	const char *name;               /* "psti": class of the page */
	const char *lang;               /* "en" or "ja" */
	const char *title;
	const char *draft;              /* what it is and is not; stands at the top of the first page */
	void (*body)(struct doc *d);
};

/* The whole document; the body is made first, so that its blanks are counted. */
bool doc_write(const struct doc_kind *k, const struct result *r, FILE *out, struct err *err) MUST_CHECK;
/* head.c: doctype to <body>: no script, one style by its hash, nothing loaded. */
void doc_head(FILE *out, const struct doc_kind *k, const json_t *run);

void doc_put(struct doc *d, const char *markup);
void doc_putf(struct doc *d, const char *markup, ...) __attribute__((format(printf, 2, 3)));
void doc_text(struct doc *d, const char *s);
/* Strings (lines kept), numbers, booleans; lists joined by ", ". */
void doc_json(struct doc *d, const json_t *v);
/* Inside id="" and href="#": what is no plain character becomes '_'. */
void doc_id(struct doc *d, const char *prefix, const char *id);
/* The text of {"en","ja"} in the document's language. */
void doc_both(struct doc *d, const json_t *title);
/* The mark of what `who` must write; `what` may be NULL. Words of ours. */
void doc_blank(struct doc *d, const char *who, const char *what);
/* The verdict's own word, one class each. */
void doc_verdict(struct doc *d, enum verdict v);
/* "13 FAIL  7 NOT_TESTED": all that are there, the worst first. */
void doc_counts(struct doc *d, const unsigned of[static VERDICT_COUNT]);

bool doc_says(const json_t *v);                 /* is there, and is no empty text or list */
/* A row of a table of facts: the value, or a blank for `who` when there is none; who NULL: no row then. */
void doc_row(struct doc *d, const char *label, const json_t *v, const char *who);
void doc_row_text(struct doc *d, const char *label, const char *text, const char *who);
void doc_row_blank(struct doc *d, const char *label, const char *who, const char *what);

/* ---- the run ---- */
const json_t *doc_entry(const struct doc *d, const char *id);
const json_t *doc_mapping(const struct doc *d, const char *id);         /* NULL when these verdicts have none of it */
/* Of the product: as run, else as declared. */
const json_t *doc_identity(const struct doc *d, const char *key);
/* Why the verdicts of this run carry no statement whatever they are ("" when nothing speaks against it): a rehearsal, a part. */
const char *doc_unfit(const struct doc *d);
bool doc_virtual(const struct doc *d);          /* no real device was there, in one of the runs */
json_t *doc_tested(const struct doc *d);        /* serial numbers of the units that were tested; new reference */
/* SHA-256 of a file of the run folder as the seals list it; "" when they do not. */
const char *doc_sealed(const struct doc *d, const char *path);
void doc_tools(struct doc *d);                  /* rows: run, dates, tool, suites, profile, bench, hashes */

/* ---- evidence ---- */
/* "BT1-02 FAIL, G1.4 PASS": what a line rests on, each with its verdict; tests with their first pointers. */
void doc_rests(struct doc *d, const json_t *from);
/* A line for each of them that has claims: its id, `colon`, its first pointers. */
void doc_places(struct doc *d, const json_t *from, const char *colon);
void doc_pointers(struct doc *d, const json_t *test, size_t most);
/* Every test that one of `lines` rests on, directly or through a requirement: verdict, why, evidence, command. */
void doc_tests(struct doc *d);
/* Files that any claim points to, and the inputs, with their hashes. */
void doc_files(struct doc *d);

/* ---- what is declared ---- */
/* The edition of EN 303 645 that the document is about, and why it is that one; NULL when the verdicts hold none. */
const char *doc_edition(const struct doc *d, const char **ret_why);
const json_t *doc_ics(const struct doc *d, const char *edition, const char *line);      /* the answer, or NULL */
json_t *doc_ics_index(const json_t *verdicts);
void doc_ics_table(struct doc *d, const char *edition);
void doc_terms_table(struct doc *d, const char *edition);
void doc_ixit(struct doc *d, const char *edition);
/* A cell of IXIT table 2 (user information), all rows of it; NULL when it is not declared. New reference. */
json_t *doc_user_info(const struct doc *d, const char *field);
/* What the 29 tables are called: `edition` is 0 or 1. */
const char *doc_ixit_name(unsigned number, unsigned edition);
#endif
