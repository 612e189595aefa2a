// SPDX-License-Identifier: Apache-2.0
/* The reports for terminals and programs, from the golden verdicts and from the same made hostile. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/report.h"
#include "reports/test_people.h"

extern const struct report report_text, report_json, report_junit;

#define GOLDEN "fixtures/golden/run/verdicts.json"
#define EVIL "<b>&\"'\x1b]0;x\x07\xe2\x80\xae]]>\n%s"

static json_t *golden(void)
{
	struct err err = { 0 };
	json_t *v = NULL;

	ck_assert_msg(fs_read_json(GOLDEN, (size_t)16 << 20, &v, &err), "%s (run from the project's root)", err.text);
	return v;
}
/* Every text that is no word of ours becomes what a device would like to print. */
static void spoil(json_t *v)
{
	static const char *const keep[] = { "format", "verdict", "was", "now", "should_verdict", "truth", "id", "guideline", "force", "class", NULL };
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

static char *written(const struct report *r, json_t *v)
{
	struct result result = { .dir = "fixtures/golden/run", .verdicts = v };
	struct err err = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert(result_check(v, &err));
	ck_assert_msg(r->write(&result, out, &err), "%s", err.text);
	fclose(out);
	return text;
}

static const struct { const struct report *report; bool evil; const char *want[4]; } row[] = {
	{ &report_text, false, { "Gate  NOT MET", "FAIL         BT5-03", "actual    412", "capture/up.pcapng#9" } },
	{ &report_text, false, { "what that means for other schemes", "en303645-v2.1.1   68 lines:", "psti               3 lines:", "; 11 lines unverified" } },
	{ &report_text, false, { "BT5-03  ", "[evidence L2] [rests on a default] [waived until 2026-12-31]", "records: 1 of 2 wait for a person ER6-01",
				 "PASS           ER5-01   Aki <aki@lab.example>, 2026-12-01 until 2027-12-01: read the plan (1 document)" } },
	{ &report_text, false, { "profile demo SHA-256 0a1b0a1b0a1b0a1b", "        limits    recover 60 s (declared), retry 5 min (default)", NULL } },
	{ &report_text, false, { "waived  BT5-03 until 2026-12-31 by Jun <jun@maker.example>: fixed in 1.3", "waived  G1.4, expired 2025-12-31",
				 "marked  BT2-01: PASS on all, PASS became INCONCLUSIVE", "1 verdict rests on a default, which nobody chose: BT5-03" } },
	{ &report_junit, false, { "BT5-03: rests on a default: limit retry", "BT5-03: waived until 2026-12-31 by Jun &#60;jun@maker.example&#62;: fixed in 1.3",
				  "BT5-03: evidence L2, no command repeats it", "G1.4: waiver expired 2025-12-31 by Jun" } },
	{ &report_json, false, { "\"ER5-01\"", "\"waivers\": [", "\"seals/0002.json\"", NULL } },
	{ &report_text, false, { "findings on the declaration: 2", "device.yaml:355:5  egress.allow is declared to be all", "capture/up.pcapng#9",
				 "device.yaml  IXIT 23-ResMech has no rows" } },
	{ &report_text, true, { "FAIL         BT5-03", "<b>&\"'\\x1b]0;x\\x07\\u{202e}]]>\\n%s", NULL } },
	{ &report_json, false, { "\"format\": \"jusan-verdicts/1\"", "\"BT5-03\"", NULL } },
	{ &report_json, true, { "\\u202E", NULL } },
	{ &report_junit, false, { "<testsuite name=\"G1 ", "<failure type=\"FAIL\"", "<error type=\"INCONCLUSIVE\"", "<skipped message=\"NOT_TESTED" } },
	{ &report_junit, false, { "<property name=\"mapping.jcstar-1\" value=\"", "; 11 unverified\"/>", "<property name=\"mapping.psti\"" } },
	{ &report_text, false, { "unit 2  S-000002  run u2", "      unit 1  PASS\n      unit 2  FAIL\n", "1 test ran in several rounds, 1 of them did not" } },
	{ &report_junit, false, { ".flaky\" value=\"333333 ppm of 3 rounds\"/>", "<property name=\"BT5-03.unit2\" value=\"FAIL\"/>" } },
	{ &report_json, false, { "\"certainty\": \"unverified\"", "\"id\": \"S1.1-06\"", NULL } },
	{ &report_junit, true, { "&#60;b&#62;&#38;&#34;&#39;\\x1b", "<failure type=\"FAIL\"", NULL } },
};

START_TEST(writes)
{
	json_t *v = golden();
	char *text, *again;

	add_people(v);
	add_several(v);
	if (row[_i].evil)
		spoil(v);
	text = written(row[_i].report, v);
	again = written(row[_i].report, v);
	ck_assert_str_eq(text, again);
	for (int i = 0; i < 4 && row[_i].want[i]; i++)
		ck_assert_msg(strstr(text, row[_i].want[i]) != NULL, "'%s' is missing in:\n%.2000s", row[_i].want[i], text);
	for (const char *p = text; *p; p++)
		ck_assert_msg((unsigned char)*p >= 0x20 || *p == '\n', "control character %02x", (unsigned char)*p);
	ck_assert(row[_i].report == &report_text || !strstr(text, "\xe2\x80\xae"));
	free(text);
	free(again);
	json_decref(v);
}
END_TEST

/* Keys that came later are asked for only when they are there, and then must be right. */
static const struct { const char *key, *json; bool holds; } outline[] = {
	{ "records", "[{\"id\":\"ER1-01\",\"title\":{\"en\":\"a\",\"ja\":\"b\"},\"serves\":[],\"verdict\":\"REVIEW\",\"why\":\"\",\"earlier\":[]}]", true },
	{ "records", "[{\"id\":\"ER1-01\",\"title\":{\"en\":\"a\",\"ja\":\"b\"},\"serves\":[],\"verdict\":\"GOOD\",\"why\":\"\",\"earlier\":[]}]", false },
	{ "records", "[7]", false },
	{ "records", "{}", false },
	{ "marks", "[{\"pattern\":2,\"on\":\"a\",\"text\":{\"en\":\"a\",\"ja\":\"b\"},\"was\":\"PASS\",\"now\":\"REVIEW\"}]", true },
	{ "marks", "[{\"pattern\":\"2\",\"on\":\"a\",\"text\":{\"en\":\"a\",\"ja\":\"b\"},\"was\":\"PASS\",\"now\":\"REVIEW\"}]", false },
	{ "as_of", "\"2026-11-26\"", true },
	{ "as_of", "20261126", false },
	{ "on_default", "3", true },
	{ "on_default", "[]", false },
};

START_TEST(later_keys)
{
	json_t *v = golden();
	struct err err = { 0 };

	ck_assert_msg(result_check(v, &err), "%s", err.text);
	json_object_set_new(v, outline[_i].key, json_loads(outline[_i].json, JSON_DECODE_ANY, NULL));
	ck_assert_msg(result_check(v, &err) == outline[_i].holds, "%s: %s", outline[_i].key, outline[_i].json);
	json_decref(v);
}
END_TEST

/* Against the published schemas: JUSAN_SCHEMAS is a folder with junit-ant.xsd and junit-jenkins-10.xsd. Without it, only
 * well-formedness. */
START_TEST(schema)
{
	static const char *const names[] = { "junit-ant.xsd", "junit-jenkins-10.xsd" };
	const char *named = getenv("JUSAN_SCHEMAS"), *folder = named && named[0] ? named : NULL;
	char path[] = "/tmp/jusan-junit-XXXXXX", cmd[1200];
	json_t *v = golden();
	char *text;
	struct err err = { 0 };
	int fd = mkstemp(path);

	ck_assert(fd >= 0);
	add_people(v);
	add_several(v);
	if (_i)
		spoil(v);
	text = written(&report_junit, v);
	ck_assert(fs_write_all(fd, text, strlen(text), &err));
	close(fd);
	snprintf(cmd, sizeof(cmd), "command -v xmllint >/dev/null");
	if (system(cmd) != 0) {
		printf("skipped: no xmllint (Debian: libxml2-utils)\n");
	} else {
		snprintf(cmd, sizeof(cmd), "xmllint --noout %s", path);
		ck_assert(system(cmd) == 0);
		if (!folder)
			printf("skipped: JUSAN_SCHEMAS names no folder with the JUnit schemas\n");
		for (int i = 0; folder && i < 2; i++) {
			snprintf(cmd, sizeof(cmd), "out=$(xmllint --noout --schema '%.900s/%s' %s 2>&1) || { echo \"$out\"; false; }", folder,
				 names[i], path);
			ck_assert_msg(system(cmd) == 0, "%s", cmd);
		}
	}
	unlink(path);
	free(text);
	json_decref(v);
}
END_TEST

TEST_MAIN({ "writes", writes, ROWS(row) }, { "later keys", later_keys, ROWS(outline) }, { "schema", schema, 2 })
