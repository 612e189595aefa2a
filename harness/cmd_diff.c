// SPDX-License-Identifier: Apache-2.0
// jusan diff: what changed between two runs, for a person; --json for a program. No word depends on colour; there is none.
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/cmd.h"
#include "harness/diff.h"
#include "harness/result.h"
#include "reports/campaigns/diff_page.h"
#include "reports/campaigns/page.h"

#define CLAIMS_SHOWN 6          /* of one test; --all shows every one */
#define POINTERS_SHOWN 2

static void usage(FILE *f)
{
	fputs("usage: jusan diff [--json] [--all] [-o FILE.html] RUN1 RUN2\n\n"
	      "What changed from RUN1 to RUN2 in verdict, limit and evidence, for the gate, guidelines, requirements and tests. The runs\n"
	      "may come of other suites, profiles or firmware: tests that only one of them has are named. Reads their verdicts.json, as\n"
	      "run, judge or campaign wrote it. That a measurement came out a little different is no difference. Beside each test stands\n"
	      "what else differs: the device, its declaration, the measure (suite, profile, limit), the bench, a decision of people;\n"
	      "unsteady is what changed while nothing else did.\n\n"
	      "      --json   everything, as JSON (format jusan-diff/1)\n"
	      "      --all    every claim, not only the first few of a test\n"
	      "  -o, --html FILE   also as a page, with every claim and its evidence on both sides\n\n"
	      "Exit status: 0 no difference, 1 differences, 3 or 64 a folder that cannot be read.\n", f);
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void say(const char *text)
{
	escape_terminal(stdout, text);
}

/* Text as it is, anything else as JSON writes it, nothing as "-". */
static void say_value(const json_t *v)
{
	CLEANUP(free_ptr) char *text = NULL;

	if (json_is_string(v)) {
		say(json_string_value(v));
	} else if (!v || json_is_null(v)) {
		putchar('-');
	} else {
		text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
		escape_terminal_cut(stdout, text ? text : "?", 200);
	}
}

static void say_pair(const json_t *pair)
{
	say_value(json_object_get(pair, "a"));
	fputs(" -> ", stdout);
	say_value(json_object_get(pair, "b"));
}

static void label(const char *id)
{
	say(id);
	for (size_t n = strlen(id); n < 9; n++)
		putchar(' ');
	putchar(' ');
}

/* ---- head ---- */
static void say_run(const char *name, const json_t *run)
{
	printf("%s  ", name);
	say(text_of(run, "id"));
	fputs(": ", stdout);
	say(text_of(run, "maker"));
	putchar(' ');
	say(text_of(run, "model"));
	fputs(" ", stdout);
	say(text_of(run, "firmware"));
	fputs(", profile ", stdout);
	say(text_of(run, "profile"));
	putchar('\n');
}

/* Files of suites by name; other lists are only said to differ. */
static void say_files(const json_t *a, const json_t *b)
{
	size_t i, k;
	json_t *x, *y;

	for (int side = 0; side < 2; side++)
		json_array_foreach((json_t *)(uintptr_t)(side ? a : b), i, x) {
			const json_t *other = NULL;

			json_array_foreach((json_t *)(uintptr_t)(side ? b : a), k, y)
				other = !strcmp(text_of(x, "file"), text_of(y, "file")) ? y : other;
			if (side ? other != NULL : other && json_equal(x, other))
				continue;
			putchar(' ');
			say(text_of(x, "file"));
			fputs(side ? " (gone)" : other ? " (changed)" : " (new)", stdout);
		}
}

static void say_head(const json_t *d)
{
	size_t i;
	json_t *r;

	say_run("RUN1", json_object_get(d, "a"));
	say_run("RUN2", json_object_get(d, "b"));
	json_array_foreach(json_object_get(d, "run"), i, r) {
		label(i ? "" : "runs");
		say(text_of(r, "what"));
		if (!strcmp(text_of(r, "what"), "suites")) {
			say_files(json_object_get(r, "a"), json_object_get(r, "b"));
		} else {
			putchar(' ');
			say_pair(r);
		}
		putchar('\n');
	}
	putchar('\n');
}

/* ---- what is counted ---- */
static void say_score(const json_t *score)
{
	json_int_t low = json_integer_value(json_object_get(score, "low")), high = json_integer_value(json_object_get(score, "high"));

	printf("%lld-%lld%%", (long long)(low / 10000), (long long)(high / 10000 + (high % 10000 > 0)));
}

static void say_guideline(const json_t *g)
{
	const json_t *score = json_object_get(g, "score");
	bool any = false;

	label(text_of(g, "id"));
	for (const char *const *k = (const char *const[]){ "verdict", "should", NULL }; *k; k++)
		if (json_object_get(g, *k)) {
			printf("%s%s ", any ? ", " : "", !strcmp(*k, "verdict") ? "shall" : "should");
			say_pair(json_object_get(g, *k));
			any = true;
		}
	if (score) {
		printf("%sscore ", any ? ", " : "");
		say_score(json_object_get(score, "a"));
		fputs(" -> ", stdout);
		say_score(json_object_get(score, "b"));
	}
	putchar('\n');
}

static void say_pointers(const json_t *at)
{
	size_t i;
	json_t *p;

	json_array_foreach((json_t *)(uintptr_t)at, i, p) {
		if (i == POINTERS_SHOWN)
			break;
		fputs(i ? " " : "  [", stdout);
		if (json_object_get(p, "capture")) {
			say(text_of(p, "capture"));
			printf("#%lld", (long long)json_integer_value(json_object_get(p, "frame")));
		} else if (json_object_get(p, "file")) {
			say(text_of(p, "file"));
			printf("@%lld+%lld", (long long)json_integer_value(json_object_get(p, "off")),
			       (long long)json_integer_value(json_object_get(p, "len")));
		} else {
			if (json_object_get(p, "unit"))         /* of a campaign */
				printf("unit%lld/", (long long)json_integer_value(json_object_get(p, "unit")));
			printf("journal#%lld", (long long)json_integer_value(json_object_get(p, "journal")));
		}
	}
	if (i)
		putchar(']');
}

static void say_side(const char *word, const json_t *c, const char *side)
{
	printf("            %s  ", word);
	say_value(json_object_get(json_object_get(c, "truth"), side));
	fputs(": ", stdout);
	say_value(json_object_get(json_object_get(c, "actual"), side));
	fputs(", expected ", stdout);
	say_value(json_object_get(json_object_get(c, "expected"), side));
	say_pointers(json_object_get(json_object_get(c, "at"), side));
	putchar('\n');
}

static void say_claim(const json_t *c)
{
	const char *only = text_of(c, "only");

	fputs("          claim ", stdout);
	if (text_of(c, "rep")[0]) {
		putchar('[');
		say(text_of(c, "rep"));
		fputs("] ", stdout);
	}
	say(text_of(c, "text"));
	if (only[0]) {
		printf("  only in %s\n", only[0] == 'a' ? "RUN1" : "RUN2");
		return;
	}
	putchar('\n');
	say_side("was", c, "a");
	say_side("is ", c, "b");
}

static void say_why(const json_t *why)
{
	if (!why)
		return;
	fputs("          was  ", stdout);
	say_value(json_object_get(why, "a"));
	fputs("\n          is   ", stdout);
	say_value(json_object_get(why, "b"));
	putchar('\n');
}

static void say_reasons(const json_t *reasons)
{
	size_t i, k;
	json_t *r, *w;

	json_array_foreach((json_t *)(uintptr_t)reasons, i, r) {
		printf("%s%s (", i ? ", " : "          also differs  ", text_of(r, "class"));
		json_array_foreach(json_object_get(r, "what"), k, w) {
			fputs(k ? ", " : "", stdout);
			say_value(w);
		}
		putchar(')');
	}
	fputs(i ? "\n" : "", stdout);
}

static void say_test(const json_t *t, bool all)
{
	const char *only = text_of(t, "only");
	const json_t *claims = json_object_get(t, "claims");
	size_t i;
	json_t *e;

	label(text_of(t, "id"));
	if (only[0]) {
		printf("only in %s: ", only[0] == 'a' ? "RUN1" : "RUN2");
		say_value(json_object_get(json_object_get(t, "verdict"), only));
	} else if (json_object_get(t, "verdict")) {
		say_pair(json_object_get(t, "verdict"));
	} else {
		fputs("same verdict", stdout);
	}
	fputs("  ", stdout);
	say(text_of(t, "title"));
	putchar('\n');
	say_why(json_object_get(t, "why"));
	say_reasons(json_object_get(t, "reasons"));
	if (json_object_get(t, "rounds")) {
		fputs("          rounds ", stdout);
		say_pair(json_object_get(t, "rounds"));
		putchar('\n');
	}
	json_array_foreach(json_object_get(t, "limits"), i, e) {
		fputs("          limit ", stdout);
		say(text_of(e, "name"));
		putchar(' ');
		say_pair(e);
		putchar('\n');
	}
	json_array_foreach((json_t *)(uintptr_t)claims, i, e)
		if (all || i < CLAIMS_SHOWN)
			say_claim(e);
	if (!all && json_array_size(claims) > CLAIMS_SHOWN)
		printf("          and %zu more claims: --all\n", json_array_size(claims) - CLAIMS_SHOWN);
}

static void say_all(const json_t *d, bool all)
{
	size_t i;
	json_t *e;

	say_head(d);
	if (json_object_get(d, "gate")) {
		label("gate");
		say_pair(json_object_get(d, "gate"));
		putchar('\n');
	}
	json_array_foreach(json_object_get(d, "guidelines"), i, e)
		say_guideline(e);
	json_array_foreach(json_object_get(d, "requirements"), i, e) {
		label(text_of(e, "id"));
		say_pair(json_object_get(e, "verdict"));
		putchar('\n');
	}
	json_array_foreach(json_object_get(d, "tests"), i, e)
		say_test(e, all);
	if (json_integer_value(json_object_get(d, "differences")))
		printf("\nwhat differs: guidelines %zu, requirements %zu, tests %zu", json_array_size(json_object_get(d, "guidelines")),
		       json_array_size(json_object_get(d, "requirements")), json_array_size(json_object_get(d, "tests")));
	else
		fputs("no difference in verdict, limit or evidence", stdout);
	if (json_integer_value(json_object_get(d, "measured")))
		printf("; claims that say the same of another measurement: %lld",
		       (long long)json_integer_value(json_object_get(d, "measured")));
	putchar('\n');
}

static int complain(const struct err *err)
{
	char line[1024];

	fprintf(stderr, "jusan diff: ");
	escape_terminal(stderr, err_line(err, line, sizeof(line)));
	fputc('\n', stderr);
	return err_status(err);
}

static bool has_report(const char *dir)
{
	CLEANUP(close_fd) int fd = -1;
	struct err none = { 0 };

	return fs_open_below(dir, "report/report.html", &fd, &none);
}

static bool write_page(const char *path, char **dir, const json_t *d, struct err *err)
{
	CLEANUP(free_ptr) char *a = page_way(path, dir[0]), *b = page_way(path, dir[1]), *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	bool ok;

	if (!f)
		return err_sys(err, "%s", path);
	diff_page(d, has_report(dir[0]) ? a : NULL, has_report(dir[1]) ? b : NULL, f);
	ok = !ferror(f);
	if (fclose(f) || !ok)
		return err_sys(err, "%s", path);
	return fs_write(path, text, n, err);
}

static int compare(char **dir, const char *page, bool json, bool all)
{
	struct result r[2] = { { 0 } };
	CLEANUP(free_json) json_t *d = NULL;
	struct err err = { 0 };
	int status = 0;

	if (page && !page_may_write(page, "diff", &err))
		return complain(&err);
	for (int i = 0; i < 2 && !status; i++)
		if (!result_load(dir[i], &r[i], &err))
			status = complain(&err);
	if (!status) {
		d = diff_results(r[0].verdicts, r[1].verdicts);
		status = json_integer_value(json_object_get(d, "differences")) ? 1 : 0;
		if (json && (json_dumpf(d, stdout, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENSURE_ASCII) < 0 || putchar('\n') < 0))
			status = 3;
		else if (!json)
			say_all(d, all);
		if (page && !write_page(page, dir, d, &err))
			status = complain(&err);
	}
	result_free(&r[0]);
	result_free(&r[1]);
	return status;
}

int cmd_diff(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "all", no_argument, NULL, 'a' },
		{ "html", required_argument, NULL, 'o' }, { "help", no_argument, NULL, 'h' }, { 0 }
	};
	const char *page = NULL;
	bool json = false, all = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "ho:", options, NULL)) >= 0) {
		if (opt != 'j' && opt != 'a' && opt != 'o') {
			usage(opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 64;
		}
		json |= opt == 'j';
		all |= opt == 'a';
		page = opt == 'o' ? optarg : page;
	}
	if (optind + 2 != argc) {
		fprintf(stderr, "jusan diff: needs two run folders\n");
		usage(stderr);
		return 64;
	}
	return compare(argv + optind, page, json, all);
}
