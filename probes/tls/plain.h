/* SPDX-License-Identifier: Apache-2.0
 *
 * plain.h - the few lines said before TLS begins on a port that speaks another protocol first.
 * Source  RFC 3207 (SMTP), RFC 2595 (IMAP, POP3), RFC 4217 (FTP). */
#ifndef TLS_PLAIN_H
#define TLS_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

enum { PLAIN_STEPS = 3, PLAIN_MAX = 8192 };
struct plain {
	const char *name;               /* "smtp" */
	struct { const char *good, *say; } step[PLAIN_STEPS];   /* a last line that begins so; what is then said, NULL = TLS */
};
const struct plain *plain_find(const char *name);       /* NULL = unknown */

enum plain_says { PLAIN_MORE, PLAIN_GOOD, PLAIN_BAD };
/* Is the answer text[0..n) to step `step` whole, and the wanted one? */
enum plain_says plain_read(const struct plain *p, unsigned step, const char *text, size_t n);
#endif
