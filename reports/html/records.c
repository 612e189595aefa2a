/* SPDX-License-Identifier: Apache-2.0
 *
 * What people decided, and what stands beside verdicts without being part of them: evidence records with who decided
 * what, when, until when and on which documents; waivers; marks of known misjudgements; grades of evidence. */
#include <inttypes.h>
#include <string.h>

#include "reports/html/page.h"

/* ---- beside a verdict ---- */
static bool is_marked(struct html_page *p, const char *id)
{
	const json_t *all = json_object_get(p->v, "marks");

	for (size_t i = 0; i < json_array_size(all); i++)
		if (*id && !strcmp(get_text(json_array_get(all, i), "on"), id))
			return true;
	return false;
}

static bool rests_on_default(const json_t *entry)
{
	const json_t *d = json_object_get(entry, "on_default");

	return json_is_true(d) || json_array_size(d) > 0;
}

void put_beside(struct html_page *p, const json_t *entry)
{
	const json_t *w = waiver_of(p->v, get_text(entry, "id"));

	if (*get_text(entry, "grade")) {
		put(p, " <small class=\"grade\" title=\"evidence ");
		put_attr(p, json_object_get(entry, "grade"));
		put(p, *get_text(entry, "grade_why") ? ": " : "");
		put_attr(p, json_object_get(entry, "grade_why"));
		put(p, "\">");
		put_text(p, json_object_get(entry, "grade"));
		put(p, "</small>");
	}
	if (rests_on_default(entry))
		put(p, " <b class=\"tag\"><span class=\"en\">rests on a default</span> <span lang=\"ja\">既定値による</span></b>");
	if (is_marked(p, get_text(entry, "id")))
		put(p, " <a class=\"tag\" href=\"#marks\"><span class=\"en\">marked</span> <span lang=\"ja\">要注意</span></a>");
	if (w) {
		putf(p, " <a class=\"tag\" href=\"#waivers\">%s ", is_on(w, "expired") ? "waiver expired" : "waived until");
		put_text(p, json_object_get(w, "until"));
		putf(p, " <span lang=\"ja\">%s</span></a>", is_on(w, "expired") ? "免除期限切れ" : "免除中");
	}
}

/* ---- one decision ---- */
static const char *decided_ja(const char *word)
{
	return !strcmp(word, "pass") ? "適合" : !strcmp(word, "fail") ? "不適合" : !strcmp(word, "not-applicable") ? "該当なし" : "保留";
}

static void documents(struct html_page *p, const json_t *files)
{
	if (!json_array_size(files))
		return;
	put(p, "<ul class=\"docs\">");
	for (size_t i = 0; i < json_array_size(files); i++) {
		const json_t *f = json_array_get(files, i);

		put(p, "<li>");
		put_text(p, json_object_get(f, "name"));
		put(p, " <small>");
		put_text(p, json_object_get(f, "path"));
		put(p, "</small> ");
		put(p, "<span class=\"hash\">");
		put_text(p, json_object_get(f, "sha256"));
		put(p, "</span>");
		put(p, "</li>");
	}
	put(p, "</ul>");
}

void put_decision(struct html_page *p, const json_t *d)
{
	if (!json_is_object(d))
		return;
	put(p, "<p><b>");
	put_text(p, json_object_get(d, "decide"));
	putf(p, "</b> <span lang=\"ja\">%s</span>, ", decided_ja(get_text(d, "decide")));
	put_text(p, json_object_get(d, "reviewer"));
	put(p, ", ");
	put_text(p, json_object_get(d, "date"));
	if (*get_text(d, "expires")) {
		put(p, is_on(d, "expired") ? ", <b class=\"tag\"><span class=\"en\">expired</span> <span lang=\"ja\">期限切れ</span></b> " : ", <span class=\"en\">until</span> <span lang=\"ja\">期限</span> ");
		put_text(p, json_object_get(d, "expires"));
	}
	put(p, "<br>");
	put_text(p, json_object_get(d, "reason"));
	if (*get_text(d, "unused")) {
		put(p, "<br><b class=\"tag\"><span class=\"en\">does not count</span> <span lang=\"ja\">無効</span></b> ");
		put_text(p, json_object_get(d, "unused"));
	}
	put(p, "</p>");
	documents(p, json_object_get(d, "files"));
	put(p, "<p class=\"mut\"><small>");
	put_text(p, json_object_get(d, "entry"));
	put(p, *get_text(d, "seal") ? ", sealed by " : ", no seal lists it");
	put_text(p, json_object_get(d, "seal"));
	if (*get_text(d, "signer")) {
		put(p, ", signed by ");
		put_hash(p, get_text(d, "signer"));
	} else {
		put(p, ", not signed");
	}
	put(p, "</small></p>");
}

static void earlier(struct html_page *p, const json_t *list)
{
	if (!json_array_size(list))
		return;
	putf(p, "<details><summary><span class=\"en\">%zu earlier</span> <span lang=\"ja\">以前の判断</span></summary>", json_array_size(list));
	for (size_t i = 0; i < json_array_size(list); i++)
		put_decision(p, json_array_get(list, i));
	put(p, "</details>");
}

/* ---- records ---- */
static void record(struct html_page *p, const json_t *r)
{
	put(p, "<tr id=\"");
	html_esc_id(p->out, get_text(r, "id"));
	put(p, "\"><td>");
	put_verdict_both(p, html_verdict(r));
	put_beside(p, r);
	put(p, "</td><th scope=\"row\">");
	put_text(p, json_object_get(r, "id"));
	put(p, "</th><td>");
	put_both(p, json_object_get(r, "title"));
	if (*get_text(json_object_get(r, "decides"), "en")) {
		put(p, "<p class=\"mut\">");
		put_both(p, json_object_get(r, "decides"));
		put(p, "</p>");
	}
	put(p, "<p class=\"ids\">");
	put_requirement_links(p, json_object_get(r, "serves"));
	if (count_of(r, "ixit")) {
		put(p, " <small>IXIT ");
		put_text(p, json_object_get(r, "ixit"));
		put(p, "</small>");
	}
	put(p, "</p></td><td>");
	if (json_is_object(json_object_get(r, "decision")))
		put_decision(p, json_object_get(r, "decision"));
	if (html_verdict(r) == VERDICT_REVIEW) {
		put(p, "<p class=\"why\">");
		put_text(p, json_object_get(r, "why"));
		put(p, " <span lang=\"ja\">判断待ち</span></p>");
	}
	earlier(p, json_object_get(r, "earlier"));
	put(p, "</td></tr>\n");
}

static void count(struct html_page *p, const json_t *all)
{
	size_t waiting = 0;

	for (size_t i = 0; i < json_array_size(all); i++)
		waiting += html_verdict(json_array_get(all, i)) == VERDICT_REVIEW;
	putf(p, "<p><span class=\"en\">%zu of %zu evidence records wait for a person.</span> <span lang=\"ja\">証拠記録 %zu 件のうち %zu 件が人の判断を待っています。</span>", waiting,
	     json_array_size(all), json_array_size(all), waiting);
	if (*get_text(p->v, "as_of")) {
		put(p, " <span class=\"en\">Expiry is judged on</span> <span lang=\"ja\">期限の基準日</span> ");
		put_text(p, json_object_get(p->v, "as_of"));
		put(p, ".");
	}
	put(p, "</p>\n");
}

/* ---- overlays ---- */
static void waivers(struct html_page *p)
{
	const json_t *all = json_object_get(p->v, "waivers");

	put(p, "<h3 id=\"waivers\"><span class=\"en\">Waivers</span> <span lang=\"ja\">免除</span></h3>\n");
	if (!json_array_size(all)) {
		put(p, "<p><span class=\"en\">None.</span> <span lang=\"ja\">なし</span></p>\n");
		return;
	}
	put(p, "<p><span class=\"en\">They stand beside the verdicts and change none.</span> <span lang=\"ja\">判定を変えるものではありません。</span></p>\n"
	       "<table><thead><tr><th scope=\"col\"><span class=\"en\">Of</span> <span lang=\"ja\">対象</span></th><th scope=\"col\"><span class=\"en\">Who</span> <span lang=\"ja\">承認者</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Why</span> <span lang=\"ja\">理由</span></th><th scope=\"col\"><span class=\"en\">Until</span> <span lang=\"ja\">期限</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *w = json_array_get(all, i);

		put(p, "<tr><th scope=\"row\">");
		put_text(p, json_object_get(w, "id"));
		put(p, "</th><td>");
		put_text(p, json_object_get(w, "who"));
		put(p, "</td><td>");
		put_text(p, json_object_get(w, "why"));
		put(p, "</td><td>");
		put_text(p, json_object_get(w, "until"));
		put(p, is_on(w, "expired") ? " <b class=\"tag\"><span class=\"en\">expired</span> <span lang=\"ja\">期限切れ</span></b></td></tr>\n" : "</td></tr>\n");
	}
	put(p, "</tbody></table>\n");
}

static void marks(struct html_page *p)
{
	const json_t *all = json_object_get(p->v, "marks");

	put(p, "<h3 id=\"marks\"><span class=\"en\">Known misjudgements</span> <span lang=\"ja\">誤判定の型に当たるもの</span></h3>\n");
	if (!json_array_size(all)) {
		put(p, "<p><span class=\"en\">None of the six patterns was found.</span> <span lang=\"ja\">六つの型のいずれにも当たりません。</span></p>\n");
		return;
	}
	put(p, "<table><thead><tr><th scope=\"col\"><span class=\"en\">Pattern</span> <span lang=\"ja\">型</span></th><th scope=\"col\"><span class=\"en\">On</span> <span lang=\"ja\">対象</span></th>"
	       "<th scope=\"col\"><span class=\"en\">What</span> <span lang=\"ja\">内容</span></th><th scope=\"col\"><span class=\"en\">Verdict</span> <span lang=\"ja\">判定</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *m = json_array_get(all, i);

		putf(p, "<tr><td>%" PRId64 "</td><th scope=\"row\">", get_int(m, "pattern"));
		put_text(p, json_object_get(m, "mapping"));
		put(p, *get_text(m, "mapping") ? " " : "");
		put_text(p, json_object_get(m, "on"));
		put(p, "</th><td>");
		put_both(p, json_object_get(m, "text"));
		put(p, "</td><td>");
		put_verdict(p, verdict_word(get_text(m, "now")));
		if (strcmp(get_text(m, "was"), get_text(m, "now"))) {
			put(p, " <small>was ");
			put_text(p, json_object_get(m, "was"));
			put(p, "</small>");
		}
		put(p, "</td></tr>\n");
	}
	put(p, "</tbody></table>\n");
}

void html_records(struct html_page *p)
{
	const json_t *all = json_object_get(p->v, "records");

	put(p, "<section id=\"records\">\n<h2><span class=\"en\">Decided by people</span> <span lang=\"ja\">人による判断</span></h2>\n");
	count(p, all);
	if (json_array_size(all))
		put(p, "<table class=\"records\"><thead><tr><th scope=\"col\"><span class=\"en\">Verdict</span> <span lang=\"ja\">判定</span></th>"
		       "<th scope=\"col\"><span class=\"en\">Record</span> <span lang=\"ja\">記録</span></th><th scope=\"col\"><span class=\"en\">Question</span> <span lang=\"ja\">判断する点</span></th>"
		       "<th scope=\"col\"><span class=\"en\">Decision</span> <span lang=\"ja\">判断</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(all); i++)
		record(p, json_array_get(all, i));
	put(p, json_array_size(all) ? "</tbody></table>\n" : "");
	waivers(p);
	marks(p);
	put(p, "</section>\n");
}
