/* SPDX-License-Identifier: Apache-2.0
 *
 * tool.h - one run of a program that administers the network (nft, tc): words in, words out, an end within 8 s. */
#ifndef PROBES_NET_TOOL_H
#define PROBES_NET_TOOL_H

#include <stddef.h>

#include "harness/base/err.h"

/* argv[0] is looked for in PATH and in /usr/sbin. out: what it says, both streams, terminated, cut off at room.
 * ERR_BENCH with what it said when its exit status is not 0. */
bool tool_run(const char *const *argv, const char *in, char *out, size_t room, struct err *err) MUST_CHECK;
#endif
