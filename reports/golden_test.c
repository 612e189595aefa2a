// SPDX-License-Identifier: Apache-2.0
/* Every output of the golden run, byte for byte: fixtures/golden/outputs/FILE. What changes there is read in the diff of a
 * commit; `make golden` writes them anew. jusan's own version is left out of them, so that a release changes none. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/registry.h"
#include "harness/version.h"
#include "reports/test_people.h"

#define RUN "fixtures/golden/run"
#define OUTPUTS "fixtures/golden/outputs"
#define ANY_VERSION "0.0.0-any"
#define FILE_MAX ((size_t)64 << 20)

static json_t *golden(void)
{
	struct err err = { 0 };
	json_t *v = NULL;

	ck_assert_msg(fs_read_json(RUN "/verdicts.json", FILE_MAX, &v, &err), "%s (run from the project's root)", err.text);
	add_people(v);
	add_several(v);
	json_object_set_new(json_object_get(v, "tool"), "version", json_string(ANY_VERSION));
	json_object_set_new(json_object_get(v, "run"), "tool", json_string(ANY_VERSION));
	return v;
}

/* What stands beside report/: texts to the terminal have a name here too. */
static void file_of(const struct report *r, char ret[static 128])
{
	char *slash;

	snprintf(ret, 128, r->file ? "%s" : "%s.terminal", r->file ? r->file : r->name);
	while ((slash = strchr(ret, '/')))
		*slash = '-';
}

static bool part_of_number(char c)
{
	return (c >= '0' && c <= '9') || c == '.';
}

/* In place: ANY_VERSION instead of the version of today, where a report names the program that writes it. */
static char *without_version(const char *text)
{
	size_t n = strlen(JUSAN_VERSION), len = 0;
	char *out = NULL;
	FILE *f = open_memstream(&out, &len);

	for (const char *p = text; *p;) {
		if (!strncmp(p, JUSAN_VERSION, n) && !part_of_number(p[n]) && (p == text || !part_of_number(p[-1]))) {
			fputs(ANY_VERSION, f);
			p += n;
		} else {
			fputc(*p++, f);
		}
	}
	fclose(f);
	return out;
}

static char *written(const struct report *r)
{
	struct result result = { RUN, golden() };
	struct err err = { 0 };
	char *text = NULL, *ret;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_msg(r->write(&result, out, &err), "%s: %s", r->name, err.text);
	fclose(out);
	ck_assert_msg(strlen(text) == n, "%s: holds a NUL", r->name);
	ret = without_version(text);
	json_decref(result.verdicts);
	free(text);
	return ret;
}

static void compare(const struct report *r, const char *path, const char *got)
{
	struct err err = { 0 };
	char *want = NULL;
	size_t n, line = 1, at = 0;

	ck_assert_msg(fs_read(path, FILE_MAX, &want, &n, &err), "%s: %s; a new output? make golden", r->name, err.text);
	while (want[at] && want[at] == got[at])
		line += want[at++] == '\n';
	ck_assert_msg(!strcmp(want, got), "%s differs from %s in line %zu:\n  has   %.160s\n  wants %.160s\nmeant to? then make golden, and read the diff",
		      r->name, path, line, got + at, want + at);
	free(want);
}

START_TEST(same)
{
	bool renew = getenv("JUSAN_GOLDEN") != NULL;
	struct err err = { 0 };
	char path[FS_PATH], name[128];

	for (const struct report *const *r = report_table; *r; r++) {
		char *got;

		if ((*r)->on_request)           /* through a program that writes otherwise in its next version */
			continue;
		got = written(*r);
		file_of(*r, name);
		ck_assert(fs_join(path, OUTPUTS, name, &err));
		ck_assert(!renew || (fs_mkdirs(OUTPUTS, &err) && fs_write(path, got, strlen(got), &err)));
		compare(*r, path, got);
		free(got);
	}
}
END_TEST

/* Of an output that is no more, no file stays. */
START_TEST(none_left)
{
	DIR *dir = opendir(OUTPUTS);
	struct dirent *e;
	char name[128];

	ck_assert_msg(dir != NULL, OUTPUTS);
	while ((e = readdir(dir))) {
		bool known = e->d_name[0] == '.';

		for (const struct report *const *r = report_table; *r && !known; r++) {
			file_of(*r, name);
			known = !strcmp(name, e->d_name);
		}
		ck_assert_msg(known, OUTPUTS "/%s: no report writes it", e->d_name);
	}
	closedir(dir);
}
END_TEST

TEST_MAIN({ "same", same, 1 }, { "none left", none_left, 1 })
