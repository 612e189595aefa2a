/* SPDX-License-Identifier: Apache-2.0
 *
 * words.h - what a vulnerability disclosure policy says, found by its words, in English and Japanese.
 *
 * In      a page as served (HTML or plain text, UTF-8), bounded by the caller.
 * Out     whether it names a contact, a time until reports are acknowledged, a time between status updates; a quotation
 *         for each. A time-line counts only with a number or a fixed period in the same sentence: "as soon as we
 *         can" is none.
 * Source  the Code's guideline 2; ETSI EN 303 645 5.2-1; RFC 9116 (security.txt). */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUOTE = 300 };
struct policy_words {
	char contact[QUOTE], acknowledgement[QUOTE], updates[QUOTE];    /* "" = not found */
	bool has_expires;               /* security.txt */
	int64_t expires_s;              /* since 1970 */
};
void policy_read(const char *page, size_t n, struct policy_words *ret);

/* Text of an HTML page: tags away (a link's target stays), entities decoded, blocks end with '\n'. `out` has n + 1 bytes at
 * least. Plain text passes unchanged but for control characters. Returns the length. */
size_t policy_text(const char *page, size_t n, char *out);
/* "2027-01-31T00:00:00Z", also with an offset; false when malformed. */
bool policy_date(const char *text, int64_t *ret_s);
#endif
