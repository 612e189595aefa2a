// SPDX-License-Identifier: Apache-2.0
// jusan bundle: a run as one file for somebody else, whole or without what is nobody else's business.
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/bundle.h"
#include "harness/cmd.h"
#include "harness/redact.h"
#include "harness/seal.h"

static void usage(FILE *f)
{
	fputs("usage: jusan bundle [-o FILE] RUN\n"
	      "       jusan bundle [-o FILE] CAMPAIGN [RUN...]\n"
	      "       jusan bundle --redact [--also FILE] [--keep NAME]... [-o FILE] RUN\n"
	      "       jusan bundle --unpack FILE" BUNDLE_END " FOLDER\n\n"
	      "Writes one file (RUN" BUNDLE_END ") with the run folder as it is, or a campaign with its runs, and a statement of all its\n"
	      "bytes behind, signed when there is a key (jusan key). jusan verify FILE checks it on another machine; any tar unpacks it.\n"
	      "A folder that is not intact is not bundled.\n\n"
	      "  -o, --out FILE    write there instead\n"
	      "      --redact      a copy without the declared secrets and personal data (docs/bundle.md). Each is overwritten where it stands,\n"
	      "                    so every pointer still leads to its place; files that cannot be searched are left out. Refused unless\n"
	      "                    nothing is found afterwards and every verdict still follows\n"
	      "      --also FILE   remove these texts, too: one a line\n"
	      "      --keep NAME   leave in a declared word (secret.user, seed) or a file of the run, as redaction.json then says\n"
	      "      --unpack      check a bundle as jusan verify does, and leave its folders in FOLDER, which must not be there\n"
	      "  -q, --quiet       say nothing unless it fails\n\n"
	      "Exit status: 0, 1 not intact, 3 it cannot be read or written, 64 usage, or it would not follow (--redact), 130 interrupted.\n", f);
}

struct options {
	bool redact, unpack, quiet;
	const char *out, *file;         /* file: to unpack */
	struct redact_options redaction;
	const char *keep[64];
	char *const *runs;
	size_t n_runs;
	char named[FS_PATH];
};

static int complain(const struct err *err)
{
	char line[1024];

	fprintf(stderr, "jusan bundle: ");
	escape_terminal(stderr, err_line(err, line, sizeof(line)));
	fputc('\n', stderr);
	return err_status(err);
}

/* ---- writing ---- */
/* What is half written when somebody says stop. */
static char half[FS_PATH];

static void stopped(int sig)
{
	unlink(half);
	(void)sig;
	_exit(130);
}

static bool write_or_leave_nothing(const struct bundle_job *job, struct bundle_done *done, struct err *err)
{
	const struct sigaction act = { .sa_handler = stopped };
	struct sigaction before[3];
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	bool ok;

	for (int i = 0; i < 3; i++)
		sigaction(ends[i], &act, &before[i]);
	ok = bundle_write(job, done, err);
	for (int i = 0; i < 3; i++)
		sigaction(ends[i], &before[i], NULL);
	return ok;
}

struct progress { int64_t next_ns; bool tty, said; };
#define SAY_EVERY_NS INT64_C(1000000000)          /* on a terminal; elsewhere every tenth */

static void progress(int64_t done, int64_t of, void *data)
{
	struct progress *p = data;
	int64_t now = clock_ns();

	if (now < p->next_ns)
		return;
	p->next_ns = now + (p->tty ? 1 : 10) * SAY_EVERY_NS;
	p->said = true;
	fprintf(stderr, "%s%3d%% of %" PRId64 " MB%s", p->tty ? "\r" : "", of ? (int)(done * 100 / of) : 100, of >> 20, p->tty ? "" : "\n");
}

static void not_intact(enum seal_fault f, const char *what, void *data)
{
	(void)f;
	(void)data;
	fputs("jusan bundle: not as it was sealed: ", stderr);
	escape_terminal(stderr, what);
	fputc('\n', stderr);
}

/* 0 when its seals hold. */
static int check(const char *dir)
{
	struct seal_report r;
	struct err err = { 0 };

	if (!seal_verify(dir, NULL, not_intact, NULL, &r, &err))
		return complain(&err);
	if (r.faults)
		fprintf(stderr, "jusan bundle: %s is not intact, and would not be on another machine\n", dir);
	return r.faults ? 1 : 0;
}

static int check_all(const struct bundle_job *job)
{
	static char runs[BUNDLE_RUNS][FS_PATH];
	struct err err = { 0 };
	int status = check(job->dir);
	size_t n;

	if (!status && !bundle_runs(job, runs, &n, &err))
		return complain(&err);
	for (size_t i = 0; !status && i < n; i++)
		status = check(runs[i]);
	return status;
}

static int write_bundle(const char *dir, const struct options *o)
{
	struct progress p = { clock_ns() + (isatty(2) ? 1 : 10) * SAY_EVERY_NS, isatty(2), false };
	const struct bundle_job job = { dir, (const char *const *)o->runs, o->n_runs, o->out, o->quiet ? NULL : progress, &p };
	struct bundle_done done;
	struct err err = { 0 };
	int status = check_all(&job);

	if (status)
		return status;
	if (!write_or_leave_nothing(&job, &done, &err))
		return complain(&err);
	if (p.said && p.tty)
		fputs("\r\033[K", stderr);
	if (!o->quiet)
		printf("%s: %zu files, %" PRId64 " bytes, %s%s\n", o->out, done.files, done.size, done.is_signed ? "signed by " : "not signed: there is no key (jusan key)",
		       done.signer);
	return 0;
}

/* ---- redacting ---- */
struct redacting { const char *dir; const struct options *o; };

static int redact(const char *tmp, void *data)
{
	const struct redacting *r = data;
	const char *slash = strrchr(r->dir, '/');
	struct redact_done done;
	struct err err = { 0 };
	char to[FS_PATH];
	int status;

	if (!fs_join(to, tmp, slash && slash[1] ? slash + 1 : r->dir, &err) || !fs_mkdirs(to, &err) ||
	    !redact_folder(r->dir, to, &r->o->redaction, &done, &err))
		return complain(&err);
	status = write_bundle(to, r->o);
	if (!status && !r->o->quiet)
		printf("redacted: %zu words in %zu places of %zu files, none found afterwards; %zu files left out, %zu kept; %zu verdicts follow\n", done.words,
		       done.removed, done.files, done.left_out, done.kept, done.verdicts);
	return status;
}

/* ---- unpacking ---- */
static int unpack(const struct options *o, const char *to)
{
	char *args[] = { (char *)(uintptr_t)"verify", (char *)(uintptr_t)o->file, NULL };
	CLEANUP(free_json) json_t *list = NULL;
	struct bundle_seen seen;
	struct err err = { 0 };
	int status;

	optind = 1;
	status = cmd_verify(2, args);
	if (status)
		return status;
	if (mkdir(to, 0777) < 0) {
		(void)err_sys(&err, "%s", to);
		return complain(&err);
	}
	if (bundle_unpack(o->file, NULL, to, NULL, &seen, &list, &err))
		return 0;
	status = complain(&err);
	(void)!fs_remove(to, &err);
	return status;
}

/* ---- options ---- */
static bool take_options(int argc, char **argv, struct options *o, bool *ret_help)
{
	static const struct option options[] = {
		{ "out", required_argument, NULL, 'o' }, { "redact", no_argument, NULL, 'r' }, { "also", required_argument, NULL, 'a' },
		{ "keep", required_argument, NULL, 'k' }, { "unpack", no_argument, NULL, 'u' }, { "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' }, { 0 }
	};
	int opt;

	o->redaction.keep = o->keep;
	while ((opt = getopt_long(argc, argv, "o:qh", options, NULL)) >= 0) {
		if (opt == 'h')
			return *ret_help = true;
		if (opt == 'o')
			o->out = optarg;
		else if (opt == 'r')
			o->redact = true;
		else if (opt == 'a')
			o->redaction.also = optarg;
		else if (opt == 'u')
			o->unpack = true;
		else if (opt == 'q')
			o->quiet = true;
		else if (opt == 'k' && o->redaction.n_keep < sizeof(o->keep) / sizeof(o->keep[0]))
			o->keep[o->redaction.n_keep++] = optarg;
		else
			return false;
	}
	if (!o->redact && (o->redaction.also || o->redaction.n_keep))
		return fprintf(stderr, "jusan bundle: --also and --keep say what --redact removes\n"), false;
	if (o->unpack)
		return optind + 2 == argc && !o->redact && !o->out;
	return optind < argc && (!o->redact || optind + 1 == argc);
}

/* A file more would be an added file: the run could not be verified any more. */
static bool is_outside(const char *out, const char *dir, struct err *err)
{
	char folder[FS_PATH], real[PATH_MAX], run[PATH_MAX];
	char *slash;
	size_t n;

	if (snprintf(folder, sizeof(folder), "%s", out) >= FS_PATH)
		return err_set(err, ERR_LIMIT, "path too long");
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	if (!realpath(slash ? folder : ".", real))
		return err_sys(err, "%s", out);
	if (!realpath(dir, run))
		return err_sys(err, "%s", dir);
	n = strlen(run);
	return strncmp(real, run, n) || (real[n] && real[n] != '/') || err_set(err, ERR_CONF, "%s is inside the run folder: name a file elsewhere with -o", out);
}

/* RUN/ -> RUN.jusan.tar.zst, beside it. */
static bool name_it(struct options *o, const char *dir, struct err *err)
{
	if (o->out)
		return is_outside(o->out, dir, err);
	if (!strcmp(dir, ".") || !strcmp(dir, "..") || !strcmp(dir, "/"))
		return err_set(err, ERR_CONF, "%s has no name to call the file by: -o FILE", dir);
	if (snprintf(o->named, sizeof(o->named), "%s%s" BUNDLE_END, dir, o->redact ? ".redacted" : "") >= FS_PATH)
		return err_set(err, ERR_LIMIT, "path too long");
	o->out = o->named;
	return true;
}

int cmd_bundle(int argc, char **argv)
{
	static struct options o;
	struct redacting r = { NULL, &o };
	struct err err = { 0 };
	bool help = false;
	int status = 3;
	size_t n;

	if (!take_options(argc, argv, &o, &help) || help) {
		usage(help ? stdout : stderr);
		return help ? 0 : 64;
	}
	if (o.unpack) {
		o.file = argv[optind];
		return unpack(&o, argv[optind + 1]);
	}
	o.runs = argv + optind + 1;
	o.n_runs = (size_t)(argc - optind - 1);
	r.dir = argv[optind];
	for (n = strlen(argv[optind]); n > 1 && argv[optind][n - 1] == '/'; n--)
		argv[optind][n - 1] = '\0';
	if (!name_it(&o, r.dir, &err))
		return complain(&err);
	if (snprintf(half, sizeof(half), "%s.new", o.out) >= FS_PATH)
		half[0] = '\0';         /* bundle_write() says so */
	if (!o.redact)
		return write_bundle(r.dir, &o);
	if (!private_folder(redact, &r, &status, &err))
		status = complain(&err);
	if (status)
		unlink(half);
	return status;
}
