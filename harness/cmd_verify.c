// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>

#include "harness/base/escape.h"
#include "harness/cmd.h"
#include "harness/seal.h"

static void usage(FILE *f)
{
	fputs("usage: jusan verify [--key PUBLIC.pem] RUN\n\n"
	      "Compares every file of the run folder with its seals and checks the links of the journal. Names each file that\n"
	      "was altered, is missing or was added.\n\n"
	      "      --key FILE   every seal must be signed by this Ed25519 public key (PEM)\n\n"
	      "Without a key a folder can only be found intact, by a signer unknown: whoever can write all of it can seal it anew.\n"
	      "Exit status: 0 intact, 1 not intact, 3 it cannot be read, 64 usage.\n", f);
}

static void complain(enum seal_fault f, const char *what, void *data)
{
	static const char *const word[] = { "altered: ", "missing: ", "added: ", "broken: ", "not signed by that key, or badly: " };

	(void)data;
	fputs(word[f], stdout);
	escape_terminal(stdout, what);
	putchar('\n');
}

static int conclude(const struct seal_report *r)
{
	if (r->faults) {
		printf("not intact: %zu fault%s\n", r->faults, r->faults == 1 ? "" : "s");
		return 1;
	}
	printf("intact: %zu files, %zu seal%s", r->files, r->seals, r->seals == 1 ? "" : "s");
	if (r->pinned)
		printf(", signed by the given key\n");
	else if (r->signatures == r->seals && r->seals)
		printf(", signed by a key that nobody vouches for (%.16s...): give it with --key\n", r->signer);
	else
		printf(", signer unknown\n");
	return 0;
}

int cmd_verify(int argc, char **argv)
{
	static const struct option options[] = { { "key", required_argument, NULL, 'k' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	const char *key = NULL;
	struct seal_report r;
	struct err err = { 0 };
	char line[1024];
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		if (opt == 'h') {
			usage(stdout);
			return 0;
		}
		if (opt != 'k') {
			usage(stderr);
			return 64;
		}
		key = optarg;
	}
	if (optind + 1 != argc) {
		fprintf(stderr, "jusan verify: needs one run folder\n");
		usage(stderr);
		return 64;
	}
	if (!seal_verify(argv[optind], key, complain, NULL, &r, &err)) {
		fprintf(stderr, "jusan verify: ");
		escape_terminal(stderr, err_line(&err, line, sizeof(line)));
		fputc('\n', stderr);
		return err_status(&err);
	}
	return conclude(&r);
}
