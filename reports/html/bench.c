/* SPDX-License-Identifier: Apache-2.0
 *
 * What stood behind the verdicts: the bench's lines, limits nobody declared, the inputs with their hashes, and how
 * to read the words and shapes of this report. */
#include <inttypes.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "reports/html/page.h"

/* What `jusan bench check` found out about a line, or why that does not count. */
static void stamp(struct html_page *p, const json_t *s)
{
	if (!json_is_true(json_object_get(s, "ok"))) {
		put(p, "<b class=\"tag\"><span class=\"en\">no valid stamp</span> <span lang=\"ja\">有効な検査記録なし</span></b> ");
		put_text(p, json_object_get(s, "why"));
		return;
	}
	put(p, "<span class=\"en\">checked</span> <span lang=\"ja\">検査済</span> ");
	put_str(p, get_text(s, "made"));
	put(p, ", <span class=\"en\">valid until</span> <span lang=\"ja\">有効期限</span> ");
	put_str(p, get_text(s, "until"));
	if (json_object_get(s, "median_ns")) {
		put(p, "; <span class=\"en\">latency</span> <span lang=\"ja\">遅延</span> ");
		put_span(p, get_int(s, "median_ns"));
		put(p, ", at most ");
		put_span(p, get_int(s, "max_ns"));
	}
	if (json_object_get(s, "uncertainty_ns")) {
		put(p, "; <span class=\"en\">uncertainty</span> <span lang=\"ja\">不確かさ</span> ");
		put_span(p, get_int(s, "uncertainty_ns"));
	}
	if (*get_text(s, "identity")) {
		put(p, "; ");
		put_str(p, get_text(s, "identity"));
	}
}

static void lines(struct html_page *p)
{
	const json_t *bench = json_object_get(p->v, "bench"), *all = json_object_get(bench, "lines");
	int64_t drops = get_int(bench, "drops");
	bool real = json_object_get(json_array_get(all, 0), "stamp") != NULL;

	put(p, "<section id=\"bench\">\n<h2><span class=\"en\">Bench</span> <span lang=\"ja\">試験設備</span></h2>\n<p>");
	put_text(p, json_object_get(p->run, "bench"));
	if (*get_text(p->run, "bench_kind")) {
		put(p, ", ");
		put_text(p, json_object_get(p->run, "bench_kind"));
	}
	if (*get_text(p->run, "machine")) {
		put(p, "; device runs as ");
		put_text(p, json_object_get(p->run, "machine"));
	}
	put(p, ". <span class=\"en\">Frames dropped by the recorders</span> <span lang=\"ja\">取りこぼし</span>: ");
	putf(p, drops ? "<b class=\"tag\">%" PRId64 "</b></p>\n" : "<b>%" PRId64 "</b></p>\n", drops);
	put(p, "<table class=\"lines\"><thead><tr><th scope=\"col\"><span class=\"en\">Line</span> <span lang=\"ja\">線</span></th><th scope=\"col\"><span class=\"en\">Driver</span> <span lang=\"ja\">ドライバ</span></th>");
	put(p, real ? "<th scope=\"col\"><span class=\"en\">Qualification</span> <span lang=\"ja\">設備の検査</span></th>" : "");
	put(p, "<th scope=\"col\"><span class=\"en\">Notes</span> <span lang=\"ja\">備考</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *line = json_array_get(all, i), *notes = json_object_get(line, "notes");

		put(p, "<tr><th scope=\"row\">");
		put_text(p, json_object_get(line, "name"));
		put(p, "</th><td>");
		put_text(p, json_object_get(line, "driver"));
		put(p, "</td><td>");
		if (real) {
			stamp(p, json_object_get(line, "stamp"));
			put(p, "</td><td>");
		}
		for (size_t k = 0; k < json_array_size(notes); k++) {
			put(p, k ? "<br>" : "");
			put_text(p, json_array_get(notes, k));
		}
		put(p, "</td></tr>\n");
	}
	put(p, "</tbody></table>\n</section>\n");
}

/* One row per limit and value, with the tests that used it. */
static void defaults(struct html_page *p)
{
	const json_t *tests = json_object_get(p->v, "tests");
	CLEANUP(free_json) json_t *rows = json_array();
	CLEANUP(free_json) json_t *index = json_object();

	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i), *all = json_object_get(test, "limits");

		for (size_t k = 0; k < json_array_size(all); k++) {
			json_t *limit = json_array_get(all, k), *row;
			char key[512];

			if (strcmp(get_text(limit, "origin"), "default"))
				continue;
			snprintf(key, sizeof(key), "%s\x1f%s", get_text(limit, "name"), get_text(limit, "text"));
			row = json_object_get(index, key);
			if (!row) {
				row = json_pack("{sOs[]}", "limit", limit, "tests");
				if (!row || json_object_set_new(index, key, row) < 0 || json_array_append(rows, row) < 0)
					return;
			}
			if (json_array_append(json_object_get(row, "tests"), json_object_get(test, "id")) < 0)
				return;
		}
	}
	put(p, "<section id=\"limits\">\n<h2><span class=\"en\">Limits taken by default</span> <span lang=\"ja\">既定値による限度</span></h2>\n");
	put(p, json_array_size(rows)
	       ? "<p>Neither the maker's declaration nor the profile names these; the suites' own values were used.</p>\n"
		 "<table class=\"defaults\"><thead><tr><th scope=\"col\"><span class=\"en\">Limit</span> <span lang=\"ja\">限度</span></th><th scope=\"col\"><span class=\"en\">Value</span> <span lang=\"ja\">値</span></th>"
		 "<th scope=\"col\"><span class=\"en\">Tests</span> <span lang=\"ja\">試験</span></th></tr></thead><tbody>\n"
	       : "<p>None: every limit was declared or stands in the profile.</p>\n");
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i), *limit = json_object_get(row, "limit");

		put(p, "<tr><th scope=\"row\">");
		put_text(p, json_object_get(limit, "name"));
		put(p, "</th><td>");
		put_text(p, json_object_get(limit, *get_text(limit, "text") ? "text" : "value"));
		put(p, "</td><td class=\"ids\">");
		put_test_links(p, json_object_get(row, "tests"));
		put(p, "</td></tr>\n");
	}
	put(p, json_array_size(rows) ? "</tbody></table>\n</section>\n" : "</section>\n");
}

static void input(struct html_page *p, const char *what, const json_t *value, const json_t *hash)
{
	if (!value && !hash)
		return;
	putf(p, "<tr><th scope=\"row\">%s</th><td>", what);
	put_text(p, value);
	put(p, "</td><td class=\"hash\">");
	put_text(p, hash);
	put(p, "</td></tr>\n");
}

static void inputs(struct html_page *p)
{
	const json_t *run = p->run, *tool = json_object_get(p->v, "tool"), *suites = json_object_get(run, "suites");
	const json_t *notes = json_object_get(run, "notes");

	put(p, "<section id=\"inputs\">\n<h2><span class=\"en\">Inputs of the run</span> <span lang=\"ja\">入力</span></h2>\n<table class=\"inputs\"><thead><tr>"
	       "<th scope=\"col\">What</th><th scope=\"col\">Value</th><th scope=\"col\">SHA-256</th></tr></thead><tbody>\n");
	input(p, "tool", json_object_get(tool, "version"), json_object_get(tool, "sha256"));
	input(p, "firmware", json_object_get(run, "firmware"), json_object_get(run, "firmware_sha256"));
	input(p, "bench file", json_object_get(run, "bench"), json_object_get(run, "bench_sha256"));
	input(p, "declaration", json_object_get(run, "device"), json_object_get(run, "device_sha256"));
	input(p, "profile", json_object_get(run, "profile"), json_object_get(run, "profile_sha256"));
	for (size_t i = 0; i < json_array_size(suites); i++)
		input(p, "suite", json_object_get(json_array_get(suites, i), "file"), json_object_get(json_array_get(suites, i), "sha256"));
	input(p, "seed", json_object_get(run, "seed"), NULL);
	input(p, "host", json_object_get(run, "host"), NULL);
	input(p, "ended", json_object_get(run, "ended"), NULL);
	for (size_t i = 0; i < json_array_size(notes); i++)
		input(p, "note", json_array_get(notes, i), NULL);
	put(p, "</tbody></table>\n</section>\n");
}

static void reading(struct html_page *p)
{
	static const struct { enum verdict v; const char *ja; } order[VERDICT_COUNT] = {
		{ VERDICT_PASS,           "示した範囲では不備の兆候なし" },
		{ VERDICT_FAIL,           "機器がしてはならないことをした" },
		{ VERDICT_ERROR,          "試験設備の不具合。機器については何も言えない" },
		{ VERDICT_INCONCLUSIVE,   "この試験では見分けられなかった" },
		{ VERDICT_REVIEW,         "証拠を人が読んで判断する" },
		{ VERDICT_NOT_TESTED,     "試験していない" },
		{ VERDICT_NOT_APPLICABLE, "前提条件が成り立たない（証拠あり）" },
	};

	put(p, "<section id=\"reading\">\n<h2><span class=\"en\">How to read this</span> <span lang=\"ja\">読み方</span></h2>\n<dl class=\"legend\">\n");
	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		put(p, "<div><dt>");
		put_verdict_both(p, order[i].v);
		putf(p, "</dt><dd>%s</dd><dd lang=\"ja\">%s</dd></div>\n", verdict_doc(order[i].v), order[i].ja);
	}
	put(p, "</dl>\n<p>A claim that something is absent or refused counts only after its control held: the same search found what was planted, "
	       "the honest twin was accepted on the same path. What was not run never adds up to PASS. "
	       "<code>file@offset+length</code>, <code>capture#frame</code> and <code>journal#number</code> lead into the run folder; "
	       "<code>jusan show RUN POINTER</code> prints what stands there. Times count from the run's first moment. "
	       "In text from the device <s>\\x1b</s> and <s>U+202E</s> stand for bytes and characters that would not show.</p>\n"
	       "<p lang=\"ja\">「ない」「拒む」という主張は、対照が成り立った場合だけ数えます（仕込んだ印を同じ探索が見つけた、正しい相手は同じ経路で受け入れられた）。"
	       "実行していないものが適合になることはありません。機器から来た文字列のうち見えないものは <s>\\x1b</s> や <s>U+202E</s> と表します。</p>\n</section>\n");
}

void html_bench(struct html_page *p)
{
	lines(p);
	defaults(p);
	inputs(p);
	html_seals(p);
	reading(p);
}
