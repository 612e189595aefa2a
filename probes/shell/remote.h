/* SPDX-License-Identifier: Apache-2.0
 *
 * remote.h - one command in a shell of the device that its maker opened for the laboratory: by SSH with a password, or on a
 * serial console that is logged in. */
#ifndef SHELL_REMOTE_H
#define SHELL_REMOTE_H

#include "harness/probe.h"

struct remote {                         /* an answer; free text */
	char *text;
	size_t n;
	char why[200];                  /* why there is none, or not all of it; "" = it is whole */
};

/* false only for us. `end` is the word that ends the answer of a console. */
bool remote_ssh(struct step *st, const json_t *shell, const char *command, size_t most, struct remote *ret, struct err *err) MUST_CHECK;
bool remote_console(struct step *st, const json_t *shell, const char *command, const char *end, size_t most, struct remote *ret,
		    struct err *err) MUST_CHECK;
#endif
