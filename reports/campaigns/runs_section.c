// SPDX-License-Identifier: Apache-2.0
// One row a run: by product and firmware, newest first.
#include <inttypes.h>
#include <string.h>

#include "reports/campaigns/index_page.h"

#define COLUMNS 19      /* of the table, for headings across it */

static void put_unit(FILE *out, const json_t *run)
{
	const json_t *r = json_object_get(run, "run");

	if (count_of(r, "runs")) {
		fprintf(out, "<a href=\"#units\">%zu units</a>", count_of(r, "runs"));
		return;
	}
	fprintf(out, "%" PRId64 " <small>", get_int(r, "unit"));
	page_str(out, get_text(r, "serial"));
	fputs("</small>", out);
}

static void put_counts(FILE *out, const json_t *run)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW, VERDICT_NOT_TESTED, VERDICT_PASS,
		VERDICT_NOT_APPLICABLE };

	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		int64_t n = get_int(json_object_get(run, "counts"), verdict_name(order[i]));

		if (n <= 0)
			continue;
		fprintf(out, "<span class=\"some\">%" PRId64 " ", n);
		look_named(out, order[i]);
		fputs("</span> ", out);
	}
}

static void put_guidelines(FILE *out, const json_t *run)
{
	const json_t *all = json_object_get(run, "guidelines");
	char id[8];

	for (int i = 1; i <= 13; i++) {
		const json_t *g;

		snprintf(id, sizeof(id), "G%d", i);
		g = json_object_get(all, id);
		fprintf(out, "<td class=\"c\" title=\"G%d %s\">", i, g ? look_word(verdict_of(g, "verdict")) : "is not in this run");
		if (g)
			look_named(out, verdict_of(g, "verdict"));
		else
			fputc('?', out);
		fputs("</td>", out);
	}
}

static void put_flags(FILE *out, const json_t *run)
{
	const json_t *r = json_object_get(run, "run");

	if (count_of(r, "only"))
		fputs(" <span class=\"tag\" title=\"only some tests were asked for\">selection <span lang=\"ja\">選択</span></span>", out);
	if (!strcmp(get_text(r, "state"), "partial"))
		fputs(" <span class=\"tag\" title=\"ended before its last test\">partial <span lang=\"ja\">途中終了</span></span>", out);
	if (json_object_get(run, "copy_of"))
		fprintf(out, " <span class=\"tag\"><a href=\"#run%" PRId64 "\">a copy <span lang=\"ja\">複製</span></a></span>", get_int(run, "copy_of") + 1);
	if (get_int(r, "repeat") > 1)
		fprintf(out, " <small>%" PRId64 " rounds</small>", get_int(r, "repeat"));
}

static void put_name(struct index_page *p, const json_t *run)
{
	bool link = p->below && is_on(run, "report");

	if (link) {
		fputs("<a href=\"./", p->out);          /* so that no name of a folder reads as a scheme */
		page_attr(p->out, p->below);
		page_attr(p->out, get_text(run, "href"));
		fputs("/report/report.html\">", p->out);
	}
	put_day(p->out, run);
	fputs(link ? "</a>" : " <small>no report</small>", p->out);
	fputs(" <small class=\"path\">", p->out);
	page_str(p->out, get_text(run, "path"));
	fputs("</small>", p->out);
}

static void run_row(struct index_page *p, size_t at)
{
	const json_t *run = json_array_get(json_object_get(p->index, "runs"), at), *r = json_object_get(run, "run"),
		     *gate = json_object_get(run, "gate"), *counts = json_object_get(run, "counts");
	const char *word = get_text(gate, "verdict");
	bool rehearsal = is_on(run, "rehearsal");

	fprintf(p->out, "<tr id=\"run%zu\" data-at=\"%zu\" data-gate=\"%s\"%s><th scope=\"row\">", at + 1, at,
		gate_met(run) ? "MET" : !strcmp(word, "NOT MET") ? "NOT MET" : "OPEN", rehearsal ? " data-rehearsal=\"1\"" : "");
	put_name(p, run);
	fputs("</th><td>", p->out);
	put_unit(p->out, run);
	fputs("</td><td>", p->out);
	page_str(p->out, get_text(r, "profile"));
	put_flags(p->out, run);
	fprintf(p->out, "</td><td class=\"num\" data-by=\"%" PRId64 "\"><b>%" PRId64 "</b> / %" PRId64 " <small>of %" PRId64 "</small></td><td data-by=\"%d\" title=\"",
		get_int(run, "decided"), get_int(run, "decided"), get_int(run, "open"), get_int(run, "of"),
		gate_met(run) ? 2 : strcmp(word, "NOT MET") ? 1 : 0);
	page_attr(p->out, get_text(gate, "why"));
	fputs("\">", p->out);
	page_gate(p->out, gate, rehearsal);
	fprintf(p->out, "</td><td class=\"counts\" data-by=\"%" PRId64 "\">", get_int(counts, "FAIL"));
	put_counts(p->out, run);
	fputs("</td>", p->out);
	put_guidelines(p->out, run);
	fputs("</tr>\n", p->out);
}

static void firmware(struct index_page *p, const json_t *f)
{
	const json_t *runs = json_object_get(f, "runs");
	const char *image = get_text(f, "firmware_sha256");

	fprintf(p->out, "<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%d\">Firmware <span lang=\"ja\">ファームウェア</span> ", COLUMNS);
	page_str(p->out, *get_text(f, "firmware") ? get_text(f, "firmware") : "(not named)");
	if (*image) {
		fputs(" <small class=\"hash\">", p->out);
		html_esc(p->out, image, strnlen(image, 12), 12, HTML_TEXT);
		fputs("</small>", p->out);
	}
	fprintf(p->out, " <small>%zu run%s</small></th></tr>\n", json_array_size(runs), json_array_size(runs) == 1 ? "" : "s");
	for (size_t i = 0; i < json_array_size(runs); i++)
		run_row(p, (size_t)json_integer_value(json_array_get(runs, i)));
	fputs("</tbody>\n", p->out);
}

static void table_head(FILE *out)
{
	fputs("<thead><tr><th scope=\"col\">Started <span lang=\"ja\">開始</span></th><th scope=\"col\">Unit <span lang=\"ja\">試験体</span></th>"
	      "<th scope=\"col\">Profile <span lang=\"ja\">プロファイル</span></th>"
	      "<th scope=\"col\" class=\"num\">Decided / open <span lang=\"ja\">判定済/未</span></th>"
	      "<th scope=\"col\">Gate <span lang=\"ja\">合否</span></th><th scope=\"col\">Tests <span lang=\"ja\">試験</span></th>", out);
	for (int i = 1; i <= 13; i++)
		fprintf(out, "<th scope=\"col\" class=\"c\"><abbr title=\"Guideline %d\">G%d</abbr></th>", i, i);
	fputs("</tr></thead>\n", out);
}

void runs_section(struct index_page *p)
{
	const json_t *products = json_object_get(p->index, "products");

	page_section(p->out, "runs", "Runs", "実行");
	if (!json_array_size(products))
		fputs("<p>There is no run below this folder. <span lang=\"ja\">実行が見つかりません。</span></p>\n", p->out);
	for (size_t i = 0; i < json_array_size(products); i++) {
		const json_t *product = json_array_get(products, i), *firmwares = json_object_get(product, "firmwares");

		fprintf(p->out, "<h3 id=\"product%zu\">", i + 1);
		put_product(p->out, product);
		fputs("</h3>\n", p->out);
		page_scroll(p->out, "Runs of one product");
		fputs("<table class=\"runs\">\n", p->out);
		table_head(p->out);
		for (size_t k = 0; k < json_array_size(firmwares); k++)
			firmware(p, json_array_get(firmwares, k));
		fputs("</table>\n</div>\n", p->out);
	}
	fputs("</section>\n", p->out);
}
