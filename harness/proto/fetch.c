/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/proto/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "harness/base/clock.h"
#include "harness/base/cleanup.h"
#include "harness/proto/url.h"

struct fetch {
	CURL *curl;
	struct fetch_answer *answer;    /* of the exchange going on */
	char *body;
	size_t body_max, body_room;
	char error[CURL_ERROR_SIZE];
};

static void free_slist(struct curl_slist **l) { curl_slist_free_all(*l); }

int64_t fetch_retry_after(const char *value, int64_t wall_now_s)
{
	char *end;
	long long s;

	while (*value == ' ' || *value == '\t')
		value++;
	if (*value >= '0' && *value <= '9') {
		errno = 0;
		s = strtoll(value, &end, 10);
		if (errno || (*end && *end != ' ' && *end != '\r' && *end != '\n'))
			return -1;
	} else {
		time_t t = curl_getdate(value, NULL);

		if (t < 0)
			return -1;
		s = (long long)t - wall_now_s;
	}
	if (s < 0)
		s = 0;
	return SEC(s > 86400 ? 86400 : s);
}

static bool body_grow(struct fetch *f, size_t want)
{
	size_t room = f->body_room ? f->body_room : 4096;
	char *more;

	while (room < want + 1)
		room *= 2;
	if (room == f->body_room)
		return true;
	more = realloc(f->body, room);
	if (!more)
		return false;
	f->body = more;
	f->body_room = room;
	return true;
}

static size_t on_body(char *p, size_t size, size_t n, void *data)
{
	struct fetch *f = data;
	struct fetch_answer *a = f->answer;
	size_t room = f->body_max - a->body_n, take = size * n < room ? size * n : room;

	if (!body_grow(f, a->body_n + take))
		return 0;
	memcpy(f->body + a->body_n, p, take);
	a->body_n += take;
	f->body[a->body_n] = 0;
	a->body = f->body;
	if (take < size * n)
		a->cut = true;
	return take;                    /* less than given ends the transfer */
}

/* The value when line[n] is the header `name`; trimmed, bounded, terminated in buf. */
static bool header_is(const char *line, size_t n, const char *name, char *buf, size_t max)
{
	size_t k = strlen(name), len;

	if (n <= k || line[k] != ':' || strncasecmp(line, name, k))
		return false;
	for (k++; k < n && (line[k] == ' ' || line[k] == '\t'); k++)
		;
	len = n - k < max - 1 ? n - k : max - 1;
	memcpy(buf, line + k, len);
	while (len && (buf[len - 1] == '\r' || buf[len - 1] == '\n' || buf[len - 1] == ' '))
		len--;
	buf[len] = 0;
	return true;
}

/* One more line; what does not fit is left out whole. */
static void add_challenge(struct fetch_answer *a, const char *value)
{
	size_t n = strlen(a->challenge), k = strlen(value);

	if (n + k + 2 <= sizeof(a->challenge))
		snprintf(a->challenge + n, sizeof(a->challenge) - n, "%s\n", value);
}

static size_t on_header(char *p, size_t size, size_t n, void *data)
{
	struct fetch_answer *a = ((struct fetch *)data)->answer;
	char value[512];

	n *= size;
	if (n > 5 && !strncmp(p, "HTTP/", 5)) {         /* a new answer (after 100 Continue) */
		a->cookie = false;
		a->location[0] = a->challenge[0] = 0;
		a->retry_after_ns = -1;
	} else if (header_is(p, n, "location", value, sizeof(value))) {
		snprintf(a->location, sizeof(a->location), "%s", value);
	} else if (header_is(p, n, "set-cookie", value, sizeof(value))) {
		a->cookie = true;
	} else if (header_is(p, n, "www-authenticate", value, sizeof(value))) {
		add_challenge(a, value);
	} else if (header_is(p, n, "retry-after", value, sizeof(value))) {
		a->retry_after_ns = fetch_retry_after(value, clock_wall_ns() / SEC(1));
	}
	return n;
}

bool fetch_start(struct err *err)
{
	static bool started;

	if (!started && curl_global_init(CURL_GLOBAL_DEFAULT))
		return err_set(err, ERR_OS, "libcurl does not start");
	started = true;
	return true;
}

bool fetch_new(struct fetch **ret, struct err *err)
{
	struct fetch *f;

	if (!fetch_start(err))
		return false;
	f = calloc(1, sizeof(*f));
	if (!f || !(f->curl = curl_easy_init())) {
		free(f);
		return err_set(err, ERR_OS, "libcurl: out of memory");
	}
	*ret = f;
	return true;
}

struct fetch *fetch_free(struct fetch *f)
{
	if (f) {
		curl_easy_cleanup(f->curl);
		free(f->body);
	}
	free(f);
	return NULL;
}

static bool set_headers(const struct fetch_ask *ask, struct curl_slist **ret, struct err *err)
{
	const char *fixed[] = { "Expect:", "Accept: */*", NULL };
	char text[4200];
	struct curl_slist *l;

	for (size_t i = 0; fixed[i]; i++) {
		if (!(l = curl_slist_append(*ret, fixed[i])))
			return err_set(err, ERR_OS, "out of memory");
		*ret = l;
	}
	if (ask->body) {
		snprintf(text, sizeof(text), "Content-Type: %s", ask->type ? ask->type : "application/json");
		if (strpbrk(text, "\r\n") || !(l = curl_slist_append(*ret, text)))
			return err_set(err, ERR_CONF, "type: not a media type");
		*ret = l;
	}
	if (ask->token) {
		snprintf(text, sizeof(text), "Authorization: Bearer %s", ask->token);
		if (strpbrk(text, "\r\n") || !(l = curl_slist_append(*ret, text)))
			return err_set(err, ERR_CONF, "token: line breaks in it");
		*ret = l;
	}
	if (ask->header) {
		if (strpbrk(ask->header, "\r\n") || !(l = curl_slist_append(*ret, ask->header)))
			return err_set(err, ERR_CONF, "header: line breaks in it");
		*ret = l;
	}
	return true;
}

static void set_tls(CURL *c, const struct fetch_ask *ask)
{
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, ask->no_verify ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, ask->no_verify || ask->no_name ? 0L : 2L);
	if (ask->ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, ask->ca);
	if (ask->no_verify) {           /* an old device is to be talked to as well: how good its TLS is, other tests tell */
		curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_0);
		curl_easy_setopt(c, CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0");
	}
}

static void set_request(CURL *c, const struct fetch_ask *ask)
{
	const char *method = ask->method ? ask->method : "GET";

	if (ask->body) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)(ask->body_n ? ask->body_n : strlen(ask->body)));
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, ask->body);
	}
	if (!strcmp(method, "HEAD"))
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	if (ask->user) {
		curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)(ask->digest ? CURLAUTH_DIGEST : CURLAUTH_BASIC));
		curl_easy_setopt(c, CURLOPT_USERNAME, ask->user);
		curl_easy_setopt(c, CURLOPT_PASSWORD, ask->password ? ask->password : "");
	}
}

static void set_bounds(struct fetch *f, const struct fetch_ask *ask)
{
	CURL *c = f->curl;
	long ms = (long)((ask->timeout_ns > 0 ? ask->timeout_ns : SEC(5)) / MS(1));

	curl_easy_setopt(c, CURLOPT_URL, ask->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, ms > 0 ? ms : 1L);
	curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, ask->fresh ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, f);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, f->error);
	if (ask->cookies != FETCH_NO_COOKIES)           /* begins to keep them in memory: a cookie that is over already */
		curl_easy_setopt(c, CURLOPT_COOKIELIST, "Set-Cookie: none=; Max-Age=0");
	if (ask->cookies != FETCH_COOKIES)
		curl_easy_setopt(c, CURLOPT_COOKIELIST, "ALL"); /* forgets */
}

/* Ours, not the device's: the local system refused before anything was asked. */
static bool local_fault(CURLcode rc, long os, bool spoke)
{
	if (rc == CURLE_OUT_OF_MEMORY && spoke)         /* how libcurl calls a header line longer than it takes */
		return false;
	/* CURLE_UNSUPPORTED_PROTOCOL is not among them: that is what a peer that does not speak HTTP gives */
	if (rc == CURLE_OUT_OF_MEMORY || rc == CURLE_FAILED_INIT || rc == CURLE_URL_MALFORMAT ||
	    rc == CURLE_SSL_CACERT_BADFILE || rc == CURLE_BAD_FUNCTION_ARGUMENT)
		return true;
	return rc == CURLE_COULDNT_CONNECT && (os == EMFILE || os == ENFILE || os == ENOBUFS || os == EADDRNOTAVAIL ||
					       os == EPERM || os == EACCES);
}

static bool perform(struct fetch *f, const struct fetch_ask *ask, struct err *err)
{
	struct fetch_answer *a = f->answer;
	long status = 0, os = 0;
	curl_off_t spoke = 0;
	CURLcode rc;

	a->begin_ns = clock_ns();
	rc = curl_easy_perform(f->curl);
	a->end_ns = clock_ns();
	curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(f->curl, CURLINFO_OS_ERRNO, &os);
	curl_easy_getinfo(f->curl, CURLINFO_STARTTRANSFER_TIME_T, &spoke);
	if (local_fault(rc, os, spoke > 0))
		return err_set(err, ERR_OS, "%s: %s", ask->url, f->error[0] ? f->error : curl_easy_strerror(rc));
	a->status = (int)status;
	a->reached = status > 0 && (rc == CURLE_OK || (rc == CURLE_WRITE_ERROR && a->cut));
	a->closed = rc == CURLE_COULDNT_CONNECT && os == ECONNREFUSED;
	a->bad_certificate = rc == CURLE_PEER_FAILED_VERIFICATION;
	a->verified = a->reached && !strncasecmp(ask->url, "https", 5) && !ask->no_verify;
	if (!a->reached)
		snprintf(a->why, sizeof(a->why), "%s", f->error[0] ? f->error : curl_easy_strerror(rc));
	return true;
}

bool fetch_do(struct fetch *f, const struct fetch_ask *ask, struct fetch_answer *ret, struct err *err)
{
	CLEANUP(free_slist) struct curl_slist *headers = NULL, *to = NULL;
	bool six = ask->address && strchr(ask->address, ':');
	char connect_to[80];
	struct url u;

	*ret = (struct fetch_answer){ .retry_after_ns = -1, .body = "" };
	f->body_max = ask->body_max ? ask->body_max : FETCH_BODY_MAX;
	if (f->body_max > FETCH_BODY_MOST)
		f->body_max = FETCH_BODY_MOST;
	if (!url_split(ask->url, &u))
		return err_set(err, ERR_CONF, "'%s' is not an http or https address", ask->url);
	curl_easy_reset(f->curl);       /* options only: connections stay */
	f->answer = ret;
	f->error[0] = 0;
	set_bounds(f, ask);
	set_request(f->curl, ask);
	set_tls(f->curl, ask);
	if (!set_headers(ask, &headers, err))
		return false;
	curl_easy_setopt(f->curl, CURLOPT_HTTPHEADER, headers);
	if (ask->address) {
		snprintf(connect_to, sizeof(connect_to), six ? "::[%s]:" : "::%s:", ask->address);
		if (!(to = curl_slist_append(NULL, connect_to)))
			return err_set(err, ERR_OS, "out of memory");
		curl_easy_setopt(f->curl, CURLOPT_CONNECT_TO, to);
	}
	return perform(f, ask, err);
}
