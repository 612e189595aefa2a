/* SPDX-License-Identifier: Apache-2.0
 *
 * answers.h - everything a stranger was told, kept as evidence: one JSON object a line,
 *     {"port":"tcp/80","place":"header","asked":"GET /","text":"HTTP/1.1 200 OK\r\n..."}
 * where each character of text stands for one byte (U+0000 to U+00FF).
 *
 * Places  greeting answer header page error certificate datagram mdns ssdp snmp
 * Bounds  ANSWERS_MAX answers and ANSWERS_BYTES in all; what does not fit sets `full`. */
#ifndef PORTS_ANSWERS_H
#define PORTS_ANSWERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/base/err.h"
#include "harness/base/span.h"

#define ANSWERS_MAX 4096
#define ANSWERS_BYTES (4u << 20)
#define ANSWER_LINE (1u << 18)          /* longest line that is read back */

struct answers { FILE *file; size_t n, bytes; bool full; };     /* zero-initialise, set file */
void answers_add(struct answers *a, const char *port, const char *place, const char *asked, struct span bytes);

struct answer { const char *port, *place, *asked; struct span bytes; int64_t off, len; };
/* Calls f for each answer of a file; one that cannot be read is ERR_BENCH. f returns false to stop. */
bool answers_read(const char *path, bool (*f)(const struct answer *a, void *data), void *data, struct err *err) MUST_CHECK;
#endif
