// SPDX-License-Identifier: Apache-2.0
#include "probes/net/page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"

#define LISTENER PAGE_CLIENTS           /* its number among the clients */
#define CLOSE "Content-Length: 0\r\nConnection: close\r\n\r\n"

bool liar_socket(int type, const char *interface, int *ret_fd, int *ret_port, struct err *err)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	CLEANUP(close_fd) int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool has_six = fd >= 0;
	struct sockaddr *a = has_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
	socklen_t n = has_six ? sizeof(six) : sizeof(four);
	int no = 0;

	if (!has_six)
		fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || (has_six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) < 0) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) < 0 || bind(fd, a, n) < 0 ||
	    (type == SOCK_STREAM && listen(fd, PAGE_CLIENTS) < 0) || getsockname(fd, a, &n) < 0)
		return err_sys(err, "socket for false answers");
	*ret_port = ntohs(has_six ? six.sin6_port : four.sin_port);
	*ret_fd = take_fd(&fd);
	return true;
}

static bool begins(struct span in, const char *text)
{
	return in.n >= strlen(text) && !memcmp(in.p, text, strlen(text));
}

static enum page_next tls_alert(struct span in, char out[static PAGE_OUT], size_t *ret_n)
{
	static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 40 };       /* fatal, handshake_failure */

	if (in.n && in.p[0] != 22)
		return PAGE_RESET;
	if (in.n < 5)
		return PAGE_MORE;
	memcpy(out, alert, sizeof(alert));
	*ret_n = sizeof(alert);
	return PAGE_ANSWER;
}

enum page_next page_reply(enum page_kind kind, const char *portal, struct span in, char out[static PAGE_OUT], size_t *ret_n)
{
	static const char page[] = "<html><title>Portal</title>Please log in.</html>\n";

	*ret_n = 0;
	if (kind == PAGE_TLS_ALERT)
		return tls_alert(in, out, ret_n);
	if (in.n && in.p[0] == 22)
		return PAGE_RESET;
	if (!memmem(in.p, in.n, "\r\n\r\n", 4))
		return in.n < PAGE_IN ? PAGE_MORE : PAGE_RESET;
	if (kind == PAGE_503)
		*ret_n = (size_t)snprintf(out, PAGE_OUT, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\n" CLOSE);
	else if (begins(in, "GET /portal "))
		*ret_n = (size_t)snprintf(out, PAGE_OUT, PAGE_PORTAL_HEAD "Content-Type: text/html\r\n"
					  "Content-Length: %zu\r\nConnection: close\r\n\r\n%s", sizeof(page) - 1, page);
	else
		*ret_n = (size_t)snprintf(out, PAGE_OUT, "HTTP/1.1 302 Found\r\nLocation: http://%s/portal\r\n" CLOSE, portal);
	return PAGE_ANSWER;
}

static bool watch(struct page *p, int fd, uint32_t number)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = number };

	return epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

bool page_open(struct page *p, enum page_kind kind, const char *interface, const char *portal, int *ret_port, struct err *err)
{
	*p = (struct page){ .kind = kind, .listener = -1, .epoll = epoll_create1(EPOLL_CLOEXEC) };
	snprintf(p->portal, sizeof(p->portal), "%s", portal);
	for (int i = 0; i < PAGE_CLIENTS; i++)
		p->client[i].fd = -1;
	if (p->epoll < 0)
		return err_sys(err, "epoll");
	if (liar_socket(SOCK_STREAM, interface, &p->listener, ret_port, err) && (watch(p, p->listener, LISTENER) || err_sys(err, "epoll")))
		return true;
	page_close(p);
	return false;
}

static void drop(struct page_client *c, bool reset)
{
	struct linger now = { 1, 0 };

	if (c->fd < 0)
		return;
	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(c->fd);
	c->fd = -1;
}

void page_close(struct page *p)
{
	if (p->epoll < 0)
		return;
	for (int i = 0; i < PAGE_CLIENTS; i++)
		drop(&p->client[i], true);
	if (p->listener >= 0)
		close(p->listener);
	close(p->epoll);
	p->epoll = p->listener = -1;
}

static void welcome(struct page *p)
{
	int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	unsigned i = 0;

	if (fd < 0)
		return;
	while (i < PAGE_CLIENTS && p->client[i].fd >= 0)
		i++;
	if (i == PAGE_CLIENTS) {
		i = p->next++ % PAGE_CLIENTS;
		drop(&p->client[i], true);
	}
	p->client[i].fd = fd;
	p->client[i].n = 0;
	p->client[i].answered = false;
	if (!watch(p, fd, i))
		drop(&p->client[i], true);
}

static void answer(struct page *p, struct page_client *c)
{
	char out[PAGE_OUT];
	size_t n;

	switch (page_reply(p->kind, p->portal, (struct span){ c->in, c->n }, out, &n)) {
	case PAGE_MORE:
		break;
	case PAGE_RESET:
		p->tls += p->kind != PAGE_TLS_ALERT && c->in[0] == 22;
		drop(c, true);
		break;
	case PAGE_ANSWER:
		c->answered = send(c->fd, out, n, MSG_NOSIGNAL) == (ssize_t)n;
		p->answered += c->answered;
		shutdown(c->fd, SHUT_WR);
		break;
	}
}

static void serve(struct page *p, struct page_client *c)
{
	uint8_t rest[4096];
	ssize_t got;

	if (c->fd < 0)
		return;
	got = c->answered ? recv(c->fd, rest, sizeof(rest), 0) : recv(c->fd, c->in + c->n, PAGE_IN - c->n, 0);
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
		drop(c, false);
		return;
	}
	if (got < 0 || c->answered)
		return;
	c->n += (size_t)got;
	answer(p, c);
}

void page_event(struct page *p)
{
	struct epoll_event e[PAGE_CLIENTS + 1];
	int n = epoll_wait(p->epoll, e, PAGE_CLIENTS + 1, 0);

	for (int i = 0; i < n; i++)
		if (e[i].data.u32 < PAGE_CLIENTS)
			serve(p, &p->client[e[i].data.u32]);
	for (int i = 0; i < n; i++)     /* last: it may take the place of one that was just served */
		if (e[i].data.u32 == LISTENER)
			welcome(p);
}
