// SPDX-License-Identifier: Apache-2.0
#include "probes/service/flow.h"

#include <string.h>

#include "harness/base/span.h"

enum { CHANGE_CIPHER = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };
enum { RECORD_MAX = 16384 + 2048, LEN_ALERT_13 = 19, LEN_UPDATE_13 = 22 };

void flow_init(struct flow *f)
{
	*f = (struct flow){ .alert = -1 };
}

static bool is_tls13(struct span ext)
{
	uint64_t type, len, version = 0;
	struct span one;

	while (take_be(&ext, 2, &type) && take_be(&ext, 2, &len) && take_bytes(&ext, len, &one))
		if (type == 43)
			return take_be(&one, 2, &version) && version == 0x0304;
	return false;
}

/* ServerHello: version and cipher. A first record too short to hold it leaves the flow at TLS 1.2 counting. */
static void server_hello(struct flow *f, struct span s)
{
	struct span skip, ext;
	uint64_t v, cipher;

	if (!take_bytes(&s, 4 + 2 + 32, &skip) || !take_be(&s, 1, &v) || !take_bytes(&s, v, &skip) ||
	    !take_be(&s, 2, &cipher) || !take_be(&s, 1, &v) || !take_be(&s, 2, &v))
		return;
	if (v > s.n)
		v = s.n;
	if (!take_bytes(&s, v, &ext) || !is_tls13(ext))
		return;
	f->tls13 = true;
	f->finished_length = 4u + (cipher == 0x1302 ? 48u : 32u) + 1u + (cipher == 0x1305 ? 8u : 16u);
}

/* Up to TLS 1.2 a refusal comes in plain: whoever encrypts has accepted the certificate before. */
static void alert(struct flow *f, enum flow_from from, const struct flow_side *s)
{
	if (from == FLOW_SERVER || s->cipher || s->length != 2 || s->body[1] == 0)
		return;                 /* not the device's, an orderly end as far as one can see, or close_notify */
	f->alerts++;
	f->alert = s->body[1];
}

static void count(struct flow_side *s)
{
	s->app_records++;
	s->app_bytes += (int64_t)s->length;
}

static void data13(struct flow *f, enum flow_from from, struct flow_side *s)
{
	if (from == FLOW_SERVER) {
		if (f->open)
			count(s);
	} else if (f->finished) {
		if (s->length != LEN_ALERT_13 && s->length != LEN_UPDATE_13)
			count(s);
	} else if (s->length == LEN_ALERT_13) {
		f->alerts++;            /* before Finished: the client refuses */
		f->alert = -1;
	} else if (s->length == f->finished_length) {
		f->finished = true;
	}
}

static void record(struct flow *f, enum flow_from from, struct flow_side *s)
{
	struct span body = { s->body, s->length < sizeof(s->body) ? s->length : sizeof(s->body) };

	switch (s->head[0]) {
	case CHANGE_CIPHER:
		s->cipher = true;
		break;
	case ALERT:
		alert(f, from, s);
		break;
	case HANDSHAKE:
		if (from == FLOW_CLIENT && body.n && body.p[0] == 1)
			f->hello = true;
		if (from == FLOW_SERVER && !f->answered && body.n && body.p[0] == 2) {
			f->answered = true;
			server_hello(f, body);
		}
		break;
	case DATA:
		if (f->tls13)
			data13(f, from, s);
		else if (s->cipher || !f->answered)     /* before any answer: early data */
			count(s);
		break;
	default:
		break;
	}
}

/* Takes bytes of one record; returns how many, sets *ret_end when the record is whole. */
static size_t take_record(struct flow *f, struct flow_side *s, const uint8_t *p, size_t n, bool *ret_end)
{
	size_t used = 0, more;

	while (s->have < 5 && used < n)
		s->head[s->have++] = p[used++];
	if (s->have < 5)
		return used;
	s->length = (size_t)s->head[3] << 8 | s->head[4];
	if (s->head[0] < CHANGE_CIPHER || s->head[0] > DATA + 1 || s->head[1] != 3 || s->length > RECORD_MAX) {
		f->broken = true;
		return n;
	}
	more = s->length - s->read < n - used ? s->length - s->read : n - used;
	if (s->read < sizeof(s->body))
		memcpy(s->body + s->read, p + used, more < sizeof(s->body) - s->read ? more : sizeof(s->body) - s->read);
	s->read += more;
	*ret_end = s->read == s->length;
	return used + more;
}

size_t flow_feed(struct flow *f, enum flow_from from, const uint8_t *p, size_t n)
{
	struct flow_side *s = &f->side[from];
	size_t used = 0;

	while (used < n && !f->broken) {
		bool end = false, before = f->finished;

		used += take_record(f, s, p + used, n - used, &end);
		if (!end || f->broken)
			continue;
		record(f, from, s);
		s->have = s->read = s->length = 0;
		if (f->finished && !before)
			return used;
	}
	return f->broken ? n : used;
}

void flow_release(struct flow *f)
{
	f->open = true;
}

bool flow_established(const struct flow *f)
{
	return f->side[FLOW_CLIENT].app_records && f->side[FLOW_SERVER].app_records;
}
