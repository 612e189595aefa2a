/* SPDX-License-Identifier: Apache-2.0
 *
 * listen.h - what a verb hears on a console: the record (serial_log.h) from a moment on, and patterns in it.
 *
 * Patterns   POSIX extended regular expressions, matched line by line on bytes (NULs are '\1'); a match at the very end of what
 *            came may still grow, so it is waited for a moment longer.
 * Gaps       what rests on a console that was away meanwhile, or that never spoke, is marked incomplete: a fault of the bench
 *            never becomes a fact about the device. */
#ifndef SERIAL_LISTEN_H
#define SERIAL_LISTEN_H

#include <regex.h>

#include "harness/base/fs.h"
#include "harness/probe.h"
#include "harness/proto/serial_log.h"

#define LISTEN_PATTERNS 16

struct hit { size_t at, n, which; int64_t t_ns, raw_off; char text[512], group[512]; bool has_group; };

struct listener {
	struct serial_log log;
	regex_t re[LISTEN_PATTERNS];
	size_t n_re;
	size_t searched;                /* lines before this were searched */
	char file[FS_PATH];             /* of the raw bytes, relative to the run folder */
};

/* Of the step's parameter `line`, from from_ns on. */
bool listen_open(struct step *st, int64_t from_ns, struct listener *ret, struct err *err) MUST_CHECK;
bool listen_for(struct listener *l, const char *pattern, struct err *err) MUST_CHECK;   /* ERR_CONF: does not compile */
void listen_close(struct listener *l);

/* Next match of pattern `which` at or after from; *ret_open: it ends where the record ends. */
bool listen_next(const struct listener *l, size_t which, size_t from, struct hit *ret, bool *ret_open);
/* The first of all patterns, or none until then. */
bool listen_await(struct step *st, struct listener *l, int64_t until, struct hit *ret, bool *ret_found, struct err *err) MUST_CHECK;
/* More was recorded: false when none came until then; err.kind tells a failure apart. */
bool listen_more(struct step *st, struct listener *l, int64_t until, struct err *err) MUST_CHECK;

void listen_at(struct step *st, const struct listener *l, const struct hit *h);         /* evidence pointer */
void listen_at_all(struct step *st, const struct listener *l);                          /* everything heard */
/* enough: the facts hold whatever was missed. */
void listen_gaps(struct step *st, const struct listener *l, bool enough);
#endif
