// SPDX-License-Identifier: Apache-2.0
// What was repeated: of each test what every round and every run said, the shares, and whether it is steady.
#include <inttypes.h>
#include <string.h>

#include "reports/campaigns/index_page.h"

#define ROUNDS_SHOWN 12         /* of one run */

static const enum verdict order[VERDICT_COUNT] = {
	VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW, VERDICT_NOT_TESTED, VERDICT_PASS, VERDICT_NOT_APPLICABLE
};

static void cell(struct index_page *p, const json_t *run, const char *id)
{
	const json_t *rounds = json_object_get(json_object_get(run, "rounds"), id), *word = json_object_get(json_object_get(run, "tests"), id);
	size_t n = json_array_size(rounds);

	fputs("<td class=\"c\">", p->out);
	for (size_t i = 0; i < n && i < ROUNDS_SHOWN; i++)
		look_named(p->out, verdict_word(json_string_value(json_array_get(rounds, i))));
	if (n > ROUNDS_SHOWN)
		fprintf(p->out, " <small>and %zu more</small>", n - ROUNDS_SHOWN);
	if (!n && word)
		look_named(p->out, verdict_word(json_string_value(word)));
	else if (!n)
		fputs("<span class=\"vh\">not in this run</span>", p->out);
	fputs("</td>", p->out);
}

static void shares(FILE *out, const json_t *t)
{
	int64_t said = get_int(t, "said");

	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		int64_t n = get_int(json_object_get(t, "counts"), verdict_name(order[i]));

		if (!n)
			continue;
		fputs("<span class=\"some\">", out);
		look_verdict(out, order[i]);
		fprintf(out, " %" PRId64 " of %" PRId64 "</span> ", n, said);
	}
	if (get_int(t, "not_tested"))
		fprintf(out, "<small>not tested %" PRId64 "</small>", get_int(t, "not_tested"));
}

static void state(FILE *out, const json_t *t)
{
	const char *word = get_text(t, "state");

	if (!strcmp(word, "unsteady"))
		fputs("<b class=\"unsteady\">unsteady <span lang=\"ja\">不安定</span></b>", out);
	else if (!strcmp(word, "steady"))
		fputs("steady <span lang=\"ja\">安定</span>", out);
	else
		fputs("<span class=\"mut\">too few <span lang=\"ja\">回数不足</span></span>", out);
}

static void set_head(struct index_page *p, const json_t *set)
{
	const json_t *r = json_object_get(run_at(p->index, json_array_get(json_object_get(set, "runs"), 0)), "run");

	fputs("<h3>", p->out);
	put_product(p->out, json_array_get(json_object_get(p->index, "products"), (size_t)get_int(set, "product")));
	fputs(" <small>firmware ", p->out);
	page_str(p->out, get_text(r, "firmware"));
	fputs(", profile ", p->out);
	page_str(p->out, get_text(r, "profile"));
	fprintf(p->out, "</small></h3>\n<p>%zu run%s. ", count_of(set, "runs"), count_of(set, "runs") == 1 ? "" : "s");
	if (count_of(set, "differ")) {
		fputs("These runs differ also in: <b>", p->out);
		page_value(p->out, json_object_get(set, "differ"));
		fputs("</b>. <span lang=\"ja\">これらの実行は上記の点も異なります。</span>", p->out);
	} else if (count_of(set, "runs") > 1) {
		fputs("Nothing else that they record differs. <span lang=\"ja\">記録上、他に違いはありません。</span>", p->out);
	}
	fputs("</p>\n", p->out);
}

static void table(struct index_page *p, const json_t *set)
{
	const json_t *runs = json_object_get(set, "runs"), *tests = json_object_get(set, "tests");
	size_t n = json_array_size(runs), from = n > COLUMNS_SHOWN ? n - COLUMNS_SHOWN : 0;
	const char *before = "";

	if (from)
		fprintf(p->out, "<p>The newest %zu runs are drawn; shares and states count all %zu. <span lang=\"ja\">割合は全件から計算</span></p>\n", n - from, n);
	if (!room_for(p, json_array_size(tests), n - from))
		return;
	page_scroll(p->out, "Repeated runs");
	fputs("<table class=\"matrix\">\n<thead><tr><th scope=\"col\">Test <span lang=\"ja\">試験</span></th>"
	      "<th scope=\"col\">State <span lang=\"ja\">状態</span></th>", p->out);
	for (size_t i = from; i < n; i++)
		put_run_head(p->out, (size_t)json_integer_value(json_array_get(runs, i)), run_at(p->index, json_array_get(runs, i)));
	fputs("<th scope=\"col\">Share <span lang=\"ja\">割合</span></th></tr></thead>\n<tbody>\n", p->out);
	for (size_t k = 0; k < json_array_size(tests); k++) {
		const json_t *t = json_array_get(tests, k);
		const char *id = get_text(t, "id");

		fprintf(p->out, "<tr class=\"%s%s\">", strcmp(get_text(t, "state"), "unsteady") ? "firm" : "shaky", next_guideline(before, id) ? " g" : "");
		put_test_head(p, id);
		fputs("<td class=\"state\">", p->out);
		state(p->out, t);
		fputs("</td>", p->out);
		for (size_t i = from; i < n; i++)
			cell(p, run_at(p->index, json_array_get(runs, i)), id);
		fputs("<td class=\"share\">", p->out);
		shares(p->out, t);
		fputs("</td></tr>\n", p->out);
		before = id;
	}
	fputs("</tbody></table>\n</div>\n", p->out);
}

static void tally(struct index_page *p, const json_t *set)
{
	const json_t *tests = json_object_get(set, "tests");
	size_t n[3] = { 0 };

	for (size_t i = 0; i < json_array_size(tests); i++) {
		const char *word = get_text(json_array_get(tests, i), "state");

		n[!strcmp(word, "unsteady") ? 0 : !strcmp(word, "steady") ? 1 : 2]++;
	}
	fprintf(p->out, "<p><b>%zu unsteady</b>, %zu steady, %zu too few. <span lang=\"ja\">不安定 %zu、安定 %zu、回数不足 %zu</span></p>\n", n[0], n[1], n[2],
		n[0], n[1], n[2]);
}

void steady_section(struct index_page *p)
{
	const json_t *sets = json_object_get(p->index, "sets");

	if (!json_array_size(sets))
		return;
	p->cells = CELLS_SHOWN;
	page_section(p->out, "steady", "Repeated", "反復");
	fputs("<p>Runs of one product, hardware, firmware, profile and suites, and rounds of one run: did each test say the same every time? "
	      "<span lang=\"ja\">同じ条件で繰り返した試験の結果が一致するか。</span></p>\n"
	      "<p class=\"filter\"><label><input type=\"checkbox\" id=\"shaky\"> only unsteady tests <span lang=\"ja\">不安定な試験のみ</span></label></p>\n", p->out);
	for (size_t i = 0; i < json_array_size(sets); i++) {
		set_head(p, json_array_get(sets, i));
		tally(p, json_array_get(sets, i));
		table(p, json_array_get(sets, i));
	}
	fputs("</section>\n", p->out);
}
