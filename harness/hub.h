/* SPDX-License-Identifier: Apache-2.0
 *
 * hub.h - the one poll loop of the controller: workers, lines, side lanes and signals, in one thread.
 * Whoever waits for anything turns the hub, so everything else goes on meanwhile. */
#ifndef HARNESS_HUB_H
#define HARNESS_HUB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/err.h"

struct hub;
/* msg is borrowed; NULL = the peer closed, and the source is removed before the call. false stops the run. */
typedef bool hub_fn(void *data, json_t *msg, struct err *err);

struct hub *hub_new(void);
struct hub *hub_free(struct hub *h);
bool hub_add(struct hub *h, int fd, hub_fn *fn, void *data, struct err *err) MUST_CHECK;        /* an ipc socket */
void hub_remove(struct hub *h, int fd);
/* Until *flag is true or the time has come (-1: no end). ERR_STOP when the user interrupts. ERR_TIME never: look
 * at the flag. `flag` may be NULL. */
bool hub_turn(struct hub *h, const bool *flag, int64_t until_ns, struct err *err) MUST_CHECK;
/* Ctrl-C and SIGTERM become ERR_STOP of every hub_turn from now on; a second Ctrl-C ends the program. */
void hub_catch_signals(void);
bool hub_interrupted(void);
/* After an interrupt: let the way down wait again without being stopped at once. */
void hub_ignore_interrupt(struct hub *h);
#endif
