// SPDX-License-Identifier: Apache-2.0
// jusan lint: are suites, requirements, profiles, descriptors - and the benches and devices named - whole and in step?
#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/cmd.h"
#include "harness/misjudge.h"
#include "harness/options.h"
#include "harness/selfcheck.h"

#define FILES 32

static const char usage[] =
	"usage: jusan lint [--suites DIR] [FILE...]\n"
	"       jusan lint RUN\n\n"
	"Checks the suites with every profile, that requirements, tests and evidence records name each other, the mappings to\n"
	"other schemes, and the descriptors of all probes. FILE is a bench, a device declaration or a profile: it is checked\n"
	"with them, each bench with each device. Exit status 0, or 64 when something is wrong; each fault is named with\n"
	"file:line:column.\n\n"
	"RUN is a judged run folder: its verdicts are checked for six ways of misjudging (FAIL without its condition, all from a\n"
	"sample, a document's contradiction booked on the device, broken inheritance, claims wider than evidence, circular\n"
	"not applicable). Exit status 0 none, 1 some: each is named with its verdict before and after; 64 no judged run.\n";

struct lint { json_t *seen; unsigned faults; };
struct names { const char *name[FILES]; size_t n; };

static void fault(const struct err *e, void *data)
{
	struct lint *l = data;
	char line[1024];

	err_line(e, line, sizeof(line));
	if (json_object_get(l->seen, line))     /* the same file is read once for each profile */
		return;
	json_object_set_new(l->seen, line, json_true());
	l->faults++;
	options_report(e, NULL);
}

static void descriptor_fault(const char *what, const char *text, void *data)
{
	struct err e = { 0 };

	err_set(&e, ERR_CONF, "%s: %s", what, text);
	fault(&e, data);
}

/* ---- profiles and limits name each other ---- */
/* A key that no limit asks for is a slip of the pen: the limit would silently take its default. */
static void check_profile(struct lint *l, const struct plan *p)
{
	const struct conf *limits = p->profile.own;

	for (size_t i = 0; limits && i < limits->n; i++) {
		const char *key = limits->key[i]->text;
		bool used = false;
		struct err e = { 0 };

		for (size_t t = 0; t < p->n && !used; t++)
			for (size_t k = 0; k < p->test[t].n_limits && !used; k++)
				used = p->test[t].limit[k].profile && !strcmp(p->test[t].limit[k].profile, key);
		if (used)
			continue;
		err_at(&e, limits->key[i]->at, "no limit of any test asks the profile for '%.60s'", key);
		fault(&e, l);
	}
}

static void check_limits(struct lint *l, const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->test[i].n_limits; k++) {
			const struct limit *limit = &p->test[i].limit[k];
			struct err e = { 0 };

			if (limit->used)
				continue;
			err_at(&e, limit->at, "nothing in %s names limit.%s", p->test[i].id, limit->name);
			fault(&e, l);
		}
}

/* ---- what to load ---- */
static void load(struct lint *l, const struct plan_input *in)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	struct plan p;
	struct err err = { 0 };

	if (!plan_load(&a, in, fault, l, &p, &err))
		return;
	plan_agree(&p, fault, l);
	declared_paths(&p, fault, l);
	check_limits(l, &p);
	if (in->profile)
		check_profile(l, &p);
	plan_done(&p);
}

static bool add(struct names *list, const char *name, struct err *err)
{
	if (list->n == FILES)
		return err_set(err, ERR_CONF, "more than %d files of one kind", FILES);
	list->name[list->n++] = name;
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool find_profiles(struct arena *a, const char *suites, struct names *ret, struct err *err)
{
	char path[FS_PATH];
	struct dirent *e;
	bool ok = true;
	DIR *d;

	if (!fs_join(path, suites, "profiles", err))
		return false;
	d = opendir(path);
	if (!d)
		return true;                    /* a folder of suites may have none */
	while (ok && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (n > 5 && !strcmp(e->d_name + n - 5, ".yaml"))
			ok = add(ret, arena_printf(a, "%s/%s", path, e->d_name), err);
	}
	closedir(d);
	qsort(ret->name, ret->n, sizeof(ret->name[0]), by_text);
	return ok;
}

/* By what stands in it: bench, device or profile. */
static bool sort_file(struct arena *a, const char *path, struct names *benches, struct names *devices, struct names *profiles,
		      struct err *err)
{
	const struct conf *c = NULL;

	if (!conf_load(a, path, &c, err))
		return false;
	if (conf_get(c, "bench"))
		return add(benches, path, err);
	if (conf_get(c, "profile"))
		return add(profiles, path, err);
	if (conf_get(c, "identity") || conf_get(c, "procedures"))
		return add(devices, path, err);
	return err_at(err, c->at, "neither a bench (bench:) nor a device (identity:) nor a profile (profile:); suites are checked with --suites");
}

static void load_all(struct lint *l, const char *suites, const struct names *benches, const struct names *devices, const struct names *profiles)
{
	for (size_t p = 0; p < (profiles->n ? profiles->n : 1); p++)
		for (size_t b = 0; b < (benches->n ? benches->n : 1); b++)
			for (size_t d = 0; d < (devices->n ? devices->n : 1); d++)
				load(l, &(struct plan_input){ .suites = suites, .profile = profiles->name[p], .bench = benches->name[b],
							      .device = devices->name[d] });
}

/* ---- results ---- */
static bool is_run(const char *path)
{
	char file[FS_PATH];
	struct err none = { 0 };

	return fs_join(file, path, "run.json", &none) && access(file, F_OK) == 0;
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static int lint_run(const char *dir)
{
	CLEANUP(free_json) json_t *marks = NULL;
	struct err err = { 0 };
	size_t i;
	json_t *m;

	if (!misjudge_lint(dir, &marks, &err)) {
		options_report(&err, NULL);
		return 64;
	}
	json_array_foreach(marks, i, m) {
		const char *const part[] = { text_of(m, "mapping"), *text_of(m, "mapping") ? " " : "", text_of(m, "on"), ": ",
					     text_of(json_object_get(m, "text"), "en"), json_is_true(json_object_get(m, "new")) ? " (not marked by judge)" : "" };

		printf("pattern %" JSON_INTEGER_FORMAT ", ", json_integer_value(json_object_get(m, "pattern")));
		for (size_t k = 0; k < sizeof(part) / sizeof(part[0]); k++)
			escape_terminal(stdout, part[k]);
		printf(" [%s", text_of(m, "was"));
		if (strcmp(text_of(m, "was"), text_of(m, "now")))
			printf(" -> %s", text_of(m, "now"));
		puts("]");
	}
	return json_array_size(marks) ? 1 : 0;
}

int cmd_lint(int argc, char **argv)
{
	static const struct option options[] = { { "suites", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	CLEANUP(arena_free) struct arena a = { 0 };
	CLEANUP(free_json) json_t *seen = json_object();
	struct names benches = { 0 }, devices = { 0 }, profiles = { 0 };
	struct lint l = { .seen = seen };
	const char *suites = "suites";
	struct err err = { 0 };
	int opt;

	while ((opt = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (opt == 'h')
			return fputs(usage, stdout) < 0;
		if (opt != 's')
			return 64;
		suites = optarg;
	}
	if (optind + 1 == argc && is_run(argv[optind]))
		return lint_run(argv[optind]);
	if (!find_profiles(&a, suites, &profiles, &err))
		fault(&err, &l);
	for (; optind < argc; optind++)
		if (!sort_file(&a, argv[optind], &benches, &devices, &profiles, &err))
			fault(&err, &l);
	selfcheck(descriptor_fault, &l);
	load_all(&l, suites, &benches, &devices, &profiles);
	if (l.faults)
		fprintf(stderr, "%u fault%s\n", l.faults, l.faults == 1 ? "" : "s");
	return l.faults ? 64 : 0;
}
