// SPDX-License-Identifier: Apache-2.0
#include "harness/sign_key.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/cleanup.h"

struct sign_key {
	EVP_PKEY *key;                  /* private half, or only the public one of a key in a token */
	struct p11_key *token;          /* NULL: key signs itself */
	char *pem;
};

static void free_bio(BIO **b) { BIO_free(*b); }
static void free_md(EVP_MD_CTX **m) { EVP_MD_CTX_free(*m); }
static void free_key(EVP_PKEY **k) { EVP_PKEY_free(*k); }

const char *sign_key_name(const char *where, char *buf, size_t n)
{
	const char *pin = strstr(where, "pin-value=");
	size_t len = pin ? (size_t)(pin - where) + strlen("pin-value=") : strlen(where);

	snprintf(buf, n, "%.*s%s", (int)(len < n ? len : n), where, pin ? "..." : "");
	return buf;
}

static bool is_uri(const char *where)
{
	const char *p = where;

	if (!isalpha((unsigned char)*p))
		return false;
	while (isalnum((unsigned char)*p) || (*p && strchr("+-.", *p)))
		p++;
	return *p == ':' && p > where + 1;
}

/* ---- OpenSSL's store ---- */
static int passphrase(char *buf, int size, int writing, void *data)
{
	const char *pin = getenv("JUSAN_KEY_PIN");

	(void)writing;
	(void)data;
	return pin && (int)strlen(pin) < size ? snprintf(buf, (size_t)size, "%s", pin) : -1;
}

static EVP_PKEY *from_store(const char *where)
{
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(passphrase, 0);
	OSSL_STORE_CTX *store = ui ? OSSL_STORE_open(where, ui, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key = NULL;

	if (store)
		(void)!OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
	while (store && !key && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (!info)
			break;
		if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			key = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	if (store)
		OSSL_STORE_close(store);
	UI_destroy_method(ui);
	ERR_clear_error();
	return key;
}

/* ---- either ---- */
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

static bool load(const char *where, struct sign_key *k, struct err *err)
{
	unsigned char public[32];
	char name[200];

	if (!is_uri(where)) {
		CLEANUP(close_file) FILE *f = fopen(where, "re");

		if (!f)
			return err_sys(err, "%s", where);
	}
	k->key = from_store(where);
	if (!k->key && !strncmp(where, "pkcs11:", 7)) {
		if (!p11_open(where, &k->token, public, err))
			return false;
		k->key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, sizeof(public));
	}
	if (!k->key || !EVP_PKEY_is_a(k->key, "ED25519"))
		return err_set(err, ERR_CONF, "%s: %s", sign_key_name(where, name, sizeof(name)), k->key ? "its key is not of the kind Ed25519" :
			       "not an Ed25519 private key (or its passphrase in $JUSAN_KEY_PIN is wrong)");
	k->pem = public_pem(k->key);
	return k->pem || err_set(err, ERR_CONF, "%s: its public half cannot be had", sign_key_name(where, name, sizeof(name)));
}

bool sign_key_open(const char *where, struct sign_key **ret, struct err *err)
{
	struct sign_key *k = calloc(1, sizeof(*k));

	if (!k)
		return err_set(err, ERR_OS, "out of memory");
	if (!load(where, k, err)) {
		sign_key_close(k);
		return false;
	}
	*ret = k;
	return true;
}

struct sign_key *sign_key_close(struct sign_key *k)
{
	if (k) {
		p11_close(k->token);
		EVP_PKEY_free(k->key);
		free(k->pem);
		free(k);
	}
	return NULL;
}

const char *sign_key_public(const struct sign_key *k)
{
	return k->pem;
}

/* What is written must hold: with a key in a token, its public half could be that of another. */
static bool holds(const struct sign_key *k, const void *p, size_t n, const unsigned char sig[static SIGN_BYTES])
{
	CLEANUP(free_bio) BIO *b = BIO_new_mem_buf(k->pem, -1);
	CLEANUP(free_key) EVP_PKEY *public = b ? PEM_read_bio_PUBKEY(b, NULL, NULL, NULL) : NULL;
	CLEANUP(free_md) EVP_MD_CTX *m = EVP_MD_CTX_new();

	return m && public && EVP_DigestVerifyInit(m, NULL, NULL, NULL, public) == 1 && EVP_DigestVerify(m, sig, SIGN_BYTES, p, n) == 1;
}

bool sign_key_sign(struct sign_key *k, const void *p, size_t n, unsigned char ret[static SIGN_BYTES], struct err *err)
{
	CLEANUP(free_md) EVP_MD_CTX *m = EVP_MD_CTX_new();
	size_t len = SIGN_BYTES;

	if (k->token) {
		if (!p11_sign(k->token, p, n, ret, err))
			return false;
	} else if (!m || EVP_DigestSignInit(m, NULL, NULL, NULL, k->key) != 1 || EVP_DigestSign(m, ret, &len, p, n) != 1 || len != SIGN_BYTES) {
		return err_set(err, ERR_OS, "the key does not sign");
	}
	return holds(k, p, n, ret) || err_set(err, ERR_OS, "the key signs, but its public half does not confirm it");
}

/* ---- a new one ---- */
/* The file is made before the key is, readable by nobody else, and only when it is not there. */
static bool write_new(const char *path, EVP_PKEY *key, struct err *err)
{
	CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f;
	bool ok;

	if (fd < 0)
		return errno == EEXIST ? err_set(err, ERR_CONF, "%s is there already: a key is never written over", path) : err_sys(err, "%s", path);
	if (fchmod(fd, 0600) < 0 || !(f = fdopen(fd, "w"))) {
		(void)!unlink(path);
		return err_sys(err, "%s", path);
	}
	(void)take_fd(&fd);
	ok = PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1 && fflush(f) == 0 && fsync(fileno(f)) == 0;
	ok = fclose(f) == 0 && ok;
	if (!ok)
		(void)!unlink(path);
	return ok || err_set(err, ERR_OS, "%s: cannot be written", path);
}

bool sign_key_make(const char *path, struct err *err)
{
	CLEANUP(free_key) EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	return key ? write_new(path, key, err) : err_set(err, ERR_OS, "OpenSSL made no key");
}
