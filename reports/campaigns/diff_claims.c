// SPDX-License-Identifier: Apache-2.0
// One test of the comparison: verdict and reason before and after, what else differs, limits, claims with their evidence.
#include <inttypes.h>
#include <string.h>

#include "reports/campaigns/diff_page.h"
#include "reports/campaigns/page.h"

#define CLAIMS_SHOWN 200        /* of one test */
#define POINTERS_SHOWN 4        /* of one side of a claim */

static const struct { const char *name, *en, *ja; } classes[] = {
	{ "device", "device changed", "機器の変更" }, { "declaration", "declaration changed", "宣言の変更" },
	{ "measure", "measure changed", "測定条件の変更" }, { "bench", "bench changed", "試験設備の変更" }, { "people", "decided by people", "人による判断" },
	{ "unsteady", "unsteady", "不安定" },
};

static void reasons(FILE *out, const json_t *list)
{
	size_t n = json_array_size(list);
	bool unsteady = n == 1 && !strcmp(get_text(json_array_get(list, 0), "class"), "unsteady");

	if (!n)
		return;
	fprintf(out, "<p class=\"reason%s\">", unsteady ? " unsteady" : "");
	for (size_t i = 0; i < n; i++) {
		const json_t *r = json_array_get(list, i);

		for (size_t k = 0; k < sizeof(classes) / sizeof(classes[0]); k++)
			if (!strcmp(get_text(r, "class"), classes[k].name))
				fprintf(out, "<span class=\"class%s\">%s <span lang=\"ja\">%s</span></span>", unsteady ? " unsteady" : "", classes[k].en, classes[k].ja);
		page_value(out, json_object_get(r, "what"));
		fputs(i + 1 < n ? " &nbsp; " : "", out);
	}
	fputs(n > 1 ? " <small>Several things differ: the data does not say which of them did it. <span lang=\"ja\">原因は特定できません。</span></small></p>\n" :
	      "</p>\n", out);
}

static void limits(FILE *out, const json_t *list)
{
	if (!json_array_size(list))
		return;
	fputs("<table class=\"pairs\"><thead><tr><th scope=\"col\">Limit <span lang=\"ja\">限度</span></th><th scope=\"col\">Before <span lang=\"ja\">前</span></th>"
	      "<th scope=\"col\">After <span lang=\"ja\">後</span></th></tr></thead><tbody>\n", out);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *l = json_array_get(list, i);

		fputs("<tr><th scope=\"row\">", out);
		page_str(out, get_text(l, "name"));
		for (const char *const *side = (const char *const[]){ "a", "b", NULL }; *side; side++) {
			fputs(**side == 'a' ? "</th><td>" : "</td><td>", out);
			if (json_is_null(json_object_get(l, *side)))
				fputs("<span class=\"mut\">not there</span>", out);
			else
				page_value(out, json_object_get(l, *side));
		}
		fputs("</td></tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}

static void pointers(FILE *out, const json_t *at)
{
	char text[600];

	for (size_t i = 0; i < json_array_size(at) && i < POINTERS_SHOWN; i++) {
		fputs("<code>", out);
		page_str(out, pointer_text(json_array_get(at, i), text, sizeof(text)));
		fputs("</code>", out);
	}
	if (json_array_size(at) > POINTERS_SHOWN)
		fprintf(out, "<small>and %zu more</small>", json_array_size(at) - POINTERS_SHOWN);
}

static void side(FILE *out, const json_t *c, const char *which)
{
	const json_t *truth = json_object_get(json_object_get(c, "truth"), which), *actual = json_object_get(json_object_get(c, "actual"), which);
	const char *only = get_text(c, "only");

	if (*only && strcmp(only, which)) {
		fputs("<span class=\"mut\">not asked</span>", out);
		return;
	}
	fputs("<span class=\"truth\">", out);
	page_value(out, truth);
	fputs("</span>", out);
	if (json_is_string(actual) && json_string_length(actual)) {
		fputs(": ", out);
		page_value(out, actual);
	}
	if (json_is_string(json_object_get(json_object_get(c, "expected"), which))) {
		fputs(" <span class=\"mut\">expected ", out);
		page_value(out, json_object_get(json_object_get(c, "expected"), which));
		fputs("</span>", out);
	}
	pointers(out, json_object_get(json_object_get(c, "at"), which));
}

static void claims(FILE *out, const json_t *list)
{
	size_t n = json_array_size(list);

	if (!n)
		return;
	fputs("<table class=\"pairs\"><thead><tr><th scope=\"col\">Claim <span lang=\"ja\">主張</span></th><th scope=\"col\">Before <span lang=\"ja\">前</span></th>"
	      "<th scope=\"col\">After <span lang=\"ja\">後</span></th></tr></thead><tbody>\n", out);
	for (size_t i = 0; i < n && i < CLAIMS_SHOWN; i++) {
		const json_t *c = json_array_get(list, i);

		fputs("<tr><th scope=\"row\">", out);
		if (*get_text(c, "part") && strcmp(get_text(c, "part"), "expect")) {
			fputs("<span class=\"part\">", out);
			page_str(out, get_text(c, "part"));
			fputs("</span>", out);
		}
		page_str(out, get_text(c, "text"));
		if (*get_text(c, "rep")) {
			fputs(" <small>", out);
			page_str(out, get_text(c, "rep"));
			fputs("</small>", out);
		}
		fputs("</th><td>", out);
		side(out, c, "a");
		fputs("</td><td>", out);
		side(out, c, "b");
		fputs("</td></tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
	if (n > CLAIMS_SHOWN)
		fprintf(out, "<p class=\"mut\">and %zu more: <code>jusan diff --json</code></p>\n", n - CLAIMS_SHOWN);
}

static void whys(FILE *out, const json_t *why)
{
	static const struct { const char *side, *en, *ja; } row[] = { { "a", "before", "前" }, { "b", "after", "後" } };

	for (int i = 0; why && i < 2; i++) {
		const json_t *text = json_object_get(why, row[i].side);

		fprintf(out, "<p class=\"%s\"><span class=\"mut\">%s <span lang=\"ja\">%s</span>:</span> ", i ? "to" : "from", row[i].en, row[i].ja);
		if (json_is_string(text) && json_string_length(text))
			page_value(out, text);
		else
			fputs("<span class=\"mut\">nothing is said</span>", out);
		fputs("</p>\n", out);
	}
}

static void report_link(FILE *out, const char *way, const char *id, const char *word)
{
	if (!way || !*way)
		return;
	fputs(" <small><a href=\"./", out);
	page_attr(out, way);
	fputs("report/report.html#", out);
	page_id(out, id);
	fprintf(out, "\">%s</a></small>", word);
}

void diff_test(FILE *out, const json_t *t, const struct diff_links *links)
{
	const char *id = get_text(t, "id"), *only = get_text(t, "only");

	fputs("<article id=\"", out);
	page_id(out, id);
	fputs("\">\n<h3>", out);
	page_str(out, id);
	fputs(" <span class=\"en\">", out);
	page_str(out, get_text(t, "title"));
	fputs("</span>", out);
	if (*only != 'b')
		report_link(out, links->a, id, "report before");
	if (*only != 'a')
		report_link(out, links->b, id, "report after");
	fputs("<span class=\"ch\">", out);
	if (json_object_get(t, "verdict"))
		put_change(out, json_object_get(t, "verdict"));
	else
		fputs("<span class=\"mut\">same verdict</span>", out);
	fputs("</span></h3>\n", out);
	if (*only)
		fprintf(out, "<p class=\"mut\">Only in the run %s. <span lang=\"ja\">片方のみ</span></p>\n", *only == 'a' ? "before" : "after");
	reasons(out, json_object_get(t, "reasons"));
	whys(out, json_object_get(t, "why"));
	if (json_object_get(t, "rounds")) {
		fputs("<p>rounds ", out);
		put_change(out, json_object_get(t, "rounds"));
		fputs("</p>\n", out);
	}
	limits(out, json_object_get(t, "limits"));
	claims(out, json_object_get(t, "claims"));
	fputs("</article>\n", out);
}
