/* SPDX-License-Identifier: Apache-2.0
 *
 * break_in.h - does anything on a console obey? A boot loader that a key stops, a shell, a monitor without a prompt.
 *
 * Boots    the supply is switched off and on; while the device starts, keys are typed that stop boot loaders. At the first boot all
 *          of them in turn, at each further boot one alone, since one may spoil another.
 *          Words are typed before the first boot, as the device runs, and after each as soon as the console answers; a boot after
 *          which it does not answer proves nothing (not `complete`).
 * Obeys    words that command interpreters know are typed, and words that nobody knows. What answers some of the former, three
 *          times in three, with a line that it never says to the latter nor by itself, understands them.
 *          Of a console that says more different lines than said.h keeps, nothing is claimed; it is asked again until `boot` is over, since it may only be starting.
 * Answers  a console that says nothing to whatever is typed may not be wired to the bench at all: then `answered` stays false, and
 *          nothing is known. Answered: after each of three empty lines, or words, something came, and nothing in the pauses between
 *          them; or the same line, and in none of them.
 * Log-in   a prompt for user or password: typed on no further, since its words would count as guesses. */
#ifndef DEBUG_BREAK_IN_H
#define DEBUG_BREAK_IN_H

#include "harness/probe.h"

/* Both state the facts of `debug.attempt` (debug.c) for a console. */
bool break_in_control(struct step *st, const char *line, struct err *err) MUST_CHECK;
bool break_in(struct step *st, const char *line, bool login_declared, struct err *err) MUST_CHECK;
#endif
