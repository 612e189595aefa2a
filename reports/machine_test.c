// SPDX-License-Identifier: Apache-2.0
/* The outputs for machines, read back by readers that nobody here wrote (fixtures/outputs/machine.py): every verdict of
 * every test, requirement and record must come out as it went in, for all seven words; what a device would like to put
 * into them must stay text. And the reader itself must notice when an output lies. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/reports.h"
#include "harness/seal.h"
#include "harness/sign_key.h"
#include "harness/result.h"
#include "reports/test_people.h"

#define GOLDEN "fixtures/golden/run"
#define READER "/usr/bin/python3 fixtures/outputs/machine.py"

static char dir[64];

static int sh(const char *form, const char *a, const char *b)
{
	char cmd[1600];

	snprintf(cmd, sizeof(cmd), form, a, b);
	return system(cmd);
}

static const char *in(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* ---- run folders ---- */
static void number(json_t *list, const char *key, unsigned from)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		json_object_set_new(json_array_get(list, i), key, json_string(verdict_name((enum verdict)((i + from) % VERDICT_COUNT))));
}

/* Tests, requirements, guidelines and records of all seven kinds; rounds, units, waivers that hold, hold unsealed, and have expired. */
static json_t *all_seven(void)
{
	struct err err = { 0 };
	json_t *v = NULL, *tests;

	ck_assert_msg(fs_read_json(GOLDEN "/verdicts.json", (size_t)16 << 20, &v, &err), "%s (run from the project's root)", err.text);
	add_people(v);
	add_several(v);
	tests = json_object_get(v, "tests");
	ck_assert_uint_ge(json_array_size(tests), VERDICT_COUNT);
	ck_assert_uint_ge(json_array_size(json_object_get(v, "requirements")), VERDICT_COUNT);
	number(tests, "verdict", 0);
	number(json_object_get(v, "requirements"), "verdict", 3);
	number(json_object_get(v, "guidelines"), "verdict", 5);
	while (json_array_size(json_object_get(v, "records")) < VERDICT_COUNT) {
		json_t *more = json_deep_copy(json_array_get(json_object_get(v, "records"), 0));

		json_object_set_new(more, "id", json_sprintf("ER9-%02zu", json_array_size(json_object_get(v, "records"))));
		json_array_append_new(json_object_get(v, "records"), more);
	}
	number(json_object_get(v, "records"), "verdict", 1);
	json_array_append_new(json_object_get(v, "waivers"), json_pack("{s:O,s:s,s:s,s:s,s:b,s:s,s:s}", "id", json_object_get(
		json_array_get(tests, 2), "id"), "who", "Jun", "why", "known", "until", "2027-01-31", "expired", 0, "entry", "review/0003.json",
		"seal", "seals/0002.json"));
	json_array_append_new(json_object_get(v, "waivers"), json_pack("{s:O,s:s,s:s,s:s,s:b}", "id", json_object_get(
		json_array_get(tests, 5), "id"), "who", "Jun", "why", "old", "until", "2025-01-31", "expired", 1));
	return v;
}

static const char *const evil[] = {
	"=cmd|' /C calc'!A0", "@all see #12 and !3", "`x` | y ``", "[click](http://evil.example) www.evil.example", "<script>alert(1)</script>]]>",
	"\xe2\x80\xae gnp.exe \xe2\x81\xa6", "{0} {{", "\x1b]0;x\x07\n\r\t\x7f", "+1", "'-1", "\"a\",b", "\\\" 1\n# HELP x y", "/close", "../../etc/passwd",
	"", "   ", "\xc2\x85\xe2\x80\xa8", "%s%n", "```\n---", "日本語のとても長い題名", "https://x.example/?a=1&b=2"
};
static unsigned spoiled;

static bool is_ours(const char *key, bool ids)
{
	static const char *const keep[] = { "format", "verdict", "was", "now", "should_verdict", "truth", "state", NULL };
	static const char *const names[] = { "id", "guideline", "force", "class", "decides", "supports", "serves", "until", "certainty", "from",
					     "requirements", "tests", "round_verdicts", "name", NULL };

	for (const char *const *k = keep; *k; k++)
		if (!strcmp(*k, key))
			return true;
	for (const char *const *k = names; ids && *k; k++)
		if (!strcmp(*k, key))
			return true;
	return false;
}

static json_t *next_evil(void)
{
	if (spoiled++ % 97 == 0) {
		CLEANUP(free_ptr) char *huge = malloc(100001);

		ck_assert_ptr_nonnull(huge);
		for (int i = 0; i < 100000; i++)
			huge[i] = i % 3 ? i % 3 == 1 ? '`' : '@' : '<';
		huge[100000] = '\0';
		return json_string(huge);
	}
	return json_string(evil[spoiled % (sizeof(evil) / sizeof(evil[0]))]);
}

/* ids: those stay, so that what comes out can be compared. numbers: integers become what no run has. */
static void spoil(json_t *v, bool ids, bool numbers)
{
	static const json_int_t odd[] = { INT64_MAX, INT64_MIN, -1, 0, INT32_MAX, (json_int_t)1 << 40 };
	const char *key;
	size_t i;
	json_t *e;
	void *next;

	json_array_foreach(v, i, e) {
		if (json_is_string(e))
			json_array_set_new(v, i, next_evil());
		else
			spoil(e, ids, numbers);
	}
	json_object_foreach_safe(v, next, key, e) {
		if (is_ours(key, ids))
			continue;
		if (json_is_string(e))
			json_object_set_new(v, key, next_evil());
		else if (json_is_integer(e) && numbers)
			json_object_set_new(v, key, json_integer(odd[spoiled++ % 6]));
		else
			spoil(e, ids, numbers);
	}
}

static json_t *texts(void)
{
	json_t *v = all_seven(), *gate = json_string(json_string_value(json_object_get(json_object_get(v, "gate"), "verdict")));

	spoil(v, true, false);
	json_object_set_new(json_object_get(v, "gate"), "verdict", gate);
	return v;
}

static json_t *anything(void)
{
	json_t *v = all_seven(), *gate = json_string(json_string_value(json_object_get(json_object_get(v, "gate"), "verdict")));

	spoil(v, false, true);
	json_object_set_new(json_object_get(v, "gate"), "verdict", gate);
	return v;
}

/* Nothing that came later, nothing that may be missing. */
static json_t *bare(void)
{
	static const char *const later[] = { "records", "marks", "mappings", "as_of", "on_default", "declaration", "findings", NULL };
	static const char *const lists[] = { "tests", "requirements", "guidelines", "waivers", NULL };
	json_t *v = all_seven();

	for (const char *const *k = later; *k; k++)
		json_object_del(v, *k);
	for (const char *const *k = lists; *k; k++)
		json_array_clear(json_object_get(v, *k));
	json_object_clear(json_object_get(v, "run"));
	return v;
}

/* So much that the summary cannot hold it all. */
static json_t *much(void)
{
	json_t *v = all_seven(), *tests = json_object_get(v, "tests"), *long_text = json_string("saw a great many things that nobody expected ");

	for (int i = 0; i < 3; i++) {
		json_t *more = json_sprintf("%s%s", json_string_value(long_text), json_string_value(long_text));

		json_decref(long_text);
		long_text = more;
	}
	for (size_t i = 0; json_array_size(tests) < 200; i++) {
		json_t *t = json_deep_copy(json_array_get(tests, i % 7)), *c;
		size_t k;

		json_object_set_new(t, "id", json_sprintf("BT99-%zu", i));
		json_object_set_new(t, "verdict", json_string("FAIL"));
		json_array_foreach(json_object_get(t, "claims"), k, c) {
			json_object_set_new(c, "verdict", json_string("FAIL"));
			json_object_set(c, "actual", long_text);
		}
		json_array_append_new(tests, t);
	}
	json_decref(long_text);
	return v;
}

static void make(json_t *v)
{
	struct err err = { 0 };

	ck_assert_msg(result_check(v, &err), "%s", err.text);
	snprintf(dir, sizeof(dir), "/tmp/jusan-machine-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(sh("cp -r " GOLDEN "/. %s%s", dir, ""), 0);
	ck_assert_msg(fs_write_json(in("verdicts.json"), v, &err), "%s", err.text);
	json_decref(v);
	setenv("HOME", dir, 1);
	unsetenv("JUSAN_KEY");
}

static void drop(void)
{
	struct err err = { 0 };

	ck_assert_msg(fs_remove(dir, &err), "%s", err.text);
}

static const char *schemas(void)
{
	static char option[600];
	const char *named = getenv("JUSAN_SCHEMAS");

	if (!named || !*named) {
		printf("skipped: JUSAN_SCHEMAS names no folder with the schemas of SARIF and JUnit\n");
		return "";
	}
	snprintf(option, sizeof(option), "--schemas '%.500s'", named);
	return option;
}

static void write_all(void)
{
	struct err err = { 0 };

	ck_assert_msg(reports_write(dir, "all", &err), "%s", err.text);
}

/* ---- tests ---- */
static const struct { json_t *(*of)(void); const char *option; } row[] = {
	{ all_seven, "" }, { texts, "--texts" }, { anything, "--hostile" }, { bare, "--hostile" }, { much, "" }
};

START_TEST(comes_back)
{
	char options[700];

	make(row[_i].of());
	write_all();
	snprintf(options, sizeof(options), "%s %s", row[_i].option, schemas());
	ck_assert_msg(sh(READER " %s %s", dir, options) == 0, "row %d, see above", _i);
	drop();
}
END_TEST

/* A reader that never complains proves nothing: each of these lies must be noticed. */
static const char *const lie[] = {
	"0,/\"verdict\": \"FAIL\"/s//\"verdict\": \"PASS\"/ %s/report/report.json",
	"s/\"kind\": \"review\"/\"kind\": \"pass\"/ %s/report/report.sarif",
	"s/\"startLine\": \\([0-9]\\)/\"startLine\": 1\\1/ %s/report/report.sarif",
	"s/<error type=\"ERROR\"/<error type=\"INCONCLUSIVE\"/ %s/report/junit.xml",
	"s/,INCONCLUSIVE,/,PASS,/ %s/report/report.csv",
	"s/^test,/test,=1+/ %s/report/report.csv",
	"s/^- tests NOT_TESTED/- tests PASS/ %s/report/summary.md",
	"s/^## Guidelines/## Guidelines for @all/ %s/report/summary.md",
	"s/\\(jusan_test_verdict.*REVIEW.*\\) 1$/\\1 0/ %s/report/metrics.prom",
	"s/\"payload\": \"\\(....\\)/\"payload\": \"/ %s/report/report.intoto.json",
};

START_TEST(a_lie_is_noticed)
{
	char expression[200], path[200];
	size_t n = strcspn(lie[_i], "%");

	make(all_seven());
	write_all();
	snprintf(expression, sizeof(expression), "%.*s", (int)n - 1, lie[_i]);
	snprintf(path, sizeof(path), "%s%s", dir, lie[_i] + n + 2);
	ck_assert_msg(sh("cp %s %s.honest", path, path) == 0 && sh("sed -i '%s' %s", expression, path) == 0, "%s", lie[_i]);
	ck_assert_msg(sh("! cmp -s %s %s.honest", path, path) == 0, "nothing was changed: %s", lie[_i]);
	ck_assert_msg(sh(READER " %s > %s/said", dir, dir) != 0, "not noticed: %s", lie[_i]);
	drop();
}
END_TEST

/* With a key the envelope is signed, openssl agrees, twice the same bytes, and the folder still verifies. */
static void hear(enum seal_fault f, const char *what, void *data)
{
	(void)data;
	if (f == SEAL_BROKEN && !strncmp(what, "journal.jsonl ", 14))
		return;                 /* that of the golden run is written by hand */
	ck_abort_msg("fault %d: %s", (int)f, what);
}

START_TEST(is_signed)
{
	struct sign_key *k = NULL;
	struct seal_report said;
	struct err err = { 0 };
	char key[80], public[80];

	make(all_seven());
	snprintf(key, sizeof(key), "%s.key", dir);
	snprintf(public, sizeof(public), "%s.pub", dir);
	ck_assert_msg(sign_key_make(key, &err) && sign_key_open(key, &k, &err), "%s", err.text);
	ck_assert(fs_write(public, sign_key_public(k), strlen(sign_key_public(k)), &err));
	sign_key_close(k);
	setenv("JUSAN_KEY", key, 1);
	ck_assert_msg(seal_write(dir, &err), "%s", err.text);
	write_all();
	ck_assert_int_eq(sh("cp -r %s/report %s.before", dir, dir), 0);
	write_all();
	ck_assert_int_eq(sh("diff -r %s/report %s.before", dir, dir), 0);
	ck_assert_msg(seal_verify(dir, public, hear, NULL, &said, &err), "%s", err.text);
	ck_assert(said.pinned);
	ck_assert_int_eq(sh(READER " %s --key %s", dir, public), 0);
	ck_assert_int_eq(sh("rm -rf %s.before %s", dir, key) | sh("rm -f %s%s", public, ""), 0);
	unsetenv("JUSAN_KEY");
	drop();
}
END_TEST

TEST_MAIN({ "comes back", comes_back, ROWS(row) }, { "a lie is noticed", a_lie_is_noticed, ROWS(lie) }, { "is signed", is_signed, 1 })
