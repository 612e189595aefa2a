/* SPDX-License-Identifier: Apache-2.0
 *
 * The thirteen guidelines at a glance: the priority three first; per guideline the verdict, an interval bar
 * (solid: met; hatched: not decided; empty: not met), coverage, and one symbol per requirement. */
#include <inttypes.h>

#include "reports/html/page.h"

/* Percent with four decimals, from ppm, as SVG takes it. */
static void percent(struct html_page *p, int64_t ppm)
{
	putf(p, "%" PRId64 ".%04" PRId64 "%%", ppm / 10000, ppm % 10000);
}

static int64_t bounded(int64_t ppm)
{
	return ppm < 0 ? 0 : ppm > 1000000 ? 1000000 : ppm;
}

static void bar(struct html_page *p, int64_t low, int64_t high)
{
	put(p, "<svg class=\"bar\" role=\"img\" aria-label=\"from ");
	put_share(p, low, false);
	put(p, " to ");
	put_share(p, high, true);
	put(p, " percent\"><rect class=\"room\" width=\"100%\" height=\"100%\"/>");
	if (high > low) {
		put(p, "<rect class=\"maybe\" x=\"");
		percent(p, low);
		put(p, "\" width=\"");
		percent(p, high - low);
		put(p, "\" height=\"100%\" fill=\"url(#hatch)\"/>");
	}
	if (low > 0) {
		put(p, "<rect class=\"sure\" width=\"");
		percent(p, low);
		put(p, "\" height=\"100%\"/>");
	}
	put(p, "</svg>");
}

static void score(struct html_page *p, const json_t *guideline)
{
	const json_t *s = json_object_get(guideline, "score");
	int64_t low = bounded(get_int(s, "low")), high = bounded(get_int(s, "high"));

	bar(p, low, high < low ? low : high);
	put(p, "<span class=\"num\">");
	put_share(p, low, false);
	if (high > low) {
		put(p, "–");
		put_share(p, high, true);
	}
	put(p, "&#8239;%</span>");
}

static void coverage(struct html_page *p, const json_t *guideline)
{
	static const char *const class[] = { "a", "b", "c" };
	const json_t *c = json_object_get(guideline, "coverage"), *all = json_object_get(c, "all");
	bool first = true;

	putf(p, "<b>%" PRId64 "</b>/%" PRId64 "<small>", get_int(all, "evaluated"), get_int(all, "applicable"));
	for (size_t i = 0; i < 3; i++) {
		const json_t *one = json_object_get(c, class[i]);

		if (!get_int(one, "applicable"))
			continue;
		putf(p, "%s%s&nbsp;%" PRId64 "/%" PRId64, first ? "" : " · ", class[i], get_int(one, "evaluated"), get_int(one, "applicable"));
		first = false;
	}
	put(p, "</small>");
}

static void cells(struct html_page *p, const json_t *guideline)
{
	const json_t *ids = json_object_get(guideline, "requirements");

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *entry = id ? json_object_get(p->requirements, id) : NULL;
		enum verdict v = html_verdict(entry);

		if (!id)
			continue;
		/* not a stop for the keyboard: the same 118 links stand in the table of requirements */
		put(p, "<a tabindex=\"-1\" href=\"#");
		html_esc_id(p->out, id);
		put(p, "\" title=\"");
		html_esc_text(p->out, id, HTML_ATTR);
		putf(p, " %s %s\">", get_text(entry, "force")[0] == 's' ? (get_text(entry, "force")[2] == 'a' ? "shall" : "should") : "may", verdict_name(v));
		put_symbol(p, v);
		put(p, "<span class=\"vh\">");
		put_str(p, id);
		putf(p, " %s</span></a>", verdict_name(v));
	}
}

static void guideline(struct html_page *p, const json_t *g)
{
	enum verdict should, v = html_verdict(g);
	const json_t *should_word = json_object_get(g, "should_verdict");

	put(p, "<tr><th scope=\"row\"><a href=\"#r-");
	html_esc_id(p->out, get_text(g, "id"));
	put(p, "\"><b>");
	put_text(p, json_object_get(g, "id"));
	put(p, "</b> ");
	put_both(p, json_object_get(g, "title"));
	put(p, "</a></th>\n<td class=\"word\">");
	put_verdict_both(p, v);
	if (json_is_string(should_word)) {
		should = verdict_word(json_string_value(should_word));
		if (should != v && should != VERDICT_NOT_APPLICABLE) {        /* none of its requirements is a should */
			put(p, "<small>should: ");
			put_verdict(p, should);
			put(p, "</small>");
		}
	}
	put(p, "</td>\n<td class=\"score\">");
	score(p, g);
	put(p, "</td>\n<td class=\"cover\">");
	coverage(p, g);
	put(p, "</td>\n<td class=\"cells\">");
	cells(p, g);
	put(p, "</td></tr>\n");
}

static void group(struct html_page *p, bool priority, const char *en, const char *ja)
{
	const json_t *all = json_object_get(p->v, "guidelines");

	putf(p, "<tbody class=\"%s\">\n<tr class=\"group\"><th colspan=\"5\" scope=\"rowgroup\"><span class=\"en\">%s</span> <span lang=\"ja\">%s</span></th></tr>\n",
	     priority ? "first" : "rest", en, ja);
	for (size_t i = 0; i < json_array_size(all); i++)
		if (is_on(json_array_get(all, i), "priority") == priority)
			guideline(p, json_array_get(all, i));
	put(p, "</tbody>\n");
}

void html_scores(struct html_page *p)
{
	put(p, "<section id=\"scores\">\n<h2><span class=\"en\">Guidelines</span> <span lang=\"ja\">13 のガイドライン</span></h2>\n"
	       "<table class=\"scores\">\n<thead><tr><th scope=\"col\"><span class=\"en\">Guideline</span> <span lang=\"ja\">ガイドライン</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Verdict</span> <span lang=\"ja\">判定</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Score</span> <span lang=\"ja\">得点の範囲</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Decided</span> <span lang=\"ja\">判定済み</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Requirements</span> <span lang=\"ja\">要求</span></th></tr></thead>\n");
	group(p, true, "Priority three", "最優先の 3 項目");
	group(p, false, "The other ten", "ほかの 10 項目");
	put(p, "</table>\n<p class=\"key\"><svg class=\"bar\" aria-hidden=\"true\"><rect class=\"sure\" width=\"100%\" height=\"100%\"/></svg> met "
	       "<span lang=\"ja\">満たす</span> <svg class=\"bar\" aria-hidden=\"true\"><rect class=\"room\" width=\"100%\" height=\"100%\"/>"
	       "<rect class=\"maybe\" width=\"100%\" height=\"100%\" fill=\"url(#hatch)\"/></svg><span class=\"en\"> not decided</span> <span lang=\"ja\">未判定</span> "
	       "<svg class=\"bar\" aria-hidden=\"true\"><rect class=\"room\" width=\"100%\" height=\"100%\"/></svg> not met "
	       "<span lang=\"ja\">満たさない</span>. Weights: shall 3, should 2. Verdict: the worst of the applicable <i>shall</i>. "
	       "Decided: by class, a bench, b bench and service, c documents.</p>\n</section>\n");
}
