// SPDX-License-Identifier: Apache-2.0
// Each certificate is refused for exactly its fault, by OpenSSL's own verification.
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/test.h"
#include "probes/service/cert.h"

#define HOST "cloud.hearth.example"

static char dir[] = "/tmp/jusan-cert-XXXXXX", ca_pem[64], ca_key[64];
static X509 *ca;

/* A root CA in files, as a vendor would have. */
static void make_ca_files(void)
{
	struct cert c = { 0 };
	struct err err = { 0 };
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(ca_pem, sizeof(ca_pem), "%s/ca.pem", dir);
	snprintf(ca_key, sizeof(ca_key), "%s/ca.key", dir);
	ck_assert(cert_make(CERT_unknown_ca, HOST, NULL, NULL, clock_wall_ns() / SEC(1), &c, &err));
	ca = c.chain;
	ck_assert(X509_up_ref(ca));
	cert_free(&c);
	/* that CA's key is thrown away, so sign a new root of our own with the same tools */
	c.key = EVP_EC_gen("P-256");
	ck_assert(X509_set_pubkey(ca, c.key) && X509_sign(ca, c.key, EVP_sha256()) > 0);
	f = fopen(ca_pem, "w");
	ck_assert(PEM_write_X509(f, ca));
	fclose(f);
	f = fopen(ca_key, "w");
	ck_assert(PEM_write_PrivateKey(f, c.key, NULL, NULL, 0, NULL, NULL));
	fclose(f);
	cert_free(&c);
}

static void drop_ca_files(void)
{
	unlink(ca_pem);
	unlink(ca_key);
	rmdir(dir);
	X509_free(ca);
}

/* level: OpenSSL's security level; 2 refuses SHA-1 signatures and RSA below 2048 bits. */
static int verify(const struct cert *c, int level)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *chain = sk_X509_new_null();
	int code;

	X509_STORE_add_cert(store, ca);
	if (c->chain)
		sk_X509_push(chain, c->chain);
	X509_STORE_CTX_init(ctx, store, c->leaf, chain);
	X509_STORE_CTX_set_default(ctx, "ssl_server");
	X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(ctx), HOST, 0);
	X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(ctx), level);
	code = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
	sk_X509_free(chain);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return code;
}

/* second: another code that OpenSSL may give for the same fault. */
static const struct { enum cert_kind kind; int level, code, second; } row[] = {
	{ CERT_good,             2, X509_V_OK, 0 },
	{ CERT_old_protocol,     2, X509_V_OK, 0 },
	{ CERT_self_signed,      2, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0 },
	{ CERT_unknown_ca,       2, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_SIGNATURE_FAILURE },
	{ CERT_wrong_name,       2, X509_V_ERR_HOSTNAME_MISMATCH, 0 },
	{ CERT_expired,          2, X509_V_ERR_CERT_HAS_EXPIRED, 0 },
	{ CERT_not_yet_valid,    2, X509_V_ERR_CERT_NOT_YET_VALID, 0 },
	{ CERT_weak_key,         2, X509_V_ERR_EE_KEY_TOO_SMALL, 0 },
	{ CERT_wrong_usage,      2, X509_V_ERR_INVALID_PURPOSE, 0 },
	{ CERT_sha1,             2, X509_V_ERR_CA_MD_TOO_WEAK, 0 },
	{ CERT_name_constraints, 2, X509_V_ERR_PERMITTED_VIOLATION, 0 },
	/* and nothing else is wrong with those that only a strict client refuses */
	{ CERT_weak_key,         0, X509_V_OK, 0 },
	{ CERT_sha1,             0, X509_V_OK, 0 },
};
START_TEST(kinds)
{
	struct cert c;
	struct err err = { 0 };
	int code;

	make_ca_files();
	ck_assert_msg(cert_make(row[_i].kind, HOST, ca_pem, ca_key, clock_wall_ns() / SEC(1), &c, &err), "%s: %s",
		      cert_word[row[_i].kind], err.text);
	code = verify(&c, row[_i].level);
	ck_assert_msg(code == row[_i].code || (row[_i].second && code == row[_i].second), "%s: %s", cert_word[row[_i].kind],
		      X509_verify_cert_error_string(code));
	cert_free(&c);
	drop_ca_files();
}
END_TEST

START_TEST(needs)
{
	struct cert c;
	struct err err = { 0 };
	int64_t now = clock_wall_ns() / SEC(1);

	ck_assert(!cert_make(CERT_expired, HOST, NULL, NULL, now, &c, &err));
	ck_assert_int_eq(err.kind, ERR_CONF);
	ck_assert(!cert_make(CERT_good, HOST, "/nonexistent", "/nonexistent", now, &c, &err));
	ck_assert(!cert_make(CERT_self_signed, "a,DNS:b", NULL, NULL, now, &c, &err));
	ck_assert(!cert_make(CERT_self_signed, "", NULL, NULL, now, &c, &err));
	ck_assert(cert_make(CERT_self_signed, HOST, NULL, NULL, now, &c, &err));
	cert_free(&c);
}
END_TEST

TEST_MAIN({ "kinds", kinds, ROWS(row) }, { "needs", needs, 1 })
