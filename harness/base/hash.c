// SPDX-License-Identifier: Apache-2.0
#include "harness/base/hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>

#include "harness/base/cleanup.h"

void hash_bytes(const void *p, size_t n, uint8_t ret[static 32])
{
	SHA256(p, n, ret);
}

void hash_hex(const uint8_t digest[static 32], char ret[static HASH_HEX])
{
	for (int i = 0; i < 32; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

void hash_text(const void *p, size_t n, char ret[static HASH_HEX])
{
	uint8_t digest[32];

	hash_bytes(p, n, digest);
	hash_hex(digest, ret);
}

bool hash_file(const char *path, char ret[static HASH_HEX], struct err *err)
{
	CLEANUP(close_file) FILE *f = fopen(path, "rb");
	EVP_MD_CTX *ctx;
	uint8_t buf[65536], digest[32];
	size_t n;

	if (!f)
		return err_sys(err, "%s", path);
	ctx = EVP_MD_CTX_new();
	if (!ctx)
		return err_set(err, ERR_OS, "out of memory");
	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		EVP_DigestUpdate(ctx, buf, n);
	EVP_DigestFinal_ex(ctx, digest, NULL);
	EVP_MD_CTX_free(ctx);
	if (ferror(f))
		return err_sys(err, "%s", path);
	hash_hex(digest, ret);
	return true;
}
