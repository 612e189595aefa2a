// SPDX-License-Identifier: Apache-2.0
/* Losing evidence never makes anything better: not a test, not a requirement, not the low end of a score, not the gate. Over
 * journals as runs write them (fake_run.h) with mishaps of every kind, and over one that a real run wrote. */
#include <stdio.h>
#include <string.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/fake_run.h"
#include "harness/identity.h"
#include "harness/journal.h"
#include "harness/judge.h"
#include "harness/result.h"
#include "harness/stamp.h"

#define REAL "fixtures/golden/real"

/* ---- what is judged ---- */
static struct arena arena;
static struct plan plan;

static void load(const char *profile)
{
	struct plan_input in = { .bench = "fixtures/benches/process.yaml", .device = "fixtures/device/device.yaml", .suites = "suites",
				 .profile = profile };
	struct err err = { 0 };

	ck_assert_msg(plan_load(&arena, &in, NULL, NULL, &plan, &err), "%s", err.text);
	plan.profile.rehearsal = false;         /* or no gate would ever open */
}

static void unload(void)
{
	plan_done(&plan);
	arena_free(&arena);
}

static void collect(void *data, json_t *rec)
{
	json_array_append_new(data, rec);
}

/* The first n of these tests, and requirements that only they decide: so that the gate can open. */
static struct plan few(const struct test *test, size_t n)
{
	struct plan p = plan;
	json_t *reqs = json_array();

	p.test = test;
	p.n = n;
	p.n_mappings = 0;                       /* other schemes are another test's (mapping_project_test.c) */
	for (size_t i = 0; i < n; i++)
		json_array_append_new(reqs, json_pack("{s:o,s:s,s:s,s:s}", "id", json_sprintf("%s.1", test[i].id), "guideline", "G1", "force",
						      i % 3 == 2 ? "should" : "shall", "class", "a"));
	p.requirements = json_pack("{s:[{s:s}],s:o}", "guidelines", "id", "G1", "requirements", reqs);
	return p;
}

static json_t *judged(const struct plan *p, const json_t *list)
{
	json_t *run = json_pack("{s:s,s:i,s:i}", "id", "r", "seed", FAKE_SEED, "unit", 1), *out;
	struct records *r = records_of(list);

	out = judge_records(p, run, r, "dir");
	records_free(r);
	json_decref(run);
	return out;
}

/* ---- better ---- */
static bool good(const json_t *o)
{
	const char *v = json_string_value(json_object_get(o, "verdict"));

	return !strcmp(v, "PASS") || !strcmp(v, "NOT_APPLICABLE") || !strcmp(v, "MET");
}

static json_int_t low(const json_t *g)
{
	return json_integer_value(json_object_get(json_object_get(g, "score"), "low"));
}

static void check_list(const json_t *whole, const json_t *less, const char *key, const char *what)
{
	const json_t *a = json_object_get(whole, key), *b = json_object_get(less, key);

	ck_assert_uint_eq(json_array_size(a), json_array_size(b));
	for (size_t i = 0; i < json_array_size(a); i++) {
		const json_t *x = json_array_get(a, i), *y = json_array_get(b, i);

		ck_assert_msg(good(x) || !good(y), "%s: %s was %s (%s) and becomes %s", what, json_string_value(json_object_get(x, "id")),
			      json_string_value(json_object_get(x, "verdict")), json_string_value(json_object_get(x, "why")),
			      json_string_value(json_object_get(y, "verdict")));
		ck_assert_msg(low(y) <= low(x), "%s: the low end of %s rises", what, json_string_value(json_object_get(x, "id")));
	}
}

static void check_not_better(const json_t *whole, const json_t *less, const char *what)
{
	check_list(whole, less, "tests", what);
	check_list(whole, less, "requirements", what);
	check_list(whole, less, "guidelines", what);
	ck_assert_msg(good(json_object_get(whole, "gate")) || !good(json_object_get(less, "gate")), "%s: the gate opens", what);
}

/* ---- losing something ---- */
/* Numbers and links are made new, as somebody would who wants it not to be seen. */
static json_t *without(const json_t *list, size_t from, size_t n)
{
	json_t *out = json_array(), *rec;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)list, i, rec) {
		json_t *copy;

		if (i >= from && i < from + n)
			continue;
		copy = json_copy(rec);
		json_object_set_new(copy, "n", json_integer((json_int_t)json_array_size(out) + 1));
		json_array_append_new(out, copy);
	}
	return out;
}

static void try_without(const struct plan *p, const json_t *list, const json_t *whole, size_t from, size_t n)
{
	json_t *rest = without(list, from, n), *less = judged(p, rest);
	char what[320], *text = json_dumps(json_array_get(list, from), JSON_COMPACT);

	snprintf(what, sizeof(what), n > 1 ? "cut before record %zu" : "without record %zu %.250s", from + 1, text ? text : "");
	check_not_better(whole, less, what);
	free(text);
	json_decref(rest);
	json_decref(less);
}

/* ---- runs by chance ---- */
static struct fake_run moody(struct rng *r, json_t *list)
{
	struct fake_run f = { .plan = &plan, .put = collect, .data = list, .looks = 1 + (int)rng_below(r, 2), .inner = (int)rng_below(r, 2) };
	int *chance[] = { &f.flip, &f.silent, &f.hole, &f.error, &f.dead, &f.crash };

	if (rng_below(r, 3))                    /* one thing goes wrong, or two, or nothing */
		*chance[rng_below(r, 6)] = (int)rng_below(r, 200);
	if (rng_below(r, 2))
		f.flip = 90;
	f.crash /= 8;
	f.rng = *r;
	return f;
}

static bool small(const struct test *t)
{
	struct rep *rep;
	struct err err = { 0 };
	size_t n;

	if (t->skip || t->not_tested || !reps_make(t, FAKE_SEED, 1, &rep, &n, &err))
		return false;
	reps_free(rep, n);
	return n <= 3;
}

static size_t small_tests(struct test *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < plan.n && n < max; i++)
		if (small(&plan.test[i]))
			out[n++] = plan.test[i];
	return n;
}

static const char *decides[64][2];

/* Three tests one after the other, a requirement each, one of them declared not applicable now and then. */
static void one_run(struct rng *r, const struct test *all, size_t n_all, int losses, int got[VERDICT_COUNT], int *opened)
{
	struct test test[3];
	struct plan p;
	struct fake_run f;
	json_t *list = json_array(), *whole, *declared = json_object();
	size_t n;

	for (size_t i = 0; i < 3; i++) {
		size_t at = (rng_below(r, n_all / 3) + i * (n_all / 3)) % n_all;

		test[i] = all[at];
		test[i].decides = decides[at];
	}
	p = few(test, 3);
	for (size_t i = 0; i < 3; i++)
		json_object_set_new(json_array_get(json_object_get(p.requirements, "requirements"), i), "id",
				    json_string(test[i].decides[0]));
	if (rng_below(r, 3) == 0)
		json_object_set_new(declared, test[0].decides[0], json_pack("{s:s,s:s}", "why", "has none", "evidence", "doc 1"));
	p.device.json = json_copy(plan.device.json);
	json_object_set_new(p.device.json, "not_applicable", declared);
	f = moody(r, list);
	fake_open(&f);
	for (size_t i = 0; i < 3; i++)
		fake_test(&f, &test[i]);
	fake_close(&f);
	*r = f.rng;
	whole = judged(&p, list);
	for (size_t i = 0; i < 3; i++) {
		enum verdict v = VERDICT_NOT_TESTED;

		(void)!verdict_parse(json_string_value(json_object_get(json_array_get(json_object_get(whole, "tests"), i), "verdict")), &v);
		got[v]++;
	}
	*opened += good(json_object_get(whole, "gate"));
	n = json_array_size(list);
	for (int i = 0; i < losses; i++) {
		size_t at = rng_below(r, n);

		try_without(&p, list, whole, at, i % 4 ? 1 : n - at);
	}
	json_decref(whole);
	json_decref(list);
	json_decref(p.requirements);
	json_decref(p.device.json);
}

START_TEST(chance)
{
	struct test all[64];
	size_t n;
	int got[VERDICT_COUNT] = { 0 }, opened = 0;
	struct rng r;

	load("suites/profiles/quick.yaml");
	n = small_tests(all, 64);
	ck_assert_uint_ge(n, 9);
	for (size_t i = 0; i < n; i++)
		decides[i][0] = all[i].decides[0] ? all[i].decides[0] : all[i].id;
	rng_init(&r, (uint64_t)_i, "judge properties");
	for (int round = 0; round < 45; round++)
		one_run(&r, all, n, 12, got, &opened);
	/* a generator that only ever makes one kind of run would prove nothing */
	ck_assert_msg(got[VERDICT_PASS] > 10 && got[VERDICT_FAIL] > 2 && got[VERDICT_INCONCLUSIVE] > 5 && opened > 0,
		      "%d PASS, %d FAIL, %d INCONCLUSIVE, %d gates open", got[VERDICT_PASS], got[VERDICT_FAIL], got[VERDICT_INCONCLUSIVE], opened);
	unload();
}
END_TEST

/* ---- a run that was: killed in its third test, resumed, all of it good ---- */
static struct plan recorded_run(struct test test[static 4], json_t **ret_list)
{
	static const char *const id[] = { "BT1-01", "BT4-02", "BT6-01", "BT7-01" };
	struct err err = { 0 };
	struct plan p;

	load("suites/profiles/quick.yaml");
	for (int i = 0; i < 4; i++) {
		ck_assert_ptr_nonnull(plan_test(&plan, id[i]));
		test[i] = *plan_test(&plan, id[i]);
		decides[i][0] = id[i];
		test[i].decides = decides[i];
	}
	p = few(test, 4);
	for (size_t i = 0; i < 4; i++)
		json_object_set_new(json_array_get(json_object_get(p.requirements, "requirements"), i), "id", json_string(id[i]));
	ck_assert_msg(journal_read(REAL, ret_list, &err), "%s", err.text);
	return p;
}

static size_t good_ones(const json_t *verdicts)
{
	size_t n = 0;

	for (size_t i = 0; i < 4; i++)
		n += good(json_array_get(json_object_get(verdicts, "tests"), i));
	return n;
}

START_TEST(recorded)
{
	struct test test[4];
	json_t *list, *whole;
	struct plan p = recorded_run(test, &list);
	size_t n;
	struct rng r;

	whole = judged(&p, list);
	ck_assert_uint_ge(good_ones(whole), 3);        /* of a device that does what it must */
	n = json_array_size(list);
	rng_init(&r, 1, "recorded");
	for (int i = 0; i < 120; i++) {
		size_t at = rng_below(&r, n);

		try_without(&p, list, whole, at, i % 4 ? 1 : n - at);
	}
	json_decref(whole);
	json_decref(list);
	json_decref(p.requirements);
	unload();
}
END_TEST

/* ---- the same run, as if its bench were a real one ---- */
static json_t *full_stamp(const struct bench *b)
{
	json_t *lines = json_object();
	char hex[HASH_HEX];

	for (size_t i = 0; i < b->n; i++) {
		identity_hash(b, b->line[i].name, hex);
		json_object_set_new(lines, b->line[i].name, json_pack("{s:b,s:s,s:s,s:s}", "ok", 1, "sha256", hex, "made",
				    "2026-11-01T00:00:00Z", "valid_until", "2026-12-01T00:00:00Z"));
	}
	return json_pack("{s:s,s:o}", "format", STAMP_FORMAT, "lines", lines);
}

static void spoil(json_t *stamp, const char *line, int how)
{
	json_t *lines = json_object_get(stamp, "lines"), *of = json_object_get(lines, line);

	switch (how) {
	case 0: json_object_del(lines, line); break;
	case 1: json_object_set_new(of, "ok", json_false()); break;
	case 2: json_object_del(of, "ok"); break;
	case 3: json_object_set_new(of, "sha256", json_string("0")); break;
	case 4: json_object_set_new(of, "valid_until", json_string("2026-11-09T23:59:59Z")); break;
	case 5: json_object_set_new(of, "made", json_string("2026-11-11T00:00:00Z")); break;
	default: json_object_clear(stamp);
	}
}

START_TEST(stamps)
{
	struct test test[4];
	json_t *list, *whole, *full, *none;
	struct plan p = recorded_run(test, &list);
	struct rng r;

	full = judged(&p, list);
	p.bench.is_virtual = false;
	none = judged(&p, list);
	ck_assert_uint_eq(good_ones(none), 0);  /* every test uses some line */
	check_not_better(full, none, "no stamp");
	p.stamp = whole = full_stamp(&p.bench);
	memcpy(p.stamp_day, "2026-11-10", sizeof(p.stamp_day));
	json_decref(none);
	none = judged(&p, list);
	ck_assert_uint_eq(good_ones(none), good_ones(full));
	rng_init(&r, 1, "stamps");
	for (int i = 0; i < 60; i++) {
		json_t *less = json_deep_copy(whole), *v;

		spoil(less, p.bench.line[rng_below(&r, p.bench.n)].name, i % 7);
		p.stamp = less;
		v = judged(&p, list);
		check_not_better(full, v, "a stamp that is less");
		json_decref(v);
		json_decref(less);
	}
	json_decref(full);
	json_decref(none);
	json_decref(whole);
	json_decref(list);
	json_decref(p.requirements);
	unload();
}
END_TEST

TEST_MAIN({ "chance", chance, 4 }, { "recorded", recorded, 1 }, { "stamps", stamps, 1 })
