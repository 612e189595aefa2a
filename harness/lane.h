/* SPDX-License-Identifier: Apache-2.0
 *
 * lane.h - executes typed steps one after the other, in order, and writes down each. A watch or the first half of
 * `while:` is a side lane: the same code in a process of its own that sends its records to the controller. */
#ifndef HARNESS_LANE_H
#define HARNESS_LANE_H

#include "harness/hub.h"
#include "harness/session.h"
#include "harness/worker.h"

#define LANE_WORKERS 24
#define LANE_DEPTH 8

/* Where records go: the journal, or the controller. Takes rec. *ret_n (may be NULL) = number in the journal, 0 unknown. */
typedef bool lane_put_fn(void *data, const char *kind, json_t *rec, int64_t *ret_n, struct err *err);

struct lane_scope { json_t *records; char path[64], labels[128]; }; /* path "" or "3.": steps of a procedure */

struct lane {
	const struct session *s;
	struct hub *hub;
	lane_put_fn *put;
	void *put_data;
	void (*doing)(void *data, const char *what);    /* progress; may be NULL */
	void *doing_data;
	const char *test, *part;        /* "BT9-01", "control" | "expect" | "state" | "alive" */
	char rep[512];                  /* "outage=link_down" */
	char key[640];                  /* unit/test/rep: keys every random draw */
	json_t *limits, *each;          /* owned */
	struct lane_scope scope[LANE_DEPTH];
	size_t depth;                   /* scopes in use; 1 = the test's own */
	json_t *names;                  /* step path -> {"label","verb"}; owned */
	struct worker *worker[LANE_WORKERS];
	size_t n_workers;
	json_t *cited;                  /* observers that the last procedure's expectation rests on; owned */
	int64_t since_ns;               /* begin of the last stimulus */
	bool bench_fault;               /* a step did not end well: the rest of this part is not run */
	char fault[512];
	int64_t waited_ns;              /* of the step that runs: waited for a moment or for the device */
};

void lane_init(struct lane *l, const struct session *s, struct hub *hub, lane_put_fn *put, void *put_data);
/* Starts a fresh part: new scene, new workers. limits and each are borrowed and copied. */
void lane_begin(struct lane *l, const char *test, const char *part, const char *rep, const json_t *limits, const json_t *each);
/* false only for what ends the run (interrupt, journal); a bench fault of a step is in bench_fault. */
bool lane_run(struct lane *l, const struct steps *steps, struct err *err) MUST_CHECK;
/* Runs a device procedure until its expectation holds or within_ns has passed (0: one try). *ret_facts: {"ok":.., returns}. */
bool lane_procedure(struct lane *l, const struct procedure *p, int64_t within_ns, const char *path, const char *label,
		    json_t **ret_facts, struct err *err) MUST_CHECK;
/* device.do, device.connected, device.alive as a step of the lane. */
bool lane_run_procedure(struct lane *l, const struct step_spec *spec, const char *path, struct err *err) MUST_CHECK;
/* What every record of a step begins with; new reference. */
json_t *lane_step_head(const char *path, const char *label, const char *verb);
/* The scene that claims are judged in: borrowed pointers into the lane, but its records are the caller's to free. */
struct scene lane_scene(const struct lane *l);
/* {"LABEL": {"fact": value}}: the last observation of each in the current scene; new reference. */
json_t *lane_facts(const struct lane *l);
/* The step's parameters as a verb gets them; *ret NULL with err->text when something was never observed. */
bool lane_args(const struct lane *l, const struct step_spec *spec, json_t **ret, struct err *err) MUST_CHECK;
/* The request a worker gets for this step; takes a reference of args. */
json_t *lane_request(const struct lane *l, const struct step_spec *spec, json_t *args, const char *path, int64_t begin_ns);
/* A side lane's record, already complete: into the journal and the current scene. */
bool lane_adopt(struct lane *l, const char *kind, json_t *rec, struct err *err) MUST_CHECK;
/* Lets workers send their last facts, then ends them. */
bool lane_finish(struct lane *l, struct err *err) MUST_CHECK;
void lane_done(struct lane *l);

/* The two records around a step, and what a worker observed in between (a worker_observe_fn; data is the lane). */
bool lane_begin_step(struct lane *l, const char *path, const char *label, const char *verb, const char *kind_of,
		     const json_t *args, struct err *err) MUST_CHECK;
bool lane_end_step(struct lane *l, const char *path, const char *label, const char *verb, const char *status,
		   const char *text, int64_t begin_ns, struct err *err) MUST_CHECK;
bool lane_observed(void *data, const char *step, json_t *observation, struct err *err);
/* A record as the journal knows it, with test, rep and part put in; goes to put() and into the current scene. */
bool lane_record(struct lane *l, const char *kind, json_t *rec, int64_t *ret_n, struct err *err) MUST_CHECK;

/* ---- side.c ---- */
struct side;
/* A watch (STEP_VERB of a watch verb, or device.function) or any other step, beside the lane. Returns when it observes. */
bool side_start(struct lane *l, const struct step_spec *spec, const char *path, struct side **ret, struct err *err) MUST_CHECK;
bool side_join(struct side *side, bool stop, struct err *err) MUST_CHECK;       /* stop = false: wait for its own end */
struct side *side_free(struct side *side);
#endif
