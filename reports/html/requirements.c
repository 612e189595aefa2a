/* SPDX-License-Identifier: Apache-2.0
 *
 * All requirements of the Code, English beside Japanese, with what decided each. */
#include <string.h>

#include "reports/html/page.h"

static const char *force_ja(const char *force)
{
	return !strcmp(force, "shall") ? "必須" : !strcmp(force, "should") ? "推奨" : !strcmp(force, "may") ? "任意" : "情報";
}

static void deciders(struct html_page *p, const json_t *r)
{
	put_test_links(p, json_object_get(r, "decided_by"));
	if (count_of(r, "supported_by")) {
		put(p, " <small><span class=\"en\">supported by</span> <span lang=\"ja\">補助</span></small> ");
		put_test_links(p, json_object_get(r, "supported_by"));
	}
	if (count_of(r, "records")) {
		put(p, " <small><span class=\"en\">record</span> <span lang=\"ja\">記録</span></small> ");
		put_record_links(p, json_object_get(r, "records"));
	}
}

static void requirement(struct html_page *p, const json_t *r)
{
	const json_t *text = json_object_get(r, "text");
	const char *force = get_text(r, "force");
	enum verdict v = html_verdict(r);

	putf(p, "<tr class=\"%s\" id=\"", html_class(v));
	html_esc_id(p->out, get_text(r, "id"));
	put(p, "\"");
	put_filter(p, r);
	put(p, "><th scope=\"row\">");
	put_text(p, json_object_get(r, "id"));
	put(p, "</th><td>");
	put_verdict(p, v);
	put_beside(p, r);
	put(p, "</td><td class=\"req\"><div class=\"both\"><p class=\"en\">");
	put_text(p, json_is_object(text) ? json_object_get(text, "en") : text);
	put(p, "</p><p lang=\"ja\">");
	put_text(p, json_object_get(text, "ja"));
	if (*get_text(r, "phrase") && !strstr(get_text(text, "ja"), get_text(r, "phrase"))) {
		put(p, "<q>");
		put_text(p, json_object_get(r, "phrase"));
		put(p, "</q>");
	}
	put(p, "</p></div>");
	if (v != VERDICT_PASS && *get_text(r, "why")) {
		put(p, "<p class=\"why\">");
		put_text(p, json_object_get(r, "why"));
		put(p, "</p>");
	}
	html_proof(p, r);
	put(p, "</td><td>");
	put_str(p, force);
	putf(p, " <span lang=\"ja\">%s</span></td><td>", force_ja(force));
	for (size_t i = 0; i < count_of(r, "who"); i++) {
		put(p, i ? " " : "");
		put_text(p, json_array_get(json_object_get(r, "who"), i));
	}
	put(p, "</td><td>");
	put_text(p, json_object_get(r, "class"));
	put(p, "</td><td class=\"ids\">");
	deciders(p, r);
	put(p, "</td></tr>\n");
}

static void guideline(struct html_page *p, const json_t *g)
{
	const json_t *ids = json_object_get(g, "requirements");

	put(p, "<tbody>\n<tr class=\"group\" id=\"r-");
	html_esc_id(p->out, get_text(g, "id"));
	put(p, "\"><th colspan=\"7\" scope=\"rowgroup\">");
	put_text(p, json_object_get(g, "id"));
	put(p, " ");
	put_both(p, json_object_get(g, "title"));
	put(p, "</th></tr>\n");
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *r = id ? json_object_get(p->requirements, id) : NULL;

		if (r)
			requirement(p, r);
	}
	put(p, "</tbody>\n");
}

void html_requirements(struct html_page *p)
{
	const json_t *all = json_object_get(p->v, "guidelines");

	put(p, "<section id=\"requirements\">\n<h2><span class=\"en\">Requirements</span> <span lang=\"ja\">要求</span></h2>\n<table class=\"requirements\"><thead><tr>"
	       "<th scope=\"col\"><span class=\"en\">Id</span> <span lang=\"ja\">番号</span></th><th scope=\"col\"><span class=\"en\">Verdict</span> <span lang=\"ja\">判定</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Requirement</span> <span lang=\"ja\">要求</span></th><th scope=\"col\"><span class=\"en\">Force</span> <span lang=\"ja\">効力</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Who</span> <span lang=\"ja\">主体</span></th><th scope=\"col\"><span class=\"en\">Class</span> <span lang=\"ja\">区分</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Decided by</span> <span lang=\"ja\">根拠</span></th></tr></thead>\n");
	for (size_t i = 0; i < json_array_size(all); i++)
		guideline(p, json_array_get(all, i));
	put(p, "</table>\n<p class=\"key\"><span class=\"en\">Who: D device maker</span> <span lang=\"ja\">製造者</span><span class=\"en\">, S service provider</span> <span lang=\"ja\">サービス提供者</span>, "
	       "A app developer <span lang=\"ja\">アプリ開発者</span><span class=\"en\">, R retailer</span> <span lang=\"ja\">小売業者</span>. "
	       "Class: a decided on the bench, b bench with a service or outside line, c documents and people.</p>\n</section>\n");
}
