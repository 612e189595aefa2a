/* SPDX-License-Identifier: Apache-2.0
 *
 * Servers that lie, stall or talk without end: bounded in time and memory, never taken for sound, never an error of ours. */
#include "harness/fake.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "harness/base/test.h"
#include "probes/tls/test_step.h"

typedef void liar(int fd, const uint8_t *hello, size_t n);

/* ---- what they say ---- */
static void say(int fd, const void *p, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = send(fd, (const char *)p + at, n - at, MSG_NOSIGNAL);

		if (got <= 0)
			return;
		at += (size_t)got;
	}
}

static void silent(int fd, const uint8_t *h, size_t n) { (void)fd, (void)h, (void)n; poll(NULL, 0, 60000); }
static void ends(int fd, const uint8_t *h, size_t n) { (void)fd, (void)h, (void)n; }

static void resets(int fd, const uint8_t *h, size_t n)
{
	struct linger now = { 1, 0 };

	(void)h, (void)n;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void banner(int fd, const uint8_t *h, size_t n)  /* text, and it never ends */
{
	(void)h, (void)n;
	for (int i = 0; i < 4096; i++)
		say(fd, "220 Welcome to the device, please wait ...................\r\n", 60);
}

static void records(int fd, const uint8_t *h, size_t n) /* good records, no end: a message of 16 MB */
{
	uint8_t r[5 + 1024] = { 22, 3, 3, 4, 0, 2, 0xff, 0xff, 0xff };

	(void)h, (void)n;
	for (int i = 0; i < 8192; i++) {
		say(fd, r, sizeof(r));
		memset(r + 5, 0, 4);
	}
}

static void crumbs(int fd, const uint8_t *h, size_t n)  /* empty records for ever */
{
	static const uint8_t r[] = { 22, 3, 3, 0, 0 };

	(void)h, (void)n;
	for (int i = 0; i < 1 << 20; i++)
		if (send(fd, r, sizeof(r), MSG_NOSIGNAL) <= 0)
			return;
}

static void drips(int fd, const uint8_t *h, size_t n)   /* a byte now and then */
{
	static const uint8_t r[] = { 22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc };

	(void)h, (void)n;
	for (size_t i = 0; i < 2000; i++) {
		uint8_t c = i < sizeof(r) ? r[i] : 3;

		if (send(fd, &c, 1, MSG_NOSIGNAL) <= 0)
			return;
		poll(NULL, 0, 10);
	}
}

static void noise(int fd, const uint8_t *h, size_t n)
{
	uint8_t r[512];

	(void)n;
	for (size_t i = 0; i < sizeof(r); i++)
		r[i] = (uint8_t)(h[11 + i % 32] * (i + 7) | 0x20);
	r[0] = 'x';
	say(fd, r, sizeof(r));
}

static const uint8_t bad_flight[] = {   /* a hello of TLS 1.2, a certificate that is none, done */
	22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
	29, 30, 31, 32, 0, 0, 0x9c, 0,
	22, 3, 3, 0, 17, 11, 0, 0, 13, 0, 0, 10, 0, 0, 7, 0x30, 0x82, 0xff, 0xff, 2, 1, 9,
	22, 3, 3, 0, 4, 14, 0, 0, 0,
};

/* RSA_WITH_AES_128_GCM_SHA256 to whoever offers it in TLS 1.2, a refusal to others: true when the hello was said. */
static bool begins(int fd, const uint8_t *h, size_t n)
{
	static const uint8_t no[] = { 21, 3, 1, 0, 2, 2, 40 };
	size_t list = (size_t)(h[44] << 8 | h[45]) + 2;
	bool tls12 = h[10] == 3 && !memmem(h, n, "\x00\x2b\x00\x03", 4);
	bool offered = tls12 && 44 + list <= n && memmem(h + 44, list, "\x00\x9c", 2);

	say(fd, offered ? bad_flight : no, offered ? 47 : sizeof(no));
	return offered;
}

/* Nothing behind it can be finished. */
static void broken_der(int fd, const uint8_t *h, size_t n)
{
	if (begins(fd, h, n))
		say(fd, bad_flight + 47, sizeof(bad_flight) - 47);
}

static void gigabytes(int fd, const uint8_t *h, size_t n)       /* a hello, then messages of 16 KiB: 4 GiB of them, if anybody takes them */
{
	static uint8_t r[5 + 16384] = { 22, 3, 3, 0x40, 0, 11, 0, 0x3f, 0xfc };

	if (!begins(fd, h, n))
		return;
	for (int i = 0; i < 262144; i++)
		if (send(fd, r, sizeof(r), MSG_NOSIGNAL) <= 0)
			return;
}

static void tickets(int fd, const uint8_t *h, size_t n) /* a hello, then a handshake that never ends: messages of nothing */
{
	uint8_t r[5 + 1024] = { 22, 3, 3, 4, 0 };

	for (size_t i = 5; i < sizeof(r); i += 4)
		memcpy(r + i, "\4\0\0\0", 4);
	if (!begins(fd, h, n))
		return;
	for (int i = 0; i < 1 << 20; i++)
		if (send(fd, r, sizeof(r), MSG_NOSIGNAL) <= 0)
			return;
}

static void halts(int fd, const uint8_t *h, size_t n)   /* a hello and half a certificate */
{
	if (!begins(fd, h, n))
		return;
	say(fd, bad_flight + 47, 13);
	poll(NULL, 0, 60000);
}

static void parrot(int fd, const uint8_t *h, size_t n)  /* picks the same suite whatever is offered */
{
	(void)h, (void)n;
	say(fd, bad_flight, sizeof(bad_flight));
}

static void warns(int fd, const uint8_t *h, size_t n)   /* warnings and no end */
{
	static const uint8_t w[] = { 21, 3, 1, 0, 2, 1, 112 };

	(void)h, (void)n;
	for (int i = 0; i < 100000; i++)
		if (send(fd, w, sizeof(w), MSG_NOSIGNAL) <= 0)
			return;
}

static int *served;                     /* conversations so far */

static void stops(int fd, const uint8_t *h, size_t n)   /* answers well for a while, then takes connections and says nothing */
{
	if (__atomic_add_fetch(served, 1, __ATOMIC_SEQ_CST) > 20)
		poll(NULL, 0, 60000);
	else
		broken_der(fd, h, n);
}

static int *guests;                     /* conversations at this moment, counted by all their processes */

static void crowded(int fd, const uint8_t *h, size_t n) /* takes two at a time, and the others see the door */
{
	if (__atomic_load_n(guests, __ATOMIC_SEQ_CST) > 2)
		return;
	poll(NULL, 0, 5);
	broken_der(fd, h, n);
}

/* ---- their process ---- */
static void serve(int listener, liar *lie)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		uint8_t hello[1024];
		ssize_t n;

		if (fd < 0 || fork()) {
			close(fd);
			continue;
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		__atomic_add_fetch(guests, 1, __ATOMIC_SEQ_CST);
		n = recv(fd, hello, sizeof(hello), 0);
		if (n > 46)
			lie(fd, hello, (size_t)n);
		__atomic_sub_fetch(guests, 1, __ATOMIC_SEQ_CST);
		close(fd);
		_exit(0);
	}
}

static int start(liar *lie, pid_t *ret)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert(fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 64) && !getsockname(fd, (struct sockaddr *)&a, &n));
	guests = mmap(NULL, 2 * sizeof(*guests), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(guests != MAP_FAILED);
	served = guests + 1;
	*ret = fork();
	if (!*ret) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd, lie);
	}
	close(fd);
	return ntohs(a.sin_port);
}

static const struct { const char *name; liar *lie; const char *spoke, *incomplete; } liars[] = {
	{ "silent", silent, "false", "silent" }, { "ends", ends, "false", "ended" }, { "resets", resets, "false", "ended" },
	{ "banner", banner, "false", "no record of TLS" }, { "records", records, "false", "512 KiB" },
	{ "crumbs", crumbs, "false", "does not end" }, { "drips", drips, "false", "silent" }, { "noise", noise, "false", "no record of TLS" },
	{ "gigabytes", gigabytes, "true", "does not end" }, { "tickets", tickets, "true", "does not end" }, { "halts", halts, "true", "silent" },
	{ "stops", stops, "true", "silent" }, { "parrot", parrot, "true", "not offered" }, { "warns", warns, "false", "does not end" },
};
START_TEST(lies)
{
	char args[200], got[64];
	int64_t begin_ns;
	pid_t pid;
	int port = start(liars[_i].lie, &pid);
	struct rusage u;
	long before;

	getrusage(RUSAGE_SELF, &u);
	before = u.ru_maxrss;
	test_begin();
	snprintf(args, sizeof(args), "{\"server\":{\"name\":\"x\",\"port\":%d},\"patience\":%d}", port,
		 (strcmp(liars[_i].incomplete, "silent") ? 1500 : 150) * (int)MS(1));       /* who answers has time for it on a busy host */
	begin_ns = clock_ns();
	fake_step(&probe_tls, "enumerate", args);
	ck_assert_int_lt((clock_ns() - begin_ns) / MS(1), 30000);
	ck_assert_msg(!getrusage(RUSAGE_SELF, &u) && u.ru_maxrss - before < 64 * 1024, "%s: %ld KiB more", liars[_i].name, u.ru_maxrss - before);
	ck_assert_msg(strstr(fake.incomplete, liars[_i].incomplete) != NULL, "%s: '%s'", liars[_i].name, fake.incomplete);
	ck_assert_str_eq(test_fact("complete", got, sizeof(got)), "false");
	ck_assert_msg(!strcmp(test_fact("spoke", got, sizeof(got)), liars[_i].spoke), "%s: %s", liars[_i].name, got);
	fake_step(&probe_tls, "handshake", args);
	ck_assert_str_eq(test_fact("established", got, sizeof(got)), "false");
	kill(pid, SIGKILL);
	fake_close();
}
END_TEST

START_TEST(der)                         /* a flight whose certificate is none: said, and TLS 1.2 is only an offer */
{
	char got[128];
	pid_t pid;
	int port = start(broken_der, &pid);

	test_begin();
	test_enumerate(port, "");
	ck_assert_msg(!fake.incomplete[0], "%s", fake.incomplete);
	ck_assert_str_eq(test_fact("certificate_broken", got, sizeof(got)), "true");
	ck_assert_str_eq(test_fact("versions", got, sizeof(got)), "");
	ck_assert_str_eq(test_fact("offered", got, sizeof(got)), "TLS1.2");
	ck_assert_str_eq(test_fact("suites", got, sizeof(got)), "");
	ck_assert_str_eq(test_fact("secure_renegotiation", got, sizeof(got)), "false");
	kill(pid, SIGKILL);
	fake_close();
}
END_TEST

START_TEST(crowd)                       /* a refusal to talk is no refusal of a suite */
{
	char got[128];
	pid_t pid;
	int port = start(crowded, &pid);

	test_begin();
	test_enumerate(port, "");
	ck_assert_msg(!fake.incomplete[0], "%s", fake.incomplete);
	ck_assert_str_eq(test_fact("offered", got, sizeof(got)), "TLS1.2");
	ck_assert_str_eq(test_fact("dropped", got, sizeof(got)), "0");
	kill(pid, SIGKILL);
	fake_close();
}
END_TEST

TEST_MAIN({ "lies", lies, ROWS(liars) }, { "der", der, 1 }, { "crowd", crowd, 1 })
