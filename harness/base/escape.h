/* SPDX-License-Identifier: Apache-2.0
 *
 * escape.h - what came from a device, made harmless where it leaves us. Input is any bytes up to the NUL; what is
 * not UTF-8 is shown byte by byte. Output never holds a control character, so a terminal or an XML reader only ever
 * sees what we wrote ourselves. */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* For a terminal: C0, DEL, C1, line and paragraph separators and bidirectional controls become \n \t \x1b \u{202e}. */
void escape_terminal(FILE *out, const char *text);
/* The first bytes of it, at most so many, cut between characters. */
void escape_terminal_cut(FILE *out, const char *text, size_t most);
/* For XML 1.0 text and attributes in double quotes: < > & " ', and what XML forbids becomes \x1b like above. */
void escape_xml(FILE *out, const char *text);
/* One character off *text; *ret_n bytes long. False: not UTF-8 (one byte was taken, its value is in *ret). */
_Bool escape_next(const char **text, uint32_t *ret);
#endif
