/* SPDX-License-Identifier: Apache-2.0
 *
 * said.h - what a console answered, as a set of lines that can be compared: escape sequences and control characters are left out,
 * digits become 0, and the word that was typed becomes %. So "sh: qzk1: not found" and "sh: wvj7: not found" are the same line.
 * The last line need not have ended. Empty lines are none. */
#ifndef DEBUG_SAID_H
#define DEBUG_SAID_H

#include <stdbool.h>
#include <stddef.h>

#define SAID_LINES 48           /* of one answer; the rest is not looked at */
#define SAID_LINE 100           /* bytes of a line, the rest is cut */

struct said { char line[SAID_LINES][SAID_LINE]; size_t n; };

/* Adds what stands in text[0..n) to *s. word: what was typed, "" = nothing. */
void said_add(struct said *s, const char *text, size_t n, const char *word);
void said_drop(struct said *s, const struct said *these);       /* what both have */
void said_keep(struct said *s, const struct said *these);       /* only what both have */
#endif
