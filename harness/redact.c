// SPDX-License-Identifier: Apache-2.0
#include "harness/redact.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/escape.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/judge.h"
#include "harness/redact_in.h"
#include "harness/registry.h"
#include "harness/reports.h"
#include "harness/reps.h"
#include "harness/seal.h"

#define RUN_MAX ((size_t)4 << 20)
#define RESULT_MAX ((size_t)256 << 20)
#define SAID_MAX ((size_t)256 << 20)

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static bool read_below(const char *dir, const char *name, size_t max, json_t **ret, struct err *err)
{
	char path[FS_PATH];

	return fs_join(path, dir, name, err) && fs_read_json(path, max, ret, err);
}

/* ---- run.json of the copy ---- */
/* A hash of an input that held a short secret would let everybody try: it becomes that of what is here now. */
static void hash_again(const char *to, json_t *run, const char *key, const char *file)
{
	char path[FS_PATH], hex[HASH_HEX];
	struct err none = { 0 };

	if (json_is_string(json_object_get(run, key)) && fs_join(path, to, file, &none) && hash_file(path, hex, &none))
		json_object_set_new(run, key, json_string(hex));
}

/* The seed makes every marker and random secret anew. What a judge needs of it, the values that tests were repeated with, stays. */
static bool run_json(const char *dir, const char *to, bool seed, const json_t *of, struct err *err)
{
	CLEANUP(free_json) json_t *run = NULL;
	CLEANUP(free_json) json_t *each = NULL;
	char path[FS_PATH], note[200];

	if (!read_below(to, "run.json", RUN_MAX, &run, err) || (seed && !reps_values(dir, run, &each, err)))
		return false;
	if (seed) {
		json_object_set(run, "each", each);
		json_object_set_new(run, "seed", json_integer(0));
	}
	if (!json_is_array(json_object_get(run, "notes")))
		json_object_set_new(run, "notes", json_array());
	snprintf(note, sizeof(note), "a redacted copy; the newest seal of the original: %.32s %.64s", text_of(of, "file"), text_of(of, "sha256"));
	json_array_append_new(json_object_get(run, "notes"), json_string(note));        /* reports show it */
	hash_again(to, run, "bench_sha256", "inputs/bench.yaml");
	hash_again(to, run, "device_sha256", "inputs/device.yaml");
	hash_again(to, run, "profile_sha256", "inputs/profile.yaml");
	return fs_join(path, to, "run.json", err) && fs_write_json(path, run, err);
}

/* ---- redaction.json ---- */
static bool origin(const char *dir, const json_t *run, const struct redact_words *w, json_t *said, struct err *err)
{
	json_t *words = json_array();
	char file[32], hex[HASH_HEX];

	json_object_set_new(said, "words", words);
	if (!seal_last(dir, file, hex, err))
		return false;
	for (size_t i = 0; i < w->n; i++)
		json_array_append_new(words, json_pack("{s:s,s:s}", "name", w->word[i].name, "kind", w->word[i].kind));
	json_object_set_new(said, "format", json_string(REDACTION_FORMAT));
	json_object_set_new(said, "run", json_string(text_of(run, "id")));
	json_object_set_new(said, "of", json_pack("{s:s,s:s}", "file", file, "sha256", hex));
	json_object_set_new(said, "seed", json_string(w->seed ? "removed" : "kept"));
	return true;
}

/* Files that somebody decided to keep are named beside the words. */
static void name_kept(const char *dir, const struct redact_options *o, const struct redact_words *w, json_t *said)
{
	json_t *kept = json_deep_copy(w->kept);
	char path[FS_PATH];
	struct err none = { 0 };

	for (size_t i = 0; i < o->n_keep; i++)
		if (o->keep[i][0] != '/' && fs_join(path, dir, o->keep[i], &none) && access(path, F_OK) == 0)
			json_array_append_new(kept, json_string(o->keep[i]));
	json_object_set_new(said, "kept", kept);
}

/* A name that fits nothing is a slip of the pen, and would go unnoticed. */
static bool all_kept(const struct redact_options *o, const json_t *said, struct err *err)
{
	for (size_t i = 0; i < o->n_keep; i++) {
		bool found = false;
		size_t k;
		json_t *v;

		json_array_foreach(json_object_get(said, "kept"), k, v)
			found |= !strcmp(json_string_value(v), o->keep[i]);
		if (!found)
			return err_set(err, ERR_CONF, "--keep '%.100s': neither a declared word nor a file of the run", o->keep[i]);
	}
	return true;
}

/* ---- verdicts and reports ---- */
static bool judge_copy(const char *dir, const char *to, size_t *ret_n, struct err *err)
{
	CLEANUP(free_json) json_t *before = NULL;
	CLEANUP(free_json) json_t *after = NULL;
	struct judge_options o = { 0 };

	if (!read_below(dir, "verdicts.json", RESULT_MAX, &before, err))
		return false;
	o.as_of = *text_of(before, "as_of") ? text_of(before, "as_of") : NULL;
	return judge_run(to, &o, err) && read_below(to, "verdicts.json", RESULT_MAX, &after, err) && redact_same(before, after, ret_n, err);
}

/* The reports that the run has. */
static bool report_copy(const char *dir, const char *to, struct err *err)
{
	for (const struct report *const *r = report_table; *r; r++) {
		char folder[FS_PATH], path[FS_PATH];

		if (!(*r)->file || !fs_join(folder, dir, "report", err) || !fs_join(path, folder, (*r)->file, err))
			continue;
		if (access(path, F_OK) == 0 && !reports_write(to, (*r)->name, err))
			return false;
	}
	return seal_reports(to, err);
}

static bool has(const char *dir, const char *name)
{
	char path[FS_PATH];
	struct err none = { 0 };

	return fs_join(path, dir, name, &none) && access(path, F_OK) == 0;
}

static void first_fault(enum seal_fault f, const char *what, void *data)
{
	(void)f;
	if (!*(char *)data)
		snprintf(data, 200, "%.199s", what);
}

static bool is_sealed(const char *dir, const char *whose, struct err *err)
{
	struct seal_report r;
	char what[200] = "";

	if (!seal_verify(dir, NULL, first_fault, what, &r, err))
		return false;
	return !r.faults || err_set(err, ERR_CONF, "%s is not intact: %s (jusan verify tells more)", whose, what);
}

/* ---- the whole ---- */
static void count(const json_t *said, struct redact_done *ret)
{
	const char *last = "";
	size_t i;
	json_t *v;

	ret->words = json_array_size(json_object_get(said, "words"));
	ret->removed = json_array_size(json_object_get(said, "removed"));
	ret->left_out = json_array_size(json_object_get(said, "left_out"));
	ret->kept = json_array_size(json_object_get(said, "kept"));
	json_array_foreach(json_object_get(said, "removed"), i, v) {
		ret->files += strcmp(last, text_of(v, "file")) != 0;
		last = text_of(v, "file");
	}
}

static bool make(const char *dir, const char *to, const struct redact_options *o, const struct redact_words *w, const json_t *run, json_t *said,
		 struct redact_done *ret, struct err *err)
{
	char path[FS_PATH];

	if (!origin(dir, run, w, said, err))
		return false;
	name_kept(dir, o, w, said);
	if (!all_kept(o, said, err) || !redact_files(dir, to, o, w, said, err) || !fs_join(path, to, "journal.jsonl", err) || !redact_chain(path, err) ||
	    !run_json(dir, to, w->seed, json_object_get(said, "of"), err) || !fs_join(path, to, REDACTION_FILE, err) || !fs_write_json(path, said, err) || !seal_write(to, err) ||
	    (has(to, "review") && !seal_review(to, err)) || !judge_copy(dir, to, &ret->verdicts, err) || !report_copy(dir, to, err))
		return false;
	return redact_clean(to, w, err) && is_sealed(to, "the copy", err);
}

bool redact_folder(const char *dir, const char *to, const struct redact_options *o, struct redact_done *ret, struct err *err)
{
	CLEANUP(free_json) json_t *run = NULL;
	CLEANUP(free_json) json_t *said = json_object();
	CLEANUP(free_ptr) struct redact_words *w = calloc(1, sizeof(*w));
	bool ok;

	*ret = (struct redact_done){ 0 };
	if (!w)
		return err_set(err, ERR_OS, "out of memory");
	if (!read_below(dir, "run.json", RUN_MAX, &run, err))
		return false;
	if (json_is_array(json_object_get(run, "runs")))
		return err_set(err, ERR_CONF, "%s is a campaign: redact its runs one by one, and judge the copies together", dir);
	if (!is_sealed(dir, "the run", err))
		return false;
	ok = redact_words(dir, run, o, w, err) && make(dir, to, o, w, run, said, ret, err);
	count(said, ret);
	redact_words_free(w);
	return ok;
}

/* ---- saying so ---- */
static size_t list_size(const json_t *said, const char *key)
{
	return json_array_size(json_object_get(said, key));
}

bool redact_is_copy(const char *dir)
{
	return has(dir, REDACTION_FILE);
}

bool redact_say(const char *dir, FILE *out, struct err *err)
{
	CLEANUP(free_json) json_t *said = NULL;
	const json_t *of;
	size_t i;
	json_t *v;

	of = read_below(dir, REDACTION_FILE, SAID_MAX, &said, err) ? json_object_get(said, "of") : NULL;
	if (strcmp(text_of(said, "format"), REDACTION_FORMAT) || strlen(text_of(of, "sha256")) != 64 || !json_is_array(json_object_get(said, "removed")))
		return err_set(err, ERR_BENCH, REDACTION_FILE " is not one of ours");
	fputs("redacted copy of ", out);
	escape_terminal(out, text_of(said, "run"));
	fputs(" (original seal ", out);
	escape_terminal(out, text_of(of, "file"));
	fputc(' ', out);
	escape_terminal(out, text_of(of, "sha256"));
	fprintf(out, "): %zu places removed, %zu files left out\n", list_size(said, "removed"), list_size(said, "left_out"));
	json_array_foreach(json_object_get(said, "kept"), i, v)
		if (json_is_string(v)) {
			fputs("not removed, as somebody decided: ", out);
			escape_terminal(out, json_string_value(v));
			fputc('\n', out);
		}
	return true;
}
