/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_words.h - the application's first word in a transport payload. Private to frame_line.c. */
#ifndef REPORTS_READ_FRAME_WORDS_H
#define REPORTS_READ_FRAME_WORDS_H

#include "harness/proto/packet.h"

struct frame_text { char *buf; size_t size, n; };

void frame_say(struct frame_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* At most `most` of the bytes, up to the first line end; what is not printable ASCII as '.'. */
void frame_say_bytes(struct frame_text *t, struct span s, size_t most);

/* ", TLS ClientHello for x" ... or nothing. */
void frame_words(struct frame_text *t, const struct packet *k);
#endif
