// SPDX-License-Identifier: Apache-2.0
// The tables of the standard hold together, and hold what was counted in public copies.
#include "harness/standard.h"

#include <stdlib.h>
#include <string.h>

#include "harness/test_editions.h"

/* The lines themselves are counted in mapping_test.c. */
START_TEST(every_line_has_a_status)
{
	static const struct { int e; const char *id, *want; } some[] = {
		{ EDITION_2, "4-1", "M" }, { EDITION_2, "5.3-14", "R C(3, 4)" }, { EDITION_3, "5.1-5", "M C(14) F(e)" }, { EDITION_3, "6-7", "R F(aa)" },
	};
	char buf[40];

	for (int i = 0; i < ROWS(some); i++) {
		const struct mapping_line *l = mapping_line(test_editions()->of[some[i].e], some[i].id);

		ck_assert_ptr_nonnull(l);
		ck_assert_str_eq(mapping_status(l, buf, sizeof(buf)), some[i].want);
		ck_assert(ics_recommended(l) == (some[i].want[0] == 'R'));
		ck_assert(ics_conditional(l) == (some[i].want[1] != '\0'));
		ck_assert((ics_term(l, 0) != NULL) == ics_conditional(l));
	}
	ck_assert(ics_depends(mapping_line(test_editions()->of[0], "5.3-14"), "4") && !ics_depends(mapping_line(test_editions()->of[0], "5.3-14"), "5"));
}
END_TEST

static bool known(const struct edition_term *term, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(term[i].term->name, id))
			return true;
	return false;
}

START_TEST(rules_are_of_terms_there_are)
{
	struct edition_term condition[TERMS_MAX], feature[TERMS_MAX];
	size_t conditions = editions_terms(test_editions(), false, condition, TERMS_MAX), features = editions_terms(test_editions(), true, feature, TERMS_MAX);

	ck_assert_uint_eq(conditions, 16);
	ck_assert_uint_eq(features, 27);
	for (const struct term_rule *t = term_rules; t->id; t++) {
		const struct term_look *look[] = { &t->look, &t->also };

		ck_assert_msg(known(condition, conditions, t->id) || known(feature, features, t->id), "%s", t->id);
		if (t->opposite)
			ck_assert_str_eq(term_rule_find(t->opposite)->opposite, t->id);
		for (int i = 0; i < 2; i++)
			if (look[i]->field)
				ck_assert_msg(ixit_field_find(&ixit_table[look[i]->table - 1], look[i]->field) != NULL, "%s: %s", t->id, look[i]->field);
		if (t->table2)
			ck_assert(ixit_field_find(&ixit_table[t->table2 - 1], t->look.field) != NULL);
	}
	ck_assert_ptr_null(term_rule_find("14"));
}
END_TEST

static bool has_field(const char *table, enum edition e, const char *field)
{
	const struct ixit_field *f = ixit_field_find(ixit_find(table), field);

	return f && f->name[e] && !strcmp(f->name[e], field);
}

START_TEST(tables_have_their_names)
{
	for (unsigned i = 0; i < IXIT_TABLES; i++) {
		const struct ixit_table *t = &ixit_table[i];

		ck_assert_uint_eq(t->number, i + 1);
		ck_assert_ptr_eq(ixit_find(t->name[0]), t);
		ck_assert_ptr_eq(ixit_find(t->name[1]), t);
		ck_assert(t->fields->name[0] || t->fields->name[1]);
	}
	ck_assert_ptr_null(ixit_find("Authmech"));
	ck_assert(has_field("SecComMech", EDITION_3, "Interface") && !has_field("SecComMech", EDITION_2, "Interface"));
	ck_assert(has_field("ComMech", EDITION_2, "Resilience Measures") && !has_field("ComMech", EDITION_3, "Resilience Measures"));
	ck_assert(has_field("ExtAPI", EDITION_3, "Disclosed Information") && has_field("Intf", EDITION_2, "Disclosed Information"));
	ck_assert(!has_field("Intf", EDITION_3, "Disclosed Information"));
	ck_assert_ptr_nonnull(ixit_field_find(ixit_find("PersData"), "Sensitive (Yes/No)"));
	ck_assert_ptr_null(ixit_field_find(ixit_find("PersData"), "Sensitive?"));
}
END_TEST

TEST_MAIN({ "lines", every_line_has_a_status, 1 }, { "rules", rules_are_of_terms_there_are, 1 }, { "tables", tables_have_their_names, 1 })
