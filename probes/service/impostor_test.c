// SPDX-License-Identifier: Apache-2.0
// The impostor against peers that are careful, careless, silent, plain; and the relay before a server that answers.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/test.h"
#include "probes/service/impostor.h"

#define HOST "cloud.hearth.example"

/* VERIFY: refuses what it does not trust. ECHO: waits for an answer. CLOSE: says nothing after the handshake. */
enum peer { CAREFUL, CARELESS, CLOSES, SILENT, PLAIN };

static int connect_to(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* True when an answer came back. */
static bool tls_peer(int fd, enum peer how, int version, bool wait)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl;
	char buf[16];
	bool answered = false;

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_verify(ctx, how == CAREFUL ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	SSL_set_tlsext_host_name(ssl, HOST);
	if (SSL_connect(ssl) == 1 && how != CLOSES && SSL_write(ssl, "CONNECT", 7) == 7 && wait)
		answered = SSL_read(ssl, buf, sizeof(buf)) > 0;
	SSL_shutdown(ssl);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return answered;
}

static int temp_log(char path[static 64])
{
	snprintf(path, 64, "/tmp/jusan-tls-XXXXXX");
	return mkostemp(path, O_APPEND | O_CLOEXEC);
}

static void await_end(int control)
{
	struct pollfd p = { .fd = control, .events = POLLIN };
	char c;

	ck_assert_int_eq(poll(&p, 1, 5000), 1);
	ck_assert_int_eq(recv(control, &c, 1, 0), 1);
}

static const struct {
	const char *name;
	enum cert_kind kind;
	enum peer peer;
	int version;
	struct impostor_tally want;
	const char *alert;
} row[] = {
	{ "careful 1.3",     CERT_self_signed, CAREFUL,  TLS1_3_VERSION, { 1, 1, 0, 0, 0, 1, "", 0, 0 }, "unknown CA" },
	{ "careful 1.2",     CERT_unknown_ca,  CAREFUL,  TLS1_2_VERSION, { 1, 1, 0, 0, 0, 1, "", 0, 0 }, "unknown CA" },
	{ "careless 1.3",    CERT_self_signed, CARELESS, TLS1_3_VERSION, { 1, 1, 1, 1, 7, 0, "", 0, 0 }, "" },
	{ "careless 1.2",    CERT_self_signed, CARELESS, TLS1_2_VERSION, { 1, 1, 1, 1, 7, 0, "", 0, 0 }, "" },
	{ "handshake only",  CERT_self_signed, CLOSES,   TLS1_3_VERSION, { 1, 1, 1, 0, 0, 0, "", 0, 0 }, "" },
	{ "silent",          CERT_self_signed, SILENT,   0,              { 1, 0, 0, 0, 0, 0, "", 0, 0 }, "" },
	{ "plain",           CERT_self_signed, PLAIN,    0,              { 1, 0, 0, 0, 5, 0, "", 0, 0 }, "" },
};
START_TEST(liar)
{
	struct cert cert;
	struct impostor_tally got = { 0 };
	struct err err = { 0 };
	struct impostor i = { .cert = &cert };
	char log[64];
	int control, fd;
	uint16_t port;
	pid_t pid;
	struct stat sb;

	ck_assert(cert_make(row[_i].kind, HOST, NULL, NULL, clock_wall_ns() / SEC(1), &cert, &err));
	ck_assert(impostor_listen(&i.listener, &port, &err));
	i.log = temp_log(log);
	ck_assert(impostor_start(&i, &pid, &control, &err));
	close(i.listener);
	cert_free(&cert);
	fd = connect_to(port);
	if (row[_i].peer == PLAIN)
		ck_assert_int_eq(write(fd, "hello", 5), 5);
	else if (row[_i].peer != SILENT)
		tls_peer(fd, row[_i].peer, row[_i].version, false);
	if (row[_i].peer != PLAIN)              /* of a plain peer the impostor tires by itself */
		close(fd);
	await_end(control);
	ck_assert_msg(impostor_end(pid, control, &got, &err), "%s", err.text);
	ck_assert_msg(got.connections == row[_i].want.connections && got.hellos == row[_i].want.hellos &&
		      got.handshakes == row[_i].want.handshakes && got.established == row[_i].want.established &&
		      got.app_bytes == row[_i].want.app_bytes && got.alerts == row[_i].want.alerts,
		      "%s: connections %d hellos %d handshakes %d established %d bytes %d alerts %d (%s)", row[_i].name,
		      (int)got.connections, (int)got.hellos, (int)got.handshakes, (int)got.established, (int)got.app_bytes,
		      (int)got.alerts, got.alert);
	ck_assert_str_eq(got.alert, row[_i].alert);
	ck_assert(!fstat(i.log, &sb) && sb.st_size > 0 && got.log_at + got.log_length <= sb.st_size);
	close(i.log);
	unlink(log);
}
END_TEST

/* A true peer: says "OK" to whatever it hears, if it is one that answers. */
static pid_t true_peer(uint16_t *ret_port, bool answers)
{
	struct cert cert;
	struct err err = { 0 };
	int listener = -1;
	pid_t pid;

	ck_assert(cert_make(CERT_self_signed, HOST, NULL, NULL, clock_wall_ns() / SEC(1), &cert, &err));
	ck_assert(impostor_listen(&listener, ret_port, &err));
	pid = fork();
	if (!pid) {
		SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
		SSL *ssl = SSL_new(ctx);
		struct pollfd p = { .fd = listener, .events = POLLIN };
		char buf[16];
		int fd;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		poll(&p, 1, 5000);
		fd = accept(listener, NULL, NULL);
		SSL_use_certificate(ssl, cert.leaf);
		SSL_use_PrivateKey(ssl, cert.key);
		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1 && SSL_read(ssl, buf, sizeof(buf)) > 0 && answers)
			SSL_write(ssl, "OK", 2);
		SSL_shutdown(ssl);
		close(fd);
		_exit(0);
	}
	close(listener);
	cert_free(&cert);
	return pid;
}

static const struct { const char *name; enum peer peer; int version; bool answers, established; int64_t alerts; } relay_row[] = {
	{ "answered 1.3", CARELESS, TLS1_3_VERSION, true,  true,  0 },
	{ "answered 1.2", CARELESS, TLS1_2_VERSION, true,  true,  0 },
	{ "refused 1.3",  CAREFUL,  TLS1_3_VERSION, true,  false, 1 },
	{ "refused 1.2",  CAREFUL,  TLS1_2_VERSION, true,  false, 1 },
	{ "closes 1.3",   CLOSES,   TLS1_3_VERSION, true,  false, 0 },
	{ "closes 1.2",   CLOSES,   TLS1_2_VERSION, true,  false, 0 },
};
START_TEST(relay)
{
	struct impostor_tally got = { 0 };
	struct err err = { 0 };
	struct impostor i = { .cert = NULL };
	uint16_t port, peer_port;
	char log[64];
	int control, fd;
	pid_t pid, peer = true_peer(&peer_port, relay_row[_i].answers);
	bool answered;

	i.peer = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(peer_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	ck_assert(impostor_listen(&i.listener, &port, &err));
	i.log = temp_log(log);
	ck_assert(impostor_start(&i, &pid, &control, &err));
	close(i.listener);
	fd = connect_to(port);
	answered = tls_peer(fd, relay_row[_i].peer, relay_row[_i].version, true);
	close(fd);
	await_end(control);
	ck_assert_msg(impostor_end(pid, control, &got, &err), "%s", err.text);
	ck_assert_msg(answered == relay_row[_i].established && (got.established > 0) == relay_row[_i].established,
		      "%s: answered %d established %d", relay_row[_i].name, answered, (int)got.established);
	ck_assert_msg(got.hellos == 1 && got.alerts == relay_row[_i].alerts, "%s: hellos %d alerts %d", relay_row[_i].name,
		      (int)got.hellos, (int)got.alerts);
	ck_assert_msg((got.app_bytes > 0) == relay_row[_i].established, "%s: bytes %d", relay_row[_i].name, (int)got.app_bytes);
	waitpid(peer, NULL, 0);
	close(i.log);
	unlink(log);
}
END_TEST

TEST_MAIN({ "liar", liar, ROWS(row) }, { "relay", relay, ROWS(relay_row) })
