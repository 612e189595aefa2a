// SPDX-License-Identifier: Apache-2.0
/* The reports for terminals and programs, from the golden verdicts and from the same made hostile. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/report.h"

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
	static const char *const keep[] = { "format", "verdict", "should_verdict", "truth", "id", "guideline", "force", "class", NULL };
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
	struct result result = { "fixtures/golden/run", v };
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
	{ &report_text, true, { "FAIL         BT5-03", "<b>&\"'\\x1b]0;x\\x07\\u{202e}]]>\\n%s", NULL } },
	{ &report_json, false, { "\"format\": \"jusan-verdicts/1\"", "\"BT5-03\"", NULL } },
	{ &report_json, true, { "\\u202E", NULL } },
	{ &report_junit, false, { "<testsuite name=\"G1 ", "<failure type=\"FAIL\"", "<error type=\"INCONCLUSIVE\"", "<skipped message=\"NOT_TESTED" } },
	{ &report_junit, true, { "&#60;b&#62;&#38;&#34;&#39;\\x1b", "<failure type=\"FAIL\"", NULL } },
};

START_TEST(writes)
{
	json_t *v = golden();
	char *text, *again;

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

TEST_MAIN({ "writes", writes, ROWS(row) }, { "schema", schema, 2 })
