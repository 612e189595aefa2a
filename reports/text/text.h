/* SPDX-License-Identifier: Apache-2.0
 *
 * text.h - what the parts of the terminal report share. Private to reports/text.c and reports/text/. */
#ifndef REPORTS_TEXT_TEXT_H
#define REPORTS_TEXT_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "reports/read/read.h"

enum colour { PLAIN, BOLD, DIM, RED, YELLOW, GREEN };
struct text { FILE *out; const json_t *v; bool colour; size_t title; };

/* Text of a file or the device, escaped, cut at `width` columns' worth of characters (0: all), and padded. */
void text_say(const struct text *t, const char *s, size_t width);
/* Nothing when the value is empty; before and after are ours. */
void text_field(const struct text *t, const char *before, const char *value, const char *after);
void text_verdict(const struct text *t, enum verdict v, int width);

/* " capture/lan.pcapng#12" */
void text_pointer(const struct text *t, const json_t *p);

/* declaration.c: findings on the document. */
void text_declaration(const struct text *t);
/* people.c: evidence records, waivers, marks of known misjudgements. */
void text_people(const struct text *t);
/* several.c: the runs of a campaign; what each unit and each round of a test said; how many tests were not steady. */
void text_units(const struct text *t, const json_t *run);
void text_several(const struct text *t, const json_t *test);
void text_flaky(const struct text *t);

#endif
