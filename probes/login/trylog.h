/* SPDX-License-Identifier: Apache-2.0
 *
 * trylog.h - every log-in try as a line of evidence: when, where, which account, what came of it. Passwords stand in it
 * only when they come from a list: a known secret or a random one is a word, not itself. */
#ifndef LOGIN_TRYLOG_H
#define LOGIN_TRYLOG_H

#include <stdio.h>

#include "harness/probe.h"
#include "probes/login/offer.h"

struct trylog { FILE *f; char name[80]; };      /* name: relative to the run folder */

bool trylog_open(struct step *st, const char *what, struct trylog *ret, struct err *err) MUST_CHECK;
void trylog_add(struct trylog *l, const char *surface, const char *user, const char *secret, const struct answer *a, enum outcome o);
/* Closes it and points the current observation to it. Zeroed is fine. */
void trylog_close(struct step *st, struct trylog *l);
#endif
