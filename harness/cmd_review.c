// SPDX-License-Identifier: Apache-2.0
// jusan review: what waits for a person, and what a person decided.
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/campaign_judge.h"
#include "harness/cmd.h"
#include "harness/judge.h"
#include "harness/reports.h"
#include "harness/result.h"
#include "harness/review.h"
#include "harness/seal.h"

static void usage(FILE *f)
{
	fputs("usage: jusan review RUN                          what waits for a person; asks when there is a terminal\n"
	      "       jusan review RUN ID --decide WORD [options]  a decision on a record (ER2-01) or a test in REVIEW (BT12-01)\n"
	      "       jusan review RUN --waive ID [options]        a waiver for a test (BT1-05) or a requirement (G1.4)\n\n"
	      "A decision is written to RUN/review/, with copies of its documents, sealed, and signed when there is a key (jusan\n"
	      "key). Then the run is judged and reported again. A later decision supersedes an earlier one; none is removed. A\n"
	      "waiver stands beside a verdict and changes neither it nor score, gate or exit status.\n\n"
	      "      --decide WORD      pass, fail, not-applicable, or open (takes an earlier decision back)\n"
	      "      --reviewer WHO     who decides, \"Name <mail@example.org>\" (default: $JUSAN_REVIEWER); --who for a waiver\n"
	      "      --reason TEXT      why, in one line; --why for a waiver\n"
	      "      --expires DAY      the last day it holds, 2027-11-26; pass and not-applicable need one; --until for a waiver\n"
	      "      --date DAY         the day of the decision (default: today, UTC)\n"
	      "  -f, --file FILE        a document it rests on; may be repeated; pass and not-applicable on a record need one\n"
	      "      --key-uri KEY      sign with this key: a file or a pkcs11: URI\n"
	      "  -l, --list             only list, also on a terminal\n"
	      "  -n, --no-judge         do not judge and report again\n\n"
	      "Exit status: 0 nothing waits, or the decision was taken; 2 something waits; 3 the folder is not intact or cannot be\n"
	      "written; 64 usage, or what cannot be decided; 130 interrupted (decisions taken before stay).\n", f);
}

struct choice {
	const char *dir, *files[REVIEW_FILES];
	struct review_entry e;
	char today[DATE_TEXT];
	bool list, judge;
};

static volatile bool interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = true;
}

static int complain(const struct err *err)
{
	char line[1024];

	fprintf(stderr, "jusan review: ");
	escape_terminal(stderr, err_line(err, line, sizeof(line)));
	fputc('\n', stderr);
	return err_status(err);
}

/* Verdicts of a version that knew no records would say that nothing waits. */
static bool load(const char *dir, struct result *ret, struct err *err)
{
	if (!result_load(dir, ret, err))
		return false;
	if (json_is_array(json_object_get(ret->verdicts, "records")))
		return true;
	result_free(ret);
	return err_set(err, ERR_CONF, "%s was judged by an earlier version of jusan, which knew no records: jusan judge %s", dir, dir);
}

/* ---- judging again ---- */
/* Verdicts of another profile than the run's own are not replaced behind somebody's back. */
static bool same_profile(const char *dir, const json_t *verdicts)
{
	CLEANUP(free_json) json_t *run = NULL;
	char path[FS_PATH];
	struct err none = { 0 };

	return fs_join(path, dir, "run.json", &none) && fs_read_json(path, (size_t)4 << 20, &run, &none) &&
	       json_equal(json_object_get(run, "profile_sha256"), json_object_get(json_object_get(verdicts, "run"), "profile_sha256"));
}

static bool judge_again(const struct choice *c, struct err *err)
{
	CLEANUP(free_json) json_t *campaign = campaign_run(c->dir);
	struct result before = { 0 };
	struct judge_options o = { 0 };
	char day[DATE_TEXT], run_day[DATE_TEXT];
	bool same;

	if (!c->judge)
		return true;
	if (!result_load(c->dir, &before, err))
		return false;
	same = same_profile(c->dir, before.verdicts);
	review_day(json_object_get(before.verdicts, "run"), NULL, run_day);
	review_day(NULL, json_string_value(json_object_get(before.verdicts, "as_of")), day);
	o.as_of = strcmp(day, "9999-12-31") && strcmp(day, run_day) ? day : NULL;
	result_free(&before);
	if (!same) {
		printf("the verdicts are of another profile than the run's own: judge again with it, then report\n");
		return true;
	}
	return (campaign ? campaign_again(c->dir, campaign, o.as_of, err) : judge_run(c->dir, &o, err)) && reports_write(c->dir, "all", err);
}

/* ---- one decision from flags ---- */
static void say_result(const char *dir, const char *id)
{
	static const char *const lists[] = { "records", "tests", "requirements" };
	struct result r = { 0 };
	struct err none = { 0 };
	size_t i;
	json_t *e;

	if (!result_load(dir, &r, &none))
		return;
	for (int k = 0; k < 3; k++)
		json_array_foreach(json_object_get(r.verdicts, lists[k]), i, e)
			if (!strcmp(json_string_value(json_object_get(e, "id")), id)) {
				printf("%s is %s: ", id, json_string_value(json_object_get(e, "verdict")));
				escape_terminal(stdout, json_string_value(json_object_get(e, "why")));
				putchar('\n');
			}
	result_free(&r);
}

static int decide(struct choice *c)
{
	struct result r = { 0 };
	struct err err = { 0 };
	char path[32];
	bool ok;

	if (!load(c->dir, &r, &err))
		return complain(&err);
	ok = review_may(r.verdicts, &c->e, &err) && review_add(c->dir, &c->e, path, &err);
	result_free(&r);
	if (!ok)
		return complain(&err);
	printf("written and sealed: %s\n", path);
	if (!judge_again(c, &err))
		return complain(&err);
	if (c->judge)
		say_result(c->dir, c->e.on);
	return 0;
}

/* ---- the dialogue ---- */
struct live { struct choice *c; struct result r; };

static const json_t *current(void *data, struct err *err)
{
	struct live *l = data;

	result_free(&l->r);
	return load(l->c->dir, &l->r, err) ? l->r.verdicts : NULL;
}

static bool add(const struct review_entry *e, void *data, struct err *err)
{
	struct live *l = data;
	char path[32];

	if (!review_add(l->c->dir, e, path, err))
		return false;
	printf("  written and sealed: %s\n", path);
	return judge_again(l->c, err);
}

static int converse(struct choice *c)
{
	struct sigaction act = { .sa_handler = on_signal };     /* no SA_RESTART: a waiting question ends */
	struct live l = { .c = c };
	struct review_dialogue d = { .in = stdin, .out = stdout, .stop = &interrupted, .reviewer = c->e.reviewer, .add = add,
				     .verdicts = current, .data = &l };
	struct err err = { 0 };
	unsigned added;
	bool ok;

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	ok = review_ask(&d, &added, &err);
	result_free(&l.r);
	printf("\n%u decision%s taken\n", added, added == 1 ? "" : "s");
	if (!ok)
		return complain(&err);
	return interrupted ? 130 : 0;
}

static int list(const char *dir)
{
	struct result r = { 0 };
	struct err err = { 0 };
	CLEANUP(free_json) json_t *waits = NULL;
	bool any;

	if (!load(dir, &r, &err))
		return complain(&err);
	review_print(r.verdicts, stdout);
	waits = review_waiting(r.verdicts);
	any = json_array_size(json_object_get(waits, "records")) || json_array_size(json_object_get(waits, "tests"));
	result_free(&r);
	return any ? 2 : 0;
}

/* ---- options ---- */
enum { OPT_DECIDE = 256, OPT_REVIEWER, OPT_REASON, OPT_EXPIRES, OPT_DATE, OPT_WAIVE, OPT_KEY };
static const struct option options[] = {
	{ "decide", required_argument, NULL, OPT_DECIDE },     { "reviewer", required_argument, NULL, OPT_REVIEWER },
	{ "who", required_argument, NULL, OPT_REVIEWER },      { "reason", required_argument, NULL, OPT_REASON },
	{ "why", required_argument, NULL, OPT_REASON },        { "expires", required_argument, NULL, OPT_EXPIRES },
	{ "until", required_argument, NULL, OPT_EXPIRES },     { "date", required_argument, NULL, OPT_DATE },
	{ "file", required_argument, NULL, 'f' },              { "waive", required_argument, NULL, OPT_WAIVE },
	{ "key-uri", required_argument, NULL, OPT_KEY },       { "list", no_argument, NULL, 'l' },
	{ "no-judge", no_argument, NULL, 'n' },                { "help", no_argument, NULL, 'h' }, { 0 }
};

static bool take(struct choice *c, int opt)
{
	switch (opt) {
	case OPT_DECIDE: c->e.decide = optarg; return true;
	case OPT_REVIEWER: c->e.reviewer = optarg; return true;
	case OPT_REASON: c->e.reason = optarg; return true;
	case OPT_EXPIRES: c->e.expires = optarg; return true;
	case OPT_DATE: c->e.date = optarg; return true;
	case OPT_KEY: return setenv("JUSAN_KEY", optarg, 1) == 0;
	case 'l': c->list = true; return true;
	case 'n': c->judge = false; return true;
	case OPT_WAIVE:
		c->e.what = REVIEW_WAIVER;
		c->e.on = optarg;
		return true;
	case 'f':
		if (c->e.n_files >= REVIEW_FILES)
			return false;
		c->files[c->e.n_files++] = optarg;
		return true;
	default: return false;
	}
}

static int wrong(const char *what)
{
	fprintf(stderr, "jusan review: %s\n", what);
	usage(stderr);
	return 64;
}

int cmd_review(int argc, char **argv)
{
	struct choice c = { .judge = true, .e = { .reviewer = getenv("JUSAN_REVIEWER") } };
	int opt;

	date_today(c.today);
	c.e.date = c.today;
	c.e.files = c.files;
	while ((opt = getopt_long(argc, argv, "f:lnh", options, NULL)) >= 0) {
		if (opt == 'h') {
			usage(stdout);
			return 0;
		}
		if (!take(&c, opt))
			return wrong(opt == 'f' ? "too many documents for one decision" : "it is written like this");
	}
	if (optind >= argc || optind + 2 < argc)
		return wrong("needs one run folder, and at most one id");
	c.dir = argv[optind];
	if (c.e.what == REVIEW_WAIVER)
		return optind + 1 < argc || c.e.decide || c.e.n_files ? wrong("a waiver has an id of its own, no decision and no documents") : decide(&c);
	if (optind + 1 < argc)
		c.e.on = argv[optind + 1];
	if (c.e.on && c.e.decide)
		return decide(&c);
	if (c.e.on || c.e.decide)
		return wrong("a decision needs both: an id, and --decide");
	return c.list || !isatty(STDIN_FILENO) ? list(c.dir) : converse(&c);
}
