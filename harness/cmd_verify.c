// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/campaign_judge.h"
#include "harness/cmd.h"
#include "harness/seal.h"

static void usage(FILE *f)
{
	fputs("usage: jusan verify [--key PUBLIC.pem] RUN\n"
	      "       jusan verify [--key PUBLIC.pem] CAMPAIGN [RUN...]\n\n"
	      "Compares every file of the run folder with its seals and checks the links of the journal. Names each file that\n"
	      "was altered, is missing or was added.\n\n"
	      "Of a campaign also each of its runs that is found, where it was or among RUN...: is it intact, and sealed as it was judged?\n\n"
	      "      --key FILE   every seal must be signed by an Ed25519 public key (PEM) of this file; it may hold several, as when\n"
	      "                   reviewers sign with keys of their own\n\n"
	      "Without a key a folder can only be found intact, by a signer unknown: whoever can write all of it can seal it anew.\n"
	      "Exit status: 0 intact, 1 not intact, 3 it cannot be read, 64 usage.\n", f);
}

static void complain(enum seal_fault f, const char *what, void *data)
{
	static const char *const word[] = { "altered: ", "missing: ", "added: ", "broken: ", "not signed by a given key, or badly: " };

	(void)data;
	fputs(word[f], stdout);
	escape_terminal(stdout, what);
	putchar('\n');
}

/* Who signed what: one line a key, in the order of the first seal. */
static void say_signers(const char *dir)
{
	static const char *const kind[] = { "run", "report", "review" };
	CLEANUP(free_json) json_t *signers = json_object();
	const char *signer;
	json_t *of, *seal;
	size_t i;

	for (int k = 0; k < 3; k++) {
		CLEANUP(free_json) json_t *seals = NULL;
		struct err none = { 0 };

		if (!seal_list(dir, kind[k], &seals, &none))
			continue;
		json_array_foreach(seals, i, seal) {
			signer = json_string_value(json_object_get(seal, "signer"));
			of = json_object_get(signers, signer);
			if (!of)
				json_object_set_new(signers, signer, of = json_object());
			json_object_set_new(of, kind[k], json_integer(json_integer_value(json_object_get(of, kind[k])) + 1));
		}
	}
	json_object_foreach(signers, signer, of) {
		printf("%s%s:", *signer ? "signed by " : "not signed", signer);
		for (int k = 0; k < 3; k++)
			if (json_object_get(of, kind[k]))
				printf(" %s %" JSON_INTEGER_FORMAT, kind[k], json_integer_value(json_object_get(of, kind[k])));
		putchar('\n');
	}
}

static int conclude(const char *dir, const struct seal_report *r)
{
	if (r->signatures)
		say_signers(dir);
	if (r->faults) {
		printf("not intact: %zu fault%s\n", r->faults, r->faults == 1 ? "" : "s");
		return 1;
	}
	printf("intact: %zu files, %zu seal%s", r->files, r->seals, r->seals == 1 ? "" : "s");
	if (r->pinned)
		printf(", signed by the given key\n");
	else if (r->signatures == r->seals && r->seals)
		printf(", signed, but nobody vouches for the key: give it with --key\n");
	else
		printf(", signer unknown\n");
	return 0;
}

static void say_run(const json_t *one, bool good, const char *text, void *data)
{
	const char *run = json_string_value(json_object_get(one, "run"));

	(void)good;
	(void)data;
	printf("unit %lld, run ", (long long)json_integer_value(json_object_get(one, "unit")));
	escape_terminal(stdout, run ? run : "?");
	fputs(": ", stdout);
	escape_terminal(stdout, text);
	putchar('\n');
}

static int verify_campaign(const char *dir, const json_t *run, const char *key, char **given, size_t n, int status)
{
	size_t bad = campaign_verify(dir, run, key, (const char *const *)given, n, say_run, NULL);

	return bad ? 1 : status;
}

int cmd_verify(int argc, char **argv)
{
	static const struct option options[] = { { "key", required_argument, NULL, 'k' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	CLEANUP(free_json) json_t *campaign = NULL;
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
	if (optind < argc)
		campaign = campaign_run(argv[optind]);
	if (optind + 1 > argc || (optind + 1 < argc && !campaign)) {
		fprintf(stderr, "jusan verify: needs one run folder, or a campaign and its runs\n");
		usage(stderr);
		return 64;
	}
	if (!seal_verify(argv[optind], key, complain, NULL, &r, &err)) {
		fprintf(stderr, "jusan verify: ");
		escape_terminal(stderr, err_line(&err, line, sizeof(line)));
		fputc('\n', stderr);
		return err_status(&err);
	}
	opt = conclude(argv[optind], &r);
	return campaign ? verify_campaign(argv[optind], campaign, key, argv + optind + 1, (size_t)(argc - optind - 1), opt) : opt;
}
