/* SPDX-License-Identifier: Apache-2.0
 *
 * What a reader must act on: the tests that failed, in the order of the guidelines, then those that stayed open
 * although they ran. */
#include "reports/html/page.h"

static void finding(struct html_page *p, const json_t *test)
{
	putf(p, "<tr class=\"%s\"", html_class(html_verdict(test)));
	put_filter(p, test);
	put(p, "><td>");
	put_verdict_both(p, html_verdict(test));
	put_beside(p, test);
	put(p, "</td><th scope=\"row\"><a href=\"#");
	put_anchor(p, test);
	put(p, "\">");
	put_text(p, json_object_get(test, "id"));
	put(p, "</a></th><td>");
	put_both(p, json_object_get(test, "title"));
	put(p, "<p>");
	put_text(p, json_object_get(test, "why"));
	put(p, "</p></td><td class=\"ids\">");
	put_requirement_links(p, json_object_get(test, "decides"));
	put(p, "</td></tr>\n");
}

static size_t all_of(struct html_page *p, enum verdict v)
{
	const json_t *guidelines = json_object_get(p->v, "guidelines"), *tests = json_object_get(p->v, "tests");
	size_t n = 0;

	for (size_t g = 0; g < json_array_size(guidelines); g++) {
		const json_t *ids = json_object_get(json_array_get(guidelines, g), "id");

		for (size_t i = 0; i < json_array_size(tests); i++) {
			const json_t *test = json_array_get(tests, i);

			if (html_verdict(test) == v && json_equal(json_object_get(test, "guideline"), ids)) {
				finding(p, test);
				n++;
			}
		}
	}
	return n;
}

void html_findings(struct html_page *p)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCONCLUSIVE, VERDICT_REVIEW };
	size_t n = 0;

	put(p, "<section id=\"findings\">\n<h2><span class=\"en\">Findings</span> <span lang=\"ja\">指摘と未決</span></h2>\n<table class=\"findings\"><thead><tr>"
	       "<th scope=\"col\"><span class=\"en\">Verdict</span> <span lang=\"ja\">判定</span></th><th scope=\"col\"><span class=\"en\">Test</span> <span lang=\"ja\">試験</span></th>"
	       "<th scope=\"col\"><span class=\"en\">What was found</span> <span lang=\"ja\">内容</span></th><th scope=\"col\"><span class=\"en\">Requirements</span> <span lang=\"ja\">要求</span></th>"
	       "</tr></thead><tbody>\n");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		n += all_of(p, order[i]);
	if (!n)
		put(p, "<tr><td colspan=\"4\">Nothing failed and nothing that ran stayed open.</td></tr>\n");
	put(p, "</tbody></table>\n</section>\n");
}
