// SPDX-License-Identifier: Apache-2.0
// jusan schema: JSON Schemas of the YAML files, so that editors complete and check as one types.
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/cmd.h"
#include "harness/options.h"
#include "harness/schema.h"

static const char usage[] =
	"usage: jusan schema [--suites DIR] KIND      KIND: bench, device, profile, suite\n"
	"       jusan schema --json FILE              a YAML file as JSON, as jusan reads it\n\n"
	"Prints the JSON Schema of one kind of file. suites/schema/KIND.json is this output; an editor takes it from a first line\n"
	"`# yaml-language-server: $schema=suites/schema/device.json`. --suites: whose requirements and limits it knows.\n";

static int print(json_t *owned)
{
	CLEANUP(free_json) json_t *j = owned;

	if (!j || json_dumpf(j, stdout, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENCODE_ANY) < 0)
		return 3;
	putchar('\n');
	return 0;
}

static int print_file(const char *path)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf *c = NULL;
	struct err err = { 0 };

	if (conf_load(&a, path, &c, &err))
		return print(conf_json(c));
	options_report(&err, NULL);
	return 64;
}

static int print_schema(const char *kind, const char *suites)
{
	CLEANUP(arena_free) struct arena a = { 0 };
	const struct conf word = { .kind = CONF_SCALAR, .text = kind };
	struct plan plan = { 0 };
	struct err err = { 0 };
	unsigned which = 0;
	int rc;

	if (!conf_enum(&word, schema_kinds, &which, &err)) {
		fprintf(stderr, "jusan schema: %s\n", err.text);
		return 64;
	}
	if (!plan_load(&a, &(struct plan_input){ .suites = suites }, options_report, NULL, &plan, &err))
		return 64;
	rc = print(schema_make(kind, &plan));
	plan_done(&plan);
	return rc;
}

int cmd_schema(int argc, char **argv)
{
	static const struct option options[] = {
		{ "suites", required_argument, NULL, 's' }, { "json", required_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 }
	};
	const char *suites = "suites", *file = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= 0)
		switch (opt) {
		case 's': suites = optarg; break;
		case 'j': file = optarg; break;
		case 'h': return fputs(usage, stdout) < 0;
		default: return 64;
		}
	if ((file != NULL) == (optind < argc) || argc - optind > 1) {
		fputs(usage, stderr);
		return 64;
	}
	return file ? print_file(file) : print_schema(argv[optind], suites);
}
