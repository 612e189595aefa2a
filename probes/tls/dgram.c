// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/dgram.h"

#include <string.h>

enum { RECORD = 13, MESSAGE = 12, RANDOM_END = RECORD + MESSAGE + 2 + 32 };

void dgram_begin(struct dgram *d)
{
	memset(d, 0, offsetof(struct dgram, body));
	memset(d->got, 0, sizeof(d->got));
	d->next = -1;
}

static enum dgram_says spoil(struct dgram *d, const char *why)
{
	d->why = why;
	return DGRAM_GARBAGE;
}

/* ---- what is whole ---- */
static void put_record(struct dgram *d, uint8_t type, const uint8_t *p, size_t n)
{
	uint8_t head[5] = { type, 3, 3, (uint8_t)(n >> 8), (uint8_t)n };

	memcpy(d->out + d->n, head, 5);
	memcpy(d->out + d->n + 5, p, n);
	d->n += 5 + n;
}

static void put_message(struct dgram *d, unsigned type, const uint8_t *p, size_t n)
{
	uint8_t head[4] = { (uint8_t)type, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	put_record(d, 22, head, 4);
	for (size_t at = 0; at < n; at += 16384)
		put_record(d, 22, p + at, n - at < 16384 ? n - at : 16384);
}

static void hand_out(struct dgram *d)
{
	for (; d->next >= 0 && d->next < DGRAM_MESSAGES; d->next++) {
		const typeof(d->message[0]) *m = &d->message[d->next];

		if (!m->begun || m->have < m->len)
			return;
		put_message(d, m->type, d->body + m->at, m->len);
	}
}

/* ---- pieces ---- */
static enum dgram_says take_piece(struct dgram *d, unsigned type, size_t len, unsigned number, size_t at, struct span piece)
{
	typeof(d->message[0]) *m = &d->message[number];

	if (!m->begun) {
		if (len > REPLY_MAX - d->used)
			return spoil(d, "an answer of more than 512 KiB");
		m->begun = true;
		m->type = (uint8_t)type;
		m->len = len;
		m->at = d->used;
		d->used += len;
	}
	if (m->type != type || m->len != len)
		return spoil(d, "two messages of the same number");
	for (size_t i = 0; i < piece.n; i++) {
		size_t to = m->at + at + i;

		m->have += !(d->got[to / 8] >> to % 8 & 1);
		d->got[to / 8] |= (uint8_t)(1 << to % 8);
		d->body[to] = piece.p[i];
	}
	if (type == 2 && d->next < 0) {
		d->next = (int)number;
		d->hello = true;
	}
	return DGRAM_NOTHING;
}

/* A HelloVerifyRequest: its version says nothing (RFC 6347 4.2.1). */
static enum dgram_says take_cookie(struct dgram *d, struct span s)
{
	uint64_t version, len;
	struct span cookie;

	if (!take_be(&s, 2, &version) || !take_be(&s, 1, &len) || !take_bytes(&s, len, &cookie))
		return spoil(d, "a broken request for a cookie");
	if (d->next >= 0 || (d->cookies && cookie.n == d->cookie[0] && !memcmp(d->cookie + 1, cookie.p, cookie.n)))
		return DGRAM_NOTHING;           /* late, or the same once more */
	if (d->cookies++ == DGRAM_COOKIES)
		return DGRAM_FORGOTTEN;
	d->cookie[0] = (uint8_t)cookie.n;
	memcpy(d->cookie + 1, cookie.p, cookie.n);
	return DGRAM_COOKIE;
}

static enum dgram_says take_message(struct dgram *d, struct span *s)
{
	uint64_t type, len, number, at, n;
	struct span piece;

	if (!take_be(s, 1, &type) || !take_be(s, 3, &len) || !take_be(s, 2, &number) || !take_be(s, 3, &at) || !take_be(s, 3, &n) ||
	    !take_bytes(s, n, &piece) || at > len || n > len - at)
		return spoil(d, "a handshake message that is broken");
	if (type == 3)
		return n == len ? take_cookie(d, piece) : spoil(d, "a request for a cookie in pieces");
	if (len > REPLY_MAX)
		return spoil(d, "a handshake message of more than 512 KiB");
	return number < DGRAM_MESSAGES ? take_piece(d, (unsigned)type, len, (unsigned)number, at, piece) : DGRAM_NOTHING;
}

/* ---- records ---- */
static enum dgram_says take_record(struct dgram *d, unsigned type, struct span body)
{
	enum dgram_says says = DGRAM_NOTHING;

	if (type == 21 && body.n == 2)
		put_record(d, 21, body.p, 2);
	while (type == 22 && body.n && says == DGRAM_NOTHING)
		says = take_message(d, &body);
	return says;
}

static enum dgram_says read_records(struct dgram *d, struct span s)
{
	enum dgram_says says = DGRAM_NOTHING;
	uint64_t type, version, epoch, number, len;
	struct span body;

	while (s.n && says == DGRAM_NOTHING) {
		if (s.p[0] >> 5 == 1)
			return says;            /* DTLS 1.3, encrypted: to the end of the datagram or to a length hidden from us */
		if (!take_be(&s, 1, &type) || !take_be(&s, 2, &version) || !take_be(&s, 2, &epoch) || !take_be(&s, 6, &number) ||
		    !take_be(&s, 2, &len) || !take_bytes(&s, len, &body) || type < 20 || type > 26 || version >> 8 != 0xfe)
			return spoil(d, "no record of DTLS");
		if (!epoch)
			says = take_record(d, (unsigned)type, body);
	}
	return says;
}

enum dgram_says dgram_read(struct dgram *d, struct span datagram)
{
	enum dgram_says says;

	d->n = 0;
	if (d->datagrams++ == DGRAM_ALL)
		return spoil(d, "an answer that does not end");
	says = read_records(d, datagram);
	if (says != DGRAM_NOTHING)
		return says;
	hand_out(d);
	return d->n ? DGRAM_RECORDS : DGRAM_NOTHING;
}

/* ---- what we say ---- */
static void add(uint8_t *p, unsigned width, size_t more)
{
	for (unsigned i = width; i-- > 0; more >>= 8) {
		more += p[i];
		p[i] = (uint8_t)more;
	}
}

void dgram_number(uint8_t *record, unsigned number)
{
	record[9] = (uint8_t)(number >> 8);
	record[10] = (uint8_t)number;
}

size_t dgram_answer(const struct dgram *d, const uint8_t *hello, size_t n, uint8_t out[static DGRAM_HELLO])
{
	size_t at = RANDOM_END + 1, cookie = d->cookie[0];      /* behind the empty session */

	memcpy(out, hello, at);
	memcpy(out + at, d->cookie, 1 + cookie);
	memcpy(out + at + 1 + cookie, hello + at + 1, n - at - 1);
	add(out + 11, 2, cookie);                               /* record, message, piece */
	add(out + RECORD + 1, 3, cookie);
	add(out + RECORD + 9, 3, cookie);
	out[RECORD + 5] = 1;                                    /* the second message, RFC 6347 4.2.2 */
	return n + cookie;
}

size_t dgram_alert(unsigned number, uint8_t out[static 16])
{
	static const uint8_t cancelled[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 90 };

	memcpy(out, cancelled, sizeof(cancelled));
	dgram_number(out, number);
	return sizeof(cancelled);
}
