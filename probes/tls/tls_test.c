/* SPDX-License-Identifier: Apache-2.0
 *
 * tls.enumerate and tls.handshake against servers nobody here wrote. Liars are in liar_test.c, the readers in reply_test.c. */
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/daemon.h"
#include "probes/tls/test_step.h"

#define OPENSSL "/usr/bin/openssl"

/* ---- openssl s_server ---- */
struct server {
	const char *certificate;        /* arguments of openssl req */
	const char *more;               /* arguments of s_server */
	const char *versions, *suites;  /* what must be found, sorted; suites "*": not compared */
	const char *fact, *value;       /* one more fact */
};
#define EC "-newkey ec -pkeyopt ec_paramgen_curve:P-256"
#define RSA(n) "-newkey rsa:" n
static const struct server servers[] = {
	{ EC, "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", "TLS1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "signatures", NULL },
	{ EC, "-tls1_3", "TLS1.3", "TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256", "keys", "EC prime256v1" },
	{ EC, "-tls1_3 -ciphersuites TLS_AES_128_CCM_8_SHA256", "TLS1.3", "TLS_AES_128_CCM_8_SHA256", "field_bits", "0" },
	{ EC, "-tls1_3", "TLS1.3", "*", "signatures", "ecdsa_secp256r1_sha256" },
	{ RSA("2048"), "-tls1_3", "TLS1.3", "*", "signatures", "rsa_pss_rsae_sha256 rsa_pss_rsae_sha384 rsa_pss_rsae_sha512" },
	{ "-newkey rsa-pss", "-tls1_3", "TLS1.3", "*", "signatures", "rsa_pss_pss_sha256 rsa_pss_pss_sha384 rsa_pss_pss_sha512" },
	{ "-newkey ed448", "-tls1_3", "TLS1.3", "*", "signatures", "ed448" },
	{ EC, "-tls1_3 -sigalgs ECDSA+SHA256:ECDSA+SHA384 -groups P-256", "TLS1.3", "*", "signatures", "ecdsa_secp256r1_sha256" },
	{ RSA("2048"), "-tls1_3 -sigalgs rsa_pss_rsae_sha384", "TLS1.3", "*", "signatures", "rsa_pss_rsae_sha384" },
	{ EC, "-tls1_3 -groups P-521:X25519", "TLS1.3", "*", "groups", "secp521r1 x25519" },
	{ EC, "-cipher ECDHE+CHACHA20", "TLS1.2 TLS1.3", "*", "weakest_bits", "128" },
	{ RSA("2048"), "-tls1_2 -groups secp224r1 -cipher ECDHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0", "TLS1.2",
	  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "groups", "secp224r1" },
	{ EC, "-tls1_1 -cipher ALL:!DH:@SECLEVEL=0", "TLS1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA "
	  "TLS_ECDH_anon_WITH_AES_128_CBC_SHA TLS_ECDH_anon_WITH_AES_256_CBC_SHA", "traits", "anonymous cbc" },
	{ RSA("2048"), "-tls1 -cipher AES128-SHA:@SECLEVEL=0", "TLS1.0", "TLS_RSA_WITH_AES_128_CBC_SHA", "traits", "cbc no_forward_secrecy" },
	{ RSA("2048"), "-no_tls1_1 -no_tls1_3 -cipher NULL-SHA:AES256-SHA:@SECLEVEL=0", "TLS1.0 TLS1.2",
	  "TLS_RSA_WITH_AES_256_CBC_SHA TLS_RSA_WITH_NULL_SHA", "weakest", "TLS_RSA_WITH_NULL_SHA" },
	{ RSA("1024"), "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "TLS1.2", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
	  "field_bits", "1024" },
	{ RSA("1024 -sha1"), "-tls1_2 -cipher AES128-GCM-SHA256:@SECLEVEL=0", "TLS1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", "hashes", "sha1" },
	{ RSA("1024 -md5"), "-tls1_3 -cipher DEFAULT:@SECLEVEL=0", "TLS1.3", "*", "hashes", "md5" },
	{ EC, "-tls1_2 -nocert -psk 00112233445566778899aabbccddeeff -cipher PSK-AES128-CCM8", "TLS1.2", "TLS_PSK_WITH_AES_128_CCM_8", "rsa_bits",
	  "0" },
	{ "-newkey ed25519", "-tls1_3", "TLS1.3", "*", "hashes", "none" },
	{ EC, "-tls1_2 -Verify 1 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", "TLS1.2", "*", "proved", "" },
};

static void make_certificate(struct daemon *d, const char *how)
{
	char command[512];

	snprintf(command, sizeof(command), "cd %s && openssl req -x509 -nodes -days 30 -subj /CN=device.example -keyout key -out cert "
		 "%s 2>/dev/null", d->dir, how);
	ck_assert_int_eq(system(command), 0);
}

static void run_openssl(struct daemon *d, const char *more)
{
	char command[512];

	snprintf(command, sizeof(command), "exec openssl s_server -accept 127.0.0.1:%d -cert cert -key key -quiet %s", d->port, more);
	daemon_run(d, "/bin/sh", "-c", command, NULL);
}

static void same(const char *what, const char *fact, const char *want)
{
	char got[4096];

	ck_assert_msg(!strcmp(test_fact(fact, got, sizeof(got)), want), "%s: %s: expected %s, got %s", what, fact, want, got);
}

START_TEST(openssl)
{
	const struct server *s = &servers[_i];
	struct daemon d;

	if (!daemon_open(&d, OPENSSL))
		return;
	test_begin();
	make_certificate(&d, s->certificate);
	run_openssl(&d, s->more);
	test_enumerate(d.port, "");
	ck_assert_msg(!fake.incomplete[0], "%s: %s", s->more, fake.incomplete);
	same(s->more, "complete", "true");
	same(s->more, "versions", s->versions);
	if (s->suites[0] != '*')
		same(s->more, "suites", s->suites);
	if (s->value)
		same(s->more, s->fact, s->value);
	test_handshake(d.port);
	same(s->more, "spoke", "true");
	daemon_close(&d);
	fake_close();
}
END_TEST

/* ---- certificates ---- */
START_TEST(names)                       /* ten thousand names, and a host that is the last of them */
{
	struct daemon d;
	char path[64];
	FILE *f;

	if (!daemon_open(&d, OPENSSL))
		return;
	test_begin();
	snprintf(path, sizeof(path), "%s/conf", d.dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("[req]\ndistinguished_name=n\nx509_extensions=e\n[n]\n[e]\nsubjectAltName=@a\n[a]\n", f);
	for (int i = 0; i < 10000; i++)
		fprintf(f, "DNS.%d=n%d.device.example\n", i, i);
	fclose(f);
	make_certificate(&d, EC " -config conf");
	run_openssl(&d, "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256");
	test_enumerate(d.port, ",\"host\":\"n9999.device.example\"");
	same("names", "complete", "true");
	same("names", "names_count", "10000");
	same("names", "name_fits", "true");
	test_enumerate(d.port, ",\"host\":\"n10000.device.example\"");
	same("names", "name_fits", "false");
	daemon_close(&d);
	fake_close();
}
END_TEST

/* ---- others ---- */
static const struct { const char *program, *more, *versions, *fact, *value; } gnutls[] = {
	{ "/usr/bin/gnutls-serv", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:-CIPHER-ALL:+ARCFOUR-128", "TLS1.2", "traits", "rc4" },
	{ "/usr/bin/gnutls-serv", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "TLS1.3", "field_bits", "0" },
	{ "/usr/bin/gnutls-serv", "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1:+SHA1:+SIGN-ECDSA-SHA1", "TLS1.0 TLS1.1", "traits", "cbc" },
};
START_TEST(gnu)
{
	struct daemon d;

	if (!daemon_open(&d, gnutls[_i].program))
		return;
	test_begin();
	make_certificate(&d, EC);
	daemon_run(&d, gnutls[_i].program, "--quiet", "--http", "-p", daemon_text(&d, "%d", d.port), "--x509keyfile", "key",
		   "--x509certfile", "cert", "--priority", gnutls[_i].more, NULL);
	test_enumerate(d.port, "");
	same(gnutls[_i].more, "complete", "true");
	same(gnutls[_i].more, "versions", gnutls[_i].versions);
	same(gnutls[_i].more, gnutls[_i].fact, gnutls[_i].value);
	daemon_close(&d);
	fake_close();
}
END_TEST

START_TEST(lighttpd)
{
	struct daemon d;

	if (access("/usr/lib/lighttpd/mod_openssl.so", R_OK) || !daemon_open(&d, "/usr/sbin/lighttpd"))
		return;                         /* Debian packs its TLS apart */
	test_begin();
	make_certificate(&d, EC);
	daemon_put(&d, "conf", "server.document-root = \"%s\"\nserver.bind = \"127.0.0.1\"\nserver.port = %d\nserver.modules = (\"mod_openssl\")\n"
		   "ssl.engine = \"enable\"\nssl.pemfile = \"%s/cert\"\nssl.privkey = \"%s/key\"\n"
		   "ssl.openssl.ssl-conf-cmd = (\"MinProtocol\" => \"TLSv1.2\", \"CipherString\" => \"ECDHE+AESGCM\")\n", d.dir, d.port, d.dir, d.dir);
	daemon_run(&d, "/usr/sbin/lighttpd", "-D", "-f", "conf", NULL);
	test_enumerate(d.port, "");
	same("lighttpd", "complete", "true");
	same("lighttpd", "versions", "TLS1.2 TLS1.3");
	same("lighttpd", "pairs", "TLS1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 TLS1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 "
	     "TLS1.3 TLS_AES_128_GCM_SHA256 TLS1.3 TLS_AES_256_GCM_SHA384 TLS1.3 TLS_CHACHA20_POLY1305_SHA256");
	daemon_close(&d);
	fake_close();
}
END_TEST

START_TEST(nowhere)                     /* nothing listens; no address */
{
	test_begin();
	test_enumerate(daemon_free_port(SOCK_STREAM), "");
	same("closed", "complete", "false");
	same("closed", "spoke", "false");
	ck_assert_msg(strstr(fake.incomplete, "nothing listens") != NULL, "%s", fake.incomplete);
	test_handshake(daemon_free_port(SOCK_STREAM));
	same("closed", "spoke", "false");
	fake.dut[0] = '\0';
	test_enumerate(443, "");
	same("nowhere", "complete", "false");
	ck_assert(fake.incomplete[0]);
	fake_close();
}
END_TEST

TEST_MAIN({ "openssl", openssl, ROWS(servers) }, { "names", names, 1 }, { "gnutls", gnu, ROWS(gnutls) }, { "lighttpd", lighttpd, 1 },
	  { "nowhere", nowhere, 1 })
