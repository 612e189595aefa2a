// SPDX-License-Identifier: Apache-2.0
#include "probes/service/cert.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define DAY 86400

const char *const cert_word[] = {
#define X(name, doc) #name,
	CERT_KINDS(X)
#undef X
	NULL
};
const char *const cert_doc[] = {
#define X(name, doc) doc,
	CERT_KINDS(X)
#undef X
	NULL
};

struct issuer { X509 *cert; EVP_PKEY *key; };   /* cert NULL = the certificate signs itself */

static bool ssl_err(struct err *err, const char *what)
{
	char text[160] = "";

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	return err_set(err, ERR_OS, "%s: %s", what, text);
}

static bool add_ext(X509 *x, X509 *issuer, int nid, const char *value, struct err *err)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok || ssl_err(err, "certificate extension");
}

static bool set_name(X509 *x, const char *cn, struct err *err)
{
	X509_NAME *n = X509_get_subject_name(x);

	/* a CN has at most 64 characters; the DNS name is what counts */
	return X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)cn,
					  (int)(strlen(cn) < 64 ? strlen(cn) : 64), -1, 0) == 1 || ssl_err(err, "subject");
}

static bool set_serial(X509 *x, struct err *err)
{
	uint64_t serial = 0;

	return (RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
		ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1 | 1)) || ssl_err(err, "serial");
}

/* Version 3, serial, dates, key; no subject, no extension yet. */
static X509 *blank(EVP_PKEY *key, int64_t from_s, int64_t until_s, struct err *err)
{
	X509 *x = X509_new();

	if (x && X509_set_version(x, 2) && set_serial(x, err) && ASN1_TIME_set(X509_getm_notBefore(x), from_s) &&
	    ASN1_TIME_set(X509_getm_notAfter(x), until_s) && X509_set_pubkey(x, key))
		return x;
	X509_free(x);
	ssl_err(err, "certificate");
	return NULL;
}

static bool sign(X509 *x, const struct issuer *by, EVP_PKEY *own, const EVP_MD *md, struct err *err)
{
	X509_NAME *name = X509_get_subject_name(by->cert ? by->cert : x);

	return (X509_set_issuer_name(x, name) && X509_sign(x, by->cert ? by->key : own, md) > 0) ||
	       ssl_err(err, "sign certificate");
}

static bool load_ca(const char *ca, const char *ca_key, struct issuer *ret, struct err *err)
{
	BIO *b = ca ? BIO_new_file(ca, "r") : NULL, *k = ca_key ? BIO_new_file(ca_key, "r") : NULL;

	ret->cert = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
	ret->key = k ? PEM_read_bio_PrivateKey(k, NULL, NULL, NULL) : NULL;
	BIO_free(b);
	BIO_free(k);
	ERR_clear_error();
	if (ret->cert && ret->key)
		return true;
	return err_set(err, ERR_CONF, "this certificate must be signed by the CA that the device trusts: give ca: and "
		       "ca_key: of the peer (%s, %s)", ca ? ca : "no ca", ca_key ? ca_key : "no ca_key");
}

/* A CA below `by` (by->cert NULL = a root) that carries the name of `like`, or of a stranger. */
static bool make_ca(const struct issuer *by, X509 *like, const char *constraint, int64_t now_s, struct issuer *ret,
		    struct err *err)
{
	X509 *x;

	ret->key = EVP_EC_gen("P-256");
	if (!ret->key)
		return ssl_err(err, "CA key");
	ret->cert = x = blank(ret->key, now_s - DAY, now_s + 365 * DAY, err);
	if (!x || !(like ? X509_set_subject_name(x, X509_get_subject_name(like)) == 1 :
		    set_name(x, constraint ? "Constrained CA" : "Unknown CA", err)))
		return false;
	return add_ext(x, x, NID_basic_constraints, "critical,CA:TRUE", err) &&
	       add_ext(x, x, NID_key_usage, "critical,keyCertSign,cRLSign", err) &&
	       add_ext(x, x, NID_subject_key_identifier, "hash", err) &&
	       (!constraint || add_ext(x, x, NID_name_constraints, constraint, err)) &&
	       sign(x, by, ret->key, EVP_sha256(), err);
}

static void issuer_free(struct issuer *i)
{
	X509_free(i->cert);
	EVP_PKEY_free(i->key);
}

static bool find_issuer(enum cert_kind kind, const char *ca, const char *ca_key, int64_t now_s, struct issuer *ret,
			struct err *err)
{
	struct issuer trusted = { 0 };
	struct err skip = { 0 };
	bool ok;

	if (kind == CERT_self_signed)
		return true;
	ok = load_ca(ca, ca_key, &trusted, kind == CERT_unknown_ca ? &skip : err);
	if (kind == CERT_unknown_ca)
		ok = make_ca(&(struct issuer){ 0 }, trusted.cert, NULL, now_s, ret, err);
	else if (ok && kind == CERT_name_constraints)
		ok = make_ca(&trusted, NULL, "critical,permitted;DNS:elsewhere.invalid", now_s, ret, err);
	else if (ok) {
		*ret = trusted;
		return true;
	}
	issuer_free(&trusted);
	return ok;
}

static EVP_PKEY *make_key(enum cert_kind kind)
{
	return kind == CERT_weak_key ? EVP_RSA_gen(1024) : EVP_EC_gen("P-256");
}

static bool make_leaf(enum cert_kind kind, const char *host, int64_t now_s, const struct issuer *by, struct cert *c,
		      struct err *err)
{
	const char *name = kind == CERT_wrong_name ? "elsewhere.invalid" : host;
	int64_t from = now_s + (kind == CERT_not_yet_valid ? 30 : kind == CERT_expired ? -400 : -1) * DAY;
	int64_t until = kind == CERT_expired ? now_s - DAY : from + 300 * DAY;
	char san[300];
	X509 *x, *ca;

	snprintf(san, sizeof(san), "DNS:%s", name);
	c->leaf = x = blank(c->key, from, until, err);
	ca = by->cert ? by->cert : x;
	return x && set_name(x, name, err) && add_ext(x, ca, NID_basic_constraints, "critical,CA:FALSE", err) &&
	       add_ext(x, ca, NID_key_usage, kind == CERT_weak_key ? "critical,digitalSignature,keyEncipherment" :
		       "critical,digitalSignature", err) &&
	       add_ext(x, ca, NID_ext_key_usage, kind == CERT_wrong_usage ? "clientAuth" : "serverAuth", err) &&
	       add_ext(x, ca, NID_subject_alt_name, san, err) &&
	       sign(x, by, c->key, kind == CERT_sha1 ? EVP_sha1() : EVP_sha256(), err);
}

/* The host becomes part of an extension's text. */
static bool host_ok(const char *host)
{
	size_t n = strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.");

	return n && n < 254 && !host[n];
}

bool cert_make(enum cert_kind kind, const char *host, const char *ca, const char *ca_key, int64_t now_s,
	       struct cert *ret, struct err *err)
{
	struct issuer by = { 0 };
	bool ok;

	*ret = (struct cert){ 0 };
	if (!host_ok(host))
		return err_set(err, ERR_CONF, "'%s' is no host name", host);
	ret->key = make_key(kind);
	ok = (ret->key || ssl_err(err, "key")) && find_issuer(kind, ca, ca_key, now_s, &by, err) &&
	     make_leaf(kind, host, now_s, &by, ret, err);
	if (ok && by.cert && (kind == CERT_unknown_ca || kind == CERT_name_constraints) && X509_up_ref(by.cert))
		ret->chain = by.cert;
	issuer_free(&by);
	if (!ok)
		cert_free(ret);
	return ok;
}

void cert_free(struct cert *c)
{
	X509_free(c->leaf);
	X509_free(c->chain);
	EVP_PKEY_free(c->key);
	*c = (struct cert){ 0 };
}
