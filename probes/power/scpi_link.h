/* SPDX-License-Identifier: Apache-2.0
 *
 * scpi_link.h - a way to an instrument that takes messages of text: raw TCP, USBTMC. Who makes one fills the struct; scpi.h
 * does the rest. A message is one line; the end mark ("\n", EOM) is the link's business on both ways.
 *
 * Every call is bounded by the line's `timeout`. ERR_BENCH: not in time, gone, or not a message. After an error the link is closed
 * and never used again: what was asked may still answer. */
#ifndef PROBES_POWER_SCPI_LINK_H
#define PROBES_POWER_SCPI_LINK_H

#include <stddef.h>

#include "harness/base/err.h"

#define SCPI_MESSAGE 1024               /* bytes of the longest answer taken, with its NUL */

struct scpi_link {
	void *io;
	bool (*tell)(void *io, const char *text, struct err *err);
	/* One whole answer, terminated, without its end mark; may be "". */
	bool (*ask)(void *io, const char *text, char *ret, size_t room, struct err *err);
	void (*close)(void *io);
};
#endif
