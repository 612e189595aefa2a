/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/ports/dialog.h"

#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "probes/ports/target.h"

static SSL_CTX *context;                /* one for the process */

static bool socket_to(const char *ip, unsigned port, int type, struct dialog *d, struct err *err)
{
	struct sockaddr_storage to;
	socklen_t n;

	if (!target_parse(ip, port, &to, &n))
		return err_set(err, ERR_BENCH, "'%s' is no address", ip);
	d->fd = socket(to.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return err_sys(err, "socket");
	if (connect(d->fd, (struct sockaddr *)&to, n) && errno != EINPROGRESS)
		d->refused = true;
	return true;
}

/* Ready for `events` before the peer was quiet too long; false = it was, or the time is over. */
static bool await(const struct dialog *d, short events, int64_t quiet_ns)
{
	int64_t until = clock_ns() + quiet_ns;

	until = until < d->until_ns ? until : d->until_ns;
	for (;;) {
		struct pollfd p = { d->fd, events, 0 };
		int64_t left = until - clock_ns();
		int n = poll(&p, 1, left <= 0 ? 0 : (int)(left / MS(1)) + 1);

		if (n > 0)
			return true;
		if (n == 0 && clock_ns() >= until)
			return false;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

static void connected(struct dialog *d)
{
	socklen_t n = sizeof(int);
	int why = 0;

	if (d->refused || !await(d, POLLOUT, 4 * d->quiet_ns))
		return;
	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &why, &n) || why)
		d->refused = true;
	else
		d->connected = true;
}

/* We have none; that it asks is what we want to know. */
static int certificate_wanted(SSL *ssl, X509 **x, EVP_PKEY **key)
{
	struct dialog *d = SSL_get_app_data(ssl);

	(void)x, (void)key;
	d->wants_certificate = true;
	return 0;
}

static bool have_context(struct err *err)
{
	if (context)
		return true;
	context = SSL_CTX_new(TLS_client_method());
	if (!context || !SSL_CTX_set_min_proto_version(context, 0) || !SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0"))
		return err_set(err, ERR_OS, "OpenSSL gives no TLS client");
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_client_cert_cb(context, certificate_wanted);
	return true;
}

/* Every record that comes in says whether the other side speaks TLS at all. */
static void record_seen(int write_p, int version, int type, const void *buf, size_t n, SSL *ssl, void *arg)
{
	struct dialog *d = arg;
	const uint8_t *head = buf;

	(void)version, (void)ssl;
	if (!write_p && type == SSL3_RT_HEADER && n >= 5 && head[0] >= 20 && head[0] <= 23 && head[1] == 3)
		d->tls_seen = true;
}

/* What a call of OpenSSL waits for, awaited; false = it is over, in whatever way. */
static bool tls_wait(struct dialog *d, int got, int64_t quiet_ns)
{
	int why = SSL_get_error(d->ssl, got);

	ERR_clear_error();
	if (why == SSL_ERROR_WANT_READ)
		return await(d, POLLIN, quiet_ns);
	if (why == SSL_ERROR_WANT_WRITE)
		return await(d, POLLOUT, quiet_ns);
	d->ended |= why != SSL_ERROR_NONE;
	return false;
}

static bool handshake(struct dialog *d, struct err *err)
{
	int got;

	if (!have_context(err))
		return false;
	d->ssl = SSL_new(context);
	if (!d->ssl || !SSL_set_fd(d->ssl, d->fd))
		return err_set(err, ERR_OS, "no memory for TLS");
	SSL_set_app_data(d->ssl, d);
	SSL_set_msg_callback(d->ssl, record_seen);
	SSL_set_msg_callback_arg(d->ssl, d);
	while ((got = SSL_connect(d->ssl)) != 1)
		if (!tls_wait(d, got, 2 * d->quiet_ns))
			break;
	d->inside = got == 1;
	ERR_clear_error();
	return true;
}

bool dialog_open(struct dialog *d, const char *ip, unsigned port, bool tls, struct err *err)
{
	*d = (struct dialog){ .until_ns = d->until_ns, .quiet_ns = d->quiet_ns, .fd = -1 };
	if (!socket_to(ip, port, SOCK_STREAM, d, err))
		return false;
	connected(d);
	if (tls && d->connected && !handshake(d, err)) {
		dialog_close(d);
		return false;
	}
	return true;
}

bool dialog_send(struct dialog *d, struct span bytes)
{
	int64_t quiet = d->quiet_ns;

	while (bytes.n) {
		ssize_t n = d->ssl ? SSL_write(d->ssl, bytes.p, (int)bytes.n) : send(d->fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n > 0) {
			bytes.p += n;
			bytes.n -= (size_t)n;
		} else if (d->ssl ? !tls_wait(d, (int)n, quiet) : errno != EAGAIN || !await(d, POLLOUT, quiet)) {
			return false;
		}
	}
	return true;
}

/* > 0 bytes, 0 = nothing more will come. */
static ssize_t more(struct dialog *d, uint8_t *buf, size_t room, int64_t quiet_ns)
{
	for (;;) {
		ssize_t n = d->ssl ? SSL_read(d->ssl, buf, (int)room) : recv(d->fd, buf, room, 0);

		if (n > 0)
			return n;
		if (d->ssl) {
			if (!tls_wait(d, (int)n, quiet_ns))
				return 0;
		} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!await(d, POLLIN, quiet_ns))
				return 0;
		} else {
			d->ended = true;
			d->reset |= n < 0;
			return 0;
		}
	}
}

bool dialog_read(struct dialog *d)
{
	uint8_t spill[4096];
	size_t all = 0;
	ssize_t n;

	d->n = 0;
	while (all < DIALOG_READ && clock_ns() < d->until_ns) {
		bool full = d->n == DIALOG_KEEP;

		/* what begins to come is soon there: the pauses inside an answer are shorter than the one before it */
		n = more(d, full ? spill : d->answer + d->n, full ? sizeof(spill) : DIALOG_KEEP - d->n,
			 all ? d->quiet_ns / 2 : d->quiet_ns);
		if (n <= 0)
			break;
		d->n += full ? 0 : (size_t)n;
		all += (size_t)n;
	}
	d->endless |= all >= DIALOG_READ;
	d->answer[d->n] = 0;
	return d->n > 0;
}

size_t dialog_certificate(const struct dialog *d, uint8_t **ret)
{
	X509 *x = d->ssl ? SSL_get0_peer_certificate(d->ssl) : NULL;
	int n;

	*ret = NULL;
	n = x ? i2d_X509(x, ret) : 0;
	return n > 0 ? (size_t)n : 0;
}

void dialog_close(struct dialog *d)
{
	SSL_free(d->ssl);
	d->ssl = NULL;
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

/* The peer of the socket, which from now on takes datagrams from anywhere. */
static bool unbound(struct dialog *d, struct sockaddr_storage *ret, socklen_t *ret_n)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	*ret_n = sizeof(*ret);
	return !getpeername(d->fd, (struct sockaddr *)ret, ret_n) && !connect(d->fd, &none, sizeof(none));
}

static bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *v4[] = { (const void *)a, (const void *)b };
	const struct sockaddr_in6 *v6[] = { (const void *)a, (const void *)b };

	if (a->ss_family != b->ss_family)
		return false;
	return a->ss_family == AF_INET ? v4[0]->sin_addr.s_addr == v4[1]->sin_addr.s_addr : !memcmp(&v6[0]->sin6_addr, &v6[1]->sin6_addr, 16);
}

/* Asks, and takes the first answer of that host, whatever its port; those of others pass by. -1 = none in time. */
static ssize_t from_elsewhere(struct dialog *d, struct span bytes)
{
	struct sockaddr_storage peer, from;
	int64_t until = clock_ns() + d->quiet_ns;
	socklen_t peer_n;

	if (!unbound(d, &peer, &peer_n) || sendto(d->fd, bytes.p, bytes.n, 0, (struct sockaddr *)&peer, peer_n) < 0)
		return -1;
	for (int64_t left; (left = until - clock_ns()) > 0 && await(d, POLLIN, left);) {
		socklen_t n = sizeof(from);
		ssize_t got = recvfrom(d->fd, d->answer, DIALOG_KEEP, 0, (struct sockaddr *)&from, &n);

		if (got >= 0 && same_host(&from, &peer))
			return got;
	}
	return -1;
}

bool dialog_datagram(struct dialog *d, const char *ip, unsigned port, struct span bytes, bool elsewhere, bool *ret_answered,
		     struct err *err)
{
	ssize_t n = -1;

	*d = (struct dialog){ .until_ns = d->until_ns, .quiet_ns = d->quiet_ns, .fd = -1 };
	*ret_answered = false;
	if (!socket_to(ip, port, SOCK_DGRAM, d, err))
		return false;
	if (elsewhere && !d->refused)
		n = from_elsewhere(d, bytes);
	else if (!d->refused && send(d->fd, bytes.p, bytes.n, 0) >= 0 && await(d, POLLIN, d->quiet_ns))
		n = recv(d->fd, d->answer, DIALOG_KEEP, 0);
	d->refused |= n < 0 && errno == ECONNREFUSED;
	d->n = n > 0 ? (size_t)n : 0;
	d->answer[d->n] = 0;
	*ret_answered = d->n > 0;
	dialog_close(d);
	return true;
}
