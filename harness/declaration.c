// SPDX-License-Identifier: Apache-2.0
// Is a condition of the standard true of this product? From IXIT tables where they tell, else from what is declared.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/claim.h"
#include "harness/declare.h"

struct answer { enum truth truth; char evidence[112], from[200]; };

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- tables ---- */
static const json_t *table_of(const json_t *declared, unsigned number)
{
	char key[8];

	snprintf(key, sizeof(key), "%u", number);
	return json_object_get(json_object_get(json_object_get(declared, "ixit"), "tables"), key);
}

static bool has_row(const json_t *table, const char *id)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(table, "rows"), i, row)
		if (!strcmp(text_of(row, "ID"), id))
			return true;
	return false;
}

bool evidence_exists(const json_t *declared, const json_t *known, const char *id)
{
	unsigned number;
	char rest[80] = "";

	if (json_object_get(known, id))
		return true;
	if (sscanf(id, "IXIT-%2u/%79s", &number, rest) == 2)
		return has_row(table_of(declared, number), rest);
	if (sscanf(id, "IXIT-%2u%1s", &number, rest) == 1)
		return table_of(declared, number) != NULL;
	for (number = 1; number <= IXIT_TABLES; number++)
		if (has_row(table_of(declared, number), id))
			return true;
	return false;
}

/* ---- cells ---- */
static const json_t *cell_of(const json_t *row, unsigned table, const char *field)
{
	const struct ixit_field *f = ixit_field_find(&ixit_table[table - 1], field);
	const json_t *c = f && f->name[0] ? json_object_get(row, f->name[0]) : NULL;

	return c || !f || !f->name[1] ? c : json_object_get(row, f->name[1]);
}

static bool begins(const char *text, const char *const *words, size_t *ret_n)
{
	for (; *words; words++)
		if (!strncasecmp(text, *words, strlen(*words))) {
			*ret_n = strlen(*words);
			return true;
		}
	return false;
}

/* Does the cell say that there is something? "N/A", "None." and "no (log only)" say no; "No password is stored" may mean
 * anything and is left to a person. */
static enum truth says(const char *text)
{
	static const char *const plain[] = { "n/a", "not applicable", "該当なし", "非該当", NULL };
	static const char *const word[] = { "none", "nothing", "nil", "no", "-", "なし", "無し", "いいえ", NULL };
	static const char *const stop[] = { ".", ",", ":", ";", "(", "\n", "\r", " (", " -", "。", "、", "（", "：", NULL };
	size_t n, stopped;

	text += strspn(text, " \t\r\n");
	if (begins(text, plain, &n))
		return TRUTH_FALSE;
	if (!begins(text, word, &n))
		return TRUTH_TRUE;
	if (!text[n] || begins(text + n, stop, &stopped))
		return TRUTH_FALSE;
	return isalnum((unsigned char)text[n]) && isalnum((unsigned char)text[n - 1]) ? TRUTH_TRUE : TRUTH_UNKNOWN;     /* "notice" */
}

static bool is_letter(char c)
{
	return isalnum((unsigned char)c);
}

/* One of "a|b" as a word of its own, or with a plural s; without regard to case. */
static bool holds_word(const char *text, const char *words)
{
	char word[64];

	while (*words) {
		size_t n = strcspn(words, "|");

		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		for (const char *p = text; (p = strcasestr(p, word)) != NULL; p++) {
			const char *end = p + n + (p[n] == 's');

			if (!is_letter(word[0]) || ((p == text || !is_letter(p[-1])) && !is_letter(*end)))
				return true;
		}
		words += n + (words[n] == '|');
	}
	return false;
}

static enum truth look_cell(const struct term_look *l, const json_t *row)
{
	const json_t *c = cell_of(row, l->table, l->field);
	const char *text = json_string_value(c);

	if (json_is_array(c))
		return l->look == LOOK_SAYS && json_array_size(c) ? TRUTH_TRUE : TRUTH_UNKNOWN;
	if (!text || !text[strspn(text, " \t\r\n")])
		return TRUTH_UNKNOWN;
	if (l->look == LOOK_SAYS)
		return says(text);
	if (l->look == LOOK_YES)                /* its shape: yes or no comes first */
		return strncasecmp(text, "yes", 3) ? TRUTH_FALSE : TRUTH_TRUE;
	if (holds_word(text, l->words))
		return says(text) == TRUTH_TRUE ? TRUTH_TRUE : TRUTH_UNKNOWN;
	return says(text) == TRUTH_FALSE || (l->others && holds_word(text, l->others)) ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

static enum truth look_row(const struct term_rule *t, const json_t *row)
{
	enum truth a = look_cell(&t->look, row), b = t->also.table ? look_cell(&t->also, row) : TRUTH_TRUE;

	if (a == TRUTH_FALSE || b == TRUTH_FALSE)
		return TRUTH_FALSE;
	return a == TRUTH_TRUE && b == TRUTH_TRUE ? TRUTH_TRUE : TRUTH_UNKNOWN;
}

/* ---- one table ---- */
static void by_row(struct answer *a, enum truth truth, unsigned table, const json_t *row, const char *what)
{
	a->truth = truth;
	snprintf(a->evidence, sizeof(a->evidence), "IXIT-%u/%.64s", table, text_of(row, "ID"));
	snprintf(a->from, sizeof(a->from), "IXIT %u-%s, row %.64s%s%s", table, ixit_table[table - 1].name[0], text_of(row, "ID"),
		 what ? ": " : "", what ? what : "");
}

static void by_table(struct answer *a, enum truth truth, unsigned table, const char *what)
{
	a->truth = truth;
	snprintf(a->evidence, sizeof(a->evidence), "IXIT-%u", table);
	snprintf(a->from, sizeof(a->from), "IXIT %u-%s %s", table, ixit_table[table - 1].name[0], what);
}

static void look_rows(const struct term_rule *t, unsigned table, const json_t *rows, struct answer *a)
{
	bool unknown = false;
	size_t i;
	json_t *row;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
		struct term_rule here = *t;
		enum truth truth;

		here.look.table = table;
		truth = look_row(&here, row);
		unknown |= truth == TRUTH_UNKNOWN;
		if (truth != TRUTH_TRUE)
			continue;
		by_row(a, TRUTH_TRUE, table, row, t->look.field);
		return;
	}
	if (!unknown)
		by_table(a, TRUTH_FALSE, table, "has no such row");
}

static struct answer look_table(const struct term_rule *t, unsigned number, const json_t *declared)
{
	struct answer a = { .truth = TRUTH_UNKNOWN };
	const json_t *rows = json_object_get(table_of(declared, number), "rows");
	bool empty = json_is_array(rows) && !json_array_size(rows);

	if (!json_is_array(rows))
		return a;
	if (empty)
		by_table(&a, t->look.look == LOOK_NO_ROWS ? TRUTH_TRUE : TRUTH_FALSE, number, "has no rows");
	else if (t->look.look == LOOK_ROWS || t->look.look == LOOK_NO_ROWS)
		by_row(&a, t->look.look == LOOK_ROWS ? TRUTH_TRUE : TRUTH_FALSE, number, json_array_get(rows, 0), NULL);
	else if (t->look.look != LOOK_EMPTY)
		look_rows(t, number, rows, &a);
	return a;
}

static struct answer evaluate(const struct term_rule *t, const json_t *declared)
{
	struct answer a = { .truth = TRUTH_UNKNOWN }, b;

	if (!t->look.table)
		return a;
	a = look_table(t, t->look.table, declared);
	if (t->table2 && a.truth != TRUTH_TRUE) {
		b = look_table(t, t->table2, declared);
		if (b.truth == TRUTH_TRUE || a.truth == TRUTH_FALSE)
			a = b;                  /* false only where both are */
	}
	if (t->one_way && a.truth == TRUTH_FALSE)
		a = (struct answer){ .truth = TRUTH_UNKNOWN };
	return a;
}

/* ---- one term ---- */
static const json_t *declared_term(const json_t *declared, const char *id)
{
	return json_object_get(json_object_get(declared, id[0] >= 'a' ? "features" : "conditions"), id);
}

static struct answer claimed(const char *id, const char *opposite, const json_t *declared, const json_t *known)
{
	struct answer a = { .truth = TRUTH_UNKNOWN };
	const json_t *d = declared_term(declared, id);
	bool turned = !d && opposite;
	const char *evidence;

	if (turned)
		d = declared_term(declared, opposite);
	if (!json_is_boolean(json_object_get(d, "value")))
		return a;
	a.truth = json_is_true(json_object_get(d, "value")) != turned ? TRUTH_TRUE : TRUTH_FALSE;
	snprintf(a.from, sizeof(a.from), "declared at %s%s%s", text_of(d, "where"), turned ? " as the opposite of " : "", turned ? opposite : "");
	evidence = text_of(d, "evidence");
	if (evidence[0] && evidence_exists(declared, known, evidence) && !reason_circular(text_of(d, "detail")))
		snprintf(a.evidence, sizeof(a.evidence), "%.100s", evidence);
	return a;
}

static json_t *truth_json(enum truth t)
{
	return t == TRUTH_UNKNOWN ? json_null() : json_boolean(t == TRUTH_TRUE);
}

static json_t *term_json(const struct mapping_term *t, const json_t *declared, const json_t *known)
{
	static const struct term_rule none = { .id = NULL };
	const struct term_rule *rule = term_rule_find(t->name) ? term_rule_find(t->name) : &none;
	struct answer said = claimed(t->name, rule->opposite, declared, known), seen = evaluate(rule, declared);
	const struct answer *a = seen.truth != TRUTH_UNKNOWN ? &seen : &said;
	char both[440];

	if (said.truth != TRUTH_UNKNOWN && seen.truth != TRUTH_UNKNOWN && said.truth != seen.truth) {
		snprintf(both, sizeof(both), "%s, but %s says the opposite", said.from, seen.from);
		return json_pack("{s:n,s:s,s:s,s:{s:s,s:s},s:b}", "value", "evidence", "", "from", both, "text", "en", t->text.en, "ja", t->text.ja,
				 "contradicted", 1);
	}
	return json_pack("{s:o,s:s,s:s,s:{s:s,s:s}}", "value", truth_json(a->truth), "evidence", a->evidence, "from", a->from, "text",
			 "en", t->text.en, "ja", t->text.ja);
}

/* ---- an edition ---- */
static json_t *terms_json(const struct mapping_term *term, size_t n, const json_t *declared, const json_t *known)
{
	json_t *out = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(out, term[i].name, term_json(&term[i], declared, known));
	return out;
}

/* Of all conditions and features a line depends on. */
static json_t *condition_of(const struct mapping_line *l, const json_t *edition)
{
	enum truth all = TRUTH_TRUE;
	const char *id;

	for (size_t n = 0; (id = ics_term(l, n)); n++) {
		const json_t *t = json_object_get(json_object_get(edition, isdigit((unsigned char)id[0]) ? "conditions" : "features"), id);
		const json_t *v = json_object_get(t, "value");

		if (json_is_false(v))
			return json_false();
		if (!json_is_true(v))
			all = TRUTH_UNKNOWN;
	}
	return truth_json(all);
}

static json_t *lines_json(const struct mapping *m, const json_t *ics, const json_t *edition)
{
	json_t *out = json_array();
	char status[120];

	for (size_t i = 0; i < m->n; i++) {
		const struct mapping_line *l = &m->line[i];
		const json_t *d = json_object_get(ics, l->id);
		json_t *one = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:{s:s,s:s}}", "id", l->id, "status", mapping_status(l, status, sizeof(status)),
					"support", text_of(d, "support"), "detail", text_of(d, "detail"), "evidence", text_of(d, "evidence"),
					"where", text_of(d, "where"), "topic", "en", l->topic.en ? l->topic.en : "", "ja",
					l->topic.ja ? l->topic.ja : "");

		if (ics_conditional(l))
			json_object_set_new(one, "condition", condition_of(l, edition));
		json_array_append_new(out, one);
	}
	return out;
}

json_t *declaration_build(const json_t *declared, const json_t *known, const struct editions *e)
{
	json_t *out = json_object();

	for (int i = 0; i < EDITION_COUNT; i++) {
		const json_t *ics = json_object_get(json_object_get(declared, "ics"), edition_name[i]);
		const struct mapping *m = e->of[i];
		json_t *one;

		if (!m)
			continue;
		one = json_pack("{s:o,s:o}", "conditions", terms_json(m->condition, m->n_conditions, declared, known), "features",
				terms_json(m->feature, m->n_features, declared, known));
		if (ics)
			json_object_set_new(one, "ics", lines_json(m, ics, one));
		json_object_set_new(out, edition_name[i], one);
	}
	return out;
}

const json_t *declaration_term(const json_t *declaration, const char *id)
{
	const json_t *found = NULL;

	for (int i = 0; i < EDITION_COUNT && !found; i++)
		found = json_object_get(json_object_get(json_object_get(declaration, edition_name[i]), id[0] >= 'a' ? "features" : "conditions"), id);
	return found;
}
