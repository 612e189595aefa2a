// SPDX-License-Identifier: Apache-2.0
#include "harness/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/declare.h"
#include "harness/grade.h"
#include "harness/mapping.h"
#include "harness/misjudge.h"
#include "harness/review.h"
#include "harness/score.h"
#include "harness/stamp.h"
#include "harness/timeline.h"
#include "harness/version.h"
#include "harness/weigh.h"

#define RUN_MAX ((size_t)4 << 20)

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- the run itself ---- */
/* "complete" only when the journal says that the run was closed, whatever run.json claims. */
static json_t *run_json(const json_t *run, struct records *records)
{
	struct record_list rare = records_rare(records);
	json_t *out = json_deep_copy(run);
	size_t i = rare.n;
	bool closed = false;

	while (i > 0 && rare.rec[i - 1]->kind != RECORD_run)
		i--;
	if (i > 0) {
		json_t *last = records_json(records, rare.rec[i - 1]);

		closed = !strcmp(text_of(last, "what"), "close");
		json_decref(last);
	}
	json_object_set_new(out, "state", json_string(closed ? "complete" : "partial"));
	if (!json_is_array(json_object_get(out, "notes")))
		json_object_set_new(out, "notes", json_array());
	return out;
}

#define NOTES_MAX 100                   /* of one line */

/* {"power.main": [what it said]} */
static json_t *notes_of_lines(struct records *records)
{
	struct record_list rare = records_rare(records);
	json_t *out = json_object();

	for (size_t i = 0; i < rare.n; i++) {
		CLEANUP(free_json) json_t *rec = rare.rec[i]->kind == RECORD_line ? records_json(records, rare.rec[i]) : NULL;
		json_t *notes = json_object_get(out, text_of(rec, "line"));

		if (!rec)
			continue;
		if (!notes) {
			notes = json_array();
			json_object_set_new(out, text_of(rec, "line"), notes);
		}
		if (json_array_size(notes) < NOTES_MAX)
			json_array_append_new(notes, json_string(text_of(rec, "text")));
	}
	return out;
}

static json_t *bench_json(const struct plan *p, struct records *records)
{
	json_t *lines = json_array(), *said = notes_of_lines(records);

	for (size_t i = 0; i < p->bench.n; i++) {
		const struct bench_line *l = &p->bench.line[i];
		json_t *notes = json_object_get(said, l->name), *line;

		line = json_pack("{s:s,s:s,s:o}", "name", l->name, "driver", l->driver ? l->driver->name : "?", "notes",
				 notes ? json_incref(notes) : json_array());
		if (!p->bench.is_virtual)
			json_object_set_new(line, "stamp", stamp_shown(p->stamp, &p->bench, l, p->stamp_day));
		json_array_append_new(lines, line);
	}
	json_decref(said);
	return json_pack("{s:o,s:i}", "lines", lines, "drops", 0);
}

/* ---- tests, by number and not by the order in which they ran ---- */
static int by_id(const void *a, const void *b)
{
	const struct test *const *x = a, *const *y = b;

	return strverscmp((*x)->id, (*y)->id);
}

static json_t *tests_json(const struct plan *p, const json_t *run, struct records *records, const char *dir)
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

/* Mechanisms of one's own are not part of the declaration: what inherits a FAIL has it. */
static json_t *mappings_json(const struct plan *p, const json_t *verdicts)
{
	struct mapping_in in = { .requirements = json_object_get(verdicts, "requirements"), .tests = json_object_get(verdicts, "tests"),
				 .records = json_object_get(verdicts, "records"), .applicability = json_object_get(verdicts, "declaration") };

	return mappings_project(p->mapping, p->n_mappings, &in);
}

static json_t *declared_all(const struct plan *p)
{
	return p->device.conf ? declare_json(p->device.conf) : json_object();
}

/* The declaration: what is true of it, what does not apply for that reason. A test is evidence as long as it passes. */
static json_t *declaration_json(const struct plan *p, const json_t *declared, const json_t *tests, json_t **ret_not_applicable)
{
	const struct editions e = editions_of(p->mapping, p->n_mappings);
	CLEANUP(free_json) json_t *known = evidence_known(declared, p->device.file, tests);
	json_t *declaration = declaration_build(declared, known, &e);

	*ret_not_applicable = applies_not(p->requirements, declared, declaration, known);
	return declaration;
}

/* Where it contradicts itself or what the bench saw. */
static json_t *findings_json(const struct plan *p, const json_t *tests, struct records *records)
{
	const struct editions e = editions_of(p->mapping, p->n_mappings);
	CLEANUP(free_json) json_t *declared = declared_all(p);
	CLEANUP(free_json) json_t *known = evidence_known(declared, p->device.file, tests);
	CLEANUP(free_json) json_t *declaration = declaration_build(declared, known, &e);

	return declaration_findings(&(struct contradict){ declared, declaration, known, &e, p->requirements, tests, records });
}

/* The tests that this run was to carry out. */
static json_t *planned(const struct plan *p, const json_t *run)
{
	json_t *out = json_object();

	for (size_t i = 0; i < p->n; i++)
		if (!p->test[i].skip && !p->test[i].not_tested && !judge_left_out(&p->test[i], run))
			json_object_set_new(out, p->test[i].id, json_true());
	return out;
}

/* Everything above the tests, of which some may become worse here. */
static void add_scores(const struct plan *p, json_t *out)
{
	CLEANUP(free_json) json_t *declared = declared_all(p);
	CLEANUP(free_json) json_t *not_applicable = NULL;
	CLEANUP(free_json) json_t *to_run = planned(p, json_object_get(out, "run"));
	json_t *tests = json_object_get(out, "tests");
	struct score_in in = { .requirements = p->requirements, .tests = tests, .planned = to_run, .rehearsal = p->profile.rehearsal,
			       .profile = p->profile.name };

	weigh_tests(p, out, &in);
	json_object_set_new(out, "declaration", declaration_json(p, declared, tests, &not_applicable));
	in.not_applicable = not_applicable;
	score(&in, out);
	json_object_set_new(out, "mappings", mappings_json(p, out));
	misjudge_lines(out);
}

json_t *judge_records(const struct plan *p, const json_t *run, struct records *records, const char *dir)
{
	json_t *tests = tests_json(p, run, records, dir), *out;

	out = json_pack("{s:s,s:{s:s,s:s},s:o,s:o,s:o,s:[],s:o}", "format", RESULT_FORMAT, "tool", "name", "jusan", "version",
			JUSAN_VERSION, "run", run_json(run, records), "bench", bench_json(p, records), "declared", device_identity(&p->device),
			"waivers", "tests", tests);
	json_object_set_new(out, "timeline", timeline_build(NULL, run, records));
	json_object_set_new(out, "findings", findings_json(p, tests, records));
	add_scores(p, out);
	return out;
}

/* ---- with files ---- */
static bool load_inputs(const char *dir, const char *profile, int unit, struct arena *a, struct plan *p, struct err *err)
{
	char path[4][FS_PATH], line[1600];
	static const char *const name[] = { "inputs/bench.yaml", "inputs/device.yaml", "inputs/suites", "inputs/profile.yaml" };
	struct plan_input in;

	for (int i = 0; i < 4; i++)
		if (!fs_join(path[i], dir, name[i], err))
			return false;
	in = (struct plan_input){ .bench = path[0], .device = path[1], .suites = path[2], .profile = profile ? profile : path[3],
				   .unit = unit };
	if (plan_load(a, &in, NULL, NULL, p, err))
		return true;
	err_line(err, line, sizeof(line));      /* its position points into the arena */
	return err_set(err, ERR_CONF, "its inputs do not load: %s", line);
}

static void free_records(struct records **r) { records_free(*r); }

bool judge_scores(const struct judge_above *o, json_t *verdicts, struct err *err)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(review_free) struct review review = { 0 };
	struct plan p = { 0 };

	if (!review_load(o->reviewed, json_object_get(verdicts, "run"), o->as_of, &review, err))
		return err_in(err, "%s", o->reviewed);
	if (!load_inputs(o->dir, NULL, 0, &a, &p, err))
		return false;
	p.review = &review;
	add_scores(&p, verdicts);
	plan_done(&p);
	return true;
}

bool judge_folder(const char *dir, const struct judge_options *o, json_t **ret, struct err *err)
{
	CLEANUP(free_json) json_t *run = NULL;
	CLEANUP(free_records) struct records *records = NULL;
	CLEANUP(review_free) struct review review = { 0 };
	json_t *out;
	struct arena a = { 0 };
	struct plan p = { 0 };
	CLEANUP(free_json) json_t *stamp = NULL;
	char path[FS_PATH];

	if (!fs_join(path, dir, "run.json", err) || !fs_read_json(path, RUN_MAX, &run, err))
		return err_in(err, "%s is no run folder", dir);
	if (json_object_get(run, "runs"))
		return err_set(err, ERR_CONF, "%s is a campaign: jusan campaign judges it, from its runs", dir);
	if (!records_read(dir, &records, err))
		return err_in(err, "%s: nothing is judged from a record that does not hold", dir);
	if (!review_load(dir, run, o ? o->as_of : NULL, &review, err))
		return err_in(err, "%s", dir);
	if (!load_inputs(dir, o ? o->profile : NULL, (int)json_integer_value(json_object_get(run, "unit")), &a, &p, err)) {
		arena_free(&a);
		return false;
	}
	p.review = &review;
	p.peers = o ? o->peers : NULL;
	p.stamp = stamp = stamp_of_run(dir, run);
	review_day(run, o ? o->as_of : NULL, p.stamp_day);
	out = judge_records(&p, run, records, dir);
	grade_files(out, dir);
	if (o && o->profile) {
		json_object_set_new(json_object_get(out, "run"), "profile", json_string(p.profile.name));
		json_object_set_new(json_object_get(out, "run"), "profile_sha256", json_string(p.profile.sha256));
		json_object_set_new(json_object_get(out, "run"), "rehearsal", json_boolean(p.profile.rehearsal));
	}
	json_object_del(out, "timeline");       /* that from the journal alone */
	json_object_set_new(out, "timeline", timeline_build(dir, run, records));
	json_object_set_new(json_object_get(out, "bench"), "drops", json_integer(timeline_drops(dir)));
	records = records_free(records);
	plan_done(&p);
	arena_free(&a);
	*ret = out;
	return true;
}

bool judge_run(const char *dir, const struct judge_options *o, struct err *err)
{
	CLEANUP(free_json) json_t *out = NULL;
	char path[FS_PATH];

	return judge_folder(dir, o, &out, err) && fs_join(path, dir, o && o->file ? o->file : "verdicts.json", err) &&
	       fs_write_json(path, out, err);
}
