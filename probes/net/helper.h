/* SPDX-License-Identifier: Apache-2.0
 *
 * helper.h - the line's side of jusan-net (ask.h): starts it, asks it, ends it.
 *
 * The helper is not in the guard's list: it ends when its socket closes, however that came about, and puts back what was
 * taken. Its rights come from the file (setcap); a run as root, or in a namespace of ours, needs none there. */
#ifndef PROBES_NET_HELPER_H
#define PROBES_NET_HELPER_H

#include <sys/types.h>

#include "harness/base/err.h"
#include "probes/net/ask.h"

struct helper { int fd; pid_t pid; };   /* .fd = -1: not started */

/* path NULL: the program jusan-net beside this one. args: NULL-terminated, IFACE or IFACE:shared, borrowed. */
bool helper_start(const char *path, const char *const *args, struct helper *ret, struct err *err) MUST_CHECK;
/* ns: the namespace for ASK_TAKE, else -1. ret_before may be NULL. ERR_BENCH with what the helper said. */
bool helper_ask(const struct helper *h, const struct ask *a, int ns, struct ask_before *ret_before, struct err *err) MUST_CHECK;
void helper_end(struct helper *h);      /* waits, at most 3 s; fine when it never ran */
#endif
