// SPDX-License-Identifier: Apache-2.0
// jusan key: making, showing and naming the key that seals are signed with.
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/cmd.h"
#include "harness/sign.h"
#include "harness/sign_key.h"

static void usage(FILE *f)
{
	fputs("usage: jusan key new [FILE]      make an Ed25519 key (default: ~/.config/jusan/key.pem); never writes over one\n"
	      "       jusan key public [KEY]    print the public half (PEM), to be given to those who verify\n"
	      "       jusan key show [KEY]      which key would sign, and its fingerprint\n\n"
	      "KEY is a PEM file or a URI: pkcs11:token=lab;object=jusan?pin-source=file:/etc/jusan/pin, or any scheme that a\n"
	      "provider of OpenSSL serves. Without KEY: $JUSAN_KEY, else the default file. The passphrase of an encrypted file and\n"
	      "a PIN that the URI does not name are taken from $JUSAN_KEY_PIN. Nobody is asked: a run may end at night.\n"
	      "The fingerprint is the SHA-256 of the public key as PEM, as jusan verify and the reports show it.\n\n"
	      "Exit status: 0, 1 there is no key (show), 3 it cannot be read or written, 64 usage or not such a key.\n", f);
}

static int complain(const struct err *err)
{
	char line[1024];

	fprintf(stderr, "jusan key: ");
	escape_terminal(stderr, err_line(err, line, sizeof(line)));
	fputc('\n', stderr);
	return err_status(err);
}

static void close_key(struct sign_key **k) { sign_key_close(*k); }

static bool default_file(char ret[static FS_PATH], struct err *err)
{
	const char *home = getenv("HOME");
	char *slash;

	if (!home || !*home || snprintf(ret, FS_PATH, "%s" SIGN_DEFAULT, home) >= FS_PATH)
		return err_set(err, ERR_CONF, "there is no $HOME to keep a key in: name a file");
	slash = strrchr(ret, '/');
	*slash = '\0';
	if (!fs_mkdirs(ret, err))
		return false;
	*slash = '/';
	return true;
}

/* ---- the three words ---- */
static bool show(const char *where, struct err *err)
{
	CLEANUP(close_key) struct sign_key *k = NULL;
	char hex[HASH_HEX], name[200];

	if (!sign_key_open(where, &k, err))
		return false;
	hash_text(sign_key_public(k), strlen(sign_key_public(k)), hex);
	printf("key          ");
	escape_terminal(stdout, sign_key_name(where, name, sizeof(name)));
	printf("\nfingerprint  %s\n", hex);
	return true;
}

static bool make(const char *file, struct err *err)
{
	char path[FS_PATH];

	if (!file && !default_file(path, err))
		return false;
	return sign_key_make(file ? file : path, err) && show(file ? file : path, err);
}

static bool print_public(const char *where, struct err *err)
{
	CLEANUP(close_key) struct sign_key *k = NULL;

	return sign_key_open(where, &k, err) && (fputs(sign_key_public(k), stdout) >= 0 || err_sys(err, "public key"));
}

int cmd_key(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	const char *word, *key;
	char where[FS_PATH] = "";
	struct err err = { 0 };
	int opt = getopt_long(argc, argv, "h", options, NULL);
	bool ok;

	if (opt == 'h') {
		usage(stdout);
		return 0;
	}
	word = optind < argc ? argv[optind] : "";
	key = optind + 1 < argc ? argv[optind + 1] : NULL;
	if (opt >= 0 || optind + 2 < argc || (strcmp(word, "new") && strcmp(word, "public") && strcmp(word, "show"))) {
		usage(stderr);
		return 64;
	}
	if (!strcmp(word, "new"))
		return make(key, &err) ? 0 : complain(&err);
	if (!key && !sign_where(where)) {
		fprintf(stderr, "jusan key: there is none; nothing is signed. jusan key new makes one\n");
		return 1;
	}
	ok = !strcmp(word, "show") ? show(key ? key : where, &err) : print_public(key ? key : where, &err);
	return ok ? 0 : complain(&err);
}
