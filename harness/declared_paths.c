// SPDX-License-Identifier: Apache-2.0
// Does every declared.X of the suites name a place that device.yaml can have? What a device does not declare only skips a test;
// so a slip in a suite would skip it for every device, and nobody would notice.
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/plan.h"
#include "harness/shapes.h"
#include "harness/standard.h"

struct walk {
	const struct shape *device;
	const char *test;
	void (*report)(const struct err *e, void *data);
	void *data;
};

static const struct shape *inside(const struct shape *s, const char *key)
{
	for (const struct shape_key *k = s->keys; k && k->name; k++)
		if (!strcmp(k->name, key))
			return k->shape;
	return s->kind == SHAPE_MAP && s->of && (!s->pattern || shape_like(key, s->pattern)) ? s->of : NULL;
}

static bool is_place(const struct shape *s, const char *path)
{
	char key[80];

	while (s && *path && s->kind == SHAPE_MAP) {
		size_t n = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)n, path);
		s = inside(s, key);
		path += n + (path[n] == '.');
	}
	return s && (!*path || s->kind == SHAPE_ANY || s->kind == SHAPE_ELSEWHERE);
}

static bool check(const char *ref, struct where at, void *data, struct err *unused)
{
	const struct walk *w = data;
	struct err err = { 0 };

	(void)unused;
	if (strncmp(ref, "declared.", 9) || is_place(w->device, ref + 9))
		return true;
	err_at(&err, at, "%s: device.yaml has no place for %s; one of your own begins with x_", w->test, ref + 9);
	w->report(&err, w->data);
	return true;
}

/* {"$": "declared.X"} at any depth, and ${declared.X} in texts. */
static void check_args(struct walk *w, struct where at, const json_t *v)
{
	const char *key, *text = json_string_value(v);
	char ref[128];
	json_t *e;
	size_t i;

	for (const char *p = text; p && (p = strstr(p, "${")); p += 2) {
		snprintf(ref, sizeof(ref), "%.*s", (int)strcspn(p + 2, "}"), p + 2);
		check(ref, at, w, NULL);
	}
	json_array_foreach((json_t *)(uintptr_t)v, i, e)
		check_args(w, at, e);
	json_object_foreach((json_t *)(uintptr_t)v, key, e) {
		if (!strcmp(key, "$") && json_is_string(e))
			check(json_string_value(e), at, w, NULL);
		else
			check_args(w, at, e);
	}
}

static void check_steps(struct walk *w, const struct steps *steps)
{
	for (size_t i = 0; i < steps->n; i++) {
		const struct step_spec *s = &steps->step[i];

		if (s->kind == STEP_WHILE) {
			check_steps(w, s->inner);
			check_steps(w, s->beside);
		} else {
			check_args(w, s->at, s->args);
		}
	}
}

static void check_claims(struct walk *w, const struct claims *c)
{
	struct err err = { 0 };

	if (c && !claims_refs(c, check, w, &err))
		w->report(&err, w->data);
}

void declared_paths(const struct plan *p, void (*report)(const struct err *e, void *data), void *data)
{
	const struct editions none = { { NULL } };
	CLEANUP(arena_free) struct arena a = { 0 };
	struct walk w = { device_shape(&a, &none), NULL, report, data };

	for (size_t i = 0; i < p->n; i++) {
		const struct test *t = &p->test[i];
		char ref[160];

		w.test = t->id;
		for (size_t k = 0; k < t->n_limits; k++) {
			snprintf(ref, sizeof(ref), "declared.%.140s", t->limit[k].declared ? t->limit[k].declared : "");
			if (t->limit[k].declared)
				check(ref, t->limit[k].at, &w, NULL);
		}
		check_steps(&w, &t->watch);
		check_steps(&w, &t->control.steps);
		check_steps(&w, &t->body.steps);
		check_claims(&w, t->control.expect);
		check_claims(&w, t->body.expect);
	}
}
