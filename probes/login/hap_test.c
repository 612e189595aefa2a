/* SPDX-License-Identifier: Apache-2.0
 *
 * The proof of a HomeKit code: its list of items, and SRP against the server's half of the same equations. An accessory that nobody
 * here wrote judges both in `make truth`. */
#include <openssl/bn.h>
#include <openssl/evp.h>

#include "harness/base/test.h"
#include "probes/login/srp.h"
#include "probes/login/tlv8.h"

START_TEST(items)
{
	uint8_t key[SRP_GROUP], got[SRP_GROUP];
	struct tlv8 t = { .n = 0 };

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	ck_assert(tlv8_add(&t, 6, "\3", 1) && tlv8_add(&t, 3, key, sizeof(key)) && tlv8_add(&t, 4, "", 0) && tlv8_add(&t, 5, key, 255) &&
		  tlv8_add(&t, 7, "x", 1));
	ck_assert_int_eq(tlv8_get(t.bytes, t.n, 3, got, sizeof(got)), SRP_GROUP);
	ck_assert_mem_eq(key, got, sizeof(key));
	ck_assert_int_eq(tlv8_get(t.bytes, t.n, 6, got, 1), 1);
	ck_assert_int_eq(tlv8_get(t.bytes, t.n, 4, got, 1), 0);
	ck_assert_int_eq(tlv8_get(t.bytes, t.n, 5, got, sizeof(got)), 255);
	ck_assert_int_eq(tlv8_get(t.bytes, t.n, 9, got, sizeof(got)), -1);
	ck_assert_int_eq(tlv8_get(t.bytes, t.n, 3, got, 100), -1);              /* no room */
	ck_assert_int_eq(tlv8_get(t.bytes, t.n - 1, 7, got, sizeof(got)), -1);  /* cut off */
	ck_assert_int_eq(tlv8_get("", 0, 6, got, 1), -1);
	while (tlv8_add(&t, 1, key, 200))
		;
	ck_assert_uint_le(t.n, sizeof(t.bytes));
}
END_TEST

/* ---- the accessory's half (RFC 5054 2.6) ---- */
static BIGNUM *hashed(const void *a, size_t a_n, const void *b, size_t b_n, uint8_t out[static SRP_HASH])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	ck_assert(EVP_DigestInit_ex(c, EVP_sha512(), NULL) && EVP_DigestUpdate(c, a, a_n) && EVP_DigestUpdate(c, b, b_n) &&
		  EVP_DigestFinal_ex(c, out, NULL));
	EVP_MD_CTX_free(c);
	return BN_bin2bn(out, SRP_HASH, NULL);
}

/* S = (A v^u)^b gives what H(A | M1 | H(S)) has to be; true when the client expects just that. */
static bool accessory_agrees(const char *code, const char *typed)
{
	static const uint8_t salt[16] = "0123456789abcdef";
	uint8_t h[SRP_HASH], x_bytes[SRP_HASH], padded[SRP_GROUP] = { 0 }, group[SRP_GROUP], b_bytes[SRP_GROUP], s_bytes[SRP_GROUP],
		both[SRP_GROUP + SRP_HASH];
	BIGNUM *n = BN_get_rfc3526_prime_3072(NULL), *g = BN_new(), *b = BN_new(), *v = BN_new(), *t = BN_new(), *x, *k, *u, *a, *throw;
	BN_CTX *bn = BN_CTX_new();
	struct srp_proof p;
	char inner[64];
	bool agrees;

	snprintf(inner, sizeof(inner), "Pair-Setup:%s", code);
	throw = hashed(inner, strlen(inner), "", 0, h);
	x = hashed(salt, sizeof(salt), h, sizeof(h), x_bytes);
	padded[SRP_GROUP - 1] = 5;
	BN_bn2binpad(n, group, SRP_GROUP);
	k = hashed(group, SRP_GROUP, padded, SRP_GROUP, h);
	ck_assert(BN_set_word(g, 5) && BN_rand(b, 256, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) && BN_mod_exp(v, g, x, n, bn) &&
		  BN_mod_mul(t, k, v, n, bn) && BN_mod_exp(g, g, b, n, bn) && BN_mod_add(t, t, g, n, bn));
	BN_bn2binpad(t, b_bytes, SRP_GROUP);
	ck_assert(srp_prove("Pair-Setup", typed, salt, sizeof(salt), b_bytes, sizeof(b_bytes), &p));
	u = hashed(p.a, SRP_GROUP, b_bytes, SRP_GROUP, h);
	a = BN_bin2bn(p.a, SRP_GROUP, NULL);
	ck_assert(BN_mod_exp(t, v, u, n, bn) && BN_mod_mul(t, t, a, n, bn) && BN_mod_exp(t, t, b, n, bn));
	BN_bn2binpad(t, s_bytes, SRP_GROUP);
	BN_free(throw);
	throw = hashed(s_bytes, SRP_GROUP, "", 0, h);
	memcpy(both, p.proof, SRP_HASH);
	memcpy(both + SRP_HASH, h, SRP_HASH);
	BN_free(throw);
	throw = hashed(p.a, SRP_GROUP, both, 2 * SRP_HASH, h);
	agrees = !memcmp(h, p.theirs, SRP_HASH);
	for (BIGNUM **all[] = { &n, &g, &b, &v, &t, &x, &k, &u, &a, &throw }, ***i = all; i < all + sizeof(all) / sizeof(all[0]); i++)
		BN_free(**i);
	BN_CTX_free(bn);
	return agrees;
}

START_TEST(proof)
{
	ck_assert(accessory_agrees("031-45-154", "031-45-154"));
	ck_assert(!accessory_agrees("031-45-154", "031-45-155"));
}
END_TEST

/* Values that would make the shared secret known to everybody, or are none of the group. */
START_TEST(no_value)
{
	uint8_t b[SRP_GROUP + 1] = { 0 };
	BIGNUM *n = BN_get_rfc3526_prime_3072(NULL);
	struct srp_proof p;

	ck_assert(!srp_prove("u", "s", b, 16, b, SRP_GROUP, &p));
	BN_bn2binpad(n, b, SRP_GROUP);
	ck_assert(!srp_prove("u", "s", b, 16, b, SRP_GROUP, &p));
	memset(b, 255, sizeof(b));
	ck_assert(!srp_prove("u", "s", b, 16, b, sizeof(b), &p));
	BN_free(n);
}
END_TEST

TEST_MAIN({ "items", items, 1 }, { "proof", proof, 1 }, { "no value", no_value, 1 })
