/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/login/digest.h"

#include <ctype.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- reading ---- */
static bool token_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static const char *token(const char *p, char *ret, size_t room)
{
	size_t n = 0;

	for (; token_char(*p); p++)
		if (n + 1 < room)
			ret[n++] = *p;
	ret[n] = 0;
	return p;
}

static const char *blank(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* A token or a quoted string; *ret_fits false: it is longer than room. */
static const char *value(const char *p, char *ret, size_t room, bool *ret_fits)
{
	bool quoted = *p == '"';
	size_t n = 0, all = 0;

	for (p += quoted; *p && *p != '\n' && (quoted ? *p != '"' : token_char(*p) || *p == '=' || *p == '/' || *p == ':'); p++, all++) {
		if (quoted && *p == '\\' && p[1] && p[1] != '\n')
			p++;
		if (n + 1 < room)
			ret[n++] = *p;
	}
	ret[n] = 0;
	*ret_fits = all < room;
	return p + (quoted && *p == '"');
}

struct reading { struct challenge one; bool digest, bad; };

static enum digest_algorithm algorithm(const char *name)
{
	static const struct { const char *name; enum digest_algorithm a; } known[] = {
		{ "MD5", DIGEST_MD5 }, { "MD5-sess", DIGEST_MD5_SESS }, { "SHA-256", DIGEST_SHA256 }, { "SHA-256-sess", DIGEST_SHA256_SESS },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcasecmp(known[i].name, name))
			return known[i].a;
	return DIGEST_NONE;
}

/* "auth,auth-int" holds the word auth. */
static bool offers_auth(const char *list)
{
	for (const char *p = list; *p; p += strcspn(p, ", "), p += strspn(p, ", "))
		if (!strncasecmp(p, "auth", 4) && (!p[4] || p[4] == ',' || p[4] == ' '))
			return true;
	return false;
}

static void parameter(struct reading *r, const char *name, const char *v, bool fits)
{
	char *into = !strcasecmp(name, "realm") ? r->one.realm : !strcasecmp(name, "nonce") ? r->one.nonce :
		     !strcasecmp(name, "opaque") ? r->one.opaque : NULL;

	if (into)
		snprintf(into, DIGEST_TEXT + 1, "%s", v);
	else if (!strcasecmp(name, "algorithm"))
		r->one.algorithm = algorithm(v);
	else if (!strcasecmp(name, "qop"))
		r->one.qop = offers_auth(v);
	else if (!strcasecmp(name, "stale"))
		r->one.stale = !strcasecmp(v, "true");
	else
		return;
	r->bad |= !fits;
	/* auth-int alone would need the body's hash as well: not spoken here */
	r->bad |= !strcasecmp(name, "qop") && v[0] && !r->one.qop;
}

/* The challenge that was being read is over: it becomes the kept one when it is the strongest so far. */
static void settle(struct reading *r, struct challenge *ret)
{
	bool strong = r->one.algorithm >= DIGEST_SHA256;

	if (!r->digest || r->bad || r->one.algorithm == DIGEST_NONE || !r->one.nonce[0])
		return;
	ret->sha256 |= strong;
	ret->md5 |= !strong;
	if (ret->algorithm != DIGEST_NONE && (ret->algorithm >= DIGEST_SHA256 || !strong))
		return;
	ret->algorithm = r->one.algorithm;
	ret->qop = r->one.qop;
	ret->stale = r->one.stale;
	memcpy(ret->realm, r->one.realm, sizeof(ret->realm));
	memcpy(ret->nonce, r->one.nonce, sizeof(ret->nonce));
	memcpy(ret->opaque, r->one.opaque, sizeof(ret->opaque));
}

static void scheme(struct reading *r, const char *name, struct challenge *ret)
{
	settle(r, ret);
	memset(r, 0, sizeof(*r));
	r->one.algorithm = DIGEST_MD5;          /* RFC 7616 3.3: the default */
	r->digest = !strcasecmp(name, "Digest");
	ret->basic |= !strcasecmp(name, "Basic");
	ret->other |= !r->digest && strcasecmp(name, "Basic");
}

void challenge_read(const char *text, struct challenge *ret)
{
	struct reading r = { .digest = false };
	char name[64], v[DIGEST_TEXT + 1];
	bool begin = true, fits;

	*ret = (struct challenge){ .basic = false };
	for (const char *p = text; *p;) {
		const char *q = blank(token(p, name, sizeof(name)));

		if (q > p && name[0] && *q == '=' && !begin) {
			p = blank(value(blank(q + 1), v, sizeof(v), &fits));
			parameter(&r, name, v, fits);
		} else if (q > p && name[0]) {
			scheme(&r, name, ret);
			begin = false;
			p = q;
		} else {
			begin |= *p == '\n';            /* a header of its own begins with a scheme */
			p++;
		}
	}
	settle(&r, ret);
}

/* ---- answering ---- */
struct hex { char text[65]; };

__attribute__((format(printf, 2, 3))) static struct hex hashed(bool sha256, const char *format, ...)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct hex h = { "" };
	unsigned n = 0;
	char text[2048];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (len < 0 || len >= (int)sizeof(text) || !EVP_Digest(text, (size_t)len, sum, &n, sha256 ? EVP_sha256() : EVP_md5(), NULL))
		return h;
	for (unsigned i = 0; i < n && i < 32; i++)
		snprintf(h.text + 2 * i, 3, "%02x", sum[i]);
	explicit_bzero(text, sizeof(text));
	return h;
}

/* Into quotes; false when it does not fit. */
static bool quote(const char *text, char *ret, size_t room)
{
	size_t n = 0;

	for (; *text && n + 3 < room; text++) {
		if (*text == '"' || *text == '\\')
			ret[n++] = '\\';
		ret[n++] = *text;
	}
	ret[n] = 0;
	return !*text;
}

static struct hex response(const struct challenge *c, const char *method, const char *uri, const char *user, const char *secret,
			   const char *nc, const char *cnonce)
{
	bool sha = c->algorithm >= DIGEST_SHA256;
	struct hex a1 = hashed(sha, "%s:%s:%s", user, c->realm, secret), a2 = hashed(sha, "%s:%s", method, uri);

	if (c->algorithm == DIGEST_MD5_SESS || c->algorithm == DIGEST_SHA256_SESS)
		a1 = hashed(sha, "%s:%s:%s", a1.text, c->nonce, cnonce);
	if (c->qop)
		return hashed(sha, "%s:%s:%s:%s:auth:%s", a1.text, c->nonce, nc, cnonce, a2.text);
	return hashed(sha, "%s:%s:%s", a1.text, c->nonce, a2.text);
}

bool digest_answer(const struct challenge *c, const char *method, const char *uri, const char *user, const char *secret,
		   unsigned count, uint64_t cnonce_is, char *ret, size_t room)
{
	static const char *const names[] = { "", "MD5", "MD5-sess", "SHA-256", "SHA-256-sess" };
	char nc[9], cnonce[17], u[300], realm[2 * DIGEST_TEXT + 4], nonce[2 * DIGEST_TEXT + 4], opaque[2 * DIGEST_TEXT + 4];
	struct hex r;
	int n;

	snprintf(nc, sizeof(nc), "%08x", count);
	snprintf(cnonce, sizeof(cnonce), "%016" PRIx64, cnonce_is);
	if (c->algorithm == DIGEST_NONE || !quote(user, u, sizeof(u)) || !quote(c->realm, realm, sizeof(realm)) ||
	    !quote(c->nonce, nonce, sizeof(nonce)) || !quote(c->opaque, opaque, sizeof(opaque)))
		return false;
	r = response(c, method, uri, user, secret, nc, cnonce);
	n = snprintf(ret, room, "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", algorithm=%s, response=\"%s\"%s%s%s%s%s", u,
		     realm, nonce, uri, names[c->algorithm], r.text, c->opaque[0] ? ", opaque=\"" : "", opaque, c->opaque[0] ? "\"" : "",
		     c->qop ? ", qop=auth, nc=" : "", c->qop ? nc : "");
	if (n < 0 || (size_t)n >= room || !r.text[0])
		return false;
	if (c->qop || c->algorithm == DIGEST_MD5_SESS || c->algorithm == DIGEST_SHA256_SESS)
		n += snprintf(ret + n, room - (size_t)n, ", cnonce=\"%s\"", cnonce);
	return (size_t)n < room && !strpbrk(ret, "\r\n");
}

bool basic_answer(const char *user, const char *secret, char *ret, size_t room)
{
	char both[300];
	int n = snprintf(both, sizeof(both), "%s:%s", user, secret);

	if (n >= (int)sizeof(both) || room < 6 + 4 * (((size_t)n + 2) / 3) + 1)
		return false;
	memcpy(ret, "Basic ", 6);
	return EVP_EncodeBlock((unsigned char *)ret + 6, (const unsigned char *)both, n) >= 0;
}
