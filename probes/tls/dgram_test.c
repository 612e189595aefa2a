/* SPDX-License-Identifier: Apache-2.0
 *
 * DTLS: pieces put together, servers nobody here wrote, and servers that lie. */
#include "harness/fake.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>

#include "harness/base/test.h"
#include "harness/proto/daemon.h"
#include "probes/tls/dgram.h"
#include "probes/tls/test_step.h"

/* ---- pieces ---- */
static size_t record(uint8_t *out, unsigned type, unsigned number, size_t len, size_t at, size_t n)     /* a piece of len bytes 0, 1, 2 ... */
{
	uint8_t head[25] = { 22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)((n + 12) >> 8), (uint8_t)(n + 12), (uint8_t)type, 0,
			     (uint8_t)(len >> 8), (uint8_t)len, 0, (uint8_t)number, 0, (uint8_t)(at >> 8), (uint8_t)at, 0, (uint8_t)(n >> 8),
			     (uint8_t)n };

	memcpy(out, head, sizeof(head));
	for (size_t i = 0; i < n; i++)
		out[sizeof(head) + i] = (uint8_t)(at + i);
	return sizeof(head) + n;
}

struct piece { unsigned type, number; size_t len, at, n; };
static const struct { const char *name; struct piece p[5]; const char *out; } orders[] = {
	{ "in order", { { 2, 1, 4, 0, 4 }, { 14, 2, 0, 0, 0 } }, "2:4 14:0 " },
	{ "the end first", { { 14, 2, 0, 0, 0 }, { 2, 1, 4, 0, 4 } }, "2:4 14:0 " },
	{ "in pieces, backwards, one twice", { { 2, 1, 9, 6, 3 }, { 2, 1, 9, 3, 3 }, { 2, 1, 9, 6, 3 }, { 2, 1, 9, 0, 3 } }, "2:9 " },
	{ "pieces that overlap", { { 2, 0, 9, 0, 6 }, { 2, 0, 9, 3, 6 } }, "2:9 " },
	{ "one is lost", { { 2, 1, 4, 0, 4 }, { 14, 3, 0, 0, 0 } }, "2:4 " },
	{ "a hole", { { 2, 1, 9, 0, 3 }, { 2, 1, 9, 6, 3 } }, "" },
	{ "no hello", { { 11, 1, 4, 0, 4 }, { 14, 2, 0, 0, 0 } }, "" },
	{ "one number, two lengths", { { 2, 1, 9, 0, 3 }, { 2, 1, 8, 3, 3 } }, "garbage" },
	{ "beyond its end", { { 2, 1, 4, 2, 3 } }, "garbage" },
};
START_TEST(pieces)
{
	static struct dgram d;
	char got[100] = "";

	dgram_begin(&d);
	for (int i = 0; i < 5 && orders[_i].p[i].type; i++) {
		const struct piece *p = &orders[_i].p[i];
		uint8_t in[64];
		enum dgram_says says = dgram_read(&d, (struct span){ in, record(in, p->type, p->number, p->len, p->at, p->n) });

		if (says == DGRAM_GARBAGE)
			strcpy(got, "garbage");
		for (size_t at = 0; says == DGRAM_RECORDS && at < d.n;) {       /* a record with the head, one with the body */
			size_t n = (size_t)(d.out[at + 7] << 8 | d.out[at + 8]);

			sprintf(got + strlen(got), "%d:%zu ", d.out[at + 5], n);
			for (size_t k = 0; k < n; k++)
				ck_assert_uint_eq(d.out[at + 14 + k], k);
			at += n ? 14 + n : 9;
		}
	}
	ck_assert_msg(!strcmp(got, orders[_i].out), "%s: %s", orders[_i].name, got);
}
END_TEST

START_TEST(cookie)                      /* the hello again, with its three lengths; a cookie asked for twice is one */
{
	static const uint8_t ask[] = { 22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17, 3, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0xfe, 0xff, 2, 7, 8 };
	const struct numbers suites = { { 0xc0a8 }, 1 };
	struct hello h = { .version = TLS1_2, .suites = &suites, .datagram = true };
	uint8_t hello[HELLO_MAX], again[DGRAM_HELLO];
	static struct dgram d;
	size_t n = hello_write(&h, hello), m;

	dgram_begin(&d);
	ck_assert_int_eq(dgram_read(&d, (struct span){ ask, sizeof(ask) }), DGRAM_COOKIE);
	ck_assert_int_eq(dgram_read(&d, (struct span){ ask, sizeof(ask) }), DGRAM_NOTHING);
	m = dgram_answer(&d, hello, n, again);
	ck_assert_uint_eq(m, n + 2);
	ck_assert_uint_eq((size_t)(again[11] << 8 | again[12]), m - 13);
	ck_assert_uint_eq((size_t)(again[15] << 8 | again[16]), m - 25);
	ck_assert_uint_eq((size_t)(again[23] << 8 | again[24]), m - 25);
	ck_assert(again[18] == 1 && again[60] == 2 && again[61] == 7 && again[62] == 8 && !memcmp(again + 63, hello + 61, n - 61));
}
END_TEST

/* ---- servers nobody here wrote ---- */
static bool bound(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool taken = bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0;

	close(fd);
	return taken;
}

static void run_datagrams(struct daemon *d, const char *command)
{
	char *argv[] = { (char *)(uintptr_t)"/bin/sh", (char *)(uintptr_t)"-c", daemon_text(d, "exec %s", command), NULL };
	int64_t until = clock_ns() + SEC(20);

	daemon_spawn(d, argv);
	while (!bound(d->port) && clock_ns() < until)
		poll(NULL, 0, 5);
	ck_assert_msg(bound(d->port), "%s: nobody listens", command);
}

static void enumerate(int port, int patience_ms)
{
	char args[200];

	snprintf(args, sizeof(args), "{\"server\":{\"name\":\"x\",\"port\":%d,\"dtls\":true},\"patience\":%lld}", port, (long long)patience_ms * MS(1));
	fake_step(&probe_tls, "enumerate", args);
}

static void same(const char *what, const char *fact, const char *want)
{
	char got[4096];

	ck_assert_msg(!strcmp(test_fact(fact, got, sizeof(got)), want), "%s: %s: expected %s, got %s", what, fact, want, got);
}

#define S_SERVER "openssl s_server -accept 127.0.0.1:%d -cert cert -key key -quiet "
#define CCM8 "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"
static const struct { const char *program, *command, *versions, *suites; } servers[] = {
	{ "/usr/bin/openssl", S_SERVER "-dtls1_2 -cipher ECDHE-ECDSA-AES128-CCM8", "DTLS1.2", CCM8 },
	{ "/usr/bin/openssl", S_SERVER "-dtls1_2 -listen -mtu 256 -cipher ECDHE-ECDSA-AES128-CCM8", "DTLS1.2", CCM8 },
	{ "/usr/bin/openssl", S_SERVER "-dtls -cipher ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", "DTLS1.0 DTLS1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA" },
	{ "/usr/bin/openssl", "openssl s_server -accept 127.0.0.1:%d -nocert -psk 0011223344556677 -quiet -dtls1_2 -cipher PSK-AES128-CCM8", "DTLS1.2",
	  "TLS_PSK_WITH_AES_128_CCM_8" },
	{ "/usr/bin/coap-server-openssl", "coap-server-openssl -A 127.0.0.1 -p $((%d - 1)) -k secret -l 2,5,9", "DTLS1.2", NULL },
};
START_TEST(real)
{
	struct daemon d;

	if (!daemon_open(&d, servers[_i].program))
		return;
	test_begin();
	fake.budget_ns = SEC(200);
	ck_assert_int_eq(system(daemon_text(&d, "cd %s && openssl req -x509 -nodes -days 30 -subj /CN=device.example -keyout key -out cert "
					    "-newkey ec -pkeyopt ec_paramgen_curve:P-256 2>/dev/null", d.dir)), 0);
	d.port = daemon_free_port(SOCK_DGRAM);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	run_datagrams(&d, daemon_text(&d, servers[_i].command, d.port));
#pragma GCC diagnostic pop
	enumerate(d.port, 3000);
	ck_assert_msg(!fake.incomplete[0], "%s: %s", servers[_i].command, fake.incomplete);
	same(servers[_i].command, "complete", "true");
	same(servers[_i].command, "versions", servers[_i].versions);
	if (servers[_i].suites)
		same(servers[_i].command, "suites", servers[_i].suites);
	daemon_close(&d);
	fake_close();
}
END_TEST

/* ---- liars ---- */
struct guest { int fd; struct sockaddr_in peer; const uint8_t *in; size_t n; unsigned heard; };
typedef void liar(const struct guest *g);

static void say(const struct guest *g, const void *p, size_t n)
{
	sendto(g->fd, p, n, MSG_NOSIGNAL, (const struct sockaddr *)&g->peer, sizeof(g->peer));
}

static void silent(const struct guest *g) { (void)g; }

static void noise(const struct guest *g)
{
	say(g, "please wait", 11);
}

static void cookies(const struct guest *g)      /* another one for every hello */
{
	uint8_t ask[] = { 22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17, 3, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0xfe, 0xff, 2, 7, (uint8_t)g->heard };

	say(g, ask, sizeof(ask));
}

static void flood(const struct guest *g)        /* pieces of a message that is never whole */
{
	uint8_t b[64];

	for (size_t i = 0; i < 20000; i++)
		say(g, b, record(b, 2, 0, 60000, i * 2 % 50000, 1));
}

static void crumbs(const struct guest *g)       /* many messages of nothing, after a hello that is none */
{
	uint8_t b[64];

	for (unsigned i = 0; i < 200; i++)
		say(g, b, record(b, i ? 4 : 2, i, i ? 0 : 4, 0, i ? 0 : 4));
}

static void alerts(const struct guest *g)       /* warnings without end */
{
	static const uint8_t warn[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 112 };

	for (int i = 0; i < 6000; i++)
		say(g, warn, sizeof(warn));
}

static void parrot(const struct guest *g)       /* picks the same suite, whatever is offered */
{
	uint8_t b[128];
	size_t n = record(b, 2, 0, 38, 0, 38);

	memset(b + 25, 0, 38);
	memcpy(b + 25, "\xfe\xfd", 2);
	memcpy(b + 25 + 35, "\x13\x37", 2);
	say(g, b, n + record(b + n, 14, 1, 0, 0, 0));
}

static void serve(int fd, liar *lie)
{
	uint8_t in[2048];
	struct guest g = { .fd = fd, .in = in };
	socklen_t len = sizeof(g.peer);
	ssize_t n;

	while ((n = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&g.peer, &len)) >= 0) {
		g.n = (size_t)n;
		g.heard++;
		lie(&g);
	}
}

static const struct { const char *name; liar *lie; const char *spoke, *incomplete; } liars[] = {
	{ "silent", silent, "false", "silent" }, { "noise", noise, "false", "no record of DTLS" }, { "cookies", cookies, "true", "" },
	{ "flood", flood, "false", "" }, { "crumbs", crumbs, "true", "broken" }, { "alerts", alerts, "true", "does not end" },
	{ "parrot", parrot, "true", "not offered" },
};
START_TEST(lies)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t n = sizeof(a);
	int64_t begin_ns;
	char got[64];
	pid_t pid;

	ck_assert(fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)) && !getsockname(fd, (struct sockaddr *)&a, &n));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd, liars[_i].lie);
		_exit(0);
	}
	close(fd);
	test_begin();
	begin_ns = clock_ns();
	enumerate(ntohs(a.sin_port), strcmp(liars[_i].incomplete, "silent") ? 1000 : 150);
	ck_assert_int_lt((clock_ns() - begin_ns) / MS(1), 30000);
	ck_assert_msg(strstr(fake.incomplete, liars[_i].incomplete) && fake.incomplete[0], "%s: '%s'", liars[_i].name, fake.incomplete);
	ck_assert_str_eq(test_fact("complete", got, sizeof(got)), "false");
	ck_assert_msg(!strcmp(test_fact("spoke", got, sizeof(got)), liars[_i].spoke), "%s: %s", liars[_i].name, got);
	kill(pid, SIGKILL);
	fake_close();
}
END_TEST

START_TEST(nowhere)                     /* nothing listens */
{
	test_begin();
	enumerate(daemon_free_port(SOCK_DGRAM), 3000);
	same("closed", "spoke", "false");
	ck_assert_msg(strstr(fake.incomplete, "nothing listens") != NULL, "%s", fake.incomplete);
	fake_close();
}
END_TEST

TEST_MAIN({ "pieces", pieces, ROWS(orders) }, { "cookie", cookie, 1 }, { "real", real, ROWS(servers) }, { "lies", lies, ROWS(liars) },
	  { "nowhere", nowhere, 1 })
