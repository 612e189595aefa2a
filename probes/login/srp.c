// SPDX-License-Identifier: Apache-2.0
#include "probes/login/srp.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <string.h>

#define TRIES 64                /* for a value without leading zeros: each has 255 chances in 256 */

static const uint8_t generator = 5;

struct bytes { const void *p; size_t n; };

static bool hash(const struct bytes *part, size_t parts, uint8_t ret[static SRP_HASH])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = c && EVP_DigestInit_ex(c, EVP_sha512(), NULL);

	for (size_t i = 0; ok && i < parts; i++)
		ok = EVP_DigestUpdate(c, part[i].p, part[i].n);
	ok = ok && EVP_DigestFinal_ex(c, ret, NULL);
	EVP_MD_CTX_free(c);
	return ok;
}
#define HASH(ret, ...) hash((const struct bytes[]){ __VA_ARGS__ }, sizeof((const struct bytes[]){ __VA_ARGS__ }) / sizeof(struct bytes), ret)

static BIGNUM *number(const uint8_t *p, size_t n, BN_CTX *bn)
{
	BIGNUM *ret = BN_CTX_get(bn);

	return ret && BN_bin2bn(p, (int)n, ret) ? ret : NULL;
}

static BIGNUM *hash_number(BN_CTX *bn, const uint8_t h[static SRP_HASH]) { return number(h, SRP_HASH, bn); }

/* x = H(salt | H(user ":" secret)) */
static BIGNUM *private_key(BN_CTX *bn, const char *user, const char *secret, const uint8_t *salt, size_t salt_n)
{
	uint8_t inner[SRP_HASH], x[SRP_HASH];

	if (!HASH(inner, { user, strlen(user) }, { ":", 1 }, { secret, strlen(secret) }) || !HASH(x, { salt, salt_n }, { inner, SRP_HASH }))
		return NULL;
	return hash_number(bn, x);
}

/* k = H(N | PAD(g)) */
static BIGNUM *multiplier(BN_CTX *bn, const uint8_t group[static SRP_GROUP])
{
	uint8_t g[SRP_GROUP] = { 0 }, k[SRP_HASH];

	g[SRP_GROUP - 1] = generator;
	return HASH(k, { group, SRP_GROUP }, { g, SRP_GROUP }) ? hash_number(bn, k) : NULL;
}

/* S = (B - k g^x) ^ (a + u x). Implementations differ in what they do with leading zeros of A and S, so there are none. */
static bool exchange(BN_CTX *bn, const BIGNUM *n, const BIGNUM *x, const BIGNUM *k, const BIGNUM *b, struct srp_proof *ret,
		     uint8_t shared[static SRP_GROUP])
{
	BIGNUM *g = BN_CTX_get(bn), *a = BN_CTX_get(bn), *t = BN_CTX_get(bn), *e = BN_CTX_get(bn), *u, *s = BN_CTX_get(bn);
	uint8_t padded[SRP_GROUP], h[SRP_HASH];

	if (!s || !BN_set_word(g, generator) || !BN_rand(a, 256, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) || !BN_mod_exp(t, g, a, n, bn) ||
	    BN_bn2binpad(t, ret->a, SRP_GROUP) < 0 || BN_bn2binpad(b, padded, SRP_GROUP) < 0 ||
	    !HASH(h, { ret->a, SRP_GROUP }, { padded, SRP_GROUP }) || !(u = hash_number(bn, h)))
		return false;
	return BN_mod_exp(t, g, x, n, bn) && BN_mod_mul(t, k, t, n, bn) && BN_mod_sub(t, b, t, n, bn) && BN_mul(e, u, x, bn) && BN_add(e, e, a) &&
	       BN_mod_exp(s, t, e, n, bn) && BN_bn2binpad(s, shared, SRP_GROUP) >= 0;
}

/* M1 = H(H(N) xor H(g) | H(user) | salt | A | B | K), M2 = H(A | M1 | K), K = H(S) */
static bool proofs(const uint8_t group[static SRP_GROUP], const char *user, struct bytes salt, struct bytes b,
		   const uint8_t shared[static SRP_GROUP], struct srp_proof *ret)
{
	uint8_t both[SRP_HASH], g[SRP_HASH], who[SRP_HASH], key[SRP_HASH];

	if (!HASH(both, { group, SRP_GROUP }) || !HASH(g, { &generator, 1 }) || !HASH(who, { user, strlen(user) }) || !HASH(key, { shared, SRP_GROUP }))
		return false;
	for (size_t i = 0; i < SRP_HASH; i++)
		both[i] ^= g[i];
	return HASH(ret->proof, { both, SRP_HASH }, { who, SRP_HASH }, salt, { ret->a, SRP_GROUP }, b, { key, SRP_HASH }) &&
	       HASH(ret->theirs, { ret->a, SRP_GROUP }, { ret->proof, SRP_HASH }, { key, SRP_HASH });
}

bool srp_prove(const char *user, const char *secret, const uint8_t *salt, size_t salt_n, const uint8_t *b, size_t b_n,
	       struct srp_proof *ret)
{
	BN_CTX *bn = BN_CTX_new();
	BIGNUM *n = BN_get_rfc3526_prime_3072(NULL);    /* RFC 5054 takes the same one */
	uint8_t group[SRP_GROUP], shared[SRP_GROUP] = { 0 };
	const BIGNUM *x, *k, *theirs;
	bool ok;

	*ret = (struct srp_proof){ .a = { 0 } };
	if (bn)
		BN_CTX_start(bn);
	ok = bn && n && BN_bn2binpad(n, group, SRP_GROUP) >= 0 && (x = private_key(bn, user, secret, salt, salt_n)) && (k = multiplier(bn, group)) &&
	     (theirs = number(b, b_n, bn)) && !BN_is_zero(theirs) && BN_cmp(theirs, n) < 0;
	for (int i = 0; ok && i < TRIES && (!ret->a[0] || !shared[0]); i++)
		ok = exchange(bn, n, x, k, theirs, ret, shared);
	ok = ok && proofs(group, user, (struct bytes){ salt, salt_n }, (struct bytes){ b, b_n }, shared, ret);
	if (bn)
		BN_CTX_end(bn);
	BN_CTX_free(bn);
	BN_free(n);
	return ok;
}
