/* SPDX-License-Identifier: Apache-2.0
 *
 * lines.h - in which line of an evidence file a byte stands, for outputs that count in lines.
 *
 * Cost  a file is read through once, when its first line is asked for; after that at most 64 KiB a question.
 * Bound LINES_FILES files of LINES_BYTES each; beyond that the answer is 0, as for what is not there. */
#ifndef REPORTS_READ_LINES_H
#define REPORTS_READ_LINES_H

#include "reports/read/evidence.h"

#define LINES_FILES 64
#define LINES_BYTES ((int64_t)1 << 28)

struct lines;

struct lines *lines_open(struct evidence *e);           /* e is borrowed; never NULL */
struct lines *lines_close(struct lines *l);             /* NULL is fine; returns NULL */
/* From 1; 0 when the file has no such byte. A line ends behind each LF. */
int64_t lines_at(struct lines *l, const char *file, int64_t off);
#endif
