// SPDX-License-Identifier: Apache-2.0
// Taking a decision: documents first, then the entry, then its seal. Whatever is interrupted leaves the earlier ones whole.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/review_in.h"
#include "harness/seal.h"
#include "harness/sign.h"
#include "harness/version.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_t *entry_json(const struct review_entry *e, const json_t *entries, const char *run, json_t *files)
{
	size_t n = json_array_size(entries);
	const json_t *last = n ? json_array_get(entries, n - 1) : NULL;
	json_t *j = json_pack("{s:s,s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:O,s:s}", "format", REVIEW_FORMAT, "n", (json_int_t)n + 1, "run", run,
			      "what", e->what == REVIEW_WAIVER ? "waiver" : "decision", "on", e->on, "reviewer", e->reviewer, "date", e->date,
			      "expires", e->expires ? e->expires : "", "reason", e->reason, "asked", e->asked ? e->asked : "", "files", files,
			      "tool", JUSAN_VERSION);

	if (e->what == REVIEW_DECISION)
		json_object_set_new(j, "decide", json_string(e->decide));
	json_object_set_new(j, "prev", last ? json_string(text_of(last, "sha256")) : json_null());
	return j;
}

static bool run_id(const char *dir, char ret[static 128], struct err *err)
{
	CLEANUP(free_json) json_t *run = NULL;
	char path[FS_PATH];

	if (!fs_join(path, dir, "run.json", err) || !fs_read_json(path, (size_t)4 << 20, &run, err))
		return false;
	snprintf(ret, 128, "%s", text_of(run, "id"));
	return true;
}

/* From the first copied byte to the seal. */
static bool write_entry(const char *dir, const struct review_entry *e, const json_t *entries, char ret_path[static 32], struct err *err)
{
	CLEANUP(free_json) json_t *files = json_array();
	CLEANUP(free_json) json_t *j = NULL;
	unsigned n = (unsigned)json_array_size(entries) + 1;
	char path[FS_PATH], id[128];

	snprintf(ret_path, 32, "review/%04u.json", n);
	if (!run_id(dir, id, err) || !fs_join(path, dir, ret_path, err) || !review_documents(dir, e, n, files, err))
		return false;
	j = entry_json(e, entries, id, files);
	return fs_write_json(path, j, err) && seal_review(dir, err);
}

/* No half decision because somebody pressed Ctrl-C. */
static bool uninterrupted(const char *dir, const struct review_entry *e, const json_t *entries, char ret_path[static 32], struct err *err)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t all, before;
	bool ok;

	sigemptyset(&all);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&all, ends[i]);
	sigprocmask(SIG_BLOCK, &all, &before);
	ok = write_entry(dir, e, entries, ret_path, err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}

bool review_add(const char *dir, const struct review_entry *e, char ret_path[static 32], struct err *err)
{
	CLEANUP(free_json) json_t *entries = NULL;
	CLEANUP(close_fd) int lock = -1;

	if (!review_check(e, err))
		return false;
	if (e->n_files > REVIEW_FILES)
		return err_set(err, ERR_LIMIT, "more than %d documents for one decision", REVIEW_FILES);
	lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0)
		return err_sys(err, "%s", dir);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, ERR_BENCH, "%s: somebody else is just deciding on this run", dir);
	/* a key that does not open is found out before anything is written */
	if (!sign_ready(err) || !review_read(dir, &entries, err) || !review_intact(dir, entries, err))
		return false;
	if (json_array_size(entries) >= REVIEW_ENTRIES)
		return err_set(err, ERR_LIMIT, "%s: more than %d decisions", dir, REVIEW_ENTRIES);
	return uninterrupted(dir, e, entries, ret_path, err);
}
