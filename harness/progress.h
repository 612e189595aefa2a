/* SPDX-License-Identifier: Apache-2.0
 *
 * progress.h - what the user sees while a campaign runs: on a terminal one line that is rewritten, elsewhere one
 * plain line per test. Goes to stderr. What the device said may stand in it and is escaped here. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/result.h"

struct progress { bool quiet, tty; size_t done, of; int64_t begin_ns; };

void progress_init(struct progress *p, size_t of, bool quiet);
void progress_doing(void *p, const char *what);         /* a step of the current test begins */
/* A test is over; why may be "". */
void progress_verdict(struct progress *p, const char *test, enum verdict v, const char *why, int64_t took_ns);
void progress_say(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void progress_end(struct progress *p);                  /* clears the bar */
#endif
