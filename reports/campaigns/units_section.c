// SPDX-License-Identifier: Apache-2.0
// The units of a campaign side by side: where they agree, where they do not, and what the worst one showed.
#include <inttypes.h>
#include <string.h>

#include "reports/campaigns/index_page.h"

static const json_t *said_by(const json_t *said, int64_t unit)
{
	for (size_t i = 0; i < json_array_size(said); i++)
		if (get_int(json_array_get(said, i), "unit") == unit)
			return json_array_get(said, i);
	return NULL;
}

/* What units say together. Nothing that was not tested is called the same. */
enum agreement { DIFFER, SAME, SOME_SILENT, ALL_SILENT };

static enum agreement agree(const json_t *said)
{
	const char *first = NULL;
	bool silent = false;

	for (size_t i = 0; i < json_array_size(said); i++) {
		const char *word = get_text(json_array_get(said, i), "verdict");

		if (verdict_word(word) == VERDICT_NOT_TESTED)
			silent = true;
		else if (first && strcmp(first, word))
			return DIFFER;
		else
			first = word;
	}
	return !first ? ALL_SILENT : silent ? SOME_SILENT : SAME;
}

static void whys(FILE *out, const json_t *said)
{
	for (size_t i = 0; i < json_array_size(said); i++) {
		const json_t *u = json_array_get(said, i);

		fprintf(out, "%sunit %" PRId64 ": ", i ? "<br>" : "", get_int(u, "unit"));
		page_str(out, get_text(u, "why"));
	}
}

static void row(struct index_page *p, const json_t *units, const char *id, const json_t *said, const char *before)
{
	static const char *const words[] = {
		[DIFFER] = "<b class=\"unsteady\">differ <span lang=\"ja\">相違</span></b>",
		[SAME] = "same <span lang=\"ja\">一致</span>",
		[SOME_SILENT] = "<span class=\"mut\">not all tested <span lang=\"ja\">一部未試験</span></span>",
		[ALL_SILENT] = "<span class=\"mut\">not tested <span lang=\"ja\">未試験</span></span>",
	};
	enum agreement how = agree(said);
	bool alike = how == SAME || how == ALL_SILENT;

	fprintf(p->out, "<tr class=\"%s%s\">", alike ? "alike" : "apart", next_guideline(before, id) ? " g" : "");
	put_test_head(p, id);
	fprintf(p->out, "<td class=\"state\">%s</td>", words[how]);
	for (size_t i = 0; i < json_array_size(units); i++) {
		const json_t *u = said_by(said, get_int(json_array_get(units, i), "unit"));

		fputs("<td class=\"c\">", p->out);
		if (u)
			look_named(p->out, verdict_of(u, "verdict"));
		else
			fputs("<span class=\"vh\">no word</span>", p->out);
		fputs("</td>", p->out);
	}
	fputs("<td class=\"share\">", p->out);
	if (!alike)
		whys(p->out, said);
	fputs("</td></tr>\n", p->out);
}

static void heads(struct index_page *p, const json_t *units)
{
	fputs("<thead><tr><th scope=\"col\">Test <span lang=\"ja\">試験</span></th><th scope=\"col\">Units <span lang=\"ja\">試験体</span></th>", p->out);
	for (size_t i = 0; i < json_array_size(units); i++) {
		const json_t *u = json_array_get(units, i);

		fputs("<th scope=\"col\" class=\"turned\" title=\"", p->out);
		page_attr(p->out, get_text(u, "run"));
		fprintf(p->out, "\"><span>unit %" PRId64 " ", get_int(u, "unit"));
		page_str(p->out, get_text(u, "serial"));
		fputs("</span></th>", p->out);
	}
	fputs("<th scope=\"col\">What each showed, where they differ <span lang=\"ja\">相違の内容</span></th></tr></thead>\n<tbody>\n", p->out);
}

static void campaign(struct index_page *p, size_t at, const json_t *run)
{
	const json_t *units = json_object_get(json_object_get(run, "run"), "runs");
	json_t *all = json_object_get(run, "units"), *said;
	size_t apart = 0, shown = json_array_size(units);
	const char *id, *before = "";

	json_object_foreach(all, id, said)
		apart += agree(said) == DIFFER;
	fputs("<h3>", p->out);
	put_product(p->out, json_object_get(run, "run"));
	fprintf(p->out, " <small><a href=\"#run%zu\">", at + 1);
	page_str(p->out, get_text(run, "path"));
	fprintf(p->out, "</a></small></h3>\n<p>%zu units; of %zu tests <b>%zu differ</b>. <span lang=\"ja\">試験体 %zu 台、%zu 試験中 %zu 件が相違</span></p>\n", shown,
		json_object_size(all), apart, shown, json_object_size(all), apart);
	if (!room_for(p, json_object_size(all), shown))
		return;
	page_scroll(p->out, "Units side by side");
	fputs("<table class=\"matrix\">\n", p->out);
	heads(p, units);
	json_object_foreach(all, id, said) {
		row(p, units, id, said, before);
		before = id;
	}
	fputs("</tbody></table>\n</div>\n", p->out);
}

void units_section(struct index_page *p)
{
	const json_t *runs = json_object_get(p->index, "runs");
	bool any = false;

	p->cells = CELLS_SHOWN;
	for (size_t i = 0; i < json_array_size(runs); i++) {
		const json_t *run = json_array_get(runs, i);

		if (!json_object_size(json_object_get(run, "units")))
			continue;
		if (!any) {
			page_section(p->out, "units", "Units side by side", "試験体の比較");
			fputs("<p>Campaigns judged of several units. The worst unit counts. <span lang=\"ja\">最も悪い試験体の結果が採用されます。</span></p>\n"
			      "<p class=\"filter\"><label><input type=\"checkbox\" id=\"apart\"> only tests in which units differ "
			      "<span lang=\"ja\">相違のみ</span></label></p>\n", p->out);
		}
		any = true;
		campaign(p, i, run);
	}
	fputs(any ? "</section>\n" : "", p->out);
}
