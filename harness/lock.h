/* SPDX-License-Identifier: Apache-2.0
 *
 * lock.h - two runs never drive the same hardware. For a bench of `kind: real`, before anything is opened.
 *
 * Local     A file a line, named by the hash of what identifies its hardware (identity.h), so it does not matter in which bench
 *           file that stands: $JUSAN_LOCK_DIR, else /run/lock, else $XDG_RUNTIME_DIR, else /tmp; mode 0600. It is held by flock
 *           and says {"pid","start","host","line","bench","since","beat","until"}. The holder beats every LOCK_BEAT_NS; a lock
 *           whose holder is gone, or has not beaten until `until`, is taken over, and who lost it stops with a fault of the bench.
 * Elsewhere `lock:` of bench.yaml names commands. acquire: exit status 0 it is ours, 75 (EX_TEMPFAIL) somebody else has it (the
 *           first line it prints says who), anything else is a fault. renew, every `every`: not 0 means it is lost, and the run
 *           stops. release: at every end. Each gets LOCK_COMMAND_NS, and JUSAN_BENCH in its environment.
 *
 * A process of its own (the keeper) beats, renews and releases. It ends when the controller and the guard are gone, so the locks
 * outlive a killed controller until every line is in its safe state. */
#ifndef HARNESS_LOCK_H
#define HARNESS_LOCK_H

#include "harness/session.h"

#define LOCK_BEAT_NS SEC(5)
#define LOCK_LIFE_NS SEC(30)            /* from a beat to `until` */
#define LOCK_COMMAND_NS SEC(30)
#define LOCK_BUSY 75

struct lock { pid_t pid; int fd; };     /* fd -1: there is nothing to hold */

/* ERR_BENCH: who has it, and since when. note: locks that were taken over; "" = none. The keeper says {"lost": why} on fd. */
bool lock_take(const struct session *s, struct lock *ret, char note[static 512], struct err *err) MUST_CHECK;
/* After the guard has ended; waits until everything is released. */
void lock_end(struct lock *l);
#endif
