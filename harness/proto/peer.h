/* SPDX-License-Identifier: Apache-2.0
 *
 * peer.h - for unit tests: an HTTP server of a few lines in a process of its own, on the loopback. It answers what the
 * test's function says: a whole answer, PEER_SILENT (nothing comes), PEER_END (the connection ends), PEER_DIE. */
#ifndef PROTO_PEER_H
#define PROTO_PEER_H

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEER_SILENT ((const char *)1)
#define PEER_END ((const char *)2)
#define PEER_DIE ((const char *)3)
enum { PEER_CONNECTIONS = 32, PEER_REQUEST = 1 << 18 };

typedef const char *peer_answer(const char *request);
struct peer_client { int fd; char *in; size_t n; };

/* Length of the first whole request in in[0..n), 0 = not whole. Only what libcurl and our fuzzer's honest requests send. */
static size_t peer_whole(const char *in, size_t n)
{
	const char *end = memmem(in, n, "\r\n\r\n", 4), *p;
	size_t head, body = 0;

	if (!end)
		return 0;
	head = (size_t)(end - in) + 4;
	for (p = in; p < end; p++)
		if (!strncasecmp(p, "\ncontent-length:", 16))
			body = strtoul(p + 16, NULL, 10);
	if (body > PEER_REQUEST)
		body = 0;
	return n >= head + body ? head + body : 0;
}

static void peer_drop(struct peer_client *c)
{
	close(c->fd);
	c->fd = -1;
	c->n = 0;
}

static void peer_read(struct peer_client *c, peer_answer *answer)
{
	ssize_t got = recv(c->fd, c->in + c->n, PEER_REQUEST - c->n, 0);
	size_t whole;

	if (got <= 0) {
		peer_drop(c);
		return;
	}
	c->n += (size_t)got;
	c->in[c->n] = 0;
	while (c->fd >= 0 && (whole = peer_whole(c->in, c->n))) {
		char saved = c->in[whole];
		const char *a;

		c->in[whole] = 0;
		a = answer(c->in);
		c->in[whole] = saved;
		c->n -= whole;
		memmove(c->in, c->in + whole, c->n + 1);
		if (a == PEER_DIE)
			_exit(0);
		if (a == PEER_END)
			peer_drop(c);
		else if (a != PEER_SILENT && send(c->fd, a, strlen(a), MSG_NOSIGNAL) < 0)
			peer_drop(c);
	}
	if (c->fd >= 0 && c->n == PEER_REQUEST)
		peer_drop(c);
}

static void peer_serve(int listener, peer_answer *answer)
{
	static struct peer_client client[PEER_CONNECTIONS];

	for (int i = 0; i < PEER_CONNECTIONS; i++)
		client[i] = (struct peer_client){ -1, malloc(PEER_REQUEST + 1), 0 };
	for (;;) {
		struct pollfd p[PEER_CONNECTIONS + 1] = { { listener, POLLIN, 0 } };

		for (int i = 0; i < PEER_CONNECTIONS; i++)
			p[i + 1] = (struct pollfd){ client[i].fd, POLLIN, 0 };
		poll(p, PEER_CONNECTIONS + 1, -1);
		for (int i = 0; i < PEER_CONNECTIONS; i++)
			if (client[i].fd >= 0 && p[i + 1].revents)
				peer_read(&client[i], answer);
		for (int i = 0; p[0].revents && i < PEER_CONNECTIONS; i++)
			if (client[i].fd < 0) {
				client[i].fd = accept(listener, NULL, NULL);
				client[i].n = 0;
				break;
			}
	}
}

/* Returns the port; the process ends with the test's. */
static int peer_start(peer_answer *answer, pid_t *ret_pid)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	ck_assert(fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 64));
	ck_assert(!getsockname(fd, (struct sockaddr *)&a, &n));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		peer_serve(fd, answer);
	}
	close(fd);
	if (ret_pid)
		*ret_pid = pid;
	return ntohs(a.sin_port);
}
#endif
