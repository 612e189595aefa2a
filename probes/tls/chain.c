// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/chain.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/base/hash.h"

static void read_key(X509 *x, bool first, struct chain_facts *r)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	int bits = key ? EVP_PKEY_get_bits(key) : 0, type = key ? EVP_PKEY_get_base_id(key) : 0;
	unsigned *least = type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS || type == EVP_PKEY_DSA ? &r->rsa_bits : &r->curve_bits;
	char group[24] = "";

	if (!key || bits <= 0) {
		r->broken = true;
		return;
	}
	if (!*least || (unsigned)bits < *least)
		*least = (unsigned)bits;
	if (!first)
		return;
	r->key_bits = (unsigned)bits;
	if (type == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1)
		snprintf(r->key, sizeof(r->key), "EC %s", group);
	else
		snprintf(r->key, sizeof(r->key), "%s %d", OBJ_nid2sn(type), bits);
	if (type == EVP_PKEY_RSA)
		snprintf(r->key, sizeof(r->key), "RSA %d", bits);
}

static void read_hash(X509 *x, char ret[static 24])
{
	int hash = NID_undef, key = NID_undef, i;

	if (!X509_get_signature_info(x, &hash, &key, NULL, NULL))
		hash = NID_undef;
	snprintf(ret, 24, "%s", hash == NID_undef ? "none" : OBJ_nid2ln(hash));
	for (i = 0; ret[i]; i++)
		if (ret[i] >= 'A' && ret[i] <= 'Z')
			ret[i] = (char)(ret[i] - 'A' + 'a');
}

static bool unix_time(const ASN1_TIME *t, int64_t *ret)
{
	struct tm tm;

	if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*ret = timegm(&tm);
	return true;
}

static void read_dates(X509 *x, int64_t now_s, bool first, struct chain_facts *r)
{
	int64_t from, until;

	if (!unix_time(X509_get0_notBefore(x), &from) || !unix_time(X509_get0_notAfter(x), &until)) {
		r->broken = true;
		return;
	}
	if (first) {
		r->from_s = from;
		r->until_s = until;
	}
	if (now_s < from || now_s > until)
		r->valid_now = false;
}

static void add_name(struct chain_facts *r, const unsigned char *p, int n)
{
	if (r->names < CHAIN_NAMES && n > 0)
		snprintf(r->name[r->names], CHAIN_NAME, "%.*s", n < CHAIN_NAME ? n : CHAIN_NAME - 1, (const char *)p);
	r->names++;
}

static void read_names(X509 *x, const char *host, struct chain_facts *r)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	char common[CHAIN_NAME] = "";

	for (int i = 0; all && i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);

		if (g->type == GEN_DNS)
			add_name(r, ASN1_STRING_get0_data(g->d.dNSName), ASN1_STRING_length(g->d.dNSName));
	}
	GENERAL_NAMES_free(all);
	if (!r->names && X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, common, sizeof(common)) > 0)
		add_name(r, (const unsigned char *)common, (int)strlen(common));
	r->name_fits = host && host[0] && (X509_check_host(x, host, strlen(host), 0, NULL) == 1 || X509_check_ip_asc(x, host, 0) == 1);
}

static void read_print(X509 *x, struct chain_facts *r)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	if (n > 0)
		hash_text(der, (size_t)n, r->fingerprint);
	OPENSSL_free(der);
}

static void read_spki(X509 *x, uint8_t ret[static 32])
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);

	if (n > 0)
		hash_bytes(der, (size_t)n, ret);
	OPENSSL_free(der);
}

static bool self_issued(X509 *x)
{
	return !X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x));
}

static void read_one(X509 *x, int64_t now_s, const char *host, struct chain_facts *r)
{
	bool first = !r->count;

	if (first || !self_issued(x)) {
		read_hash(x, r->hash[r->count]);
		read_key(x, first, r);
	}
	read_dates(x, now_s, first, r);
	read_spki(x, r->spki[r->count]);
	if (first) {
		r->self_signed = self_issued(x);
		read_names(x, host, r);
		read_print(x, r);
	}
	r->count++;
	ERR_clear_error();
}

static void begin(struct chain_facts *r)
{
	memset(r, 0, sizeof(*r));
	r->valid_now = true;
}

void chain_read(struct span message, int64_t now_s, const char *host, struct chain_facts *ret)
{
	uint64_t len;
	struct span der;

	begin(ret);
	if (!take_be(&message, 3, &len) || len > message.n)
		ret->broken = true;
	while (!ret->broken && message.n && ret->count < CHAIN_MAX) {
		const unsigned char *p;
		X509 *x = NULL;

		if (take_be(&message, 3, &len) && take_bytes(&message, len, &der) && der.n < 1 << 20) {
			p = der.p;
			x = d2i_X509(NULL, &p, (long)der.n);
		}
		if (x)
			read_one(x, now_s, host, ret);
		else
			ret->broken = true;
		X509_free(x);
	}
	ERR_clear_error();
	ret->valid_now &= ret->count && !ret->broken;
}

void chain_of(STACK_OF(X509) *chain, int64_t now_s, const char *host, struct chain_facts *ret)
{
	begin(ret);
	for (int i = 0; i < sk_X509_num(chain) && ret->count < CHAIN_MAX; i++)
		read_one(sk_X509_value(chain, i), now_s, host, ret);
	ret->valid_now &= ret->count && !ret->broken;
}
