// SPDX-License-Identifier: Apache-2.0
#include "harness/declare_skeleton.h"

#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/conf_write.h"
#include "harness/declare.h"
#include "harness/shapes.h"

#define COLUMN 44                       /* where remarks begin */
#define DEEP   4                        /* maps inside maps that are shown */

/* What a value looks like, for a remark behind its key. */
static void form_of(const struct shape *s, char *buf, size_t n)
{
	static const char *const form[] = {
		[SHAPE_BOOL] = "true or false", [SHAPE_INT] = "a whole number", [SHAPE_TIME] = "50ms, 2s, 5min, 24h", [SHAPE_SHARE] = "99%",
		[SHAPE_ELSEWHERE] = NULL
	};

	buf[0] = '\0';
	if (s->kind == SHAPE_WORD)
		for (const char *const *w = s->words; *w; w++)
			snprintf(buf + strlen(buf), n - strlen(buf), "%s%s", *buf ? ", " : "", *w);
	else if (s->kind == SHAPE_TEXT && s->form && strstr(s->form, "write "))
		snprintf(buf, n, "%s", strstr(s->form, "write ") + 6);
	else if (s->kind < sizeof(form) / sizeof(form[0]) && form[s->kind])
		snprintf(buf, n, "%s", form[s->kind]);
}

static void put_line(FILE *out, const char *mark, unsigned depth, const char *dash, const char *key, const struct shape *s, const char *doc)
{
	char line[200], form[200];

	form_of(s, form, sizeof(form));
	snprintf(line, sizeof(line), "%s%*s%s%s%s%s:", mark, (int)(2 * depth), "", dash, conf_plain(key) ? "" : "\"", key, conf_plain(key) ? "" : "\"");
	if (!doc && !*form)
		fprintf(out, "%s\n", line);
	else
		fprintf(out, "%-*s # %s%s%s\n", COLUMN, line, doc ? doc : "", doc && *form ? ": " : "", form);
}

/* The keys of a map, one a line; the first behind a dash when the map is a member of a list. */
static void put_keys(FILE *out, const char *mark, unsigned depth, const struct shape *map, bool member)
{
	for (const struct shape_key *k = map->keys; k && k->name; k++) {
		const struct shape *s = k->shape, *inner = s->kind == SHAPE_LIST ? s->of : s;
		bool maps = inner->kind == SHAPE_MAP && inner->keys && depth < DEEP;
		const char *dash = member ? k == map->keys ? "- " : "  " : "";

		put_line(out, mark, depth, dash, k->name, maps ? &shape_any : s, k->doc);
		if (maps)
			put_keys(out, mark, depth + 1 + member, inner, s->kind == SHAPE_LIST);
	}
}

static void put_section(FILE *out, const struct shape_key *k)
{
	fprintf(out, "\n# ---- %s%s%s\n", k->name, k->doc ? ": " : "", k->doc ? k->doc : "");
	put_line(out, "#", 0, "", k->name, &shape_any, NULL);
	if (k->shape->kind == SHAPE_LIST && k->shape->of->kind == SHAPE_MAP)
		put_keys(out, "#", 1, k->shape->of, true);
	else if (k->shape->kind == SHAPE_MAP && k->shape->keys)
		put_keys(out, "#", 1, k->shape, false);
	else if (k->shape->kind == SHAPE_MAP)
		put_line(out, "#", 1, "", "name", k->shape->of, NULL);
}

static void put_terms(FILE *out, const struct mapping *m, bool features)
{
	size_t n = features ? m->n_features : m->n_conditions;

	if (!n)
		return;
	fprintf(out, "\n# ---- %s: only where no IXIT table tells; evidence: an IXIT row, a table (IXIT-24), a key of evidence:, a test (BT6-01)\n#%s:\n",
		features ? "lettered features" : "numbered conditions", features ? "features" : "conditions");
	for (size_t i = 0; i < n; i++) {
		const struct mapping_term *t = features ? &m->feature[i] : &m->condition[i];
		const struct term_rule *rule = term_rule_find(t->name);
		char basis[12] = "E1";

		if (rule && rule->look.table)
			snprintf(basis, sizeof(basis), "IXIT-%u", rule->look.table);
		fprintf(out, "#  \"%s\": {value: false, evidence: %s}%*s # %s\n", t->name, basis, (int)(3 - strlen(t->name) % 4), "", t->text.en);
	}
}

static void put_lines(FILE *out, const struct mapping *m, enum edition e)
{
	char status[120];

	fprintf(out, "\n# ---- ics: support Y, N, or N/A where the line's condition is false; detail holds the reason of N and N/A\n#ics:\n#  %s:\n",
		edition_name[e]);
	for (size_t i = 0; i < m->n; i++)
		fprintf(out, "#    %s: {support: Y}%*s # %-14s %s\n", m->line[i].id, (int)(10 - strlen(m->line[i].id) % 10), "",
			mapping_status(&m->line[i], status, sizeof(status)), m->line[i].topic.en ? m->line[i].topic.en : "");
}

static void put_ixit(FILE *out, enum edition e)
{
	fprintf(out, "\n# ---- ixit: the 29 tables; `TelData: []` says that there is none, no TelData at all says nothing\n#ixit:\n#  edition: %s\n",
		edition_ts[e]);
	for (size_t i = 0; i < IXIT_TABLES; i++) {
		const struct ixit_table *t = &ixit_table[i];

		fprintf(out, "#  %s:%*s # IXIT %u: %s\n#    - ID: %s-1\n", t->name[e], (int)(30 - strlen(t->name[e])), "", t->number, t->doc, t->name[e]);
		for (const struct ixit_field *f = t->fields; f->name[0] || f->name[1]; f++)
			if (f->name[e])
				fprintf(out, "#      %s:%*s%s%s\n", f->name[e], f->doc ? (int)(strlen(f->name[e]) < 36 ? 36 - strlen(f->name[e]) : 1) : 0, "",
					f->doc ? "# " : "", f->doc ? f->doc : "");
	}
}

void declare_skeleton(FILE *out, const struct editions *all, enum edition e)
{
	fprintf(out, "# yaml-language-server: $schema=suites/schema/device.json\n"
		"# What the maker declares of a product. Lines that begin with # are offers: take the # away and fill them in.\n"
		"# `jusan declare --check FILE` tells what follows from it; docs/declaration.md explains every part.\n\n"
		"identity:\n  maker: Example Ltd\n  product: Example product\n");
	for (const struct shape_key *k = shape_identity.keys; k->name; k++)
		if (!k->need)
			put_line(out, "#", 1, "", k->name, k->shape, k->doc);
	put_section(out, &(struct shape_key){ "evidence", &shape_evidence, false, "files that show what is declared, in a folder beside this file" });
	fputs("#    file: documents/statement.pdf\n#    sha256:\n", out);
	for (int features = 0; all->of[e] && features < 2; features++)
		put_terms(out, all->of[e], features);
	if (all->of[e])
		put_lines(out, all->of[e], e);
	put_ixit(out, e);
	fputs("\n# ==== what the bench has to know; suites read it as declared.SECTION.KEY ====\n", out);
	for (const struct shape_key *k = bench_field_keys; k->name; k++)
		put_section(out, k);
	fputs("\n# ---- procedures: how this product is set up, used and reset; docs/suites.md\nprocedures:\n  alive:\n    steps: []\n", out);
}
