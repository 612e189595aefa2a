/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ssh/hostkey.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"
#include "probes/ssh/kexinit.h"

static const struct { const char *type; unsigned bits, bytes; } curves[] = {
	{ "ssh-ed25519", 256, 32 }, { "ssh-ed448", 456, 57 }, { "ecdsa-sha2-nistp256", 256, 65 },
	{ "ecdsa-sha2-nistp384", 384, 97 }, { "ecdsa-sha2-nistp521", 521, 133 },
};

static void print_fingerprint(struct span blob, char ret[static 52])
{
	unsigned char md[EVP_MAX_MD_SIZE], text[64];
	unsigned n = 0;

	EVP_Digest(blob.p, blob.n, md, &n, EVP_sha256(), NULL);
	EVP_EncodeBlock(text, md, (int)n);
	text[strcspn((char *)text, "=")] = '\0';
	snprintf(ret, 52, "SHA256:%.43s", text);
}

static bool read_type(struct span *blob, struct hostkey *ret)
{
	struct span type;

	if (!ssh_take_string(blob, &type) || !type.n || type.n > SSH_NAME)
		return false;
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] <= ' ' || type.p[i] >= 127)
			return false;
	memcpy(ret->type, type.p, type.n);
	return true;
}

/* The point of a curve, or the public key of an Edwards one: of the length its curve has. */
static bool read_curve(struct span blob, const char *type, unsigned *ret_bits)
{
	struct span name, point;

	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (strcmp(type, curves[i].type))
			continue;
		*ret_bits = curves[i].bits;
		return (strncmp(type, "ecdsa-", 6) || ssh_take_string(&blob, &name)) && ssh_take_string(&blob, &point) &&
		       point.n == curves[i].bytes;
	}
	return true;                    /* not a type we know: its size stays 0 */
}

/* ---- the same key as certificates have it ---- */
static EVP_PKEY *of_params(const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *rsa_key(struct span blob, OSSL_PARAM_BLD *build)
{
	struct span e, n;
	BIGNUM *exponent, *modulus;
	EVP_PKEY *key = NULL;

	if (!ssh_take_string(&blob, &e) || !ssh_take_string(&blob, &n))
		return NULL;
	exponent = BN_bin2bn(e.p, (int)e.n, NULL);
	modulus = BN_bin2bn(n.p, (int)n.n, NULL);
	if (exponent && modulus && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) == 1)
		key = of_params("RSA", build);
	BN_free(exponent);
	BN_free(modulus);
	return key;
}

static EVP_PKEY *curve_key(struct span blob, const char *type, OSSL_PARAM_BLD *build)
{
	struct span name, point;

	if (!strcmp(type, "ssh-ed25519"))
		return ssh_take_string(&blob, &point) ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point.p, point.n) : NULL;
	if (strncmp(type, "ecdsa-sha2-nistp", 16) || !ssh_take_string(&blob, &name) || !ssh_take_string(&blob, &point))
		return NULL;
	if (OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
					    type[16] == '2' ? "P-256" : type[16] == '3' ? "P-384" : "P-521", 0) != 1 ||
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n) != 1)
		return NULL;
	return of_params("EC", build);
}

static void read_spki(struct span blob, struct hostkey *ret)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = !build ? NULL : !strcmp(ret->type, "ssh-rsa") ? rsa_key(blob, build) : curve_key(blob, ret->type, build);
	unsigned char *der = NULL;
	int n = key ? i2d_PUBKEY(key, &der) : 0;

	if (n > 0)
		hash_bytes(der, (size_t)n, ret->spki);
	ret->has_spki = n > 0;
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	OSSL_PARAM_BLD_free(build);
	ERR_clear_error();
}

bool hostkey_read(struct span blob, struct hostkey *ret)
{
	struct span rest = blob;
	unsigned exponent;
	bool rsa;

	memset(ret, 0, sizeof(*ret));
	if (!read_type(&rest, ret))
		return false;
	print_fingerprint(blob, ret->fingerprint);
	read_spki(rest, ret);
	rsa = !strcmp(ret->type, "ssh-rsa");
	ret->factored = rsa || !strcmp(ret->type, "ssh-dss");
	if (!ret->factored)
		return read_curve(rest, ret->type, &ret->bits);
	return (!rsa || ssh_take_mpint(&rest, &exponent)) && ssh_take_mpint(&rest, &ret->bits) && ret->bits;
}
