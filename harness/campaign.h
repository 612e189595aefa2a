/* SPDX-License-Identifier: Apache-2.0
 *
 * campaign.h - one test on the bench: state, control, repetitions, liveness, and what run thinks came of it. */
#ifndef HARNESS_CAMPAIGN_H
#define HARNESS_CAMPAIGN_H

#include "harness/hub.h"
#include "harness/journal.h"
#include "harness/lane.h"
#include "harness/progress.h"
#include "harness/result.h"

struct campaign {
	struct session session;
	struct hub *hub;
	struct journal *journal;
	struct lane lane;
	struct progress progress;
	json_t *finished, *attempts;    /* "BT9-01" or "BT9-01#2" (round 2) -> outcome; test id -> attempts so far */
	json_t *notes;                  /* for run.json */
	const char *machine;            /* what stands for the device: the driver of power.main */
	char state[32];                 /* of the device; "" = unknown */
	char lost[32];                  /* the test at which the device could not be reached any more */
	int unreached;                  /* times in a row that no state could be reached */
	int64_t boots, boots_ns;        /* states reached, and how long that took */
};

/* Runs one test (round 1.. of it); a second attempt when the first ended with a fault of the bench. false ends the run. */
bool campaign_test(struct campaign *c, const struct test *t, int round, enum verdict *ret, char why[static 512], struct err *err) MUST_CHECK;
#endif
