/* SPDX-License-Identifier: Apache-2.0
 *
 * event_log.h - what a bench line did, as text lines: "<monotonic ns> <word> <value> <note>\n".
 * `value` is a whole number whose meaning belongs to the word (ns, process id ...); note is free text or "-". */
#ifndef PROTO_EVENT_LOG_H
#define PROTO_EVENT_LOG_H

#include "harness/proto/tail.h"

#define EVENT_WORD 24
#define EVENT_NOTE 200

struct event { int64_t t_ns; char word[EVENT_WORD]; int64_t value; char note[EVENT_NOTE]; int64_t off, len; };

bool event_log_create(const char *path, int *ret_fd, struct err *err) MUST_CHECK;       /* appends */
bool event_log_add(int fd, int64_t t_ns, const char *word, int64_t value, const char *note, struct err *err) MUST_CHECK;
/* False: no further whole line now (err stays ERR_NONE), or ERR_BENCH/ERR_OS. */
bool event_log_next(struct tail *t, struct event *ret, struct err *err);
#endif
