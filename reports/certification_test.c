// SPDX-License-Identifier: Apache-2.0
/* The documents for certification, made of the golden verdicts with every verdict word in every mapping, of the same made hostile, and of
 * an empty run. Each page is read by reports/document/check.py, and its verdicts are read back. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/report.h"
#include "harness/standard.h"
#include "reports/document/doc.h"
#include "reports/document/provisions.h"
#include "reports/test_people.h"

extern const struct report report_ts103701, report_jcstar, report_psti, report_cls;

static const struct report *const all[] = { &report_ts103701, &report_jcstar, &report_psti, &report_cls };

#define EVIL "<b onload=x>&\"'\x1b]0;x\x07\xe2\x80\xae]]>\n%s"

static char folder[] = "/tmp/jusan-documents-XXXXXX";

static void write_file(const char *name, const char *text, size_t n)
{
	char path[FS_PATH];
	struct err err = { 0 };

	ck_assert(fs_join(path, folder, name, &err) && fs_write(path, text, n, &err));
}

static void make_folder(void)
{
	char path[FS_PATH], text[1 << 16];
	FILE *f = fopen("fixtures/device/device.yaml", "r");
	struct err err = { 0 };
	size_t n;

	ck_assert_ptr_nonnull(f);
	strcpy(strrchr(folder, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	ck_assert_uint_lt(n, sizeof(text));
	ck_assert(fs_join(path, folder, "inputs", &err));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	write_file("inputs/device.yaml", text, n);
}

static void drop_folder(void)
{
	char cmd[200];

	snprintf(cmd, sizeof(cmd), "rm -r %s", folder);
	ck_assert_int_eq(system(cmd), 0);
}

/* ---- verdicts ---- */
static json_t *mapping(const json_t *v, const char *id)
{
	const json_t *list = json_object_get(v, "mappings");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_object_get(json_array_get(list, i), "id")), id))
			return json_array_get(list, i);
	ck_abort_msg("no %s", id);
}

/* The golden run has no cases of TS 103 701: two of each line. */
static json_t *cases_of(const json_t *lines)
{
	json_t *ret = json_array();
	char id[64];

	for (size_t i = 0; i < 2 * json_array_size(lines); i++) {
		const json_t *l = json_array_get(lines, i / 2);

		snprintf(id, sizeof(id), "%s-%zu", json_string_value(json_object_get(l, "id")), i % 2 + 1);
		json_array_append_new(ret, json_pack("{s:s,s:{s:s,s:s},s:s,s:s,s:s,s:[s],s:s}", "id", id, "topic", "en", "a case", "ja", "項目", "kind",
						     i % 2 ? "functional" : "conceptual", "verdict", "PASS", "why", "w", "from", "BT1-01", "certainty",
						     "verified"));
	}
	return ret;
}

static json_t *verdicts(void)
{
	struct err err = { 0 };
	json_t *v = NULL, *m;

	ck_assert_msg(fs_read_json("fixtures/golden/run/verdicts.json", (size_t)16 << 20, &v, &err), "%s", err.text);
	add_people(v);
	add_several(v);
	m = json_deep_copy(mapping(v, "psti"));
	json_object_set_new(m, "id", json_string("ts103701-v1.1.1"));
	json_object_set_new(m, "lines", cases_of(json_object_get(mapping(v, "en303645-v2.1.1"), "lines")));
	json_array_append_new(json_object_get(v, "mappings"), m);
	json_object_set_new(json_object_get(v, "run"), "state", json_string("complete"));
	json_object_set_new(json_object_get(v, "run"), "bench_kind", json_string("real"));
	json_object_set_new(json_object_get(v, "run"), "rehearsal", json_false());
	json_object_set_new(json_object_get(v, "gate"), "rehearsal", json_false());
	json_object_set_new(json_object_get(v, "declared"), "edition", json_string("en303645-v2.1.1"));
	return v;
}

/* Line i of every mapping gets word (i + shift) % 7, or all of them the one. */
static void set_words(json_t *v, int one, unsigned shift)
{
	json_t *list = json_object_get(v, "mappings");

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *lines = json_object_get(json_array_get(list, i), "lines");

		for (size_t k = 0; k < json_array_size(lines); k++)
			json_object_set_new(json_array_get(lines, k), "verdict",
					    json_string(verdict_name((enum verdict)(one >= 0 ? (unsigned)one : (unsigned)(k + i + shift) % VERDICT_COUNT))));
	}
}

static char *written(const struct report *r, json_t *v)
{
	struct result result = { folder, v };
	struct err err = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_msg(result_check(v, &err), "%s", err.text);
	ck_assert_msg(r->write(&result, out, &err), "%s", err.text);
	fclose(out);
	ck_assert_uint_eq(strlen(text), n);
	return text;
}

static void check_page(const char *text, const char *once)
{
	char cmd[8192], path[FS_PATH];
	struct err err = { 0 };

	write_file("page.html", text, strlen(text));
	ck_assert(fs_join(path, folder, "page.html", &err));
	snprintf(cmd, sizeof(cmd), "python3 reports/document/check.py %s %s", path, once);
	ck_assert_msg(system(cmd) == 0, "see above");
}

/* The first verdict after the element with this id. */
static const char *word_at(const char *page, const char *prefix, const char *id)
{
	static char word[32];
	char want[100];
	const char *at;

	snprintf(want, sizeof(want), "id=\"%s%s\"", prefix, id);
	at = strstr(page, want);
	ck_assert_msg(at && !strstr(at + 1, want), "%s stands not once", want);
	at = strstr(at, "class=\"v ");
	ck_assert_ptr_nonnull(at);
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(at + 9, "\""), at + 9);
	return word;
}

/* ---- round trip: every line once, with its own word, whatever word it is ---- */
static const struct { const struct report *r; const char *mapping, *prefix; } trip[] = {
	{ &report_jcstar, "jcstar-1", "s-" }, { &report_psti, "psti", "r-" }, { &report_cls, "en303645-v2.1.1", "p-" }, { &report_ts103701, "ts103701-v1.1.1", "c-" },
};

START_TEST(round_trip)
{
	unsigned seen = 0;
	json_t *v = verdicts();

	make_folder();
	for (unsigned shift = 0; shift < VERDICT_COUNT; shift++) {
		const json_t *lines = json_object_get(mapping(v, trip[_i].mapping), "lines");
		char once[8192] = "", *page;

		set_words(v, -1, shift);
		page = written(trip[_i].r, v);
		for (size_t i = 0; i < json_array_size(lines); i++) {
			const char *id = json_string_value(json_object_get(json_array_get(lines, i), "id"));
			const char *is = word_at(page, trip[_i].prefix, id), *want = json_string_value(json_object_get(json_array_get(lines, i), "verdict"));
			enum verdict word;

			ck_assert_msg(!strcmp(is, want), "%s: %s, not %s", id, is, want);
			ck_assert(verdict_parse(is, &word));
			seen |= 1U << word;
			snprintf(once + strlen(once), sizeof(once) - strlen(once), " %s%s", trip[_i].prefix, id);
		}
		if (!shift)
			check_page(page, once);
		free(page);
	}
	ck_assert_uint_eq(seen, (1U << VERDICT_COUNT) - 1);
	json_decref(v);
	drop_folder();
}
END_TEST

/* A provision has the worst of its line and its cases. */
START_TEST(worst)
{
	json_t *v = verdicts(), *lines = json_object_get(mapping(v, "en303645-v2.1.1"), "lines"), *cases = json_object_get(mapping(v, "ts103701-v1.1.1"), "lines");
	char *page;

	make_folder();
	set_words(v, VERDICT_PASS, 0);
	json_object_set_new(json_array_get(cases, 3), "verdict", json_string("NOT_TESTED"));    /* of the second line */
	json_object_set_new(json_array_get(lines, 2), "verdict", json_string("FAIL"));
	json_object_set_new(json_array_get(cases, 6), "verdict", json_string("FAIL"));          /* of the fourth */
	page = written(&report_ts103701, v);
	ck_assert_str_eq(word_at(page, "p-", json_string_value(json_object_get(json_array_get(lines, 0), "id"))), "PASS");
	ck_assert_str_eq(word_at(page, "p-", json_string_value(json_object_get(json_array_get(lines, 1), "id"))), "NOT_TESTED");
	ck_assert_str_eq(word_at(page, "p-", json_string_value(json_object_get(json_array_get(lines, 2), "id"))), "FAIL");
	ck_assert_str_eq(word_at(page, "p-", json_string_value(json_object_get(json_array_get(lines, 3), "id"))), "FAIL");
	free(page);
	json_decref(v);
	drop_folder();
}
END_TEST

/* ---- the overall word, and what refuses ---- */
static const struct { const char *name; int word; const char *force, *key, *value, *want; bool psti; } overall[] = {
	{ "all good",                 VERDICT_PASS, "M", "state", "complete", "PASS", true },
	{ "a mandatory one failed",   VERDICT_FAIL, "M", "state", "complete", "FAIL", false },
	{ "inconclusive",             VERDICT_INCONCLUSIVE, "M", "state", "complete", "NO VERDICT", false },
	{ "for a person",             VERDICT_REVIEW, "M", "state", "complete", "NO VERDICT", false },
	{ "not tested",               VERDICT_NOT_TESTED, "M", "state", "complete", "NO VERDICT", false },
	{ "the bench failed",         VERDICT_ERROR, "M", "state", "complete", "NO VERDICT", false },
	{ "does not apply",           VERDICT_NOT_APPLICABLE, "M", "state", "complete", "PASS", true },
	{ "a recommendation failed",  VERDICT_FAIL, "R", "state", "complete", "PASS", false },
	{ "a part of a run",          VERDICT_PASS, "M", "state", "partial", "NO VERDICT", false },
	{ "a rehearsal",              VERDICT_PASS, "M", "rehearsal", NULL, "NO VERDICT", false },
	{ "no device",                VERDICT_PASS, "M", "bench_kind", "virtual", "PASS", false },
	{ "no device in one run",     VERDICT_PASS, "M", "runs", NULL, "PASS", false },
};

START_TEST(overall_word)
{
	json_t *v = verdicts(), *run = json_object_get(v, "run"), *line = json_array_get(json_object_get(mapping(v, "en303645-v2.1.1"), "lines"), 5);
	char want[64], *page;

	make_folder();
	set_words(v, VERDICT_PASS, 0);
	json_object_set_new(line, "force", json_string(overall[_i].force));
	json_object_set_new(line, "verdict", json_string(verdict_name((enum verdict)overall[_i].word)));
	json_object_set_new(json_array_get(json_object_get(mapping(v, "psti"), "lines"), 1), "verdict", json_string(verdict_name((enum verdict)overall[_i].word)));
	json_object_set_new(run, overall[_i].key, overall[_i].value ? json_string(overall[_i].value) : !strcmp(overall[_i].key, "runs") ?
			    json_pack("[{s:s},{s:s,s:s}]", "bench_kind", "real", "bench_kind", "virtual", "serial", "S-2") : json_true());
	page = written(&report_ts103701, v);
	snprintf(want, sizeof(want), "<b class=\"word\">%s</b>", overall[_i].want);
	ck_assert_msg(strstr(page, want) != NULL, "%s", overall[_i].name);
	ck_assert(strncmp(overall[_i].name, "no device", 9) || strstr(page, "The bench is virtual"));
	free(page);
	page = written(&report_psti, v);
	ck_assert_msg(!strstr(page, "REFUSED") == overall[_i].psti, "%s: psti", overall[_i].name);
	ck_assert(!strstr(page, "not while this draft is refused") == overall[_i].psti);
	ck_assert(strstr(page, "<p class=\"mark\">DRAFT</p>") && strstr(page, "<div class=\"stamp\""));         /* whatever the verdicts are */
	ck_assert(strstr(page, "no statement of compliance"));
	free(page);
	json_decref(v);
	drop_folder();
}
END_TEST

/* ---- what people must write ---- */
START_TEST(blanks)
{
	static const struct { const struct report *r; const char *want[6]; } row[] = {
		{ &report_ts103701, { "Report number</th><td><span class=\"blank\">", "Accreditation</th><td><span class=\"blank\">", "Approved by</th><td><span class=\"blank\">",
				      "IXIT 3-VulnTypes</h3>\n<p>Not declared. <span class=\"blank\">" } },
		{ &report_jcstar, { "要記入（申請者）", "申請日、署名</th><td><span class=\"blank\">", "未検証" } },
		{ &report_psti, { "to be completed by the manufacturer: registered name and address", "Signature <b class=\"flag\">unverified</b></th><td><span class=\"blank\">",
				  "Place and date of issue <b class=\"flag\">unverified</b></th><td><span class=\"blank\">", "Until the date on the support page" } },
		{ &report_cls, { "Level applied for</th><td><span class=\"blank\">", "Known vulnerabilities accounted for" } },
	};
	json_t *v = verdicts();
	char *page;

	make_folder();
	page = written(row[_i].r, v);
	for (unsigned k = 0; k < 6 && row[_i].want[k]; k++)
		ck_assert_msg(strstr(page, row[_i].want[k]) != NULL, "'%s' is missing", row[_i].want[k]);
	free(page);
	json_decref(v);
	drop_folder();
}
END_TEST

/* What is declared stands in the report, with the tables' own names. */
START_TEST(as_declared)
{
	json_t *v = verdicts();
	char *page;

	make_folder();
	page = written(&report_ts103701, v);
	ck_assert_ptr_nonnull(strstr(page, "IXIT 7-UpdMech</h3>"));
	ck_assert_ptr_nonnull(strstr(page, "IXIT 15-Intf</h3>"));                       /* as this edition calls it */
	ck_assert_ptr_nonnull(strstr(page, "A minute after the start, then once a day"));
	ck_assert_ptr_nonnull(strstr(page, "the owner chooses it during set-up; there is none before"));
	free(page);
	write_file("inputs/device.yaml", "identity: [\n\t<", 14);                       /* nothing that can be read: nothing declared */
	page = written(&report_ts103701, v);
	ck_assert_ptr_null(strstr(page, "A minute after the start"));
	ck_assert_ptr_nonnull(strstr(page, "IXIT 7-UpdMech</h3>\n<p>Not declared."));
	check_page(page, "");
	free(page);
	json_decref(v);
	drop_folder();
}
END_TEST

START_TEST(table_names)
{
	for (unsigned i = 0; i < IXIT_TABLES; i++)
		for (unsigned e = 0; e < EDITION_COUNT; e++)
			ck_assert_str_eq(doc_ixit_name(ixit_table[i].number, e), ixit_table[i].name[e]);
	ck_assert_ptr_null(doc_ixit_name(0, 0));
	ck_assert_ptr_null(doc_ixit_name(IXIT_TABLES + 1, 0));
}
END_TEST

/* ---- hostile text ---- */
static void spoil(json_t *v)
{
	static const char *const keep[] = { "format", "verdict", "was", "now", "should_verdict", "truth", "guideline", "force", "class", NULL };
	const char *key;
	size_t i;
	json_t *e;
	void *next;

	json_array_foreach(v, i, e) {
		if (json_is_string(e))
			json_array_set_new(v, i, json_string(EVIL));
		else
			spoil(e);
	}
	json_object_foreach_safe(v, next, key, e) {
		bool ours = false;

		for (const char *const *k = keep; *k; k++)
			ours |= !strcmp(*k, key);
		if (json_is_string(e) && !ours)
			json_object_set_new(v, key, json_string(EVIL));
		else if (!json_is_string(e))
			spoil(e);
	}
}

/* Ids of mappings stay, so that there is something to write. */
START_TEST(hostile)
{
	for (unsigned ids = 0; ids < 2; ids++) {
		json_t *v = verdicts(), *list = json_object_get(v, "mappings");
		char *page, *again, *name[8];
		size_t n = json_array_size(list);

		ck_assert_uint_le(n, 8);
		for (size_t i = 0; i < n; i++)
			name[i] = strdup(json_string_value(json_object_get(json_array_get(list, i), "id")));
		make_folder();
		write_file("inputs/device.yaml", "ixit:\n  UpdMech:\n    - {ID: \"<b>\\e\\u202e\", \"<i x=1>\": [1, {a: b}, \"<u>\"]}\n    - 7\n  Conf: <table>\n", 83);
		set_words(v, -1, 0);
		spoil(v);
		for (size_t i = 0; i < n; i++) {
			json_object_set_new(json_array_get(list, i), "id", json_string(ids ? EVIL : name[i]));
			free(name[i]);
		}
		json_object_set_new(json_object_get(v, "declared"), "edition", json_string(ids ? EVIL : "en303645-v2.1.1"));
		page = written(all[_i], v);
		again = written(all[_i], v);
		ck_assert_str_eq(page, again);
		ck_assert_ptr_null(strstr(page, "onload=x>"));
		ck_assert_ptr_null(strstr(page, "\xe2\x80\xae"));
		check_page(page, "");
		free(page);
		free(again);
		json_decref(v);
		drop_folder();
	}
}
END_TEST

/* An older run has no mappings, and nothing of it may be taken for good. */
START_TEST(bare)
{
	json_t *v = verdicts();
	char *page;

	make_folder();
	json_object_del(v, "mappings");
	json_object_del(v, "declaration");
	json_object_del(v, "findings");
	json_object_del(v, "records");
	json_object_clear(json_object_get(v, "run"));
	page = written(all[_i], v);
	check_page(page, "");
	ck_assert(all[_i] != &report_ts103701 || strstr(page, "<b class=\"word\">NO VERDICT</b>"));
	ck_assert(all[_i] != &report_psti || strstr(page, "REFUSED"));
	free(page);
	json_decref(v);
	drop_folder();
}
END_TEST

/* A link out of the run folder is not followed. */
START_TEST(stays_inside)
{
	json_t *v = verdicts();
	char *page, path[FS_PATH], target[FS_PATH];
	struct err err = { 0 };

	make_folder();
	ck_assert(fs_join(path, folder, "inputs/device.yaml", &err) && fs_join(target, folder, "elsewhere.yaml", &err));
	ck_assert_int_eq(rename(path, target), 0);
	ck_assert_int_eq(symlink(target, path), 0);
	page = written(&report_ts103701, v);
	ck_assert_ptr_null(strstr(page, "A minute after the start"));
	free(page);
	json_decref(v);
	drop_folder();
}
END_TEST

TEST_MAIN({ "round_trip", round_trip, ROWS(trip) }, { "worst", worst, 1 }, { "overall_word", overall_word, ROWS(overall) }, { "blanks", blanks, 4 },
	  { "as_declared", as_declared, 1 }, { "table_names", table_names, 1 }, { "hostile", hostile, 4 }, { "bare", bare, 4 }, { "stays_inside", stays_inside, 1 })
