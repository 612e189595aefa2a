/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_page.c - a page with a log-in form. The form is found, filled in and sent as a browser would, hidden tokens and
 * cookies included. An answer's shape is its status, where it leads, and whether the page one then sees still asks for a password. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/cleanup.h"
#include "probes/login/surface_http.h"
#include "probes/login/webform.h"

enum { BODY_MAX = 16384 };
struct page {
	struct webform form, seen;      /* to be sent; in the newest answer */
	bool ready;                     /* form holds one that was not sent yet */
	char base[2400];                /* address of the page it stands on */
	char to[2400], body[BODY_MAX];
};

static bool page_load(struct surface *s, const json_t *row, struct err *err)
{
	struct http *h;

	if (!http_load(s, row, err))
		return false;
	h = s->priv;
	h->more = calloc(1, sizeof(struct page));
	return h->more || err_set(err, ERR_OS, "out of memory");
}

/* The address a reference on the page leads to; false when it is another host's, or too long. */
static bool resolve(const char *base, const char *ref, char *ret, size_t room)
{
	struct url from, to;
	const char *slash;
	int n;

	if (!url_split(base, &from))
		return false;
	if (!strncasecmp(ref, "http:", 5) || !strncasecmp(ref, "https:", 6))
		return url_split(ref, &to) && !strcasecmp(from.host, to.host) && strlen(ref) < room && strcpy(ret, ref);
	if (!strncmp(ref, "//", 2))
		return false;
	n = snprintf(ret, room, "%s://%s%s%s:%d", from.tls ? "https" : "http", strchr(from.host, ':') ? "[" : "", from.host,
		     strchr(from.host, ':') ? "]" : "", from.port);
	from.path[strcspn(from.path, "?")] = 0;
	slash = strrchr(from.path, '/');
	if (ref[0] == '/')
		n += snprintf(ret + n, room - (size_t)n, "%s", ref);
	else if (!ref[0] || ref[0] == '?' || ref[0] == '#')
		n += snprintf(ret + n, room - (size_t)n, "%s%s", from.path, ref[0] == '?' ? ref : "");
	else
		n += snprintf(ret + n, room - (size_t)n, "%.*s%s", slash ? (int)(slash + 1 - from.path) : 0, from.path, ref);
	ret[strcspn(ret, "#")] = 0;
	return (size_t)n < room && url_split(ret, &to);
}

static bool get(struct surface *s, const char *url, bool new_session, struct answer *ret, struct err *err)
{
	struct http *h = s->priv;
	struct page *p = h->more;
	struct fetch_ask ask = { .url = url, .method = "GET", .cookies = new_session ? FETCH_COOKIES_NEW : FETCH_COOKIES };

	if (!http_exchange(s, &ask, ret, err))
		return false;
	webform_find(h->answer.body, h->answer.body_n, &p->seen);
	return true;
}

/* A form to be filled in; ready stays false when there is none, and ret says why. */
static bool fetch_form(struct surface *s, struct page *p, struct answer *ret, struct err *err)
{
	struct http *h = s->priv;

	snprintf(p->base, sizeof(p->base), "%s", s->to.url);
	if (!get(s, p->base, true, ret, err))
		return false;
	for (int hop = 0; hop < 3 && ret->reached && !p->seen.found && h->answer.location[0]; hop++) {
		if (!resolve(p->base, h->answer.location, p->to, sizeof(p->to)))
			break;
		snprintf(p->base, sizeof(p->base), "%s", p->to);
		if (!get(s, p->base, false, ret, err))
			return false;
	}
	p->ready = ret->reached && p->seen.found && !p->seen.multipart;
	p->form = p->seen;
	if (!ret->reached || ret->locked || p->ready)
		return true;
	ret->reached = false;
	snprintf(ret->text, sizeof(ret->text), "status %d, and no form with a password on the page", ret->status);
	return true;
}

static void free_curl(char **p) { curl_free(*p); }

static bool add(char *body, const char *name, const char *v)
{
	CLEANUP(free_curl) char *n = curl_easy_escape(NULL, name, 0), *t = curl_easy_escape(NULL, v, 0);
	size_t at = strlen(body);

	return n && t && snprintf(body + at, BODY_MAX - at, "%s%s=%s", at ? "&" : "", n, t) < (int)(BODY_MAX - at);
}

static bool fill_in(struct page *p, const char *user, const char *secret)
{
	bool ok = true;

	p->body[0] = 0;
	for (unsigned i = 0; i < p->form.n; i++)
		ok = ok && add(p->body, p->form.field[i].name, p->form.field[i].value);
	if (p->form.user[0])
		ok = ok && add(p->body, p->form.user, user);
	return ok && add(p->body, p->form.password, secret);
}

static bool send_form(struct surface *s, struct page *p, struct answer *ret, struct err *err)
{
	struct fetch_ask ask = { .url = p->to, .method = p->form.post ? "POST" : "GET", .cookies = FETCH_COOKIES };
	struct http *h = s->priv;
	size_t n;

	if (p->form.post) {
		ask.body = p->body;
		ask.type = "application/x-www-form-urlencoded";
	} else {
		p->to[strcspn(p->to, "?")] = 0;
		n = strlen(p->to);
		if (snprintf(p->to + n, sizeof(p->to) - n, "?%s", p->body) >= (int)(sizeof(p->to) - n))
			return err_set(err, ERR_LIMIT, "the form is too long for an address");
	}
	p->ready = false;
	if (!http_exchange(s, &ask, ret, err))
		return false;
	webform_find(h->answer.body, h->answer.body_n, &p->seen);
	return true;
}

/* What the page says, without the tokens that its own form carries. */
static uint64_t said(const struct fetch_answer *f, const struct webform *seen, const char *const out[2])
{
	CLEANUP(free_ptr) char *text = malloc(f->body_n + 1);
	size_t n = f->body_n;
	uint64_t shape;

	if (!text)
		return 0;
	memcpy(text, f->body, n);
	for (unsigned i = 0; i < seen->n; i++) {
		size_t k = strlen(seen->field[i].value);
		char *at = text;

		while (k >= 6 && seen->field[i].hidden && (at = memmem(at, n - (size_t)(at - text), seen->field[i].value, k))) {
			memmove(at, at + k, n - (size_t)(at - text) - k);
			n -= k;
		}
	}
	shape = surface_shape(text, n, out);
	return shape;
}

/* The page just seen asks for the same log-in again. A form for something else, such as a new password, does not count. */
static bool asks_again(const struct page *p)
{
	return p->seen.found && !strcmp(p->seen.user, p->form.user) && !strcmp(p->seen.password, p->form.password);
}

/* What the one who sent it sees next: does that page still ask for a password? */
static bool look_after(struct surface *s, struct page *p, bool *ret_asks, struct err *err)
{
	struct http *h = s->priv;
	struct answer next = { .retry_ns = -1 };
	char url[sizeof(p->to)];

	if (!h->answer.location[0] || !resolve(p->to, h->answer.location, url, sizeof(url)))
		snprintf(url, sizeof(url), "%s", s->to.url);
	if (!get(s, url, false, &next, err))
		return false;
	*ret_asks = next.reached && (asks_again(p) || next.status == 401);
	return true;
}

static bool read_answer(struct surface *s, struct page *p, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	const char *const out[2] = { user, secret }, *const none[2] = { NULL, NULL };
	struct http *h = s->priv;
	bool asks = asks_again(p), cookie = h->answer.cookie;
	char head[700];
	int n = snprintf(head, sizeof(head), "%d|%.500s", ret->status, h->answer.location);

	head[strcspn(head, "?")] = 0;
	n = (int)strlen(head);
	ret->body = said(&h->answer, &p->seen, out);
	ret->raw = said(&h->answer, &p->seen, none);
	if (asks) {                             /* the form again, to be used for the next try */
		snprintf(p->base, sizeof(p->base), "%s", p->to);
		p->form = p->seen;
		p->ready = !p->form.multipart;
	} else if (!look_after(s, p, &asks, err)) {
		return false;
	}
	ret->head = surface_shape(head, (size_t)n, out) ^ ((uint64_t)ret->status << 32) ^ ((uint64_t)asks << 48) ^
		    ((uint64_t)(cookie && !asks) << 49);
	snprintf(ret->text, sizeof(ret->text), "status %d, then a page that asks for %s", ret->status, asks ? "a password" : "none");
	return true;
}

static bool page_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct http *h = s->priv;
	struct page *p = h->more;

	if (!p->ready && !fetch_form(s, p, ret, err))
		return false;
	if (!p->ready)
		return true;
	if (!resolve(p->base, p->form.action, p->to, sizeof(p->to))) {
		ret->reached = p->ready = false;
		snprintf(ret->text, sizeof(ret->text), "the form is sent to another host");
		return true;
	}
	if (!fill_in(p, user, secret))
		return err_set(err, ERR_LIMIT, "the form is too long");
	if (!send_form(s, p, ret, err))
		return false;
	return !ret->reached || ret->locked || read_answer(s, p, user, secret, ret, err);
}

const struct surface_type surface_http_page = { "http_page", TARGET_URL, page_load, page_attempt, http_close, false };
