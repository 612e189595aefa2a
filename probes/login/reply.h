/* SPDX-License-Identifier: Apache-2.0
 *
 * reply.h - one whole reply of the line protocols that people log in with, from bytes in any pieces.
 *
 * In      NUMBERED  "230 text", or "230-text" lines up to "230 text"     FTP (RFC 959 4.2), SMTP (RFC 5321 4.2)
 *         SIGNED    "+OK text", "-ERR text"                              POP3 (RFC 1939 3)
 *         TAGGED    "* text" lines up to "tag OK|NO|BAD text"            IMAP (RFC 9051 7); tag "*": the greeting
 * Out     a code (below) and the text of the last line; `words` collects all lines, so that capabilities can be looked for.
 * Bounds  REPLY_TEXT bytes are kept, the rest is read off; after REPLY_BYTES the reply is ALIEN: no server needs so many.
 * Fails   ALIEN for a line that is none of the protocol's. It never fails for us. */
#ifndef LOGIN_REPLY_H
#define LOGIN_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reply_style { REPLY_NUMBERED, REPLY_SIGNED, REPLY_TAGGED };
enum { REPLY_TEXT = 1024, REPLY_BYTES = 65536 };
enum { REPLY_YES = 1, REPLY_NO = 2, REPLY_BAD = 3, REPLY_GO_ON = 4, REPLY_BYE = 5, REPLY_PREAUTH = 6 };    /* codes of SIGNED and TAGGED */

struct reply {
	enum reply_style style;
	char tag[8];                    /* TAGGED: the one that ends it */
	bool whole, alien;
	int code;                       /* NUMBERED: 100 to 599 */
	char words[REPLY_TEXT + 1], last[REPLY_TEXT + 1];
	size_t words_n, last_n, bytes;
	int open;                       /* private: the number of a reply of several lines, 0 = none */
};

void reply_begin(struct reply *r, enum reply_style style, const char *tag);    /* tag: TAGGED only, else "" */
/* Takes one byte; true when the reply is whole or alien, and nothing more is wanted. */
bool reply_take(struct reply *r, uint8_t c);
/* Does the word stand in what was said, whatever its case? "AUTH PLAIN" is two words. */
bool reply_has(const struct reply *r, const char *word);
#endif
