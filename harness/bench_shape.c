// SPDX-License-Identifier: Apache-2.0
// The shapes of bench.yaml and of profiles. Lines are made of the drivers' descriptors (bench.c, schema.c).
#include "harness/base/clock.h"
#include "harness/load.h"
#include "harness/shapes.h"

#define IPV4 "((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])[.]){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define IPV6 "[0-9A-Fa-f]*:[0-9A-Fa-f:]*(:" IPV4 ")?"

static const char *const kind_words[] = { "real", "virtual", NULL };
static const struct shape kind = { .kind = SHAPE_WORD, .words = kind_words };
static const struct shape range = {
	.kind = SHAPE_TEXT, .form = "no address range; write 192.168.77.0/24 or \"fd77::/64\"",
	.pattern = "^(" IPV4 "(/([12]?[0-9]|3[0-2]))?|" IPV6 "(/([1-9]?[0-9]|1[01][0-9]|12[0-8]))?)$"
};
static const struct shape scope = { .kind = SHAPE_LIST, .of = &range };
static const struct shape address = { .kind = SHAPE_TEXT, .form = "no address; write 203.0.113.10", .pattern = "^(" IPV4 "|" IPV6 ")$" };
static const struct shape hosts = { .kind = SHAPE_MAP, .of = &address };
static const struct shape permit = { .kind = SHAPE_WORD, .words = permit_words };
static const struct shape permits = { .kind = SHAPE_LIST, .of = &permit };
static const struct shape lines = { .kind = SHAPE_ELSEWHERE, .form = "lines" };

static const struct shape_key check_keys[] = { { "valid_for", &shape_time, false, "how long a stamp of `jusan bench check` counts; 30d" }, { 0 } };
static const struct shape check = { .kind = SHAPE_MAP, .keys = check_keys };
static const struct shape command = { .kind = SHAPE_LIST, .of = &shape_text, .at_least = 1 };
static const struct shape renewal = { .kind = SHAPE_TIME, .min = SEC(1), .max = SEC(86400) };
static const struct shape_key lock_keys[] = {
	{ "acquire", &command, true, "program and arguments; exit status 0: ours, 75: another's, else it failed" },
	{ "renew", &command, false, "every `every`; status 0: still ours" },
	{ "release", &command, false, "at every end of the run" },
	{ "every", &renewal, false, "60s" },
	{ 0 }
};
static const struct shape lock = { .kind = SHAPE_MAP, .keys = lock_keys };

static const struct shape_key bench_keys[] = {
	{ "bench", &shape_text, true, "its name" },
	{ "title", &shape_any, false, NULL },
	{ "kind", &kind, true, "virtual: it lives in namespaces of its own; real: on this host" },
	{ "scope", &scope, true, "address ranges; nothing else is ever a target" },
	{ "permit", &permits, false, "what may be done to the device" },
	{ "hosts", &hosts, false, "names that steps may use; addresses lie in the scope" },
	{ "check", &check, false, "how the bench is qualified" },
	{ "lock", &lock, false, "commands that reserve a bench of `kind: real` elsewhere" },
	{ "lines", &lines, true, "KIND.NAME and how it is served; at least one power.*" },
	{ 0 }
};
const struct shape shape_bench = { .kind = SHAPE_MAP, .keys = bench_keys };

static const struct shape limits = { .kind = SHAPE_ELSEWHERE, .form = "limits" };
static const struct shape_key profile_keys[] = {
	{ "profile", &shape_text, true, "its name" },
	{ "title", &shape_any, false, NULL },
	{ "like", &shape_text, false, "name of the profile whose limits hold where this one says none" },
	{ "edition", &shape_any, false, NULL },
	{ "basis", &shape_any, false, NULL },
	{ "rehearsal", &shape_bool, false, "true: the gate is never opened by such a run" },
	{ "limits", &limits, false, "what limits of the suites ask for: a value, or {value, never_above, never_below}" },
	{ 0 }
};
const struct shape shape_profile = { .kind = SHAPE_MAP, .keys = profile_keys };
