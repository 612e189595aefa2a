// SPDX-License-Identifier: Apache-2.0
#include "probes/tls/finish.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/proto/wire.h"
#include "probes/tls/suite.h"

#define EVERYTHING "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
#define CURVES "X25519:P-256:X448:P-521:P-384:brainpoolP512r1:brainpoolP384r1:brainpoolP256r1:secp256k1:P-224:P-192:" \
	"B-571:K-571:B-409:K-409:B-283:K-283:B-233:K-233:B-163:K-163"

static SSL_CTX *new_ctx(uint16_t version, bool datagram)
{
	SSL_CTX *c = SSL_CTX_new(datagram ? DTLS_client_method() : TLS_client_method());
	int least = version ? version_wire(version, datagram) : datagram ? DTLS1_VERSION : TLS1_VERSION;
	int most = version ? least : datagram ? DTLS1_2_VERSION : TLS1_3_VERSION;

	if (!c)
		return NULL;
	SSL_CTX_set_security_level(c, 0);
	SSL_CTX_set_options(c, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION);
	SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
	if (version && version < TLS1_3_VERSION && SSL_CTX_set1_groups_list(c, CURVES) != 1)
		ERR_clear_error();              /* an OpenSSL without the odd ones: it has its own list */
	if (SSL_CTX_set_cipher_list(c, EVERYTHING) == 1 && SSL_CTX_set_min_proto_version(c, least) == 1 &&
	    SSL_CTX_set_max_proto_version(c, most) == 1 &&
	    SSL_CTX_set_ciphersuites(c, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:"
				     "TLS_AES_128_CCM_8_SHA256") == 1)
		return c;
	SSL_CTX_free(c);
	return NULL;
}

bool finish_knows(uint16_t version, uint16_t suite)
{
	SSL_CTX *c = version < TLS1_0 ? NULL : new_ctx(version, false);         /* DTLS has those of its TLS that are no streams */
	STACK_OF(SSL_CIPHER) *all = c ? SSL_CTX_get_ciphers(c) : NULL;
	const struct suite *s = suite_find(suite);
	bool knows = false;

	for (int i = 0; i < sk_SSL_CIPHER_num(all); i++)
		knows |= SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(all, i)) == suite;
	SSL_CTX_free(c);
	ERR_clear_error();
	return knows && s && !suite_psk(s) && !strstr(s->name, "_SRP_");
}

/* The lines before TLS. */
static bool say_plain(struct wire *w, const struct plain *p)
{
	char text[PLAIN_MAX];
	size_t n = 0;

	for (unsigned step = 0; step < PLAIN_STEPS && p->step[step].good;) {
		ssize_t got = n < sizeof(text) ? wire_take(w, text + n, sizeof(text) - n, SEC(60)) : 0;
		enum plain_says says;

		if (got <= 0)
			return false;
		n += (size_t)got;
		says = plain_read(p, step, text, n);
		if (says == PLAIN_BAD)
			return false;
		if (says == PLAIN_MORE)
			continue;
		if (p->step[step].say && !wire_send(w, p->step[step].say, strlen(p->step[step].say)))
			return false;
		step++;
		n = 0;
	}
	return true;
}

/* Until it may go on, or DTLS has to say its last flight again. */
static bool wait_for(SSL *ssl, int fd, short events, int64_t until_ns)
{
	struct pollfd p = { fd, events, 0 };
	int64_t left = until_ns - clock_ns(), again = left;
	struct timeval tv;

	if (SSL_is_dtls(ssl) && DTLSv1_get_timeout(ssl, &tv))
		again = SEC(tv.tv_sec) + tv.tv_usec * 1000;
	if (left <= 0)
		return false;
	if (poll(&p, 1, (int)((again < left ? again : left) / MS(1)) + 1) > 0)
		return true;
	return again < left && DTLSv1_handle_timeout(ssl) >= 0;
}

static bool shake(SSL *ssl, const struct wire *w, struct finish *r)
{
	for (;;) {
		int rc = SSL_connect(ssl), e = SSL_get_error(ssl, rc);
		unsigned long code;

		if (rc == 1)
			return true;
		if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) {
			if (wait_for(ssl, w->fd, e == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, w->until_ns))
				continue;
			snprintf(r->why, sizeof(r->why), "silent");
			return false;
		}
		code = ERR_get_error();
		snprintf(r->why, sizeof(r->why), "%s", code && ERR_reason_error_string(code) ? ERR_reason_error_string(code) : "the connection ended");
		return false;
	}
}

/* ---- signatures of TLS 1.3: hidden from raw hellos ---- */
static const struct { uint16_t id; const char *name; int hash, key; } signs[] = {
	{ 0x0403, "ecdsa_secp256r1_sha256", NID_sha256, EVP_PKEY_EC }, { 0x0503, "ecdsa_secp384r1_sha384", NID_sha384, EVP_PKEY_EC },
	{ 0x0603, "ecdsa_secp521r1_sha512", NID_sha512, EVP_PKEY_EC }, { 0x0807, "ed25519", NID_undef, EVP_PKEY_ED25519 },
	{ 0x0808, "ed448", NID_undef, EVP_PKEY_ED448 }, { 0x0804, "rsa_pss_rsae_sha256", NID_sha256, EVP_PKEY_RSA },
	{ 0x0805, "rsa_pss_rsae_sha384", NID_sha384, EVP_PKEY_RSA }, { 0x0806, "rsa_pss_rsae_sha512", NID_sha512, EVP_PKEY_RSA },
	{ 0x0809, "rsa_pss_pss_sha256", NID_sha256, EVP_PKEY_RSA_PSS }, { 0x080a, "rsa_pss_pss_sha384", NID_sha384, EVP_PKEY_RSA_PSS },
	{ 0x080b, "rsa_pss_pss_sha512", NID_sha512, EVP_PKEY_RSA_PSS },
};
enum { SIGNS = sizeof(signs) / sizeof(signs[0]) };

static bool offer_signs(SSL *ssl, unsigned left)
{
	char list[512] = "";

	for (unsigned i = 0; i < SIGNS; i++)
		if (left >> i & 1)
			strcat(strcat(list, list[0] ? ":" : ""), signs[i].name);
	return SSL_set1_sigalgs_list(ssl, list) == 1;
}

static int sign_of(SSL *ssl)
{
	EVP_PKEY *key = X509_get0_pubkey(SSL_get0_peer_certificate(ssl));
	int hash = NID_undef;

	SSL_get_peer_signature_nid(ssl, &hash);
	for (int i = 0; key && i < SIGNS; i++)
		if (signs[i].key == EVP_PKEY_get_base_id(key) && (signs[i].hash == NID_undef || signs[i].hash == hash))
			return i;
	return -1;
}

static void read_agreed(SSL *ssl, const char *name, int64_t now_s, struct finish *r)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	int group = (int)SSL_get_negotiated_group(ssl);

	r->version = version_read((uint64_t)SSL_version(ssl));
	r->suite = SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl));
	if (group > 0 && OBJ_nid2sn(group))
		snprintf(r->group, sizeof(r->group), "%s", OBJ_nid2sn(group));
	r->sign = sign_of(ssl);
	r->has_chain = sk_X509_num(chain) > 0;
	if (r->has_chain)
		chain_of(chain, now_s, name, &r->chain);
}

static bool set_datagrams(SSL *ssl, int fd)
{
	struct sockaddr_storage to;
	socklen_t n = sizeof(to);
	BIO *bio = getpeername(fd, (struct sockaddr *)&to, &n) ? NULL : BIO_new_dgram(fd, BIO_NOCLOSE);

	if (!bio)
		return false;
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &to);
	SSL_set_bio(ssl, bio, bio);
	return true;
}

/* left: of the signatures of TLS 1.3, a bit each; 0 = what the library likes. */
static bool talk(struct wire *w, const char *name, uint16_t version, bool datagram, unsigned left, int64_t now_s, struct finish *r,
		 struct err *err)
{
	SSL_CTX *ctx = new_ctx(version, datagram);
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;
	bool ok = ssl && (datagram ? set_datagrams(ssl, w->fd) : SSL_set_fd(ssl, w->fd) == 1) && (!left || offer_signs(ssl, left));

	if (ok && name && name[0])
		SSL_set_tlsext_host_name(ssl, name);
	if (ok && shake(ssl, w, r)) {
		r->established = true;
		read_agreed(ssl, name, now_s, r);
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return ok || err_set(err, ERR_OS, "no TLS session could be made");
}

/* A datagram is sent before anybody can know whether it will be answered. */
static bool open_datagrams(struct wire *w, const struct ask_where *where, struct err *err)
{
	struct sockaddr_storage to;
	socklen_t n;

	if (!ask_address(where, &to, &n))
		return err_set(err, ERR_CONF, "'%s' is not an address", where->address);
	w->fd = socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	w->until_ns = clock_ns() + where->patience_ns;
	return (w->fd >= 0 && !connect(w->fd, (struct sockaddr *)&to, n)) || err_sys(err, "a socket for datagrams");
}

static bool try_once(const struct ask_where *where, const char *name, uint16_t version, unsigned left, int64_t now_s, struct finish *ret,
		     struct err *err)
{
	struct wire w = { .fd = -1 };
	bool ok = true;

	memset(ret, 0, sizeof(*ret));
	if (where->datagram ? !open_datagrams(&w, where, err) : !wire_open(&w, where->address, where->port, false, where->patience_ns, err)) {
		wire_done(&w);
		return false;
	}
	ret->answered = w.fd >= 0;
	if (!ret->answered)
		snprintf(ret->why, sizeof(ret->why), "%.100s", w.why);
	else if (where->plain && !say_plain(&w, where->plain))
		snprintf(ret->why, sizeof(ret->why), "%s: no way to TLS", where->plain->name);
	else
		ok = talk(&w, name, version, where->datagram, left, now_s, ret, err);
	wire_done(&w);
	return ok;
}

bool finish_try(const struct ask_where *where, const char *name, uint16_t version, int64_t now_s, struct finish *ret,
		struct err *err)
{
	return try_once(where, name, version, 0, now_s, ret, err);
}

bool finish_signatures(const struct ask_where *where, const char *name, struct numbers *ret, struct err *err)
{
	unsigned left = (1u << SIGNS) - 1;
	static struct finish f;

	while (left && clock_ns() < where->deadline_ns) {
		if (!try_once(where, name, TLS1_3, left, 0, &f, err))
			return false;
		if (!f.established || f.sign < 0 || !(left >> f.sign & 1))
			return true;
		numbers_add(ret, signs[f.sign].id);
		left &= ~(1u << f.sign);
	}
	return true;
}
