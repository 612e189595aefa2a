// SPDX-License-Identifier: Apache-2.0
/* The shipped mappings, against the figures that are known of each scheme. */
#include "harness/mapping.h"

#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/test.h"
#include "harness/plan.h"

static struct arena arena;
static struct plan plan;

static const struct mapping *shipped(const char *id)
{
	struct err err = { 0 };

	if (!plan.n)
		ck_assert_msg(plan_load(&arena, &(struct plan_input){ .suites = "suites" }, NULL, NULL, &plan, &err), "%s", err.text);
	for (size_t i = 0; i < plan.n_mappings; i++)
		if (!strcmp(plan.mapping[i].id, id))
			return &plan.mapping[i];
	ck_abort_msg("no mapping %s", id);
	return NULL;
}

static bool is(const char *text, const char *word) { return text && !strcmp(text, word); }

static size_t listed(const char *const *ids)
{
	size_t n = 0;

	while (ids[n])
		n++;
	return n;
}

/* scheme, lines, mandatory, recommendations, conceptual, functional, combined, unverified, conditions, features, basis */
static const struct { const char *id; size_t n, m, r, con, fun, com, unverified, conditions, features; const char *basis; } row[] = {
	{ "en303645-v2.1.1", 68, 33, 35, 0, 0, 0, 0, 13, 0, NULL },
	{ "en303645-v3.1.3", 78, 36, 42, 0, 0, 0, 0, 5, 27, NULL },
	{ "ts103701-v1.1.1", 109, 0, 0, 62, 46, 1, 0, 0, 0, "en303645-v2.1.1" },
	{ "ts103701-v2.1.1", 131, 0, 0, 72, 58, 1, 0, 0, 0, "en303645-v3.1.3" },
	{ "jcstar-1", 16, 0, 0, 0, 0, 0, 11, 0, 0, "en303645-v2.1.1" },
	{ "psti", 3, 0, 0, 0, 0, 0, 1, 0, 0, "en303645-v2.1.1" },
	{ "nistir8425", 10, 0, 0, 0, 0, 0, 10, 0, 0, NULL },
};

START_TEST(figures)
{
	const struct mapping *m = shipped(row[_i].id);
	size_t mandatory = 0, recommended = 0, con = 0, fun = 0, com = 0, unverified = 0;

	for (size_t i = 0; i < m->n; i++) {
		mandatory += is(m->line[i].force, "M");
		recommended += is(m->line[i].force, "R");
		con += is(m->line[i].kind, "conceptual");
		fun += is(m->line[i].kind, "functional");
		com += is(m->line[i].kind, "combined");
		unverified += !m->line[i].verified;
		ck_assert_msg(row[_i].con == 0 || m->line[i].of, "%s belongs to no provision", m->line[i].id);
	}
	ck_assert_uint_eq(m->n, row[_i].n);
	ck_assert_uint_eq(mandatory, row[_i].m);
	ck_assert_uint_eq(recommended, row[_i].r);
	ck_assert_uint_eq(con, row[_i].con);
	ck_assert_uint_eq(fun, row[_i].fun);
	ck_assert_uint_eq(com, row[_i].com);
	ck_assert_uint_eq(unverified, row[_i].unverified);
	ck_assert_uint_eq(m->n_conditions, row[_i].conditions);
	ck_assert_uint_eq(m->n_features, row[_i].features);
	ck_assert(row[_i].basis ? m->basis && is(m->basis->id, row[_i].basis) : !m->basis);
	ck_assert_uint_eq(plan.n_mappings, ROWS(row));
}
END_TEST

/* Single lines: scheme, line, and what must stand there. */
static const struct { const char *id, *line, *force, *condition, *feature, *requirement, *nearest, *inherits, *test; } one[] = {
	{ "en303645-v2.1.1", "5.1-1", "M", "1", NULL, "G1.1", "G1.2", NULL, NULL },
	{ "en303645-v2.1.1", "5.1-5", "M", "5", NULL, "G1.4", NULL, NULL, "BT1-05" },
	{ "en303645-v2.1.1", "5.3-6", "R", "9", NULL, "G3.20", NULL, NULL, "BT3-07" },
	{ "en303645-v2.1.1", "5.3-10", "M", "11", NULL, "G3.11", NULL, NULL, "BT3-01" },
	{ "en303645-v2.1.1", "5.3-16", "M", NULL, NULL, NULL, NULL, NULL, "BT3-10" },
	{ "en303645-v2.1.1", "5.5-6", "R", NULL, NULL, "G5.1", NULL, "5.5-1", NULL },
	{ "en303645-v2.1.1", "5.5-7", "M", NULL, NULL, "G5.1", NULL, "5.5-1", NULL },
	{ "en303645-v2.1.1", "5.8-1", "R", NULL, NULL, "G8.6", NULL, "5.5-1", "BT8-02" },
	{ "en303645-v2.1.1", "5.8-2", "M", NULL, NULL, "G8.6", NULL, "5.5-1", "BT8-02" },
	{ "en303645-v2.1.1", "5.9-1", "R", NULL, NULL, "G3.27", "G3.25", NULL, NULL },
	{ "en303645-v3.1.3", "5.0-1", "M", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "en303645-v3.1.3", "5.1-2A", "R", NULL, NULL, "G1.4", NULL, NULL, NULL },
	{ "en303645-v3.1.3", "5.1-5", "M", "14", "e", "G1.4", NULL, NULL, "BT1-05" },
	{ "en303645-v3.1.3", "5.3-6B", "R", NULL, "i", "G3.20", NULL, NULL, NULL },
	{ "en303645-v3.1.3", "5.5-7", "M", NULL, "o", "G5.1", NULL, "5.5-1", NULL },
	{ "en303645-v3.1.3", "5.5-8", "M", "16", NULL, "G5.4", NULL, NULL, NULL },
	{ "en303645-v3.1.3", "6-7", "R", NULL, "aa", NULL, NULL, NULL, NULL },
	{ "ts103701-v1.1.1", "5.8-1-2", NULL, NULL, NULL, NULL, NULL, "5.5-1-2", "BT8-02" },
};

static bool first_is(const char *const *ids, const char *want)
{
	return want ? ids[0] && !strcmp(ids[0], want) : !ids[0];
}

START_TEST(lines)
{
	const struct mapping_line *l = mapping_line(shipped(one[_i].id), one[_i].line);

	ck_assert_msg(l != NULL, "%s has no %s", one[_i].id, one[_i].line);
	ck_assert(one[_i].force ? is(l->force, one[_i].force) : !l->force);
	ck_assert(first_is(l->conditions, one[_i].condition) && first_is(l->features, one[_i].feature));
	ck_assert(first_is(l->requirements, one[_i].requirement) && first_is(l->nearest, one[_i].nearest));
	ck_assert(first_is(l->inherits, one[_i].inherits) && first_is(l->tests, one[_i].test));
}
END_TEST

/* What is shared by both editions has the same force; every topic and remark is in both languages (the loader sees to it). */
START_TEST(editions)
{
	const struct mapping *old = shipped("en303645-v2.1.1"), *new = shipped("en303645-v3.1.3");
	size_t same = 0;

	for (size_t i = 0; i < old->n; i++) {
		const struct mapping_line *l = mapping_line(new, old->line[i].id);

		if (!l)
			continue;
		same++;
		ck_assert_msg(is(l->force, old->line[i].force), "%s", l->id);
		ck_assert_msg(listed(l->requirements) == listed(old->line[i].requirements), "%s", l->id);
	}
	ck_assert_uint_eq(same, 61);    /* 4-1, 5.3-4, 5.3-6, 5.3-15, 5.6-4, 5.13-1 and 6-3 have other names now */
}
END_TEST

TEST_MAIN({ "figures", figures, ROWS(row) }, { "lines", lines, ROWS(one) }, { "editions", editions, 1 })
