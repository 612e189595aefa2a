/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/fuzz/http1.h"

#include <string.h>
#include <strings.h>

/* Offset after the empty line that ends the head; 0 = not there. */
static size_t head_end(struct span in)
{
	size_t n = in.n < HTTP1_HEAD ? in.n : HTTP1_HEAD;

	for (size_t i = 0; i + 1 < n; i++) {
		if (in.p[i] != '\n')
			continue;
		if (in.p[i + 1] == '\n')
			return i + 2;
		if (in.p[i + 1] == '\r' && i + 2 < n && in.p[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

static bool status_of(struct span in, int *ret)
{
	if (in.n < 12 || memcmp(in.p, "HTTP/1.", 7) || in.p[8] != ' ')
		return false;
	*ret = 0;
	for (int i = 9; i < 12; i++) {
		if (in.p[i] < '0' || in.p[i] > '9')
			return false;
		*ret = *ret * 10 + (in.p[i] - '0');
	}
	return *ret >= 100;
}

/* Value of the header in head[0..n), without leading blanks; false when absent. */
static bool header(const uint8_t *head, size_t n, const char *name, struct span *ret)
{
	size_t k = strlen(name);

	for (size_t i = 0; i + k < n; i++) {
		size_t v, end;

		if (i && head[i - 1] != '\n')
			continue;
		if (strncasecmp((const char *)head + i, name, k) || head[i + k] != ':')
			continue;
		for (v = i + k + 1; v < n && (head[v] == ' ' || head[v] == '\t'); v++)
			;
		for (end = v; end < n && head[end] != '\r' && head[end] != '\n'; end++)
			;
		*ret = (struct span){ head + v, end - v };
		return true;
	}
	return false;
}

static bool is_word(struct span v, const char *word)
{
	return v.n == strlen(word) && !strncasecmp((const char *)v.p, word, v.n);
}

static bool number(struct span v, unsigned base, size_t *ret)
{
	size_t n = 0;

	if (!v.n)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		unsigned c = v.p[i], d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;

		if (d >= base)
			return false;
		n = n * base + d;
		if (n > HTTP1_BODY)
			return false;
	}
	*ret = n;
	return true;
}

/* Length of a chunked body from `at` on; trailers are taken as lines up to an empty one. */
static enum http1 chunked(struct span in, size_t at, size_t *ret_end)
{
	for (bool last = false; at <= HTTP1_BODY + HTTP1_HEAD;) {
		const uint8_t *nl;
		size_t line, size = 0, digits = 0;

		if (at >= in.n)
			return HTTP1_MORE;
		nl = memchr(in.p + at, '\n', in.n - at);
		if (!nl)
			return in.n - at > 1024 ? HTTP1_BROKEN : HTTP1_MORE;
		line = (size_t)(nl - in.p) - at;
		if (last) {
			at += line + 1;
			if (line == 0 || (line == 1 && in.p[at - 2] == '\r')) {
				*ret_end = at;
				return HTTP1_TAKEN;
			}
			continue;
		}
		while (digits < line && in.p[at + digits] != ';' && in.p[at + digits] != '\r' && in.p[at + digits] != ' ')
			digits++;
		if (!number((struct span){ in.p + at, digits }, 16, &size))
			return HTTP1_BROKEN;
		at += line + 1;
		last = size == 0;
		if (!last)
			at += size + 2;         /* data and its CRLF */
	}
	return HTTP1_BROKEN;
}

static enum http1 body(struct span in, size_t at, struct http1_answer *ret)
{
	struct span v;
	size_t n;

	if (header(in.p, at, "transfer-encoding", &v)) {
		enum http1 got = is_word(v, "chunked") ? chunked(in, at, &n) : HTTP1_UNTIL_END;

		if (got == HTTP1_TAKEN)
			ret->n = n;
		return got;
	}
	if (!header(in.p, at, "content-length", &v))
		return HTTP1_UNTIL_END;
	if (!number(v, 10, &n))
		return HTTP1_BROKEN;
	if (in.n - at < n)
		return HTTP1_MORE;
	ret->n = at + n;
	return HTTP1_TAKEN;
}

enum http1 http1_take(struct span in, bool head_only, struct http1_answer *ret)
{
	struct http1_answer a = { 0 };
	size_t at = head_end(in);
	enum http1 got;
	struct span v;

	if (in.n >= 7 && memcmp(in.p, "HTTP/1.", 7))
		return HTTP1_BROKEN;
	if (!at)
		return in.n >= HTTP1_HEAD ? HTTP1_BROKEN : HTTP1_MORE;
	if (!status_of(in, &a.status))
		return HTTP1_BROKEN;
	a.close = (header(in.p, at, "connection", &v) && is_word(v, "close")) || in.p[7] == '0';
	a.n = at;
	if (head_only || a.status < 200 || a.status == 204 || a.status == 304)
		got = HTTP1_TAKEN;
	else
		got = body(in, at, &a);
	*ret = a;
	return got;
}
