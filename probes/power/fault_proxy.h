/* SPDX-License-Identifier: Apache-2.0
 *
 * fault_proxy.h - for tests: a process between a driver and a server that nobody here wrote, on the loopback, that lets the
 * network misbehave (conform.h's faults) while the server stays right. TCP and UDP. Answers are touched, requests are not.
 *
 *   proxy_start(SOCK_STREAM, server_port, MS(200));   then proxy.port stands for the server's
 *   proxy_fault(FAULT_SLOW, 0);                       in force when it returns; late answers still come
 *   proxy_stop();  */
#ifndef PROBES_POWER_FAULT_PROXY_H
#define PROBES_POWER_FAULT_PROXY_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "probes/power/conform.h"

#define PROXY_PAIRS 32

struct proxy_pair {
	int client, server;             /* -1: free */
	struct sockaddr_in peer;        /* UDP: who asked */
	uint8_t late[4096];             /* an answer that is held back */
	size_t late_n;
	int64_t late_ns;                /* until then; 0: none */
};
struct proxy_shared { atomic_int fault; atomic_ullong seed; atomic_int changes, seen; };

static struct {
	pid_t pid;
	int port, type, target;
	int64_t late_ns;
	struct proxy_shared *shared;
	struct rng rng;
	struct proxy_pair pair[PROXY_PAIRS];
} proxy;

/* A loopback port of the kernel's choice; listening when TCP. */
static int proxy_bind(int type, int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int s = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(s, (struct sockaddr *)&a, n), 0);
	ck_assert(type != SOCK_STREAM || listen(s, 16) == 0);
	ck_assert_int_eq(getsockname(s, (struct sockaddr *)&a, &n), 0);
	*ret_port = ntohs(a.sin_port);
	return s;
}

static int proxy_dial(int type, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
	int s = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;

	if (connect(s, (struct sockaddr *)&a, sizeof(a)) < 0) {
		close(s);
		return -1;
	}
	if (type == SOCK_STREAM)
		setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return s;
}

/* ---- in the proxy's process ---- */

static void proxy_drop(struct proxy_pair *p)
{
	if (p->server >= 0)
		close(p->server);
	if (p->client >= 0 && proxy.type == SOCK_STREAM)
		close(p->client);
	*p = (struct proxy_pair){ -1, -1, .late_ns = 0 };
}

static void proxy_answer(struct proxy_pair *p, int listening, const uint8_t *data, size_t n)
{
	if (proxy.type == SOCK_STREAM)
		(void)!send(p->client, data, n, MSG_NOSIGNAL);
	else
		sendto(listening, data, n, 0, (struct sockaddr *)&p->peer, sizeof(p->peer));
}

static void proxy_hold(struct proxy_pair *p, const uint8_t *data, size_t n)
{
	if (p->late_n + n > sizeof(p->late))
		n = sizeof(p->late) - p->late_n;
	memcpy(p->late + p->late_n, data, n);
	p->late_n += n;
	p->late_ns = p->late_ns ? p->late_ns : clock_ns() + proxy.late_ns;
}

static void proxy_back(struct proxy_pair *p, int listening)
{
	enum { IN_PIECES, WRONG, SLOW, LOST, HALF, WELL, ROLLS = 18 };        /* what is rolled beyond WELL is well too */
	int fault = atomic_load(&proxy.shared->fault), kind = WELL;
	uint8_t data[4096];
	ssize_t got = recv(p->server, data, sizeof(data), 0);
	size_t n = got > 0 ? (size_t)got : 0;

	if (got <= 0) {
		if (proxy.type == SOCK_STREAM)
			proxy_drop(p);
		return;
	}
	if (fault == FAULT_WRONG)
		kind = WRONG;
	else if (fault == FAULT_SLOW || p->late_ns)
		kind = SLOW;
	else if (fault == FAULT_SEEDED)
		kind = (int)rng_below(&proxy.rng, ROLLS);
	for (size_t i = 0; kind == WRONG && i < n; i++)
		data[i] ^= 0x80;
	if (kind == SLOW)
		proxy_hold(p, data, n);
	for (size_t i = 0; kind == IN_PIECES && proxy.type == SOCK_STREAM && i < n; i++)
		proxy_answer(p, listening, data + i, 1);
	if (kind == HALF)
		proxy_answer(p, listening, data, n / 2);
	if (kind >= WELL || kind == WRONG || (kind == IN_PIECES && proxy.type != SOCK_STREAM))
		proxy_answer(p, listening, data, n);
	if (kind == HALF && proxy.type == SOCK_STREAM)
		proxy_drop(p);
}

static struct proxy_pair *proxy_pair_of(const struct sockaddr_in *peer)
{
	struct proxy_pair *unused = NULL;

	for (struct proxy_pair *p = proxy.pair; p < proxy.pair + PROXY_PAIRS; p++) {
		if (p->server < 0)
			unused = p;
		else if (peer && p->peer.sin_port == peer->sin_port)
			return p;
	}
	if (!unused) {                  /* datagram sockets have no end: the oldest row goes */
		unused = proxy.pair;
		proxy_drop(unused);
	}
	unused->server = proxy_dial(proxy.type, proxy.target);
	if (peer)
		unused->peer = *peer;
	return unused;
}

static void proxy_new(int listening)
{
	uint8_t data[4096];
	struct sockaddr_in peer = { .sin_port = 0 };
	socklen_t len = sizeof(peer);
	bool gone = atomic_load(&proxy.shared->fault) == FAULT_UNPLUGGED;
	struct proxy_pair *p;
	ssize_t n;
	int fd, on = 1;

	if (proxy.type == SOCK_STREAM) {
		fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
		p = fd >= 0 && !gone ? proxy_pair_of(NULL) : NULL;
		if (!p || p->server < 0) {
			close(fd);
			return;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		p->client = fd;
		return;
	}
	n = recvfrom(listening, data, sizeof(data), 0, (struct sockaddr *)&peer, &len);
	if (n > 0 && !gone && (p = proxy_pair_of(&peer))->server >= 0)
		(void)!send(p->server, data, (size_t)n, MSG_NOSIGNAL);
}

static void proxy_forth(struct proxy_pair *p)
{
	uint8_t data[4096];
	ssize_t n = recv(p->client, data, sizeof(data), 0);

	if (n <= 0)
		proxy_drop(p);
	else
		(void)!send(p->server, data, (size_t)n, MSG_NOSIGNAL);
}

static void proxy_changed(void)
{
	int changes = atomic_load(&proxy.shared->changes);

	if (changes == atomic_load(&proxy.shared->seen))
		return;
	rng_init(&proxy.rng, atomic_load(&proxy.shared->seed), "proxy");
	for (struct proxy_pair *p = proxy.pair; p < proxy.pair + PROXY_PAIRS; p++)
		if (p->server >= 0 && atomic_load(&proxy.shared->fault) == FAULT_UNPLUGGED)
			proxy_drop(p);
	atomic_store(&proxy.shared->seen, changes);
}

static void __attribute__((noreturn)) proxy_serve(int listening)
{
	struct pollfd w[1 + 2 * PROXY_PAIRS];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		proxy_changed();
		w[0] = (struct pollfd){ listening, POLLIN, 0 };
		for (int i = 0; i < PROXY_PAIRS; i++) {
			w[1 + 2 * i] = (struct pollfd){ proxy.pair[i].client, POLLIN, 0 };
			w[2 + 2 * i] = (struct pollfd){ proxy.pair[i].server, POLLIN, 0 };
		}
		poll(w, ROWS(w), 2);
		for (int i = 0; i < PROXY_PAIRS; i++) {
			struct proxy_pair *p = &proxy.pair[i];

			if (p->late_ns && clock_ns() >= p->late_ns) {
				proxy_answer(p, listening, p->late, p->late_n);
				p->late_n = 0;
				p->late_ns = 0;
			}
			if (w[2 + 2 * i].revents)
				proxy_back(p, listening);
			if (w[1 + 2 * i].revents && p->client >= 0)
				proxy_forth(p);
		}
		if (w[0].revents)
			proxy_new(listening);
	}
}

/* ---- in the test ---- */

/* `timeout_ns`: the line's; late answers come half of it later. */
static void __attribute__((unused)) proxy_start(int type, int target, int64_t timeout_ns)
{
	int listening = proxy_bind(type, &proxy.port);

	proxy.type = type;
	proxy.target = target;
	proxy.late_ns = timeout_ns + timeout_ns / 2;
	for (int i = 0; i < PROXY_PAIRS; i++)
		proxy.pair[i] = (struct proxy_pair){ -1, -1, .late_ns = 0 };
	proxy.shared = mmap(NULL, sizeof(*proxy.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(proxy.shared != MAP_FAILED);
	proxy.pid = fork();
	if (proxy.pid == 0)
		proxy_serve(listening);
	close(listening);
}

static void __attribute__((unused)) proxy_fault(enum fault f, uint64_t seed)
{
	int64_t until = clock_ns() + SEC(10);

	atomic_store(&proxy.shared->seed, seed);
	atomic_store(&proxy.shared->fault, (int)f);
	atomic_fetch_add(&proxy.shared->changes, 1);
	while (atomic_load(&proxy.shared->seen) != atomic_load(&proxy.shared->changes)) {
		ck_assert_msg(clock_ns() < until, "the proxy is dead");
		poll(NULL, 0, 1);
	}
}

static void __attribute__((unused)) proxy_stop(void)
{
	kill(proxy.pid, SIGKILL);
	waitpid(proxy.pid, NULL, 0);
	munmap(proxy.shared, sizeof(*proxy.shared));
}
#endif
