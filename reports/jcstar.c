/* SPDX-License-Identifier: Apache-2.0
 *
 * The checklist of JC-STAR, level 1, in Japanese: 16 criteria in words of our own, the column of the device's evaluation filled, that of
 * documents and the applicant's own answer left to be written. Criteria whose wording nobody checked are marked. */
#include <string.h>

#include "harness/report.h"
#include "reports/document/doc.h"

static const char applicant[] = "申請者";

/* 適合, 不適合, 対象外; what is none of them has no answer yet. */
static const char *answer(enum verdict v)
{
	return v == VERDICT_PASS ? "適合" : v == VERDICT_FAIL ? "不適合" : v == VERDICT_NOT_APPLICABLE ? "対象外" : "未判定";
}

static void product(struct doc *d)
{
	json_t *tested = doc_tested(d);

	doc_put(d, "<h2>製品と申請者</h2>\n<table class=\"facts\"><tbody>\n");
	doc_row_blank(d, "申請者（法人名、所在地）", applicant, NULL);
	doc_row_blank(d, "代表者または責任者", applicant, NULL);
	doc_row_blank(d, "担当者と連絡先", applicant, NULL);
	doc_row(d, "製造者（宣言による）", doc_identity(d, "maker"), applicant);
	doc_row(d, "製品名", doc_identity(d, "product"), applicant);
	doc_row(d, "型番", doc_identity(d, "model"), applicant);
	doc_row(d, "ハードウェア", doc_identity(d, "hardware"), applicant);
	doc_row(d, "ファームウェア", doc_identity(d, "firmware"), applicant);
	doc_row(d, "ファームウェアの SHA-256", doc_identity(d, "firmware_sha256"), applicant);
	doc_row(d, "試験した個体", tested, applicant);
	json_decref(tested);
	doc_row_blank(d, "製品の種類", applicant, NULL);
	doc_row_blank(d, "評価の実施者", applicant, "氏名、所属");
	doc_row_blank(d, "申請日、署名", applicant, NULL);
	doc_put(d, "</tbody></table>\n");
}

static void counts(struct doc *d, const json_t *lines)
{
	unsigned of[VERDICT_COUNT] = { 0 }, unverified = 0, open = 0;

	for (size_t i = 0; i < json_array_size(lines); i++) {
		of[verdict_of(json_array_get(lines, i), "verdict")]++;
		unverified += strcmp(get_text(json_array_get(lines, i), "certainty"), "verified") != 0;
	}
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		open += !strcmp(answer((enum verdict)v), "未判定") ? of[v] : 0;
	doc_putf(d, "<div class=\"overall\" id=\"overall\">全 %zu 項目：適合 %u、不適合 %u、対象外 %u、未判定 %u。</div>\n", json_array_size(lines),
		 of[VERDICT_PASS], of[VERDICT_FAIL], of[VERDICT_NOT_APPLICABLE], open);
	doc_putf(d, "<p>「判定」は jusan の実機試験と証拠記録によるもので、申請者の判定ではありません。「適合」は、示した範囲で不適合の兆候がなかったことだけを表します。"
		    "項目の文は jusan が書いた要約であり、IPA の原文ではありません。このうち %u 項目は内容を原典で確かめておらず、<b class=\"flag\">未検証</b> と示します。"
		    "提出の前に必ず原典と照合してください。</p>\n", unverified);
	if (*doc_unfit(d))
		doc_putf(d, "<p class=\"refused\">この実行の結果は申請に使えません：%s。</p>\n", doc_unfit(d));
	if (doc_virtual(d))
		doc_put(d, "<p class=\"refused\">仮想の試験設備による実行です。実機は試験していません。</p>\n");
}

static void remark(struct doc *d, const json_t *line)
{
	if (strcmp(get_text(line, "certainty"), "verified"))
		doc_put(d, "<br><b class=\"flag\">未検証</b>");
	if (json_is_object(json_object_get(line, "remark"))) {
		doc_put(d, "<br><span class=\"note\">");
		doc_both(d, json_object_get(line, "remark"));
		doc_put(d, "</span>");
	}
}

static void evidence(struct doc *d, const json_t *from)
{
	doc_rests(d, from);
	doc_places(d, from, "：");
}

static void criterion(struct doc *d, const json_t *line)
{
	const enum verdict v = verdict_of(line, "verdict");

	doc_put(d, "<tr id=\"");
	doc_id(d, "s-", get_text(line, "id"));
	doc_put(d, "\"><th scope=\"row\">");
	doc_json(d, json_object_get(line, "id"));
	doc_put(d, "</th><td>");
	doc_both(d, json_object_get(line, "topic"));
	remark(d, line);
	doc_putf(d, "</td><td><b>%s</b><br>", answer(v));
	doc_verdict(d, v);
	if (strcmp(get_text(line, "certainty"), "verified"))
		doc_put(d, "<br><b class=\"flag\">項目未検証</b>");
	doc_put(d, "</td><td>");
	evidence(d, json_object_get(line, "from"));
	doc_put(d, "<br><span class=\"note\" lang=\"en\">");
	doc_json(d, json_object_get(line, "why"));
	doc_put(d, "</span></td><td class=\"ver\">FW ");
	doc_json(d, doc_identity(d, "firmware"));
	doc_put(d, "<br>jusan ");
	doc_json(d, json_object_get(json_object_get(d->v, "tool"), "version"));
	doc_put(d, "</td><td>");
	doc_blank(d, applicant, "文書名、版、該当箇所");
	doc_put(d, "</td><td>");
	doc_blank(d, applicant, "適合・不適合・対象外");
	doc_put(d, "</td></tr>\n");
}

static void body(struct doc *d)
{
	const json_t *m = doc_mapping(d, "jcstar-1"), *lines = json_object_get(m, "lines");

	counts(d, lines);
	product(d);
	doc_put(d, "<section class=\"wide\"><h2>チェックリスト</h2>\n<p class=\"key\">版：");
	doc_json(d, json_object_get(m, "edition"));
	doc_put(d, "。出典：");
	doc_json(d, json_object_get(m, "source"));
	doc_put(d, "。</p>\n<table class=\"criteria\"><thead><tr><th scope=\"col\">番号</th><th scope=\"col\">評価項目（jusan の要約）</th><th scope=\"col\">判定</th>"
		   "<th scope=\"col\">実機評価：試験、結果、証拠、理由</th><th scope=\"col\">版</th><th scope=\"col\">文書評価</th><th scope=\"col\">申請者の判定</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(lines); i++)
		criterion(d, json_array_get(lines, i));
	doc_put(d, "</tbody></table>\n");
	if (!json_array_size(lines))
		doc_put(d, "<p class=\"refused\">この実行には JC-STAR の判定がありません。</p>\n");
	doc_put(d, "</section>\n<h2>試験の実行</h2>\n<table class=\"facts\"><tbody>\n");
	doc_tools(d);
	doc_put(d, "</tbody></table>\n");
}

static bool write_jcstar(const struct result *r, FILE *out, struct err *err)
{
	static const struct doc_kind kind = {
		.name = "jcstar-1", .lang = "ja", .title = "JC-STAR ★1 チェックリスト（下書き）", .body = body,
		.draft = "jusan が一回の試験の記録から作った下書きです。IPA の様式でも、適合の宣言でもありません。申請者が記入し、原典と照合してから使ってください。",
	};

	return doc_write(&kind, r, out, err);
}

const struct report report_jcstar = {
	.name = "jcstar",
	.file = "jcstar-1.html",
	.doc = "draft of the checklist of JC-STAR level 1, Japanese",
	.write = write_jcstar,
};
