/* SPDX-License-Identifier: Apache-2.0
 *
 * api.c - who may do what over the interfaces that a device declares. */
#include "probes/api/api.h"

#define TIMEOUT { "timeout", VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "5s", .doc = "for each request" }
#define PATIENCE { "patience", VALUE_TIME, .max = SEC(86400), .fallback = "1min", .doc = "for waiting out locks, in all" }
static const char *const rights[] = { "all", "full", NULL };
static const struct param matrix_params[] = {
	{ "api", VALUE_MAP, .need = true, .doc = "accounts, endpoints, refusal: as in declared.interface.api" },
	{ "state", VALUE_TEXT, .doc = "name of the state the device is in: what is declared for other states has no right there" },
	{ "rights", VALUE_ENUM, .words = rights, .fallback = "all", .doc = "full: only who has the right, to see that it works" },
	TIMEOUT, PATIENCE,
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
#define EFFECT                                                                                                                  \
	{ "effect", VALUE_MAP, .need = true, .doc = "url, find, user, password; or pin; or console; line, within" }, TIMEOUT, PATIENCE
#define LINE { .name = "line", .type = VALUE_LINE, .fallback = "capture.lan", .doc = "which recorder" }
static const struct param effect_params[] = {
	EFFECT, { "other_than", VALUE_TEXT, .doc = "wait for something else, as long as the effect may take" }, { 0 }
};
static const struct fact effect_facts[] = {
	{ "known", VALUE_BOOL, NULL, "it could be seen" },
	{ "value", VALUE_TEXT, NULL, "what is seen of it" },
	{ 0 }
};
static const struct param send_params[] = {
	{ "to", VALUE_TEXT, .need = true, .doc = "port of the device: tcp/7000, udp/7000" },
	{ "text", VALUE_TEXT, .need = true, .doc = "sent as it stands" },
	{ "within", VALUE_TIME, .min = MS(10), .max = SEC(60), .fallback = "1s", .doc = "how long to wait for an answer" },
	{ 0 }
};
static const struct fact send_facts[] = {
	{ "sent", VALUE_BOOL, NULL, "all of it was taken" },
	{ "answer", VALUE_TEXT, NULL, "what came back" },
	{ 0 }
};
static const struct param record_params[] = {
	LINE, { .name = "since", .type = VALUE_TEXT, .doc = "label of the step to look from; else the last stimulus" }, { 0 }
};
static const struct fact record_facts[] = {
	{ "streams", VALUE_INT, "connections", "to the device, with what was said in them" },
	{ "datagrams", VALUE_INT, "datagrams", "to the device that it did not ask for" },
	{ "bytes", VALUE_INT, "bytes", "said in all" },
	{ 0 }
};
static const struct param replay_params[] = {
	EFFECT,
	{ "times", VALUE_INT, .min = 1, .max = 10000, .unit = "times", .fallback = "10", .doc = "how often all of it is said again" },
	{ "quiet", VALUE_TIME, .min = MS(10), .max = SEC(10), .fallback = "300ms", .doc = "no answer for this long: go on" },
	{ "budget", VALUE_TIME, .min = MS(100), .max = SEC(86400), .fallback = "10min", .doc = "for all of it" },
	{ 0 }
};
static const struct fact replay_facts[] = {
	{ "rounds", VALUE_INT, "times", "that it was said again, with the effect in view" },
	{ "effects", VALUE_INT, "times", "that the device obeyed" },
	{ "bytes", VALUE_INT, "bytes", "said in all" },
	{ "answered", VALUE_INT, "bytes", "that came back" },
	{ 0 }
};
static const struct param session_params[] = {
	{ "command", VALUE_MAP, .need = true, .doc = "effect, and session: login, request, logout; without a session nothing is done" },
	{ "times", VALUE_INT, .min = 1, .max = 10000, .unit = "times", .fallback = "10", .doc = "how often the old token is tried" },
	TIMEOUT, PATIENCE, { 0 }
};
static const struct fact session_facts[] = {
	{ "declared", VALUE_BOOL, NULL, "this command can be given in a session" },
	{ "left", VALUE_BOOL, NULL, "the log-out was accepted" },
	{ "rounds", VALUE_INT, "times", "that the request was made with the old token" },
	{ "effects", VALUE_INT, "times", "that the device obeyed" },
	{ "accepted", VALUE_INT, "times", "that it was answered with success" },
	{ 0 }
};
static const struct verb verbs[] = {
	{ "matrix", VERB_STIMULUS, matrix_params, matrix_facts, api_matrix, "every declared function with every right, its effect read back" },
	{ "effect", VERB_PROBE, effect_params, effect_facts, api_effect, "what is seen of the effect of a command" },
	{ "send", VERB_STIMULUS, send_params, send_facts, api_send, "a message in clear to a port of the device" },
	{ "record", VERB_PROBE, record_params, record_facts, api_record, "what was said to the device, for api.replay" },
	{ "replay", VERB_STIMULUS, replay_params, replay_facts, api_replay, "what api.record kept, said again byte for byte" },
	{ "session", VERB_STIMULUS, session_params, session_facts, api_session, "a request with the token of a session that is over" },
	{ 0 }
};
const struct probe probe_api = { "api", "who may do what", verbs, NULL, RIGHT_SCOPE | RIGHT_LINES };
