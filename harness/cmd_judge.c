// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/campaign_judge.h"
#include "harness/cmd.h"
#include "harness/judge.h"
#include "harness/result.h"
#include "harness/seal.h"

static void usage(FILE *f)
{
	fputs("usage: jusan judge [--profile NAME] [--as-of DAY] RUN\n\n"
	      "Judges a run folder again from its inputs and its journal and writes RUN/verdicts.json. The same folder gives the\n"
	      "same bytes. A journal with a broken link is not judged.\n\n"
	      "  -p, --profile NAME   limits of another profile: a name in RUN/inputs/suites/profiles, or a file\n"
	      "      --as-of DAY      decisions and waivers that expired before this day (2027-11-26) no longer count; without it\n"
	      "                       they are judged on the day the run ended, never on the day you judge\n\n"
	      "Exit status: 0 all judged PASS or NOT_APPLICABLE, 1 a FAIL, 2 something open, 3 fault of the bench or of the\n"
	      "record, 64 usage or YAML.\n", f);
}

static int complain(const struct err *err)
{
	char line[1024];

	fprintf(stderr, "jusan judge: ");
	escape_terminal(stderr, err_line(err, line, sizeof(line)));
	fputc('\n', stderr);
	return err_status(err);
}

/* A campaign from its runs, where they were when it was judged first. */
static bool judge_any(const char *dir, const struct judge_options *o, struct err *err)
{
	CLEANUP(free_json) json_t *campaign = campaign_run(dir);

	if (!campaign)
		return judge_run(dir, o, err);
	if (o->profile)
		return err_set(err, ERR_CONF, "%s is a campaign; its runs have one profile, and each can be judged with another", dir);
	return campaign_again(dir, campaign, o->as_of, err);
}

static int judge(const char *dir, const struct judge_options *o)
{
	struct result r = { 0 };
	struct err err = { 0 };
	int status;

	if (!judge_any(dir, o, &err) || !seal_reports(dir, &err) || !result_load(dir, &r, &err))
		return complain(&err);
	status = result_status(&r);
	printf("gate %s: ", json_string_value(json_object_get(json_object_get(r.verdicts, "gate"), "verdict")));
	escape_terminal(stdout, json_string_value(json_object_get(json_object_get(r.verdicts, "gate"), "why")));
	putchar('\n');
	result_free(&r);
	return status;
}

int cmd_judge(int argc, char **argv)
{
	static const struct option options[] = {
		{ "profile", required_argument, NULL, 'p' }, { "as-of", required_argument, NULL, 'a' }, { "help", no_argument, NULL, 'h' }, { 0 }
	};
	struct judge_options o = { 0 };
	int opt;

	while ((opt = getopt_long(argc, argv, "p:h", options, NULL)) >= 0) {
		if (opt == 'h') {
			usage(stdout);
			return 0;
		}
		if (opt == 'a')
			o.as_of = optarg;
		else if (opt == 'p')
			o.profile = optarg;
		else {
			usage(stderr);
			return 64;
		}
	}
	if (optind + 1 != argc) {
		fprintf(stderr, "jusan judge: needs one run folder\n");
		usage(stderr);
		return 64;
	}
	return judge(argv[optind], &o);
}
