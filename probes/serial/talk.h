/* SPDX-License-Identifier: Apache-2.0
 *
 * talk.h - typing on a console and understanding the answer: log in, stop a boot loader, run a command. */
#ifndef SERIAL_TALK_H
#define SERIAL_TALK_H

#include "probes/serial/profile.h"

/* Returns when the console took all of it, or at `until`; *ret_sent counts bytes. ERR_BENCH: the port is or goes away.
 * secret: neither record nor journal shows it. */
bool talk_type(struct step *st, struct listener *l, const char *text, bool secret, int64_t until, int64_t *ret_sent,
	       struct err *err) MUST_CHECK;

/* The verbs; serial.c describes them. */
bool talk_login(struct step *st, struct err *err);
bool talk_interrupt(struct step *st, struct err *err);
bool talk_run(struct step *st, struct err *err);
bool autobaud(struct step *st, struct err *err);        /* autobaud.c */
#endif
