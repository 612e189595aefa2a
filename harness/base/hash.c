// SPDX-License-Identifier: Apache-2.0
#include "harness/base/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"

#define CHUNK ((size_t)64 << 10)        /* of a file at once: stays in the cache of one core */

static void free_context(EVP_MD_CTX **c) { EVP_MD_CTX_free(*c); }

/* Looked up once: OpenSSL's search for a digest by its name takes longer than a short line. */
static const EVP_MD *sha256(void)
{
	static EVP_MD *md;

	if (!md)
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
	return md;
}

void hash_bytes(const void *p, size_t n, uint8_t ret[static 32])
{
	static EVP_MD_CTX *context;     /* and made once */

	if (!context)
		context = EVP_MD_CTX_new();
	if (!context || !EVP_DigestInit_ex2(context, sha256(), NULL) || !EVP_DigestUpdate(context, p, n) ||
	    !EVP_DigestFinal_ex(context, ret, NULL))
		abort();
}

void hash_hex(const uint8_t digest[static 32], char ret[static HASH_HEX])
{
	static const char digit[] = "0123456789abcdef";

	for (int i = 0; i < 32; i++) {
		ret[2 * i] = digit[digest[i] >> 4];
		ret[2 * i + 1] = digit[digest[i] & 15];
	}
	ret[64] = '\0';
}

void hash_text(const void *p, size_t n, char ret[static HASH_HEX])
{
	uint8_t digest[32];

	hash_bytes(p, n, digest);
	hash_hex(digest, ret);
}

/* At most so many bytes from where fd stands; *ret_n is how many there were. */
static bool hash_some(int fd, const char *name, uint64_t most, char ret[static HASH_HEX], uint64_t *ret_n, struct err *err)
{
	CLEANUP(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	CLEANUP(free_ptr) uint8_t *buf = malloc(CHUNK);
	uint64_t left = most;
	uint8_t digest[32];
	ssize_t n;

	if (!context || !buf || !EVP_DigestInit_ex2(context, sha256(), NULL))
		return err_set(err, ERR_OS, "out of memory");
	while ((n = read(fd, buf, left < CHUNK ? left : CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "%s", name);
		EVP_DigestUpdate(context, buf, (size_t)n);
		left -= (uint64_t)n;
	}
	EVP_DigestFinal_ex(context, digest, NULL);
	hash_hex(digest, ret);
	*ret_n = most - left;
	return true;
}

bool hash_fd(int fd, const char *name, char ret[static HASH_HEX], struct err *err)
{
	uint64_t n;

	return hash_some(fd, name, UINT64_MAX, ret, &n, err);
}

bool hash_file(const char *path, char ret[static HASH_HEX], struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	struct stat st;

	return fs_open(path, &fd, &st, err) && hash_fd(fd, path, ret, err);
}

bool hash_begin(const char *path, uint64_t size, char ret[static HASH_HEX], struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	struct stat st;
	uint64_t n;

	return fs_open(path, &fd, &st, err) && hash_some(fd, path, size, ret, &n, err) &&
	       (n == size || err_set(err, ERR_LIMIT, "%s: shorter than %llu bytes", path, (unsigned long long)size));
}
