// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/hello.h"

#include <stdio.h>
#include <string.h>

#define SCSV 0x00ff                     /* TLS_EMPTY_RENEGOTIATION_INFO_SCSV */

const struct numbers groups_usual = { { 29, 23, 24, 25, 30, 26, 27, 28 }, 8 };
/* RFC 8422 lets nobody use these any more; RFC 4492 had them. 22: secp256k1; 31 to 33: brainpool of TLS 1.3 (RFC 8734); 41: curveSM2. */
const struct numbers groups_odd = { { 21, 19, 22, 1, 3, 6, 7, 9, 10, 11, 12, 13, 14, 16, 18, 20 }, 16 };
const struct numbers groups_field = { { 29, 23, 24, 25, 30, 256, 257, 258, 259, 260, 31, 32, 33, 41, 4588 }, 15 };
const struct numbers signatures_usual = {
	{ 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0203, 0x0201,
	  0x0202, 0x0303, 0x0301, 0x0302, 0x0402, 0x0101 }, 22 };

struct word { uint16_t id; const char *name; };
static const struct word group_words[] = {
	{ 1, "sect163k1" }, { 2, "sect163r1" }, { 3, "sect163r2" }, { 4, "sect193r1" }, { 5, "sect193r2" }, { 6, "sect233k1" },
	{ 7, "sect233r1" }, { 8, "sect239k1" }, { 9, "sect283k1" }, { 10, "sect283r1" }, { 11, "sect409k1" }, { 12, "sect409r1" },
	{ 13, "sect571k1" }, { 14, "sect571r1" }, { 15, "secp160k1" }, { 16, "secp160r1" }, { 17, "secp160r2" }, { 18, "secp192k1" },
	{ 19, "secp192r1" }, { 20, "secp224k1" }, { 21, "secp224r1" }, { 22, "secp256k1" }, { 23, "secp256r1" }, { 24, "secp384r1" },
	{ 25, "secp521r1" }, { 26, "brainpoolP256r1" }, { 27, "brainpoolP384r1" }, { 28, "brainpoolP512r1" }, { 29, "x25519" },
	{ 30, "x448" }, { 31, "brainpoolP256r1tls13" }, { 32, "brainpoolP384r1tls13" }, { 33, "brainpoolP512r1tls13" }, { 41, "curveSM2" },
	{ 256, "ffdhe2048" }, { 257, "ffdhe3072" }, { 258, "ffdhe4096" }, { 259, "ffdhe6144" }, { 260, "ffdhe8192" }, { 4588, "X25519MLKEM768" },
};
static const struct word signature_words[] = {
	{ 0x0101, "rsa_pkcs1_md5" }, { 0x0201, "rsa_pkcs1_sha1" }, { 0x0202, "dsa_sha1" }, { 0x0203, "ecdsa_sha1" },
	{ 0x0301, "rsa_pkcs1_sha224" },
	{ 0x0302, "dsa_sha224" }, { 0x0303, "ecdsa_sha224" }, { 0x0401, "rsa_pkcs1_sha256" }, { 0x0402, "dsa_sha256" },
	{ 0x0403, "ecdsa_secp256r1_sha256" }, { 0x0501, "rsa_pkcs1_sha384" }, { 0x0503, "ecdsa_secp384r1_sha384" }, { 0x0601, "rsa_pkcs1_sha512" },
	{ 0x0603, "ecdsa_secp521r1_sha512" }, { 0x0804, "rsa_pss_rsae_sha256" }, { 0x0805, "rsa_pss_rsae_sha384" },
	{ 0x0806, "rsa_pss_rsae_sha512" },
	{ 0x0807, "ed25519" }, { 0x0808, "ed448" }, { 0x0809, "rsa_pss_pss_sha256" }, { 0x080a, "rsa_pss_pss_sha384" },
	{ 0x080b, "rsa_pss_pss_sha512" },
};

static const char *word_of(const struct word *w, size_t n, uint16_t id, char buf[static 8])
{
	for (size_t i = 0; i < n; i++)
		if (w[i].id == id)
			return w[i].name;
	snprintf(buf, 8, "0x%04x", id);
	return buf;
}

const char *group_name(uint16_t id, char buf[static 8])
{
	return word_of(group_words, sizeof(group_words) / sizeof(group_words[0]), id, buf);
}

const char *signature_name(uint16_t id, char buf[static 8])
{
	return word_of(signature_words, sizeof(signature_words) / sizeof(signature_words[0]), id, buf);
}

const char *version_name(uint16_t version, bool datagram)
{
	static const char *const name[2][5] = { { "SSLv3", "TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3" },
						{ "?", "?", "DTLS1.0", "DTLS1.2", "DTLS1.3" } };

	if (version == SSL2)
		return "SSLv2";
	return version >= SSL3 && version <= TLS1_3 ? name[datagram][version - SSL3] : "?";
}

uint16_t version_read(uint64_t on_the_wire)
{
	return on_the_wire == 0xfeff ? TLS1_1 : on_the_wire == 0xfefd ? TLS1_2 : on_the_wire == 0xfefc ? TLS1_3 : (uint16_t)on_the_wire;
}

uint16_t version_wire(uint16_t version, bool datagram)
{
	if (!datagram)
		return version;
	return version == TLS1_3 ? 0xfefc : version == TLS1_2 ? 0xfefd : 0xfeff;
}

bool numbers_has(const struct numbers *s, uint16_t v)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i] == v)
			return true;
	return false;
}

void numbers_add(struct numbers *s, uint16_t v)
{
	if (!numbers_has(s, v) && s->n < sizeof(s->at) / sizeof(s->at[0]))
		s->at[s->n++] = v;
}

bool numbers_remove(struct numbers *s, uint16_t v)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i] == v) {
			s->n--;
			memmove(&s->at[i], &s->at[i + 1], (s->n - i) * sizeof(s->at[0]));
			return true;
		}
	return false;
}

/* ---- bytes ---- */
struct pen { uint8_t *p; size_t n; };

static void put(struct pen *w, unsigned width, size_t v)
{
	for (unsigned i = width; i-- > 0;)
		w->p[w->n++] = (uint8_t)(v >> 8 * i);
}

/* A length field to be filled in by end() when what follows is known. */
static size_t begin(struct pen *w, unsigned width)
{
	put(w, width, 0);
	return w->n;
}

static void end(struct pen *w, unsigned width, size_t at)
{
	struct pen back = { w->p, at - width };

	put(&back, width, w->n - at);
}

static void put_list(struct pen *w, const struct numbers *s, uint16_t last)
{
	size_t at = begin(w, 2);

	for (size_t i = 0; i < s->n; i++)
		put(w, 2, s->at[i]);
	if (last)
		put(w, 2, last);
	end(w, 2, at);
}

static void put_listed(struct pen *w, uint16_t type, const struct numbers *s)
{
	size_t at;

	put(w, 2, type);
	at = begin(w, 2);
	put_list(w, s, 0);
	end(w, 2, at);
}

static void put_name(struct pen *w, const char *name)
{
	size_t n = strlen(name) < 200 ? strlen(name) : 200;

	put(w, 2, 0);
	put(w, 2, n + 5);
	put(w, 2, n + 3);
	put(w, 1, 0);
	put(w, 2, n);
	memcpy(w->p + w->n, name, n);
	w->n += n;
}

static void put_extensions(struct pen *w, const struct hello *h)
{
	size_t at = begin(w, 2);

	if (h->name && h->name[0])
		put_name(w, h->name);
	if (h->version >= TLS1_2)
		put_listed(w, 13, h->signatures ? h->signatures : &signatures_usual);
	put_listed(w, 10, h->groups ? h->groups : h->version == TLS1_3 ? &groups_field : &groups_usual);
	if (h->version == TLS1_3) {
		put(w, 4, 43u << 16 | 3);       /* supported_versions */
		put(w, 3, 2u << 16 | version_wire(TLS1_3, h->datagram));
		put(w, 4, 51u << 16 | 2);       /* key_share: none yet */
		put(w, 2, 0);
	} else {
		put(w, 4, 11u << 16 | 2);       /* ec_point_formats: uncompressed */
		put(w, 2, 0x0100);
		put(w, 4, 23u << 16);           /* extended_master_secret */
	}
	end(w, 2, at);
}

static void put_body(struct pen *w, const struct hello *h)
{
	put(w, 2, version_wire(h->version < TLS1_2 ? h->version : TLS1_2, h->datagram));
	memcpy(w->p + w->n, h->random, 32);
	w->n += 32;
	put(w, h->datagram ? 2 : 1, 0);         /* no session, no cookie yet */
	put_list(w, h->suites, h->version < TLS1_3 ? SCSV : 0);
	put(w, h->compress ? 3 : 2, h->compress ? 0x020100 : 0x0100);
	if (h->version > SSL3)
		put_extensions(w, h);
}

/* The header of a handshake message names its number and its piece too: number 0, and the whole of it. */
static void put_datagram(struct pen *w, const struct hello *h)
{
	size_t record, message, piece;

	put(w, 1, 22);
	put(w, 2, version_wire(TLS1_1, true));
	put(w, 8, 0);
	record = begin(w, 2);
	put(w, 1, 1);
	message = begin(w, 3);
	put(w, 5, 0);
	piece = begin(w, 3);
	put_body(w, h);
	end(w, 3, piece);
	memcpy(w->p + message - 3, w->p + piece - 3, 3);
	end(w, 2, record);
}

size_t hello_write(const struct hello *h, uint8_t out[static HELLO_MAX])
{
	struct pen w = { out, 0 };
	size_t record, message;

	if (h->datagram) {
		put_datagram(&w, h);
		return w.n;
	}
	put(&w, 1, 22);
	put(&w, 2, h->version == SSL3 ? SSL3 : TLS1_0);
	record = begin(&w, 2);
	put(&w, 1, 1);
	message = begin(&w, 3);
	put_body(&w, h);
	end(&w, 3, message);
	end(&w, 2, record);
	return w.n;
}

size_t hello_ssl2(uint8_t out[static HELLO_MAX])
{
	static const uint32_t kinds[] = { 0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700c0, 0x080080 };
	struct pen w = { out, 0 };

	put(&w, 2, 0);
	put(&w, 1, 1);
	put(&w, 2, SSL2);
	put(&w, 2, 3 * sizeof(kinds) / sizeof(kinds[0]));
	put(&w, 2, 0);
	put(&w, 2, 16);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		put(&w, 3, kinds[i]);
	for (unsigned i = 0; i < 16; i++)
		put(&w, 1, 0x5a + i);           /* a challenge need not be random: nothing will be said under it */
	out[0] = (uint8_t)(0x80 | (w.n - 2) >> 8);
	out[1] = (uint8_t)(w.n - 2);
	return w.n;
}
