/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/fake.h"

#include <sys/mman.h>

#include "harness/base/test.h"
#include "harness/proto/peer.h"
#include "probes/fuzz/gen.h"
#include "probes/fuzz/http1.h"

extern const struct probe probe_fuzz;

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st;
	return !strcmp(ip, "127.0.0.1") || err_set(err, ERR_BENCH, "out of scope");
}

/* ---- where an answer ends ---- */
#define OK "HTTP/1.1 200 OK\r\n"
static const struct { const char *in; enum http1 want; int status; size_t n; } heads[] = {
	{ OK "Content-Length: 2\r\n\r\nhiHTTP", HTTP1_TAKEN, 200, 40 },
	{ OK "content-length:2\n\nhi", HTTP1_TAKEN, 200, 37 },
	{ OK "Content-Length: 3\r\n\r\nhi", HTTP1_MORE, 0, 0 },
	{ OK "Content-Length: x\r\n\r\nhi", HTTP1_BROKEN, 0, 0 },
	{ OK "Content-Length: 99999999999999999999\r\n\r\n", HTTP1_BROKEN, 0, 0 },
	{ OK "\r\nhi", HTTP1_UNTIL_END, 0, 0 },
	{ OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nHTTP", HTTP1_TAKEN, 200, 59 },
	{ OK "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n0\r\nX: y\r\n\r\n", HTTP1_TAKEN, 200, 69 },
	{ OK "Transfer-Encoding: chunked\r\n\r\nff\r\nhi", HTTP1_MORE, 0, 0 },
	{ OK "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", HTTP1_BROKEN, 0, 0 },
	{ "HTTP/1.1 204 No\r\n\r\nHTTP", HTTP1_TAKEN, 204, 19 },
	{ "HTTP/1.1 100 Go\r\n\r\n", HTTP1_TAKEN, 100, 19 },
	{ "HTTP/1.1", HTTP1_MORE, 0, 0 }, { "", HTTP1_MORE, 0, 0 }, { "SSH-2.0-x", HTTP1_BROKEN, 0, 0 }, { "HTTP/1.1 abc x\r\n\r\n", HTTP1_BROKEN, 0, 0 },
};
START_TEST(answer_end)
{
	struct http1_answer a = { 0 };
	size_t n = strlen(heads[_i].in);
	enum http1 got = http1_take((struct span){ (const uint8_t *)heads[_i].in, n }, false, &a);

	ck_assert_msg(got == heads[_i].want, "%s: %d", heads[_i].in, (int)got);
	if (got == HTTP1_TAKEN)
		ck_assert_msg(a.n == heads[_i].n && a.status == heads[_i].status, "%s: %zu", heads[_i].in, a.n);
	for (size_t k = 0; got == HTTP1_TAKEN && k < a.n; k++) {        /* cut anywhere, it is not whole */
		struct http1_answer b;
		enum http1 part = http1_take((struct span){ (const uint8_t *)heads[_i].in, k }, false, &b);

		ck_assert_msg(part != HTTP1_TAKEN && part != HTTP1_BROKEN, "%s cut at %zu", heads[_i].in, k);
	}
}
END_TEST

/* ---- cases ---- */
static struct gen_sample *sample(void)
{
	static struct gen_sample s = { .method = "PUT", .path = "/api/x", .host = "device", .type = "application/json",
				       .body = "{\"a\": [1, {\"b\": \"t\\\"x\"}], \"c\": null}" };
	struct err err = { 0 };

	ck_assert_msg(gen_prepare(&s, &err), "%s", err.text);
	return &s;
}

START_TEST(values)
{
	static const char *const want[] = { "{\"a\":[1,{\"b\":\"t\\\"x\"}],\"c\":null}", "\"a\"", "[1,{\"b\":\"t\\\"x\"}]", "1", "{\"b\":\"t\\\"x\"}",
					    "\"b\"", "\"t\\\"x\"", "\"c\"", "null" };
	const struct gen_sample *s = sample();

	ck_assert_uint_eq(s->values, 9);
	for (unsigned i = 0; i < 9; i++) {
		size_t n = s->value[i].to - s->value[i].from;

		ck_assert_msg(n == strlen(want[i]) && !memcmp(s->body + s->value[i].from, want[i], n), "%u: %.*s", i, (int)n,
			      s->body + s->value[i].from);
		ck_assert(s->value[i].key == (want[i][0] == '"' && i != 6));
	}
}
END_TEST

START_TEST(cases)
{
	static struct gen_case a, b;
	static char seen[40][64];
	unsigned kinds = 0, alone = 0;

	for (uint64_t n = 0; n < 3000; n++) {
		unsigned k = 0;

		gen_make(sample(), 7, n, &a);
		gen_make(sample(), 7, n, &b);
		ck_assert(a.n == b.n && !memcmp(a.bytes, b.bytes, a.n));
		ck_assert(a.n > 0 && a.n <= GEN_MAX);
		alone += a.alone;
		while (k < kinds && strcmp(seen[k], a.kind))
			k++;
		ck_assert_uint_lt(k, 40);
		if (k == kinds)
			strcpy(seen[kinds++], a.kind);
	}
	ck_assert_uint_ge(kinds, 20);
	ck_assert_uint_gt(alone, 200);
	gen_make(sample(), 8, 0, &b);
	gen_make(sample(), 7, 0, &a);
	ck_assert(a.n != b.n || memcmp(a.bytes, b.bytes, a.n));
}
END_TEST

/* ---- the verbs ---- */
static const char *polite(const char *r)
{
	return strstr(r, "\r\n\r\n{\"celsius\":21}") ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" :
		"HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno";
}
static const char *fragile(const char *r)       /* dies of deep nesting */
{
	return strstr(r, "[[[[[[[[") ? PEER_DIE : polite(r);
}
static const char *hanging(const char *r)
{
	(void)r;
	return PEER_SILENT;
}

static int64_t fact(const char *name) { return json_integer_value(json_object_get(fake.facts, name)); }
static const char *text(const char *name) { return json_string_value(json_object_get(fake.facts, name)); }

static void structure(int port, int count, const char *more)
{
	char args[500];

	if (!fake.bench)
		fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	fake.incomplete[0] = 0;
	snprintf(args, sizeof(args), "{\"interface\":{\"name\":\"x\",\"method\":\"PUT\",\"url\":\"http://dut:%d/x\",\"body\":\"{\\\"celsius\\\":21}\"},"
		 "\"cases\":%d,\"budget\":%lld%s}", port, count, (long long)SEC(10), more);
	fake_step(&probe_fuzz, "structure", args);
}

START_TEST(survives)
{
	int64_t begin = clock_ns();

	structure(peer_start(polite, NULL), 2000, "");
	ck_assert_int_eq(fact("sent"), 2000);
	ck_assert_int_eq(fact("lost"), 0);
	ck_assert_int_gt(fact("answered"), 1800);
	ck_assert_str_eq(fake.incomplete, "");
	fprintf(stderr, "# %lld cases a second\n", (long long)(2000 * SEC(1) / (clock_ns() - begin)));
	fake_close();
}
END_TEST

/* A device that comes back, as by its watchdog. */
static int supervised(peer_answer *answer)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert(!bind(fd, (struct sockaddr *)&a, sizeof(a)) && !getsockname(fd, (struct sockaddr *)&a, &n));
	close(fd);
	if (fork())
		return ntohs(a.sin_port);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			fd = socket(AF_INET, SOCK_STREAM, 0);
			setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
			if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 64))
				_exit(1);
			peer_serve(fd, answer);
		}
		waitpid(pid, NULL, 0);
		usleep(300000);
	}
}

START_TEST(finds_the_case)
{
	char again[64], *number;
	int port = supervised(fragile);

	usleep(100000);
	structure(port, 400, "");
	ck_assert_int_eq(fact("lost"), 1);
	ck_assert_msg(strstr(text("last_case"), "stops the device") && strstr(text("last_case"), "nesting"), "%s", text("last_case"));
	number = strstr(text("last_case"), "case ");    /* and it does so again, from its number and the seed alone */
	snprintf(again, sizeof(again), ",\"first\":%ld,\"seed\":%s", strtol(number + 5, NULL, 10), text("seed"));
	usleep(500000);
	structure(port, 1, again);
	ck_assert_int_eq(fact("lost"), 1);
	fake_close();
}
END_TEST

START_TEST(never_there)
{
	structure(1, 10, "");
	ck_assert_str_ne(fake.incomplete, "");
	ck_assert_int_eq(fact("sent"), 0);
	structure(peer_start(hanging, NULL), 10, ",\"limit\":100000000");
	ck_assert_str_ne(fake.incomplete, "");
	ck_assert_int_eq(fact("sent"), 0);
	fake_close();
}
END_TEST

/* ---- values ---- */
static double sent_value(const char *r, bool *ret_number)
{
	const char *p = strstr(r, "\"celsius\":");
	char *end;
	double v = p ? strtod(p + 10, &end) : 0;

	*ret_number = p && end != p + 10 && *end == '}' && strspn(p + 10, "-0123456789.e+") == (size_t)(end - p - 10);
	return v;
}
#define ACCEPTED "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define REFUSED "HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno"
static const char *strict(const char *r)
{
	bool number;
	double v = sent_value(r, &number);

	return number && v >= 5 && v <= 30 ? ACCEPTED : REFUSED;
}
static const char *lax(const char *r)
{
	bool number;
	double v = sent_value(r, &number);

	return number && v >= 5 && v <= 31 ? ACCEPTED : REFUSED;        /* one off */
}
static const char *narrow(const char *r)
{
	bool number;
	double v = sent_value(r, &number);

	return number && v > 5 && v <= 30 ? ACCEPTED : REFUSED;
}
static const char *locked(const char *r)
{
	(void)r;
	return "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";
}
static const struct { peer_answer *peer; bool outside, inside, incomplete; } ranges[] = {
	{ strict, false, false, false }, { lax, true, false, false }, { narrow, false, true, false }, { locked, false, false, true },
	{ hanging, false, false, true },
};
START_TEST(range)
{
	char args[400];

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	snprintf(args, sizeof(args), "{\"inputs\":[{\"name\":\"t\",\"url\":\"http://dut:%d/x\",\"body\":\"{\\\"celsius\\\":${value}}\",\"min\":5,\"max\":30}],"
		 "\"timeout\":%d}", peer_start(ranges[_i].peer, NULL), ranges[_i].peer == hanging ? 20000000 : 2000000000);
	fake_step(&probe_fuzz, "range", args);
	ck_assert_int_gt(fact("cases"), 25);
	ck_assert_msg((fact("accepted_outside") > 0) == ranges[_i].outside, "%s", text("worst"));
	ck_assert_msg((fact("refused_inside") > 0) == ranges[_i].inside, "%s", text("worst"));
	ck_assert((fake.incomplete[0] != 0) == ranges[_i].incomplete);
	fake_close();
}
END_TEST

TEST_MAIN({ "answer_end", answer_end, ROWS(heads) }, { "values", values, 1 }, { "cases", cases, 1 }, { "survives", survives, 1 },
	  { "finds_the_case", finds_the_case, 1 }, { "never_there", never_there, 1 }, { "range", range, ROWS(ranges) })
