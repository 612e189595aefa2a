// SPDX-License-Identifier: Apache-2.0
// index.html: how it opens, what all sections share, and how to read it.
#include <string.h>

#include "reports/campaigns/index_page.h"

void put_product(FILE *out, const json_t *product)
{
	static const char *const keys[] = { "maker", "product", "model", NULL };
	bool any = false;

	for (const char *const *k = keys; *k; k++) {
		if (!*get_text(product, *k) || (!strcmp(*k, "model") && !strcmp(get_text(product, "model"), get_text(product, "product"))))
			continue;
		fputs(any ? " " : "", out);
		fprintf(out, "<span class=\"%s\">", *k);
		page_str(out, get_text(product, *k));
		fputs("</span>", out);
		any = true;
	}
	fputs(any ? "" : "(no product named)", out);
	if (*get_text(product, "hardware")) {
		fputs(" <small>hardware ", out);
		page_str(out, get_text(product, "hardware"));
		fputs("</small>", out);
	}
}

void put_day(FILE *out, const json_t *run)
{
	const char *text = get_text(json_object_get(run, "run"), "started");
	char day[17];

	snprintf(day, sizeof(day), "%s", text);
	if (strlen(text) > 16 && day[10] == 'T')
		day[10] = ' ';
	page_str(out, *day ? day : "no date");
}

void put_run_head(FILE *out, size_t at, const json_t *run)
{
	fprintf(out, "<th scope=\"col\" class=\"turned%s\"><a href=\"#run%zu\" title=\"", is_on(run, "rehearsal") ? " rehearsal" : "", at + 1);
	page_attr(out, get_text(run, "path"));
	fputs(is_on(run, "rehearsal") ? ", a rehearsal\"><span>" : "\"><span>", out);
	put_day(out, run);
	fputs("</span></a></th>", out);
}

void put_test_head(struct index_page *p, const char *id)
{
	fputs("<th scope=\"row\"><b>", p->out);
	page_str(p->out, id);
	fputs("</b> <span class=\"en\">", p->out);
	page_value(p->out, json_object_get(json_object_get(p->index, "titles"), id));
	fputs("</span></th>", p->out);
}

bool room_for(struct index_page *p, size_t rows, size_t columns)
{
	if (rows * columns <= p->cells) {
		p->cells -= rows * columns;
		return true;
	}
	fputs("<p class=\"flag\">Not drawn: the page would become too large. <code>jusan index --json</code> holds all of it; an index of a part of "
	      "the folder draws it. <span lang=\"ja\">大きすぎるため省略</span></p>\n", p->out);
	return false;
}

bool next_guideline(const char *before, const char *id)
{
	size_t n = strcspn(id, "-");

	return *before && strncmp(before, id, n + 1) != 0;
}

static void head(struct index_page *p)
{
	const json_t *runs = json_object_get(p->index, "runs");
	size_t n = json_array_size(runs), products = count_of(p->index, "products"), unread = count_of(p->index, "not_read"), met = 0;

	for (size_t i = 0; i < n; i++)
		met += gate_met(json_array_get(runs, i));
	fputs("<header class=\"top\">\n<p class=\"kind\">Index of test runs, Code of Practice for Consumer IoT Security "
	      "<span lang=\"ja\">消費者向け IoT セキュリティ行動規範 試験実行の一覧</span></p>\n", p->out);
	fprintf(p->out, "<h1>%zu run%s of %zu product%s</h1>\n<dl class=\"facts\">\n", n, n == 1 ? "" : "s", products, products == 1 ? "" : "s");
	if (n) {
		fputs("<div><dt>Newest <span lang=\"ja\">最新</span></dt><dd>", p->out);
		put_day(p->out, json_array_get(runs, 0));
		fputs("</dd></div>\n<div><dt>Oldest <span lang=\"ja\">最古</span></dt><dd>", p->out);
		put_day(p->out, json_array_get(runs, n - 1));
		fputs("</dd></div>\n", p->out);
	}
	fprintf(p->out, "<div><dt>Gate met <span lang=\"ja\">合格</span></dt><dd>%zu of %zu</dd></div>\n", met, n);
	fprintf(p->out, "<div><dt>Could not be read <span lang=\"ja\">読取不能</span></dt><dd>%s%zu%s</dd></div>\n</dl>\n</header>\n",
		unread ? "<a href=\"#unread\">" : "", unread, unread ? "</a>" : "");
}

static void unread_section(struct index_page *p)
{
	const json_t *list = json_object_get(p->index, "not_read");

	if (!json_array_size(list))
		return;
	page_section(p->out, "unread", "Not read", "読み取れなかったもの");
	fputs("<p>Nothing of these is counted above. <span lang=\"ja\">上の集計には含まれません。</span></p>\n"
	      "<table class=\"plain\"><thead><tr>"
	      "<th scope=\"col\">Folder <span lang=\"ja\">フォルダ</span></th><th scope=\"col\">Why <span lang=\"ja\">理由</span></th></tr></thead><tbody>\n",
	      p->out);
	for (size_t i = 0; i < json_array_size(list); i++) {
		fputs("<tr><th scope=\"row\"><code>", p->out);
		page_str(p->out, get_text(json_array_get(list, i), "path"));
		fputs("</code></th><td>", p->out);
		page_str(p->out, get_text(json_array_get(list, i), "why"));
		fputs("</td></tr>\n", p->out);
	}
	fputs("</tbody></table>\n</section>\n", p->out);
}

static void reading_section(struct index_page *p)
{
	static const enum verdict order[VERDICT_COUNT] = { VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW,
		VERDICT_NOT_TESTED, VERDICT_PASS, VERDICT_NOT_APPLICABLE };

	page_section(p->out, "reading", "How to read", "読み方");
	fputs("<dl class=\"legend\">\n", p->out);
	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		fputs("<div><dt>", p->out);
		look_verdict_both(p->out, order[i]);
		fprintf(p->out, "</dt><dd>%s</dd></div>\n", verdict_doc(order[i]));
	}
	fprintf(p->out, "</dl>\n<p>Of the requirements those are <i>decided</i> that were answered; all others are <i>open</i>, whatever the reason. A "
		"rehearsal shortens times and repetitions: no gate can be met by it. Seals were not checked for this page: <code>jusan verify RUN</code> "
		"checks them. <span lang=\"ja\">封印は検証していません。</span></p>\n"
		"<p><b>Steady</b> are %d or more answers that are all the same, <b>unsteady</b> any two that differ, <b>too few</b> anything else. "
		"NOT TESTED is no answer. <span lang=\"ja\">全回一致は安定、不一致があれば不安定、%d 回未満は回数不足。未試験は数えません。</span></p>\n</section>\n",
		STEADY_LEAST, STEADY_LEAST);
}

static bool has_units(const json_t *index)
{
	const json_t *runs = json_object_get(index, "runs");

	for (size_t i = 0; i < json_array_size(runs); i++)
		if (json_object_size(json_object_get(json_array_get(runs, i), "units")))
			return true;
	return false;
}

void index_page(const json_t *index, const char *below, FILE *out)
{
	struct index_page p = { .out = out, .index = index, .below = below };
	const struct page_part part[] = {
		{ "runs", "Runs", "実行" }, { "time", "Over time", "推移" }, { count_of(index, "sets") ? "steady" : NULL, "Repeated", "反復" },
		{ has_units(index) ? "units" : NULL, "Units side by side", "試験体の比較" },
		{ count_of(index, "not_read") ? "unread" : NULL, "Not read", "読取不能" }, { "reading", "How to read", "読み方" }, { 0 }
	};
	char title[64];

	snprintf(title, sizeof(title), "%zu test runs | jusan", count_of(index, "runs"));
	page_begin(out, "index", title, "runs", true);
	head(&p);
	page_contents(out, part);
	runs_section(&p);
	time_section(&p);
	steady_section(&p);
	units_section(&p);
	unread_section(&p);
	reading_section(&p);
	page_end(out);
}
