// SPDX-License-Identifier: Apache-2.0
#include "harness/lane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"

#define STEP_BASE_NS SEC(60)            /* the bench's own patience with a step, besides the times it was given */

void lane_init(struct lane *l, const struct session *s, struct hub *hub, lane_put_fn *put, void *put_data)
{
	*l = (struct lane){ .s = s, .hub = hub, .put = put, .put_data = put_data };
}

static void drop_scopes(struct lane *l)
{
	while (l->depth > 0)
		json_decref(l->scope[--l->depth].records);
}

void lane_begin(struct lane *l, const char *test, const char *part, const char *rep, const json_t *limits, const json_t *each)
{
	drop_scopes(l);
	json_decref(l->limits);
	json_decref(l->each);
	json_decref(l->names);
	l->test = test;
	l->part = part;
	snprintf(l->rep, sizeof(l->rep), "%s", rep);
	snprintf(l->key, sizeof(l->key), "%d/%s/%s/%s", l->s->unit, test, part, rep);
	l->limits = limits ? json_deep_copy(limits) : json_object();
	l->each = each ? json_deep_copy(each) : json_object();
	l->names = json_object();
	l->scope[0] = (struct lane_scope){ .records = json_array() };
	l->depth = 1;
	l->since_ns = clock_ns();
	l->bench_fault = false;
	l->fault[0] = '\0';
}

struct scene lane_scene(const struct lane *l)
{
	struct records *r = records_of(l->scope[l->depth - 1].records);

	return (struct scene){ .limits = l->limits, .each = l->each, .declared = l->s->plan->device.json, .records = r,
			       .list = records_all(r) };
}

/* ---- records ---- */

static struct lane_scope *scope_of(struct lane *l, const char *step)
{
	const char *dot = strrchr(step, '.');
	size_t n = dot ? (size_t)(dot - step) + 1 : 0;

	for (size_t i = l->depth; i-- > 0;)
		if (strlen(l->scope[i].path) == n && !strncmp(l->scope[i].path, step, n))
			return &l->scope[i];
	return NULL;
}

bool lane_record(struct lane *l, const char *kind, json_t *rec, int64_t *ret_n, struct err *err)
{
	const char *step = json_string_value(json_object_get(rec, "step"));
	struct lane_scope *scope = step ? scope_of(l, step) : NULL;

	json_object_set_new(rec, "test", json_string(l->test));
	json_object_set_new(rec, "part", json_string(l->part));
	json_object_set_new(rec, "rep", json_string(l->rep));
	if (scope) {
		json_t *seen = json_deep_copy(rec);

		json_object_set_new(seen, "kind", json_string(kind));
		json_object_set_new(seen, "t_ns", json_integer(clock_ns()));
		json_array_append_new(scope->records, seen);
	}
	if (scope && scope->labels[0]) {
		const char *label = json_string_value(json_object_get(rec, "label"));
		char whole[256];

		snprintf(whole, sizeof(whole), "%s%s", scope->labels, label ? label : "");
		json_object_set_new(rec, "label", json_string(whole));
	}
	if (!l->put(l->put_data, kind, rec, ret_n, err))
		return false;
	if (scope && ret_n && json_array_size(scope->records))
		json_object_set_new(json_array_get(scope->records, json_array_size(scope->records) - 1), "n", json_integer(*ret_n));
	return true;
}

bool lane_observed(void *data, const char *step, json_t *o, struct err *err)
{
	struct lane *l = data;
	json_t *name = step ? json_object_get(l->names, step) : NULL;
	json_t *rec = json_deep_copy(o);
	int64_t n;

	json_object_set(rec, "step", name ? json_object_get(name, "step") : json_null());
	json_object_set_new(rec, "step", json_string(step ? step : ""));
	json_object_set(rec, "label", json_object_get(name, "label"));
	json_object_set(rec, "verb", json_object_get(name, "verb"));
	return lane_record(l, "observe", rec, &n, err);
}

json_t *lane_step_head(const char *path, const char *label, const char *verb)
{
	return json_pack("{s:s,s:s,s:s}", "step", path, "label", label ? label : "", "verb", verb);
}

bool lane_begin_step(struct lane *l, const char *path, const char *label, const char *verb, const char *kind_of,
		       const json_t *args, struct err *err)
{
	json_t *rec = lane_step_head(path, label, verb);
	int64_t n;

	json_object_set_new(l->names, path, json_pack("{s:s,s:s}", "label", label ? label : "", "verb", verb));
	json_object_set_new(rec, "kind_of", json_string(kind_of));
	json_object_set(rec, "args", (json_t *)(args ? args : json_null()));
	return lane_record(l, "step", rec, &n, err);
}

bool lane_end_step(struct lane *l, const char *path, const char *label, const char *verb, const char *status,
		     const char *text, int64_t begin_ns, struct err *err)
{
	json_t *rec = lane_step_head(path, label, verb);
	int64_t n;

	json_object_set_new(rec, "status", json_string(status));
	if (text && text[0])
		json_object_set_new(rec, "text", json_string(text));
	json_object_set_new(rec, "begin_ns", json_integer(begin_ns));
	json_object_set_new(rec, "end_ns", json_integer(clock_ns()));
	if (l->waited_ns)
		json_object_set_new(rec, "waited_ns", json_integer(l->waited_ns));
	l->waited_ns = 0;
	if (strcmp(status, "ok") && !l->bench_fault) {
		l->bench_fault = true;
		snprintf(l->fault, sizeof(l->fault), "%s: %s%s%s", verb, status, text && text[0] ? ": " : "", text ? text : "");
	}
	return lane_record(l, "done", rec, &n, err);
}

bool lane_adopt(struct lane *l, const char *kind, json_t *rec, struct err *err)
{
	const char *label = json_string_value(json_object_get(rec, "label"));
	json_t *seen = label && !strchr(label, '/') ? json_deep_copy(rec) : NULL;
	int64_t n;

	if (!l->put(l->put_data, kind, rec, &n, err)) {
		json_decref(seen);
		return false;
	}
	if (seen && l->depth > 0) {
		json_object_set_new(seen, "kind", json_string(kind));
		json_object_set_new(seen, "n", json_integer(n));
		json_object_set_new(seen, "t_ns", json_integer(clock_ns()));
		json_array_append(l->scope[0].records, seen);
	}
	json_decref(seen);
	return true;
}

/* ---- one verb ---- */

json_t *lane_facts(const struct lane *l)
{
	json_t *out = json_object(), *r;
	size_t i;

	json_array_foreach(l->scope[l->depth - 1].records, i, r) {
		const char *label = json_string_value(json_object_get(r, "label"));
		json_t *facts = json_object_get(r, "facts"), *all;

		if (!label || !facts)
			continue;
		all = json_object_get(out, label);
		if (!all) {
			all = json_object();
			json_object_set_new(out, label, all);
		}
		json_object_update(all, facts);
	}
	return out;
}

bool lane_args(const struct lane *l, const struct step_spec *spec, json_t **ret, struct err *err)
{
	CLEANUP(free_json) json_t *facts = lane_facts(l);
	struct values from = { .limits = l->limits, .each = l->each, .declared = l->s->plan->device.json, .facts = facts,
			       .word = session_word, .data = (void *)(uintptr_t)l->s };

	return args_resolve(spec->verb, spec->args, &from, ret, err);
}

static bool worker_of(struct lane *l, const struct probe *p, struct worker **ret, struct err *err)
{
	for (size_t i = 0; i < l->n_workers; i++)
		if (l->worker[i]->probe == p) {
			*ret = l->worker[i];
			return true;
		}
	if (l->n_workers == LANE_WORKERS)
		return err_set(err, ERR_LIMIT, "more than %d probes in one test", LANE_WORKERS);
	if (!worker_start(l->s, l->hub, p, lane_observed, l, ret, err))
		return false;
	l->worker[l->n_workers++] = *ret;
	return true;
}

static json_t *label_times(const struct lane *l)
{
	json_t *out = json_object(), *r;
	size_t i;

	json_array_foreach(l->scope[l->depth - 1].records, i, r)
		if (!strcmp(json_string_value(json_object_get(r, "kind")), "step"))
			json_object_set(out, json_string_value(json_object_get(r, "label")), json_object_get(r, "t_ns"));
	return out;
}

static int64_t patience(const struct verb *v, const json_t *args)
{
	int64_t sum = STEP_BASE_NS;

	for (const struct param *p = v->params; p && p->name; p++) {
		int64_t t = 0;

		if (p->type != VALUE_TIME)
			continue;
		if (json_object_get(args, p->name))
			t = json_integer_value(json_object_get(args, p->name));
		else if (!p->fallback || !units_time(p->fallback, &t))
			t = 0;
		sum += 2 * t;
	}
	return sum;
}

json_t *lane_request(const struct lane *l, const struct step_spec *spec, json_t *args, const char *path, int64_t begin_ns)
{
	char key[768];

	snprintf(key, sizeof(key), "%s/%s", l->key, path);
	return json_pack("{s:s,s:O,s:s,s:s,s:I,s:I,s:I,s:o}", "verb", spec->verb->name, "args", args, "step", path, "key", key,
			 "begin_ns", (json_int_t)begin_ns, "deadline_ns", (json_int_t)(begin_ns + patience(spec->verb, args)),
			 "since_ns", (json_int_t)l->since_ns, "labels", label_times(l));
}

static const char *kind_name(enum verb_kind k)
{
	static const char *const name[] = { "stimulus", "probe", "watch", "examine" };

	return name[k];
}

static bool ask(struct lane *l, const struct step_spec *spec, json_t *args, const char *path, int64_t begin_ns, struct err *err)
{
	struct worker *w;

	if (!worker_of(l, spec->probe, &w, err))
		return false;
	if (!worker_ask(w, lane_request(l, spec, args, path, begin_ns), err) ||
	    !worker_await(w, begin_ns + patience(spec->verb, args), err))
		return false;
	l->waited_ns += w->waited_ns;
	return lane_end_step(l, path, spec->label, spec->name, w->status, w->text, begin_ns, err);
}

static bool run_verb(struct lane *l, const struct step_spec *spec, const char *path, struct err *err)
{
	CLEANUP(free_json) json_t *args = NULL;
	struct err bad = { 0 };
	int64_t begin = clock_ns();
	bool resolved = lane_args(l, spec, &args, &bad);

	if (!lane_begin_step(l, path, spec->label, spec->name, kind_name(spec->verb->kind), spec->args, err))
		return false;
	if (!resolved)
		return lane_end_step(l, path, spec->label, spec->name, "error", bad.text, begin, err);
	if (!args) {                    /* nothing to be judged later will be known either: claims stay unknown */
		char text[600];

		snprintf(text, sizeof(text), "not run: %s", bad.text);
		return lane_end_step(l, path, spec->label, spec->name, "ok", text, begin, err);
	}
	if (spec->verb->kind == VERB_STIMULUS)
		l->since_ns = begin;
	return ask(l, spec, args, path, begin, err);
}

/* ---- the rest ---- */

static bool run_wait(struct lane *l, const struct step_spec *spec, const char *path, struct err *err)
{
	CLEANUP(free_json) json_t *args = NULL;
	struct err bad = { 0 };
	int64_t begin = clock_ns(), ns;

	if (!lane_begin_step(l, path, spec->label, spec->name, "stimulus", spec->args, err))
		return false;
	if (!lane_args(l, spec, &args, &bad) || !args)
		return lane_end_step(l, path, spec->label, spec->name, "error", bad.text, begin, err);
	ns = json_integer_value(json_object_get(args, "for"));
	l->waited_ns += ns;
	return hub_turn(l->hub, NULL, begin + ns, err) && lane_end_step(l, path, spec->label, spec->name, "ok", "", begin, err);
}

static bool run_while(struct lane *l, const struct step_spec *spec, const char *path, struct err *err)
{
	struct side *side = NULL;
	char inner[64];
	bool ok;

	snprintf(inner, sizeof(inner), "%sw", path);
	ok = side_start(l, &spec->inner->step[0], inner, &side, err) && lane_run(l, spec->beside, err) &&
	     side_join(side, false, err);
	side_free(side);
	return ok;
}

static bool run_ask(struct lane *l, const struct step_spec *spec, const char *path, struct err *err)
{
	int64_t begin = clock_ns();

	return lane_begin_step(l, path, spec->label, spec->name, "stimulus", spec->args, err) &&
	       lane_end_step(l, path, spec->label, spec->name, "error", "nobody is at the bench to ask", begin, err);
}

static bool run_step(struct lane *l, const struct step_spec *spec, const char *path, struct err *err)
{
	switch (spec->kind) {
	case STEP_VERB: return run_verb(l, spec, path, err);
	case STEP_PROCEDURE: return lane_run_procedure(l, spec, path, err);
	case STEP_WHILE: return run_while(l, spec, path, err);
	case STEP_WAIT: return run_wait(l, spec, path, err);
	case STEP_ASK: return run_ask(l, spec, path, err);
	}
	return err_set(err, ERR_CONF, "unknown kind of step");
}

bool lane_run(struct lane *l, const struct steps *steps, struct err *err)
{
	for (size_t i = 0; i < steps->n && !l->bench_fault; i++) {
		const char *scope = l->scope[l->depth - 1].path;
		char path[96], what[160];

		snprintf(path, sizeof(path), "%s%zu", scope, i + 1);
		if (l->doing && l->depth == 1) {
			snprintf(what, sizeof(what), "%s %.60s %zu/%zu %s", l->test, l->rep, i + 1, steps->n, steps->step[i].name);
			l->doing(l->doing_data, what);
		}
		if (!run_step(l, &steps->step[i], path, err))
			return false;
	}
	return true;
}

bool lane_finish(struct lane *l, struct err *err)
{
	bool ok = true;

	for (size_t i = l->n_workers; i-- > 0;) {
		struct worker *w = l->worker[i];

		if (ok && !w->dead)
			ok = worker_ask(w, json_pack("{s:b}", "finish", 1), err) && worker_await(w, clock_ns() + SEC(20), err);
		worker_end(w);
	}
	l->n_workers = 0;
	return ok;
}

void lane_done(struct lane *l)
{
	struct err err = { 0 };

	while (l->n_workers > 0)
		worker_end(l->worker[--l->n_workers]);
	(void)err;
	drop_scopes(l);
	json_decref(l->limits);
	json_decref(l->each);
	json_decref(l->names);
	json_decref(l->cited);
	l->limits = l->each = l->names = l->cited = NULL;
}
