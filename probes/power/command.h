/* SPDX-License-Identifier: Apache-2.0
 *
 * command.h - one program run to its end, as an argument list without a shell.
 *
 * Bounds  time, and COMMAND_SAYS bytes of output (both streams together); beyond either the whole process group is killed.
 *         It is killed too when the program has ended: nothing of it stays behind. */
#ifndef PROBES_POWER_COMMAND_H
#define PROBES_POWER_COMMAND_H

#include <jansson.h>
#include <stdint.h>

#include "harness/base/err.h"

#define COMMAND_ARGS 64
#define COMMAND_SAYS 4096

struct command_end {
	int status;                     /* exit status */
	char said[COMMAND_SAYS];        /* terminated; NUL bytes in it became '?' */
};

/* ERR_CONF unless `argv` is a list of 1 to COMMAND_ARGS - 1 texts. */
bool command_check(const json_t *argv, const char *name, struct err *err) MUST_CHECK;
/* ERR_BENCH: it cannot be started, ended by a signal, or passed a bound. */
bool command_run(const json_t *argv, int64_t timeout_ns, struct command_end *ret, struct err *err) MUST_CHECK;
#endif
