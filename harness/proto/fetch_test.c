/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/proto/fetch.h"

#include "harness/base/clock.h"
#include "harness/base/test.h"
#include "harness/proto/hostile.h"
#include "harness/proto/peer.h"
#include "harness/proto/url.h"

static const char *answer(const char *request)
{
	static char big[300000];

	if (strstr(request, "/silent"))
		return PEER_SILENT;
	if (strstr(request, "/end"))
		return PEER_END;
	if (strstr(request, "/garbage"))
		return "not http at all\r\n\r\n";
	if (strstr(request, "/lock"))
		return "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
	if (strstr(request, "/redirect"))
		return "HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n";
	if (strstr(request, "/big")) {
		int n = sprintf(big, "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n");

		memset(big + n, 'x', 200000);
		big[n + 200000] = 0;
		return big;
	}
	if (strstr(request, "Authorization: Basic YTpi"))
		return "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nauth";
	return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
}

static const struct { const char *path; bool reached; int status; size_t n; bool cut; } rows[] = {
	{ "/", true, 200, 5, false }, { "/silent", false, 0, 0, false }, { "/end", false, 0, 0, false }, { "/garbage", false, 0, 0, false },
	{ "/lock", true, 429, 0, false }, { "/redirect", true, 302, 0, false }, { "/big", true, 200, FETCH_BODY_MAX, true },
};
START_TEST(answers)
{
	int port = peer_start(answer, NULL);
	struct fetch_answer a;
	struct fetch *f;
	struct err err = { 0 };
	char url[64];

	ck_assert(fetch_new(&f, &err));
	snprintf(url, sizeof(url), "http://device:%d%s", port, rows[_i].path);
	for (int twice = 0; twice < 2; twice++) {       /* the second over whatever connection is left */
		struct fetch_ask ask = { .url = url, .address = "127.0.0.1", .timeout_ns = MS(300) };

		ck_assert_msg(fetch_do(f, &ask, &a, &err), "%s", err.text);
		ck_assert_msg(a.reached == rows[_i].reached, "%s: %s", url, a.why);
		ck_assert(a.reached || a.why[0]);
		ck_assert(!a.reached || (a.status == rows[_i].status && a.body_n == rows[_i].n && a.cut == rows[_i].cut));
		ck_assert(!a.reached || strlen(a.body) == a.body_n);
	}
	ck_assert_int_eq(a.retry_after_ns, rows[_i].status == 429 ? SEC(7) : -1);
	ck_assert(a.cookie == (rows[_i].status == 302));
	fetch_free(f);
}
END_TEST

START_TEST(hostile)
{
	const struct hostile_case *c = &hostile_cases[_i];
	struct fetch_answer a;
	struct hostile h;
	struct fetch *f;
	struct err err = { 0 };
	char url[64];

	ck_assert(fetch_new(&f, &err));
	hostile_start(&h, c);
	for (int tls = 0; tls < 2; tls++) {
		struct fetch_ask ask = { .url = url, .address = "127.0.0.1", .no_verify = true, .timeout_ns = MS(500) };

		snprintf(url, sizeof(url), "http%s://device:%d/", tls ? "s" : "", h.port);
		ck_assert_msg(fetch_do(f, &ask, &a, &err), "%s: %s", c->name, err.text);
		ck_assert_msg(a.reached || a.why[0], "%s", c->name);
		ck_assert_msg(!a.reached || (!tls && a.body_n <= FETCH_BODY_MAX), "%s", c->name);
	}
	hostile_left_early(&h, c);
	hostile_bounded(&h, c, SEC(4));
	hostile_stop(&h);
	fetch_free(f);
}
END_TEST

START_TEST(requests)
{
	int port = peer_start(answer, NULL);
	struct fetch_answer a;
	struct fetch *f;
	struct err err = { 0 };
	char url[64];

	ck_assert(fetch_new(&f, &err));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", port);
	ck_assert(fetch_do(f, &(struct fetch_ask){ .url = url, .user = "a", .password = "b" }, &a, &err));
	ck_assert_str_eq(a.body, "auth");
	ck_assert(fetch_do(f, &(struct fetch_ask){ .url = url }, &a, &err));     /* credentials do not stick */
	ck_assert_str_eq(a.body, "hello");
	ck_assert(fetch_do(f, &(struct fetch_ask){ .url = "http://127.0.0.1:1/" }, &a, &err));
	ck_assert(!a.reached && a.closed);
	ck_assert(!fetch_do(f, &(struct fetch_ask){ .url = "file:///etc/passwd" }, &a, &err));
	ck_assert(!fetch_do(f, &(struct fetch_ask){ .url = url, .token = "a\r\nX: b" }, &a, &err));
	fetch_free(f);
}
END_TEST

static const struct { const char *text; bool ok; const char *host; int port; const char *path; } urls[] = {
	{ "https://dut/api/state", true, "dut", 443, "/api/state" }, { "http://dut", true, "dut", 80, "/" },
	{ "HTTP://a:8080?x=1", true, "a", 8080, "/?x=1" }, { "https://[fd77::1]:8443/x", true, "fd77::1", 8443, "/x" },
	{ "ftp://a/", false, 0, 0, 0 }, { "http://u:p@a/", false, 0, 0, 0 }, { "http://a:0/", false, 0, 0, 0 },
	{ "http://a:65536/", false, 0, 0, 0 }, { "http://a:/", false, 0, 0, 0 }, { "http:///x", false, 0, 0, 0 }, { "http://a/ b", false, 0, 0, 0 },
	{ "http://a/#x", false, 0, 0, 0 }, { "http://[fd77::1", false, 0, 0, 0 }, { "http://a:1x/", false, 0, 0, 0 }, { "", false, 0, 0, 0 },
};
START_TEST(split)
{
	struct url u = { 0 };

	ck_assert_msg(url_split(urls[_i].text, &u) == urls[_i].ok, "%s", urls[_i].text);
	if (!urls[_i].ok)
		return;
	ck_assert_str_eq(u.host, urls[_i].host);
	ck_assert_int_eq(u.port, urls[_i].port);
	ck_assert_str_eq(u.path, urls[_i].path);
}
END_TEST

static const struct { const char *text; int64_t ns; } waits[] = {
	{ "0", 0 }, { "120", SEC(120) }, { " 5 ", SEC(5) }, { "99999999999", SEC(86400) }, { "Thu, 01 Jan 1970 00:01:40 GMT", SEC(60) },
	{ "Thu, 01 Jan 1970 00:00:01 GMT", 0 }, { "soon", -1 }, { "", -1 }, { "12x", -1 },
};
START_TEST(retry_after)
{
	ck_assert_msg(fetch_retry_after(waits[_i].text, 40) == waits[_i].ns, "'%s': %lld", waits[_i].text,
		      (long long)fetch_retry_after(waits[_i].text, 40));
}
END_TEST

TEST_MAIN({ "answers", answers, ROWS(rows) }, { "hostile", hostile, ROWS(hostile_cases) }, { "requests", requests, 1 }, { "split", split, ROWS(urls) },
	  { "retry_after", retry_after, ROWS(waits) })
