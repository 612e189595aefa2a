/* SPDX-License-Identifier: Apache-2.0
 *
 * qmp.h - QEMU's machine protocol, as far as a supply needs it: JSON lines over a connected socket.
 *
 * Source   docs/interop/qmp-spec.rst of QEMU 7.2.
 * Bounds   a line of QMP_LINE bytes; every call ends by `until_ns`.
 * Late     each command has a number; what answers an earlier one is skipped, so a time-out leaves the connection usable.
 * Broken   what is no message of the protocol, or a line too long, closes it for good: ERR_BENCH then and at every later call. */
#ifndef PROBES_POWER_QMP_H
#define PROBES_POWER_QMP_H

#include <jansson.h>
#include <stdint.h>

#include "harness/base/err.h"

#define QMP_LINE 65536

/* An event, inside any of the calls below. `data` is an object or NULL; both are borrowed. */
typedef void qmp_heard(void *arg, const char *event, const json_t *data);

struct qmp {
	int fd;                         /* -1 = none, or closed since it broke or hung up */
	bool broke;                     /* closed for what it sent */
	bool greeted, ready;            /* "QMP" came; capabilities are agreed */
	json_int_t id;                  /* of the newest command */
	bool answered;
	char refusal[160];              /* its error's text; "" = it was done */
	qmp_heard *heard;
	void *arg;
	size_t n;
	char buf[QMP_LINE];
};

void qmp_init(struct qmp *q, int fd, qmp_heard *heard, void *arg);      /* owns fd from now on; -1 = none */
void qmp_close(struct qmp *q);
/* Waits for the greeting and agrees on no capabilities; once is enough, qmp_do() does it too. */
bool qmp_hello(struct qmp *q, int64_t until_ns, struct err *err) MUST_CHECK;
/* A command without arguments, and its answer. ERR_BENCH: refused, or broken; ERR_TIME: no answer in time. */
bool qmp_do(struct qmp *q, const char *command, int64_t until_ns, struct err *err) MUST_CHECK;
/* Reads until *flag, which `heard` sets. */
bool qmp_await(struct qmp *q, const bool *flag, int64_t until_ns, struct err *err) MUST_CHECK;
/* What is there now, without waiting: at most one read. */
bool qmp_drain(struct qmp *q, struct err *err) MUST_CHECK;
#endif
