/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_http.c - HTTP Basic, a posted HTML form, a posted JSON object.
 * Source  RFC 7235 (401), RFC 7617 (Basic), RFC 6585 4 (429), RFC 4918 11.3 (423), RFC 9110 10.2.3 (Retry-After). */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "probes/login/surface_http.h"

void http_close(struct surface *s)
{
	struct http *h = s->priv;

	if (h) {
		fetch_free(h->fetch);
		free(h->more);
	}
	free(h);
	s->priv = NULL;
}

bool http_load(struct surface *s, const json_t *row, struct err *err)
{
	bool basic = s->type == &surface_http_basic || s->type == &surface_http_digest;
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return err_set(err, ERR_OS, "out of memory");
	s->priv = h;
	return surface_text(row, "method", basic ? "GET" : "POST", s->method, sizeof(s->method), err) &&
	       surface_text(row, "user_field", "user", s->user_field, sizeof(s->user_field), err) &&
	       surface_text(row, "password_field", "password", s->password_field, sizeof(s->password_field), err) &&
	       fetch_new(&h->fetch, err);
}

/* A lock is what the answer says: the two status codes, or any refusal that names a time to come back. */
static bool says_locked(const struct surface *s, const struct fetch_answer *f)
{
	if (f->status == 429 || f->status == 423 || (f->status >= 400 && f->retry_after_ns >= 0))
		return true;
	return s->has_locked && !regexec(&s->locked, f->body, 0, NULL, 0);
}

static void shapes(const struct fetch_answer *f, const char *const out[2], struct answer *ret)
{
	char head[700];
	int n = snprintf(head, sizeof(head), "%d|%d|%.500s", f->status, f->cookie, f->location);

	for (int i = 0; i < n; i++)
		if (head[i] == '?')
			n = i;                  /* a query may hold a nonce */
	ret->head = surface_shape(head, (size_t)n, out) ^ ((uint64_t)f->status << 32);
	ret->body = surface_shape(f->body, f->body_n, out);
	ret->raw = surface_shape(f->body, f->body_n, (const char *const[2]){ NULL, NULL });
}

bool http_exchange(struct surface *s, struct fetch_ask *ask, struct answer *ret, struct err *err)
{
	struct http *h = s->priv;
	struct fetch_answer *f = &h->answer;

	ask->url = ask->url ? ask->url : s->to.url;
	ask->address = s->to.address;
	ask->method = ask->method ? ask->method : s->method;
	ask->timeout_ns = s->timeout_ns;
	ask->ca = s->ca[0] ? s->ca : NULL;
	ask->no_verify = s->to.dut && !ask->ca;
	ask->no_name = s->to.dut;
	if (!fetch_do(h->fetch, ask, f, err))
		return false;
	ret->begin_ns = f->begin_ns;
	ret->end_ns = f->end_ns;
	ret->reached = f->reached;
	ret->closed = f->closed;
	ret->status = f->status;
	if (!f->reached) {
		snprintf(ret->text, sizeof(ret->text), "%.190s", f->why);
		return true;
	}
	ret->locked = says_locked(s, f);
	ret->retry_ns = f->retry_after_ns;
	ret->broken = f->status >= 500 && !ret->locked;
	ret->says = f->status == 401 ? SAYS_REFUSED : SAYS_NOTHING;
	snprintf(ret->text, sizeof(ret->text), "status %d", f->status);
	return true;
}

static bool exchange(struct surface *s, struct fetch_ask *ask, const char *user, const char *secret, struct answer *ret,
		     struct err *err)
{
	struct http *h = s->priv;

	if (!http_exchange(s, ask, ret, err))
		return false;
	if (ret->reached)
		shapes(&h->answer, (const char *const[2]){ user, secret }, ret);
	return true;
}

static bool basic_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct fetch_ask ask = { .user = user, .password = secret };

	if (!exchange(s, &ask, user, secret, ret, err))
		return false;
	if (ret->reached && ret->status >= 200 && ret->status < 300 && !ret->locked)
		ret->says = SAYS_GRANTED;
	return true;
}

static bool json_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	CLEANUP(free_json) json_t *j = json_object();
	CLEANUP(free_ptr) char *body = NULL;
	struct fetch_ask ask = { 0 };

	if (s->user_field[0])
		json_object_set_new(j, s->user_field, json_string(user));
	json_object_set_new(j, s->password_field, json_string(secret));
	body = json_dumps(j, JSON_COMPACT);
	if (!body)
		return err_set(err, ERR_CONF, "a user or password that is not UTF-8 does not fit into JSON");
	ask.body = body;
	return exchange(s, &ask, user, secret, ret, err);
}

static void free_curl(char **p) { curl_free(*p); }

static bool form_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	CLEANUP(free_curl) char *u = curl_easy_escape(NULL, user, 0);
	CLEANUP(free_curl) char *p = curl_easy_escape(NULL, secret, 0);
	char body[1600];
	struct fetch_ask ask = { .body = body, .type = "application/x-www-form-urlencoded" };
	int n;

	if (!u || !p)
		return err_set(err, ERR_OS, "out of memory");
	n = snprintf(body, sizeof(body), "%s%s%s%s%s=%s", s->user_field, s->user_field[0] ? "=" : "",
		     s->user_field[0] ? u : "", s->user_field[0] ? "&" : "", s->password_field, p);
	if (n >= (int)sizeof(body))
		return err_set(err, ERR_LIMIT, "user and password are too long for a form");
	return exchange(s, &ask, user, secret, ret, err);
}

const struct surface_type surface_http_basic = { "http_basic", TARGET_URL, http_load, basic_attempt, http_close, false };
const struct surface_type surface_http_form = { "http_form", TARGET_URL, http_load, form_attempt, http_close, false };
const struct surface_type surface_http_json = { "http_json", TARGET_URL, http_load, json_attempt, http_close, false };
