// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/units.h"
#include "harness/cmd.h"
#include "harness/judge.h"
#include "harness/reports.h"
#include "harness/run.h"
#include "harness/seal.h"

#define ONLY_MAX 128

static void usage(FILE *f)
{
	fputs("usage: jusan run --bench BENCH.yaml --device DEVICE.yaml [options]\n"
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
	      "      --out DIR        the run folder (default: runs/DATE-TIME-BENCH)\n"
	      "      --resume RUN     go on with an interrupted run; its tests that were finished stay\n"
	      "      --no-report      leave judging and reports for later\n"
	      "      --blind LINE     test of the bench itself: this line records nothing\n"
	      "  -q, --quiet          no progress\n\n"
	      "Exit status: 0 all judged PASS or NOT_APPLICABLE, 1 a FAIL, 2 something open, 3 fault of the bench,\n"
	      "64 usage or YAML, 130 interrupted (a partial report is written).\n", f);
}

enum { OPT_SEED = 256, OPT_UNIT, OPT_OUT, OPT_RESUME, OPT_NO_REPORT, OPT_BLIND, OPT_HELP };
static const struct option options[] = {
	{ "bench", required_argument, NULL, 'b' },       { "device", required_argument, NULL, 'd' },
	{ "suites", required_argument, NULL, 's' },      { "profile", required_argument, NULL, 'p' },
	{ "only", required_argument, NULL, 'o' },        { "seed", required_argument, NULL, OPT_SEED },
	{ "unit", required_argument, NULL, OPT_UNIT },   { "out", required_argument, NULL, OPT_OUT },
	{ "resume", required_argument, NULL, OPT_RESUME }, { "no-report", no_argument, NULL, OPT_NO_REPORT },
	{ "blind", required_argument, NULL, OPT_BLIND }, { "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, OPT_HELP },         { 0 }
};

struct choice { struct run_options run; const char *only[ONLY_MAX + 1]; size_t n_only; bool report; };

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
	case OPT_RESUME: c->run.resume = optarg; return 0;
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
		if (!number("unit", 1, 1000, &n))
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

int cmd_run(int argc, char **argv)
{
	struct choice c = { .run = { .input = { .suites = "suites", .profile = "uk" } }, .report = true };
	char dir[1024] = "";
	enum run_end end = RUN_STOPPED;
	struct err err = { 0 };
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
	if (!run_campaign(&c.run, dir, &end, &err))
		return complain(&err);
	status = conclude(&c, dir, end, &err);
	if (!c.run.quiet)
		fprintf(stderr, "%s%s\n", end == RUN_COMPLETE ? "run folder: " : "partial run folder: ", dir);
	return status;
}
