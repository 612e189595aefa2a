// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_id(const void *key, const void *item)
{
	return (int)*(const uint16_t *)key - (int)((const struct suite *)item)->id;
}

const struct suite *suite_find(uint16_t id)
{
	return bsearch(&id, suites, n_suites, sizeof(*suites), by_id);
}

const char *suite_name(uint16_t id, char buf[static 8])
{
	const struct suite *s = suite_find(id);

	if (s)
		return s->name;
	snprintf(buf, 8, "0x%04x", id);
	return buf;
}

static bool says(const struct suite *s, const char *word)
{
	return strstr(s->name, word) != NULL;
}

static bool begins(const struct suite *s, const char *word)
{
	return !strncmp(s->name, word, strlen(word));
}

static bool ends(const struct suite *s, const char *word)
{
	size_t n = strlen(s->name), w = strlen(word);

	return n > w && !strcmp(s->name + n - w, word);
}

/* Suites of TLS 1.3 name no key exchange (RFC 8446 B.4); those of RFC 9367 say MGM. */
bool suite_tls13(const struct suite *s)
{
	return (!says(s, "_WITH_") && begins(s, "TLS_") && !begins(s, "TLS_SRP")) || says(s, "_MGM_");
}

bool suite_sha2(const struct suite *s)
{
	return ends(s, "_SHA256") || ends(s, "_SHA384") || says(s, "_GCM") || says(s, "_CCM") || says(s, "POLY1305");
}

bool suite_psk(const struct suite *s)
{
	return says(s, "PSK_WITH") || says(s, "_PSK_DHE_");       /* two names of RFC 6655 have it the other way round */
}

bool suite_signed(const struct suite *s)
{
	enum suite_exchange x = suite_exchange(s);

	return (x == EXCHANGE_DHE || x == EXCHANGE_ECDHE) && !says(s, "_anon_") && !says(s, "_PSK_");
}

enum suite_exchange suite_exchange(const struct suite *s)
{
	if (suite_tls13(s))
		return EXCHANGE_TLS13;
	if (begins(s, "TLS_ECDHE_") || begins(s, "TLS_ECDH_anon"))
		return EXCHANGE_ECDHE;
	if (begins(s, "TLS_DHE_") || begins(s, "TLS_DH_anon") || begins(s, "TLS_PSK_DHE"))
		return EXCHANGE_DHE;
	if (begins(s, "TLS_RSA_EXPORT"))
		return EXCHANGE_RSA_EXPORT;
	if (begins(s, "TLS_RSA_WITH") || begins(s, "SSL_RSA_FIPS"))
		return EXCHANGE_RSA;
	return begins(s, "TLS_DH_") || begins(s, "TLS_ECDH_") ? EXCHANGE_STATIC : EXCHANGE_OTHER;
}

unsigned suite_family(const struct suite *s)
{
	static const char *const words[SUITE_FAMILIES - 1] = { "_anon_", "_ECDHE_ECDSA_", "_ECDHE_RSA_", "_ECDHE_PSK_", "_DHE_PSK_", "_RSA_PSK_",
							       "_PSK_", "_DHE_", "DH_", "_RSA_" };
	unsigned i = 0;

	while (i < SUITE_FAMILIES - 1 && !says(s, words[i]))
		i++;
	return i;
}

static bool is_null(const struct suite *s)
{
	return says(s, "_NULL_") || says(s, "TLS_SHA256_SHA256") || says(s, "TLS_SHA384_SHA384");
}

static bool is_des(const struct suite *s)
{
	return says(s, "_DES_CBC") || says(s, "_DES40_");
}

static bool is_anonymous(const struct suite *s)
{
	return says(s, "_anon_") || says(s, "TLS_NULL_");
}

static bool no_secrecy(const struct suite *s)
{
	enum suite_exchange x = suite_exchange(s);

	return x == EXCHANGE_RSA || x == EXCHANGE_RSA_EXPORT || x == EXCHANGE_STATIC || begins(s, "TLS_PSK_WITH") || begins(s, "TLS_RSA_PSK") ||
	       begins(s, "TLS_KRB5") || begins(s, "TLS_GOST") || begins(s, "TLS_NULL");
}

unsigned suite_bits(const struct suite *s)
{
	static const struct { const char *word; unsigned bits; } known[] = {
		{ "RC4_40", 40 }, { "RC2_CBC_40", 40 }, { "DES40", 40 }, { "CBC_40", 40 }, { "RC4_56", 56 }, { "RC2_CBC_56", 56 }, { "3DES", 112 },
		{ "_DES_", 56 }, { "FORTEZZA_CBC", 80 }, { "_256_", 256 }, { "CHACHA20", 256 }, { "28147", 256 }, { "KUZNYECHIK", 256 }, { "MAGMA", 256 },
	};

	if (is_null(s))
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (says(s, known[i].word))
			return known[i].bits;
	return 128;
}

void suite_traits(const struct suite *s, void (*f)(const char *trait, void *data), void *data)
{
	const struct { const char *trait; bool has; } all[] = {
		{ "null", is_null(s) }, { "export", says(s, "EXPORT") }, { "anonymous", is_anonymous(s) }, { "rc4", says(s, "_RC4_") },
		{ "rc2", says(s, "_RC2_") }, { "des", is_des(s) }, { "idea", says(s, "_IDEA_") }, { "seed", says(s, "_SEED_") },
		{ "gost", says(s, "GOST") }, { "3des", says(s, "_3DES_") }, { "md5", ends(s, "_MD5") }, { "cbc", says(s, "_CBC") },
		{ "no_forward_secrecy", no_secrecy(s) }, { "psk", suite_psk(s) },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].has)
			f(all[i].trait, data);
}
