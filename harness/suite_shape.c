// SPDX-License-Identifier: Apache-2.0
// The shape of suites/G*.yaml.
#include "harness/load.h"
#include "harness/shapes.h"

const char *const state_words[] = { "factory", "initialised", "updated", "tampered", "unknown", NULL };
const char *const permit_words[] = { "brick", "flood", "radio", "outside", NULL };

static const struct shape test_name = { .kind = SHAPE_TEXT, .pattern = "^BT[0-9]{1,2}-[0-9]{2}$", .form = "no name of a test; write BT9-02" };
static const struct shape requirement = { .kind = SHAPE_ELSEWHERE, .form = "requirement" };
static const struct shape requirements = { .kind = SHAPE_LIST, .of = &requirement };
static const struct shape need_state = { .kind = SHAPE_TEXT, .pattern = "^(factory|initialised|updated|any|each[.][A-Za-z0-9_]+)$",
					 .form = "no state; write factory, initialised, updated, any, or each.NAME" };
static const struct shape left_state = { .kind = SHAPE_WORD, .words = state_words };
static const struct shape permit = { .kind = SHAPE_WORD, .words = permit_words };
static const struct shape limits = { .kind = SHAPE_ELSEWHERE, .form = "limits" };
static const struct shape each = { .kind = SHAPE_ELSEWHERE, .form = "each" };
static const struct shape watch = { .kind = SHAPE_ELSEWHERE, .form = "watch" };
static const struct shape control = { .kind = SHAPE_ELSEWHERE, .form = "control" };
static const struct shape steps = { .kind = SHAPE_ELSEWHERE, .form = "steps" };
static const struct shape expect = { .kind = SHAPE_ELSEWHERE, .form = "expect" };

static const struct shape_key test_keys[] = {
	{ "test", &test_name, true, "BT, number of the guideline, number of the test" },
	{ "title", &shape_title, true, NULL },
	{ "decides", &requirements, false, "requirements that a PASS here decides" },
	{ "supports", &requirements, false, "requirements that a PASS here supports, never decides" },
	{ "state", &need_state, false, "what the device is brought to before each repetition" },
	{ "leaves", &left_state, false, "what it is in afterwards, when that is another state" },
	{ "permit", &permit, false, "what the bench must allow" },
	{ "not_tested", &shape_text, false, "instead of steps: why nothing tests this yet" },
	{ "limits", &limits, false, "named numbers and where they come from" },
	{ "watch", &watch, false, "beside the steps, all the time" },
	{ "control", &control, false, "what must hold first, or the test says nothing" },
	{ "each", &each, false, "the values the test is repeated with" },
	{ "steps", &steps, false, "what is done" },
	{ "expect", &expect, false, "what must then be true" },
	{ 0 }
};
static const struct shape_rule test_rules[] = {
	{ BOND_WITHOUT, { "not_tested", "state", "steps", "expect" }, NULL, NULL },
	{ BOND_APART, { "not_tested", "steps", "expect", "control", "watch", "each", "limits" },
	  "a test marked not_tested has no", NULL },
	{ 0 }
};
const struct shape shape_test = { .kind = SHAPE_MAP, .keys = test_keys, .rules = test_rules };

static const struct shape guideline = { .kind = SHAPE_TEXT, .pattern = "^G[0-9]{1,2}$", .form = "no guideline; write G9" };
static const struct shape tests = { .kind = SHAPE_ELSEWHERE, .form = "tests" };
static const struct shape_key suite_keys[] = {
	{ "guideline", &guideline, false, "all tests of this file belong to it" },
	{ "title", &shape_any, false, NULL },
	{ "tests", &tests, true, NULL },
	{ 0 }
};
const struct shape shape_suite_map = { .kind = SHAPE_MAP, .keys = suite_keys };

/* ---- limits, each ---- */
static const struct shape whole = { .kind = SHAPE_INT };
static const struct shape *const numbers[] = { &whole, &shape_time, &shape_share, NULL };
static const struct shape number = { .kind = SHAPE_EITHER, .either = numbers, .form = "no number, time or share that could be a bound" };
static const struct shape_key limit_keys[] = {
	{ "declared", &shape_text, false, "path in device.yaml; asked first" },
	{ "profile", &shape_text, false, "key of the profile's limits; asked next" },
	{ "default", &shape_any, false, "asked last, and marked in the report" },
	{ "never_above", &number, false, "a declaration above this is cut here" },
	{ "never_below", &number, false, "a declaration below this is cut here" },
	{ 0 }
};
static const struct shape_rule limit_rules[] = {
	{ BOND_SOME, { "declared", "profile", "default" }, "say where the value comes from: declared, profile or default", NULL }, { 0 }
};
const struct shape shape_limit = { .kind = SHAPE_MAP, .keys = limit_keys, .rules = limit_rules };

static const struct shape reference = { .kind = SHAPE_TEXT, .pattern = "^limit[.]" };
static const struct shape *const wholes[] = { &whole, &reference, NULL }, *const times[] = { &shape_time, &reference, NULL };
static const struct shape draw_whole = { .kind = SHAPE_EITHER, .either = wholes, .form = "no whole number and no limit.X" };
static const struct shape draw_time = { .kind = SHAPE_EITHER, .either = times, .form = "no time and no limit.X" };
static const struct shape_key draw_whole_keys[] = {
	{ "draw", &draw_whole, true, "how many" }, { "from", &draw_whole, true, "smallest" }, { "to", &draw_whole, true, "largest" }, { 0 }
};
static const struct shape_key draw_time_keys[] = {
	{ "draw", &draw_whole, true, "how many" }, { "from", &draw_time, true, "smallest" }, { "to", &draw_time, true, "largest" }, { 0 }
};
static const struct shape of_wholes = { .kind = SHAPE_MAP, .keys = draw_whole_keys }, of_times = { .kind = SHAPE_MAP, .keys = draw_time_keys };
static const struct shape *const draws[] = { &of_wholes, &of_times, NULL };
const struct shape shape_draw = { .kind = SHAPE_EITHER, .either = draws };

static const struct shape_key control_keys[] = {
	{ "steps", &steps, true, "what is done" },
	{ "expect", &expect, true, "what must hold" },
	{ "leaves", &left_state, false, "the state it leaves the device in" },
	{ 0 }
};
const struct shape shape_control = { .kind = SHAPE_MAP, .keys = control_keys };
