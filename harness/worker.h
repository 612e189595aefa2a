/* SPDX-License-Identifier: Apache-2.0
 *
 * worker.h - the controller's handle on a worker process: one probe, one lane, one attempt. */
#ifndef HARNESS_WORKER_H
#define HARNESS_WORKER_H

#include <sys/types.h>

#include "harness/hub.h"
#include "harness/session.h"

/* An observation of the step in flight, or of a finisher (`step` is then that step's number). Borrowed. */
typedef bool worker_observe_fn(void *data, const char *step, json_t *observation, struct err *err);

struct worker {
	const struct probe *probe;
	struct hub *hub;
	worker_observe_fn *observe;
	void *data;
	pid_t pid;
	int fd;
	bool done;                      /* the request in flight has ended */
	char status[16], text[512];     /* then: ok | error | timeout | crash, and why */
	int64_t waited_ns;              /* of it, the time in which it waited for a moment or for the device */
	bool dead;
};

bool worker_start(const struct session *s, struct hub *hub, const struct probe *p, worker_observe_fn *observe, void *data,
		  struct worker **ret, struct err *err) MUST_CHECK;
/* Sends a request (owned) and returns at once; worker->done tells when it has ended. */
bool worker_ask(struct worker *w, json_t *request, struct err *err) MUST_CHECK;
/* Waits for the request in flight until deadline_ns; past it the worker is killed: status "timeout". */
bool worker_await(struct worker *w, int64_t deadline_ns, struct err *err) MUST_CHECK;
struct worker *worker_end(struct worker *w);    /* ends the process, frees; NULL is fine; returns NULL */
#endif
