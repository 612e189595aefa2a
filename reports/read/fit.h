/* SPDX-License-Identifier: Apache-2.0
 *
 * fit.h - texts of a run folder made to fit the fields of other formats: one line, bounded, no control character and
 * nothing that turns the text around it; tokens, times, paths and hashes of the form that schemas want. What does not
 * fit is left out or said otherwise, never passed on. */
#ifndef REPORTS_READ_FIT_H
#define REPORTS_READ_FIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define FIT_LINE 1200           /* bytes; what is cut ends in an ellipsis */
#define FIT_TOKEN 80
#define FIT_TIME 40
#define FIT_LIST 4096           /* elements of a list that a report follows; it says when there were more */
#define FIT_FEW 128             /* of a list inside of such an element: limits, rounds, units, tests of a requirement */

/* The text as one line without blanks around it, in buf of FIT_LINE; "" when nothing is left. Returns buf. */
const char *fit_line(const char *text, char buf[static FIT_LINE]);
/* Sets key when the text, made a line, is not empty. */
void fit_put(json_t *o, const char *key, const char *text);
/* printf into a line; a format's result above 4 KiB is cut. */
void fit_putf(json_t *o, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* An XML name without colon (ASCII): the id itself when it is one, otherwise "_" and a UUID made of it. Different ids give
 * different tokens. */
const char *fit_token(const char *id, char ret[static FIT_TOKEN]);
/* "2026-11-27T01:56:43Z" with or without fraction, or a day, as a time in UTC that exists, from 1970 on; "" otherwise. */
const char *fit_time(const char *text, char ret[static FIT_TIME]);
/* The run's end, else its start, else 1970: for fields that must hold a time. */
const char *fit_run_time(const json_t *run, const char *key, char ret[static FIT_TIME]);
/* A path as a reference: every byte that is no letter, digit or one of -._~/ as %XX. False when it does not fit or is empty. */
bool fit_path(const char *path, char *ret, size_t size);
bool fit_sha256(const char *text);
/* "Aki <aki@lab.example>" in two: name is a line, mail "" when it is no plain address. */
void fit_person(const char *text, char name[static FIT_LINE], char mail[static FIT_LINE]);
/* Elements that a report follows: at most FIT_LIST. */
size_t fit_count(const json_t *list);
size_t fit_few(const json_t *list);            /* at most FIT_FEW */
/* The element with this id; borrowed, NULL when there is none. */
const json_t *fit_find(const json_t *list, const char *id);
/* id -> element, the first of an id; new reference, for many look-ups. */
json_t *fit_index(const json_t *list);
bool fit_holds(const json_t *list, const char *text);   /* an array of texts has it */
#endif
