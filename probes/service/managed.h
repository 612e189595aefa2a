/* SPDX-License-Identifier: Apache-2.0
 *
 * managed.h - a program that runs as a child of a line for as long as the line is open.
 *
 * It is a process group of its own, ends with the thread that started it (PDEATHSIG) and is in the guard's list,
 * so it never outlives the run. */
#ifndef SERVICE_MANAGED_H
#define SERVICE_MANAGED_H

#include "harness/probe.h"

struct managed { pid_t pid; int pidfd; };       /* pidfd: readable when the program has ended */

/* argv is NULL-terminated; out gets its standard output and error. l = NULL (tests) enters no namespace. */
bool managed_start(struct line *l, enum netns ns, char *const argv[], int out, struct managed *ret, struct err *err) MUST_CHECK;
/* How it ended ("exited with status 2", "killed by signal 9"); only after pidfd was readable. buf is returned. */
const char *managed_how(struct managed *m, char *buf, size_t n);
/* SIGTERM to the whole group, after grace_ns SIGKILL; waits. Fine when it ended before or never ran. */
void managed_stop(struct managed *m, int64_t grace_ns);
#endif
