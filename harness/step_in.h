/* SPDX-License-Identifier: Apache-2.0
 *
 * step_in.h - a step as the worker's own files see it; probes only know the functions of probe.h. */
#ifndef HARNESS_STEP_IN_H
#define HARNESS_STEP_IN_H

#include "harness/session.h"

struct step {
	const struct session *s;
	const struct verb *verb;
	int fd;
	json_t *msg;                    /* the request: args, label, step, times */
	json_t *args;
	struct rng rng;
	json_t *facts, *at, *observers, *scope;
	char incomplete[256];
	bool pending, stopped;
	int64_t waited_ns;              /* in step_wait() so far */
};
#endif
