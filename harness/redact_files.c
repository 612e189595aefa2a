// SPDX-License-Identifier: Apache-2.0
// The copy of a run folder, file by file.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/redact_in.h"

enum { PIECE = 1 << 16, SMALL = 4096 };

struct copy {
	const char *dir, *to;
	const struct redact_options *o;
	const struct redact_words *w;
	json_t *removed, *left_out;
	int64_t files, bytes;
};

/* ---- what can be searched at all ---- */
static const char *cannot(const char *path, const char *rel, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	uint8_t buf[PIECE];
	struct stat st;
	ssize_t n;

	if (!strncmp(rel, "serial/", 7) || strstr(rel, "/serial/") || redact_is_capture(path))
		return NULL;            /* bytes as the device sent them */
	if (!fs_open(path, &fd, &st, err))
		return NULL;
	for (bool first = true; (n = read(fd, buf, sizeof(buf))) > 0; first = false) {
		if (first && n > 4 && !memcmp(buf, "%PDF", 4))
			return "a PDF: its text is packed";
		if (memchr(buf, '\0', (size_t)n) || (first && n > 3 && (!memcmp(buf, "\x1f\x8b\x08", 3) || !memcmp(buf, "BZh", 3) || !memcmp(buf, "\x28\xb5\x2f\xfd", 4))))
			return "binary: what is packed or encrypted in it cannot be searched";
	}
	if (n < 0)
		(void)err_sys(err, "%s", path);
	return NULL;
}

/* ---- files that stay ---- */
static bool is_64(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/' || c == '-' || c == '_';
}

/* The characters beside a base64 form hold bits of its first and last byte. What follows a backslash is an escape of JSON. */
static void with_rims(int fd, struct redact_hit *h)
{
	char c, before = ' ';

	if (strncmp(h->how, "base64", 6))
		return;
	if (h->off > 1 && pread(fd, &before, 1, h->off - 2) != 1)
		before = ' ';
	if (h->off > 0 && before != '\\' && pread(fd, &c, 1, h->off - 1) == 1 && is_64(c)) {
		h->off--;
		h->n++;
	}
	if (pread(fd, &c, 1, h->off + h->n) == 1 && is_64(c))
		h->n++;
}

static bool overwrite(int fd, const struct redact_hit *h, const char *path, struct err *err)
{
	char fill[SMALL];

	memset(fill, REDACT_FILL, sizeof(fill));
	for (int64_t done = 0; done < h->n;) {
		size_t n = h->n - done < SMALL ? (size_t)(h->n - done) : SMALL;

		if (pwrite(fd, fill, n, h->off + done) != (ssize_t)n)
			return err_sys(err, "%s", path);
		done += (int64_t)n;
	}
	return true;
}

static bool say(const struct copy *c, const char *rel, const struct redact_hit *h)
{
	const struct redact_word *w = &c->w->word[h->word];
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:I,s:I}", "file", rel, "name", w->name, "kind", w->kind, "how", h->how, "off", (json_int_t)h->off, "n",
			      (json_int_t)h->n);

	if (j && h->frame)
		json_object_set_new(j, "frame", json_integer(h->frame));
	return j && json_array_append_new(c->removed, j) == 0;
}

static bool take_out(struct copy *c, const char *rel, const char *path, struct redact_hits *hits, struct err *err)
{
	CLEANUP(close_fd) int fd = hits->n ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;

	if (hits->n && fd < 0)
		return err_sys(err, "%s", path);
	for (size_t i = 0; i < hits->n; i++) {
		with_rims(fd, &hits->hit[i]);
		if (!overwrite(fd, &hits->hit[i], path, err))
			return false;
		if (json_array_size(c->removed) >= REDACT_HITS || !say(c, rel, &hits->hit[i]))
			return err_set(err, ERR_LIMIT, "more than %d places in all", REDACT_HITS);
	}
	return true;
}

/* ---- files that do not ---- */
static bool leave_out(struct copy *c, const char *rel, const char *from, const char *to, const char *why, struct err *err)
{
	CLEANUP(close_fd) int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	char hex[HASH_HEX];
	struct stat st;

	if (fd < 0 || stat(from, &st) < 0 || ftruncate(fd, st.st_size) < 0)
		return err_sys(err, "%s", to);
	if (!hash_file(from, hex, err))
		return false;
	json_array_append_new(c->left_out, json_pack("{s:s,s:I,s:s,s:s}", "file", rel, "size", (json_int_t)st.st_size, "sha256", hex, "reason", why));
	return true;
}

/* Made anew from the copy. */
static bool is_derived(const char *rel)
{
	return !strcmp(rel, "verdicts.json") || !strncmp(rel, "report/", 7) || !strncmp(rel, "derived/", 8) || !strcmp(rel, "MANIFEST.json") ||
	       !strcmp(rel, "MANIFEST.json.sig") || !strncmp(rel, "seals/", 6);
}

static bool one_file(const char *rel, void *data, struct err *err)
{
	struct copy *c = data;
	char from[FS_PATH], to[FS_PATH], folder[FS_PATH];
	struct redact_hits hits = { 0 };
	const char *why;
	bool ok;

	if (is_derived(rel))
		return true;
	if (!strcmp(rel, REDACTION_FILE))
		return err_set(err, ERR_CONF, "%s is a redacted copy: redact the run that it is a copy of", c->dir);
	if (redact_find_text(c->w, rel, strlen(rel)))
		return err_set(err, ERR_CONF, "the name of a file holds a word that has to go: %s", rel);
	if (!fs_join(from, c->dir, rel, err) || !fs_join(to, c->to, rel, err))
		return false;
	snprintf(folder, sizeof(folder), "%s", to);
	*strrchr(folder, '/') = '\0';
	if (!fs_mkdirs(folder, err))
		return false;
	why = redact_keeps(c->o, rel) ? NULL : cannot(from, rel, err);
	if (err->kind)
		return false;
	if (why)
		return leave_out(c, rel, from, to, why, err);
	ok = fs_copy(from, to, err) && redact_find(c->w, to, &hits, err) && take_out(c, rel, to, &hits, err);
	c->files++;
	c->bytes += hits.bytes;
	redact_hits_free(&hits);
	return ok;
}

bool redact_files(const char *dir, const char *to, const struct redact_options *o, const struct redact_words *w, json_t *said, struct err *err)
{
	struct copy c = { dir, to, o, w, json_array(), json_array(), 0, 0 };
	bool ok = fs_walk(dir, one_file, &c, err);

	json_object_set_new(said, "removed", c.removed);
	json_object_set_new(said, "left_out", c.left_out);
	json_object_set_new(said, "searched", json_pack("{s:I,s:I}", "files", (json_int_t)c.files, "bytes", (json_int_t)c.bytes));
	return ok;
}

/* ---- afterwards ---- */
struct clean { const char *dir; const struct redact_words *w; };

static bool is_clean(const char *rel, void *data, struct err *err)
{
	const struct clean *c = data;
	struct redact_hits hits = { 0 };
	char path[FS_PATH];
	bool ok;

	if (!fs_join(path, c->dir, rel, err))
		return false;
	ok = redact_find(c->w, path, &hits, err);
	if (ok && hits.n)
		ok = err_set(err, ERR_BENCH, "%s still holds '%s' at %lld: there is no copy", rel, c->w->word[hits.hit[0].word].name, (long long)hits.hit[0].off);
	redact_hits_free(&hits);
	return ok;
}

bool redact_clean(const char *dir, const struct redact_words *w, struct err *err)
{
	struct clean c = { dir, w };

	return fs_walk(dir, is_clean, &c, err);
}
