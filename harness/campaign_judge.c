// SPDX-License-Identifier: Apache-2.0
// Which runs belong together, and the folder that says what came of them. What their units show together: campaign_merge.c.
#include "harness/campaign_judge.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/grade.h"
#include "harness/judge.h"
#include "harness/result.h"
#include "harness/seal.h"
#include "harness/version.h"

#define RUN_MAX ((size_t)4 << 20)

struct one { char dir[PATH_MAX]; json_t *run, *verdict; char seal[32], sha256[HASH_HEX]; };
struct together { struct one one[CAMPAIGN_RUNS]; size_t n; };

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void together_done(struct together *t)
{
	for (size_t i = 0; i < t->n; i++) {
		json_decref(t->one[i].run);
		json_decref(t->one[i].verdict);
	}
}

/* ---- one run ---- */
static void first_fault(enum seal_fault f, const char *what, void *data)
{
	char *text = data;

	(void)f;
	if (!text[0])
		snprintf(text, 256, "%s", what);
}

static bool intact(const char *name, const char *dir, struct err *err)
{
	struct seal_report r;
	char fault[256] = "";

	if (!seal_verify(dir, NULL, first_fault, fault, &r, err))
		return false;
	return !r.faults || err_set(err, ERR_BENCH, "%s is not intact: %s (jusan verify tells more)", name, fault);
}

static bool load_one(const char *name, struct one *o, struct err *err)
{
	char path[FS_PATH];

	if (!realpath(name, o->dir))
		return err_sys(err, "%s", name);
	if (!fs_join(path, o->dir, "run.json", err) || !fs_read_json(path, RUN_MAX, &o->run, err))
		return err_in(err, "%s is no run folder", name);
	if (json_object_get(o->run, "runs"))
		return err_set(err, ERR_CONF, "%s is a campaign itself; name its runs", name);
	return intact(name, o->dir, err) && seal_last(o->dir, o->seal, o->sha256, err);
}

/* ---- do they belong together? ---- */
static const char *shown(const json_t *v, char *buf, size_t n)
{
	if (json_is_string(v))
		snprintf(buf, n, "'%s'", json_string_value(v));
	else
		snprintf(buf, n, "nothing");
	return buf;
}

static bool alike(const struct one *a, const struct one *b, struct err *err)
{
	static const struct { const char *key, *what; } same[] = {
		{ "maker", "maker" }, { "product", "product" }, { "model", "model" }, { "hardware", "hardware" },
		{ "firmware", "firmware" }, { "firmware_sha256", "firmware image" }, { "profile", "profile" }, { "profile_sha256", "limits of the profile" },
		{ "device_sha256", "declaration (device.yaml)" }, { "suites", "suites" },
	};
	char x[80], y[80];

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		const json_t *p = json_object_get(a->run, same[i].key), *q = json_object_get(b->run, same[i].key);

		if ((!p && !q) || (p && q && json_equal(p, q)))
			continue;
		if (json_is_array(p) || json_is_array(q))
			return err_set(err, ERR_CONF, "%s and %s were run with different %s", text_of(a->run, "id"),
				       text_of(b->run, "id"), same[i].what);
		return err_set(err, ERR_CONF, "%s and %s are not of one campaign: %s %s and %s", text_of(a->run, "id"),
			       text_of(b->run, "id"), same[i].what, shown(p, x, sizeof(x)), shown(q, y, sizeof(y)));
	}
	return true;
}

static bool other_unit(const struct one *a, const struct one *b, struct err *err)
{
	json_int_t unit = json_integer_value(json_object_get(a->run, "unit"));

	if (unit != json_integer_value(json_object_get(b->run, "unit")))
		return true;
	return err_set(err, ERR_CONF, "%s and %s both tested unit %lld: a campaign takes one run of each unit", text_of(a->run, "id"),
		       text_of(b->run, "id"), (long long)unit);
}

static bool load_all(const char *const *runs, size_t n, struct together *t, struct err *err)
{
	if (n < 2)
		return err_set(err, ERR_CONF, "a campaign needs the runs of at least two units");
	if (n > CAMPAIGN_RUNS)
		return err_set(err, ERR_LIMIT, "more than %d runs", CAMPAIGN_RUNS);
	for (size_t i = 0; i < n; i++) {
		t->n = i + 1;
		if (!load_one(runs[i], &t->one[i], err))
			return false;
		for (size_t k = 0; k < i; k++)
			if (!alike(&t->one[k], &t->one[i], err) || !other_unit(&t->one[k], &t->one[i], err))
				return false;
	}
	return true;
}

static int by_unit(const void *a, const void *b)
{
	const struct one *x = a, *y = b;
	json_int_t p = json_integer_value(json_object_get(x->run, "unit")), q = json_integer_value(json_object_get(y->run, "unit"));

	return (p > q) - (p < q);
}

/* ---- run.json of the campaign ---- */
/* Beside the campaign: ../NAME, so that all of it can be moved; else where it is. */
static void folder_of(const char *out, const char *dir, char *buf, size_t n)
{
	const char *a = strrchr(out, '/'), *b = strrchr(dir, '/');

	if (a && b && a - out == b - dir && !strncmp(out, dir, (size_t)(a - out)))
		snprintf(buf, n, "../%s", b + 1);
	else
		snprintf(buf, n, "%s", dir);
}

static json_t *runs_json(const struct together *t, const char *out)
{
	static const char *const copied[] = { "unit", "serial", "mac", "bench", "bench_kind", "machine", "seed", "repeat",
					      "campaign", "started", "ended", "state", "host", NULL };
	json_t *list = json_array();

	for (size_t i = 0; i < t->n; i++) {
		const struct one *o = &t->one[i];
		char folder[PATH_MAX + 8];
		json_t *r;

		folder_of(out, o->dir, folder, sizeof(folder));
		r = json_pack("{s:s,s:s,s:{s:s,s:s}}", "run", text_of(o->run, "id"), "folder", folder, "seal",
			      "file", o->seal, "sha256", o->sha256);
		for (const char *const *k = copied; *k; k++)
			if (json_object_get(o->run, *k))
				json_object_set(r, *k, json_object_get(o->run, *k));
		json_array_append_new(list, r);
	}
	return list;
}

/* The earliest begin, the latest end, and "partial" as soon as one of them is. */
static void add_span(json_t *run, const struct together *t)
{
	const char *from = text_of(t->one[0].run, "started"), *to = text_of(t->one[0].run, "ended"), *state = "complete";

	for (size_t i = 0; i < t->n; i++) {
		const char *a = text_of(t->one[i].run, "started"), *b = text_of(t->one[i].run, "ended");

		from = strcmp(a, from) < 0 ? a : from;
		to = strcmp(b, to) > 0 ? b : to;
		if (strcmp(text_of(json_object_get(t->one[i].verdict, "run"), "state"), "complete"))
			state = "partial";
	}
	json_object_set_new(run, "started", json_string(from));
	json_object_set_new(run, "ended", json_string(to));
	json_object_set_new(run, "state", json_string(state));
}

static json_t *campaign_json(const struct together *t, const char *out)
{
	static const char *const own[] = { "unit", "serial", "mac", "bench", "bench_kind", "bench_sha256", "machine", "seed", "host",
					   "repeat", "campaign", "waited_ns", "boots", "boots_ns", "only", "wall_offset_ns", "begin_ns",
					   "end_ns", NULL };
	json_t *run = json_deep_copy(t->one[0].run);

	for (const char *const *k = own; *k; k++)
		json_object_del(run, *k);
	json_object_set_new(run, "id", json_string(strrchr(out, '/') + 1));
	json_object_set_new(run, "tool", json_string(JUSAN_VERSION));
	json_object_set_new(run, "bench", json_sprintf("%zu units", t->n));
	json_object_set_new(run, "notes", json_array());
	json_object_set_new(run, "runs", runs_json(t, out));
	add_span(run, t);
	return run;
}

/* ---- judging ---- */
/* Each alone, then each with what the others showed. */
static bool judge_units(struct together *t, const char *as_of, struct err *err)
{
	json_t *alone[CAMPAIGN_RUNS] = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < t->n; i++)
		ok = judge_folder(t->one[i].dir, &(struct judge_options){ .as_of = as_of }, &alone[i], err);
	for (size_t i = 0; ok && i < t->n; i++) {
		CLEANUP(free_json) json_t *peers = campaign_peers(alone, t->n, i);
		const struct judge_options o = { .peers = peers, .as_of = as_of };

		ok = judge_folder(t->one[i].dir, &o, &t->one[i].verdict, err);
	}
	for (size_t i = 0; i < t->n; i++)
		json_decref(alone[i]);
	return ok;
}

static json_t *bench_json(const struct together *t)
{
	json_t *lines = json_array(), *l;
	json_int_t drops = 0;
	size_t k;

	for (size_t i = 0; i < t->n; i++) {
		const json_t *b = json_object_get(t->one[i].verdict, "bench");
		long long unit = json_integer_value(json_object_get(t->one[i].run, "unit"));

		drops += json_integer_value(json_object_get(b, "drops"));
		json_array_foreach(json_object_get(b, "lines"), k, l) {
			json_t *copy = json_deep_copy(l);

			json_object_set_new(copy, "name", json_sprintf("unit %lld: %s", unit, text_of(l, "name")));
			json_array_append_new(lines, copy);
		}
	}
	return json_pack("{s:o,s:I}", "lines", lines, "drops", drops);
}

static bool write_verdicts(const struct together *t, const char *out, const json_t *run, const char *as_of, struct err *err)
{
	CLEANUP(free_json) json_t *v = NULL;
	json_t *verdict[CAMPAIGN_RUNS];
	char path[FS_PATH];

	for (size_t i = 0; i < t->n; i++)
		verdict[i] = t->one[i].verdict;
	v = json_pack("{s:s,s:{s:s,s:s},s:O,s:o,s:O,s:[],s:o,s:o,s:{s:i,s:i,s:[]}}", "format", RESULT_FORMAT, "tool", "name", "jusan", "version",
		      JUSAN_VERSION, "run", run, "bench", bench_json(t), "declared", json_object_get(verdict[0], "declared"), "waivers",
		      "tests", campaign_tests(run, verdict, t->n), "findings", campaign_findings(verdict, t->n), "timeline", "begin_ns", 0, "end_ns", 0, "lanes");
	if (!judge_scores(&(struct judge_above){ .dir = t->one[0].dir, .reviewed = out, .as_of = as_of }, v, err))
		return false;
	grade_units(v);
	return fs_join(path, out, "verdicts.json", err) && fs_write_json(path, v, err);
}

/* ---- the folder ---- */
static bool make_folder(const char *out, char ret[static PATH_MAX], json_t **ret_before, struct err *err)
{
	if (!fs_mkdirs(out, err))
		return false;
	if (!realpath(out, ret))
		return err_sys(err, "%s", out);
	*ret_before = campaign_run(ret);
	if (*ret_before || (rmdir(ret) == 0 && fs_mkdirs(ret, err)))
		return true;
	return err_set(err, ERR_CONF, "%s holds something else already; name another folder for the campaign", out);
}

bool campaign_judge(const char *out, const char *const *runs, size_t n, const char *as_of, struct err *err)
{
	struct together *t = calloc(1, sizeof(*t));
	CLEANUP(free_json) json_t *before = NULL;
	CLEANUP(free_json) json_t *run = NULL;
	char dir[PATH_MAX], path[FS_PATH];
	bool ok;

	if (!t)
		return err_set(err, ERR_OS, "out of memory");
	ok = load_all(runs, n, t, err);
	if (ok)
		qsort(t->one, t->n, sizeof(t->one[0]), by_unit);
	ok = ok && judge_units(t, as_of, err) && make_folder(out, dir, &before, err);
	if (ok) {
		run = campaign_json(t, dir);
		ok = fs_join(path, dir, "run.json", err) && fs_write_json(path, run, err) &&
		     ((before && json_equal(before, run)) || seal_write(dir, err)) && write_verdicts(t, dir, run, as_of, err);
	}
	together_done(t);
	free(t);
	return ok;
}

json_t *campaign_run(const char *dir)
{
	char path[FS_PATH];
	struct err none = { 0 };
	json_t *run = NULL;

	if (!fs_join(path, dir, "run.json", &none) || !fs_read_json(path, RUN_MAX, &run, &none))
		return NULL;
	if (json_is_array(json_object_get(run, "runs")))
		return run;
	json_decref(run);
	return NULL;
}
