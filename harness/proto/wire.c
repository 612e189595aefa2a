/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/proto/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/clock.h"

static bool wait_for(const struct wire *w, short events, int64_t until_ns)
{
	struct pollfd p = { w->fd, events, 0 };
	int64_t left = until_ns - clock_ns();

	return left > 0 && poll(&p, 1, (int)((left + MS(1) - 1) / MS(1))) > 0;
}

static bool address_of(const char *text, int port, struct sockaddr_storage *ret, socklen_t *ret_n)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	four->sin_port = htons((uint16_t)port);         /* same place in both */
	ret->ss_family = AF_INET;
	*ret_n = sizeof(*four);
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		return true;
	ret->ss_family = AF_INET6;
	*ret_n = sizeof(*six);
	return inet_pton(AF_INET6, text, &six->sin6_addr) == 1;
}

static bool dial(struct wire *w, const struct sockaddr_storage *to, socklen_t n, struct err *err)
{
	socklen_t len = sizeof(int);
	int e = 0, on = 1;

	w->fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return err_sys(err, "socket");
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(w->fd, (const struct sockaddr *)to, n) < 0) {
		e = errno;
		if (e == EPERM || e == EACCES || e == EADDRNOTAVAIL)
			return err_sys(err, "connect");
		if (e == EINPROGRESS && !wait_for(w, POLLOUT, w->until_ns))
			e = ETIMEDOUT;
		else if (e == EINPROGRESS && getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &e, &len) < 0)
			e = errno;
	}
	if (!e)
		return true;
	w->closed = e == ECONNREFUSED;
	snprintf(w->why, sizeof(w->why), "%s", strerror(e));
	wire_close(w);
	return true;
}

static bool handshake(struct wire *w, struct err *err)
{
	if (!w->ctx && (w->ctx = SSL_CTX_new(TLS_client_method()))) {
		SSL_CTX_set_security_level(w->ctx, 0);  /* old devices too: how good their TLS is, other tests tell */
		SSL_CTX_set_min_proto_version(w->ctx, TLS1_VERSION);
		SSL_CTX_set_options(w->ctx, SSL_OP_LEGACY_SERVER_CONNECT);
	}
	w->ssl = w->ctx ? SSL_new(w->ctx) : NULL;
	if (!w->ssl || !SSL_set_fd(w->ssl, w->fd))
		return err_set(err, ERR_OS, "TLS: out of memory");
	SSL_set_verify(w->ssl, SSL_VERIFY_NONE, NULL);
	if (w->session)
		SSL_set_session(w->ssl, w->session);
	for (;;) {
		int rc = SSL_connect(w->ssl), e = SSL_get_error(w->ssl, rc);

		if (rc == 1)
			return true;
		if ((e == SSL_ERROR_WANT_READ && wait_for(w, POLLIN, w->until_ns)) ||
		    (e == SSL_ERROR_WANT_WRITE && wait_for(w, POLLOUT, w->until_ns)))
			continue;
		snprintf(w->why, sizeof(w->why), "no TLS");
		ERR_clear_error();
		wire_close(w);
		return true;
	}
}

bool wire_open(struct wire *w, const char *address, int port, bool tls, int64_t timeout_ns, struct err *err)
{
	struct sockaddr_storage to;
	socklen_t n;

	wire_close(w);
	*w = (struct wire){ .fd = -1, .ctx = w->ctx, .session = w->session, .until_ns = clock_ns() + timeout_ns };
	if (!address_of(address, port, &to, &n))
		return err_set(err, ERR_CONF, "'%s' is not an address", address);
	if (!dial(w, &to, n, err) || (w->fd >= 0 && tls && !handshake(w, err))) {
		wire_close(w);
		return false;
	}
	return true;
}

bool wire_secure(struct wire *w, struct err *err)
{
	return handshake(w, err);
}

bool wire_send(struct wire *w, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n) {
		ssize_t got = w->ssl ? SSL_write(w->ssl, p, (int)n) : send(w->fd, p, n, MSG_NOSIGNAL);

		if (got > 0) {
			p += got;
			n -= (size_t)got;
		} else if ((!w->ssl && errno != EAGAIN) ||
			   (w->ssl && SSL_get_error(w->ssl, (int)got) != SSL_ERROR_WANT_WRITE) ||
			   !wait_for(w, POLLOUT, w->until_ns)) {
			return false;
		}
	}
	return true;
}

ssize_t wire_take(struct wire *w, void *p, size_t n, int64_t quiet_ns)
{
	int64_t until = clock_ns() + quiet_ns < w->until_ns ? clock_ns() + quiet_ns : w->until_ns;
	int on = 1;

	if (clock_ns() >= w->until_ns)          /* a peer that never pauses ends there too */
		return -1;
	/* a peer that collects small writes (Nagle) would wait 40 ms for our acknowledgement */
	setsockopt(w->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));

	for (;;) {
		ssize_t got = w->ssl ? SSL_read(w->ssl, p, (int)n) : recv(w->fd, p, n, 0);

		if (got > 0)
			return got;
		if (w->ssl ? SSL_get_error(w->ssl, (int)got) != SSL_ERROR_WANT_READ : got == 0 || errno != EAGAIN) {
			ERR_clear_error();
			return 0;
		}
		if (!wait_for(w, POLLIN, until))
			return -1;
	}
}

void wire_close(struct wire *w)
{
	if (w->ssl) {
		SSL_SESSION *s = SSL_get1_session(w->ssl);

		if (s) {
			SSL_SESSION_free(w->session);
			w->session = s;
		}
		SSL_free(w->ssl);
	}
	if (w->fd >= 0)
		close(w->fd);
	w->ssl = NULL;
	w->fd = -1;
}

void wire_done(struct wire *w)
{
	wire_close(w);
	SSL_SESSION_free(w->session);
	SSL_CTX_free(w->ctx);
	w->session = NULL;
	w->ctx = NULL;
}
