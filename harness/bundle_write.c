// SPDX-License-Identifier: Apache-2.0
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/bundle_in.h"
#include "harness/campaign_judge.h"

enum { PIECE = 1 << 16, LEVEL = 9 };
#define RUN_MAX ((size_t)4 << 20)
#define REDACTION "redaction.json"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* ---- what goes in ---- */
static bool read_run(const char *dir, json_t **ret, struct err *err)
{
	char path[FS_PATH];

	return fs_join(path, dir, "run.json", err) && (fs_read_json(path, RUN_MAX, ret, err) || err_in(err, "%s is no run folder", dir));
}

static bool is_run(const char *dir, const char *id)
{
	CLEANUP(free_json) json_t *run = NULL;
	struct err none = { 0 };

	return read_run(dir, &run, &none) && !strcmp(text_of(run, "id"), id);
}

static bool find_run(const struct bundle_job *job, const json_t *campaign, const json_t *one, char ret[static FS_PATH], struct err *err)
{
	for (size_t i = 0; i < job->n_runs; i++)
		if (is_run(job->runs[i], text_of(one, "run")))
			return snprintf(ret, FS_PATH, "%s", job->runs[i]) < FS_PATH || err_set(err, ERR_LIMIT, "path too long");
	if (campaign_folder(job->dir, campaign, json_integer_value(json_object_get(one, "unit")), ret, FS_PATH))
		return true;
	return err_set(err, ERR_CONF, "run %.100s of the campaign is not where it was: name its folder, too", text_of(one, "run"));
}

bool bundle_runs(const struct bundle_job *job, char ret[BUNDLE_RUNS][FS_PATH], size_t *ret_n, struct err *err)
{
	CLEANUP(free_json) json_t *run = NULL;
	const json_t *runs;
	size_t i;
	json_t *one;

	*ret_n = 0;
	if (!read_run(job->dir, &run, err))
		return false;
	runs = json_object_get(run, "runs");
	if (json_array_size(runs) > BUNDLE_RUNS)
		return err_set(err, ERR_LIMIT, "a campaign of more than %d runs", BUNDLE_RUNS);
	json_array_foreach((json_t *)(uintptr_t)runs, i, one)
		if (!find_run(job, run, one, ret[(*ret_n)++], err))
			return false;
	return true;
}

struct walk { json_t *folders, *files; const char *dir, *folder; };

static bool one_file(const char *rel, void *data, struct err *err)
{
	struct walk *w = data;
	char path[FS_PATH], name[FS_PATH], hex[HASH_HEX];
	CLEANUP(close_fd) int fd = -1;
	struct stat st;
	json_t *f;

	if (!fs_join(name, w->folder, rel, err) || !fs_join(path, w->dir, rel, err) || !fs_open_below(w->dir, rel, &fd, err))
		return false;
	if (!bundle_name_fits(name, w->folders))
		return err_set(err, ERR_CONF, "%s: such a name cannot be in a bundle", path);
	if (fstat(fd, &st) < 0)
		return err_sys(err, "%s", path);
	if (!hash_fd(fd, path, hex, err))
		return false;
	f = json_pack("{s:s,s:I,s:s}", "path", name, "size", (json_int_t)st.st_size, "sha256", hex);
	return f ? json_array_append_new(w->files, f) == 0 : err_set(err, ERR_CONF, "%s: its name is not UTF-8", path);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(text_of(*(json_t *const *)a, "path"), text_of(*(json_t *const *)b, "path"));
}

static json_t *sorted(const json_t *files)
{
	size_t n = json_array_size(files);
	CLEANUP(free_ptr) json_t **all = calloc(n ? n : 1, sizeof(json_t *));
	json_t *out = all ? json_array() : NULL;

	for (size_t i = 0; out && i < n; i++)
		all[i] = json_array_get(files, i);
	if (out)
		qsort(all, n, sizeof(*all), by_path);
	for (size_t i = 0; out && i < n; i++)
		json_array_append(out, all[i]);
	return out;
}

struct work {
	const struct bundle_job *job;
	char runs[BUNDLE_RUNS][FS_PATH];
	size_t n_runs;
	time_t when;
	json_t *list;
	int64_t done, of;
	int fd;
	EVP_MD_CTX *md;
	int64_t size;
	struct err *err;
};

static const char *folder_of(const struct work *w, size_t i)
{
	return i ? w->runs[i - 1] : w->job->dir;
}

static void folder_name(size_t i, char buf[static 32])
{
	snprintf(buf, 32, i ? "runs/%zu" : "run", i);
}

/* When the run ended, or began: a bundle has no other time. */
static time_t time_of(const json_t *run)
{
	const char *text = *text_of(run, "ended") ? text_of(run, "ended") : text_of(run, "started");
	struct tm tm = { 0 };
	time_t t = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) ? timegm(&tm) : 0;

	return t > 0 ? t : 0;
}

static bool name_folders(struct work *w, json_t *folders, struct err *err)
{
	for (size_t i = 0; i <= w->n_runs; i++) {
		CLEANUP(free_json) json_t *run = NULL;
		char name[32];

		if (!read_run(folder_of(w, i), &run, err))
			return false;
		if (!i)
			w->when = time_of(run);
		folder_name(i, name);
		json_array_append_new(folders, json_pack("{s:s,s:s}", "folder", name, "run", text_of(run, "id")));
	}
	return true;
}

static bool make_list(struct work *w, struct err *err)
{
	CLEANUP(free_json) json_t *folders = json_array();
	CLEANUP(free_json) json_t *files = json_array();
	char redaction[FS_PATH];

	if (!bundle_runs(w->job, w->runs, &w->n_runs, err) || !name_folders(w, folders, err) || !fs_join(redaction, w->job->dir, REDACTION, err))
		return false;
	for (size_t i = 0; i <= w->n_runs; i++) {
		char name[32];
		struct walk walk = { folders, files, folder_of(w, i), name };

		folder_name(i, name);
		if (!fs_walk(walk.dir, one_file, &walk, err))
			return false;
	}
	w->list = json_pack("{s:s,s:s,s:O,s:b,s:O,s:o}", "format", BUNDLE_FORMAT, "what", w->n_runs ? "campaign" : "run", "run",
			    json_object_get(json_array_get(folders, 0), "run"), "redacted", access(redaction, F_OK) == 0, "folders", folders,
			    "files", sorted(files));
	return w->list ? bundle_list_fits(w->list, BUNDLE_TOTAL, &w->of, err) : err_set(err, ERR_OS, "out of memory");
}

/* ---- the archive ---- */
static la_ssize_t put(struct archive *a, void *data, const void *p, size_t n)
{
	struct work *w = data;

	(void)a;
	if (!fs_write_all(w->fd, p, n, w->err))
		return -1;
	EVP_DigestUpdate(w->md, p, n);
	w->size += (int64_t)n;
	return (la_ssize_t)n;
}

static bool bad(struct archive *a, const struct work *w, const char *what, struct err *err)
{
	return w->err->kind ? false : err_set(err, ERR_OS, "%.200s: %.200s", what, archive_error_string(a) ? archive_error_string(a) : "cannot be archived");
}

static bool header(struct archive *a, const struct work *w, const char *path, int64_t size, struct err *err)
{
	struct archive_entry *e = archive_entry_new();
	bool ok;

	if (!e)
		return err_set(err, ERR_OS, "out of memory");
	archive_entry_set_pathname_utf8(e, path);
	archive_entry_set_pathname(e, path);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, size);
	archive_entry_set_mtime(e, w->when, 0);
	ok = archive_write_header(a, e) == ARCHIVE_OK;
	archive_entry_free(e);
	return ok || bad(a, w, path, err);
}

static bool add_list(struct archive *a, const struct work *w, struct err *err)
{
	CLEANUP(free_ptr) char *text = json_dumps(w->list, JSON_INDENT(1) | JSON_SORT_KEYS);
	size_t n = text ? strlen(text) : 0;

	if (!text || n + 1 > BUNDLE_LIST_MAX)
		return err_set(err, ERR_LIMIT, "too many files for a bundle");
	text[n] = '\n';
	return header(a, w, BUNDLE_LIST, (int64_t)n + 1, err) && (archive_write_data(a, text, n + 1) == (la_ssize_t)n + 1 || bad(a, w, BUNDLE_LIST, err));
}

static const char *below(const struct work *w, const char *path, const char **ret_rel)
{
	size_t i = !strncmp(path, "runs/", 5) ? (size_t)strtoul(path + 5, NULL, 10) : 0;
	char name[32];

	folder_name(i, name);
	*ret_rel = path + strlen(name) + 1;
	return folder_of(w, i);
}

/* What was hashed must be what goes in: nobody may write to the folder meanwhile. */
static bool add_file(struct archive *a, struct work *w, const json_t *f, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	const char *path = text_of(f, "path"), *rel, *dir = below(w, path, &rel);
	int64_t size = json_integer_value(json_object_get(f, "size")), left = size;
	char hex[HASH_HEX], buf[PIECE];

	if (!fs_open_below(dir, rel, &fd, err) || !header(a, w, path, size, err))
		return false;
	while (left > 0) {
		ssize_t n = read(fd, buf, left < PIECE ? (size_t)left : PIECE);

		if (n < 0)
			return err_sys(err, "%s", path);
		if (n == 0)
			break;
		if (archive_write_data(a, buf, (size_t)n) != n)
			return bad(a, w, path, err);
		left -= n;
		w->done += n;
		if (w->job->progress)
			w->job->progress(w->done, w->of, w->job->data);
	}
	if (left || lseek(fd, 0, SEEK_SET) < 0 || !hash_fd(fd, path, hex, err) || strcmp(hex, text_of(f, "sha256")))
		return err_set(err, ERR_BENCH, "%s/%s changed while it was bundled", dir, rel);
	return true;
}

static bool fill(struct archive *a, struct work *w, struct err *err)
{
	size_t i;
	json_t *f;
	char level[16];

	snprintf(level, sizeof(level), "%d", LEVEL);
	if (archive_write_add_filter_zstd(a) != ARCHIVE_OK || archive_write_set_filter_option(a, "zstd", "compression-level", level) != ARCHIVE_OK ||
	    archive_write_set_format_pax_restricted(a) != ARCHIVE_OK || archive_write_set_format_option(a, "pax", "hdrcharset", "UTF-8") < ARCHIVE_WARN ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK || archive_write_open(a, w, NULL, put, NULL) != ARCHIVE_OK)
		return bad(a, w, "archive", err);
	if (!add_list(a, w, err))
		return false;
	json_array_foreach(json_object_get(w->list, "files"), i, f)
		if (!add_file(a, w, f, err))
			return false;
	return archive_write_close(a) == ARCHIVE_OK || bad(a, w, "archive", err);
}

static bool write_all(struct work *w, const char *made, struct bundle_done *ret, struct err *err)
{
	struct archive *a = archive_write_new();
	char scratch[FS_PATH], hex[HASH_HEX];
	uint8_t digest[32];
	bool ok;

	w->err = err;
	w->md = EVP_MD_CTX_new();
	ok = a && w->md && EVP_DigestInit_ex(w->md, EVP_sha256(), NULL) == 1 ? fill(a, w, err) : err_set(err, ERR_OS, "out of memory");
	if (a)
		archive_write_free(a);
	if (ok) {
		EVP_DigestFinal_ex(w->md, digest, NULL);
		hash_hex(digest, hex);
		ok = snprintf(scratch, sizeof(scratch), "%s.state", made) < FS_PATH ? bundle_state(w->fd, scratch, w->size, hex, ret, err) :
										      err_set(err, ERR_LIMIT, "%s: path too long", made);
	}
	EVP_MD_CTX_free(w->md);
	return ok && (fsync(w->fd) == 0 || err_sys(err, "%s", made));
}

bool bundle_write(const struct bundle_job *job, struct bundle_done *ret, struct err *err)
{
	CLEANUP(free_ptr) struct work *w = calloc(1, sizeof(*w));
	CLEANUP(free_json) json_t *list = NULL;
	char made[FS_PATH];
	bool ok;

	*ret = (struct bundle_done){ 0 };
	if (!w || snprintf(made, sizeof(made), "%s.new", job->out) >= FS_PATH)
		return err_set(err, ERR_LIMIT, "path too long");
	w->job = job;
	ok = make_list(w, err);
	list = w->list;
	if (!ok)
		return false;
	w->fd = open(made, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (w->fd < 0)
		return err_sys(err, "%s", made);
	ok = write_all(w, made, ret, err);
	ret->files = json_array_size(json_object_get(list, "files"));
	ret->bytes = w->of;
	ret->size = lseek(w->fd, 0, SEEK_END);
	ok = close(w->fd) == 0 && ok;
	if (ok && rename(made, job->out) < 0)
		ok = err_sys(err, "%s", job->out);
	if (!ok)
		unlink(made);
	return ok || err->kind || err_sys(err, "%s", made);
}
