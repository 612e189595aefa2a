/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz.c - input the device must survive: values out of range, and requests of broken structure. */
#include "probes/fuzz/fuzz.h"

static const struct param range_params[] = {
	{ "inputs", VALUE_MAP, .need = true, .doc = "input, or list: name, method, url, body with ${value}, min, max, user, password" },
	{ "timeout", VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "5s", .doc = "for each value" },
	{ 0 }
};
static const struct fact range_facts[] = {
	{ "cases", VALUE_INT, "values", "sent" },
	{ "accepted_outside", VALUE_INT, "values", "out of range, or no value at all, answered with success" },
	{ "refused_inside", VALUE_INT, "values", "in range, not answered with success" },
	{ "broken", VALUE_INT, "values", "answered with a failure of the device itself (5xx)" },
	{ "unanswered", VALUE_INT, "values", "not answered" },
	{ "worst", VALUE_TEXT, NULL, "the first of what should not be" },
	{ 0 }
};
static const struct param structure_params[] = {
	{ "interface", VALUE_MAP, .need = true, .doc = "name, method, url, body (a JSON sample the device accepts), type, user and password or token" },
	{ "cases", VALUE_INT, .need = true, .min = 1, .max = 100000000, .unit = "cases", .doc = "how many" },
	{ "budget", VALUE_TIME, .min = MS(100), .max = SEC(86400), .fallback = "60s", .doc = "time for them: whichever is reached first" },
	{ "limit", VALUE_TIME, .min = MS(50), .max = SEC(60), .fallback = "5s", .doc = "heartbeat: longest wait for an answer" },
	{ "first", VALUE_INT, .min = 0, .max = INT64_MAX, .fallback = "0", .doc = "number of the first case, to repeat one" },
	{ "seed", VALUE_INT, .min = 0, .max = INT64_MAX, .doc = "of an earlier run, to repeat its cases; absent: the run's own" },
	{ 0 }
};
static const struct fact structure_facts[] = {
	{ "sent", VALUE_INT, "cases", "sent" },
	{ "answered", VALUE_INT, "cases", "answered" },
	{ "ended", VALUE_INT, "cases", "for which the connection was ended without an answer" },
	{ "silent", VALUE_INT, "cases", "without answer or end in time" },
	{ "lost", VALUE_INT, NULL, "heartbeats lost" },
	{ "slowest", VALUE_TIME, NULL, "longest wait for an answer" },
	{ "last_case", VALUE_TEXT, NULL, "the case that stopped the device, or the last before it stopped" },
	{ "seed", VALUE_TEXT, NULL, "with the case's number it makes the case again" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "range", VERB_STIMULUS, range_params, range_facts, fuzz_range, "values at and beyond the declared ranges" },
	{ "structure", VERB_STIMULUS, structure_params, structure_facts, fuzz_structure, "malformed requests, seeded and repeatable" },
	{ 0 }
};
const struct probe probe_fuzz = { "fuzz", "hostile input", verbs, NULL, RIGHT_SCOPE };
