// SPDX-License-Identifier: Apache-2.0
/* OSCAL, CycloneDX and EARL, from the golden verdicts and from the same made odd. fixtures/outputs/read_back.py holds what was
 * written against the public schemas, follows every reference and takes every verdict out of it again. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/report.h"
#include "reports/test_people.h"

extern const struct report report_oscal, report_oscal_catalog, report_oscal_component, report_cyclonedx, report_earl;
static const struct report *const reports[] = { &report_oscal, &report_oscal_catalog, &report_oscal_component, &report_cyclonedx, &report_earl };
#define REPORTS 5

#define GOLDEN "fixtures/golden/run/verdicts.json"
#define EVIL " <b>&\"'\x1b]0;x\x07\xe2\x80\xae]]>\n**x** [a](b:c) {{ insert: param, x }} %s \xc2\x85 "
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static json_t *golden(void)
{
	struct err err = { 0 };
	json_t *v = NULL;

	ck_assert_msg(fs_read_json(GOLDEN, (size_t)16 << 20, &v, &err), "%s (run from the project's root)", err.text);
	return v;
}

/* ---- what is done to the golden verdicts ---- */

static void as_is(json_t *v) { (void)v; }

static void with_people(json_t *v)
{
	add_people(v);
	add_several(v);
}

/* Every text that is no word of ours becomes another. */
static void replace(json_t *v, const char *by)
{
	static const char *const keep[] = { "format", "verdict", "was", "now", "should_verdict", "truth", "id", "guideline", "force", "class", "grade",
					    "decided_by", "supported_by", "records", "decides", "supports", "serves", "round_verdicts", NULL };
	const char *key;
	size_t i;
	json_t *e;
	void *next;

	json_array_foreach(v, i, e) {
		if (json_is_string(e))
			json_array_set_new(v, i, json_string(by));
		else
			replace(e, by);
	}
	json_object_foreach_safe(v, next, key, e) {
		bool ours = false;

		for (const char *const *k = keep; *k; k++)
			ours |= !strcmp(*k, key);
		if (json_is_string(e) && !ours)
			json_object_set_new(v, key, json_string(by));
		else if (!json_is_string(e) && !(ours && json_is_array(e) && json_is_string(json_array_get(e, 0))))
			replace(e, by);
	}
}

static void hostile(json_t *v)
{
	with_people(v);
	replace(v, EVIL);
}

static void empty(json_t *v)
{
	with_people(v);
	replace(v, "");
}

static void blank(json_t *v)
{
	with_people(v);
	replace(v, " \n\t");
}

static void enormous(json_t *v)
{
	char *text = malloc(1 << 20);

	memset(text, '<', (1 << 20) - 1);
	text[(1 << 20) - 1] = '\0';
	with_people(v);
	json_object_set_new(json_array_get(json_object_get(v, "tests"), 0), "why", json_string(text));
	json_object_set_new(json_array_get(json_object_get(v, "requirements"), 0), "why", json_string(text));
	json_object_set_new(json_object_get(v, "run"), "product", json_string(text));
	for (size_t i = 0; i < 300; i++)
		json_array_append(json_object_get(json_array_get(json_object_get(v, "tests"), 1), "claims"),
				  json_array_get(json_object_get(json_array_get(json_object_get(v, "tests"), 1), "claims"), 0));
	free(text);
}

/* Ids that are no names, some of them twice. */
static void odd_ids(json_t *v)
{
	static const char *const ids[] = { "1 2/\xc3\xbc", "a:b", "-x", "\xe8\xa9\xa6\xe9\xa8\x93", "urn:cdx:x", "@id", "x y", "x y", "{{ x }}", "<g>" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		json_object_set_new(json_array_get(json_object_get(v, "tests"), i), "id", json_string(ids[i]));
		json_object_set_new(json_array_get(json_object_get(v, "requirements"), i), "id", json_string(ids[i]));
		json_object_set_new(json_array_get(json_object_get(v, "requirements"), i), "decided_by", json_pack("[s,s]", ids[i], "nothing"));
	}
	json_object_set_new(json_object_get(v, "run"), "id", json_string(EVIL));
}

static void nothing_tested(json_t *v)
{
	json_t *e;
	size_t i;

	json_array_foreach(json_object_get(v, "tests"), i, e)
		json_object_set_new(e, "verdict", json_string("NOT_TESTED"));
	json_array_foreach(json_object_get(v, "requirements"), i, e)
		json_object_set_new(e, "verdict", json_string("NOT_TESTED"));
}

static void bare(json_t *v)
{
	static const char *const lists[] = { "tests", "requirements", "guidelines", "waivers", NULL };

	for (const char *const *l = lists; *l; l++)
		json_object_set_new(v, *l, json_array());
	json_object_set_new(v, "run", json_object());
	json_object_del(v, "mappings");
	json_object_del(v, "declaration");
	json_object_del(v, "findings");
}

/* Whatever result_check() lets through. */
static void wrong_types(json_t *v)
{
	json_t *t = json_array_get(json_object_get(v, "tests"), 4), *c = json_array_get(json_object_get(t, "claims"), 0);

	json_object_set_new(v, "waivers", json_loads("[7,\"x\",null,{\"id\":7,\"until\":true},{\"id\":\"BT5-03\",\"who\":[]}]", 0, NULL));
	json_object_set_new(v, "run", json_loads("{\"id\":7,\"started\":{},\"ended\":\"x\",\"wall_offset_ns\":9223372036854775807,\"suites\":[1,{}],"
						 "\"runs\":[7,{\"unit\":-1},{\"unit\":9223372036854775807},{\"unit\":2,\"folder\":7}],\"notes\":{}}",
						 0, NULL));
	json_object_set_new(v, "declaration", json_loads("{\"a\":7,\"b\":{\"ics\":[7,{}]},\"en303645-v2.1.1\":{\"ics\":[{\"id\":\"5.1-1\",\"support\":\"Y\","
							 "\"detail\":7}]}}", 0, NULL));
	json_object_set_new(c, "at", json_loads("[7,{},{\"file\":\"../../etc/passwd\",\"off\":-1},{\"capture\":\"x\",\"frame\":\"y\"},{\"journal\":-5}]", 0,
						NULL));
	json_object_set_new(t, "units", json_loads("[7,{\"unit\":-9223372036854775808,\"verdict\":7},{\"unit\":2,\"verdict\":\"NOPE\"}]", 0, NULL));
	json_object_set_new(t, "round_verdicts", json_loads("[7,null,\"NOPE\"]", 0, NULL));
	json_object_set_new(t, "decision", json_loads("{\"files\":[7,{\"path\":\"\"}],\"reviewer\":7,\"expires\":\"2026-02-31\"}", 0, NULL));
	json_object_set_new(t, "end_ns", json_integer(INT64_MAX));
	json_object_set_new(t, "unit", json_integer(INT64_MIN));
	json_object_set_new(t, "grade", json_integer(1));
}

static void campaign(json_t *v)
{
	json_t *t = json_array_get(json_object_get(v, "tests"), 4), *claims = json_object_get(t, "claims");

	with_people(v);
	json_object_set_new(json_object_get(v, "run"), "runs",
			    json_loads("[{\"unit\":1,\"serial\":\"S1\",\"run\":\"u1\",\"folder\":\"../u1\",\"seal\":{\"file\":\"seals/0001.json\",\"sha256\":\"" HASH
				       "\"}},{\"unit\":2,\"serial\":\"S2\",\"run\":\"u2\",\"folder\":\"../u2\",\"seal\":{}}]", 0, NULL));
	json_object_set_new(json_array_get(claims, 0), "at", json_loads("[{\"journal\":4,\"unit\":2},{\"file\":\"unit1/serial/console.raw\",\"off\":1}]", 0,
									NULL));
}

/* More of everything than a report follows. */
static void many(json_t *v)
{
	json_t *tests = json_object_get(v, "tests"), *req = json_object_get(v, "requirements");

	for (int i = 0; i < 5000; i++) {
		json_array_append(tests, json_array_get(tests, 0));
		json_array_append(req, json_array_get(req, 0));
		json_array_append_new(json_object_get(v, "waivers"), json_pack("{s:s,s:s}", "id", "BT1-01", "until", "2026-12-31"));
		json_array_append_new(json_object_get(json_array_get(req, 1), "decided_by"), json_string("BT1-01"));
	}
}

static const struct variant {
	const char *name;
	void (*change)(json_t *v);
	bool only_form;                 /* its lists hold what cannot be compared: schemas and references only */
	size_t most;                    /* bytes of any output */
} variant[] = {
	{ "golden", as_is, false, 400000 }, { "people", with_people, false, 400000 }, { "hostile", hostile, false, 900000 },
	{ "empty", empty, false, 400000 }, { "blank", blank, false, 400000 }, { "enormous", enormous, false, 900000 },
	{ "odd ids", odd_ids, false, 400000 }, { "nothing tested", nothing_tested, false, 400000 }, { "bare", bare, false, 400000 },
	{ "wrong types", wrong_types, true, 400000 }, { "campaign", campaign, false, 400000 },
};

/* ---- writing and reading back ---- */

static char *written(const struct report *r, const char *dir, json_t *v)
{
	struct result result = { dir, v };
	struct err err = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_msg(result_check(v, &err), "%s", err.text);
	ck_assert_msg(r->write(&result, out, &err), "%s", err.text);
	fclose(out);
	return text;
}

static void save(const char *dir, const char *name, const char *text)
{
	char path[FS_PATH];
	struct err err = { 0 };

	ck_assert(fs_join(path, dir, name, &err));
	ck_assert_msg(fs_write(path, text, strlen(text), &err), "%s", err.text);
}

static void sealed_folder(char dir[static 32], json_t *v)
{
	char path[64], *text = json_dumps(v, 0);

	strcpy(dir, "/tmp/jusan-oscal-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/report", dir);
	ck_assert(mkdir(path, 0700) == 0);
	save(dir, "verdicts.json", text);
	save(dir, "MANIFEST.json", "{\"files\":[{\"path\":\"serial/console.raw\",\"sha256\":\"" HASH "\",\"size\":1},{\"path\":\"inputs/profile.yaml\","
	     "\"sha256\":\"" HASH "\"},{\"path\":\"capture/up.pcapng\",\"sha256\":\"no hash\"},7,{\"path\":\"inputs/a b\\n\"}]}");
	free(text);
}

static void check_text(const char *text, size_t most)
{
	const char *p = text;

	ck_assert_uint_lt(strlen(text), most);
	while (((unsigned char)*p < 0x7f && (unsigned char)*p >= 0x20) || *p == '\n')
		p++;
	ck_assert_msg(!*p, "byte %02x", (unsigned char)*p);
}

START_TEST(reads_back)
{
	const struct variant *x = &variant[_i];
	const char *schemas = getenv("JUSAN_SCHEMAS");
	char dir[32], command[1200];
	json_t *v = golden();
	struct err err = { 0 };

	x->change(v);
	sealed_folder(dir, v);
	for (size_t i = 0; i < REPORTS; i++) {
		char *text = written(reports[i], dir, v), *again = written(reports[i], dir, v), name[64];

		ck_assert_str_eq(text, again);
		check_text(text, x->most);
		snprintf(name, sizeof(name), "report/%s", reports[i]->file);
		save(dir, name, text);
		free(text);
		free(again);
	}
	if (access("/usr/bin/python3", X_OK)) {
		printf("skipped: no python3\n");
	} else {
		snprintf(command, sizeof(command), "/usr/bin/python3 fixtures/outputs/read_back.py %s/verdicts.json %s/report '%.900s' %s", dir, dir,
			 schemas ? schemas : "", x->only_form ? "form" : "");
		ck_assert_msg(system(command) == 0, "%s", x->name);
	}
	ck_assert(fs_remove(dir, &err));
	json_decref(v);
}
END_TEST

static const struct { const struct report *report; const char *want; bool there; } words[] = {
	{ &report_oscal, "\"value\": \"" HASH "\"", true }, { &report_oscal, "\"href\": \"../inputs/profile.yaml\"", true },
	{ &report_oscal, "no hash", false }, { &report_oscal, "\"value\": \"in-force\"", false }, { &report_oscal, "\"class\": \"in-force\"", true },
	{ &report_oscal, "Waived by Jun \\\\<jun@maker.example\\\\>: fixed in 1.3. The verdict stays as it is.", true },
	{ &report_oscal, "aki@lab.example", true }, { &report_oscal, "EXAMINE", true }, { &report_oscal, "retry = 5 min", true },
	{ &report_oscal, "\"oscal-version\": \"1.2.1\"", true }, { &report_oscal, "deviation-approved", false },
	{ &report_oscal_catalog, "\"value\": \"device-maker\"", true }, { &report_oscal_catalog, "\"id\": \"G1.1_obj\"", true },
	{ &report_oscal_component, "\"control-id\": \"G1.1\"", true }, { &report_oscal_component, "not a result", true },
	{ &report_oscal_component, "; unverified: that this control carries the provision", true },
	{ &report_cyclonedx, "\"score\": 0.7", false }, { &report_cyclonedx, "affirmation", false },
	{ &report_cyclonedx, "\"content\": \"9f2c9f2c", true }, { &report_cyclonedx, "[waiver until", false },
	{ &report_earl, "\"earl:cantTell\"", true }, { &report_earl, "\"earl:manual\"", true }, { &report_earl, "http://www.w3.org/ns/earl#", true },
};

START_TEST(says)
{
	json_t *v = golden(), *l;
	char dir[32], *text;
	struct err err = { 0 };
	size_t i;

	with_people(v);
	json_array_foreach(json_object_get(json_array_get(json_object_get(v, "mappings"), 0), "lines"), i, l)
		json_object_set_new(l, "certainty", json_string("unverified"));
	sealed_folder(dir, v);
	text = written(words[_i].report, dir, v);
	ck_assert_msg((strstr(text, words[_i].want) != NULL) == words[_i].there, "'%s' in:\n%.3000s", words[_i].want, text);
	free(text);
	ck_assert(fs_remove(dir, &err));
	json_decref(v);
}
END_TEST

/* A decimal comma of the program's language reaches no number. */
START_TEST(comma)
{
	json_t *v = golden(), *r;
	char folder[] = "/tmp/jusan-locale-XXXXXX", command[120], *text;
	struct err err = { 0 };
	size_t i;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(command, sizeof(command), "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 2>/dev/null", folder);
	setenv("LOCPATH", folder, 1);
	if (system(command) != 0 || !setlocale(LC_ALL, "de_DE.UTF-8"))
		printf("skipped: no language with a decimal comma (Debian: locales)\n");
	json_array_foreach(json_object_get(v, "requirements"), i, r)
		json_object_set_new(r, "grade", json_string("L2"));
	text = written(&report_cyclonedx, "fixtures/golden/run", v);
	ck_assert_ptr_nonnull(strstr(text, "\"score\": 0.7"));
	ck_assert(!strstr(text, "0,7"));
	setlocale(LC_ALL, "C");
	ck_assert(fs_remove(folder, &err));
	free(text);
	json_decref(v);
}
END_TEST

/* Lists without end: what is written ends, and says that more was there. */
START_TEST(bounded)
{
	json_t *v = golden();
	char *text;

	many(v);
	text = written(reports[_i], "fixtures/golden/run", v);
	check_text(text, (size_t)128 << 20);
	ck_assert(reports[_i] == &report_oscal_catalog || reports[_i] == &report_oscal_component || strstr(text, "left-out") || strstr(text, "leftOut"));
	free(text);
	json_decref(v);
}
END_TEST

TEST_MAIN({ "reads back", reads_back, ROWS(variant) }, { "says", says, ROWS(words) }, { "comma", comma, 1 }, { "bounded", bounded, REPORTS })
