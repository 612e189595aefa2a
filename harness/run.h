/* SPDX-License-Identifier: Apache-2.0
 *
 * run.h - the only impure part: takes a plan to a bench and writes DIR with inputs, journal and evidence.
 * What came of it is judge's to say, from that folder alone. */
#ifndef HARNESS_RUN_H
#define HARNESS_RUN_H

#include "harness/plan.h"

struct run_options {
	struct plan_input input;        /* files, profile, selection */
	const char *out;                /* run folder; NULL: runs/DATE-TIME-BENCH */
	const char *resume;             /* run folder to go on with; its inputs are used */
	const char *stamp;              /* of the bench; NULL: beside the bench file (stamp.h) */
	const char *blind;              /* test hook: this line records nothing */
	const char *campaign;           /* file with the key that makes secrets of several runs comparable; NULL = none */
	uint64_t seed;                  /* 0: drawn */
	int unit;                       /* 1.. */
	int repeat;                     /* rounds of every test, 1..RUN_ROUNDS; 0 = 1 */
	bool quiet;
};

#define RUN_ROUNDS 1000

enum run_end { RUN_COMPLETE, RUN_INTERRUPTED, RUN_STOPPED };    /* stopped: bench fault or full disk, evidence is kept */

/* true: a run folder stands at ret_dir, whatever became of the run (*ret_end; *err then says why it stopped).
 * false: nothing was powered: bad input, a line that does not open, no permission. */
bool run_campaign(const struct run_options *o, char ret_dir[static 1024], enum run_end *ret_end, struct err *err) MUST_CHECK;
#endif
