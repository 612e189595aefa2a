/* SPDX-License-Identifier: Apache-2.0
 *
 * surface_coap.c - CoAP behind DTLS with a pre-shared key: the pairing code is the key, the account its identity.
 * A wrong key shows only once our Finished is sent. Some servers then say an alert; those that keep to DTLS throw the record away
 * without a word. So silence is a refusal when our Finished was sent three times, after one second and two more, and the server still
 * answers a new hello.
 * Source  RFC 7252 9.1.3.1 (the PSK mode of CoAP), RFC 4279 2 (unknown_psk_identity, decrypt_error), RFC 6347 4.1.2.7 (silence), 4.2.4. */
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "probes/login/surface.h"

#define STALLED MS(3500)                /* since our Finished: it was sent three times */
struct hand {                           /* one handshake */
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
	const char *user, *secret;
	int alert;                      /* received, -1 = none */
	int64_t finished_ns;            /* ours was sent; 0 = not yet */
	bool hello;                     /* the server's was read */
	bool done, stalled, refused_port;
};

static bool coap_load(struct surface *s, const json_t *row, struct err *err)
{
	(void)s, (void)row, (void)err;
	return true;
}

static void coap_close(struct surface *s) { (void)s; }

static unsigned key_of(SSL *ssl, const char *hint, char *identity, unsigned room, unsigned char *key, unsigned key_room)
{
	const struct hand *h = SSL_get_app_data(ssl);
	size_t n = strlen(h->secret);

	(void)hint;
	if (n > key_room || snprintf(identity, room, "%s", h->user) >= (int)room)
		return 0;
	memcpy(key, h->secret, n);
	return (unsigned)n;
}

static void noted(const SSL *ssl, int where, int value)
{
	struct hand *h = SSL_get_app_data(ssl);

	if (where == SSL_CB_READ_ALERT)
		h->alert = value & 255;
	h->hello |= SSL_get_state(ssl) == TLS_ST_CR_SRVR_HELLO;
	if (SSL_get_state(ssl) == TLS_ST_CW_FINISHED && !h->finished_ns)
		h->finished_ns = clock_ns();
}

static int dial(const char *address, int port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM }, *to = NULL;
	char service[8];
	int fd = -1;

	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(address, service, &hints, &to))
		return -1;
	fd = socket(to->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, to->ai_addr, to->ai_addrlen) < 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(to);
	return fd;
}

static void hang_up(struct hand *h)
{
	SSL_free(h->ssl);
	SSL_CTX_free(h->ctx);
	if (h->fd >= 0)
		close(h->fd);
	ERR_clear_error();
}

static bool prepare(struct hand *h, const struct surface *s, struct err *err)
{
	struct sockaddr_storage to;
	socklen_t n = sizeof(to);
	BIO *bio;

	h->fd = dial(s->to.address, s->port);
	if (h->fd < 0 || getpeername(h->fd, (struct sockaddr *)&to, &n) < 0)
		return err_sys(err, "a datagram socket to %s", s->to.address);
	h->ctx = SSL_CTX_new(DTLS_client_method());
	if (!h->ctx)
		return err_set(err, ERR_OS, "DTLS: out of memory");
	SSL_CTX_set_security_level(h->ctx, 0);
	SSL_CTX_set_psk_client_callback(h->ctx, key_of);
	SSL_CTX_set_info_callback(h->ctx, noted);
	if (!SSL_CTX_set_cipher_list(h->ctx, "PSK") || !(h->ssl = SSL_new(h->ctx)) || !(bio = BIO_new_dgram(h->fd, BIO_NOCLOSE)))
		return err_set(err, ERR_OS, "DTLS: out of memory");
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &to);
	SSL_set_bio(h->ssl, bio, bio);
	SSL_set_app_data(h->ssl, h);
	SSL_set_options(h->ssl, SSL_OP_NO_QUERY_MTU);
	DTLS_set_link_mtu(h->ssl, 1280);
	return true;
}

/* Waits for a datagram or for the time to send again; false: it is over. */
static bool wait_or_repeat(struct hand *h, int64_t until_ns)
{
	struct pollfd p = { h->fd, POLLIN, 0 };
	int64_t left, timer;
	struct timeval t;

	if (h->finished_ns && h->finished_ns + STALLED < until_ns)
		until_ns = h->finished_ns + STALLED;
	left = timer = until_ns - clock_ns();
	if (left > 0 && DTLSv1_get_timeout(h->ssl, &t))
		timer = (int64_t)t.tv_sec * SEC(1) + (int64_t)t.tv_usec * 1000;
	if (left > 0 && poll(&p, 1, (int)((timer < left ? timer : left) / MS(1) + 1)) <= 0)
		DTLSv1_handle_timeout(h->ssl);
	h->stalled = h->finished_ns && clock_ns() >= h->finished_ns + STALLED;
	return clock_ns() < until_ns;
}

/* until_hello: no further than the server's hello, which shows that it is there. */
static void shake(struct hand *h, int64_t until_ns, bool until_hello)
{
	for (;;) {
		int rc = SSL_connect(h->ssl), e = SSL_get_error(h->ssl, rc);

		h->done = rc == 1;
		if (h->done || (until_hello && h->hello))
			return;
		h->refused_port = e == SSL_ERROR_SYSCALL && errno == ECONNREFUSED;
		if (h->alert >= 0 || (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE) || !wait_or_repeat(h, until_ns))
			return;
	}
}

static bool alive(const struct surface *s, bool *ret, struct err *err)
{
	struct hand h = { .fd = -1, .alert = -1, .user = "jusan", .secret = "jusan" };
	bool ok = prepare(&h, s, err);

	if (ok)
		shake(&h, clock_ns() + s->timeout_ns, true);
	*ret = h.hello;
	hang_up(&h);
	return ok;
}

static bool judge(const struct surface *s, const struct hand *h, struct answer *ret, struct err *err)
{
	bool there = h->alert >= 0 && h->finished_ns;

	ret->closed = h->refused_port && !h->hello;
	if (!h->done && !there && h->stalled && !alive(s, &there, err))
		return false;
	ret->reached = h->done || there;
	ret->status = h->alert > 0 ? h->alert : 0;
	ret->says = h->done ? SAYS_GRANTED : there ? SAYS_REFUSED : SAYS_NOTHING;
	ret->head = (uint64_t)ret->says;
	if (h->done || there)
		snprintf(ret->text, sizeof(ret->text), h->done ? "the key is right" : h->alert >= 0 ? "refused: alert %d" :
			 "refused: no answer to Finished, and an answer to the next hello", h->alert);
	else
		snprintf(ret->text, sizeof(ret->text), "%s", ret->closed ? "Connection refused" : h->hello ? "the handshake broke off" :
			 h->alert >= 0 ? "no DTLS with a pre-shared key" : "no DTLS");
	return true;
}

static bool coap_attempt(struct surface *s, const char *user, const char *secret, struct answer *ret, struct err *err)
{
	struct hand h = { .fd = -1, .alert = -1, .user = user, .secret = secret };
	bool ok;

	if (!secret[0]) {
		ret->reached = true;
		ret->says = SAYS_REFUSED;
		snprintf(ret->text, sizeof(ret->text), "no key can be empty");
		return true;
	}
	ok = prepare(&h, s, err);
	if (ok) {
		shake(&h, clock_ns() + 2 * s->timeout_ns, false);
		ok = judge(s, &h, ret, err);
	}
	if (h.done)
		SSL_shutdown(h.ssl);
	hang_up(&h);
	return ok;
}

const struct surface_type surface_coap = { "coap", TARGET_PORT, coap_load, coap_attempt, coap_close, false };
