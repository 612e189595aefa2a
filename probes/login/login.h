/* SPDX-License-Identifier: Apache-2.0
 *
 * login.h - the verbs of this folder; facts and parameters stand in login.c. */
#ifndef LOGIN_LOGIN_H
#define LOGIN_LOGIN_H

#include "harness/probe.h"
#include "probes/login/offer.h"

bool login_sweep(struct step *st, struct err *err);
bool login_try(struct step *st, struct err *err);
bool login_brute(struct step *st, struct err *err);
bool login_changed(struct step *st, struct err *err);
bool login_downgrade(struct step *st, struct err *err);
bool login_setup(struct step *st, struct err *err);
bool login_reach(struct step *st, struct err *err);

/* Until when a verb may wait for the device, whatever its own patience. */
static inline int64_t login_end_ns(const struct step *st) { return step_deadline_ns(st) - SEC(6); }
/* How long to stay away after a locked answer: what it says, else 0.5 s doubling with each one. */
static inline int64_t login_pause_ns(const struct answer *a, unsigned locks)
{
	return a->retry_ns > 0 ? a->retry_ns : MS(500) << (locks < 7 ? locks : 7);
}
#endif
