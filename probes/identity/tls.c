// SPDX-License-Identifier: Apache-2.0
// The certificate that a server shows. Who it is for and whether anybody vouches for it does not matter here: whose key it
// is shows by its public half, and two servers with one public key hold one private key.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/hash.h"
#include "probes/identity/channel.h"

static void no_answer(struct tls_identity *r, const char *why)
{
	r->answered = false;
	snprintf(r->why, sizeof(r->why), "%s", why);
}

static bool wait_for(int fd, short events, int64_t until_ns)
{
	int64_t left = until_ns - clock_ns();
	struct pollfd p = { fd, events, 0 };

	return left > 0 && poll(&p, 1, (int)(left / MS(1)) + 1) > 0;
}

static socklen_t address_of(const char *ip, int port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	*ret = (struct sockaddr_storage){ 0 };
	if (inet_pton(AF_INET, ip, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, ip, &v6->sin6_addr) != 1)
		return 0;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	return sizeof(*v6);
}

/* -1: not connected, r->why says why. */
static int dial(const char *ip, int port, int64_t until_ns, struct tls_identity *r)
{
	struct sockaddr_storage to;
	socklen_t n = address_of(ip, port, &to), len = sizeof(int);
	int fd = n ? socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1, bad = 0;

	if (fd < 0)
		return no_answer(r, "no socket"), -1;
	if (connect(fd, (struct sockaddr *)&to, n) < 0 && errno != EINPROGRESS)
		bad = errno;
	else if (!wait_for(fd, POLLOUT, until_ns))
		bad = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &bad, &len);
	if (!bad)
		return fd;
	no_answer(r, strerror(bad));
	close(fd);
	return -1;
}

static bool shake(SSL *ssl, int fd, int64_t until_ns)
{
	for (;;) {
		int r = SSL_connect(ssl), e = SSL_get_error(ssl, r);

		if (r == 1)
			return true;
		if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
			return false;
		if (!wait_for(fd, e == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until_ns))
			return false;
	}
}

static void read_certificate(const X509 *cert, struct tls_identity *r)
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);

	if (n <= 0) {
		no_answer(r, "a certificate without a public key");
		return;
	}
	hash_text(der, (size_t)n, r->key);
	OPENSSL_free(der);
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, r->name, sizeof(r->name)) < 0)
		r->name[0] = '\0';
	r->answered = true;
}

static bool ask(int fd, int64_t until_ns, struct tls_identity *r, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;
	X509 *cert = NULL;
	bool ok = ssl && SSL_set_fd(ssl, fd) == 1;

	if (ok) {
		SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
		SSL_set_security_level(ssl, 0);         /* a weak key is somebody else's question */
		if (shake(ssl, fd, until_ns))
			cert = SSL_get1_peer_certificate(ssl);
		if (cert)
			read_certificate(cert, r);
		else
			no_answer(r, "no TLS handshake");
	}
	X509_free(cert);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return ok || err_set(err, ERR_OS, "no TLS session could be made");
}

bool tls_identity(struct step *st, const char *host, int port, int64_t timeout_ns, struct tls_identity *ret, struct err *err)
{
	int64_t until = clock_ns() + timeout_ns;
	CLEANUP(close_fd) int fd = -1;
	char ip[64] = "";

	*ret = (struct tls_identity){ .answered = false };
	step_observer(st, "net.lan");
	if (!strcmp(host, "dut") ? !step_dut_address(st, ip) : !step_resolve(st, host, ip, err)) {
		if (strcmp(host, "dut"))
			return false;
		no_answer(ret, "the device has no address");
		return true;
	}
	if (!step_in_scope(st, ip, err))
		return false;
	fd = dial(ip, port, until, ret);
	return fd < 0 || ask(fd, until, ret, err);
}
