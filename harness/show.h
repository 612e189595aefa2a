/* SPDX-License-Identifier: Apache-2.0
 *
 * show.h - the bytes behind a claim, for a person at a terminal.
 *
 *   serial/console.raw@4711+18     18 bytes from offset 4711, as text and as hex
 *   capture/lan.pcapng#12          frame 12, one line of what it is and its bytes
 *   journal#17                     record 17
 *
 * Only files below the run folder, reached without links. Everything shown is escaped.
 * Fails    ERR_CONF: no pointer, no such file, frame or record, or beyond its end. Bound: SHOW_MAX bytes. */
#ifndef HARNESS_SHOW_H
#define HARNESS_SHOW_H

#include <stdio.h>

#include "harness/base/err.h"

#define SHOW_MAX 65536

bool show_pointer(const char *dir, const char *pointer, FILE *out, struct err *err) MUST_CHECK;
#endif
