/* SPDX-License-Identifier: Apache-2.0
 *
 * spawn.h - a program as a child: a process group of its own, with nothing of ours but its standard descriptors.
 *
 * It ends with the thread that started it (PDEATHSIG) unless it is told to outlive it. No shell is involved. */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

#include "harness/base/err.h"

struct spawn { pid_t pid; int pidfd; };         /* pidfd: readable when the program has ended; { 0, -1 } = none */

struct spawn_options {
	bool (*enter)(void *data, struct err *err);     /* in the child, before the program; NULL = nothing to do */
	void *data;
	int64_t file_max;                               /* bytes of the largest file it may write; 0 = no bound of ours */
	bool outlives;                                  /* goes on when we die, in a session of its own */
	int keep;                                       /* > 2: this descriptor stays open in it; else none does */
};

/* argv is NULL-terminated; out gets standard output and error. o may be NULL. ERR_OS; a program that cannot be executed
 * says so on `out` and ends with status 127. */
bool spawn_start(char *const argv[], int out, const struct spawn_options *o, struct spawn *ret, struct err *err) MUST_CHECK;
/* How it ended: "exited with status 2", "was killed by signal 9", or "is still running". buf is returned. */
const char *spawn_how(const struct spawn *s, char *buf, unsigned long n);
/* Exit status of a program that has ended, -1 when it was killed; the group goes with it and the child is reaped. */
int spawn_reap(struct spawn *s);
/* SIGTERM to the whole group, after grace_ns SIGKILL; waits. Fine when it ended before or never ran. */
void spawn_stop(struct spawn *s, int64_t grace_ns);
#endif
