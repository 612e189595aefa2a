// SPDX-License-Identifier: Apache-2.0
// Descriptors of the verbs that the engine serves itself. They have no run(): run.c knows them by name.
#include <string.h>

#include "harness/plan.h"
#include "harness/registry.h"

static const struct param wait_params[] = {
	{ .name = "for", .type = VALUE_TIME, .need = true, .max = 48 * 3600 * SEC(1), .doc = "how long" },
	{ 0 }
};
static const struct fact no_facts[] = { { 0 } };
static const struct verb wait_verbs[] = {
	{ "wait", VERB_PROBE, wait_params, no_facts, NULL,
	  "let time pass; only where the passing of time is what the test is about" },
	{ 0 }
};

static const struct param do_params[] = {
	{ .name = "procedure", .type = VALUE_TEXT, .need = true, .doc = "its name under procedures: in device.yaml" },
	{ .name = "within", .type = VALUE_TIME, .min = 1, .max = 48 * 3600 * SEC(1), .doc = "ok is false when it takes longer" },
	{ 0 }
};
static const struct fact do_facts[] = {
	{ "ok", VALUE_BOOL, NULL, "every step ran and every claim of the procedure held" },
	{ "after", VALUE_TIME, NULL, "how long it took" },
	{ 0 }
};
static const struct param connected_params[] = {
	{ .name = "within", .type = VALUE_TIME, .min = 1, .max = 48 * 3600 * SEC(1), .fallback = "60s", .doc = "ok is false when it takes longer" },
	{ 0 }
};
static const struct param function_params[] = {
	{ .name = "role", .type = VALUE_TEXT, .fallback = "essential", .doc = "its name under function: in device.yaml" },
	{ .name = "every", .type = VALUE_TIME, .min = MS(10), .max = 3600 * SEC(1), .fallback = "1s", .doc = "time from one look to the next" },
	{ 0 }
};
static const struct param alive_params[] = {
	{ .name = "within", .type = VALUE_TIME, .min = 1, .max = 48 * 3600 * SEC(1), .doc = "ok is false when it takes longer" },
	{ 0 }
};
static const struct fact function_facts[] = {
	{ "ok", VALUE_BOOL, NULL, "the function did what its procedure demands, at this look" },
	{ 0 }
};
static const struct verb device_verbs[] = {
	{ "do", VERB_STIMULUS, do_params, do_facts, NULL,
	  "run a procedure of device.yaml; what it returns are facts of this step too" },
	{ "connected", VERB_PROBE, connected_params, do_facts, NULL, "run the procedure `connected` until it holds" },
	{ "function", VERB_WATCH, function_params, function_facts, NULL,
	  "again and again run the procedure that shows a function of the device" },
	{ "alive", VERB_PROBE, alive_params, do_facts, NULL, "run the procedure `alive`" },
	{ 0 }
};

static const struct param ask_params[] = {
	{ .name = "text", .type = VALUE_TEXT, .need = true, .doc = "what the operator is asked to do or to look at" },
	{ .name = "answers", .type = VALUE_SET, .doc = "the answers to choose from; absent: free text" },
	{ .name = "photo", .type = VALUE_BOOL, .fallback = "false", .doc = "a picture is wanted as evidence" },
	{ 0 }
};
static const struct fact ask_facts[] = {
	{ "answer", VALUE_TEXT, NULL, "what was answered" },
	{ "by", VALUE_TEXT, NULL, "who answered" },
	{ "file", VALUE_TEXT, NULL, "the picture, in the run folder" },
	{ 0 }
};
static const struct verb operator_verbs[] = {
	{ "ask", VERB_PROBE, ask_params, ask_facts, NULL, "ask a person; without one the test is not done" },
	{ 0 }
};

static const struct probe builtin_wait = { .name = "", .doc = "time", .verbs = wait_verbs };
static const struct probe builtin_device = {
	.name = "device", .doc = "what is particular to the product: the procedures of device.yaml", .verbs = device_verbs
};
static const struct probe builtin_operator = { .name = "operator", .doc = "the person at the bench", .verbs = operator_verbs };

const struct probe *const builtin_table[] = { &builtin_wait, &builtin_device, &builtin_operator, NULL };

const struct verb *any_verb_find(const char *name, const struct probe **ret_probe)
{
	for (const struct probe *const *p = builtin_table; *p; p++) {
		size_t n = strlen((*p)->name);
		const char *rest = n ? name + n + 1 : name;

		if (n && (strncmp(name, (*p)->name, n) || name[n] != '.'))
			continue;
		for (const struct verb *v = (*p)->verbs; v->name; v++)
			if (!strcmp(v->name, rest)) {
				*ret_probe = *p;
				return v;
			}
	}
	return verb_find(name, ret_probe);
}
