/* SPDX-License-Identifier: Apache-2.0
 *
 * hostile.h - for tests: a TCP server that lies, in a process of its own on the loopback, and the ways of lying that every reader
 * has to bear: hostile_cases. It ends with the test, however that ends.
 *
 *     struct hostile h;
 *     hostile_start(&h, &hostile_cases[_i]);
 *     ... ask the port h.port ...
 *     hostile_left_early(&h, &hostile_cases[_i]);              // how much of a flood was taken
 *     hostile_bounded(&h, &hostile_cases[_i], SEC(4));         // in time and memory
 *     hostile_stop(&h);
 */
#ifndef PROTO_HOSTILE_H
#define PROTO_HOSTILE_H

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/span.h"

#define HOSTILE_MOST ((int64_t)4 << 30)         /* a flood ends after 4 GB */
#define HOSTILE_TAKEN ((int64_t)128 << 20)       /* of which a reader may take this much, the kernel's buffers included */
#define HOSTILE_RSS_KB 65536                    /* and grow by this */

/* What happens after `first` was said. */
enum hostile_then {
	HOSTILE_STAYS,          /* takes everything, says no more */
	HOSTILE_ENDS,
	HOSTILE_RESETS,
	HOSTILE_FLOODS,         /* `fill`, over and over */
	HOSTILE_DRIPS,          /* `fill`, a byte every 20 ms */
	HOSTILE_ECHOES,         /* what it hears */
	HOSTILE_AGAIN,          /* `fill` whenever it hears something */
};
struct hostile_case {
	const char *name;
	struct span first, fill;
	enum hostile_then then;
	bool waits;             /* `first` is said when something was heard */
};
struct hostile {
	int port;
	pid_t pid;
	int64_t begin_ns;
	long rss_kb;
	struct { int64_t sent, connections; } *seen;    /* bytes of the longest flood; shared with the server */
};

#define HOSTILE(s) { (const uint8_t *)(s), sizeof(s) - 1 }
#define HOSTILE_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
static const struct hostile_case hostile_cases[] __attribute__((unused)) = {
	{ "silence", { 0 }, { 0 }, HOSTILE_STAYS, false },
	{ "an end", { 0 }, { 0 }, HOSTILE_ENDS, false },
	{ "a reset", { 0 }, { 0 }, HOSTILE_RESETS, false },
	{ "a reset in the answer", HOSTILE("220 HTTP/1.1 2"), { 0 }, HOSTILE_RESETS, true },
	{ "4 GB of zeros", { 0 }, HOSTILE("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), HOSTILE_FLOODS, false },
	{ "4 GB of one line", { 0 }, HOSTILE("aaaaaaaaaaaaaaaa"), HOSTILE_FLOODS, false },
	{ "lines without end", { 0 }, HOSTILE("220-more\r\n"), HOSTILE_FLOODS, false },
	{ "empty lines without end", { 0 }, HOSTILE("\r\n"), HOSTILE_FLOODS, false },
	{ "untagged lines without end", { 0 }, HOSTILE("* OK more\r\n"), HOSTILE_FLOODS, true },
	{ "options without end", { 0 }, HOSTILE("\xff\xfd\x01\xff\xfb\x03"), HOSTILE_FLOODS, false },
	{ "prompts without end", { 0 }, HOSTILE("\r\nlogin: "), HOSTILE_FLOODS, false },
	{ "drips", { 0 }, HOSTILE("x"), HOSTILE_DRIPS, false },
	{ "drips of a greeting", HOSTILE("220"), HOSTILE("-"), HOSTILE_DRIPS, false },
	{ "an echo", { 0 }, { 0 }, HOSTILE_ECHOES, false },
	{ "the same answer to everything", HOSTILE("220 ready\r\n"), HOSTILE("220 ready\r\n"), HOSTILE_AGAIN, false },
	{ "a banner without end", HOSTILE("SSH-2.0-"), HOSTILE("x"), HOSTILE_FLOODS, false },
	{ "an SSH packet of 4 GB", HOSTILE("SSH-2.0-x\r\n\xff\xff\xff\xff\x04\x14"), HOSTILE("\0\0\0\0"), HOSTILE_FLOODS, false },
	{ "a head without end", HOSTILE("HTTP/1.1 200 OK\r\n"), HOSTILE("X-More: yes\r\n"), HOSTILE_FLOODS, true },
	{ "a header without end", HOSTILE("HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\""), HOSTILE("x"), HOSTILE_FLOODS, true },
	{ "challenges without end", HOSTILE("HTTP/1.1 401 No\r\n"), HOSTILE("WWW-Authenticate: Basic realm=\"x\"\r\n"), HOSTILE_FLOODS, true },
	{ "a page of 4 GB", HOSTILE(HOSTILE_HEAD "Content-Length: 4294967296\r\n\r\n"), HOSTILE("<input type=password>"), HOSTILE_FLOODS, true },
	{ "a page without end", HOSTILE(HOSTILE_HEAD "\r\n"), HOSTILE("<a "), HOSTILE_FLOODS, true },
	{ "a chunk of 4 GB", HOSTILE(HOSTILE_HEAD "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n"), HOSTILE("x"), HOSTILE_FLOODS, true },
	{ "interim answers without end", { 0 }, HOSTILE("HTTP/1.1 100 Continue\r\n\r\n"), HOSTILE_FLOODS, true },
	{ "RTSP headers without end", HOSTILE("RTSP/1.0 401 No\r\n"), HOSTILE("CSeq: 1\r\n"), HOSTILE_FLOODS, true },
	{ "an RTSP body of 4 GB", HOSTILE("RTSP/1.0 200 OK\r\nContent-Length: 4294967296\r\n\r\n"), HOSTILE("v=0\r\n"), HOSTILE_FLOODS, true },
	{ "an MQTT packet of 256 MB", HOSTILE("\x20\xff\xff\xff\x7f"), HOSTILE("\0\0\0\0"), HOSTILE_FLOODS, true },
	{ "a TLS record that does not end", HOSTILE("\x16\x03\x03\xff\xff"), { 0 }, HOSTILE_STAYS, false },
	{ "TLS records without end", { 0 }, HOSTILE("\x16\x03\x03\x00\x04\x02\xff\xff\xff"), HOSTILE_FLOODS, true },
	{ "noise", HOSTILE("\x80\x0d\xf2\x9c\x41\xb5\x00\x7f\xee\x13\n\xd0\x22\x1b[2J\x07\r\n\xc3\x28\xa0\xa1"), { 0 }, HOSTILE_STAYS, true },
	{ "noise and an end", HOSTILE("\xfe\xfe\xfa\x00\x12{\"a\":[[[[[[[[[[\n%n%n%s\r\n\x00\x01"), { 0 }, HOSTILE_ENDS, true },
};

static bool hostile_say(struct hostile *h, int fd, struct span s, int64_t *sent)
{
	for (size_t at = 0; at < s.n;) {
		ssize_t n = send(fd, s.p + at, s.n - at, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += (size_t)n;
		*sent += n;
		if (h->seen->sent < *sent)
			h->seen->sent = *sent;
	}
	return true;
}

static void hostile_flood(struct hostile *h, int fd, struct span fill)
{
	static uint8_t block[1 << 16];
	size_t n = sizeof(block) / fill.n * fill.n;
	int64_t sent = 0;

	for (size_t i = 0; i < n; i++)
		block[i] = fill.p[i % fill.n];
	while (sent < HOSTILE_MOST && hostile_say(h, fd, (struct span){ block, n }, &sent))
		;
}

static void hostile_serve(struct hostile *h, int fd, const struct hostile_case *c)
{
	struct linger now = { 1, 0 };
	uint8_t heard[4096];
	int64_t sent = 0;
	ssize_t n = 0;

	if ((c->waits && recv(fd, heard, sizeof(heard), 0) <= 0) || !hostile_say(h, fd, c->first, &sent))
		return;
	if (c->then == HOSTILE_RESETS)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	if (c->then == HOSTILE_FLOODS)
		hostile_flood(h, fd, c->fill);
	while (c->then == HOSTILE_DRIPS && hostile_say(h, fd, (struct span){ c->fill.p, 1 }, &sent))
		poll(NULL, 0, 20);
	while (c->then != HOSTILE_ENDS && c->then != HOSTILE_RESETS && (n = recv(fd, heard, sizeof(heard), 0)) > 0)
		if (c->then == HOSTILE_ECHOES || c->then == HOSTILE_AGAIN)
			hostile_say(h, fd, c->then == HOSTILE_ECHOES ? (struct span){ heard, (size_t)n } : c->fill, &sent);
}

static void hostile_run(struct hostile *h, int listener, const struct hostile_case *c)
{
	int room = 1 << 16, fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	signal(SIGCHLD, SIG_IGN);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		h->seen->connections++;
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
			hostile_serve(h, fd, c);
			_exit(0);
		}
		close(fd);
	}
	_exit(0);
}

/* Datagrams: `first` is the answer to each, a thousand times over in a flood. */
static void hostile_run_udp(struct hostile *h, int fd, const struct hostile_case *c)
{
	static uint8_t heard[65536];
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	ssize_t got;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	while ((got = recvfrom(fd, heard, sizeof(heard), 0, (struct sockaddr *)&from, &n)) >= 0) {
		struct span s = c->then == HOSTILE_ECHOES ? (struct span){ heard, (size_t)got } : c->first;

		h->seen->connections++;
		for (int i = 0; c->then != HOSTILE_STAYS && i < (c->then == HOSTILE_FLOODS ? 1000 : 1); i++)
			sendto(fd, s.p, s.n, 0, (struct sockaddr *)&from, n);
	}
	_exit(0);
}

static long hostile_rss(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_maxrss;
}

/* On `port` of the loopback, 0 = a free one. */
__attribute__((unused)) static void hostile_begin(struct hostile *h, int type, int port, const struct hostile_case *c)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	signal(SIGPIPE, SIG_IGN);       /* as in a worker (harness/step.c) */
	*h = (struct hostile){ .pid = -1 };
	h->seen = mmap(NULL, sizeof(*h->seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(h->seen != MAP_FAILED && fd >= 0 && !bind(fd, (struct sockaddr *)&a, n));
	ck_assert((type == SOCK_DGRAM || !listen(fd, 64)) && !getsockname(fd, (struct sockaddr *)&a, &n));
	h->port = ntohs(a.sin_port);
	h->pid = fork();
	ck_assert_int_ge(h->pid, 0);
	if (!h->pid && type == SOCK_STREAM)
		hostile_run(h, fd, c);
	if (!h->pid)
		hostile_run_udp(h, fd, c);
	setpgid(h->pid, h->pid);
	close(fd);
	h->begin_ns = clock_ns();
	h->rss_kb = hostile_rss();
}

__attribute__((unused)) static void hostile_start(struct hostile *h, const struct hostile_case *c)
{
	hostile_begin(h, SOCK_STREAM, 0, c);
}

__attribute__((unused)) static void hostile_udp_start(struct hostile *h, const struct hostile_case *c)
{
	hostile_begin(h, SOCK_DGRAM, 0, c);
}

/* A flood was not read to its end, nor for as long as there was time. */
__attribute__((unused)) static void hostile_left_early(const struct hostile *h, const struct hostile_case *c)
{
	ck_assert_msg(h->seen->sent < HOSTILE_TAKEN, "%s: %lld bytes taken", c->name, (long long)h->seen->sent);
}

/* Since hostile_start(). A sanitizer keeps what was freed, so that memory is not looked at there. */
__attribute__((unused)) static void hostile_bounded(const struct hostile *h, const struct hostile_case *c, int64_t within_ns)
{
	int64_t took = clock_ns() - h->begin_ns;

	ck_assert_msg(took < within_ns, "%s: %lld ms", c->name, (long long)(took / MS(1)));
#ifndef __SANITIZE_ADDRESS__
	ck_assert_msg(hostile_rss() - h->rss_kb < HOSTILE_RSS_KB, "%s: grew by %ld KB", c->name, hostile_rss() - h->rss_kb);
#endif
}

__attribute__((unused)) static void hostile_stop(struct hostile *h)
{
	kill(-h->pid, SIGKILL);
	waitpid(h->pid, NULL, 0);
	munmap(h->seen, sizeof(*h->seen));
}

enum { HOSTILE_TOGETHER = 8 };
struct hostile_child { pid_t pid; const struct hostile_case *c; };

/* Ended as it should? If not, which one is said. */
static int hostile_over(const struct hostile_child *child)
{
	int status;

	if (waitpid(child->pid, &status, 0) == child->pid && !status)
		return 0;
	printf("%s: not borne\n", child->c->name);
	return 1;
}

/* one(case, arg) in a process of its own for every case, eight at a time since most of the time is waiting. Returns how many failed. */
__attribute__((unused)) static int hostile_all(void (*one)(const struct hostile_case *c, int arg), int arg)
{
	enum { CASES = sizeof(hostile_cases) / sizeof(hostile_cases[0]) };
	struct hostile_child child[HOSTILE_TOGETHER] = { 0 };
	int bad = 0;

	for (int i = 0; i < CASES + HOSTILE_TOGETHER; i++) {
		struct hostile_child *c = &child[i % HOSTILE_TOGETHER];

		if (c->c)
			bad += hostile_over(c);
		*c = (struct hostile_child){ 0 };
		if (i >= CASES)
			continue;
		fflush(stdout);
		c->c = &hostile_cases[i];
		c->pid = fork();
		if (!c->pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			one(c->c, arg);
			_exit(0);
		}
	}
	return bad;
}
#endif
