// SPDX-License-Identifier: Apache-2.0
#include "harness/stamp.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/identity.h"
#include "harness/load.h"
#include "harness/value.h"

#define STAMP_MAX ((size_t)1 << 20)
#define DEPTH_MAX 16            /* procedures that call procedures */

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

void stamp_path(const char *bench, char ret[static FS_PATH])
{
	size_t n = strlen(bench), end = n > 5 && !strcmp(bench + n - 5, ".yaml") ? 5 : 0;

	snprintf(ret, FS_PATH, "%.*s.stamp.json", (int)(n - end), bench);
}

bool stamp_load(const char *path, json_t **ret, struct err *err)
{
	*ret = NULL;
	if (access(path, F_OK) < 0)
		return true;
	if (!fs_read_json(path, STAMP_MAX, ret, err))
		return false;
	if (!strcmp(text_of(*ret, "format"), STAMP_FORMAT) && json_is_object(json_object_get(*ret, "lines")))
		return true;
	json_decref(*ret);
	*ret = NULL;
	return err_set(err, ERR_CONF, "%s is no stamp of jusan bench check", path);
}

json_t *stamp_of_run(const char *dir, const json_t *run)
{
	char path[FS_PATH], hex[HASH_HEX];
	json_t *stamp = NULL;
	struct err err = { 0 };

	if (!fs_join(path, dir, STAMP_FILE, &err) || !hash_file(path, hex, &err) || strcmp(hex, text_of(run, "stamp_sha256")) ||
	    !stamp_load(path, &stamp, &err))
		return NULL;
	return stamp;
}

int64_t stamp_valid_for(const struct bench *b)
{
	const char *text = text_of(json_object_get(b->json, "check"), "valid_for");
	int64_t ns;

	return units_time(text, &ns) ? ns : STAMP_VALID_NS;
}

bool stamp_holds(const json_t *stamp, const struct bench *b, const struct bench_line *l, const char *day, char *why, size_t n)
{
	const json_t *of = json_object_get(json_object_get(stamp, "lines"), l->name);
	char hex[HASH_HEX], made[DATE_TEXT], until[DATE_TEXT];

	why[0] = '\0';
	identity_hash(b, l->name, hex);
	if (!stamp)
		text_add(why, n, "the bench has no stamp");
	else if (!of)
		text_add(why, n, "it was not checked");
	else if (!date_of(text_of(of, "made"), made) || !date_of(text_of(of, "valid_until"), until))
		text_add(why, n, "its stamp has no date");
	else if (strcmp(text_of(of, "sha256"), hex))
		text_add(why, n, "it was changed since it was checked");
	else if (!json_is_true(json_object_get(of, "ok")))
		text_add(why, n, "its check failed: %.200s", text_of(of, "why"));
	else if (strcmp(made, day) > 0)
		text_add(why, n, "its stamp is of %s, after %s", made, day);
	else if (strcmp(until, day) < 0)
		text_add(why, n, "its stamp expired on %s", until);
	return !why[0];
}

json_t *stamp_shown(const json_t *stamp, const struct bench *b, const struct bench_line *l, const char *day)
{
	const json_t *of = json_object_get(json_object_get(stamp, "lines"), l->name), *latency = json_object_get(of, "latency_ns");
	char why[320];
	bool ok = stamp_holds(stamp, b, l, day, why, sizeof(why));
	json_t *out = json_pack("{s:b,s:s,s:s,s:s,s:s}", "ok", (int)ok, "why", why, "made", text_of(of, "made"), "until", text_of(of, "valid_until"), "identity", text_of(of, "identity"));
	const struct { const char *key; const json_t *value; } figure[] = { { "median_ns", json_object_get(latency, "median") },
		{ "max_ns", json_object_get(latency, "max") }, { "uncertainty_ns", json_object_get(of, "uncertainty_ns") } };

	for (size_t i = 0; i < 3; i++)
		if (json_is_integer(figure[i].value))
			json_object_set(out, figure[i].key, (json_t *)(uintptr_t)figure[i].value);
	return out;
}

/* ---- the lines that a verdict rests on ---- */
static void names_in(const struct bench *b, const json_t *args, json_t *set)
{
	const char *key, *text;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)args, key, v) {
		text = json_string_value(v);
		if (text && bench_has_line(b, text))
			json_object_set_new(set, text, json_true());
	}
}

static void lines_of(const struct plan *p, const struct steps *steps, json_t *set, int depth)
{
	for (size_t i = 0; steps && depth < DEPTH_MAX && i < steps->n; i++) {
		const struct step_spec *s = &steps->step[i];
		const char *name = text_of(s->args, "procedure");
		const struct procedure *called = *name ? device_procedure(&p->device, name) : NULL;

		names_in(&p->bench, s->args, set);
		lines_of(p, s->inner, set, depth + 1);
		lines_of(p, s->beside, set, depth + 1);
		if (called)
			lines_of(p, &called->steps, set, depth + 1);
	}
}

static void add_observers(const struct bench *b, const json_t *observers, json_t *set)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)(uintptr_t)observers, i, e) {
		if (json_is_array(e))
			add_observers(b, e, set);
		else if (json_is_string(e) && bench_has_line(b, json_string_value(e)))
			json_object_set_new(set, json_string_value(e), json_true());
	}
}

bool stamp_lacks(const struct stamp_need *need, char *why, size_t n)
{
	const struct plan *p = need->plan;
	const struct procedure *alive = device_procedure(&p->device, "alive");
	CLEANUP(free_json) json_t *set = NULL;
	char what[320];

	if (p->bench.is_virtual || !p->bench.n)
		return false;
	set = json_object();
	lines_of(p, &need->test->watch, set, 0);
	lines_of(p, &need->test->control.steps, set, 0);
	lines_of(p, &need->test->body.steps, set, 0);
	lines_of(p, alive ? &alive->steps : NULL, set, 0);
	add_observers(&p->bench, need->observers, set);
	for (size_t i = 0; i < p->bench.n; i++) {
		const struct bench_line *l = &p->bench.line[i];

		if (!json_object_get(set, l->name) || stamp_holds(p->stamp, &p->bench, l, p->stamp_day, what, sizeof(what)))
			continue;
		text_add(why, n, "line %s has no valid stamp: %s; qualify it with jusan bench check", l->name, what);
		return true;
	}
	return false;
}
