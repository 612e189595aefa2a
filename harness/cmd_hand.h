/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_hand.h - what `jusan power | net | console | capture` share: options, opening just the line, saying what came of it. */
#ifndef HARNESS_CMD_HAND_H
#define HARNESS_CMD_HAND_H

#include "harness/by_hand.h"

#define HAND_LINES 64
#define HAND_USAGE                                                                                            \
	"  -b, --bench FILE     the bench (default: bench.yaml)\n"                                            \
	"  -d, --device FILE    the maker's declaration, for lines that read it\n"                            \
	"      --for TIME       how long; without it until Ctrl-C\n"                                          \
	"      --keep           leave the lines as they are at the end, instead of in their safe state\n"     \
	"      --dir DIR        recordings go there\n"

struct hand {
	struct by_hand_options o;
	const char *lines[HAND_LINES + 1];
	char line[64];                  /* whole name: "power.main" */
	char dir[128];
	int64_t for_ns;                 /* -1: not said */
	bool keep, raw;
	struct by_hand h;
};

/* Options, then the line as the first argument ("main" is KIND.main). *ret_rest: index of the next one. false: *ret_status is
 * the exit status, everything was said. */
bool hand_options(int argc, char **argv, const char *kind, const char *usage, struct hand *ret, int *ret_rest, int *ret_status);
/* Opens that line, and `also` when the bench has it (NULL-terminated). recorded: recordings stay, in runs/hand-DATE unless --dir. */
bool hand_open(struct hand *c, const char *const *also, bool recorded, struct err *err) MUST_CHECK;
/* One step; its facts are printed. */
bool hand_step(struct hand *c, const char *verb, const char *steps, const char *label, json_t **ret_facts, struct err *err) MUST_CHECK;
/* Until --for is over, or Ctrl-C, which is no fault. */
bool hand_hold(struct hand *c, const char *what, struct err *err) MUST_CHECK;
/* Closes; says `err` when ok is false; the exit status. */
int hand_close(struct hand *c, bool ok, struct err *err);
#endif
