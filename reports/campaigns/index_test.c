// SPDX-License-Identifier: Apache-2.0
// Folders of runs made of the golden verdicts: what is read, grouped, counted, refused, and what the page then holds.
#include "reports/campaigns/index.h"

#include <string.h>
#include <sys/stat.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/result.h"
#include "reports/campaigns/page.h"
#include "reports/campaigns/page_check.h"

static char top[64];

static void begin(void)
{
	strcpy(top, "/tmp/jusan-index-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
}

static void finish(void)
{
	struct err err = { 0 };

	ck_assert_msg(fs_remove(top, &err), "%s", err.text);
}

static const char *below(const char *name)
{
	static char path[4][FS_PATH];
	static unsigned at;

	at = (at + 1) % 4;
	snprintf(path[at], FS_PATH, "%s/%s", top, name);
	return path[at];
}

static json_t *golden(void)
{
	json_t *v = json_load_file("fixtures/golden/run/verdicts.json", 0, NULL);

	ck_assert_ptr_nonnull(v);
	return v;
}

static void text(const char *name, const char *body)
{
	struct err err = { 0 };

	ck_assert_msg(fs_write(below(name), body, strlen(body), &err), "%s", err.text);
}

/* run: members that replace those of the golden one; tests: verdicts of its first tests, one letter each; takes v over. */
static void write_run(const char *name, json_t *v, const char *run, const char *tests)
{
	static const char letters[] = "_PFEIRA";        /* in the order of enum verdict */
	json_t *more = json_loads(run, 0, NULL), *counts = json_object_get(v, "counts");
	struct err err = { 0 };
	char path[FS_PATH];

	ck_assert_msg(more != NULL, "%s", run);
	json_object_update(json_object_get(v, "run"), more);
	json_decref(more);
	for (size_t i = 0; tests[i]; i++) {
		const char *word = verdict_name((enum verdict)(strchr(letters, tests[i]) - letters));

		json_object_set_new(json_array_get(json_object_get(v, "tests"), i), "verdict", json_string(word));
		json_object_set_new(counts, word, json_integer(json_integer_value(json_object_get(counts, word)) + 1));
	}
	ck_assert_msg(fs_mkdirs(below(name), &err), "%s", err.text);
	snprintf(path, sizeof(path), "%s/verdicts.json", below(name));
	ck_assert_msg(fs_write_json(path, v, &err), "%s", err.text);
	json_decref(v);
}

static json_t *indexed(void)
{
	struct err err = { 0 };
	json_t *index = NULL;

	ck_assert_msg(index_read(top, &index, &err), "%s", err.text);
	return index;
}

static char *page_of(const json_t *index)
{
	size_t n = 0;
	char *page = NULL;
	FILE *f = open_memstream(&page, &n);

	index_page(index, "runs/", f);
	fclose(f);
	ck_assert_uint_eq(strlen(page), n);
	page_check(page, true);
	return page;
}

static char *said(void (*say)(const json_t *index, FILE *out), const json_t *index)
{
	size_t n = 0;
	char *out = NULL;
	FILE *f = open_memstream(&out, &n);

	say(index, f);
	fclose(f);
	return out;
}

static void all_flakes(const json_t *index, FILE *out) { index_flakes(index, true, out); }

static void must_hold(const char *page, const char *what)
{
	ck_assert_msg(strstr(page, what) != NULL, "not there: %s", what);
}

static const char *path_of(const json_t *index, size_t i)
{
	return json_string_value(json_object_get(json_array_get(json_object_get(index, "runs"), i), "path"));
}

static const char *why_not(const json_t *index, const char *path)
{
	size_t i;
	json_t *e;

	json_array_foreach(json_object_get(index, "not_read"), i, e)
		if (!strcmp(json_string_value(json_object_get(e, "path")), path))
			return json_string_value(json_object_get(e, "why"));
	return "it was read, or is not mentioned";
}

/* ---- finding and order ---- */
START_TEST(finds)
{
	json_t *index, *again, *products;
	char *page, *twice;
	struct err err = { 0 };

	begin();
	write_run("b/old", golden(), "{\"started\":\"2026-01-02T03:04:05Z\",\"firmware\":\"1\"}", "");
	write_run("a", golden(), "{\"started\":\"2026-03-02T03:04:05Z\",\"firmware\":\"2\"}", "");
	write_run("a/not-looked-for", golden(), "{}", "");
	write_run("c", golden(), "{\"started\":\"2026-02-02T03:04:05Z\",\"firmware\":\"2\",\"maker\":\"Other\"}", "");
	write_run("d", golden(), "{\"started\":\"yesterday\",\"firmware\":\"1\"}", "");
	ck_assert(fs_mkdirs(below("a/report"), &err));
	text("a/report/report.html", "x");
	index = indexed();
	again = indexed();
	ck_assert(json_equal(index, again));
	ck_assert_uint_eq(json_array_size(json_object_get(index, "runs")), 4);
	ck_assert_uint_eq(json_array_size(json_object_get(index, "not_read")), 0);
	ck_assert_str_eq(path_of(index, 0), "a");
	ck_assert_str_eq(path_of(index, 1), "c");
	ck_assert_str_eq(path_of(index, 2), "b/old");
	ck_assert_str_eq(path_of(index, 3), "d");               /* nobody knows when: behind all others */
	products = json_object_get(index, "products");
	ck_assert_uint_eq(json_array_size(products), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(json_array_get(products, 0), "firmwares")), 2);
	ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(json_array_get(products, 0), "trend"), 0)), 3);
	ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(json_array_get(products, 0), "trend"), 2)), 0);
	page = page_of(index);
	twice = page_of(again);
	ck_assert_str_eq(page, twice);
	must_hold(page, "<h1>4 runs of 2 products</h1>");
	must_hold(page, "href=\"./runs/a/report/report.html\"");
	ck_assert(!strstr(page, "runs/c/report/"));             /* it has none */
	free(page);
	free(twice);
	json_decref(index);
	json_decref(again);
	finish();
}
END_TEST

static const struct { const char *body, *why; } odd[] = {
	{ "", "no JSON" }, { "{\"format\":", "no JSON: the text ends" }, { "[]", "not of format" }, { "{\"format\":\"jusan-verdicts/2\"}", "not of format" },
	{ "{\"format\":\"jusan-verdicts/1\"}", "'decided'" },
	{ "{\"format\":\"jusan-verdicts/1\",\"decided\":1,\"open\":2,\"of\":3,\"run\":{},\"counts\":{},\"gate\":{\"verdict\":\"ALMOST\"}}", "'gate'" },
	{ "{\"format\":\"jusan-verdicts/1\",\"decided\":1,\"open\":2,\"of\":3,\"run\":{},\"counts\":{},\"gate\":{\"verdict\":\"MET\"},\"guidelines\":[],"
	  "\"tests\":[{\"id\":\"A\",\"verdict\":\"GOOD\"}]}", "test 1" },
	{ "{\"format\":\"jusan-verdicts/1\",\"decided\":1,\"open\":2,\"of\":3,\"run\":{},\"counts\":{},\"gate\":{\"verdict\":\"MET\"},\"guidelines\":[],"
	  "\"tests\":[{\"id\":\"A\",\"verdict\":\"PASS\",\"round_verdicts\":[\"PASS\",\"GOOD\"]}]}", "test 1" },
	{ "{\"format\":\"jusan-verdicts/1\",\"decided\":1,\"open\":2,\"of\":3,\"run\":{},\"counts\":{},\"gate\":{\"verdict\":\"MET\"},"
	  "\"guidelines\":[{\"id\":\"G1\"}],\"tests\":[]}", "guideline 1" },
};
START_TEST(cannot_be_read)
{
	json_t *index;
	char *page;
	struct err err = { 0 };

	begin();
	ck_assert(fs_mkdirs(below("x"), &err));
	text("x/verdicts.json", odd[_i].body);
	index = indexed();
	ck_assert_uint_eq(json_array_size(json_object_get(index, "runs")), 0);
	ck_assert_msg(strstr(why_not(index, "x"), odd[_i].why) != NULL, "%s: %s", odd[_i].body, why_not(index, "x"));
	page = page_of(index);
	must_hold(page, "<section id=\"unread\">");
	must_hold(page, "<code>x</code></th><td>verdicts.json");
	free(page);
	json_decref(index);
	finish();
}
END_TEST

/* A verdicts.json in which nothing is of the form one hopes for. */
START_TEST(nothing_as_hoped)
{
	static const char body[] = "{\"format\":\"jusan-verdicts/1\",\"decided\":-9223372036854775808,\"open\":9223372036854775807,\"of\":0,\"counts\":{\"FAIL\":\"x\","
		"\"PASS\":-1},\"gate\":{\"verdict\":\"OPEN\",\"why\":7,\"rehearsal\":[]},\"guidelines\":[{\"verdict\":\"PASS\"}],\"run\":{\"maker\":1,\"product\":[],"
		"\"firmware\":{},\"suites\":7,\"unit\":\"u\",\"runs\":[1,{}],\"only\":3,\"repeat\":9223372036854775807,\"started\":[],\"serial\":null},"
		"\"tests\":[{\"id\":\"A\",\"verdict\":\"PASS\",\"title\":3,\"flaky\":-1,\"units\":[{\"verdict\":\"FAIL\",\"unit\":\"x\",\"why\":{}}]},"
		"{\"id\":\"A\",\"verdict\":\"FAIL\",\"units\":{}}]}";
	json_t *index;
	char *page, *out;
	struct err err = { 0 };

	begin();
	ck_assert(fs_mkdirs(below("x"), &err) && fs_mkdirs(below("y"), &err));
	text("x/verdicts.json", body);
	text("y/verdicts.json", body);
	index = indexed();
	ck_assert_uint_eq(json_array_size(json_object_get(index, "runs")), 2);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(json_array_get(json_object_get(index, "runs"), 0), "tests"), "A")), "FAIL");
	page = page_of(index);
	free(page);
	out = said(index_text, index);
	free(out);
	out = said(all_flakes, index);
	free(out);
	json_decref(index);
	finish();
}
END_TEST

START_TEST(never_dropped)
{
	char deep[200] = "deep";
	json_t *index;
	struct err err = { 0 };

	begin();
	write_run("good", golden(), "{}", "");
	ck_assert(fs_mkdirs(below("unjudged"), &err) && fs_mkdirs(below("running"), &err) && fs_mkdirs(below("pipe"), &err) && fs_mkdirs(below("away"), &err));
	text("unjudged/run.json", "{}");
	text("running/journal.jsonl", "");
	ck_assert_int_eq(mkfifo(below("pipe/verdicts.json"), 0600), 0);
	ck_assert_int_eq(symlink(below("good/verdicts.json"), below("away/verdicts.json")), 0);
	ck_assert_int_eq(symlink("good", below("latest")), 0);
	for (int i = 0; i < INDEX_DEPTH; i++)
		strcat(deep, "/d");
	ck_assert(fs_mkdirs(below(deep), &err));
	index = indexed();
	ck_assert_uint_eq(json_array_size(json_object_get(index, "runs")), 1);
	ck_assert(strstr(why_not(index, "unjudged"), "not judged"));
	ck_assert(strstr(why_not(index, "running"), "not judged"));
	ck_assert(strstr(why_not(index, "pipe"), "no regular file"));
	ck_assert(strstr(why_not(index, "away"), "no regular file"));
	ck_assert(strstr(why_not(index, "latest"), "links are not followed"));
	ck_assert(strstr(why_not(index, deep), "deeper than"));
	json_decref(index);
	finish();
	ck_assert(!index_read("/tmp/jusan-there-is-no-such-folder", &index, &err));
	ck_assert_int_eq(err.kind, ERR_CONF);
}
END_TEST

/* ---- hostile names and texts ---- */
START_TEST(hostile)
{
	json_t *v, *index;
	char *page, *out;

	begin();
	v = golden();
	json_object_set_new(json_object_get(json_array_get(json_object_get(v, "tests"), 0), "title"), "en", json_string("<b>t</b>\x1b[31m\xe2\x80\xae"));
	json_object_set_new(json_object_get(v, "gate"), "why", json_string("\"><script>alert(3)</script>"));
	write_run("javascript:alert(1)\n\"'<i>&?#%2e", v, "{\"maker\":\"<script>alert(1)</script>\",\"firmware\":\"\\u001b]0;x\\u0007\",\"serial\":\"</td>\","
		  "\"started\":\"2026-01-01T00:00:00\\\"<\",\"profile\":\"a\\u202eb\"}", "");
	write_run("\xff\xfe", golden(), "{\"maker\":\"<script>alert(1)</script>\",\"firmware\":\"\\u001b]0;x\\u0007\"}", "");
	index = indexed();
	ck_assert_uint_eq(json_array_size(json_object_get(index, "runs")), 2);
	page = page_of(index);
	ck_assert(!strstr(page, "<script>alert") && !strstr(page, "<b>t</b>") && !strchr(page, 0x1b) && !strstr(page, "\xe2\x80\xae"));
	must_hold(page, "&lt;script&gt;alert(1)");
	out = said(index_text, index);
	ck_assert(!strchr(out, 0x1b) && !strstr(out, "\xe2\x80\xae") && !strchr(out, 0x07));
	must_hold(out, "\\xff\\xfe");
	free(out);
	out = said(all_flakes, index);
	ck_assert(!strchr(out, 0x1b) && !strstr(out, "\xe2\x80\xae"));
	free(out);
	free(page);
	out = json_dumps(index, 0);
	must_hold(out, "\"href\": \"javascript%3Aalert%281%29%0A%22%27%3Ci%3E%26%3F%23%252e\"");
	must_hold(out, "\"href\": \"%FF%FE\"");
	free(out);
	json_decref(index);
	finish();
}
END_TEST

/* ---- nothing looks better than it is ---- */
START_TEST(rehearsal_is_never_met)
{
	json_t *v = golden(), *index;
	char *page, *out;
	bool of_gate = _i == 0;

	begin();
	json_object_set_new(json_object_get(v, "gate"), "verdict", json_string("MET"));
	json_object_set_new(json_object_get(v, "gate"), "rehearsal", json_boolean(of_gate));
	write_run("x", v, of_gate ? "{\"rehearsal\":false}" : "{\"rehearsal\":true}", "");
	index = indexed();
	page = page_of(index);
	must_hold(page, "data-gate=\"OPEN\" data-rehearsal=\"1\"");
	must_hold(page, "rehearsal <span lang=\"ja\">リハーサル</span>");
	must_hold(page, "<dd>0 of 1</dd>");
	ck_assert(!strstr(page, "</svg>MET"));
	out = said(index_text, index);
	ck_assert(!strstr(out, "MET"));
	must_hold(out, "*  ");
	must_hold(out, "* a rehearsal: its gate is never met");
	free(out);
	free(page);
	json_decref(index);
	finish();
}
END_TEST

/* Every verdict of every test and guideline can be read back from the page: by its word, run after run. */
static enum verdict labelled(const char **at)
{
	const char *from = strstr(*at, "aria-label=\"");
	char word[40];

	ck_assert_ptr_nonnull(from);
	from += 12;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(from, "\""), from);
	*at = from;
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (!strcmp(word, look_word((enum verdict)v)))
			return (enum verdict)v;
	ck_abort_msg("no verdict: %s", word);
}

START_TEST(round_trip)
{
	static const char *const tests[] = { "_PFEIRA_PFE", "PFEIRA_PFEI", "FEIRA_PFEIR" };       /* oldest to newest */
	static const char letters[] = "_PFEIRA";
	json_t *index, *v, *guidelines = NULL;
	char *page, *out, want[200];
	const char *at;
	size_t i;

	begin();
	for (int r = 0; r < 3; r++) {
		char name[8], run[80];

		snprintf(name, sizeof(name), "r%d", r);
		snprintf(run, sizeof(run), "{\"started\":\"2026-0%d-01T00:00:00Z\",\"id\":\"r%d\"}", r + 1, r);
		v = golden();
		guidelines = json_object_get(v, "guidelines");
		for (i = 0; i < json_array_size(guidelines); i++)
			json_object_set_new(json_array_get(guidelines, i), "verdict", json_string(verdict_name((enum verdict)((i + (size_t)r) % VERDICT_COUNT))));
		write_run(name, v, run, tests[r]);
	}
	v = golden();
	index = indexed();
	page = page_of(index);
	at = strstr(page, "<section id=\"time\">");
	ck_assert_ptr_nonnull(at);
	for (i = 0; tests[0][i]; i++) {
		snprintf(want, sizeof(want), "<b>%s</b>", json_string_value(json_object_get(json_array_get(json_object_get(v, "tests"), i), "id")));
		at = strstr(at, want);
		ck_assert_msg(at != NULL, "%s", want);
		for (int r = 0; r < 3; r++)
			ck_assert_int_eq(letters[labelled(&at)], tests[r][i]);
	}
	for (int r = 0; r < 3; r++) {
		int id = 0;

		snprintf(want, sizeof(want), "<tr id=\"run%d\"", 3 - r);
		at = strstr(page, want);
		guidelines = json_object_get(v, "guidelines");
		for (i = 0; i < json_array_size(guidelines); i++) {
			ck_assert_int_eq(sscanf(json_string_value(json_object_get(json_array_get(guidelines, i), "id")), "G%d", &id), 1);
			snprintf(want, sizeof(want), "title=\"G%d %s\"><svg", id, look_word((enum verdict)((i + (size_t)r) % VERDICT_COUNT)));
			ck_assert_msg(strstr(at, want) != NULL, "run %d: %s", r, want);
		}
	}
	out = said(all_flakes, index);
	must_hold(out, "unsteady  _.F");
	free(out);
	free(page);
	json_decref(v);
	json_decref(index);
	finish();
}
END_TEST

/* ---- what was repeated ---- */
static const struct { const char *runs, *state; int said, not_tested, most; } steady[] = {
	{ "PP", "too few", 2, 0, 2 }, { "PPP", "steady", 3, 0, 3 }, { "PF", "unsteady", 2, 0, 1 }, { "PPPPF", "unsteady", 5, 0, 4 },
	{ "___", "too few", 0, 3, 0 }, { "P__", "too few", 1, 2, 1 }, { "PPP_", "steady", 3, 1, 3 }, { "PP_", "too few", 2, 1, 2 },
	{ "FFF", "steady", 3, 0, 3 }, { "PPE", "unsteady", 3, 0, 2 }, { "AAA", "steady", 3, 0, 3 }, { "AAP", "unsteady", 3, 0, 2 },
	{ "RRI", "unsteady", 3, 0, 2 },
};
START_TEST(states)
{
	json_t *index, *sets, *t;

	begin();
	for (size_t i = 0; steady[_i].runs[i]; i++) {
		char name[8], run[100], one[2] = { steady[_i].runs[i], '\0' };

		snprintf(name, sizeof(name), "r%zu", i);
		snprintf(run, sizeof(run), "{\"started\":\"2026-0%zu-01T00:00:00Z\",\"id\":\"r%zu\",\"seed\":%zu}", i + 1, i, i);
		write_run(name, golden(), run, one);
	}
	index = indexed();
	sets = json_object_get(index, "sets");
	ck_assert_uint_eq(json_array_size(sets), 1);
	t = json_array_get(json_object_get(json_array_get(sets, 0), "tests"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(t, "state")), steady[_i].state);
	ck_assert_int_eq(json_integer_value(json_object_get(t, "said")), steady[_i].said);
	ck_assert_int_eq(json_integer_value(json_object_get(t, "not_tested")), steady[_i].not_tested);
	ck_assert_int_eq(json_integer_value(json_object_get(t, "most")), steady[_i].most);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(json_array_get(sets, 0), "differ"), 0)), "seed");
	json_decref(index);
	finish();
}
END_TEST

/* What two runs may differ in and still be repetitions, and what not. */
static const struct { const char *other; size_t sets; } set[] = {
	{ "{}", 1 }, { "{\"unit\":2}", 1 }, { "{\"bench_sha256\":\"x\"}", 1 }, { "{\"firmware\":\"9\"}", 0 }, { "{\"firmware_sha256\":\"x\"}", 0 },
	{ "{\"profile\":\"other\"}", 0 }, { "{\"profile_sha256\":\"x\"}", 0 }, { "{\"suites\":[]}", 0 }, { "{\"hardware\":\"Z\"}", 0 }, { "{\"model\":\"Z\"}", 0 },
	{ "{\"runs\":[{\"unit\":1},{\"unit\":2}]}", 0 },
};
START_TEST(sets)
{
	json_t *index;

	begin();
	write_run("a", golden(), "{\"id\":\"a\"}", "");
	write_run("b", golden(), "{\"id\":\"b\"}", "");
	ck_assert(!unlink(below("b/verdicts.json")));
	{
		json_t *v = golden();

		json_object_set_new(json_object_get(v, "run"), "id", json_string("b"));
		write_run("b", v, set[_i].other, "");
	}
	index = indexed();
	ck_assert_uint_eq(json_array_size(json_object_get(index, "sets")), set[_i].sets);
	json_decref(index);
	finish();
}
END_TEST

/* The same folder copied is no second answer. */
START_TEST(copies)
{
	json_t *index;
	char *page;

	begin();
	write_run("a", golden(), "{\"id\":\"a\"}", "");
	write_run("b", golden(), "{\"id\":\"a\"}", "");
	index = indexed();
	ck_assert_uint_eq(json_array_size(json_object_get(index, "runs")), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(index, "sets")), 0);
	page = page_of(index);
	must_hold(page, "<a href=\"#run1\">a copy");
	free(page);
	json_decref(index);
	finish();
}
END_TEST

START_TEST(rounds)
{
	json_t *v = golden(), *t = json_array_get(json_object_get(v, "tests"), 0), *index, *r;
	char *page, *out;

	begin();
	json_object_set_new(t, "round_verdicts", json_pack("[s,s,s,s]", "PASS", "PASS", "FAIL", "PASS"));
	json_object_set_new(t, "flaky", json_integer(250000));
	write_run("a", v, "{\"repeat\":4}", "F");
	index = indexed();
	r = json_array_get(json_object_get(json_array_get(json_object_get(index, "sets"), 0), "tests"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(r, "state")), "unsteady");
	ck_assert_int_eq(json_integer_value(json_object_get(r, "most")), 3);
	page = page_of(index);
	must_hold(page, "FAIL</span> 1 of 4</span>");
	must_hold(page, "PASS</span> 3 of 4</span>");
	must_hold(page, "<b class=\"unsteady\">unsteady");
	must_hold(page, "4 rounds");
	out = said(all_flakes, index);
	must_hold(out, "..F.  FAIL 1 of 4, PASS 3 of 4");
	free(out);
	free(page);
	json_decref(index);
	finish();
}
END_TEST

/* ---- several units ---- */
START_TEST(units)
{
	json_t *v = golden(), *index, *tests = json_object_get(v, "tests");
	char *page;

	begin();
	for (size_t i = 0; i < json_array_size(tests); i++)
		json_object_set_new(json_array_get(tests, i), "units", json_pack("[{s:i,s:s,s:s},{s:i,s:s,s:s}]", "unit", 1, "verdict", "PASS", "why", "fine", "unit", 2,
				    "verdict", i == 2 ? "FAIL" : i == 3 ? "NOT_TESTED" : "PASS", "why", "saw <9>"));
	write_run("all", v, "{\"runs\":[{\"unit\":1,\"serial\":\"A\",\"run\":\"u1\"},{\"unit\":2,\"serial\":\"B<\",\"run\":\"u2\"}]}", "");
	index = indexed();
	page = page_of(index);
	must_hold(page, "<section id=\"units\">");
	must_hold(page, "2 units; of 11 tests <b>1 differ</b>");
	must_hold(page, "<b class=\"unsteady\">differ");
	must_hold(page, "not all tested");
	must_hold(page, "unit 2: saw &lt;9&gt;");
	must_hold(page, "unit 2 B&lt;");
	free(page);
	json_decref(index);
	finish();
}
END_TEST

/* ---- where a page may go ---- */
START_TEST(places)
{
	struct err err = { 0 };
	char *way;

	begin();
	write_run("runs/a b", golden(), "{}", "");
	ck_assert(fs_mkdirs(below("runs/a b/report"), &err) && fs_mkdirs(below("pages/x"), &err));
	ck_assert(page_may_write(below("runs/index.html"), "index", &err));
	ck_assert(!page_may_write(below("runs/a b/index.html"), "index", &err));
	ck_assert(strstr(err.text, "run folder"));
	ck_assert(!page_may_write(below("runs/a b/report/index.html"), "index", &err));
	ck_assert(!page_may_write(below("nowhere/index.html"), "index", &err));
	text("runs/index.html", "<html>somebody's");
	ck_assert(!page_may_write(below("runs/index.html"), "index", &err));
	text("runs/index.html", "<meta name=\"generator\" content=\"jusan index 0.1\">");
	ck_assert(page_may_write(below("runs/index.html"), "index", &err));
	ck_assert(!page_may_write(below("runs/index.html"), "diff", &err));
	way = page_way(below("runs/index.html"), below("runs"));
	ck_assert_str_eq(way, "");
	free(way);
	way = page_way(below("pages/x/index.html"), below("runs/a b"));
	ck_assert_str_eq(way, "../../runs/a%20b/");
	free(way);
	way = page_way(below("runs/a b/report/x.html"), below("runs"));
	ck_assert_str_eq(way, "../../");
	free(way);
	finish();
}
END_TEST

TEST_MAIN({ "finds", finds, 1 }, { "cannot be read", cannot_be_read, ROWS(odd) }, { "nothing as hoped", nothing_as_hoped, 1 },
	  { "never dropped", never_dropped, 1 }, { "hostile", hostile, 1 }, { "rehearsal", rehearsal_is_never_met, 2 }, { "round trip", round_trip, 1 },
	  { "states", states, ROWS(steady) }, { "sets", sets, ROWS(set) }, { "copies", copies, 1 }, { "rounds", rounds, 1 }, { "units", units, 1 },
	  { "places", places, 1 })
