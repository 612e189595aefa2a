// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "harness/base/cleanup.h"
#include "harness/identity.h"
#include "harness/stamp.h"
#include "harness/value.h"
#include "harness/version.h"

#define TEXT 8192
#define PATIENCE 20             /* looks at a recorder, a second apart, until the device has said something */
#define REPEATS_MAX 100

/* ---- how a line of each kind is exercised; @ is its name ---- */
enum supply { SUPPLY_ANY, SUPPLY_OFF, SUPPLY_ON, SUPPLY_FRESH };        /* the device's, before: fresh = just switched on */

static const struct way {
	const char *kind;
	enum supply supply;
	const char *steps, *expect;
	const char *latency;            /* label whose latency counts; NULL = none */
	bool repeat, patient;
	const char *verb;               /* of the bench's own that must exist for a further step, and that step; or NULL */
	const char *more;
} ways[] = {
	{ "flash", SUPPLY_OFF, "- {flash.read: {line: @, as: check1}, as: one}\n- {flash.read: {line: @, as: check2}, as: two}\n",
	  "- {the: one.sha256, is: two.sha256}\n- {the: one.size, above: 0}\n", "one", .verb = "flash.identify", .more = "- {flash.identify: {line: @}}\n" },
	{ "power", SUPPLY_ANY, "- {power.on: {line: @, within: 30s}, as: up}\n- {power.get: {line: @}, as: lit}\n"
	  "- {power.off: {line: @}, as: gone}\n- {power.get: {line: @}, as: dark}\n",
	  "- {the: lit.on, is: true}\n- {the: gone.confirmed, is: true}\n- {the: dark.on, is: false}\n", "gone", .repeat = true },
	{ "net", SUPPLY_ON, "- {net.carrier: {line: @}, as: before}\n- {net.cut: {line: @, how: link_down}, as: cut}\n"
	  "- {net.restore: {line: @}, as: back}\n- {net.carrier: {line: @}, as: after}\n",
	  "- {the: before.up, is: true}\n- {the: cut.confirmed, is: true}\n- {the: back.confirmed, is: true}\n- {the: after.up, is: true}\n", "cut",
	  .repeat = true },
	{ "capture", SUPPLY_FRESH, "- {capture.drops: {line: @}, as: seen}\n", "- {the: seen.frames, above: 0}\n- {the: seen.dropped, is: 0}\n", NULL,
	  .patient = true },
	{ "serial", SUPPLY_FRESH, "- {serial.expect: {line: @, pattern: '.', within: 30s}, as: heard}\n- {serial.ready: {line: @}, as: port}\n",
	  "- {the: heard.matched, is: true}\n- {the: port.ready, is: true}\n", .latency = NULL },
	{ .kind = "wire", .supply = SUPPLY_ON },        /* its pins: see wire_steps() */
	{ .kind = NULL },                               /* anything else: it answers that it is there */
};

static const struct way *way_of(const char *line)
{
	const struct way *w = ways;

	while (w->kind && (strncmp(line, w->kind, strlen(w->kind)) || line[strlen(w->kind)] != '.'))
		w++;
	return w;
}

static void add(char text[static TEXT], const char *template, const char *name)
{
	size_t n = strlen(text);

	for (; template && *template && n < TEXT - 1; template++) {
		if (*template == '@')
			n += (size_t)snprintf(text + n, TEXT - n, "%s", name);
		else
			text[n++] = *template;
		n = n < TEXT ? n : TEXT - 1;
	}
	text[n] = '\0';
}

/* Every output is driven to what it already should be, every input read. */
static void wire_steps(const struct bench_line *l, char steps[static TEXT], char expect[static TEXT])
{
	const json_t *in = json_object_get(l->params, "inputs"), *out = json_object_get(l->params, "outputs");
	const json_t *initial = json_object_get(l->params, "initial");
	const char *key;
	json_t *pin;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)in, i, pin)
		snprintf(steps + strlen(steps), TEXT - strlen(steps), "- {wire.read: {line: %s, pin: \"%.60s\"}}\n", l->name, json_string_value(pin));
	json_object_foreach((json_t *)(uintptr_t)in, key, pin)
		snprintf(steps + strlen(steps), TEXT - strlen(steps), "- {wire.read: {line: %s, pin: \"%.60s\"}}\n", l->name, key);
	json_array_foreach((json_t *)(uintptr_t)out, i, pin) {
		json_int_t v = json_integer_value(json_object_get(initial, json_string_value(pin)));

		snprintf(steps + strlen(steps), TEXT - strlen(steps), "- {wire.set: {line: %s, pin: \"%.60s\", value: %lld}, as: out%zu}\n", l->name,
			 json_string_value(pin), (long long)v, i);
		snprintf(expect + strlen(expect), TEXT - strlen(expect), "- {the: out%zu.value, is: %lld}\n", i, (long long)v);
	}
}

static void supply_steps(const struct bench *b, enum supply how, char text[static TEXT])
{
	for (size_t i = 0; i < b->n && how != SUPPLY_ANY; i++) {
		if (strncmp(b->line[i].name, "power.", 6))
			continue;
		if (how == SUPPLY_OFF || how == SUPPLY_FRESH)
			add(text, "- {power.off: {line: @}}\n", b->line[i].name);
		if (how == SUPPLY_ON || how == SUPPLY_FRESH)
			add(text, "- {power.on: {line: @, within: 30s}}\n", b->line[i].name);
	}
}

/* ---- figures ---- */
static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void put_figures(json_t *entry, int64_t *latency, int n)
{
	json_object_set_new(entry, "repeats", json_integer(n));
	if (!n || latency[0] < 0)
		return;
	qsort(latency, (size_t)n, sizeof(*latency), by_value);
	json_object_set_new(entry, "latency_ns", json_pack("{s:I,s:I}", "median", (json_int_t)latency[n / 2], "max", (json_int_t)latency[n - 1]));
	if (n > 1)
		json_object_set_new(entry, "uncertainty_ns", json_integer(latency[n - 1] - latency[0]));
}

/* What the verb says of it, else how long the step took, proof included. */
static int64_t latency_of(const struct way *w, const json_t *facts)
{
	const json_t *f = w->latency ? json_object_get(facts, w->latency) : NULL, *v = json_object_get(f, "latency");

	v = json_is_integer(v) ? v : json_object_get(f, "took_ns");
	return json_is_integer(v) ? json_integer_value(v) : -1;
}

/* Serial ports say how late a stamp may be. */
static void put_late(json_t *entry, const json_t *facts)
{
	json_t *late = json_object_get(json_object_get(facts, "port"), "late");

	if (json_is_integer(late))
		json_object_set(entry, "uncertainty_ns", late);
}

/* ---- one line ---- */
static json_t *entry_new(const struct bench *b, const struct bench_line *l)
{
	char hex[HASH_HEX], made[32], until[32];
	struct utsname u;
	time_t now = time(NULL), then = now + (time_t)(stamp_valid_for(b) / SEC(1));
	struct tm tm;

	uname(&u);
	identity_hash(b, l->name, hex);
	strftime(made, sizeof(made), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	strftime(until, sizeof(until), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&then, &tm));
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:s}", "made", made, "valid_until", until, "tool", JUSAN_VERSION, "host", u.nodename, "driver",
			 l->driver->name, "sha256", hex, "ok", 0, "why", "");
}

json_t *bench_check_failed(const struct bench *b, const struct bench_line *l, const char *why)
{
	json_t *entry = entry_new(b, l);

	json_object_set_new(entry, "why", json_string(why));
	return entry;
}

/* Is it there, what does it say it is? Lines that are exercised need not know the question. */
static bool greet(struct by_hand *h, const struct bench_line *l, json_t *entry, struct err *err)
{
	CLEANUP(free_json) json_t *reply = NULL;
	struct err refused = { 0 };
	json_t *v;

	if (!by_hand_line(h, l->name, "get", &reply, &refused)) {
		if (refused.kind == ERR_BENCH && way_of(l->name)->kind)
			return true;
		*err = refused;
		return false;
	}
	v = json_object_get(reply, "identity");
	if (json_is_string(v))
		json_object_set(entry, "identity", v);
	v = json_object_get(reply, "uncertainty_ns");
	if (json_is_integer(v))
		json_object_set(entry, "uncertainty_ns", v);
	return true;
}

/* A step that could not be confirmed says what it went by. */
static void add_how(const struct way *w, const json_t *facts, char *why, size_t n)
{
	const char *how = json_string_value(json_object_get(w->latency ? json_object_get(facts, w->latency) : NULL, "how"));
	size_t used = strlen(why);

	if (how)
		snprintf(why + used, n - used, ": %.200s", how);
}

struct looking { const char *steps, *expect; char *why; size_t n; };

static bool look(struct by_hand *h, const struct way *w, const struct looking *k, json_t **ret_facts, bool *ret_ok, struct err *err)
{
	for (int tries = 0;; tries++) {
		json_decref(*ret_facts);
		*ret_facts = NULL;
		if (!by_hand_expect(h, k->steps, *k->expect ? k->expect : NULL, ret_facts, ret_ok, k->why, k->n, err))
			return false;
		if (*ret_ok || !w->patient || tries == PATIENCE)
			return true;
		if (!hub_turn(h->hub, NULL, clock_ns() + SEC(1), err))
			return false;
	}
}

static bool exercise(struct by_hand *h, const struct bench_line *l, int repeats, json_t *entry, struct err *err)
{
	const struct way *w = way_of(l->name);
	char before[TEXT] = "", steps[TEXT] = "", expect[TEXT] = "", why[512] = "";
	const struct looking k = { steps, expect, why, sizeof(why) };
	int64_t latency[REPEATS_MAX];
	const struct probe *probe;
	bool ok = true;
	int n = 0;

	/* What is said while the device starts counts from the moment it was switched on, which must be in the same steps. */
	supply_steps(&h->plan.bench, w->supply, w->supply == SUPPLY_FRESH && !w->patient ? steps : before);
	if (w->kind && !strcmp(w->kind, "wire"))
		wire_steps(l, steps, expect);
	if (w->verb && any_verb_find(w->verb, &probe))
		add(steps, w->more, l->name);
	add(steps, w->steps, l->name);
	add(expect, w->expect, l->name);
	for (; ok && n < (w->repeat ? repeats : 1); n++) {
		CLEANUP(free_json) json_t *facts = NULL, *supply = NULL;

		if (*before && !by_hand_run(h, before, &supply, err))
			return false;
		if (*steps && !look(h, w, &k, &facts, &ok, err))
			return false;
		if (!ok)
			add_how(w, facts, why, sizeof(why));
		latency[n] = latency_of(w, facts);
		put_late(entry, facts);
	}
	put_figures(entry, latency, n);
	json_object_set_new(entry, "ok", json_boolean(ok));
	json_object_set_new(entry, "why", json_string(why));
	return true;
}

static bool wanted(const char *const *only, const char *line)
{
	for (; only && *only; only++)
		if (!strcmp(*only, line))
			return true;
	return !only;
}

bool bench_check(struct by_hand *h, const char *const *only, int repeats, bench_checked_fn *told, json_t **ret_lines, int *ret_bad, struct err *err)
{
	const struct bench *b = &h->plan.bench;

	*ret_lines = json_object();
	*ret_bad = 0;
	repeats = repeats < REPEATS_MAX ? repeats : REPEATS_MAX;
	for (const struct way *w = ways; w < ways + sizeof(ways) / sizeof(*ways); w++)  /* in the order of the table */
		for (size_t i = 0; i < b->n; i++) {
			struct err fault = { 0 };
			json_t *entry;

			if (way_of(b->line[i].name) != w || !wanted(only, b->line[i].name))
				continue;
			entry = entry_new(b, &b->line[i]);
			json_object_set_new(*ret_lines, b->line[i].name, entry);
			if (!greet(h, &b->line[i], entry, &fault) || !exercise(h, &b->line[i], repeats, entry, &fault)) {
				if (fault.kind == ERR_STOP) {
					*err = fault;
					return false;
				}
				json_object_set_new(entry, "ok", json_false());
				json_object_set_new(entry, "why", json_string(fault.text));
			}
			*ret_bad += !json_is_true(json_object_get(entry, "ok"));
			told(b->line[i].name, entry);
		}
	return true;
}
