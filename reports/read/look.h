/* SPDX-License-Identifier: Apache-2.0
 *
 * look.h - how verdicts look on every page: one shape each, so that nothing hangs on colour, and look.css beside it with
 * the colours. A page writes look_symbols() once, before the first of the others. All of it is markup of ours. */
#ifndef REPORTS_READ_LOOK_H
#define REPORTS_READ_LOOK_H

#include <stdio.h>

#include "harness/result.h"

void look_symbols(FILE *out);                   /* the shapes, to be referred to */
const char *look_class(enum verdict v);         /* "p" "f" "e" "i" "r" "n" "a": class and symbol name */
const char *look_word(enum verdict v);          /* "NOT TESTED" */
void look_symbol(FILE *out, enum verdict v);    /* the shape alone, hidden from screen readers: a word stands beside it */
void look_named(FILE *out, enum verdict v);     /* the shape alone, with its word for screen readers */
void look_verdict(FILE *out, enum verdict v);   /* shape and word */
void look_verdict_both(FILE *out, enum verdict v);      /* and Japanese word */
#endif
