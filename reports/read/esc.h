/* SPDX-License-Identifier: Apache-2.0
 *
 * esc.h - the edge into HTML: any bytes in, harmless and readable markup out.
 *
 * In      n bytes of anything: UTF-8 or not, with NUL, terminal escapes, bidirectional controls.
 * Out     valid UTF-8 without C0/C1 controls (but newline and tab in HTML_PRE) and without characters that hide
 *         or reorder others. What was such stands visibly as \x1b or U+202E, in an <s> element where markup is
 *         possible. < > & " ' are entities. A fifth combining mark in a row is made visible too.
 * Bound   of more than `max` bytes the first and last parts are kept and the gap names how many are left out;
 *         output is at most about 12 times max.
 * Cost    O(max), nothing allocated. Write errors stay in the FILE (ferror). */
#ifndef REPORTS_READ_ESC_H
#define REPORTS_READ_ESC_H

#include <stdio.h>

enum html_how {
	HTML_TEXT,              /* element content on one line: newline and tab are made visible */
	HTML_PRE,               /* inside <pre>: newline (also after a return) and tab stay */
	HTML_ATTR               /* inside a quoted attribute or <title>: no markup comes out */
};

void html_esc(FILE *out, const void *bytes, size_t n, size_t max, enum html_how how);
/* Same, of a text that ends at its NUL; at most 4096 bytes of it. */
void html_esc_text(FILE *out, const char *text, enum html_how how);
/* An id that may stand in id="" and href="#": other characters become '_'. At most 64. */
void html_esc_id(FILE *out, const char *id);
#endif
