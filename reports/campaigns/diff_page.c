// SPDX-License-Identifier: Apache-2.0
#include "reports/campaigns/diff_page.h"

#include <inttypes.h>
#include <string.h>

#include "reports/campaigns/page.h"

static const char *const classes[][3] = {
	{ "device", "Device", "機器" }, { "declaration", "Declaration", "宣言" }, { "measure", "Measure", "測定条件" }, { "bench", "Bench", "試験設備" },
};
#define CLASSES (sizeof(classes) / sizeof(classes[0]))

static void value(FILE *out, const json_t *v)
{
	enum verdict verdict;

	if (json_is_string(v) && verdict_parse(json_string_value(v), &verdict)) {
		look_verdict(out, verdict);
		return;
	}
	if (!v || json_is_null(v))
		fputs("<span class=\"mut\">not there</span>", out);
	else
		page_value(out, v);
}

void put_change(FILE *out, const json_t *pair)
{
	fputs("<span class=\"from\">", out);
	value(out, json_object_get(pair, "a"));
	fputs("</span> <span class=\"arrow\" aria-hidden=\"true\">→</span><span class=\"vh\">became</span> <span class=\"to\">", out);
	value(out, json_object_get(pair, "b"));
	fputs("</span>", out);
}

/* ---- the two runs ---- */
static void one_run(FILE *out, const char *letter, const char *ja, const json_t *run, const char *way)
{
	fprintf(out, "<section aria-label=\"Run %s\">\n<h2>%s <span lang=\"ja\">%s</span> ", letter, letter, ja);
	if (way && *way) {
		fputs("<a href=\"./", out);
		page_attr(out, way);
		fputs("report/report.html\">", out);
	}
	page_str(out, *get_text(run, "id") ? get_text(run, "id") : "no name");
	fputs(way && *way ? "</a></h2>\n<dl class=\"facts\">\n" : "</h2>\n<dl class=\"facts\">\n", out);
	page_fact(out, "Maker", "製造者", json_object_get(run, "maker"));
	page_fact(out, "Product", "製品", json_object_get(run, "product"));
	page_fact(out, "Model", "型式", json_object_get(run, "model"));
	page_fact(out, "Firmware", "ファームウェア", json_object_get(run, "firmware"));
	page_fact(out, "Unit", "試験体", json_object_get(run, "serial"));
	page_fact(out, "Bench", "試験設備", json_object_get(run, "bench"));
	page_fact(out, "Profile", "プロファイル", json_object_get(run, "profile"));
	page_fact(out, "Started", "開始", json_object_get(run, "started"));
	fputs("</dl>\n", out);
	if (is_on(run, "rehearsal"))
		fputs("<p class=\"flag\"><b>Rehearsal.</b> No gate can be met by this run. <span lang=\"ja\">リハーサル</span></p>\n", out);
	if (count_of(run, "only"))
		fputs("<p class=\"flag\"><b>Selection.</b> Only some tests were asked for. <span lang=\"ja\">選択した試験のみ</span></p>\n", out);
	if (!strcmp(get_text(run, "state"), "partial"))
		fputs("<p class=\"flag\"><b>Partial.</b> Ended before its last test. <span lang=\"ja\">途中終了</span></p>\n", out);
	fputs("</section>\n", out);
}

static void head(FILE *out, const json_t *d, const struct diff_links *links)
{
	int64_t n = get_int(d, "differences"), measured = get_int(d, "measured");

	fputs("<header class=\"top\">\n<p class=\"kind\">Two test runs compared, Code of Practice for Consumer IoT Security "
	      "<span lang=\"ja\">消費者向け IoT セキュリティ行動規範 二つの試験実行の比較</span></p>\n", out);
	fprintf(out, n == 1 ? "<h1>%" PRId64 " difference</h1>\n" : "<h1>%" PRId64 " differences</h1>\n", n);
	fprintf(out, "<p>Guidelines %zu, requirements %zu, tests %zu%s. Claims that say the same of another measurement, not counted: %" PRId64
		". <span lang=\"ja\">指針 %zu、要求 %zu、試験 %zu</span></p>\n</header>\n", count_of(d, "guidelines"), count_of(d, "requirements"),
		count_of(d, "tests"), json_object_get(d, "gate") ? ", and the gate" : "", measured, count_of(d, "guidelines"),
		count_of(d, "requirements"), count_of(d, "tests"));
	fputs("<div class=\"two\">\n", out);
	one_run(out, "Before", "前", json_object_get(d, "a"), links->a);
	one_run(out, "After", "後", json_object_get(d, "b"), links->b);
	fputs("</div>\n", out);
}

/* ---- what else differs ---- */
static const json_t *by_file(const json_t *files, const char *name)
{
	for (size_t i = 0; i < json_array_size(files); i++)
		if (!strcmp(get_text(json_array_get(files, i), "file"), name))
			return json_array_get(files, i);
	return NULL;
}

/* Of the suites the names of those that differ; their hashes say nothing to a person. */
static void suites(FILE *out, const json_t *pair)
{
	const json_t *a = json_object_get(pair, "a"), *b = json_object_get(pair, "b");
	bool any = false;

	for (int side = 0; side < 2; side++) {
		const json_t *mine = side ? a : b, *others = side ? b : a;

		for (size_t i = 0; i < json_array_size(mine); i++) {
			const json_t *f = json_array_get(mine, i), *other = by_file(others, get_text(f, "file"));

			if (side ? other != NULL : other && json_equal(f, other))
				continue;
			fputs(any ? ", " : "", out);
			page_str(out, get_text(f, "file"));
			fputs(side ? " (gone)" : other ? " (changed)" : " (new)", out);
			any = true;
		}
	}
	fputs(any ? "" : "in another order", out);
}

/* Of a hash the first digits; they are there to tell two apart. */
static void short_value(FILE *out, const char *what, const json_t *v)
{
	char hex[17];

	if (!strstr(what, "_sha256") || !json_is_string(v)) {
		value(out, v);
		return;
	}
	snprintf(hex, sizeof(hex), "%s", json_string_value(v));
	fputs("<code>", out);
	page_str(out, hex);
	fputs("</code>", out);
}

static void also(FILE *out, const json_t *d)
{
	const json_t *run = json_object_get(d, "run");

	page_section(out, "also", "What else differs", "その他の違い");
	if (!json_array_size(run)) {
		fputs("<p>Nothing else that the runs record: product, firmware, unit, declaration, profile, suites, seed and bench are the same. What changed "
		      "all the same is unsteady. <span lang=\"ja\">記録された条件はすべて同じです。</span></p>\n</section>\n", out);
		return;
	}
	fputs("<p>The runs differ also in the following. It is named, not weighed: where several things differ, the data does not say which of them changed a "
	      "verdict. <span lang=\"ja\">実行条件の違いです。どれが原因かは記録からは分かりません。</span></p>\n"
	      "<table class=\"diff\"><thead><tr><th scope=\"col\">What <span lang=\"ja\">項目</span></th><th scope=\"col\">Before <span lang=\"ja\">前</span></th>"
	      "<th scope=\"col\">After <span lang=\"ja\">後</span></th></tr></thead>\n", out);
	for (size_t c = 0; c < CLASSES; c++) {
		bool any = false;

		for (size_t i = 0; i < json_array_size(run); i++) {
			const json_t *r = json_array_get(run, i);

			if (strcmp(get_text(r, "class"), classes[c][0]))
				continue;
			if (!any)
				fprintf(out, "<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"3\">%s <span lang=\"ja\">%s</span></th></tr>\n", classes[c][1],
					classes[c][2]);
			any = true;
			fputs("<tr><th scope=\"row\">", out);
			page_str(out, get_text(r, "what"));
			fputs("</th>", out);
			if (!strcmp(get_text(r, "what"), "suites")) {
				fputs("<td colspan=\"2\">", out);
				suites(out, r);
			} else {
				fputs("<td>", out);
				short_value(out, get_text(r, "what"), json_object_get(r, "a"));
				fputs("</td><td>", out);
				short_value(out, get_text(r, "what"), json_object_get(r, "b"));
			}
			fputs("</td></tr>\n", out);
		}
		fputs(any ? "</tbody>\n" : "", out);
	}
	fputs("</table>\n</section>\n", out);
}

/* ---- gate, guidelines, requirements ---- */
static void score(FILE *out, const json_t *s)
{
	int64_t low = get_int(s, "low"), high = get_int(s, "high");

	if (!json_is_object(s)) {
		fputs("<span class=\"mut\">not there</span>", out);
		return;
	}
	fprintf(out, "%" PRId64 "-%" PRId64 "%%", low / 10000, high / 10000 + (high % 10000 > 0));
}

static void guideline(FILE *out, const json_t *g)
{
	const json_t *s = json_object_get(g, "score");

	fputs("<tr><th scope=\"row\">", out);
	page_str(out, get_text(g, "id"));
	fputs("</th><td>", out);
	if (json_object_get(g, "verdict"))
		put_change(out, json_object_get(g, "verdict"));
	else
		fputs("<span class=\"mut\">the same</span>", out);
	fputs("</td><td>", out);
	if (json_object_get(g, "should")) {
		fputs("should: ", out);
		put_change(out, json_object_get(g, "should"));
		fputs(s ? "<br>" : "", out);
	}
	if (s) {
		fputs("score <span class=\"from\">", out);
		score(out, json_object_get(s, "a"));
		fputs("</span> <span class=\"arrow\" aria-hidden=\"true\">→</span><span class=\"vh\">became</span> ", out);
		score(out, json_object_get(s, "b"));
	}
	fputs("</td></tr>\n", out);
}

static void requirement(FILE *out, const json_t *r)
{
	const json_t *why = json_object_get(r, "why");

	fputs("<tr><th scope=\"row\">", out);
	page_str(out, get_text(r, "id"));
	fputs("</th><td>", out);
	put_change(out, json_object_get(r, "verdict"));
	fputs("</td><td><span class=\"from\">", out);
	page_value(out, json_object_get(why, "a"));
	fputs("</span><br>", out);
	page_value(out, json_object_get(why, "b"));
	fputs("</td></tr>\n", out);
}

static void table(FILE *out, const json_t *list, const char *third, const char *ja, void (*row)(FILE *out, const json_t *e))
{
	fprintf(out, "<table class=\"lists\"><thead><tr><th scope=\"col\"><span class=\"vh\">Name</span></th>"
		"<th scope=\"col\">Verdict <span lang=\"ja\">判定</span></th><th scope=\"col\">%s <span lang=\"ja\">%s</span></th></tr></thead>\n<tbody>\n", third, ja);
	for (size_t i = 0; i < json_array_size(list); i++)
		row(out, json_array_get(list, i));
	fputs("</tbody></table>\n</section>\n", out);
}

static void counted(FILE *out, const json_t *d)
{
	const json_t *gate = json_object_get(d, "gate");

	page_section(out, "gate", "Gate", "合否");
	if (gate) {
		json_t *a = json_pack("{s:O*}", "verdict", json_object_get(gate, "a")), *b = json_pack("{s:O*}", "verdict", json_object_get(gate, "b"));

		fputs("<p>", out);
		page_gate(out, a, is_on(json_object_get(d, "a"), "rehearsal"));
		fputs(" <span class=\"arrow\" aria-hidden=\"true\">→</span><span class=\"vh\">became</span> ", out);
		page_gate(out, b, is_on(json_object_get(d, "b"), "rehearsal"));
		fputs("</p>\n</section>\n", out);
		json_decref(a);
		json_decref(b);
	} else {
		fputs("<p>The same in both. <span lang=\"ja\">変化なし</span></p>\n</section>\n", out);
	}
	if (count_of(d, "guidelines")) {
		page_section(out, "guidelines", "Guidelines", "ガイドライン");
		table(out, json_object_get(d, "guidelines"), "Should, score", "推奨・得点", guideline);
	}
}

static void tests(FILE *out, const json_t *d, const struct diff_links *links)
{
	const json_t *list = json_object_get(d, "tests");

	if (!json_array_size(list))
		return;
	page_section(out, "tests", "Tests", "試験");
	fputs("<ul class=\"ids\">", out);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *t = json_array_get(list, i);

		fputs("<li><a href=\"#", out);
		page_id(out, get_text(t, "id"));
		fputs("\">", out);
		page_str(out, get_text(t, "id"));
		fputs("</a> <span class=\"en\">", out);
		page_str(out, get_text(t, "title"));
		fputs("</span> ", out);
		if (json_object_get(t, "verdict"))
			put_change(out, json_object_get(t, "verdict"));
		else
			fputs("<span class=\"mut\">same verdict</span>", out);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
	for (size_t i = 0; i < json_array_size(list); i++)
		diff_test(out, json_array_get(list, i), links);
	fputs("</section>\n", out);
}

static void requirements(FILE *out, const json_t *d)
{
	if (!count_of(d, "requirements"))
		return;
	page_section(out, "requirements", "Requirements", "要求");
	table(out, json_object_get(d, "requirements"), "Why, before and after", "理由", requirement);
}

static void reading(FILE *out)
{
	page_section(out, "reading", "How to read", "読み方");
	fputs("<dl class=\"legend\">\n", out);
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		fputs("<div><dt>", out);
		look_verdict_both(out, (enum verdict)v);
		fprintf(out, "</dt><dd>%s</dd></div>\n", verdict_doc((enum verdict)v));
	}
	fputs("</dl>\n<p>Tests are matched by name, claims by what they are about, limits by name. That a time was 72 ms and is 73 ms now is no difference. "
	      "<code>jusan show RUN POINTER</code> prints the bytes behind a claim. Seals were not checked for this page: <code>jusan verify RUN</code>. "
	      "<span lang=\"ja\">封印は検証していません。</span></p>\n</section>\n", out);
}

void diff_page(const json_t *d, const char *a, const char *b, FILE *out)
{
	const struct diff_links links = { a, b };
	const struct page_part part[] = {
		{ "also", "What else differs", "その他の違い" }, { "gate", "Gate", "合否" },
		{ count_of(d, "guidelines") ? "guidelines" : NULL, "Guidelines", "ガイドライン" },
		{ count_of(d, "tests") ? "tests" : NULL, "Tests", "試験" },
		{ count_of(d, "requirements") ? "requirements" : NULL, "Requirements", "要求" }, { "reading", "How to read", "読み方" }, { 0 }
	};
	char title[200];

	snprintf(title, sizeof(title), "%.60s and %.60s compared | jusan", get_text(json_object_get(d, "a"), "id"), get_text(json_object_get(d, "b"), "id"));
	page_begin(out, "diff", title, "also", false);
	head(out, d, &links);
	page_contents(out, part);
	also(out, d);
	counted(out, d);
	tests(out, d, &links);
	requirements(out, d);
	reading(out);
	page_end(out);
}
