// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/bundle.h"
#include "harness/campaign_judge.h"
#include "harness/cmd.h"
#include "harness/redact.h"
#include "harness/seal.h"

static void usage(FILE *f)
{
	fputs("usage: jusan verify [--key PUBLIC.pem] RUN\n"
	      "       jusan verify [--key PUBLIC.pem] CAMPAIGN [RUN...]\n"
	      "       jusan verify [--key PUBLIC.pem] [--most GB] FILE" BUNDLE_END "\n\n"
	      "Compares every file of the run folder with its seals and checks the links of the journal. Names each file that\n"
	      "was altered, is missing or was added.\n\n"
	      "Of a campaign also each of its runs that is found, where it was or among RUN...: is it intact, and sealed as it was judged?\n\n"
	      "A bundle (jusan bundle) is read without being trusted, unpacked below $TMPDIR into a folder that is gone afterwards, and\n"
	      "then checked in the same way. Of a redacted copy it says what was taken out and which run it is a copy of.\n\n"
	      "      --key FILE   every seal must be signed by an Ed25519 public key (PEM) of this file; it may hold several, as when\n"
	      "                   reviewers sign with keys of their own\n"
	      "      --most GB    a bundle that holds more is refused (64)\n\n"
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

static int complain_of(const struct err *err)
{
	char line[1024];

	fprintf(stderr, "jusan verify: ");
	escape_terminal(stderr, err_line(err, line, sizeof(line)));
	fputc('\n', stderr);
	return err_status(err);
}

static int broken(const char *what)
{
	fputs("broken: ", stdout);
	escape_terminal(stdout, what);
	puts("\nnot intact: 1 fault");
	return 1;
}

/* One folder, or a campaign and what is given of its runs. */
static int verify_folder(const char *dir, const char *key, char **given, size_t n)
{
	CLEANUP(free_json) json_t *campaign = campaign_run(dir);
	struct seal_report r;
	struct err err = { 0 };
	int status;

	if (n && !campaign) {
		fprintf(stderr, "jusan verify: needs one run folder, or a campaign and its runs\n");
		usage(stderr);
		return 64;
	}
	if (!seal_verify(dir, key, complain, NULL, &r, &err))
		return complain_of(&err);
	status = conclude(dir, &r);
	if (redact_is_copy(dir) && !redact_say(dir, stdout, &err))
		return broken(err.text);
	return campaign ? verify_campaign(dir, campaign, key, given, n, status) : status;
}

/* ---- a bundle ---- */
struct in_bundle { const char *file, *key; struct bundle_limits limits; };

static void say_bundle(const json_t *list, const struct bundle_seen *seen)
{
	printf("bundle of ");
	escape_terminal(stdout, json_string_value(json_object_get(list, "run")));
	printf(": %zu files, %" PRId64 " bytes, ", json_array_size(json_object_get(list, "files")), seen->size);
	printf("%s%s\n", seen->is_signed ? "signed by " : "not signed", seen->signer);
}

/* What the list says of a folder must be what the folder says of itself. */
static bool names_its_runs(const char *dir, const json_t *list)
{
	size_t i;
	json_t *f;

	json_array_foreach(json_object_get(list, "folders"), i, f) {
		CLEANUP(free_json) json_t *run = NULL;
		const char *id;
		char path[FS_PATH];
		struct err none = { 0 };

		if (!fs_join(path, dir, json_string_value(json_object_get(f, "folder")), &none) || strlen(path) + 10 > FS_PATH)
			return false;
		strcat(path, "/run.json");
		if (!fs_read_json(path, (size_t)4 << 20, &run, &none))
			return false;
		id = json_string_value(json_object_get(run, "id"));
		if (!id || strcmp(id, json_string_value(json_object_get(f, "run"))))
			return false;
	}
	return true;
}

static int verify_unpacked(const char *dir, const char *key, const json_t *list)
{
	static char path[BUNDLE_RUNS + 1][FS_PATH];
	char *given[BUNDLE_RUNS];
	size_t n = 0, i;
	struct err err = { 0 };
	json_t *f;

	if (!names_its_runs(dir, list))
		return broken("BUNDLE.json names runs that are not in it");
	json_array_foreach(json_object_get(list, "folders"), i, f) {
		if (!fs_join(path[i], dir, json_string_value(json_object_get(f, "folder")), &err))
			return complain_of(&err);
		if (i)
			given[n++] = path[i];
	}
	if (redact_is_copy(path[0]) != json_is_true(json_object_get(list, "redacted")))
		return broken("BUNDLE.json and the run do not say the same of whether it is a redacted copy");
	return verify_folder(path[0], key, given, n);
}

static int verify_bundle(const char *dir, void *data)
{
	const struct in_bundle *b = data;
	CLEANUP(free_json) json_t *list = NULL;
	struct bundle_seen seen;
	struct err err = { 0 };

	if (!bundle_unpack(b->file, b->key, dir, &b->limits, &seen, &list, &err))
		return err.kind == ERR_OS || err.kind == ERR_CONF ? complain_of(&err) : broken(err.text);
	say_bundle(list, &seen);
	if (b->key && !seen.pinned)
		return broken("the bundle is not signed by a given key");
	return verify_unpacked(dir, b->key, list);
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int verify_file(struct in_bundle *b)
{
	struct err err = { 0 };
	int status = 3;

	return private_folder(verify_bundle, b, &status, &err) ? status : complain_of(&err);
}

int cmd_verify(int argc, char **argv)
{
	static const struct option options[] = { { "key", required_argument, NULL, 'k' }, { "most", required_argument, NULL, 'm' },
						 { "help", no_argument, NULL, 'h' }, { 0 } };
	struct in_bundle b = { 0 };
	char *end;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		if (opt == 'h') {
			usage(stdout);
			return 0;
		}
		if (opt == 'm') {
			b.limits.total = strtol(optarg, &end, 10);
			if (*end || b.limits.total < 1 || b.limits.total > 1 << 20) {
				fprintf(stderr, "jusan verify: --most: a number of GB, 1 to %d\n", 1 << 20);
				return 64;
			}
			b.limits.total <<= 30;
		} else if (opt == 'k') {
			b.key = optarg;
		} else {
			usage(stderr);
			return 64;
		}
	}
	if (optind >= argc) {
		fprintf(stderr, "jusan verify: needs one run folder, a campaign and its runs, or a bundle\n");
		usage(stderr);
		return 64;
	}
	if (optind + 1 == argc && is_file(argv[optind])) {
		b.file = argv[optind];
		return verify_file(&b);
	}
	return verify_folder(argv[optind], b.key, argv + optind + 1, (size_t)(argc - optind - 1));
}
