// SPDX-License-Identifier: Apache-2.0
#include "harness/sign.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "harness/base/hash.h"

#define FILE_MAX ((size_t)256 << 20)
#define SIG_MAX ((size_t)64 << 10)
#define SIG_BYTES 64

static void free_key(EVP_PKEY **k) { EVP_PKEY_free(*k); }
static void free_bio(BIO **b) { BIO_free(*b); }
static void free_md(EVP_MD_CTX **m) { EVP_MD_CTX_free(*m); }

static bool read_key(const char *path, bool is_private, EVP_PKEY **ret, struct err *err)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");

	if (!f)
		return err_sys(err, "%s", path);
	*ret = is_private ? PEM_read_PrivateKey(f, NULL, NULL, (void *)"") : PEM_read_PUBKEY(f, NULL, NULL, NULL);
	if (*ret && EVP_PKEY_get_id(*ret) == EVP_PKEY_ED25519)
		return true;
	EVP_PKEY_free(*ret);
	*ret = NULL;
	return err_set(err, ERR_CONF, "%s: not an Ed25519 %s key in PEM form", path, is_private ? "private" : "public");
}

/* PEM text of the public half; malloc'd. */
static char *public_pem(EVP_PKEY *key)
{
	CLEANUP(free_bio) BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long n;

	if (!b || !PEM_write_bio_PUBKEY(b, key))
		return NULL;
	n = BIO_get_mem_data(b, &p);
	return strndup(p, (size_t)n);
}

static bool from_hex(const char *hex, unsigned char *out, size_t n)
{
	if (!hex || strlen(hex) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], 0 }, *end;

		out[i] = (unsigned char)strtoul(pair, &end, 16);
		if (end != pair + 2 || pair[0] == '-' || pair[0] == '+' || pair[0] == ' ')
			return false;
	}
	return true;
}

static bool sig_path(char path[static FS_PATH], const char *file, struct err *err)
{
	if (snprintf(path, FS_PATH, "%s.sig", file) >= FS_PATH)
		return err_set(err, ERR_LIMIT, "%s: path too long", file);
	return true;
}

bool sign_file(const char *file, const char *key, struct err *err)
{
	CLEANUP(free_key) EVP_PKEY *k = NULL;
	CLEANUP(free_md) EVP_MD_CTX *m = EVP_MD_CTX_new();
	CLEANUP(free_ptr) char *data = NULL;
	CLEANUP(free_ptr) char *pem = NULL;
	CLEANUP(free_json) json_t *j = NULL;
	unsigned char sig[SIG_BYTES];
	char hex[2 * SIG_BYTES + 1], path[FS_PATH];
	size_t n, len = sizeof(sig);

	if (!sig_path(path, file, err) || !read_key(key, true, &k, err) || !fs_read(file, FILE_MAX, &data, &n, err))
		return false;
	pem = public_pem(k);
	if (!m || !pem || EVP_DigestSignInit(m, NULL, NULL, NULL, k) != 1 ||
	    EVP_DigestSign(m, sig, &len, (unsigned char *)data, n) != 1 || len != sizeof(sig))
		return err_set(err, ERR_OS, "%s: cannot sign with %s", file, key);
	for (size_t i = 0; i < sizeof(sig); i++)
		snprintf(hex + 2 * i, 3, "%02x", sig[i]);
	j = json_pack("{s:s,s:s}", "public", pem, "signature", hex);
	return fs_write_json(path, j, err);
}

bool sign_check(const char *file, const char *key, bool *ret_ok, bool *ret_pinned, char ret_signer[static 65], struct err *err)
{
	CLEANUP(free_key) EVP_PKEY *k = NULL;
	CLEANUP(free_key) EVP_PKEY *pin = NULL;
	CLEANUP(free_md) EVP_MD_CTX *m = EVP_MD_CTX_new();
	CLEANUP(free_ptr) char *data = NULL;
	CLEANUP(free_json) json_t *j = NULL;
	CLEANUP(free_bio) BIO *b = NULL;
	unsigned char sig[SIG_BYTES];
	const char *pem;
	char path[FS_PATH];
	size_t n;

	*ret_ok = *ret_pinned = false;
	if (!sig_path(path, file, err) || !fs_read_json(path, SIG_MAX, &j, err) || !fs_read(file, FILE_MAX, &data, &n, err) ||
	    (key && !read_key(key, false, &pin, err)))
		return false;
	pem = json_string_value(json_object_get(j, "public"));
	b = pem ? BIO_new_mem_buf(pem, -1) : NULL;
	k = b ? PEM_read_bio_PUBKEY(b, NULL, NULL, NULL) : NULL;
	if (!m || !k || EVP_PKEY_get_id(k) != EVP_PKEY_ED25519 ||
	    !from_hex(json_string_value(json_object_get(j, "signature")), sig, sizeof(sig)))
		return err_set(err, ERR_CONF, "%s: not a signature", path);
	hash_text(pem, strlen(pem), ret_signer);
	*ret_ok = EVP_DigestVerifyInit(m, NULL, NULL, NULL, k) == 1 &&
		  EVP_DigestVerify(m, sig, sizeof(sig), (unsigned char *)data, n) == 1;
	*ret_pinned = *ret_ok && pin && EVP_PKEY_eq(pin, k) == 1;
	return true;
}
