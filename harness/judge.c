// SPDX-License-Identifier: Apache-2.0
#include "harness/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/journal.h"
#include "harness/score.h"
#include "harness/timeline.h"
#include "harness/version.h"

#define RUN_MAX ((size_t)4 << 20)

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- the run itself ---- */
/* "complete" only when the journal says that the run was closed, whatever run.json claims. */
static json_t *run_json(const json_t *run, const json_t *records)
{
	json_t *out = json_deep_copy(run), *rec;
	bool closed = false;
	size_t i;

	json_array_foreach((json_t *)records, i, rec)
		if (!strcmp(text_of(rec, "kind"), "run"))
			closed = !strcmp(text_of(rec, "what"), "close");
	json_object_set_new(out, "state", json_string(closed ? "complete" : "partial"));
	if (!json_is_array(json_object_get(out, "notes")))
		json_object_set_new(out, "notes", json_array());
	return out;
}

static json_t *line_notes(const json_t *records, const char *line)
{
	json_t *out = json_array(), *rec;
	size_t i;

	json_array_foreach((json_t *)records, i, rec)
		if (!strcmp(text_of(rec, "kind"), "line") && !strcmp(text_of(rec, "line"), line) && json_array_size(out) < 100)
			json_array_append_new(out, json_string(text_of(rec, "text")));
	return out;
}

static json_t *bench_json(const struct plan *p, const json_t *records)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < p->bench.n; i++) {
		const struct bench_line *l = &p->bench.line[i];

		json_array_append_new(lines, json_pack("{s:s,s:s,s:o}", "name", l->name, "driver", l->driver ? l->driver->name : "?",
						       "notes", line_notes(records, l->name)));
	}
	return json_pack("{s:o,s:i}", "lines", lines, "drops", 0);
}

static json_t *declared_json(const struct plan *p)
{
	const json_t *id = json_object_get(p->device.json, "identity");

	return json_is_object(id) ? json_deep_copy(id) : json_object();
}

/* ---- tests, by number and not by the order in which they ran ---- */
static int by_id(const void *a, const void *b)
{
	const struct test *const *x = a, *const *y = b;

	return strverscmp((*x)->id, (*y)->id);
}

static json_t *tests_json(const struct plan *p, const json_t *run, const json_t *records, const char *dir)
{
	const struct test **order = calloc(p->n + 1, sizeof(*order));
	json_t *out = json_array();

	if (!order)
		abort();
	for (size_t i = 0; i < p->n; i++)
		order[i] = &p->test[i];
	qsort(order, p->n, sizeof(*order), by_id);
	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(out, judge_one_test(p, order[i], run, records, dir));
	free(order);
	return out;
}

json_t *judge_records(const struct plan *p, const json_t *run, const json_t *records, const char *dir)
{
	json_t *tests = tests_json(p, run, records, dir), *out;
	struct score_in in = { .requirements = p->requirements, .tests = tests,
			       .not_applicable = json_object_get(p->device.json, "not_applicable"),
			       .rehearsal = p->profile.rehearsal, .profile = p->profile.name };

	out = json_pack("{s:s,s:{s:s,s:s},s:o,s:o,s:o,s:[],s:o}", "format", RESULT_FORMAT, "tool", "name", "jusan", "version",
			JUSAN_VERSION, "run", run_json(run, records), "bench", bench_json(p, records), "declared", declared_json(p),
			"waivers", "tests", tests);
	json_object_set_new(out, "timeline", timeline_build(NULL, run, records));
	score(&in, out);
	return out;
}

/* ---- with files ---- */
static bool load_inputs(const char *dir, const char *profile, struct arena *a, struct plan *p, struct err *err)
{
	char path[4][FS_PATH], line[1600];
	static const char *const name[] = { "inputs/bench.yaml", "inputs/device.yaml", "inputs/suites", "inputs/profile.yaml" };
	struct plan_input in;

	for (int i = 0; i < 4; i++)
		if (!fs_join(path[i], dir, name[i], err))
			return false;
	in = (struct plan_input){ .bench = path[0], .device = path[1], .suites = path[2], .profile = profile ? profile : path[3] };
	if (plan_load(a, &in, NULL, NULL, p, err))
		return true;
	err_line(err, line, sizeof(line));      /* its position points into the arena */
	return err_set(err, ERR_CONF, "its inputs do not load: %s", line);
}

bool judge_run(const char *dir, const struct judge_options *o, struct err *err)
{
	CLEANUP(free_json) json_t *run = NULL, *records = NULL, *out = NULL;
	struct arena a = { 0 };
	struct plan p = { 0 };
	char path[FS_PATH];

	if (!fs_join(path, dir, "run.json", err) || !fs_read_json(path, RUN_MAX, &run, err))
		return err_in(err, "%s is no run folder", dir);
	if (!journal_read(dir, &records, err))
		return err_in(err, "%s: nothing is judged from a record that does not hold", dir);
	if (!load_inputs(dir, o ? o->profile : NULL, &a, &p, err)) {
		arena_free(&a);
		return false;
	}
	out = judge_records(&p, run, records, dir);
	if (o && o->profile) {
		json_object_set_new(json_object_get(out, "run"), "profile", json_string(p.profile.name));
		json_object_set_new(json_object_get(out, "run"), "profile_sha256", json_string(p.profile.sha256));
	}
	json_object_set_new(out, "timeline", timeline_build(dir, run, records));
	json_object_set_new(json_object_get(out, "bench"), "drops", json_integer(timeline_drops(dir)));
	plan_done(&p);
	arena_free(&a);
	return fs_join(path, dir, o && o->file ? o->file : "verdicts.json", err) && fs_write_json(path, out, err);
}
