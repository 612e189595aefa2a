/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_digest.c - HTTP Digest. The nonce of a refusal serves for the next try, so a try is one exchange.
 * Source  RFC 7616 3.3, 3.4 (MD5, SHA-256, stale nonces). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/login/digest.h"
#include "probes/login/surface_http.h"

struct digest { struct challenge c; unsigned count; uint64_t cnonce; char path[2048]; };

static bool digest_load(struct surface *s, const json_t *row, struct err *err)
{
	struct digest *d;
	struct http *h;
	struct url u;

	if (!http_load(s, row, err))
		return false;
	h = s->priv;
	h->more = d = calloc(1, sizeof(*d));
	if (!d)
		return err_set(err, ERR_OS, "out of memory");
	if (!url_split(s->to.url, &u))
		return err_set(err, ERR_CONF, "surface '%s': url", s->name);
	strcpy(d->path, u.path);
	return true;
}

/* A nonce to begin with; ret stays unreached when there is no digest to answer. */
static bool first_nonce(struct surface *s, struct digest *d, struct answer *ret, struct err *err)
{
	struct fetch_ask ask = { .header = NULL };
	struct http *h = s->priv;

	if (!http_exchange(s, &ask, ret, err))
		return false;
	challenge_read(h->answer.challenge, &d->c);
	d->count = 0;
	if (!ret->reached || ret->locked || d->c.algorithm != DIGEST_NONE)
		return true;
	if (ret->status >= 200 && ret->status < 300) {
		ret->says = SAYS_GRANTED;               /* nothing is asked for */
		return true;
	}
	ret->reached = false;
	snprintf(ret->text, sizeof(ret->text), "status %d, and no digest is offered", ret->status);
	return true;
}

static bool put(struct surface *s, struct digest *d, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	static const char name[] = "Authorization: ";
	struct http *h = s->priv;
	char header[4000];
	struct fetch_ask ask = { .header = header };

	memcpy(header, name, sizeof(name));
	if (!digest_answer(&d->c, s->method, d->path, user, secret, ++d->count, ++d->cnonce, header + sizeof(name) - 1,
			   sizeof(header) - sizeof(name) + 1))
		return err_set(err, ERR_LIMIT, "user, password or address are too long for a digest");
	if (!http_exchange(s, &ask, ret, err))
		return false;
	if (ret->reached && ret->status >= 200 && ret->status < 300 && !ret->locked)
		ret->says = SAYS_GRANTED;
	ret->head = (uint64_t)ret->status;
	if (h->answer.challenge[0]) {
		challenge_read(h->answer.challenge, &d->c);
		d->count = 0;
	}
	return true;
}

static bool digest_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct http *h = s->priv;
	struct digest *d = h->more;

	if (d->c.algorithm == DIGEST_NONE) {
		if (!first_nonce(s, d, ret, err))
			return false;
		if (d->c.algorithm == DIGEST_NONE)
			return true;
	}
	if (!put(s, d, user, secret, ret, err))
		return false;
	return !(ret->reached && d->c.stale && ret->says == SAYS_REFUSED) || put(s, d, user, secret, ret, err);
}

const struct surface_type surface_http_digest = { "http_digest", TARGET_URL, digest_load, digest_attempt, http_close, false };
