/* SPDX-License-Identifier: Apache-2.0
 *
 * How the report opens: which product, how much of the Code was decided, and the gate. */
#include <inttypes.h>
#include <string.h>

#include "reports/html/page.h"

static void row(struct html_page *p, const char *en, const char *ja, const json_t *v, const char *class)
{
	if (!v || (json_is_string(v) && !json_string_length(v)))
		return;
	putf(p, "<div><dt><span class=\"en\">%s</span> <span lang=\"ja\">%s</span></dt><dd class=\"%s\">", en, ja, class);
	put_text(p, v);
	put(p, "</dd></div>\n");
}

static void product(struct html_page *p)
{
	const json_t *run = p->run, *unit = json_array_get(json_object_get(run, "units"), (size_t)get_int(run, "unit") - 1);

	put(p, "<header class=\"top\">\n<p class=\"kind\">Conformance test report, Code of Practice for Consumer IoT Security "
	       "<span lang=\"ja\">消費者向け IoT セキュリティ行動規範 適合性試験報告</span></p>\n<h1><span class=\"maker\">");
	put_text(p, json_object_get(run, "maker"));
	put(p, "</span> ");
	put_text(p, json_object_get(run, "product"));
	if (strcmp(get_text(run, "product"), get_text(run, "model"))) {
		put(p, " <span class=\"model\">");
		put_text(p, json_object_get(run, "model"));
		put(p, "</span>");
	}
	put(p, "</h1>\n<dl class=\"facts\">\n");
	row(p, "Firmware", "ファームウェア", json_object_get(run, "firmware"), "");
	row(p, "Hardware", "ハードウェア", json_object_get(run, "hardware"), "");
	row(p, "Unit", "試験体", json_is_string(unit) ? unit : json_object_get(run, "unit"), "");
	if (json_array_size(json_object_get(run, "runs")))
		row(p, "Units", "試験体", json_object_get(run, "units"), "");
	row(p, "Bench", "試験設備", json_object_get(run, "bench"), "");
	row(p, "Profile", "プロファイル", json_object_get(run, "profile"), "");
	row(p, "Started", "開始", json_object_get(run, "started"), "");
	put(p, "<div><dt><span class=\"en\">Duration</span> <span lang=\"ja\">所要時間</span></dt><dd>");
	put_span(p, p->end_ns - p->begin_ns);
	put(p, "</dd></div>\n");
	row(p, "Run", "実行", json_object_get(run, "id"), "mono");
	html_signature(p);
	put(p, "</dl>\n</header>\n");
}

static void decided(struct html_page *p)
{
	put(p, "<div class=\"decided\"><p class=\"big\"><b>");
	putf(p, "%" PRId64 "</b> decided <span class=\"sep\">/</span> <b>%" PRId64 "</b> open <span class=\"of\">of %" PRId64 "</span></p>\n",
	     get_int(p->v, "decided"), get_int(p->v, "open"), get_int(p->v, "of"));
	putf(p, "<p class=\"ja\" lang=\"ja\">全 %" PRId64 " 要求のうち判定済み %" PRId64 "、未判定 %" PRId64 "</p>\n",
	     get_int(p->v, "of"), get_int(p->v, "decided"), get_int(p->v, "open"));
	put(p, "<ul class=\"counts\" aria-label=\"Verdicts of the tests\">");
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		static const enum verdict order[VERDICT_COUNT] = { VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW,
			VERDICT_NOT_TESTED, VERDICT_PASS, VERDICT_NOT_APPLICABLE };
		int64_t n = get_int(json_object_get(p->v, "counts"), verdict_name(order[v]));

		if (!n)
			continue;
		put(p, "<li>");
		putf(p, "<b>%" PRId64 "</b> ", n);
		put_verdict(p, order[v]);
		put(p, "</li>");
	}
	putf(p, "<li class=\"mut\"><span class=\"en\">of %zu tests</span> <span lang=\"ja\">試験</span></li></ul></div>\n", count_of(p->v, "tests"));
}

static void gate(struct html_page *p)
{
	const json_t *gate = json_object_get(p->v, "gate");
	const char *word = get_text(gate, "verdict");
	const char *class = !strcmp(word, "MET") ? "p" : !strcmp(word, "NOT MET") ? "f" : "n";
	const char *ja = !strcmp(word, "MET") ? "合格" : !strcmp(word, "NOT MET") ? "不合格" : "未決";

	putf(p, "<div class=\"gate %s\"><p class=\"word\"><span class=\"mut\"><span class=\"en\">Gate</span> <span lang=\"ja\">合否</span></span> <b class=\"v %s\">", class, class);
	put_symbol(p, class[0] == 'p' ? VERDICT_PASS : class[0] == 'f' ? VERDICT_FAIL : VERDICT_NOT_TESTED);
	put_text(p, json_object_get(gate, "verdict"));
	putf(p, " <span lang=\"ja\">%s</span></b></p>\n<p>", ja);
	put_text(p, json_object_get(gate, "why"));
	put(p, "</p>\n");
	if (is_on(gate, "rehearsal")) {
		put(p, "<p class=\"flag\"><b>Rehearsal.</b> The profile ");
		put_text(p, json_object_get(p->run, "profile"));
		put(p, " shortens times and repetitions: no gate can be met. "
		       "<span lang=\"ja\">リハーサル用プロファイルによる実行です。合格の根拠にはなりません。</span></p>\n");
	}
	if (count_of(p->run, "only")) {
		put(p, "<p class=\"flag\"><b>Selection.</b> Only these were asked for: ");
		put_text(p, json_object_get(p->run, "only"));
		put(p, ". <span lang=\"ja\">選んだ試験だけの実行です。</span></p>\n");
	}
	if (!strcmp(get_text(p->run, "state"), "partial"))
		put(p, "<p class=\"flag\"><b>Partial.</b> The run was ended before its last test. "
		       "<span lang=\"ja\">途中で終了した実行です。</span></p>\n");
	put(p, "</div>\n");
}

void html_identity(struct html_page *p)
{
	product(p);
	put(p, "<section class=\"verdict\" aria-label=\"Result\">\n");
	decided(p);
	gate(p);
	put(p, "</section>\n");
}

void html_contents(struct html_page *p)
{
	static const struct { const char *id, *en, *ja; } part[] = {
		{ "units", "Units", "試験体" }, { "scores", "Guidelines", "13 のガイドライン" }, { "findings", "Findings", "指摘と未決" },
		{ "timeline", "Time line", "時系列" }, { "tests", "Tests", "試験" },
		{ "untested", "Not tested", "未試験" }, { "requirements", "Requirements", "要求" },
		{ "records", "People", "人による判断" },
		{ "declaration", "Declaration", "宣言" }, { "mappings", "Schemes", "他の規格と制度" },
		{ "bench", "Bench", "試験設備" }, { "limits", "Defaults", "既定の限度" },
		{ "inputs", "Inputs", "入力" }, { "seals", "Seals", "封印" }, { "reading", "How to read", "読み方" },
	};

	put(p, "<div class=\"bar-top\">\n<nav aria-label=\"Contents\" class=\"toc\" id=\"contents\"><ol>");
	for (size_t i = json_array_size(json_object_get(p->run, "runs")) ? 0 : 1; i < sizeof(part) / sizeof(part[0]); i++)
		putf(p, "<li><a href=\"#%s\"><span class=\"en\">%s</span> <span lang=\"ja\">%s</span></a></li>", part[i].id, part[i].en, part[i].ja);
	put(p, "</ol></nav>\n");
	html_find(p);
	put(p, "</div>\n");
}
