/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_open.h - all lines of a bench up, in the order in which they depend on each other, and down again. */
#ifndef HARNESS_BENCH_OPEN_H
#define HARNESS_BENCH_OPEN_H

#include "harness/hub.h"
#include "harness/lock.h"
#include "harness/session.h"

/* What a line has to say: a note for the journal, or that it is gone (broken). */
typedef bool bench_said_fn(void *data, const char *line, bool broken, const char *text, struct err *err);

struct open_line;
struct open_bench {
	const struct session *s;
	struct hub *hub;
	struct guard guard;
	struct lock lock;
	bench_said_fn *said;
	void *data;
	struct open_line *line;
	size_t n;
	bool closing, keep;     /* keep: the hardware stays as it is */
};

/* Guard first, then every line, power last; each is ready to record before the next. On failure everything that
 * was open is closed again and nothing was powered. */
bool bench_open(const struct session *s, struct hub *hub, bench_said_fn *said, void *data, struct open_bench *ret,
		struct err *err) MUST_CHECK;
/* The driver that serves a line now (it may be the fallback); NULL: no such line. */
const char *bench_driver(const struct open_bench *b, const char *line);
/* From now on the end leaves the lines as they are, not in their safe state. */
bool bench_keep(struct open_bench *b, struct err *err) MUST_CHECK;
/* Power first. Always takes the whole way back. */
bool bench_close(struct open_bench *b, struct err *err) MUST_CHECK;
#endif
