/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verdicts mean for other schemes: one folded part a scheme. How well a line's source is known stands beside
 * every line as a word. */
#include <inttypes.h>
#include <string.h>

#include "reports/html/page.h"

/* Worst first, as a reader looks for it. */
static const enum verdict order[] = { VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW, VERDICT_NOT_TESTED, VERDICT_PASS,
				      VERDICT_NOT_APPLICABLE };

static void counts(struct html_page *p, const json_t *m)
{
	const json_t *all = json_object_get(m, "counts"), *mandatory = json_object_get(m, "mandatory");

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *name = verdict_name(order[i]);

		if (!get_int(all, name))
			continue;
		putf(p, " <b>%" PRId64 "</b> ", get_int(all, name));
		put_verdict(p, order[i]);
		if (order[i] == VERDICT_FAIL && get_int(mandatory, name))
			putf(p, " <small>(%" PRId64 " <span class=\"en\">mandatory</span> <span lang=\"ja\">必須</span>)</small>", get_int(mandatory, name));
	}
	if (get_int(m, "unverified"))
		putf(p, " <span class=\"tag\">%" PRId64 " <span class=\"en\">unverified</span> <span lang=\"ja\">未確認</span></span>", get_int(m, "unverified"));
}

static void certainty(struct html_page *p, const json_t *line)
{
	bool verified = !strcmp(get_text(line, "certainty"), "verified");

	put(p, verified ? "<span class=\"en\">verified</span> <span lang=\"ja\">確認済み</span>" : "<span class=\"tag\"><span class=\"en\">unverified</span> <span lang=\"ja\">未確認</span></span>");
}

static void kind(struct html_page *p, const json_t *line)
{
	const char *word = get_text(line, "kind");

	if (!*word)
		return;
	put(p, " <small>");
	put_str(p, word);
	putf(p, " <span lang=\"ja\">%s</span></small>", !strcmp(word, "conceptual") ? "概念" : !strcmp(word, "functional") ? "機能" : "複合");
}

static void row(struct html_page *p, const json_t *line)
{
	const json_t *topic = json_object_get(line, "topic"), *remark = json_object_get(line, "remark");
	enum verdict v = html_verdict(line);

	putf(p, "<tr class=\"%s\"><th scope=\"row\">", html_class(v));
	put_text(p, json_object_get(line, "id"));
	put(p, "</th><td>");
	put_text(p, json_object_get(line, "status"));
	kind(p, line);
	if (count_of(line, "ixit")) {
		put(p, " <small>IXIT ");
		put_text(p, json_object_get(line, "ixit"));
		put(p, "</small>");
	}
	put(p, "</td><td>");
	put_verdict(p, v);
	put(p, "</td><td class=\"req\"><div class=\"both\"><p class=\"en\">");
	put_text(p, json_object_get(topic, "en"));
	put(p, "</p><p lang=\"ja\">");
	put_text(p, json_object_get(topic, "ja"));
	put(p, "</p></div>");
	if (v != VERDICT_PASS && *get_text(line, "why")) {
		put(p, "<p class=\"why\">");
		put_text(p, json_object_get(line, "why"));
		put(p, "</p>");
	}
	if (json_is_object(remark)) {
		put(p, "<p class=\"why\">");
		put_both(p, remark);
		put(p, "</p>");
	}
	put(p, "</td><td class=\"ids\">");
	put_links(p, json_object_get(line, "from"));
	if (count_of(line, "nearest")) {
		put(p, " <small><span class=\"en\">nearest</span> <span lang=\"ja\">近い要求</span></small> ");
		put_links(p, json_object_get(line, "nearest"));
	}
	put(p, "</td><td>");
	certainty(p, line);
	put(p, "</td></tr>\n");
}

/* What the declaration says of the conditions and features on which lines depend. */
static void terms(struct html_page *p, const json_t *m, const char *key, const char *word, const char *ja)
{
	const json_t *all = json_object_get(m, key);

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *t = json_array_get(all, i), *value = json_object_get(t, "value");

		putf(p, "<tr><th scope=\"row\"><span class=\"en\">%s</span> <span lang=\"ja\">%s</span> ", word, ja);
		put_text(p, json_object_get(t, "name"));
		put(p, "</th><td>");
		put_both(p, json_object_get(t, "text"));
		put(p, "</td><td>");
		put(p, json_is_true(value) ? "<span class=\"en\">true</span> <span lang=\"ja\">真</span>" : json_is_false(value) ? "<span class=\"en\">false</span> <span lang=\"ja\">偽</span>" :
		       "<span class=\"mut\"><span class=\"en\">not answered</span> <span lang=\"ja\">未回答</span></span>");
		put(p, "</td><td>");
		put_text(p, json_object_get(t, "evidence"));
		put(p, "</td></tr>\n");
	}
}

static void scheme(struct html_page *p, const json_t *m)
{
	const json_t *lines = json_object_get(m, "lines");

	put(p, "<details><summary>");
	put_both(p, json_object_get(m, "title"));
	putf(p, ": %zu <span class=\"en\">lines</span> <span lang=\"ja\">項目</span>,", json_array_size(lines));
	counts(p, m);
	put(p, "</summary>\n<p class=\"key\"><span class=\"en\">Edition</span> <span lang=\"ja\">版</span>: ");
	put_text(p, json_object_get(m, "edition"));
	put(p, ". <span class=\"en\">Source</span> <span lang=\"ja\">出典</span>: ");
	put_text(p, json_object_get(m, "source"));
	put(p, ".</p>\n");
	if (json_is_object(json_object_get(m, "note"))) {
		put(p, "<p class=\"key\">");
		put_both(p, json_object_get(m, "note"));
		put(p, "</p>\n");
	}
	put(p, "<table class=\"mappings\"><thead><tr><th scope=\"col\"><span class=\"en\">Line</span> <span lang=\"ja\">項目</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Status</span> <span lang=\"ja\">区分</span></th><th scope=\"col\"><span class=\"en\">Verdict</span> <span lang=\"ja\">判定</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Topic</span> <span lang=\"ja\">内容</span></th><th scope=\"col\"><span class=\"en\">From</span> <span lang=\"ja\">根拠</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Line known as</span> <span lang=\"ja\">項目の確かさ</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(lines); i++)
		row(p, json_array_get(lines, i));
	put(p, "</tbody></table>\n");
	if (count_of(m, "conditions") + count_of(m, "features")) {
		put(p, "<table class=\"terms\"><thead><tr><th scope=\"col\"><span class=\"en\">Term</span> <span lang=\"ja\">前提</span></th>"
		       "<th scope=\"col\"><span class=\"en\">Holds when</span> <span lang=\"ja\">成り立つ場合</span></th><th scope=\"col\"><span class=\"en\">Declared</span> <span lang=\"ja\">申告</span></th>"
		       "<th scope=\"col\"><span class=\"en\">Evidence</span> <span lang=\"ja\">証拠</span></th></tr></thead><tbody>\n");
		terms(p, m, "conditions", "condition", "条件");
		terms(p, m, "features", "feature", "機能");
		put(p, "</tbody></table>\n");
	}
	put(p, "</details>\n");
}

void html_mappings(struct html_page *p)
{
	const json_t *all = json_object_get(p->v, "mappings");

	put(p, "<section id=\"mappings\">\n<h2><span class=\"en\">Other schemes</span> <span lang=\"ja\">他の規格と制度</span></h2>\n<p>"
	       "What the verdicts on the Code's requirements mean for lines of other schemes. A line has the worst verdict of all it rests on; "
	       "what is only near carries nothing. Which requirement answers which line is this project's choice. <b>Unverified</b> says that "
	       "the line itself was not checked against its original, not that the verdict is weaker.</p>\n<p lang=\"ja\">行動規範の要求への判定を、他の規格と制度の項目に写したものです。項目の判定は、根拠の中で最も悪いものです。"
	       "近いだけの要求は判定に影響しません。要求と項目の対応は、このプロジェクトが選んだものです。「未確認」は、項目の文言を原典で確かめていないことを"
	       "表し、判定の強さとは別です。</p>\n");
	for (size_t i = 0; i < json_array_size(all); i++)
		scheme(p, json_array_get(all, i));
	if (!json_array_size(all))
		put(p, "<p><span class=\"en\">None.</span> <span lang=\"ja\">なし</span></p>\n");
	put(p, "</section>\n");
}
