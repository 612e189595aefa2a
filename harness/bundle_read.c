// SPDX-License-Identifier: Apache-2.0
// The archive in a bundle, read as if its maker were an enemy: what the list does not say is refused where it begins.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "harness/bundle_in.h"

#include <openssl/evp.h>

enum { PIECE = 1 << 16 };

struct source { int fd; int64_t at, end; bool failed; uint8_t buf[PIECE]; };

static void free_archive(struct archive **a) { archive_read_free(*a); }
static void free_md(EVP_MD_CTX **m) { EVP_MD_CTX_free(*m); }

static ssize_t more(struct archive *a, void *data, const void **ret)
{
	struct source *s = data;
	int64_t left = s->end - s->at;
	ssize_t n;

	do
		n = pread(s->fd, s->buf, left < PIECE ? (size_t)left : PIECE, s->at);
	while (n < 0 && errno == EINTR);
	*ret = s->buf;
	if (n < 0) {
		s->failed = true;
		archive_set_error(a, errno, "cannot be read");
		return -1;
	}
	s->at += n;
	return n;
}

static bool bad(struct archive *a, const struct source *s, const char *where, struct err *err)
{
	const char *why = archive_error_string(a);

	return err_set(err, s->failed ? ERR_OS : ERR_BENCH, "%.200s: %.200s", where, why ? why : "not an archive as jusan writes it");
}

/* ---- one entry ---- */
static bool is_file(struct archive_entry *e, const char *want, int64_t size, struct err *err)
{
	const char *name = archive_entry_pathname(e);

	if (!name || strcmp(name, want))
		return err_set(err, ERR_BENCH, "'%.200s' is in the archive where the list says '%.200s'", name ? name : "?", want);
	if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) || archive_entry_symlink(e) || archive_entry_sparse_count(e))
		return err_set(err, ERR_BENCH, "%.200s: not a plain file", want);
	if (!archive_entry_size_is_set(e) || (size >= 0 && archive_entry_size(e) != size) || archive_entry_size(e) < 0)
		return err_set(err, ERR_BENCH, "%.200s: not as long as the list says", want);
	return true;
}

/* Skipped entries are entries, too: nothing is passed over. */
static bool next(struct archive *a, const struct source *s, const char *want, int64_t size, struct archive_entry **ret, struct err *err)
{
	int rc = archive_read_next_header(a, ret);

	if (rc == ARCHIVE_EOF)
		return err_set(err, ERR_BENCH, "missing: %.200s", want);
	return rc == ARCHIVE_OK ? is_file(*ret, want, size, err) : bad(a, s, want, err);
}

static bool content(struct archive *a, const struct source *s, const char *path, int64_t size, const struct bundle_take *take,
		    EVP_MD_CTX *md, struct err *err)
{
	uint8_t buf[PIECE];
	la_ssize_t n;

	while ((n = archive_read_data(a, buf, sizeof(buf))) > 0) {
		if (n > size)
			return err_set(err, ERR_BENCH, "%.200s: longer than the list says", path);
		size -= n;
		EVP_DigestUpdate(md, buf, (size_t)n);
		if (!take->bytes((struct span){ buf, (size_t)n }, take->data, err))
			return false;
	}
	if (n < 0)
		return bad(a, s, path, err);
	return size == 0 || err_set(err, ERR_BENCH, "%.200s: cut short", path);
}

static bool one_file(struct archive *a, const struct source *s, const json_t *f, const struct bundle_take *take, struct err *err)
{
	CLEANUP(free_md) EVP_MD_CTX *md = EVP_MD_CTX_new();
	const char *path = json_string_value(json_object_get(f, "path"));
	int64_t size = json_integer_value(json_object_get(f, "size"));
	struct archive_entry *e;
	uint8_t digest[32];
	char hex[HASH_HEX];

	if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		return err_set(err, ERR_OS, "out of memory");
	if (!next(a, s, path, size, &e, err) || !take->begin(path, take->data, err) || !content(a, s, path, size, take, md, err))
		return false;
	EVP_DigestFinal_ex(md, digest, NULL);
	hash_hex(digest, hex);
	if (strcmp(hex, json_string_value(json_object_get(f, "sha256"))))
		return err_set(err, ERR_BENCH, "altered: %.200s", path);
	return take->end(take->data, err);
}

/* ---- the whole ---- */
static bool read_list(struct archive *a, const struct source *s, int64_t total, json_t **ret, int64_t *ret_total, struct err *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct archive_entry *e;
	int64_t size;
	la_ssize_t n = 0;

	if (!next(a, s, BUNDLE_LIST, -1, &e, err))
		return false;
	size = archive_entry_size(e);
	if (size > (int64_t)BUNDLE_LIST_MAX || size == 0)
		return err_set(err, ERR_LIMIT, BUNDLE_LIST ": %lld bytes", (long long)size);
	text = malloc((size_t)size);
	if (!text)
		return err_set(err, ERR_OS, "out of memory");
	for (int64_t at = 0; at < size; at += n)
		if ((n = archive_read_data(a, text + at, (size_t)(size - at))) <= 0)
			return n ? bad(a, s, BUNDLE_LIST, err) : err_set(err, ERR_BENCH, BUNDLE_LIST ": cut short");
	return bundle_list_parse(text, (size_t)size, total, ret, ret_total, err);
}

static bool little_enough(int64_t out, int64_t size, int64_t ratio, struct err *err)
{
	if (out <= BUNDLE_FREE || out / ratio <= size)
		return true;
	return err_set(err, ERR_LIMIT, "%lld bytes would become %lld, more than %lld times as many: refused as a bomb", (long long)size, (long long)out,
		       (long long)ratio);
}

/* After the last file nothing but the end of a tar archive: zeros, and not many. */
static bool is_end(struct archive *a, const struct source *s, struct err *err)
{
	struct archive_entry *e;
	int rc = archive_read_next_header(a, &e);

	if (rc == ARCHIVE_OK)
		return err_set(err, ERR_BENCH, "added: '%.200s' is not in the list", archive_entry_pathname(e) ? archive_entry_pathname(e) : "?");
	return rc == ARCHIVE_EOF || bad(a, s, "after the last file", err);
}

static bool read_all(struct archive *a, const struct source *s, const struct bundle_limits *l, const struct bundle_take *take, json_t **ret_list,
		     struct err *err)
{
	CLEANUP(free_json) json_t *list = NULL;
	int64_t total;
	size_t i;
	json_t *f;

	if (!read_list(a, s, l && l->total ? l->total : BUNDLE_TOTAL, &list, &total, err) ||
	    !little_enough(total, s->end, l && l->ratio ? l->ratio : BUNDLE_RATIO, err) || !take->listed(list, total, take->data, err))
		return false;
	json_array_foreach(json_object_get(list, "files"), i, f)
		if (!one_file(a, s, f, take, err))
			return false;
	if (!is_end(a, s, err))
		return false;
	*ret_list = json_incref(list);
	return true;
}

bool bundle_entries(int fd, int64_t size, bool packed, const struct bundle_limits *l, const struct bundle_take *take, json_t **ret_list,
		    struct err *err)
{
	CLEANUP(free_archive) struct archive *a = archive_read_new();
	CLEANUP(free_ptr) struct source *s = calloc(1, sizeof(*s));

	if (!a || !s)
		return err_set(err, ERR_OS, "out of memory");
	s->fd = fd;
	s->end = size;
	if (archive_read_support_format_tar(a) != ARCHIVE_OK || (packed && archive_read_support_filter_zstd(a) != ARCHIVE_OK) ||
	    archive_read_open(a, s, NULL, more, NULL) != ARCHIVE_OK)
		return bad(a, s, "archive", err);
	if (packed && archive_filter_code(a, 0) != ARCHIVE_FILTER_ZSTD)
		return err_set(err, ERR_BENCH, "not compressed with zstd");
	return read_all(a, s, l, take, ret_list, err);
}
