// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/conf.h"
#include "harness/cmd.h"
#include "harness/version.h"

static const struct { const char *name, *args, *doc; int (*run)(int argc, char **argv); } commands[] = {
	{ "plan",   "--bench B --device D",  "check the inputs and print every step; touches nothing",      cmd_plan },
	{ "run",    "--bench B --device D",  "do it: writes a run folder, then judges and reports",         cmd_run },
	{ "bench",  "check|probe|import",    "qualify a bench; list attached devices; take over other files", cmd_bench },
	{ "power",  "LINE on|off|get|cycle", "switch a supply of a bench by hand", cmd_power },
	{ "console","LINE",                  "a terminal on a console of a bench, recorded", cmd_console },
	{ "net",    "LINE cut HOW|restore",  "take away a part of a bench's network by hand", cmd_net },
	{ "capture","LINE",                  "record frames of a bench by hand", cmd_capture },
	{ "judge",  "RUN",                   "score a run folder again from its journal",                   cmd_judge },
	{ "campaign", "OUT RUN RUN...",      "judge the runs of several units together",                    cmd_campaign },
	{ "diff",   "RUN1 RUN2",             "what changed in verdict, limit and evidence",                  cmd_diff },
	{ "index",  "FOLDER",                "many runs on one page: over time, which tests are steady",    cmd_index },
	{ "report", "RUN [FORMAT]",          "write text, json, junit or html from the verdicts",           cmd_report },
	{ "review", "RUN [ID --decide W]",   "what waits for a person; takes signed decisions and waivers",  cmd_review },
	{ "verify", "RUN",                   "find every altered, missing or added file and broken link",   cmd_verify },
	{ "key",    "new|public|show",       "the key that seals and decisions are signed with",            cmd_key },
	{ "show",   "RUN POINTER",           "print the bytes behind a claim",                              cmd_show },
	{ "verbs",  "[NAME]",                "list what a suite step can say",                              cmd_verbs },
	{ "lint",   "[FILE...|RUN]",         "check suites, profiles, benches, declarations, or results",   cmd_lint },
	{ "declare","[device.yaml]",         "a skeleton of device.yaml; its tables as CSV, and back",       cmd_declare },
	{ "schema", "KIND",                  "print the JSON Schema of one kind of file, for editors",      cmd_schema },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *f)
{
	fprintf(f, "jusan " JUSAN_VERSION " - does a consumer IoT product keep the 13 guidelines of the Code of Practice?\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(f, "  jusan %-8s %-21s %s\n", commands[i].name, commands[i].args, commands[i].doc);
	fprintf(f, "\n`jusan --key-uri KEY COMMAND` signs with that key (file or pkcs11: URI; else $JUSAN_KEY, see jusan key).\n"
		   "`jusan COMMAND --help` tells more. Exit status: 0 everything judged is PASS or NOT_APPLICABLE,\n"
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
	if (!strcmp(argv[1], "--key-uri") && argc > 3) {        /* for every command that seals */
		setenv("JUSAN_KEY", argv[2], 1);
		argv += 2;
		argc -= 2;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	near = nearest(argv[1]);
	fprintf(stderr, "jusan: unknown command '%s'%s%s%s; see jusan --help\n", argv[1], near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
	return 64;
}
