/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/image/keys.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DER_MAX = 16384, PEM_MAX = 24576 };

/* ---- certificates that say nothing of this product ---- */
static bool speaks_of_nobody(const char *subject)
{
	/* OpenSSL's default organisation, Fedora's, Debian's ssl-cert, and what examples are made of */
	static const char *const words[] = { "Internet Widgits", "Default Company Ltd", "snakeoil", "CN=localhost", "example.com",
					     "example.org", "changeme", "CN=test", "O=test", "dummy" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(subject, words[i]))
			return true;
	return false;
}

static bool default_certificate(X509 *x, struct key_found *ret)
{
	BIO *b = BIO_new(BIO_s_mem());
	bool found = false;
	char *text;
	long n;

	if (b && x && X509_NAME_print_ex(b, X509_get_subject_name(x), 0, XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ) >= 0) {
		BIO_write(b, "", 1);
		n = BIO_get_mem_data(b, &text);
		found = n > 0 && speaks_of_nobody(text);
		ret->certificate = true;
		snprintf(ret->what, sizeof(ret->what), "certificate of %.70s", text);
	}
	BIO_free(b);
	X509_free(x);
	return found;
}

/* ---- PEM ---- */
static bool base64_follows(struct span s)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == '\r' || s.p[n] == '\n'))
		n++;
	if (s.n - n > 10 && !memcmp(s.p + n, "Proc-Type:", 10))
		return true;
	for (size_t i = n; i < s.n && i < n + 32; i++)
		if (!isalnum(s.p[i]) && s.p[i] != '+' && s.p[i] != '/')
			return false;
	return n && s.n >= n + 32;
}

/* s begins with "-----BEGIN ". A program that writes PEM holds the words too, but nothing behind them. */
static bool pem_at(struct span s, struct key_found *ret)
{
	const uint8_t *end = memmem(s.p + 11, s.n - 11 < 48 ? s.n - 11 : 48, "-----", 5);
	size_t n = end ? (size_t)(end - s.p) + 5 : 0;
	BIO *b;
	X509 *x;

	if (!n || !base64_follows((struct span){ s.p + n, s.n - n }))
		return false;
	ret->n = n;
	ret->certificate = false;
	if (n >= 16 + 11 && !memcmp(s.p + n - 16, "PRIVATE KEY-----", 16)) {
		snprintf(ret->what, sizeof(ret->what), "%.*s in PEM", (int)(n - 16), (const char *)s.p + 11);
		return true;
	}
	if (memcmp(s.p + 11, "CERTIFICATE-", 12))
		return false;
	b = BIO_new_mem_buf(s.p, (int)(s.n < PEM_MAX ? s.n : PEM_MAX));
	x = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
	BIO_free(b);
	ERR_clear_error();
	return x && default_certificate(x, ret);
}

/* ---- DER ---- */
/* The whole SEQUENCE at s.p; false: none of a length that a key or certificate has. */
static bool der_sequence(struct span s, struct span *ret, size_t *ret_head)
{
	uint64_t tag, n;
	struct span rest = s;

	if (!take_be(&rest, 1, &tag) || tag != 0x30 || !take_be(&rest, 1, &n))
		return false;
	if (n > 0x80 && (n > 0x82 || !take_be(&rest, (unsigned)(n & 0x7f), &n)))
		return false;
	*ret_head = s.n - rest.n;
	*ret = (struct span){ s.p, *ret_head + (size_t)n };
	return n >= 40 && n <= DER_MAX && n <= rest.n;
}

static bool der_key(struct span der, struct key_found *ret)
{
	const uint8_t *p = der.p;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, (long)der.n);
	bool whole = key && p == der.p + der.n;

	if (whole)
		snprintf(ret->what, sizeof(ret->what), "%s PRIVATE KEY of %d bits in DER",
			 EVP_PKEY_get0_type_name(key), EVP_PKEY_bits(key));
	ret->certificate = false;
	EVP_PKEY_free(key);
	ERR_clear_error();
	return whole;
}

static bool der_at(struct span s, struct key_found *ret)
{
	struct span der;
	const uint8_t *p;
	size_t head;
	X509 *x;

	if (!der_sequence(s, &der, &head))
		return false;
	ret->n = der.n;
	if (der.p[head] == 2 && der.p[head + 1] == 1 && der.p[head + 2] <= 1)   /* INTEGER 0 or 1: a version */
		return der_key(der, ret);
	if (der.p[head] != 0x30)
		return false;
	p = der.p;
	x = d2i_X509(NULL, &p, (long)der.n);
	ERR_clear_error();
	return x && default_certificate(x, ret);
}

bool keys_next(struct span b, size_t *at, struct key_found *ret)
{
	for (size_t i = *at; i < b.n; i++) {
		struct span here = { b.p + i, b.n - i };
		bool found = false;

		if (b.p[i] == '-' && here.n > 27 && !memcmp(here.p, "-----BEGIN ", 11))
			found = pem_at(here, ret);
		else if (b.p[i] == 0x30 && here.n > 44)
			found = der_at(here, ret);
		if (!found)
			continue;
		ret->at = i;
		*at = i + ret->n;
		return true;
	}
	*at = b.n;
	return false;
}
