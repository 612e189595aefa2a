/* SPDX-License-Identifier: Apache-2.0
 *
 * api.c - who may do what over the interfaces that a device declares. */
#include "probes/api/api.h"

static const char *const rights[] = { "all", "full", NULL };
static const struct param matrix_params[] = {
	{ "api", VALUE_MAP, .need = true, .doc = "accounts, endpoints, refusal: as in declared.interface.api" },
	{ "state", VALUE_TEXT, .doc = "name of the state the device is in: what is declared for other states has no right there" },
	{ "rights", VALUE_ENUM, .words = rights, .fallback = "all", .doc = "full: only who has the right, to see that it works" },
	{ "timeout", VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "5s", .doc = "for each request" },
	{ "patience", VALUE_TIME, .max = SEC(86400), .fallback = "1min", .doc = "for waiting out locks, in all" },
	{ "budget", VALUE_TIME, .min = MS(100), .max = SEC(86400), .fallback = "10min", .doc = "for all of it" },
	{ 0 }
};
static const struct fact matrix_facts[] = {
	{ "endpoints", VALUE_INT, "functions", "that were asked" },
	{ "cells", VALUE_INT, "requests", "made, each a line of evidence" },
	{ "controls", VALUE_INT, "functions", "that who has the right was seen to use, with their effect" },
	{ "effects", VALUE_INT, "requests", "without the right that took effect" },
	{ "revealed", VALUE_INT, "requests", "without the right that were shown what is protected" },
	{ "accepted", VALUE_INT, "requests", "without the right that were accepted where no effect can be read" },
	{ "full_refused", VALUE_INT, "functions", "that refuse who has the right and is let in elsewhere" },
	{ "breaches", VALUE_SET, NULL, "the same in words" },
	{ "complete", VALUE_BOOL, NULL, "every right was seen to work, and every other request was answered" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "matrix", VERB_STIMULUS, matrix_params, matrix_facts, api_matrix, "every declared function with every right, its effect read back" },
	{ 0 }
};
const struct probe probe_api = { "api", "who may do what", verbs, NULL, RIGHT_SCOPE };
