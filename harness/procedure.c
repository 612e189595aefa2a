// SPDX-License-Identifier: Apache-2.0
// Procedures of device.yaml: what is particular to a product, run like any other steps, with a scene of their own.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/lane.h"

#define RETRY_FIRST_NS MS(20)
#define RETRY_LAST_NS MS(200)

static void cite(struct lane *l, const json_t *observers)
{
	json_t *o, *have;
	size_t i, k;

	json_array_foreach((json_t *)(uintptr_t)observers, i, o) {
		bool known = false;

		json_array_foreach(l->cited, k, have)
			known |= json_equal(have, o) != 0;
		if (!known)
			json_array_append(l->cited, o);
	}
}

/* What the procedure expects, and on which observers that rests. */
static enum truth hold(struct lane *l, const struct claims *c, char *why, size_t n)
{
	struct scene scene = lane_scene(l);
	enum truth all = TRUTH_TRUE;

	json_decref(l->cited);
	l->cited = json_array();
	for (size_t i = 0; c && i < c->n; i++) {
		struct finding f = { 0 };

		claim_eval(claim_at(c, i), &scene, &f);
		if (f.truth != TRUTH_TRUE && all == TRUTH_TRUE)
			snprintf(why, n, "%s: expected %s, got %s", f.text, f.expected, f.actual);
		if (f.truth == TRUTH_FALSE || (f.truth == TRUTH_UNKNOWN && all == TRUTH_TRUE))
			all = f.truth;
		cite(l, f.observers);
		finding_done(&f);
	}
	records_free(scene.records);
	return all;
}

static bool push_scope(struct lane *l, const char *path, const char *label, struct err *err)
{
	struct lane_scope s = { 0 };
	int n, m;

	if (l->depth == LANE_DEPTH)
		return err_set(err, ERR_LIMIT, "procedures call each other more than %d deep", LANE_DEPTH);
	n = snprintf(s.path, sizeof(s.path), "%s.", path);
	m = snprintf(s.labels, sizeof(s.labels), "%s%s/", l->scope[l->depth - 1].labels, label && label[0] ? label : path);
	if (n >= (int)sizeof(s.path) || m >= (int)sizeof(s.labels))
		return err_set(err, ERR_LIMIT, "label '%s': too long", label ? label : path);
	s.records = json_array();
	l->scope[l->depth++] = s;
	return true;
}

static json_t *returned(const struct lane *l, const struct procedure *p, enum truth truth)
{
	struct scene scene = lane_scene(l);
	json_t *facts = json_object();

	if (truth != TRUTH_UNKNOWN)
		json_object_set_new(facts, "ok", json_boolean(truth == TRUTH_TRUE));
	for (size_t i = 0; i < p->n_returns; i++) {
		char ref[256];
		json_t *v;

		snprintf(ref, sizeof(ref), "%s.%s", p->returns[i].label, p->returns[i].fact);
		v = scene_value(&scene, ref);
		if (v)
			json_object_set_new(facts, p->returns[i].name, v);
	}
	records_free(scene.records);
	return facts;
}

static bool try_procedure(struct lane *l, const struct procedure *p, const char *path, const char *label, json_t **ret_facts,
			  char *why, size_t n_why, struct err *err)
{
	bool fine;

	if (!push_scope(l, path, label, err))
		return false;
	fine = lane_run(l, &p->steps, err);
	if (fine) {
		enum truth t = l->bench_fault ? TRUTH_UNKNOWN : hold(l, p->expect, why, n_why);

		json_decref(*ret_facts);
		*ret_facts = returned(l, p, t);
	}
	json_decref(l->scope[--l->depth].records);
	return fine;
}

bool lane_procedure(struct lane *l, const struct procedure *p, int64_t within_ns, const char *path, const char *label,
		    json_t **ret_facts, struct err *err)
{
	int64_t begin = clock_ns(), pause = RETRY_FIRST_NS;
	char why[512] = "";

	*ret_facts = NULL;
	for (;;) {
		if (!try_procedure(l, p, path, label, ret_facts, why, sizeof(why), err))
			return false;
		if (l->bench_fault || json_is_true(json_object_get(*ret_facts, "ok")) || clock_ns() - begin + pause > within_ns)
			break;
		if (!hub_turn(l->hub, NULL, clock_ns() + pause, err))
			return false;
		l->waited_ns += pause;
		pause = pause * 2 < RETRY_LAST_NS ? pause * 2 : RETRY_LAST_NS;
	}
	json_object_set_new(*ret_facts, "after", json_integer(clock_ns() - begin));
	if (why[0] && !json_is_true(json_object_get(*ret_facts, "ok")))
		json_object_set_new(*ret_facts, "why", json_string(why));
	return true;
}

bool lane_run_procedure(struct lane *l, const struct step_spec *spec, const char *path, struct err *err)
{
	CLEANUP(free_json) json_t *args = NULL, *facts = NULL;
	const char *name = strcmp(spec->name, "device.do") ? spec->name + strlen("device.") : NULL;
	const struct procedure *p;
	struct err bad = { 0 };
	int64_t within, begin = clock_ns(), n, since = l->since_ns;
	json_t *rec;

	if (!lane_args(l, spec, &args, &bad))
		args = NULL;
	if (!name)
		name = json_string_value(json_object_get(args, "procedure"));
	p = name ? device_procedure(&l->s->plan->device, name) : NULL;
	if (!lane_begin_step(l, path, spec->label, spec->name, "procedure", spec->args, err))
		return false;
	if (!p)
		return lane_end_step(l, path, spec->label, spec->name, "error", "no such procedure in device.yaml", begin, err);
	within = json_integer_value(json_object_get(args, "within"));
	if (!strcmp(spec->name, "device.do"))
		l->since_ns = begin;
	if (!lane_procedure(l, p, within, path, spec->label, &facts, err))
		return false;
	if (!strcmp(spec->name, "device.connected") && json_object_get(facts, "after"))
		json_object_set_new(facts, "after", json_integer(clock_ns() - since));
	rec = lane_step_head(path, spec->label, spec->name);
	json_object_set_new(rec, "at_ns", json_integer(clock_ns()));
	json_object_set(rec, "facts", facts);
	json_object_set_new(rec, "at", json_array());
	json_object_set(rec, "observers", l->cited ? l->cited : json_null());
	if (!lane_record(l, "observe", rec, &n, err))
		return false;
	return lane_end_step(l, path, spec->label, spec->name, l->bench_fault ? "error" : "ok", l->fault, begin, err);
}
