/* SPDX-License-Identifier: Apache-2.0
 *
 * err.h - one error value for what goes wrong with us, the bench or the files.
 * A device that misbehaves is never an err: it is an observation. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

/* kind, exit status of the program, what it says of the world */
#define ERR_KINDS(X)                                                 \
	X(NONE,   0, "no error")                                     \
	X(CONF,  64, "a YAML file or the command line is wrong")     \
	X(BENCH,  3, "the bench did not do what we asked")           \
	X(OS,     3, "a system call failed")                         \
	X(LIMIT,  3, "input larger than a declared bound")           \
	X(TIME,   3, "a deadline of the bench's own passed")         \
	X(STOP, 130, "interrupted")

enum err_kind {
#define X(name, status, doc) ERR_##name,
	ERR_KINDS(X)
#undef X
};

struct where { const char *file; unsigned line, col; };         /* 1-based; file borrowed, NULL = no position */
struct err   { enum err_kind kind; struct where at; char text[512]; };

/* All return false, so that a failing path reads `return err_set(...)`. */
bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool err_at(struct err *err, struct where at, const char *fmt, ...) __attribute__((format(printf, 3, 4))); /* ERR_CONF */
bool err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* ERR_OS, appends strerror(errno) */
/* Puts "context: " in front of the text, on the way up. */
bool err_in(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int err_status(const struct err *err);          /* exit status of its kind */
/* "file:line:col: text" (or only text); buf is always terminated; returns buf. */
const char *err_line(const struct err *err, char *buf, unsigned long n);

#define MUST_CHECK __attribute__((warn_unused_result))
#endif
