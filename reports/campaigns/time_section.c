// SPDX-License-Identifier: Apache-2.0
// How each test went: one row a test, one column a run, oldest to newest; of one product, through its firmwares.
#include <inttypes.h>
#include <string.h>

#include "reports/campaigns/index_page.h"

/* The newest COLUMNS_SHOWN runs of a product. */
struct trend { const json_t *product, *runs; size_t from, n; };

static size_t column_at(const struct trend *t, size_t i)
{
	return (size_t)json_integer_value(json_array_get(t->runs, t->from + i));
}

static const json_t *column(const struct index_page *p, const struct trend *t, size_t i)
{
	return run_at(p->index, json_array_get(t->runs, t->from + i));
}

static bool same_firmware(const json_t *a, const json_t *b)
{
	const json_t *x = json_object_get(a, "run"), *y = json_object_get(b, "run");

	return !strcmp(get_text(x, "firmware"), get_text(y, "firmware")) && !strcmp(get_text(x, "firmware_sha256"), get_text(y, "firmware_sha256"));
}

static bool begins(const struct index_page *p, const struct trend *t, size_t i)
{
	return i && !same_firmware(column(p, t, i), column(p, t, i - 1));
}

/* Firmwares across the runs that had them, then the runs. */
static void heads(struct index_page *p, const struct trend *t)
{
	size_t next;

	fputs("<thead><tr><td></td>", p->out);
	for (size_t i = 0; i < t->n; i = next) {
		for (next = i + 1; next < t->n && !begins(p, t, next); next++)
			;
		fprintf(p->out, "<th scope=\"colgroup\" colspan=\"%zu\" class=\"firmware%s\">", next - i, i ? " new" : "");
		page_str(p->out, get_text(json_object_get(column(p, t, i), "run"), "firmware"));
		fputs("</th>", p->out);
	}
	fputs("</tr>\n<tr><th scope=\"col\">Test <span lang=\"ja\">試験</span></th>", p->out);
	for (size_t i = 0; i < t->n; i++)
		put_run_head(p->out, column_at(t, i), column(p, t, i));
	fputs("</tr></thead>\n<tbody>\n<tr class=\"gates\"><th scope=\"row\"><b>Gate</b> <span lang=\"ja\">合否</span></th>", p->out);
	for (size_t i = 0; i < t->n; i++) {
		const json_t *run = column(p, t, i);
		bool met = gate_met(run), not_met = !strcmp(get_text(json_object_get(run, "gate"), "verdict"), "NOT MET");

		fprintf(p->out, "<td class=\"c%s\" title=\"%s\">", begins(p, t, i) ? " new" : "", met ? "MET" : not_met ? "NOT MET" : "OPEN");
		look_symbol(p->out, met ? VERDICT_PASS : not_met ? VERDICT_FAIL : VERDICT_NOT_TESTED);
		fprintf(p->out, "<span class=\"vh\">%s</span></td>", met ? "MET" : not_met ? "NOT MET" : "OPEN");
	}
	fputs("</tr>\n", p->out);
}

/* What was answered, and did it ever change? Runs in which it was not tested say nothing. */
static bool changes(const struct index_page *p, const struct trend *t, const char *id)
{
	const char *before = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const json_t *run = column(p, t, i);
		const char *word = get_text(json_object_get(run, "tests"), id);

		if (get_int(json_object_get(run, "flaky"), id) > 0)
			return true;
		if (verdict_word(word) == VERDICT_NOT_TESTED)
			continue;
		if (before && strcmp(before, word))
			return true;
		before = word;
	}
	return false;
}

static void row(struct index_page *p, const struct trend *t, const char *id, const char *before)
{
	bool changed = changes(p, t, id);

	fprintf(p->out, "<tr class=\"%s%s\">", changed ? "moved" : "still", next_guideline(before, id) ? " g" : "");
	put_test_head(p, id);
	for (size_t i = 0; i < t->n; i++) {
		const json_t *run = column(p, t, i), *word = json_object_get(json_object_get(run, "tests"), id);

		fprintf(p->out, "<td class=\"c%s\">", begins(p, t, i) ? " new" : "");
		if (word)
			look_named(p->out, verdict_word(json_string_value(word)));
		else
			fputs("<span class=\"vh\">not in this run</span>", p->out);
		if (get_int(json_object_get(run, "flaky"), id) > 0)
			fputs("<abbr class=\"fl\" title=\"its rounds did not all say the same\">~</abbr>", p->out);
		fputs("</td>", p->out);
	}
	fputs("</tr>\n", p->out);
}

/* Tests of the runs shown, in the order of the newest. New reference. */
static json_t *ids_of(const struct index_page *p, const struct trend *t)
{
	json_t *ids = json_object();

	for (size_t i = t->n; i-- > 0;)
		json_object_update_missing(ids, json_object_get(column(p, t, i), "tests"));
	return ids;
}

static void table(struct index_page *p, const struct trend *t)
{
	json_t *ids = ids_of(p, t), *none;
	const char *id, *before = "";

	if (t->from)
		fprintf(p->out, "<p>The newest %zu of %zu runs. <code>jusan index --json</code> holds all of them. "
			"<span lang=\"ja\">最新の %zu 件のみ</span></p>\n", t->n, json_array_size(t->runs), t->n);
	if (room_for(p, json_object_size(ids), t->n)) {
		page_scroll(p->out, "Tests over time");
		fputs("<table class=\"matrix\">\n", p->out);
		heads(p, t);
		json_object_foreach(ids, id, none) {
			row(p, t, id, before);
			before = id;
		}
		fputs("</tbody></table>\n</div>\n", p->out);
	}
	json_decref(ids);
}

void time_section(struct index_page *p)
{
	const json_t *products = json_object_get(p->index, "products");
	size_t single = 0;

	p->cells = CELLS_SHOWN;
	page_section(p->out, "time", "Over time", "推移");
	fputs("<p>One row a test, one column a run, oldest to newest; a line stands where the firmware changes, and <b>~</b> where the rounds of one run "
	      "did not agree. <span lang=\"ja\">左が古く右が新しい実行。縦線はファームウェアの変更、~ は回ごとの不一致。</span></p>\n"
	      "<p class=\"filter\"><label><input type=\"checkbox\" id=\"moved\"> only tests that changed "
	      "<span lang=\"ja\">変化した試験のみ</span></label></p>\n", p->out);
	for (size_t i = 0; i < json_array_size(products); i++) {
		const json_t *product = json_array_get(products, i), *runs = json_object_get(product, "trend");
		size_t n = json_array_size(runs);
		const struct trend t = { product, runs, n > COLUMNS_SHOWN ? n - COLUMNS_SHOWN : 0, n > COLUMNS_SHOWN ? COLUMNS_SHOWN : n };

		if (n < 2) {
			single++;
			continue;
		}
		fputs("<h3>", p->out);
		put_product(p->out, product);
		fputs("</h3>\n", p->out);
		table(p, &t);
	}
	if (single)
		fprintf(p->out, "<p class=\"mut\">%zu product%s with one run only: nothing to compare. <span lang=\"ja\">実行が 1 件のみの製品</span></p>\n", single,
			single == 1 ? "" : "s");
	fputs("</section>\n", p->out);
}
