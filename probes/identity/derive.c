// SPDX-License-Identifier: Apache-2.0
#include "probes/identity/derive.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAC_DIGITS 12
#define MAC_STEPS 8

struct search { const char *secret; size_t n; struct derived *out; };  /* secret: plain */

size_t derive_plain(const char *text, size_t n, char *buf, size_t room)
{
	size_t out = 0;

	for (size_t i = 0; i < n && out + 1 < room; i++)
		if (isalnum((unsigned char)text[i]))
			buf[out++] = (char)tolower((unsigned char)text[i]);
	buf[out] = '\0';
	return out;
}

static void hit(struct search *s, const char *what, const char *how, const char *source)
{
	if (s->out->found)
		return;
	s->out->found = true;
	snprintf(s->out->rule, sizeof(s->out->rule), "%s%s '%s'", what, how, source);
}

/* ---- the text itself ---- */
static bool same(struct search *s, const char *p, size_t n)
{
	s->out->tried++;
	return s->n == n && !memcmp(s->secret, p, n);
}

/* `p` is plain. The secret is all of it, or its beginning or end, or holds it and hardly more. */
static void try_text(struct search *s, const char *p, const char *how, const char *source)
{
	size_t n = strlen(p);

	if (same(s, p, n))
		hit(s, "it is", how, source);
	if (n < DERIVE_PLAIN || s->n < DERIVE_PLAIN)
		return;
	if (s->n < n && same(s, p, s->n))
		hit(s, "it is the beginning of", how, source);
	if (s->n < n && same(s, p + n - s->n, s->n))
		hit(s, "it is the end of", how, source);
	s->out->tried++;
	if (s->n > n && s->n - n < DERIVE_PLAIN && strstr(s->secret, p))
		hit(s, "it is little more than", how, source);
}

static void try_backwards(struct search *s, const char *p, const char *source)
{
	char turned[2 * DERIVE_TEXT + 1];
	size_t n = strlen(p);

	for (size_t i = 0; i < n; i++)
		turned[i] = p[n - 1 - i];
	turned[n] = '\0';
	try_text(s, turned, " backwards", source);
}

/* ---- its digests ---- */
static uint32_t crc32_of(const uint8_t *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

/* The secret is the beginning or the end of it. */
static void try_ends(struct search *s, const char *p, const char *how, const char *source)
{
	size_t n = strlen(p);

	if (n < s->n)
		return;
	if (same(s, p, s->n))
		hit(s, "it is the beginning of", how, source);
	if (same(s, p + n - s->n, s->n))
		hit(s, "it is the end of", how, source);
}

static void try_decimal(struct search *s, uint64_t v, const char *how, const char *source)
{
	uint64_t limit = 1;
	char text[32];

	if (strspn(s->secret, "0123456789") != s->n || s->n > 18)
		return;
	for (size_t i = 0; i < s->n; i++)
		limit *= 10;
	snprintf(text, sizeof(text), "%0*llu", (int)s->n, (unsigned long long)(v % limit));
	if (same(s, text, s->n))
		hit(s, "its digits are those of", how, source);
}

static void try_digest(struct search *s, const EVP_MD *md, const char *name, const uint8_t *p, size_t n, const char *source)
{
	uint8_t d[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1], base64[EVP_MAX_MD_SIZE * 4 / 3 + 8], plain[sizeof(base64)], how[32];
	uint64_t head = 0, tail = 0;
	unsigned len = 0;

	if (EVP_Digest(p, n, d, &len, md, NULL) != 1)
		return;
	snprintf(how, sizeof(how), " %s of", name);
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", d[i]);
	try_ends(s, hex, how, source);
	EVP_EncodeBlock((unsigned char *)base64, d, (int)len);
	derive_plain(base64, strlen(base64), plain, sizeof(plain));
	try_ends(s, plain, how, source);
	for (unsigned i = 0; i < 8; i++) {
		head = head << 8 | d[i];
		tail = tail << 8 | d[len - 8 + i];
	}
	try_decimal(s, head, how, source);
	try_decimal(s, tail, how, source);
}

static void try_digests(struct search *s, const uint8_t *p, size_t n, const char *source)
{
	uint32_t crc = crc32_of(p, n);
	char hex[9];

	if (s->n < DERIVE_DIGEST)
		return;
	try_digest(s, EVP_md5(), "MD5", p, n, source);
	try_digest(s, EVP_sha1(), "SHA-1", p, n, source);
	try_digest(s, EVP_sha256(), "SHA-256", p, n, source);
	snprintf(hex, sizeof(hex), "%08x", crc);
	try_ends(s, hex, " CRC-32 of", source);
	try_decimal(s, crc, " CRC-32 of", source);
}

/* ---- spellings of a public text ---- */
static void upper(char *p)
{
	for (; *p; p++)
		*p = (char)toupper((unsigned char)*p);
}

static void lower(char *p)
{
	for (; *p; p++)
		*p = (char)tolower((unsigned char)*p);
}

static void digits_of(const char *text, char *buf)
{
	for (; *text; text++)
		if (isdigit((unsigned char)*text))
			*buf++ = *text;
	*buf = '\0';
}

static void digest_text(struct search *s, const char *text, const char *source)
{
	try_digests(s, (const uint8_t *)text, strlen(text), source);
}

/* Six bytes written as hex: the bytes themselves, and the addresses beside it. */
static void try_mac(struct search *s, const char *plain, const char *source)
{
	uint64_t v;
	uint8_t b[6];

	if (strlen(plain) != MAC_DIGITS || strspn(plain, "0123456789abcdef") != MAC_DIGITS)
		return;
	v = strtoull(plain, NULL, 16);
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(v >> (40 - 8 * i));
	try_digests(s, b, sizeof(b), source);
	for (int k = -MAC_STEPS; k <= MAC_STEPS; k++) {
		char text[MAC_DIGITS + 1], how[32];

		snprintf(text, sizeof(text), "%012llx", (unsigned long long)((v + (uint64_t)k) & UINT64_C(0xffffffffffff)));
		snprintf(how, sizeof(how), " (counted by %d)", k);
		if (k)
			try_text(s, text, how, source);
	}
}

static void try_spellings(struct search *s, const char *text)
{
	char plain[DERIVE_TEXT + 1], big[DERIVE_TEXT + 1], other[DERIVE_TEXT + 1];

	derive_plain(text, strlen(text), plain, sizeof(plain));
	digits_of(text, other);
	try_text(s, plain, "", text);
	if (strlen(other) >= DERIVE_PLAIN)
		try_text(s, other, " the digits of", text);
	try_backwards(s, plain, text);
	digest_text(s, text, text);
	digest_text(s, plain, text);
	if (strlen(other) >= DERIVE_PLAIN)
		digest_text(s, other, text);
	snprintf(big, sizeof(big), "%s", plain);
	upper(big);
	digest_text(s, big, text);
	snprintf(other, sizeof(other), "%s", text);
	upper(other);
	digest_text(s, other, text);
	lower(other);
	digest_text(s, other, text);
	try_mac(s, plain, text);
}

static void try_pair(struct search *s, const char *a, const char *b)
{
	char plain[2 * DERIVE_TEXT + 1], text[2 * DERIVE_TEXT + 1];
	size_t n = derive_plain(a, strlen(a), plain, DERIVE_TEXT + 1);

	derive_plain(b, strlen(b), plain + n, DERIVE_TEXT + 1);
	snprintf(text, sizeof(text), "%s%s", a, b);
	try_text(s, plain, "", text);
	digest_text(s, plain, text);
	digest_text(s, text, text);
}

void derive_find(const char *secret, size_t n, const char *const *known, size_t n_known, struct derived *ret)
{
	char plain[DERIVE_SECRET], text[DERIVE_PUBLIC][DERIVE_TEXT + 1];
	struct search s = { .secret = plain, .out = ret };

	*ret = (struct derived){ .complete = n < DERIVE_SECRET && n_known <= DERIVE_PUBLIC && n_known > 0 };
	s.n = derive_plain(secret, n, plain, sizeof(plain));
	ret->complete &= s.n >= DERIVE_DIGEST;
	n_known = n_known < DERIVE_PUBLIC ? n_known : DERIVE_PUBLIC;
	for (size_t i = 0; i < n_known; i++) {
		ret->complete &= strlen(known[i]) <= DERIVE_TEXT;
		snprintf(text[i], sizeof(text[i]), "%s", known[i]);
	}
	for (size_t i = 0; i < n_known && s.n; i++)
		try_spellings(&s, text[i]);
	for (size_t i = 0; i < n_known && s.n; i++)
		for (size_t k = 0; k < n_known; k++)
			if (i != k)
				try_pair(&s, text[i], text[k]);
}

/* ---- the other way, for a control ---- */
static void make_digest(const EVP_MD *md, const char *text, char *ret)
{
	uint8_t d[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(text, strlen(text), d, &len, md, NULL) == 1)
		for (int i = 0; i < 6; i++)
			snprintf(ret + 2 * i, 3, "%02X", d[i]);
}

bool derive_make(struct rng *r, const char *const *known, size_t n_known, char ret[static DERIVE_SECRET])
{
	const char *able[DERIVE_PUBLIC], *text;
	char plain[DERIVE_TEXT + 1];
	size_t n = 0;

	for (size_t i = 0; i < n_known && i < DERIVE_PUBLIC; i++)
		if (strlen(known[i]) <= DERIVE_TEXT && derive_plain(known[i], strlen(known[i]), plain, sizeof(plain)) >= DERIVE_DIGEST)
			able[n++] = known[i];
	ret[0] = '\0';
	if (!n)
		return false;
	text = able[rng_below(r, n)];
	n = derive_plain(text, strlen(text), plain, sizeof(plain));
	switch (rng_below(r, 5)) {
	case 0: snprintf(ret, DERIVE_SECRET, "%s", plain + n - DERIVE_DIGEST); break;
	case 1: make_digest(EVP_md5(), text, ret); break;
	case 2: make_digest(EVP_sha1(), text, ret); break;
	case 3: make_digest(EVP_sha256(), text, ret); break;
	default: snprintf(ret, DERIVE_SECRET, "%08X", crc32_of((const uint8_t *)text, strlen(text))); break;
	}
	return ret[0] != '\0';
}
