// SPDX-License-Identifier: Apache-2.0
// Every fixtures/bad/KIND-NAME.yaml is refused with exactly the words of its .err. KIND (bench, device, profile, suite, mapping,
// records, requirements) is the input it takes the place of; the other inputs are good. BAD_UPDATE=1 writes the .err files anew: read them then.
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/plan.h"

#define BAD "fixtures/bad"

static char dir[64], said[8192];
static const char *under_test, *under_kind;     /* its file name, the first word of it */

static const char device[] =
	"function: {essential: {procedure: alive}}\n"
	"procedures: {alive: {steps: []}, reach_initialised: {steps: []}}\n";
static const char suite[] =
	"- test: BT9-01\n  title: {en: A, ja: B}\n  decides: [G9.1]\n  state: initialised\n"
	"  limits: {outage: {profile: outage.each, default: 10min}}\n  steps: []\n  expect: []\n";

static const char requirements[] = "requirements: [{id: G9.1}, {id: G9.2}, {id: G1.1}]\n";
static const char records[] =
	"records:\n- id: ER9-01\n  title: {en: A, ja: B}\n  serves: [G9.1]\n  stored: {en: A, ja: B}\n  decides: {en: A, ja: B}\n";
static const char mapping[] =                   /* beside the bad one, for its `basis` */
	"mapping: good\ntitle: {en: A, ja: B}\nedition: '1'\nsource: C\nlines:\n"
	"- {id: 5.5-1, topic: {en: A, ja: B}, requirements: [G9.1], certainty: verified}\n";

static const char standard[] =                  /* a few lines of EN 303 645, for what a device declares of it */
	"mapping: en303645-v3.1.3\ntitle: {en: A, ja: B}\nedition: '1'\nsource: C\n"
	"conditions: {6: {en: A, ja: B}, 7: {en: A, ja: B}}\nfeatures: {a: {en: A, ja: B}, b: {en: A, ja: B}, w: {en: A, ja: B}}\nlines:\n"
	"- {id: 5.1-1, force: M, features: [a], topic: {en: A, ja: B}, requirements: [G9.1], certainty: verified}\n"
	"- {id: 5.2-1, force: M, topic: {en: A, ja: B}, requirements: [G9.1], certainty: verified}\n"
	"- {id: 5.2-2, force: R, topic: {en: A, ja: B}, requirements: [G9.1], certainty: verified}\n"
	"- {id: 5.3-4A, force: R, features: [b], topic: {en: A, ja: B}, requirements: [G9.1], certainty: verified}\n"
	"- {id: 5.10-1, force: R, features: [w], topic: {en: A, ja: B}, requirements: [G9.1], certainty: verified}\n";

/* What of the folder of suites a bad file can stand for. */
static const struct { const char *kind, *name, *good; } part[] = {
	{ "suite", "G09.yaml", suite }, { "mapping", "mappings/bad.yaml", NULL }, { "records", "records.yaml", records },
	{ "requirements", "requirements.yaml", requirements },
};

static void put(const char *name, const char *text)
{
	char path[FS_PATH];
	struct err err = { 0 };

	ck_assert(fs_join(path, dir, name, &err) && fs_write(path, text, strlen(text), &err));
}

/* One line, the folder cut off and the scratch name of the file put back. */
static void note(const struct err *e, void *data)
{
	struct err short_one = *e;
	char line[700];
	const char *slash = e->at.file ? strrchr(e->at.file, '/') : NULL;

	(void)data;
	if (slash)
		short_one.at.file = slash + 1;
	for (int i = 0; slash && i < ROWS(part); i++)
		if (!strcmp(part[i].kind, under_kind) && !strcmp(e->at.file + strlen(dir) + 1, part[i].name))
			short_one.at.file = under_test;
	err_line(&short_one, line, sizeof(line));
	for (char *p; (p = strstr(line, dir)) != NULL;)         /* another place of the same file, in the text */
		memmove(p, p + strlen(dir) + 1, strlen(p + strlen(dir) + 1) + 1);
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", line);
}

static void put_suites(const char *kind, const char *bad)
{
	char path[FS_PATH];
	struct err err = { 0 };

	ck_assert(fs_join(path, dir, "mappings", &err) && fs_mkdirs(path, &err));
	ck_assert(fs_join(path, dir, "profiles", &err) && fs_mkdirs(path, &err));
	put("profiles/second.yaml", "profile: second\nlike: first\n");
	put("mappings/good.yaml", mapping);
	put("mappings/en303645-v3.1.3.yaml", standard);
	for (int i = 0; i < ROWS(part); i++)
		if (!strcmp(part[i].kind, kind))
			ck_assert(fs_join(path, dir, part[i].name, &err) && fs_copy(bad, path, &err));
		else if (part[i].good)
			put(part[i].name, part[i].good);
}

static bool load(const char *kind)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	char bad[FS_PATH], good[FS_PATH];
	struct plan_input in = { .device = good, .suites = dir };
	struct plan plan;
	struct err err = { 0 };
	bool ok;

	snprintf(dir, sizeof(dir), "/tmp/jusan-bad-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	put("device.yaml", device);
	ck_assert(fs_join(bad, BAD, under_test, &err) && fs_join(good, dir, "device.yaml", &err));
	put_suites(kind, bad);
	if (!strcmp(kind, "bench"))
		in.bench = bad;
	if (!strcmp(kind, "device"))
		in.device = bad;
	if (!strcmp(kind, "profile"))
		in.profile = bad;
	ok = plan_load(&a, &in, note, NULL, &plan, &err);
	if (ok)
		plan_done(&plan);
	ck_assert(fs_remove(dir, &(struct err){ 0 }));
	return ok;
}

static void check(const char *name)
{
	char path[FS_PATH], kind[16];
	CLEANUP(free_ptr) char *want = NULL;
	struct err err = { 0 };
	size_t n;

	under_test = name;
	said[0] = '\0';
	snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(name, "-"), name);
	under_kind = kind;
	snprintf(path, sizeof(path), BAD "/%.*s.err", (int)strlen(name) - 5, name);
	ck_assert_msg(!load(kind), "%s is accepted", name);
	if (getenv("BAD_UPDATE"))
		ck_assert(fs_write(path, said, strlen(said), &err));
	ck_assert_msg(fs_read(path, sizeof(said), &want, &n, &err), "%s", err.text);
	ck_assert_msg(!strcmp(want, said), "%s\nwant %sgot  %s", name, want, said);
}

START_TEST(every_bad_file_is_refused_in_these_words)
{
	DIR *d = opendir(BAD);
	struct dirent *e;
	int n = 0;

	ck_assert_msg(d != NULL, BAD ": run from the top of the tree");
	while ((e = readdir(d)))
		if (strlen(e->d_name) > 5 && !strcmp(e->d_name + strlen(e->d_name) - 5, ".yaml")) {
			check(e->d_name);
			n++;
		}
	closedir(d);
	ck_assert_int_gt(n, 50);
}
END_TEST

TEST_MAIN({ "bad files", every_bad_file_is_refused_in_these_words, 1 })
