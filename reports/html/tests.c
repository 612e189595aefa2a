/* SPDX-License-Identifier: Apache-2.0
 *
 * Every test: first an index of one line each, then the whole of each test that ran, then what was not tested or
 * does not apply, by reason. Without a script the filter is CSS alone. */
#include <inttypes.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "reports/html/page.h"

#define STEPS_MAX 120           /* steps listed of one test */
#define SCOPE_MAX 12
#define CHARTS_ALL 400          /* tests in a run above which those that hold get no chart, steps and excerpts of their own */

static bool was_run(const json_t *test)
{
	return count_of(test, "claims") || count_of(test, "steps");
}

/* ---- index ---- */

static void index_row(struct html_page *p, const json_t *test)
{
	enum verdict v = html_verdict(test);

	putf(p, "<tr class=\"t %s\"", html_class(v));
	put_filter(p, test);
	put(p, "><td>");
	put_verdict(p, v);
	put_beside(p, test);
	put(p, "</td><th scope=\"row\"><a href=\"#");
	put_anchor(p, test);
	put(p, "\">");
	put_text(p, json_object_get(test, "id"));
	put(p, "</a>");
	if (get_int(test, "unit") > 1)
		putf(p, "<small>unit %" PRId64 "</small>", get_int(test, "unit"));
	put(p, "</th><td>");
	put_both(p, json_object_get(test, "title"));
	put(p, "</td><td class=\"no\">");
	if (was_run(test))
		put_span(p, get_ns(test, "end_ns", 0) - get_ns(test, "begin_ns", 0));
	put(p, "</td></tr>\n");
}

/* Buttons before what they filter, as in head.c. */
static void filter(struct html_page *p)
{
	static const struct { const char *id, *en, *ja; } show[] = {
		{ "all", "all", "すべて" }, { "f", "failed", "不適合" }, { "o", "open", "未判定" }, { "p", "passed", "適合" },
	};

	for (size_t i = 0; i < sizeof(show) / sizeof(show[0]); i++)
		putf(p, "<input type=\"radio\" name=\"show\" class=\"vh show\" id=\"show-%s\"%s autocomplete=\"off\">", show[i].id, i ? "" : " checked");
	put(p, "<p class=\"filter\"><span class=\"mut\"><span class=\"en\">Show</span> <span lang=\"ja\">表示</span></span>");
	for (size_t i = 0; i < sizeof(show) / sizeof(show[0]); i++)
		putf(p, "<label for=\"show-%s\"><span class=\"en\">%s</span> <span lang=\"ja\">%s</span></label>", show[i].id, show[i].en, show[i].ja);
	put(p, "</p>\n");
}

/* ---- one test ---- */

static void limits(struct html_page *p, const json_t *test)
{
	const json_t *all = json_object_get(test, "limits");

	if (!json_array_size(all))
		return;
	put(p, "<table class=\"limits\"><thead><tr><th scope=\"col\"><span class=\"en\">Limit</span> <span lang=\"ja\">限度</span></th><th scope=\"col\"><span class=\"en\">Value</span> <span lang=\"ja\">値</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Origin</span> <span lang=\"ja\">由来</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *limit = json_array_get(all, i);
		const char *origin = get_text(limit, "origin");
		bool flag = is_on(limit, "flag") || !strcmp(origin, "default");

		putf(p, "<tr%s><th scope=\"row\">", flag ? " class=\"flagged\"" : "");
		put_text(p, json_object_get(limit, "name"));
		put(p, "</th><td>");
		put_text(p, json_object_get(limit, *get_text(limit, "text") ? "text" : "value"));
		put(p, "</td><td>");
		put_str(p, origin);
		if (*get_text(limit, "source")) {
			put(p, " <small>");
			put_text(p, json_object_get(limit, "source"));
			put(p, "</small>");
		}
		if (*get_text(limit, "profile_sha256")) {
			put(p, " <small class=\"hash\" title=\"");
			put_attr(p, json_object_get(limit, "profile_sha256"));
			putf(p, "\">SHA-256 ");
			put_hash(p, get_text(limit, "profile_sha256"));
			put(p, "</small>");
		}
		if (flag)
			put(p, !strcmp(origin, "default") ? " <b class=\"tag\"><span class=\"en\">by default</span> <span lang=\"ja\">既定値</span></b>" : " <b class=\"tag\"><span class=\"en\">flagged</span> <span lang=\"ja\">要注意</span></b>");
		put(p, "</td></tr>\n");
	}
	put(p, "</tbody></table>\n");
}

static void step_row(struct html_page *p, const json_t *step, const char **rep)
{
	const char *status = get_text(step, "status");

	if (strcmp(*rep, get_text(step, "rep"))) {
		*rep = get_text(step, "rep");
		put(p, "<tr class=\"group\"><th colspan=\"5\">");
		put_str(p, *rep);
		put(p, "</th></tr>\n");
	}
	putf(p, "<tr><td class=\"no\">%" PRId64 "</td><td class=\"no\">", get_int(step, "n"));
	put_since(p, get_ns(step, "begin_ns", 0));
	put(p, "</td><td class=\"no\">");
	put_span(p, get_ns(step, "end_ns", get_ns(step, "begin_ns", 0)) - get_ns(step, "begin_ns", 0));
	put(p, "</td><td><code>");
	put_text(p, json_object_get(step, "verb"));
	put(p, "</code>");
	if (*get_text(step, "label")) {
		put(p, " <small>");
		put_text(p, json_object_get(step, "label"));
		put(p, "</small>");
	}
	put(p, "</td><td>");
	if (*status && strcmp(status, "ok")) {
		put(p, "<b class=\"tag\">");
		put_str(p, status);
		put(p, "</b> ");
	}
	put_text(p, json_object_get(step, "text"));
	put(p, "</td></tr>\n");
}

static void steps(struct html_page *p, const json_t *test)
{
	const json_t *all = json_object_get(test, "steps");
	size_t n = json_array_size(all), most = STEPS_MAX;
	const char *rep = "";

	if (!n)
		return;
	if (html_verdict(test) == VERDICT_PASS && count_of(p->v, "tests") > CHARTS_ALL) {
		putf(p, "<p class=\"mut\">%zu steps: see journal.jsonl</p>\n", n);
		return;
	}
	putf(p, "<details><summary><span class=\"en\">%zu steps</span> <span lang=\"ja\">手順</span></summary>\n<table class=\"steps\"><thead><tr><th scope=\"col\">Journal</th>"
	     "<th scope=\"col\">At</th><th scope=\"col\">Took</th><th scope=\"col\">Verb</th><th scope=\"col\">Said</th></tr></thead><tbody>\n", n);
	for (size_t i = 0; i < n && i < most; i++)
		step_row(p, json_array_get(all, i), &rep);
	if (n > most)
		putf(p, "<tr><td colspan=\"5\">and %zu more: see journal.jsonl</td></tr>\n", n - most);
	put(p, "</tbody></table></details>\n");
}

/* What claims that hold point to: of the first few, so that a PASS can be looked at too. */
static void excerpts(struct html_page *p, const json_t *test)
{
	const json_t *claims = json_object_get(test, "claims");
	CLEANUP(free_json) json_t *some = json_array();

	for (size_t i = 0; i < json_array_size(claims) && json_array_size(some) < 3; i++) {
		const json_t *claim = json_array_get(claims, i);
		json_t *at = json_array_get(json_object_get(claim, "at"), 0);
		bool known = false;

		for (size_t k = 0; k < json_array_size(some); k++)
			known = known || json_equal(json_array_get(some, k), at);
		if (at && !known && html_verdict(claim) == VERDICT_PASS && json_array_append(some, at) < 0)
			break;
	}
	if (!json_array_size(some))
		return;
	put(p, "<details><summary><span class=\"en\">Evidence of what holds</span> <span lang=\"ja\">適合の証拠</span></summary>\n");
	if (!put_excerpts(p, some, 3))
		put(p, "<p class=\"mut\">The files named above are not in this run folder.</p>");
	put(p, "</details>\n");
}

static void line(struct html_page *p, const json_t *v, const char *en, const char *ja, const char *tag)
{
	if (!v || (json_is_array(v) && !json_array_size(v)) || (json_is_string(v) && !json_string_length(v)))
		return;
	putf(p, "<div><dt><span class=\"en\">%s</span> <span lang=\"ja\">%s</span></dt><dd>%s", en, ja, *tag ? "<code>" : "");
	put_text(p, v);
	putf(p, "%s</dd></div>\n", *tag ? "</code>" : "");
}

static void evidence_grade(struct html_page *p, const json_t *test)
{
	put(p, "<div><dt><span class=\"en\">Evidence</span> <span lang=\"ja\">証拠の等級</span></dt><dd>");
	put_text(p, json_object_get(test, "grade"));
	put(p, *get_text(test, "grade_why") ? ": " : "");
	put_text(p, json_object_get(test, "grade_why"));
	put(p, "</dd></div>\n");
}

static void facts(struct html_page *p, const json_t *test)
{
	CLEANUP(free_json) json_t *reps = html_repetitions(test);

	put(p, "<dl class=\"facts\">\n<div><dt><span class=\"en\">Decides</span> <span lang=\"ja\">判定する要求</span></dt><dd>");
	put_requirement_links(p, json_object_get(test, "decides"));
	if (count_of(test, "supports")) {
		put(p, " <small><span class=\"en\">supports</span> <span lang=\"ja\">補助</span></small> ");
		put_requirement_links(p, json_object_get(test, "supports"));
	}
	put(p, "</dd></div>\n");
	if (count_of(test, "scope")) {
		put(p, "<div><dt><span class=\"en\">Scope</span> <span lang=\"ja\">範囲</span></dt><dd>");
		for (size_t i = 0; i < count_of(test, "scope") && i < SCOPE_MAX; i++) {
			put(p, i ? "<br>" : "");
			put_text(p, json_array_get(json_object_get(test, "scope"), i));
		}
		if (count_of(test, "scope") > SCOPE_MAX)
			putf(p, "<br>and %zu more", count_of(test, "scope") - SCOPE_MAX);
		put(p, "</dd></div>\n");
	}
	html_test_units(p, test);
	line(p, reps, "Repetitions", "繰り返し", "");
	line(p, json_object_get(test, "observers"), "Observers", "観測", "");
	line(p, json_object_get(test, "state"), "State", "開始状態", "");
	if (get_int(test, "unit") > 1 || get_int(test, "attempts") > 1)
		putf(p, "<div><dt><span class=\"en\">Unit, attempts</span> <span lang=\"ja\">試験体・試行</span></dt><dd>%" PRId64 ", %" PRId64 "</dd></div>\n",
		     get_int(test, "unit"), get_int(test, "attempts"));
	if (*get_text(test, "grade"))
		evidence_grade(p, test);
	line(p, json_object_get(test, "profile_sha256"), "Profile", "プロファイル", "code");
	line(p, json_object_get(test, "reproduce"), "Again", "再現", "code");
	put(p, "<div><dt><span class=\"en\">Defined in</span> <span lang=\"ja\">定義</span></dt><dd>");
	put_text(p, json_object_get(test, "file"));
	if (get_int(test, "line"))
		putf(p, ":%" PRId64, get_int(test, "line"));
	put(p, "</dd></div>\n</dl>\n");
}

static void whole(struct html_page *p, const json_t *test)
{
	int64_t begin = get_ns(test, "begin_ns", 0), end = get_ns(test, "end_ns", 0);
	enum verdict v = html_verdict(test);

	putf(p, "<article class=\"t %s\" id=\"", html_class(v));
	put_anchor(p, test);
	put(p, "\"");
	put_filter(p, test);
	put(p, ">\n<h4><a href=\"#");
	put_anchor(p, test);
	put(p, "\">");
	put_text(p, json_object_get(test, "id"));
	put(p, "</a> ");
	put_both(p, json_object_get(test, "title"));
	if (end > begin) {
		put(p, " <small>");
		put_when(p, begin, end);
		put(p, ", <span class=\"en\">took</span> <span lang=\"ja\">所要</span> ");
		put_span(p, end - begin);
		put(p, "</small>");
	}
	put(p, " ");
	put_verdict_both(p, v);
	put_beside(p, test);
	put(p, "</h4>\n");
	if (*get_text(test, "why")) {
		put(p, "<p class=\"why\">");
		put_text(p, json_object_get(test, "why"));
		put(p, "</p>\n");
	}
	put_decision(p, json_object_get(test, "decision"));
	if (v != VERDICT_PASS || count_of(p->v, "tests") <= CHARTS_ALL)
		html_chart(p, begin, end, test);
	html_claims(p, test);
	put(p, count_of(test, "limits") ? "<div class=\"cols\">\n" : "<div class=\"cols one\">\n");
	facts(p, test);
	limits(p, test);
	put(p, "</div>\n");
	if (v != VERDICT_PASS || count_of(p->v, "tests") <= CHARTS_ALL)
		excerpts(p, test);
	steps(p, test);
	put(p, "</article>\n");
}

/* ---- what was not run, by reason ---- */

static void reason_row(struct html_page *p, const char *why, const json_t *tests)
{
	put(p, "<tr><td><ul>");
	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i);

		putf(p, "<li class=\"t %s\" id=\"", html_class(html_verdict(test)));
		put_anchor(p, test);
		put(p, "\"");
		put_filter(p, test);
		put(p, ">");
		put_symbol(p, html_verdict(test));
		put(p, " <b>");
		put_text(p, json_object_get(test, "id"));
		put(p, "</b> ");
		put_both(p, json_object_get(test, "title"));
		put(p, "</li>");
	}
	put(p, "</ul></td><td>");
	put_str(p, *why ? why : "no reason given");
	put(p, "</td><td class=\"ids\">");
	for (size_t i = 0; i < json_array_size(tests); i++) {
		put(p, i ? " " : "");
		put_requirement_links(p, json_object_get(json_array_get(tests, i), "decides"));
	}
	put(p, "</td></tr>\n");
}

static void untested(struct html_page *p, const json_t *tests)
{
	CLEANUP(free_json) json_t *index = json_object();
	CLEANUP(free_json) json_t *order = json_array();        /* the reasons' keys, in order */

	for (size_t i = 0; i < json_array_size(tests); i++) {
		json_t *test = json_array_get(tests, i), *group;
		char key[640];

		if (was_run(test))
			continue;
		snprintf(key, sizeof(key), "%s\x1f%s", get_text(test, "verdict"), get_text(test, "why"));
		group = json_object_get(index, key);
		if (!group) {
			group = json_array();
			if (json_object_set_new(index, key, group) < 0 || json_array_append(order, group) < 0)
				break;
		}
		if (json_array_append(group, test) < 0)
			break;
	}
	put(p, "<section id=\"untested\">\n<h2><span class=\"en\">Not tested, and why</span> <span lang=\"ja\">試験しなかったものと理由</span></h2>\n");
	if (!json_array_size(order))
		put(p, "<p>Every test of the suites was run.</p>\n");
	else
		put(p, "<table class=\"untested\"><thead><tr><th scope=\"col\"><span class=\"en\">Tests</span> <span lang=\"ja\">試験</span></th>"
		       "<th scope=\"col\"><span class=\"en\">Why</span> <span lang=\"ja\">理由</span></th>"
		       "<th scope=\"col\"><span class=\"en\">Would decide</span> <span lang=\"ja\">判定するはずの要求</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(order); i++)
		reason_row(p, get_text(json_array_get(json_array_get(order, i), 0), "why"), json_array_get(order, i));
	put(p, json_array_size(order) ? "</tbody></table>\n</section>\n" : "</section>\n");
}

/* ---- all of them, by guideline ---- */

static size_t place_of(struct html_page *p, const json_t *test)
{
	const json_t *all = json_object_get(p->v, "guidelines");
	size_t g = 0;

	while (g < json_array_size(all) && !json_equal(json_object_get(json_array_get(all, g), "id"), json_object_get(test, "guideline")))
		g++;
	return g;
}

/* Those of one guideline; g past the last: those that name none we know. */
static void of_guideline(struct html_page *p, const json_t *tests, size_t g, bool index)
{
	const json_t *guideline = json_array_get(json_object_get(p->v, "guidelines"), g);
	bool headed = false;

	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i);

		if (place_of(p, test) != g || (!index && !was_run(test)))
			continue;
		if (!headed) {
			put(p, index ? "<tr class=\"group\"><th colspan=\"4\" scope=\"rowgroup\">" : "<h3 class=\"g\">");
			put_str(p, guideline ? get_text(guideline, "id") : "Other tests");
			put(p, " ");
			put_both(p, json_object_get(guideline, "title"));
			put(p, index ? "</th></tr>\n" : "</h3>\n");
			headed = true;
		}
		if (index)
			index_row(p, test);
		else
			whole(p, test);
	}
}

static void by_guideline(struct html_page *p, const json_t *tests, bool index)
{
	for (size_t g = 0; g <= count_of(p->v, "guidelines"); g++)
		of_guideline(p, tests, g, index);
}

void html_tests(struct html_page *p)
{
	const json_t *tests = json_object_get(p->v, "tests");

	put(p, "<section id=\"tests\">\n<h2><span class=\"en\">Tests</span> <span lang=\"ja\">試験</span></h2>\n");
	filter(p);
	put(p, "<table class=\"index\"><thead><tr><th scope=\"col\"><span class=\"en\">Verdict</span> <span lang=\"ja\">判定</span></th><th scope=\"col\"><span class=\"en\">Test</span> <span lang=\"ja\">試験</span></th>"
	       "<th scope=\"col\"><span class=\"en\">Title</span> <span lang=\"ja\">名称</span></th><th scope=\"col\"><span class=\"en\">Took</span> <span lang=\"ja\">時間</span></th></tr></thead><tbody>\n");
	by_guideline(p, tests, true);
	put(p, "</tbody></table>\n");
	by_guideline(p, tests, false);
	put(p, "</section>\n");
	untested(p, tests);
}
