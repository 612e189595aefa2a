// SPDX-License-Identifier: Apache-2.0
#include "harness/plan.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"

/* A folder of inputs, and what came of them. Check runs each test in a process of its own. */
static char dir[64];
static struct arena arena;
static struct plan plan;
static struct err err;
static char faults[4096];

static void put(const char *name, const char *text)
{
	char path[FS_PATH];

	ck_assert(fs_join(path, dir, name, &err) && fs_write(path, text, strlen(text), &err));
}

static const char device[] =
	"secrets: {user: random}\n"
	"outage: {recover: 20min, cap: 5s}\n"
	"function: {essential: {procedure: works}}\n"
	"reset: {paths: [wipe_button, wipe_app]}\n"
	"egress:\n  tls:\n  - {host: cloud.example, port: 443, x_reconnect: again}\n"
	"procedures:\n"
	"  again: {steps: [{wait: {for: 1s}}]}\n"
	"  connected: {steps: [{wait: {for: declared.outage.cap}}]}\n"
	"  works: {steps: [{wait: {for: 1ms}}]}\n"
	"  wipe_button: {steps: [{device.do: {procedure: works}}]}\n"
	"  wipe_app: {steps: []}\n"
	"  reach_initialised: {steps: []}\n"
	"  reach_factory: {steps: []}\n"
	"  read_version:\n"
	"    steps: [{http.request: {url: 'https://${dut}/v', find: '(.*)'}, as: r}]\n"
	"    return: {version: r.group, status: r.status}\n";
static const char profile[] =            /* what it leaves out is that of the other, a rehearsal too */
	"profile: quick\nlike: long\n"
	"limits: {list: [7s, 8s], tries: {value: 5}}\n";
static const char base[] =
	"profile: long\nrehearsal: true\n"
	"limits: {list: [1s], outage.each: 3s, tries: {value: 50, never_above: 4}, slow: {value: 10s, never_above: 1min}}\n";

static void note(const struct err *e, void *data)
{
	char line[700];

	(void)data;
	snprintf(faults + strlen(faults), sizeof(faults) - strlen(faults), "%s\n", err_line(e, line, sizeof(line)) + strlen(dir) + 1);
}

static const char *bench;                /* text of a bench.yaml; NULL = none */

static bool load_with(const char *device_text, const char *suite, const char *const *only)
{
	char path[FS_PATH], dev[FS_PATH], desk[FS_PATH];
	struct plan_input in = { .device = dev, .suites = dir, .profile = "quick", .only = only };
	bool ok;

	snprintf(dir, sizeof(dir), "/tmp/jusan-plan-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert(fs_join(path, dir, "profiles", &err) && fs_mkdirs(path, &err) && fs_join(dev, dir, "device.yaml", &err));
	put("requirements.yaml", "requirements: [{id: G9.1}, {id: G9.3}, {id: G1.1}]\n");
	put("profiles/quick.yaml", profile);
	put("profiles/long.yaml", base);
	put("device.yaml", device_text);
	put("G09.yaml", suite);
	if (bench) {
		ck_assert(fs_join(desk, dir, "bench.yaml", &err));
		put("bench.yaml", bench);
		in.bench = desk;
	}
	ok = plan_load(&arena, &in, note, NULL, &plan, &err);
	ck_assert(fs_remove(dir, &(struct err){ 0 }));
	return ok;
}

static bool load(const char *suite)
{
	return load_with(device, suite, NULL);
}

static void unload(void)
{
	plan_done(&plan);
	arena_free(&arena);
}

#define HEAD "- test: BT9-01\n  title: {en: A, ja: B}\n  decides: [G9.1]\n  state: initialised\n"
#define REST "  steps: []\n  expect: []\n"

START_TEST(reads_a_test)
{
	const struct test *t;
	const struct step_spec *s;

	ck_assert_msg(load(HEAD
		"  limits: {out: {profile: outage.each, default: 10min}, rec: {declared: outage.recover, default: 60s, never_above: 10min}}\n"
		"  watch: {function: {device.function: {every: 50ms}}}\n"
		"  each: {how: [link_down, no_dhcp], peer: declared.egress.tls}\n"
		"  control:\n    steps: [{device.do: {procedure: works}, as: a}]\n    expect: [{the: a.ok, is: true}]\n"
		"  steps:\n"
		"  - {wait: {for: limit.out}, as: w}\n"
		"  - {device.do: {procedure: read_version, within: limit.rec}, as: v}\n"
		"  - {device.do: {procedure: each.peer.x_reconnect}}\n"
		"  - {while: {wait: {for: 1s}, as: long}, do: [{device.connected: {}, as: back}]}\n"
		"  expect:\n"
		"  - {the: v.version, is: '1.2'}\n"
		"  - {share: function.ok, at_least: 99%, during: [w, v]}\n"
		"  - {the: back.after, at_most: limit.rec}\n"), "%s", faults);
	t = plan_test(&plan, "BT9-01");
	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->guideline, "G9");
	ck_assert_ptr_null(t->skip);
	ck_assert_uint_eq(t->body.steps.n, 4);
	s = t->body.steps.step;
	ck_assert_int_eq(s[0].kind, STEP_WAIT);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(s[0].args, "for"), "$")), "limit.out");
	ck_assert_int_eq(s[3].kind, STEP_WHILE);
	ck_assert_str_eq(s[3].inner->step[0].label, "long");
	ck_assert(json_integer_value(json_object_get(s[3].beside->step[0].args, "within")) == SEC(60));   /* default put in */
	ck_assert_str_eq(t->watch.step[0].label, "function");
	ck_assert(t->once && t->control.expect->n == 1);
	ck_assert_uint_eq(t->n_each, 2);
	ck_assert_uint_eq(json_array_size(t->each[1].values), 1);
	ck_assert(plan.profile.rehearsal);
	unload();
}
END_TEST

START_TEST(limits_have_an_origin)
{
	struct limit_value v;
	const struct test *t;

	ck_assert_msg(load(HEAD
		"  limits:\n"
		"    a: {profile: outage.each, default: 10min}\n"
		"    b: {declared: outage.recover, default: 60s, never_above: 10min}\n"
		"    c: {profile: nothing, default: 99%}\n"
		"    d: {declared: outage.cap, profile: slow, default: 1s}\n"
		"    e: {profile: tries, default: 3}\n"
		"    f: {declared: nothing.here, profile: slow, default: 1s}\n" REST), "%s", faults);
	t = &plan.test[0];
	ck_assert(limit_resolve(&t->limit[0], &plan.device, &plan.profile, &v, &err));
	ck_assert(json_integer_value(v.value) == SEC(3) && !strcmp(v.origin, "profile") && !v.flag && v.type == VALUE_TIME);
	ck_assert(limit_resolve(&t->limit[1], &plan.device, &plan.profile, &v, &err));
	ck_assert(json_integer_value(v.value) == SEC(600) && v.finding && v.flag && !strcmp(v.origin, "declared"));
	ck_assert(limit_resolve(&t->limit[2], &plan.device, &plan.profile, &v, &err));
	ck_assert(json_integer_value(v.value) == 990000 && v.flag && !strcmp(v.origin, "default"));
	ck_assert(limit_resolve(&t->limit[3], &plan.device, &plan.profile, &v, &err));
	ck_assert(json_integer_value(v.value) == SEC(5) && !v.finding);
	ck_assert(limit_resolve(&t->limit[4], &plan.device, &plan.profile, &v, &err));
	ck_assert(json_integer_value(v.value) == 5);
	ck_assert(limit_resolve(&t->limit[5], &plan.device, &plan.profile, &v, &err));
	ck_assert(json_integer_value(v.value) == SEC(10) && !strcmp(v.origin, "profile"));
	unload();
}
END_TEST

START_TEST(lists_come_from_limits)
{
	ck_assert_msg(load(HEAD "  limits: {l: {profile: list, default: [3s, 4s, 5s]}, m: {default: [1s, soon]}}\n  each: {x: limit.l}\n"
			   "  steps: [{wait: {for: each.x}}]\n  expect: []\n"), "%s", faults);
	ck_assert_uint_eq(json_array_size(plan.test[0].each[0].values), 2);
	ck_assert_uint_eq(plan.test[0].each[0].n, 2);
	unload();
	ck_assert(!load(HEAD "  limits: {l: {default: [1s, soon]}}\n  each: {x: limit.l}\n  steps: [{wait: {for: each.x}}]\n  expect: []\n"));
	ck_assert_ptr_nonnull(strstr(faults, "'soon' is not a time"));
	unload();
	ck_assert(!load(HEAD "  limits: {l: {default: 3}}\n  each: {x: limit.l}\n" REST));
	ck_assert_ptr_nonnull(strstr(faults, "limit.l is not a list"));
	unload();
}
END_TEST

START_TEST(draws_depend_on_the_seed)
{
	CLEANUP(free_json) json_t *a = NULL;
	CLEANUP(free_json) json_t *b = NULL;
	CLEANUP(free_json) json_t *c = NULL;
	int64_t ns;

	ck_assert_msg(load(HEAD "  limits: {n: {default: 7}, phase: {default: 2s}}\n  each: {after: {draw: limit.n, from: 100ms, to: limit.phase}}\n"
			   "  steps: [{wait: {for: each.after}}]\n  expect: []\n"), "%s", faults);
	a = each_values(&plan.test[0].each[0], 42, "k");
	b = each_values(&plan.test[0].each[0], 42, "k");
	c = each_values(&plan.test[0].each[0], 43, "k");
	ck_assert(json_equal(a, b) && !json_equal(a, c) && json_array_size(a) == 7);
	for (size_t i = 0; i < 7; i++)
		ck_assert(units_time(json_string_value(json_array_get(a, i)), &ns) && ns >= MS(100) && ns <= SEC(2));
	unload();
}
END_TEST

/* What this bench and device cannot do is no error; the test says why it is left out. */
static const struct { const char *suite, *want; } skipped[] = {
	{ HEAD "  steps: [{wait: {for: declared.nothing.there}}]\n  expect: []\n", "device.yaml declares no nothing.there" },
	{ HEAD "  steps: [{device.do: {procedure: absent}, as: a}]\n  expect: [{the: a.thing, is: 1}]\n", "device.yaml has no procedure absent" },
	{ HEAD "  steps: [{device.alive: {}}]\n  expect: []\n", "device.yaml has no procedure alive" },
	{ HEAD "  each: {p: declared.none}\n  steps: [{wait: {for: each.p.time}}]\n  expect: []\n", "device.yaml declares no none" },
	{ HEAD "  watch: {f: {device.function: {role: other}}}\n" REST, "device.yaml declares no function.other.procedure" },
	{ HEAD "  limits: {x: {declared: a.b, profile: c}}\n" REST, "limit x has no value: device.yaml declares no a.b, profile quick has no c" },
	{ HEAD "  steps: [{http.request: {url: '${secret.none}'}}]\n  expect: []\n", "device.yaml has no secret 'none'" },
	{ HEAD "  steps: [{wait: {for: 1s}, as: a}]\n  expect: [{the: a.x, is: declared.q.z}]\n", NULL },
};
START_TEST(skips)
{
	bool ok = load(skipped[_i].suite);

	ck_assert_msg(ok == (skipped[_i].want != NULL), "%s", faults);
	if (ok)
		ck_assert_str_eq(plan.test[0].skip, skipped[_i].want);
	unload();
}
END_TEST

static const struct { const char *suite, *want; } wrong[] = {
	{ HEAD "  steps: [{wait: {for: soon}}]\n  expect: []\n", "G09.yaml:5:24: for: 'soon' is not a time" },
	{ HEAD "  steps: [{wait: {fro: 1s}}]\n  expect: []\n", "G09.yaml:5:19: wait: unknown key 'fro'; did you mean 'for'?" },
	{ HEAD "  steps: [{wiat: {for: 1s}}]\n  expect: []\n", "G09.yaml:5:12: unknown verb 'wiat'; did you mean 'wait'?" },
	{ HEAD "  steps: [{wait: {}}]\n  expect: []\n", "G09.yaml:5:12: wait needs 'for'" },
	{ HEAD "  steps: [{wait: {for: limit.x}}]\n  expect: []\n", "this test has no limit 'x'" },
	{ HEAD "  limits: {abc: {default: 1s}}\n  steps: [{wait: {for: limit.acb}}]\n  expect: []\n", "no limit 'acb'; did you mean 'abc'?" },
	{ HEAD "  limits: {x: {default: 99%}}\n  steps: [{wait: {for: limit.x}}]\n  expect: []\n", "limit.x is of type share; 'for' takes a time" },
	{ HEAD "  limits: {x: {default: 99h}}\n  steps: [{wait: {for: limit.x}}]\n  expect: []\n", "limit.x (default at" },
	{ HEAD "  steps: [{wait: {for: declared.function}}]\n  expect: []\n", "device.yaml:3:11: as 'for' at" },
	{ HEAD "  steps: [{wait: {for: each.x}}]\n  expect: []\n", "this test has no each value 'x'" },
	{ HEAD "  each: {x: [1s, soon]}\n  steps: [{wait: {for: each.x}}]\n  expect: []\n", "G09.yaml:5:18: as 'for' at" },
	{ HEAD "  each: {x: []}\n" REST, "the list is empty" },
	{ HEAD "  each: {x: {draw: 5, from: 2s, to: 1s}}\n" REST, "from and to must be of one type" },
	{ HEAD "  each: {x: {draw: 1000, from: 1, to: 2}, y: {draw: 1000, from: 1, to: 2}}\n" REST, "more than 10000 repetitions" },
	{ HEAD "  steps: [{wait: {for: 1s}, as: a}, {wait: {for: 1s}, as: a}]\n  expect: []\n", "label 'a' is given twice; first at 5:33" },
	{ HEAD "  steps: [{device.do: {procedure: read_version}, as: v}, {wait: {for: v.status}}]\n  expect: []\n", "v.status is of type int; 'for' takes a time" },
	{ HEAD "  steps: [{device.do: {procedure: read_version}, as: v}, {wait: {for: v.statsu}}]\n  expect: []\n", "step 'v' has no fact 'statsu'; did you mean 'status'?" },
	{ HEAD "  steps: [{device.do: {procedure: works}, as: v}]\n  expect: [{the: v.okay, is: true}]\n", "no step is labelled 'v' with a fact 'okay'" },
	{ HEAD "  steps: [{device.do: {procedure: works}, as: v}]\n  expect: [{the: v.ok, is: true, during: w}]\n", "during: no step is labelled 'w'" },
	{ HEAD "  steps: [{device.function: {}}]\n  expect: []\n", "device.function watches; it belongs under watch:" },
	{ HEAD "  watch: {a: {wait: {for: 1s}}}\n" REST, "wait does not watch" },
	{ HEAD "  steps: [{http.request: {url: 'https://${secert.user}/'}}]\n  expect: []\n", "${secert.user} names nothing here" },
	{ HEAD "  steps: [{http.request: {url: 'https://${wrok}/'}}]\n  expect: []\n", "unknown ${wrok}; did you mean ${work}?" },
	{ HEAD "  steps: [{http.request: {url: 'https://${dut/'}}]\n  expect: []\n", "'${' without '}'" },
	{ HEAD "  steps: [{wait: {for: 1s}, device.alive: {}}]\n  expect: []\n", "a step has one verb" },
	{ HEAD "  staet: x\n" REST, "unknown key 'staet'; did you mean 'state'?" },
	{ HEAD "  leaves: initalised\n" REST, "'initalised' is not known; did you mean 'initialised'?" },
	{ HEAD "  not_tested: because\n  steps: []\n", "a test marked not_tested has no steps" },
	{ HEAD "  steps: []\n", "key 'expect' is missing" },
	{ HEAD REST HEAD REST, "test BT9-01 is defined twice" },
	{ "- test: BT9-1\n  title: {en: A, ja: B}\n", "'BT9-1' is no name of a test" },
	{ "- test: BT9-01\n  title: {en: A}\n", "key 'ja' is missing" },
	{ "- test: BT9-01\n  title: {en: A, ja: B}\n  decides: [G9.7]\n  not_tested: x\n", "requirements.yaml has no 'G9.7'; did you mean 'G9.1'?" },
	{ "- test: BT9-01\n  title: {en: A, ja: B}\n  state: any\n" REST, "neither decides nor supports" },
	{ "{guideline: G8, tests: [{test: BT9-01, title: {en: A, ja: B}, not_tested: x}]}\n", "stands in the file of guideline G8" },
	{ "3\n", "a list of tests" },
};
START_TEST(refuses)
{
	ck_assert_msg(!load(wrong[_i].suite), "accepted: %s", wrong[_i].suite);
	ck_assert_msg(strstr(faults, wrong[_i].want) != NULL, "want %s\ngot %s", wrong[_i].want, faults);
	ck_assert_int_eq(err.kind, ERR_CONF);
	unload();
}
END_TEST

START_TEST(states_of_a_test)
{
#define STATES "- test: BT9-01\n  title: {en: A, ja: B}\n  decides: [G9.1]\n  state: each.in\n"
	ck_assert_msg(load(STATES "  each: {in: [factory, updated]}\n" REST), "%s", faults);
	ck_assert_str_eq(plan.test[0].state_each, "in");
	ck_assert_ptr_null(plan.test[0].skip);          /* there is no way to `updated`: the run leaves that one open */
	ck_assert_ptr_null(strstr(faults, "in"));
	unload();
	ck_assert_msg(load(STATES "  limits: {s: {profile: list, default: [factory]}}\n  each: {in: limit.s}\n" REST) == false, "a time is no state");
	unload();
}
END_TEST

static const struct { const char *device, *want; } devices[] = {
	{ "procedures: {a: {steps: [{device.do: {procedure: b}}]}, b: {steps: [{device.do: {procedure: a}}]}}\n", "comes to call itself" },
	{ "procedures: {a: {steps: [], return: {v: r.x}}}\n", "no step is labelled 'r'" },
	{ "procedures: {a: {steps: [], return: {ok: r.x}}}\n", "every procedure returns 'ok' by itself" },
	{ "procedures: {a: {stesp: []}}\n", "unknown key 'stesp'; did you mean 'steps'?" },
	{ "procedurs: {}\n", "unknown key 'procedurs'; did you mean 'procedures'?" },
	{ "secrets: [a]\n", "secrets: a list stands here" },
};
START_TEST(refuses_devices)
{
	ck_assert(!load_with(devices[_i].device, HEAD REST, NULL));
	ck_assert_msg(strstr(faults, devices[_i].want) != NULL, "want %s\ngot %s", devices[_i].want, faults);
	unload();
}
END_TEST

START_TEST(counts_every_fault)
{
	char *p = faults;
	int lines = 0;

	ck_assert(!load(HEAD "  steps: [{wiat: {}}, {wait: {for: x}}]\n  expect: [{the: a.b, is: 1}]\n"
			"- test: BT9-02\n  titel: x\n"));
	for (; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	ck_assert_msg(lines == 3, "%s", faults);
	unload();
}
END_TEST

START_TEST(orders_and_chooses)
{
#define T(n, more) "- {test: BT9-0" n ", title: {en: A, ja: B}, decides: [G9.1], steps: [], expect: [], " more "}\n"
	static const char suite[] = T("1", "state: initialised, permit: brick") T("2", "state: initialised, leaves: factory")
				    T("3", "state: initialised") T("4", "state: factory") T("5", "state: initialised");
	static const char *const only[] = { "BT9-03", "BT9-04", NULL };
	static const char *const none[] = { "BT9-30", NULL };
	char got[64] = "";

	ck_assert_msg(load(suite), "%s", faults);
	for (size_t i = 0; i < plan.n; i++)
		strcat(got, plan.test[i].id + 5);
	ck_assert_str_eq(got, "43521");
	unload();
	ck_assert(load_with(device, suite, only) && plan.n == 2);
	unload();
	ck_assert(!load_with(device, suite, none));
	ck_assert_ptr_nonnull(strstr(err.text, "no test and no guideline is called 'BT9-30'; did you mean"));
	unload();
}
END_TEST

/* ---- with a bench ---- */
static const char desk_bench[] =
	"bench: desk\nkind: virtual\nscope: [192.168.77.0/24, 'fd77::/64']\npermit: [flood]\n"
	"hosts: {a.example: 192.168.77.9, b.example: 'fd77::5'}\n"
	"lines:\n"
	"  power.main: {driver: uml, kernel: k, initrd: i, fallback: {driver: process, run: ['${root}/plug', '${work}/x']}}\n"
	"  serial.console: {driver: pty}\n";

static const struct { const char *steps, *more, *want; } on_bench[] = {
	{ "{power.cut: {for: 2s}}", "", NULL },
	{ "{power.cut: {for: 2s, line: power.other}}", "", "the bench has no line power.other" },
	{ "{wire.read: {pin: led}}", "", "the bench has no line wire.board" },
	{ "{wait: {for: 1s}}", "  permit: brick\n", "the bench does not permit 'brick'" },
	{ "{wait: {for: 1s}}", "  permit: flood\n", NULL },
};
START_TEST(needs_of_the_bench)
{
	char suite[1024];

	bench = desk_bench;
	snprintf(suite, sizeof(suite), HEAD "%s  steps: [%s]\n  expect: []\n", on_bench[_i].more, on_bench[_i].steps);
	ck_assert_msg(load(suite), "%s", faults);
	ck_assert_msg(on_bench[_i].want ? plan.test[0].skip && !strcmp(plan.test[0].skip, on_bench[_i].want) : !plan.test[0].skip, "%s: %s",
		      on_bench[_i].steps, plan.test[0].skip ? plan.test[0].skip : "not skipped");
	unload();
}
END_TEST

START_TEST(reads_a_bench)
{
	const struct bench_line *power;

	bench = desk_bench;
	ck_assert_msg(load(HEAD REST), "%s", faults);
	ck_assert(plan.bench.is_virtual && plan.bench.n == 2 && !strcmp(plan.bench.name, "desk"));
	power = &plan.bench.line[0];
	ck_assert_str_eq(power->driver->name, "uml");
	ck_assert_ptr_nonnull(power->fallback);
	ck_assert_str_eq(power->fallback->driver->name, "process");
	ck_assert_str_eq(power->fallback->name, "power.main");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(power->fallback->params, "run"), 1)), "${work}/x");
	ck_assert_ptr_null(plan.bench.line[1].fallback);
	unload();
	ck_assert(!load(HEAD "  steps: [{power.cut: {for: 2s, line: pwoer.main}}]\n  expect: []\n"));
	ck_assert_ptr_nonnull(strstr(faults, "'pwoer.main' is no name of a line"));
	unload();
}
END_TEST

/* ---- arguments at run time ---- */
static const char *word(const char *name, char *buf, size_t n, void *data)
{
	(void)data;
	if (strcmp(name, "dut") && strcmp(name, "secret.user"))
		return NULL;
	snprintf(buf, n, "<%s>", name);
	return buf;
}

static const struct { const char *arg, *want; } args[] = {       /* want NULL: not observed */
	{ "{\"text\": \"a ${dut} b\"}", "\"a <dut> b\"" },
	{ "{\"text\": \"$${dut} ${size}\"}", "\"${dut} ${size}\"" },
	{ "{\"text\": \"${limit.t} ${each.p.host} ${declared.a.b}\"}", "\"2000000000 h<dut> <secret.user>\"" },
	{ "{\"text\": {\"$\": \"each.p.host\"}}", "\"h<dut>\"" },
	{ "{\"text\": {\"$\": \"r.said\"}}", "\"${secret.user}\"" },       /* the device's words are never expanded */
	{ "{\"text\": \"<${r.said}>\"}", "\"<${secret.user}>\"" },
	{ "{\"text\": {\"$\": \"r.other\"}}", NULL },
	{ "{\"text\": \"${r.other}\"}", NULL },
	{ "{\"text\": {\"$\": \"r.status\"}}", "\"200\"" },
	{ "{\"text\": \"${declared.loop}\"}", "" },
	{ "{\"text\": {\"$\": \"declared.trap\"}}", "" },              /* a map is no text */
	{ "{\"answers\": [\"x\", {\"$\": \"each.how\"}]}", "[\"x\", \"cut\"]" },
};
START_TEST(resolves)
{
	CLEANUP(free_json) json_t *limits = json_loads("{\"t\": 2000000000}", 0, NULL);
	CLEANUP(free_json) json_t *each = json_loads("{\"how\": \"cut\", \"p\": {\"host\": \"h${dut}\"}}", 0, NULL);
	CLEANUP(free_json) json_t *declared = json_loads("{\"a\": {\"b\": \"${secret.user}\"}, \"loop\": \"${declared.loop}\", \"trap\": {\"$\": \"declared.trap\"}}", 0, NULL);
	CLEANUP(free_json) json_t *facts = json_loads("{\"r\": {\"said\": \"${secret.user}\", \"status\": 200}}", 0, NULL);
	const struct values from = { limits, each, declared, facts, word, NULL };
	CLEANUP(free_json) json_t *in = json_loads(args[_i].arg, 0, NULL);
	CLEANUP(free_json) json_t *out = NULL;
	CLEANUP(free_json) json_t *want = args[_i].want ? json_loads(args[_i].want, JSON_DECODE_ANY, NULL) : NULL;
	const struct probe *p;
	const struct verb *v = any_verb_find("operator.ask", &p);
	bool ok = args_resolve(v, in, &from, &out, &err);

	ck_assert_msg(ok == (!args[_i].want || want), "%s: %s", args[_i].arg, err.text);
	if (!args[_i].want)
		ck_assert_msg(!out && strstr(err.text, "has no value"), "%s", err.text);
	if (want)
		ck_assert_msg(json_equal(json_object_iter_value(json_object_iter(out)), want), "%s", args[_i].arg);
}
END_TEST

START_TEST(resolves_types)
{
	CLEANUP(free_json) json_t *each = json_loads("{\"t\": \"1.5s\", \"bad\": \"soon\", \"long\": \"9999h\"}", 0, NULL);
	const struct values from = { .each = each };
	const struct probe *p;
	const struct verb *v = any_verb_find("wait", &p);
	CLEANUP(free_json) json_t *good = json_loads("{\"for\": {\"$\": \"each.t\"}}", 0, NULL);
	CLEANUP(free_json) json_t *bad = json_loads("{\"for\": {\"$\": \"each.bad\"}}", 0, NULL);
	CLEANUP(free_json) json_t *far = json_loads("{\"for\": {\"$\": \"each.long\"}}", 0, NULL);
	CLEANUP(free_json) json_t *out = NULL;

	ck_assert(args_resolve(v, good, &from, &out, &err));
	ck_assert(json_integer_value(json_object_get(out, "for")) == MS(1500));
	ck_assert(!args_resolve(v, bad, &from, &out, &err));
	ck_assert(!args_resolve(v, far, &from, &out, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "out of range"));
}
END_TEST

TEST_MAIN({ "states of a test", states_of_a_test, 1 }, { "test", reads_a_test, 1 }, { "limits", limits_have_an_origin, 1 }, { "limit lists", lists_come_from_limits, 1 }, { "draws", draws_depend_on_the_seed, 1 },
	  { "skips", skips, ROWS(skipped) }, { "refuses", refuses, ROWS(wrong) }, { "devices", refuses_devices, ROWS(devices) },
	  { "counts", counts_every_fault, 1 }, { "order", orders_and_chooses, 1 }, { "bench needs", needs_of_the_bench, ROWS(on_bench) }, { "bench", reads_a_bench, 1 }, { "resolve", resolves, ROWS(args) },
	  { "resolve types", resolves_types, 1 })
