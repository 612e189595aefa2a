// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/units.h"
#include "harness/campaign_judge.h"
#include "harness/cmd.h"
#include "harness/judge.h"
#include "harness/reports.h"
#include "harness/proto/fetch.h"
#include "harness/run.h"
#include "harness/seal.h"

#define ONLY_MAX 128

static void usage(FILE *f)
{
	fputs("usage: jusan run --bench BENCH.yaml --device DEVICE.yaml [options]\n"
	      "       jusan run --units N --bench BENCH.yaml --device DEVICE.yaml --out DIR [options]\n"
	      "       jusan run --resume RUN\n\n"
	      "Runs the suites on the bench and writes a run folder: inputs, journal, captures, serial logs; then judges it\n"
	      "and writes the reports. Everything goes back into its safe state however the run ends.\n\n"
	      "  -b, --bench FILE     the wiring around the device\n"
	      "  -d, --device FILE    the maker's declaration\n"
	      "  -s, --suites DIR     suites, lists and profiles (default: suites)\n"
	      "  -p, --profile NAME   limits: a name in SUITES/profiles or a file (default: uk)\n"
	      "  -o, --only ID        only this test (BT9-01) or guideline (G9); may be repeated\n"
	      "      --seed N         same seed, same stimuli (default: drawn, and written down)\n"
	      "      --unit N         which unit of the device is on the bench (default: 1)\n"
	      "      --units N        units 1 to N one after the other, in DIR/unit1 .., then judged together in DIR/all; for a bench\n"
	      "                       file that says ${unit} (elsewhere: --unit N for each, and jusan campaign)\n"
	      "      --campaign FILE  key that makes secrets of several units comparable; made when it is not there\n"
	      "      --repeat N       every test N times with the same stimuli: the worst counts, the report says how often\n"
	      "      --out DIR        the run folder (default: runs/DATE-TIME-BENCH)\n"
	      "      --resume RUN     go on with an interrupted run; its tests that were finished stay\n"
	      "      --no-report      leave judging and reports for later\n"
	      "      --stamp FILE     what jusan bench check found (default: BENCH.stamp.json beside BENCH.yaml)\n"
	      "      --blind LINE     test of the bench itself: this line records nothing\n"
	      "  -q, --quiet          no progress\n\n"
	      "Exit status: 0 all judged PASS or NOT_APPLICABLE, 1 a FAIL, 2 something open, 3 fault of the bench,\n"
	      "64 usage or YAML, 130 interrupted (a partial report is written).\n", f);
}

enum { OPT_SEED = 256, OPT_UNIT, OPT_UNITS, OPT_CAMPAIGN, OPT_REPEAT, OPT_OUT, OPT_RESUME, OPT_NO_REPORT, OPT_BLIND, OPT_STAMP, OPT_HELP };
static const struct option options[] = {
	{ "bench", required_argument, NULL, 'b' },       { "device", required_argument, NULL, 'd' },
	{ "suites", required_argument, NULL, 's' },      { "profile", required_argument, NULL, 'p' },
	{ "only", required_argument, NULL, 'o' },        { "seed", required_argument, NULL, OPT_SEED },
	{ "units", required_argument, NULL, OPT_UNITS }, { "campaign", required_argument, NULL, OPT_CAMPAIGN },
	{ "repeat", required_argument, NULL, OPT_REPEAT },
	{ "unit", required_argument, NULL, OPT_UNIT },   { "out", required_argument, NULL, OPT_OUT },
	{ "resume", required_argument, NULL, OPT_RESUME }, { "no-report", no_argument, NULL, OPT_NO_REPORT },
	{ "blind", required_argument, NULL, OPT_BLIND }, { "quiet", no_argument, NULL, 'q' },
	{ "stamp", required_argument, NULL, OPT_STAMP }, { "help", no_argument, NULL, OPT_HELP },         { 0 }
};

struct choice { struct run_options run; const char *only[ONLY_MAX + 1]; size_t n_only; bool report; int units; };

static bool number(const char *name, int64_t min, int64_t max, int64_t *ret)
{
	if (units_int(optarg, ret) && *ret >= min && *ret <= max)
		return true;
	fprintf(stderr, "jusan run: --%s: '%s' is not a whole number from %lld to %lld\n", name, optarg, (long long)min, (long long)max);
	return false;
}

/* 0: go on; else an exit status + 1. */
static int take(struct choice *c, int opt)
{
	int64_t n;

	switch (opt) {
	case 'b': c->run.input.bench = optarg; return 0;
	case 'd': c->run.input.device = optarg; return 0;
	case 's': c->run.input.suites = optarg; return 0;
	case 'p': c->run.input.profile = optarg; return 0;
	case 'q': c->run.quiet = true; return 0;
	case OPT_OUT: c->run.out = optarg; return 0;
	case OPT_UNITS:
		if (!number("units", 2, CAMPAIGN_RUNS, &n))
			return 65;
		c->units = (int)n;
		return 0;
	case OPT_CAMPAIGN: c->run.campaign = optarg; return 0;
	case OPT_REPEAT:
		if (!number("repeat", 1, RUN_ROUNDS, &n))
			return 65;
		c->run.repeat = (int)n;
		return 0;
	case OPT_RESUME: c->run.resume = optarg; return 0;
	case OPT_STAMP: c->run.stamp = optarg; return 0;
	case OPT_BLIND: c->run.blind = optarg; return 0;
	case OPT_NO_REPORT: c->report = false; return 0;
	case OPT_HELP: usage(stdout); return 1;
	case 'o':
		if (c->n_only < ONLY_MAX)
			c->only[c->n_only++] = optarg;
		c->run.input.only = c->only;
		return 0;
	case OPT_SEED:
		if (!number("seed", 1, INT64_C(1) << 53, &n))
			return 65;
		c->run.seed = (uint64_t)n;
		return 0;
	case OPT_UNIT:
		if (!number("unit", 1, UNIT_MAX, &n))
			return 65;
		c->run.unit = (int)n;
		return 0;
	default: return 65;
	}
}

static int complain(const struct err *err)
{
	char buf[1024];

	if (err->text[0])
		fprintf(stderr, "jusan run: %s\n", err_line(err, buf, sizeof(buf)));
	return err_status(err);
}

/* Seal, judge, report; the status is the verdicts' unless the run itself did not get through. */
static int conclude(const struct choice *c, const char *dir, enum run_end end, const struct err *why)
{
	struct err err = { 0 };
	struct result r = { 0 };
	int status;

	if (!seal_write(dir, &err))
		return complain(&err);
	if (!c->report)
		return end == RUN_INTERRUPTED ? 130 : end == RUN_STOPPED ? complain(why) : 0;
	if (!judge_run(dir, NULL, &err) || !reports_write(dir, "all", &err) || !result_load(dir, &r, &err))
		return complain(&err);
	status = result_status(&r);
	result_free(&r);
	if (end == RUN_INTERRUPTED)
		return 130;
	return end == RUN_STOPPED ? complain(why) : status;
}

static int run_one(struct choice *c)
{
	char dir[1024] = "";
	enum run_end end = RUN_STOPPED;
	struct err err = { 0 };
	int status;

	if (!fetch_start(&err) || !run_campaign(&c->run, dir, &end, &err))
		return complain(&err);
	status = conclude(c, dir, end, &err);
	if (!c->run.quiet)
		fprintf(stderr, "%s%s\n", end == RUN_COMPLETE ? "run folder: " : "partial run folder: ", dir);
	return status;
}

/* ---- several units, one after the other ---- */

/* Without it the same unit would be tested N times and said to be N. */
static bool says_unit(const char *bench, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	size_t n;

	return fs_read(bench, (size_t)4 << 20, &text, &n, err) &&
	       (strstr(text, "${unit") ||
		err_set(err, ERR_CONF, "%s does not say ${unit}: run each unit by itself with --unit, then jusan campaign", bench));
}

/* A process of its own: a virtual bench takes its process into namespaces. 0..2: the run came to its end. */
static int run_unit(struct choice *c, int unit)
{
	char out[FS_PATH];
	int status = 0;
	pid_t pid;

	snprintf(out, sizeof(out), "%.1000s/unit%d", c->run.out, unit);
	pid = fork();
	if (pid == 0) {
		c->run.unit = unit;
		c->run.out = out;
		status = run_one(c);
		fflush(NULL);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 3;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static int run_units(struct choice *c)
{
	char key[FS_PATH], all[FS_PATH], dir[CAMPAIGN_RUNS][FS_PATH];
	const char *runs[CAMPAIGN_RUNS];
	bool own = !c->run.campaign;
	struct err err = { 0 };
	int status = 0;

	if (!says_unit(c->run.input.bench, &err) || !fs_mkdirs(c->run.out, &err))
		return complain(&err);
	snprintf(key, sizeof(key), "%.1000s/campaign.key", c->run.out);
	c->run.campaign = own ? key : c->run.campaign;
	for (int i = 0; i < c->units && status <= 3; i++) {
		status = run_unit(c, i + 1);
		snprintf(dir[i], sizeof(dir[i]), "%.1000s/unit%d", c->run.out, i + 1);
		runs[i] = dir[i];
	}
	if (own)
		unlink(key);            /* nobody needs to compare anything else with these */
	snprintf(all, sizeof(all), "%.1000s/all", c->run.out);
	if (status > 3)
		return status;
	return campaign_judge(all, runs, (size_t)c->units, NULL, &err) ? campaign_conclude(all) : complain(&err);
}

int cmd_run(int argc, char **argv)
{
	struct choice c = { .run = { .input = { .suites = "suites", .profile = "uk" } }, .report = true };
	int opt, status;

	while ((opt = getopt_long(argc, argv, "b:d:s:p:o:q", options, NULL)) >= 0) {
		status = take(&c, opt);
		if (status)
			return status - 1;
	}
	if (optind < argc || (!c.run.resume && (!c.run.input.bench || !c.run.input.device))) {
		fprintf(stderr, optind < argc ? "jusan run: unexpected '%s'\n" : "jusan run: needs --bench and --device\n",
			optind < argc ? argv[optind] : "");
		usage(stderr);
		return 64;
	}
	if (!c.units)
		return run_one(&c);
	if (c.run.resume || c.run.unit || !c.run.out) {
		fprintf(stderr, "jusan run: --units needs --out, and goes with neither --unit nor --resume\n");
		return 64;
	}
	return run_units(&c);
}
