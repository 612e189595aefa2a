// SPDX-License-Identifier: Apache-2.0
// The statement at the end of a bundle: a skippable frame of zstd (RFC 8878 3.1.2), which every reader of the archive passes over.
//   magic, length of what follows (4 bytes each, little-endian) | statement | signature or nothing |
//   length of the frame, length of the statement (4 bytes each) | "JSNB"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/bundle_in.h"
#include "harness/sign.h"
#include "harness/sign_key.h"

enum { HEAD = 8, FOOT = 12, PIECE = 1 << 16 };
static const uint8_t magic[4] = { 0x5a, 0x2a, 0x4d, 0x18 }, mark[4] = { 'J', 'S', 'N', 'B' };

static void close_key(struct sign_key **k) { sign_key_close(*k); }
static void free_md(EVP_MD_CTX **m) { EVP_MD_CTX_free(*m); }

static void put32(uint8_t *p, size_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static json_t *statement(const char *sha256, int64_t size, const char *signer)
{
	return json_pack("{s:s,s:s,s:I,s:s?}", "format", BUNDLE_FORMAT, "sha256", sha256, "size", (json_int_t)size, "signer", signer);
}

/* ---- writing ---- */
static bool sig_name(char buf[static FS_PATH], const char *scratch, struct err *err)
{
	return snprintf(buf, FS_PATH, "%s.sig", scratch) < FS_PATH || err_set(err, ERR_LIMIT, "%s: path too long", scratch);
}

static bool append(int fd, const char *text, size_t n, const char *sig, size_t n_sig, struct err *err)
{
	uint8_t head[HEAD], foot[FOOT];
	size_t frame = n + n_sig + FOOT;

	memcpy(head, magic, 4);
	put32(head + 4, frame);
	put32(foot, frame);
	put32(foot + 4, n);
	memcpy(foot + 8, mark, 4);
	return fs_write_all(fd, head, HEAD, err) && fs_write_all(fd, text, n, err) && fs_write_all(fd, sig, n_sig, err) &&
	       fs_write_all(fd, foot, FOOT, err);
}

static bool signature(const char *scratch, struct sign_key *key, char **ret, size_t *ret_n, struct err *err)
{
	char path[FS_PATH];
	bool ok = sig_name(path, scratch, err) && sign_with(scratch, key, err) && fs_read(path, BUNDLE_SIDE, ret, ret_n, err);

	unlink(path);
	return ok;
}

bool bundle_state(int fd, const char *scratch, int64_t size, const char *sha256, struct bundle_done *ret, struct err *err)
{
	CLEANUP(close_key) struct sign_key *key = NULL;
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(free_ptr) char *sig = NULL;
	CLEANUP(free_json) json_t *j = NULL;
	char where[FS_PATH];
	size_t n = 0, n_sig = 0;
	bool ok;

	if (sign_where(where) && !sign_key_open(where, &key, err))
		return false;
	if (key)
		hash_text(sign_key_public(key), strlen(sign_key_public(key)), ret->signer);
	ret->is_signed = key != NULL;
	j = statement(sha256, size, key ? ret->signer : NULL);
	ok = fs_write_json(scratch, j, err) && fs_read(scratch, BUNDLE_SIDE, &text, &n, err) &&
	     (!key || signature(scratch, key, &sig, &n_sig, err));
	unlink(scratch);
	return ok && append(fd, text, n, sig ? sig : "", n_sig, err);
}

/* ---- reading ---- */
static bool read_at(int fd, void *p, size_t n, int64_t off, struct err *err)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = pread(fd, (uint8_t *)p + at, n - at, off + (int64_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, "bundle");
		if (got == 0)
			return err_set(err, ERR_BENCH, "cut short");
		at += (size_t)got;
	}
	return true;
}

static bool size_of(int fd, int64_t *ret, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, "bundle");
	*ret = st.st_size;
	return true;
}

struct end { int64_t at; size_t n, n_sig; uint8_t frame[HEAD + 2 * BUNDLE_SIDE + FOOT]; };

static bool find_end(int fd, struct end *e, struct err *err)
{
	uint8_t foot[FOOT];
	uint32_t frame;
	int64_t size = 0;

	if (!size_of(fd, &size, err))
		return false;
	if (size < HEAD + FOOT || !read_at(fd, foot, FOOT, size - FOOT, err) || memcmp(foot + 8, mark, 4))
		return err->kind == ERR_OS ? false : err_set(err, ERR_BENCH, "it does not end as a bundle does: no bundle, or cut short");
	frame = get32(foot);
	e->n = get32(foot + 4);
	if (frame < FOOT || frame > 2 * BUNDLE_SIDE + FOOT || frame + HEAD > size || e->n > BUNDLE_SIDE || e->n > frame - FOOT)
		return err_set(err, ERR_BENCH, "its statement is not as jusan writes it");
	e->n_sig = frame - FOOT - e->n;
	e->at = size - HEAD - frame;
	if (!read_at(fd, e->frame, HEAD + frame, e->at, err))
		return false;
	if (memcmp(e->frame, magic, 4) || get32(e->frame + 4) != frame)
		return err_set(err, ERR_BENCH, "its statement is not as jusan writes it");
	return true;
}

bool bundle_is(const char *file)
{
	CLEANUP(free_ptr) struct end *e = calloc(1, sizeof(*e));
	struct err none = { 0 };
	struct stat st;
	CLEANUP(close_fd) int fd = -1;

	return e && fs_open(file, &fd, &st, &none) && find_end(fd, e, &none);
}

static bool hash_of(int fd, int64_t size, char hex[static HASH_HEX], struct err *err)
{
	CLEANUP(free_md) EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t buf[PIECE], digest[32];

	if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		return err_set(err, ERR_OS, "out of memory");
	for (int64_t at = 0; at < size;) {
		size_t n = size - at < PIECE ? (size_t)(size - at) : PIECE;

		if (!read_at(fd, buf, n, at, err))
			return false;
		EVP_DigestUpdate(md, buf, n);
		at += (int64_t)n;
	}
	EVP_DigestFinal_ex(md, digest, NULL);
	hash_hex(digest, hex);
	return true;
}

/* The statement must be, to the byte, the one that these bytes and this signer have. */
static bool states(const struct end *e, const char *hex, struct bundle_seen *ret, struct err *err)
{
	CLEANUP(free_json) json_t *j = json_loadb((const char *)e->frame + HEAD, e->n, JSON_REJECT_DUPLICATES, NULL);
	const char *signer = json_string_value(json_object_get(j, "signer"));
	CLEANUP(free_json) json_t *want = statement(hex, e->at, signer);
	CLEANUP(free_ptr) char *text = want ? json_dumps(want, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;

	if (!text || (signer && strlen(signer) != 64) || strlen(text) + 1 != e->n || memcmp(text, e->frame + HEAD, e->n - 1) ||
	    e->frame[HEAD + e->n - 1] != '\n')
		return err_set(err, ERR_BENCH, "its bytes are not those that were stated: altered");
	ret->is_signed = signer != NULL;
	snprintf(ret->signer, sizeof(ret->signer), "%s", signer ? signer : "");
	return (signer != NULL) == (e->n_sig > 0) || err_set(err, ERR_BENCH, signer ? "its signature is missing" : "a signature that the statement does not name");
}

/* For a moment, so nobody waits for the disk. */
static bool spill(const char *path, const void *p, size_t n, struct err *err)
{
	CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? err_sys(err, "%s", path) : fs_write_all(fd, p, n, err);
}

static bool is_signed(const struct end *e, const char *key, const char *work, struct bundle_seen *ret, struct err *err)
{
	char path[FS_PATH], sig[FS_PATH], by[HASH_HEX] = "";
	bool ok = false, read;

	if (!fs_join(path, work, "statement", err) || !sig_name(sig, path, err) || !spill(path, e->frame + HEAD, e->n, err) ||
	    !spill(sig, e->frame + HEAD + e->n, e->n_sig, err))
		return false;
	read = sign_check(path, key, &ok, &ret->pinned, by, err);
	unlink(path);
	unlink(sig);
	if (!read && (err->kind == ERR_OS || (key && ok)))
		return false;           /* the key that was given is none, or cannot be read */
	return (read && ok && !strcmp(by, ret->signer)) || err_set(err, ERR_BENCH, "its signature is not that of its signer");
}

bool bundle_stated(int fd, const char *key, const char *work, int64_t *ret_size, struct bundle_seen *ret, struct err *err)
{
	CLEANUP(free_ptr) struct end *e = calloc(1, sizeof(*e));
	char hex[HASH_HEX];

	*ret = (struct bundle_seen){ 0 };
	if (!e)
		return err_set(err, ERR_OS, "out of memory");
	if (!find_end(fd, e, err) || !hash_of(fd, e->at, hex, err) || !states(e, hex, ret, err) ||
	    (ret->is_signed && !is_signed(e, key, work, ret, err)))
		return false;
	*ret_size = e->at;
	ret->size = e->at + HEAD + get32(e->frame + 4);
	return true;
}
