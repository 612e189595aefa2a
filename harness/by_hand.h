/* SPDX-License-Identifier: Apache-2.0
 *
 * by_hand.h - a bench opened without a campaign: steps are run on it as in a test, with the same lines, workers, locks and
 * guard, and what they observed comes back. For `jusan bench check` and the commands that work a line by hand. */
#ifndef HARNESS_BY_HAND_H
#define HARNESS_BY_HAND_H

#include "harness/bench_open.h"
#include "harness/lane.h"

struct by_hand_options {
	const char *bench, *device;     /* files; device NULL: nothing is known of the product */
	const char *const *lines;       /* NULL-terminated: open these and what they name; NULL = all. A virtual bench is opened whole */
	const char *dir;                /* where evidence goes; NULL: a folder below /tmp that is removed at the end */
	int unit;
};

struct by_hand {
	struct arena a;
	struct plan plan;
	struct session s;
	struct hub *hub;
	struct open_bench bench;
	struct lane lane;
	bool opened, temporary;
	void (*said)(const char *line, const char *text);       /* notes of lines; may be NULL */
};

/* Loads both files and checks that each of o->lines is there; every fault goes to `report`. Nothing is opened. */
bool by_hand_load(struct by_hand *h, const struct by_hand_options *o, void (*report)(const struct err *e, void *data), struct err *err) MUST_CHECK;
/* Opens the lines; on failure they are closed again. */
bool by_hand_open(struct by_hand *h, const struct by_hand_options *o, struct err *err) MUST_CHECK;
/* Runs steps given as YAML. *ret {"LABEL": {"fact": value, "took_ns"}}, new reference, also when a step did not end well (ERR_BENCH, says which) or somebody interrupted (ERR_STOP). */
bool by_hand_run(struct by_hand *h, const char *steps, json_t **ret, struct err *err) MUST_CHECK;
/* The same, and whether every claim of `expect` (YAML) holds: *ret_ok, or why not. */
bool by_hand_expect(struct by_hand *h, const char *steps, const char *expect, json_t **ret, bool *ret_ok, char *why, size_t n,
		    struct err *err) MUST_CHECK;
/* A command straight to an open line; the reply is a new reference. */
bool by_hand_line(struct by_hand *h, const char *line, const char *command, json_t **ret_reply, struct err *err) MUST_CHECK;
bool by_hand_ask(struct by_hand *h, const char *line, const char *command, const json_t *args, json_t **ret_reply, struct err *err) MUST_CHECK;
/* Everything into its safe state, or left as it is (keep); then all memory. A zeroed one is fine. */
bool by_hand_close(struct by_hand *h, bool keep, struct err *err) MUST_CHECK;
const struct bench_line *by_hand_find(const struct by_hand *h, const char *line);      /* NULL: not open */
#endif
