// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>

#include "harness/base/escape.h"
#include "harness/cmd.h"
#include "harness/judge.h"
#include "harness/result.h"
#include "harness/seal.h"

static void usage(FILE *f)
{
	fputs("usage: jusan judge [--profile NAME] RUN\n\n"
	      "Judges a run folder again from its inputs and its journal and writes RUN/verdicts.json. The same folder gives the\n"
	      "same bytes. A journal with a broken link is not judged.\n\n"
	      "  -p, --profile NAME   limits of another profile: a name in RUN/inputs/suites/profiles, or a file\n\n"
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

static int judge(const char *dir, const struct judge_options *o)
{
	struct result r = { 0 };
	struct err err = { 0 };
	int status;

	if (!judge_run(dir, o, &err) || !seal_reports(dir, &err) || !result_load(dir, &r, &err))
		return complain(&err);
	status = result_status(&r);
	printf("gate %s: %s\n", json_string_value(json_object_get(json_object_get(r.verdicts, "gate"), "verdict")),
	       json_string_value(json_object_get(json_object_get(r.verdicts, "gate"), "why")));
	result_free(&r);
	return status;
}

int cmd_judge(int argc, char **argv)
{
	static const struct option options[] = {
		{ "profile", required_argument, NULL, 'p' }, { "help", no_argument, NULL, 'h' }, { 0 }
	};
	struct judge_options o = { 0 };
	int opt;

	while ((opt = getopt_long(argc, argv, "p:h", options, NULL)) >= 0) {
		if (opt == 'h') {
			usage(stdout);
			return 0;
		}
		if (opt != 'p') {
			usage(stderr);
			return 64;
		}
		o.profile = optarg;
	}
	if (optind + 1 != argc) {
		fprintf(stderr, "jusan judge: needs one run folder\n");
		usage(stderr);
		return 64;
	}
	return judge(argv[optind], &o);
}
