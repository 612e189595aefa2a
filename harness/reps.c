// SPDX-License-Identifier: Apache-2.0
#include "harness/reps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/units.h"
#include "harness/folder.h"

#define REPS_MAX 10000

/* A value as it stands in a repetition's name: a map goes by its `name`, else by its place in the list. */
static void value_name(const struct each *e, const json_t *v, size_t index, char *buf, size_t n)
{
	const char *name = json_string_value(json_object_get(v, "name"));

	if (json_is_object(v)) {
		if (name)
			snprintf(buf, n, "%s", name);
		else
			snprintf(buf, n, "%zu", index + 1);
	} else if (json_is_string(v)) {
		snprintf(buf, n, "%s", json_string_value(v));
	} else if (json_is_integer(v) && !e->n && e->type == VALUE_TIME) {
		units_time_text(json_integer_value(v), buf, n);
	} else if (json_is_integer(v)) {
		snprintf(buf, n, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	} else {
		snprintf(buf, n, "%s", json_is_true(v) ? "true" : "false");
	}
	for (char *p = buf; *p; p++)
		if (*p == ',' || *p == '=')
			*p = '_';
}

static void add_piece(struct rep *r, const char *name, const char *value)
{
	size_t used = strlen(r->name);

	snprintf(r->name + used, sizeof(r->name) - used, "%s%s=%s", used ? "," : "", name, value);
}

/* Every repetition so far, times every value of one more name. */
static bool multiply(const struct each *e, const json_t *values, struct rep **rep, size_t *n, struct err *err)
{
	size_t m = json_array_size(values), k = 0;
	struct rep *out;

	if (*n * m > REPS_MAX)
		return err_at(err, e->at, "more than %d repetitions", REPS_MAX);
	out = calloc(*n * m + 1, sizeof(*out));
	if (!out)
		return err_set(err, ERR_OS, "out of memory");
	for (size_t i = 0; i < *n; i++)
		for (size_t j = 0; j < m; j++, k++) {
			char text[160];

			out[k] = (*rep)[i];
			out[k].each = json_copy((*rep)[i].each);
			json_object_set(out[k].each, e->name, json_array_get(values, j));
			value_name(e, json_array_get(values, j), j, text, sizeof(text));
			add_piece(&out[k], e->name, text);
		}
	reps_free(*rep, *n);
	*rep = out;
	*n = k;
	return true;
}

static void each_key(const struct test *t, size_t i, int unit, char key[static 256])
{
	snprintf(key, 256, "%d/%s/each/%s", unit, t->id, t->each[i].name);
}

/* Of a redacted run, whose seed is gone: as many values as are drawn, and only where they are drawn. A shorter list would be a test
 * with fewer repetitions. */
static bool may_stand_for(const json_t *known, const struct each *e, const json_t *drawn)
{
	return json_is_object(e->values) && json_is_array(known) && json_array_size(known) == json_array_size(drawn);
}

static bool make(const struct test *t, uint64_t seed, int unit, const json_t *known, struct rep **ret, size_t *ret_n, struct err *err)
{
	struct rep *rep = calloc(1, sizeof(*rep));
	size_t n = 1;

	if (!rep)
		return err_set(err, ERR_OS, "out of memory");
	rep->each = json_object();
	for (size_t i = 0; i < t->n_each; i++) {
		CLEANUP(free_json) json_t *values = NULL;
		char key[256];

		each_key(t, i, unit, key);
		values = each_values(&t->each[i], seed, key);
		if (may_stand_for(json_object_get(known, key), &t->each[i], values)) {
			json_decref(values);
			values = json_incref(json_object_get(known, key));
		}
		if (!multiply(&t->each[i], values, &rep, &n, err)) {
			reps_free(rep, n);
			return false;
		}
	}
	*ret = rep;
	*ret_n = n;
	return true;
}

bool reps_make(const struct test *t, uint64_t seed, int unit, struct rep **ret, size_t *ret_n, struct err *err)
{
	return make(t, seed, unit, NULL, ret, ret_n, err);
}

bool reps_of_run(const struct test *t, const json_t *run, struct rep **ret, size_t *ret_n, struct err *err)
{
	return make(t, (uint64_t)json_integer_value(json_object_get(run, "seed")), (int)json_integer_value(json_object_get(run, "unit")),
		    json_object_get(run, "each"), ret, ret_n, err);
}

bool reps_values(const char *dir, const json_t *run, json_t **ret, struct err *err)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *out = json_object();
	struct plan p = { 0 };
	struct plan_input in = { 0 };
	int unit = (int)json_integer_value(json_object_get(run, "unit"));
	bool ok;

	folder_inputs(dir, &in);
	in.only = NULL;
	ok = plan_load(&a, &in, NULL, NULL, &p, err);
	for (size_t k = 0; ok && k < p.n; k++)
		for (size_t i = 0; i < p.test[k].n_each; i++) {
			char key[256];

			if (!json_is_object(p.test[k].each[i].values))
				continue;       /* listed, not drawn */
			each_key(&p.test[k], i, unit, key);
			json_object_set_new(out, key, each_values(&p.test[k].each[i], (uint64_t)json_integer_value(json_object_get(run, "seed")), key));
		}
	plan_done(&p);
	*ret = json_incref(out);
	return ok;
}

void reps_free(struct rep *rep, size_t n)
{
	for (size_t i = 0; rep && i < n; i++)
		json_decref(rep[i].each);
	free(rep);
}

/* ---- which `each` names a control uses ---- */

static bool mentions(const json_t *j, const char *name)
{
	char ref[160];
	const char *key, *text = json_string_value(j), *hit;
	json_t *v;
	size_t i;

	snprintf(ref, sizeof(ref), "each.%s", name);
	if (text) {
		hit = strstr(text, ref);
		return hit && !strchr("abcdefghijklmnopqrstuvwxyz0123456789_", hit[strlen(ref)] ? hit[strlen(ref)] : ' ');
	}
	json_array_foreach((json_t *)(uintptr_t)j, i, v)
		if (mentions(v, name))
			return true;
	json_object_foreach((json_t *)(uintptr_t)j, key, v)
		if (mentions(v, name))
			return true;
	return false;
}

static bool steps_mention(const struct steps *s, const char *name)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (mentions(s->step[i].args, name) || steps_mention(s->step[i].inner, name) || steps_mention(s->step[i].beside, name))
			return true;
	return false;
}

static bool claims_mention(const struct claims *c, const char *name)
{
	char text[256], ref[160];

	snprintf(ref, sizeof(ref), "each.%s", name);
	for (size_t i = 0; c && i < c->n; i++)
		if (strstr(claim_text(claim_at(c, i), text, sizeof(text)), ref))
			return true;
	return false;
}

void rep_for_control(const struct test *t, const struct rep *full, struct rep *ret)
{
	char copy[sizeof(full->name)], *save = NULL;

	*ret = (struct rep){ .each = json_object() };
	snprintf(copy, sizeof(copy), "%s", full->name);
	for (char *piece = strtok_r(copy, ",", &save); piece; piece = strtok_r(NULL, ",", &save)) {
		char *eq = strchr(piece, '=');

		if (!eq)
			continue;
		*eq = '\0';
		if (!steps_mention(&t->control.steps, piece) && !claims_mention(t->control.expect, piece) &&
		    !steps_mention(&t->watch, piece))
			continue;
		json_object_set(ret->each, piece, json_object_get(full->each, piece));
		add_piece(ret, piece, eq + 1);
	}
}

bool rep_covers(const char *control, const char *full)
{
	char copy[512], wrapped[520], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", control);
	snprintf(wrapped, sizeof(wrapped), ",%s,", full);
	for (char *piece = strtok_r(copy, ",", &save); piece; piece = strtok_r(NULL, ",", &save)) {
		char want[520];

		snprintf(want, sizeof(want), ",%.500s,", piece);
		if (!strstr(wrapped, want))
			return false;
	}
	return true;
}

void rep_done(struct rep *r)
{
	json_decref(r->each);
	r->each = NULL;
}
