// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>

#include "harness/base/escape.h"
#include "harness/campaign_judge.h"
#include "harness/cmd.h"
#include "harness/reports.h"
#include "harness/result.h"
#include "harness/seal.h"

static void usage(FILE *f)
{
	fputs("usage: jusan campaign OUT RUN1 RUN2 [RUN...]\n\n"
	      "Judges the runs of several units together and writes the folder OUT: verdicts for each unit and for all of them, reports,\n"
	      "and a seal that names the seals of the runs. Each test counts as its worst unit does; what only several units can show\n"
	      "(no two share a secret) is judged here and nowhere else. The runs must be intact and of the same declaration, firmware,\n"
	      "suites and profile, each of another unit; they were made with\n\n"
	      "    jusan run --bench B --device D --unit 1 --campaign KEY --out runs/u1\n"
	      "    jusan run --bench B --device D --unit 2 --campaign KEY --out runs/u2\n\n"
	      "KEY is a file that makes their secrets comparable; it is made by the first run. Delete it when the campaign is judged.\n\n"
	      "Exit status: 0 all judged PASS or NOT_APPLICABLE, 1 a FAIL, 2 something open, 3 fault of the bench or of a record,\n"
	      "64 usage, or runs that do not belong together.\n", f);
}

static int complain(const struct err *err)
{
	char line[1024];

	fprintf(stderr, "jusan campaign: ");
	escape_terminal(stderr, err_line(err, line, sizeof(line)));
	fputc('\n', stderr);
	return err_status(err);
}

int campaign_conclude(const char *out)
{
	struct result r = { 0 };
	struct err err = { 0 };
	const json_t *gate;
	int status;

	if (!reports_write(out, "all", &err) || !seal_reports(out, &err) || !result_load(out, &r, &err))
		return complain(&err);
	gate = json_object_get(r.verdicts, "gate");
	status = result_status(&r);
	printf("gate %s: ", json_string_value(json_object_get(gate, "verdict")));
	escape_terminal(stdout, json_string_value(json_object_get(gate, "why")));
	putchar('\n');
	result_free(&r);
	return status;
}

int cmd_campaign(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	struct err err = { 0 };
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		usage(opt == 'h' ? stdout : stderr);
		return opt == 'h' ? 0 : 64;
	}
	if (argc - optind < 3) {
		fprintf(stderr, "jusan campaign: needs a folder to write and at least two run folders\n");
		usage(stderr);
		return 64;
	}
	if (!campaign_judge(argv[optind], (const char *const *)argv + optind + 1, (size_t)(argc - optind - 1), NULL, &err))
		return complain(&err);
	return campaign_conclude(argv[optind]);
}
