/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "probes/fuzz/gen_in.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *pick(struct rng *r, const char *const *list, size_t n) { return list[rng_below(r, n)]; }

static void finish(const struct gen_sample *s, struct buf *o)
{
	char line[64];

	snprintf(line, sizeof(line), "Content-Length: %zu\r\n\r\n", s->body_n);
	put_text(o, line);
	put(o, s->body, s->body_n);
}

static void long_header(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	gen_head(s, o);
	put_text(o, rng_below(r, 2) ? "X-Long: " : "Cookie: ");
	put_many(o, "A", gen_length(r, 16));
	put_text(o, "\r\n");
	finish(s, o);
}

static void many_headers(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	char line[48];

	gen_head(s, o);
	for (size_t i = 0, n = gen_length(r, 11); i < n; i++) {
		snprintf(line, sizeof(line), "X-%zu: %zu\r\n", i, i);
		put_text(o, line);
	}
	finish(s, o);
}

static void odd_header(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	static const char *const v[] = { "no colon\r\n", ": no name\r\n", "X : space\r\n", "X\t: tab\r\n", " folded\r\n", "X: a\r\n b\r\n", "X: \x01\x02\r\n",
					 "Host: other\r\n", "Host: a\r\nHost: b\r\n", "Expect: 200-maybe\r\n", "Connection: a, b, close, c\r\n",
					 "Upgrade: h2c\r\n", "Range: bytes=0-0,1-1,-1\r\n", "Content-Encoding: gzip\r\n", "Cookie: ;;;=;=\r\n",
					 "Content-Type: multipart/form-data\r\n", "Accept-Language: \xff\xfe\r\n", "X: a\nY: b\r\n" };
	gen_head(s, o);
	put_text(o, pick(r, v, COUNT(v)));
	finish(s, o);
}

static void authorization(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	static const char *const v[] = { "Basic", "Basic ", "Basic !!!!", "Basic Og==", "Basic OjpBOjo=", "Basic AA==", "Bearer", "Bearer ", "Bearer \x80",
					 "Digest username=\"a\"", "Negotiate", "", "Basic YTo=, Basic YTo=", "basic" };
	struct gen_sample other = *s;

	other.authorization[0] = 0;
	gen_head(&other, o);
	put_text(o, "Authorization: ");
	put_text(o, pick(r, v, COUNT(v)));
	if (!rng_below(r, 3)) {
		put_text(o, " ");
		put_many(o, "QUFB", gen_length(r, 13));
	}
	put_text(o, "\r\n");
	finish(&other, o);
}

static void lengths(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	static const char *const v[] = { "-1", "0", "1", "99999999", "4294967296", "18446744073709551616", "0x10", "1 2", "+5", "", "abc", "5\r\nContent-Length: 6" };

	gen_head(s, o);
	put_text(o, "Content-Length: ");
	put_text(o, pick(r, v, COUNT(v)));
	put_text(o, "\r\n\r\n");
	put(o, s->body, s->body_n);
}

static void chunks(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	static const char *const v[] = { "0\r\n\r\n", "g\r\n", "-1\r\n{}\r\n0\r\n\r\n", "ffffffffffffffff\r\n{}\r\n", "80000000\r\n", "2\r\n{}", "2\r\n{}xx0\r\n\r\n",
					 "1;a=b\r\n{\r\n1\r\n}\r\n0\r\n\r\n", "00000000000000000002\r\n{}\r\n0\r\n\r\n", "\r\n\r\n", "2\n{}\n0\n\n", " 2\r\n{}\r\n0\r\n\r\n" };

	gen_head(s, o);
	if (!rng_below(r, 3))
		put_text(o, "Content-Length: 4\r\n");
	put_text(o, rng_below(r, 4) ? "Transfer-Encoding: chunked\r\n\r\n" : "Transfer-Encoding: chunked, identity, x\r\n\r\n");
	put_text(o, pick(r, v, COUNT(v)));
}

static void request_line(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	static const char *const method[] = { "GET", "get", "FOO", "TRACE", "CONNECT", "OPTIONS", "DELETE", "PATCH", "PROPFIND", "\x01", "POST POST", "" };
	static const char *const path[] = { "*", "/%00", "/%", "/%zz", "/../../../etc/passwd", "/..%2f..%2fetc/passwd", "//", "/\xff", "/?a=b&a=b&&&=", "",
					    "http://other/", "/api/%2e%2e/", "/;a=b", "/#x", "/a b" };
	static const char *const version[] = { "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "HTTP/2.0", "HTTP/1.1 ", "http/1.1", "HTTP/", "HTTP/1.", "" };

	put_text(o, rng_below(r, 2) ? pick(r, method, COUNT(method)) : s->method);
	put_text(o, " ");
	if (rng_below(r, 4) == 0)
		put_many(o, "/A", gen_length(r, 14));
	else
		put_text(o, rng_below(r, 2) ? pick(r, path, COUNT(path)) : s->path);
	put_text(o, " ");
	put_text(o, rng_below(r, 2) ? pick(r, version, COUNT(version)) : "HTTP/1.1");
	put_text(o, "\r\nHost: ");
	put_text(o, s->host);
	put_text(o, "\r\n");
	finish(s, o);
}

static void noise(const struct gen_sample *s, struct rng *r, struct buf *o)
{
	uint8_t bytes[512];
	size_t n = 1 + (size_t)rng_below(r, sizeof(bytes));

	(void)s;
	rng_bytes(r, bytes, n);
	put(o, bytes, n);
	put_text(o, "\r\n\r\n");
}

static const struct { const char *name; void (*f)(const struct gen_sample *, struct rng *, struct buf *); } kinds[] = {
	{ "long header", long_header }, { "many headers", many_headers }, { "odd header", odd_header }, { "authorization", authorization },
	{ "length", lengths }, { "chunks", chunks }, { "request line", request_line }, { "noise", noise },
};

const char *gen_http(const struct gen_sample *s, struct rng *r, struct buf *out, bool *ret_alone)
{
	uint64_t k = rng_below(r, COUNT(kinds));

	kinds[k].f(s, r, out);
	*ret_alone = true;
	return kinds[k].name;
}
