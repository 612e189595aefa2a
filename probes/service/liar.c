// SPDX-License-Identifier: Apache-2.0
// The impostor proper: shows its certificate and listens to what the device says to it.
#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/service/impostor_in.h"

static void on_info(const SSL *ssl, int where, int ret)
{
	struct conn *c = SSL_get_app_data(ssl);
	struct server *s = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	int what = ret & 0xff;

	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && what != SSL_AD_CLOSE_NOTIFY && what != SSL_AD_USER_CANCELLED)
		impostor_alert(s, c->id, SSL_alert_desc_string_long(ret));
}

static void on_message(int write, int version, int type, const void *buf, size_t n, SSL *ssl, void *arg)
{
	struct conn *c = SSL_get_app_data(ssl);
	struct server *s = arg;

	(void)version;
	if (write || type != SSL3_RT_HANDSHAKE || n < 1 || ((const uint8_t *)buf)[0] != SSL3_MT_CLIENT_HELLO ||
	    c->hello_counted)
		return;
	c->hello_counted = true;
	s->tally.hellos++;
	impostor_note(s, c->id, false, "ClientHello");
}

bool liar_context(struct server *s, struct err *err)
{
	const struct cert *cert = s->cfg->cert;
	SSL_CTX *ctx = s->ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx)
		return err_set(err, ERR_OS, "impostor: no TLS context");
	SSL_CTX_set_security_level(ctx, 0);     /* it must be able to offer what nobody should take */
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, s->cfg->old_protocol ? TLS1_1_VERSION : 0);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_app_data(ctx, s);
	SSL_CTX_set_info_callback(ctx, on_info);
	SSL_CTX_set_msg_callback(ctx, on_message);
	SSL_CTX_set_msg_callback_arg(ctx, s);
	if (SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0") != 1 || SSL_CTX_use_certificate(ctx, cert->leaf) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, cert->key) != 1 || (cert->chain && SSL_CTX_add1_chain_cert(ctx, cert->chain) != 1))
		return err_set(err, ERR_OS, "impostor: %s", ERR_reason_error_string(ERR_get_error()));
	return true;
}

/* The beginning of what the device said, as the log shows it. */
static void heard(struct server *s, struct conn *c, const uint8_t *p, size_t n)
{
	char text[4 * 48 + 1];
	size_t at = 0;

	if (!c->app_bytes) {
		for (size_t i = 0; i < n && i < 48; i++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, p[i] >= 32 && p[i] < 127 && p[i] != '\\' ?
					       "%c" : "\\x%02x", p[i]);
		impostor_note(s, c->id, !s->tally.app_bytes, "%s application data: %s", c->plain ? "plain" : "decrypted", text);
		s->tally.established += !c->plain;
	}
	c->app_bytes += (int64_t)n;
	s->tally.app_bytes += (int64_t)n;
	c->until_ns = clock_ns() + SILENT_NS;
}

/* Looks at the first byte without taking it: a TLS record, or a device that does not even try. */
static const char *begin(struct server *s, struct conn *c)
{
	uint8_t first;
	ssize_t n = recv(c->fd, &first, 1, MSG_PEEK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NULL;
	if (n <= 0)
		return "no byte came";
	c->begun = true;
	c->plain = first != SSL3_RT_HANDSHAKE && !(first & 0x80);
	if (c->plain)
		return NULL;
	c->ssl = SSL_new(s->ctx);
	if (!c->ssl || SSL_set_fd(c->ssl, c->fd) != 1)
		return "no memory";
	SSL_set_app_data(c->ssl, c);
	SSL_set_accept_state(c->ssl);
	return NULL;
}

static const char *read_plain(struct server *s, struct conn *c)
{
	uint8_t buf[4096];
	ssize_t n = recv(c->fd, buf, sizeof(buf), 0);

	if (n > 0)
		heard(s, c, buf, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		return "by the device";
	return NULL;
}

static const char *tls_result(struct conn *c, int r)
{
	switch (SSL_get_error(c->ssl, r)) {
	case SSL_ERROR_WANT_READ:
		c->want = POLLIN;
		return NULL;
	case SSL_ERROR_WANT_WRITE:
		c->want = POLLOUT;
		return NULL;
	case SSL_ERROR_ZERO_RETURN:
		return "by the device";
	default:
		return c->done ? "by the device, without close_notify" : "no handshake";
	}
}

static const char *read_tls(struct server *s, struct conn *c)
{
	uint8_t buf[4096];
	int r;

	ERR_clear_error();
	if (!c->done) {
		r = SSL_accept(c->ssl);
		if (r != 1)
			return tls_result(c, r);
		c->done = true;
		s->tally.handshakes++;
		c->until_ns = clock_ns() + IDLE_NS;
		impostor_note(s, c->id, false, "handshake completed: %s %s", SSL_get_version(c->ssl),
			      SSL_get_cipher_name(c->ssl));
	}
	while ((r = SSL_read(c->ssl, buf, sizeof(buf))) > 0) {
		heard(s, c, buf, (size_t)r);
		if (c->app_bytes >= READ_MAX)
			return "enough";
	}
	return tls_result(c, r);
}

const char *liar_event(struct server *s, struct conn *c, bool ready)
{
	const char *why = NULL;

	if (ready && !c->begun)
		why = begin(s, c);
	if (ready && !why && c->begun)
		why = c->plain ? read_plain(s, c) : read_tls(s, c);
	if (!why && c->app_bytes >= READ_MAX)
		return "enough";
	if (!why && clock_ns() >= c->until_ns)
		return c->app_bytes ? "the device says no more" : "the device says nothing";
	return why;
}
