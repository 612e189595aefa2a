// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/cmd.h"
#include "harness/registry.h"
#include "harness/reports.h"
#include "harness/result.h"
#include "harness/sign.h"

static void usage(FILE *f)
{
	fputs("usage: jusan report RUN [FORMAT...]\n\n"
	      "Writes reports from RUN/verdicts.json into RUN/report/. FORMAT is one of:\n\n"
	      "  all             every one that is a file, but pdf (with it the summary; the default)\n", f);
	for (const struct report *const *r = report_table; *r; r++)
		fprintf(f, "  %-15s %s%s%s%s\n", (*r)->name, (*r)->doc, (*r)->file ? " (report/" : " (to the terminal)",
			(*r)->file ? (*r)->file : "", (*r)->file ? ")" : "");
	fputs("\nThe summary uses colour on a terminal unless NO_COLOR is set.\n"
	      "Exit status: that of the verdicts (0, 1, 2, 3), or 64 usage.\n", f);
}

static int complain(const struct err *err)
{
	char line[1024];

	fprintf(stderr, "jusan report: ");
	escape_terminal(stderr, err_line(err, line, sizeof(line)));
	fputc('\n', stderr);
	return err_status(err);
}

/* An attestation without a signature attests nothing. */
static void say_unsigned(const char *dir, const char *format)
{
	char where[FS_PATH];

	if ((!strcmp(format, "all") || !strcmp(format, "intoto")) && !sign_where(where)) {
		escape_terminal(stderr, dir);
		fputs("/report/report.intoto.json is not signed: there is no key (`jusan key new` makes one)\n", stderr);
	}
}

int cmd_report(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	struct result r = { 0 };
	struct err err = { 0 };
	int opt = getopt_long(argc, argv, "h", options, NULL), status;

	if (opt >= 0 || optind >= argc) {
		if (opt < 0)
			fprintf(stderr, "jusan report: needs a run folder\n");
		usage(opt == 'h' ? stdout : stderr);
		return opt == 'h' ? 0 : 64;
	}
	if (optind + 1 == argc && (!reports_write(argv[optind], "all", &err) || !reports_write(argv[optind], "text", &err)))
		return complain(&err);
	if (optind + 1 == argc)
		say_unsigned(argv[optind], "all");
	for (int i = optind + 1; i < argc; i++) {
		if (!reports_write(argv[optind], argv[i], &err))
			return complain(&err);
		say_unsigned(argv[optind], argv[i]);
	}
	if (!result_load(argv[optind], &r, &err))
		return complain(&err);
	status = result_status(&r);
	result_free(&r);
	return status;
}
