/* SPDX-License-Identifier: Apache-2.0
 *
 * Several units, several rounds: which runs a campaign was made of, and what each unit and each round of a test said. */
#include <inttypes.h>

#include "reports/html/page.h"

#define ROUNDS_SHOWN 40

static void verdicts(struct html_page *p, const json_t *words)
{
	for (size_t i = 0; i < json_array_size(words) && i < ROUNDS_SHOWN; i++) {
		put(p, i ? " " : "");
		put_verdict(p, verdict_word(json_string_value(json_array_get(words, i))));
	}
	if (json_array_size(words) > ROUNDS_SHOWN)
		putf(p, " and %zu more", json_array_size(words) - ROUNDS_SHOWN);
}

static void rounds(struct html_page *p, const json_t *of)
{
	verdicts(p, json_object_get(of, "round_verdicts"));
	put(p, " <small>");
	if (get_int(of, "flaky") > 0) {
		put(p, "flaky: ");
		put_share(p, get_int(of, "flaky"), true);
		put(p, " <span class=\"en\">of the rounds say something else</span> <span lang=\"ja\">結果が不安定</span>");
	} else {
		put(p, "<span class=\"en\">the same in every round</span> <span lang=\"ja\">全回一致</span>");
	}
	put(p, "</small>");
}

void html_test_units(struct html_page *p, const json_t *test)
{
	const json_t *units = json_object_get(test, "units");

	if (count_of(test, "round_verdicts") && !json_array_size(units)) {
		put(p, "<div><dt><span class=\"en\">Rounds</span> <span lang=\"ja\">反復</span></dt><dd>");
		rounds(p, test);
		put(p, "</dd></div>\n");
	}
	if (!json_array_size(units))
		return;
	put(p, "<div><dt><span class=\"en\">Units</span> <span lang=\"ja\">試験体</span></dt><dd>");
	for (size_t i = 0; i < json_array_size(units); i++) {
		const json_t *u = json_array_get(units, i);

		putf(p, "%sunit %" PRId64 " <small>", i ? "<br>" : "", get_int(u, "unit"));
		put_text(p, json_object_get(u, "serial"));
		put(p, "</small> ");
		put_verdict(p, html_verdict(u));
		if (count_of(u, "round_verdicts")) {
			put(p, " <small>rounds</small> ");
			rounds(p, u);
		}
	}
	put(p, "</dd></div>\n");
}

static void run_row(struct html_page *p, const json_t *r)
{
	const json_t *seal = json_object_get(r, "seal");

	putf(p, "<tr><td class=\"no\">%" PRId64 "</td><th scope=\"row\">", get_int(r, "unit"));
	put_text(p, json_object_get(r, "serial"));
	put(p, "</th><td>");
	put_text(p, json_object_get(r, "run"));
	put(p, "</td><td>");
	put_text(p, json_object_get(r, "bench"));
	put(p, "</td><td>");
	put_text(p, json_object_get(r, "started"));
	put(p, "</td><td><code>");
	put_text(p, json_object_get(seal, "file"));
	put(p, " ");
	put_text(p, json_object_get(seal, "sha256"));
	put(p, "</code></td></tr>\n");
}

void html_units(struct html_page *p)
{
	const json_t *runs = json_object_get(p->run, "runs");

	if (!json_array_size(runs))
		return;
	put(p, "<section id=\"units\">\n<h2><span class=\"en\">Units</span> <span lang=\"ja\">試験体</span></h2>\n"
	       "<p>Runs that were judged together. Evidence stays in their folders: <code>unit2/...</code> in this report lies in the run "
	       "of unit 2. <span lang=\"ja\">まとめて判定した実行です。証拠は各実行のフォルダにあります。</span></p>\n"
	       "<table class=\"limits\"><thead><tr><th scope=\"col\"><span class=\"en\">Unit</span> <span lang=\"ja\">試験体</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Serial</span> <span lang=\"ja\">製造番号</span></th><th scope=\"col\"><span class=\"en\">Run</span> <span lang=\"ja\">実行</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Bench</span> <span lang=\"ja\">試験設備</span></th><th scope=\"col\"><span class=\"en\">Started</span> <span lang=\"ja\">開始</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Last seal</span> <span lang=\"ja\">最後の封印</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(runs); i++)
		run_row(p, json_array_get(runs, i));
	put(p, "</tbody></table>\n</section>\n");
}
