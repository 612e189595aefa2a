/* SPDX-License-Identifier: Apache-2.0
 *
 * records_in.h - what one record says, for record_fields.c (reads it) and records.c (keeps it) only. */
#ifndef HARNESS_RECORDS_IN_H
#define HARNESS_RECORDS_IN_H

#include "harness/base/jline.h"
#include "harness/records.h"

struct record_fields {
	struct jspan test, part, rep, step, label, verb, observers;     /* p NULL: it does not say; observers as JSON text */
	struct record rec;                      /* all but where, spot and at */
	char *own;                              /* malloc'd text that observers points into; NULL = none */
};

/* From the members of a plain line that begins at text. False: a text in it is written with escapes; ask jansson. */
bool fields_of_plain(const struct jmember *m, size_t n, const char *text, struct record_fields *ret);
void fields_of_json(const json_t *rec, struct record_fields *ret);
#endif
