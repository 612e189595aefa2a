// SPDX-License-Identifier: Apache-2.0
#include "harness/sign.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"
#include "harness/sign_key.h"

#define FILE_MAX ((size_t)256 << 20)
#define SIG_MAX ((size_t)64 << 10)
#define SIG_BYTES SIGN_BYTES
#define KEYS_MAX 100                    /* public keys in one file */

static void free_key(EVP_PKEY **k) { EVP_PKEY_free(*k); }
static void free_bio(BIO **b) { BIO_free(*b); }
static void free_md(EVP_MD_CTX **m) { EVP_MD_CTX_free(*m); }

/* Is `key` one of the public keys in a PEM file? False in *ret_one when not; an error when the file holds none. */
static bool is_one_of(const char *path, EVP_PKEY *key, bool *ret_one, struct err *err)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	unsigned n = 0;
	EVP_PKEY *k;

	*ret_one = false;
	if (!f)
		return err_sys(err, "%s", path);
	for (; n < KEYS_MAX && (k = PEM_read_PUBKEY(f, NULL, NULL, NULL)); n++) {
		bool fits = EVP_PKEY_get_id(k) == EVP_PKEY_ED25519;

		*ret_one |= fits && key && EVP_PKEY_eq(k, key) == 1;
		EVP_PKEY_free(k);
		if (!fits)
			return err_set(err, ERR_CONF, "%s: not an Ed25519 public key in PEM form", path);
	}
	ERR_clear_error();
	return n || err_set(err, ERR_CONF, "%s: not an Ed25519 public key in PEM form", path);
}

static void to_hex(const unsigned char *p, size_t n, char *hex)
{
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", p[i]);
}

static bool from_hex(const char *hex, unsigned char *out, size_t n)
{
	if (!hex || strlen(hex) != 2 * n || strspn(hex, "0123456789abcdef") != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		out[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return true;
}

/* What stands in FILE.sig; new reference. */
static json_t *sig_json(const char *pem, const unsigned char sig[static SIG_BYTES])
{
	char hex[2 * SIG_BYTES + 1];

	to_hex(sig, SIG_BYTES, hex);
	return json_pack("{s:s,s:s}", "public", pem, "signature", hex);
}

/* Base64, blanks, line ends and escapes can say the same in many ways. Only one is ours, so that no byte changes unseen. */
static bool is_ours(EVP_PKEY *key, const unsigned char sig[static SIG_BYTES], const char *text, size_t n)
{
	CLEANUP(free_bio) BIO *b = BIO_new(BIO_s_mem());
	CLEANUP(free_json) json_t *j = NULL;
	CLEANUP(free_ptr) char *ours = NULL;
	char *pem;

	if (!b || !PEM_write_bio_PUBKEY(b, key) || BIO_write(b, "", 1) != 1 || BIO_get_mem_data(b, &pem) <= 0)
		return false;
	j = sig_json(pem, sig);
	ours = json_dumps(j, JSON_INDENT(1) | JSON_SORT_KEYS);
	return ours && strlen(ours) + 1 == n && !memcmp(ours, text, n - 1) && text[n - 1] == '\n';
}

static bool sig_path(char path[static FS_PATH], const char *file, struct err *err)
{
	if (snprintf(path, FS_PATH, "%s.sig", file) >= FS_PATH)
		return err_set(err, ERR_LIMIT, "%s: path too long", file);
	return true;
}

bool sign_where(char ret[static FS_PATH])
{
	const char *key = getenv("JUSAN_KEY"), *home = getenv("HOME");

	if (key && *key)
		return snprintf(ret, FS_PATH, "%s", key) < FS_PATH;
	return home && snprintf(ret, FS_PATH, "%s" SIGN_DEFAULT, home) < FS_PATH && access(ret, R_OK) == 0;
}

bool sign_ready(struct err *err)
{
	struct sign_key *k = NULL;
	char where[FS_PATH];

	if (!sign_where(where))
		return true;
	if (!sign_key_open(where, &k, err))
		return false;
	sign_key_close(k);
	return true;
}

static void close_key(struct sign_key **k) { sign_key_close(*k); }

bool sign_with(const char *file, struct sign_key *k, struct err *err)
{
	CLEANUP(free_ptr) char *data = NULL;
	CLEANUP(free_json) json_t *j = NULL;
	unsigned char sig[SIG_BYTES];
	char path[FS_PATH];
	size_t n;

	if (!sig_path(path, file, err) || !fs_read(file, FILE_MAX, &data, &n, err) || !sign_key_sign(k, data, n, sig, err))
		return err_in(err, "%s: cannot sign", file);
	j = sig_json(sign_key_public(k), sig);
	return fs_write_json(path, j, err);
}

bool sign_file(const char *file, const char *key, struct err *err)
{
	CLEANUP(close_key) struct sign_key *k = NULL;
	char name[200];

	return sign_key_open(key, &k, err) &&
	       (sign_with(file, k, err) || err_in(err, "key %s", sign_key_name(key, name, sizeof(name))));
}

bool sign_check(const char *file, const char *key, bool *ret_ok, bool *ret_pinned, char ret_signer[static 65], struct err *err)
{
	CLEANUP(free_key) EVP_PKEY *k = NULL;
	CLEANUP(free_md) EVP_MD_CTX *m = EVP_MD_CTX_new();
	CLEANUP(free_ptr) char *data = NULL;
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(free_json) json_t *j = NULL;
	CLEANUP(free_bio) BIO *b = NULL;
	unsigned char sig[SIG_BYTES];
	const char *pem;
	char path[FS_PATH];
	bool listed = false;
	size_t n, n_text;

	*ret_ok = *ret_pinned = false;
	if (!sig_path(path, file, err) || !fs_read(path, SIG_MAX, &text, &n_text, err) || !fs_read(file, FILE_MAX, &data, &n, err))
		return false;
	j = json_loadb(text, n_text, JSON_REJECT_DUPLICATES, NULL);
	pem = json_string_value(json_object_get(j, "public"));
	b = pem ? BIO_new_mem_buf(pem, -1) : NULL;
	k = b ? PEM_read_bio_PUBKEY(b, NULL, NULL, NULL) : NULL;
	if (!m || !k || EVP_PKEY_get_id(k) != EVP_PKEY_ED25519 ||
	    !from_hex(json_string_value(json_object_get(j, "signature")), sig, sizeof(sig)) || !is_ours(k, sig, text, n_text))
		return err_set(err, ERR_CONF, "%s: not a signature", path);
	hash_text(pem, strlen(pem), ret_signer);
	*ret_ok = EVP_DigestVerifyInit(m, NULL, NULL, NULL, k) == 1 &&
		  EVP_DigestVerify(m, sig, sizeof(sig), (unsigned char *)data, n) == 1;
	if (key && !is_one_of(key, k, &listed, err))
		return false;
	*ret_pinned = *ret_ok && listed;
	return true;
}
