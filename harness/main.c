// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "harness/base/conf.h"
#include "harness/cmd.h"
#include "harness/version.h"

static const struct { const char *name, *args, *doc; int (*run)(int argc, char **argv); } commands[] = {
	{ "plan",   "--bench B --device D",  "check the inputs and print every step; touches nothing",      cmd_plan },
	{ "run",    "--bench B --device D",  "do it: writes a run folder, then judges and reports",         cmd_run },
	{ "judge",  "RUN",                   "score a run folder again from its journal",                   cmd_judge },
	{ "report", "RUN [FORMAT]",          "write text, json, junit or html from the verdicts",           cmd_report },
	{ "verify", "RUN",                   "find every altered, missing or added file and broken link",   cmd_verify },
	{ "show",   "RUN POINTER",           "print the bytes behind a claim",                              cmd_show },
	{ "verbs",  "[NAME]",                "list what a suite step can say",                              cmd_verbs },
	{ "lint",   "[FILE...]",             "check suites, profiles, benches and declarations",            cmd_lint },
	{ "schema", "",                      "print the JSON Schema of suite files, for editors",           cmd_schema },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *f)
{
	fprintf(f, "jusan " JUSAN_VERSION " - does a consumer IoT product keep the 13 guidelines of the Code of Practice?\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(f, "  jusan %-7s %-21s %s\n", commands[i].name, commands[i].args, commands[i].doc);
	fprintf(f, "\n`jusan COMMAND --help` tells more. Exit status: 0 everything judged is PASS or NOT_APPLICABLE,\n"
		   "1 a FAIL, 2 no FAIL but something open, 3 fault of the bench, 64 usage or YAML, 130 interrupted.\n");
}

static const char *nearest(const char *word)
{
	const char *known[COMMANDS + 1] = { 0 };

	for (size_t i = 0; i < COMMANDS; i++)
		known[i] = commands[i].name;
	return conf_nearest(word, known);
}

int main(int argc, char **argv)
{
	const char *near;

	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? 64 : 0;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("jusan " JUSAN_VERSION);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	near = nearest(argv[1]);
	fprintf(stderr, "jusan: unknown command '%s'%s%s%s; see jusan --help\n", argv[1], near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
	return 64;
}
