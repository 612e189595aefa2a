// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/reply.h"

#include <string.h>

#include "probes/tls/hello.h"
#include "probes/tls/suite.h"

/* RFC 8446 4.1.3: the random of a ServerHello that is a HelloRetryRequest. */
static const uint8_t retry_random[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static void spoil(struct reply *r, const char *why)
{
	r->garbage = true;
	r->why = why;
	r->more = false;
}

/* ---- handshake messages ---- */
static void read_extension(struct reply *r, uint64_t type, struct span body)
{
	uint64_t v;

	if (type == 43 && take_be(&body, 2, &v))
		r->version = version_read(v);
	else if (type == 51 && take_be(&body, 2, &v))
		r->group = (uint16_t)v;
	else if (type == 0xff01)
		r->renegotiation = true;
	else if (type == 23)
		r->master_secret = true;
}

static bool read_extensions(struct reply *r, struct span s)
{
	uint64_t len, type;
	struct span body;

	if (!s.n)
		return true;
	if (!take_be(&s, 2, &len) || !take_bytes(&s, len, &body))
		return false;
	s = body;
	while (s.n) {
		if (!take_be(&s, 2, &type) || !take_be(&s, 2, &len) || !take_bytes(&s, len, &body))
			return false;
		read_extension(r, type, body);
	}
	return true;
}

static bool read_server_hello(struct reply *r, struct span s)
{
	uint64_t version, len, suite, compression;
	struct span random, session;

	if (!take_be(&s, 2, &version) || !take_bytes(&s, 32, &random) || !take_be(&s, 1, &len) || !take_bytes(&s, len, &session) ||
	    !take_be(&s, 2, &suite) || !take_be(&s, 1, &compression))
		return false;
	r->version = version_read(version);
	r->suite = (uint16_t)suite;
	r->compression = (uint8_t)compression;
	r->retry = !memcmp(random.p, retry_random, 32);
	if (!read_extensions(r, s))
		return false;
	r->hello = true;
	return true;
}

static unsigned bits_of(struct span s)
{
	unsigned top = 0;

	while (s.n && !s.p[0]) {
		s.p++;
		s.n--;
	}
	if (!s.n)
		return 0;
	while (s.p[0] >> top)
		top++;
	return (unsigned)(s.n - 1) * 8 + top;
}

static bool take_vector(struct span *s, unsigned width, struct span *ret)
{
	uint64_t len;

	return take_be(s, width, &len) && take_bytes(s, len, ret);
}

/* A number whose length is the key's strength (a prime, a modulus), and `more` numbers after it. */
static bool read_field(struct reply *r, struct span *s, unsigned more)
{
	struct span v;

	if (!take_vector(s, 2, &v))
		return false;
	r->field_bits = bits_of(v);
	while (more--)
		if (!take_vector(s, 2, &v))
			return false;
	return true;
}

static bool read_curve(struct reply *r, struct span *s)
{
	uint64_t type, group;
	struct span point;

	if (!take_be(s, 1, &type))
		return false;
	if (type != 3)                          /* explicit curves: nobody names them, and nothing can be read after them */
		return true;
	if (!take_be(s, 2, &group) || !take_vector(s, 1, &point))
		return false;
	r->group = (uint16_t)group;
	return true;
}

static bool read_key_exchange(struct reply *r, struct span s)
{
	const struct suite *suite = suite_find(r->suite);
	enum suite_exchange x = suite ? suite_exchange(suite) : EXCHANGE_OTHER;
	struct span hint;
	uint64_t v;

	if (suite && suite_psk(suite) && !take_vector(&s, 2, &hint))
		return false;
	if (x == EXCHANGE_ECDHE && !read_curve(r, &s))
		return false;
	if (x == EXCHANGE_DHE && !read_field(r, &s, 2))
		return false;
	if (x == EXCHANGE_RSA_EXPORT && !read_field(r, &s, 1))
		return false;
	if (r->version == TLS1_2 && suite && suite_signed(suite) && (r->group || r->field_bits) && take_be(&s, 2, &v))
		r->signature = (uint16_t)v;
	return true;
}

static bool read_message(struct reply *r, unsigned type, struct span body)
{
	switch (type) {
	case 0:                                 /* HelloRequest: may come at any time */
		return true;
	case 2:
		if (!read_server_hello(r, body))
			return false;
		r->whole = r->version == TLS1_3;
		return true;
	case 11:
		r->certificates = body;
		return r->hello;
	case 12:
		return r->hello && read_key_exchange(r, body);
	case 13:
		r->asks_certificate = true;
		return r->hello;
	case 14:
		r->whole = r->hello;
		return r->hello;
	default:                                /* status, tickets, what may come yet */
		return r->hello;
	}
}

struct reader { struct span raw, hand; size_t records; };       /* what is not read yet; hand: without record headers */

static void read_messages(struct reply *r, struct reader *f)
{
	struct span at = f->hand, body;
	uint64_t type, len;

	while (!r->whole && take_be(&at, 1, &type) && take_be(&at, 3, &len)) {
		if (len > REPLY_MAX) {
			spoil(r, "a handshake message of more than 512 KiB");
			return;
		}
		if (!take_bytes(&at, len, &body))
			return;
		if (!read_message(r, (unsigned)type, body)) {
			spoil(r, "a handshake message that is broken or out of order");
			return;
		}
		f->hand = at;
	}
	r->more = !r->whole;
}

/* ---- records ---- */
static void read_alert(struct reply *r, struct span body)
{
	uint64_t level, what;

	if (!take_be(&body, 1, &level) || !take_be(&body, 1, &what)) {
		spoil(r, "an alert of less than two bytes");
		return;
	}
	r->alert = (int)what;
	r->more = level != 2 && what != 0;      /* a warning (unrecognized_name): the hello may still come */
}

static void read_ssl2(struct reply *r, struct span s)
{
	uint64_t len, type, hit, cert_type, version, cert, ciphers, id;
	struct span skip;

	if (!take_be(&s, 2, &len) || !take_be(&s, 1, &type))
		return;
	r->need = (len & 0x7fff) + 2;
	if (type != 4 || r->need < 3) {
		spoil(r, "a record of SSL 2 that is no hello");
		return;
	}
	if (s.n + 1 < (len & 0x7fff))
		return;
	r->more = false;
	if (!take_be(&s, 1, &hit) || !take_be(&s, 1, &cert_type) || !take_be(&s, 2, &version) || !take_be(&s, 2, &cert) ||
	    !take_be(&s, 2, &ciphers) || !take_be(&s, 2, &id) || version != SSL2 || !take_bytes(&s, cert, &skip) ||
	    !take_bytes(&s, ciphers, &skip)) {
		spoil(r, "a broken hello of SSL 2");
		return;
	}
	r->hello = r->whole = r->ssl2 = true;
	r->version = SSL2;
	r->ssl2_ciphers = (unsigned)(ciphers / 3);
	for (unsigned i = 0; i < r->ssl2_ciphers && i < 8; i++)
		memcpy(r->ssl2_kind[i], skip.p + 3 * i, 3);
}

/* One record; false = no more can be read now. */
static bool read_record(struct reply *r, struct reader *f)
{
	struct span at = f->raw, body;
	uint64_t type, version, len;

	r->need = 5;
	if (!take_be(&at, 1, &type) || !take_be(&at, 2, &version) || !take_be(&at, 2, &len))
		return false;
	if (type < 20 || type > 24 || version >> 8 != 3 || len > 16384 + 2048) {
		spoil(r, "no record of TLS");
		return false;
	}
	r->need = 5 + len;
	if (!take_bytes(&at, len, &body))
		return false;
	f->raw = at;
	if (type == 21) {
		read_alert(r, body);
	} else if (type == 22) {
		memcpy((uint8_t *)(uintptr_t)f->hand.p + f->hand.n, body.p, body.n);
		f->hand.n += body.n;
		read_messages(r, f);
	} else {
		spoil(r, "a record that has no place before the handshake");
	}
	return r->more;
}

void reply_read(struct span raw, uint8_t *hand, struct reply *ret)
{
	struct reader f = { raw, { hand, 0 }, 0 };

	*ret = (struct reply){ .more = true, .alert = -1, .need = 3 };
	if (raw.n >= 3 && raw.p[0] & 0x80) {
		read_ssl2(ret, raw);
		return;
	}
	while (f.records++ < REPLY_RECORDS && read_record(ret, &f))
		;
	ret->need += raw.n - f.raw.n;           /* counted from the beginning */
	if (ret->more && (f.records > REPLY_RECORDS || raw.n >= REPLY_MAX))
		spoil(ret, "an answer that does not end");
}
