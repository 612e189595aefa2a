// SPDX-License-Identifier: Apache-2.0
// What is written, what is read, and what a suite's name says.
#include <stdio.h>
#include <string.h>

#include "harness/base/test.h"
#include "probes/tls/hello.h"
#include "probes/tls/plain.h"
#include "probes/tls/reply.h"
#include "probes/tls/suite.h"

/* ---- suites ---- */
static const struct { const char *name; unsigned bits; const char *traits; } named[] = {
	{ "TLS_RSA_WITH_NULL_MD5", 0, "null md5 no_forward_secrecy " },
	{ "TLS_RSA_EXPORT_WITH_RC4_40_MD5", 40, "export rc4 md5 no_forward_secrecy " },
	{ "TLS_KRB5_EXPORT_WITH_DES_CBC_40_SHA", 40, "export des cbc no_forward_secrecy " },
	{ "TLS_DHE_RSA_WITH_DES_CBC_SHA", 56, "des cbc " },
	{ "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 112, "3des cbc no_forward_secrecy " },
	{ "TLS_ECDH_anon_WITH_RC4_128_SHA", 128, "anonymous rc4 " },
	{ "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", 128, "no_forward_secrecy " },
	{ "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 256, "" },
	{ "TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", 128, "psk " },
	{ "TLS_PSK_DHE_WITH_AES_256_CCM_8", 256, "psk " }, { "TLS_PSK_WITH_AES_128_CCM_8", 128, "no_forward_secrecy psk " },
	{ "SSL_FORTEZZA_KEA_WITH_FORTEZZA_CBC_SHA", 80, "cbc " },
	{ "TLS_AES_128_GCM_SHA256", 128, "" }, { "TLS_CHACHA20_POLY1305_SHA256", 256, "" }, { "TLS_SHA256_SHA256", 0, "null " },
	{ "TLS_DH_anon_EXPORT_WITH_RC4_40_MD5", 40, "export anonymous rc4 md5 " },
};

static void add_trait(const char *trait, void *data)
{
	strcat(strcat(data, trait), " ");
}

static const struct suite *by_name(const char *name)
{
	for (size_t i = 0; i < n_suites; i++)
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	ck_abort_msg("no suite %s", name);
}

START_TEST(traits)
{
	const struct suite *s = by_name(named[_i].name);
	char got[200] = "";

	ck_assert_uint_eq(suite_bits(s), named[_i].bits);
	suite_traits(s, add_trait, got);
	ck_assert_str_eq(got, named[_i].traits);
	ck_assert_ptr_eq(suite_find(s->id), s);
}
END_TEST

START_TEST(registry)                    /* ascending, so that it can be searched; nothing of TLS 1.3 by mistake */
{
	unsigned tls13 = 0;

	for (size_t i = 0; i < n_suites; i++) {
		ck_assert(!i || suites[i].id > suites[i - 1].id);
		tls13 += suite_tls13(&suites[i]);
	}
	ck_assert_uint_eq(tls13, 15);
	ck_assert_uint_ge(n_suites, 360);
	ck_assert_ptr_null(suite_find(0x5600));
}
END_TEST

/* ---- hellos ---- */
static const uint16_t versions[] = { SSL3, TLS1_0, TLS1_1, TLS1_2, TLS1_3 };
START_TEST(hello)
{
	struct numbers list = { .n = HELLO_SUITES };
	struct hello h = { .version = versions[_i], .suites = &list, .groups = &groups_odd };
	uint8_t out[HELLO_MAX];
	size_t n;

	for (uint16_t i = 0; i < HELLO_SUITES; i++)
		list.at[i] = (uint16_t)(0xc000 + i);
	n = hello_write(&h, out);
	ck_assert_uint_lt(n, 256);
	ck_assert_uint_eq(n, 5u + (unsigned)(out[3] << 8 | out[4]));
	ck_assert_uint_eq(n, 9u + (unsigned)(out[6] << 16 | out[7] << 8 | out[8]));
	ck_assert_uint_eq(out[10], versions[_i] >= TLS1_2 ? 3 : versions[_i] & 0xff);
	h.compress = true;
	h.name = "device.example";
	ck_assert_uint_lt(hello_write(&h, out), HELLO_MAX);
	n = hello_ssl2(out);
	ck_assert_uint_eq(n, 2u + (unsigned)((out[0] & 0x7f) << 8 | out[1]));
}
END_TEST

/* ---- answers ---- */
#define RANDOM "\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10"
#define RETRY "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91" \
	"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"
#define ROW(s) s, sizeof(s) - 1
static const struct {
	const char *bytes;
	size_t n;
	bool more, garbage, hello, whole;
	uint16_t version, suite, group;
	unsigned field;
	int alert;
} rows[] = {
	{ ROW(""), true, false, false, false, 0, 0, 0, 0, -1 },
	{ ROW("\x15\3\1\0\2\2\x28"), false, false, false, false, 0, 0, 0, 0, 40 },
	{ ROW("\x15\3\1\0\2\1\x70"), true, false, false, false, 0, 0, 0, 0, 112 },
	{ ROW("\x15\3\1\0\1\2"), false, true, false, false, 0, 0, 0, 0, -1 },
	{ ROW("HTTP/1.0 400 Bad"), false, true, false, false, 0, 0, 0, 0, -1 },
	{ ROW("\x16\3\3\0"), true, false, false, false, 0, 0, 0, 0, -1 },
	/* a hello by itself, then done in a record that holds the rest of both messages */
	{ ROW("\x16\3\3\0\x2a\2\0\0\x26\3\3" RANDOM "\0\0\x9c\0"), true, false, true, false, TLS1_2, 0x9c, 0, 0, -1 },
	{ ROW("\x16\3\3\0\x10\2\0\0\x26\3\3\1\2\3\4\5\6\7\10\1\2"
	      "\x16\3\3\0\x1e\3\4\5\6\7\10\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10\0\0\x9c\0\x0e\0\0\0"),
	  false, false, true, true, TLS1_2, 0x9c, 0, 0, -1 },
	/* TLS 1.3: a retry that names its group, and a record behind it that is not read */
	{ ROW("\x16\3\3\0\x38\2\0\0\x34\3\3" RETRY "\0\x13\1\0\0\x0c\0\x2b\0\2\3\4\0\x33\0\2\0\x17\x14\3\3\0\1\1"),
	  false, false, true, true, TLS1_3, 0x1301, 23, 0, -1 },
	/* an export key of 512 bits would be longer: 16 bits here */
	{ ROW("\x16\3\1\0\x3b\2\0\0\x26\3\1" RANDOM "\0\0\3\0\x0c\0\0\x09\0\2\x80\1\0\3\1\0\1\x0e\0\0\0"),
	  false, false, true, true, TLS1_0, 3, 0, 16, -1 },
	/* a key exchange that ends too early; a message before the hello; application data */
	{ ROW("\x16\3\1\0\x30\2\0\0\x26\3\1" RANDOM "\0\0\x16\0\x0c\0\0\2\0\x40"), false, true, true, false, TLS1_0, 0x16, 0, 0, -1 },
	{ ROW("\x16\3\1\0\4\x0e\0\0\0"), false, true, false, false, 0, 0, 0, 0, -1 },
	{ ROW("\x17\3\1\0\1\0"), false, true, false, false, 0, 0, 0, 0, -1 },
	/* SSL 2: one kind of cipher */
	{ ROW("\x80\x0f\4\0\1\0\3\0\0\0\3\0\1x\1\0\x80"), false, true, false, false, 0, 0, 0, 0, -1 },
	{ ROW("\x80\x0f\4\0\1\0\2\0\1\0\3\0\0x\1\0\x80"), false, false, true, true, SSL2, 0, 0, 0, -1 },
};
START_TEST(answer)
{
	uint8_t hand[512];
	struct reply r;

	ck_assert_uint_lt(rows[_i].n, sizeof(hand));
	reply_read((struct span){ (const uint8_t *)rows[_i].bytes, rows[_i].n }, hand, &r);
	ck_assert_int_eq(r.more, rows[_i].more);
	ck_assert_int_eq(r.garbage, rows[_i].garbage);
	ck_assert_int_eq(r.hello, rows[_i].hello);
	ck_assert_int_eq(r.whole, rows[_i].whole);
	ck_assert_uint_eq(r.version, rows[_i].version);
	ck_assert_uint_eq(r.suite, rows[_i].suite);
	ck_assert_uint_eq(r.group, rows[_i].group);
	ck_assert_uint_eq(r.field_bits, rows[_i].field);
	ck_assert_int_eq(r.alert, rows[_i].alert);
	ck_assert(!r.more || r.need > rows[_i].n);
}
END_TEST

/* ---- before TLS ---- */
static const struct { const char *name; unsigned step; const char *text; enum plain_says says; } plains[] = {
	{ "smtp", 0, "220 hello\r\n", PLAIN_GOOD }, { "smtp", 0, "220-a\r\n220 b\r\n", PLAIN_GOOD }, { "smtp", 0, "220-a\r\n", PLAIN_MORE },
	{ "smtp", 2, "454 not now\r\n", PLAIN_BAD }, { "imap", 0, "* OK hi\r\n", PLAIN_GOOD }, { "imap", 1, "* CAP x\r\na OK go\r\n", PLAIN_GOOD },
	{ "imap", 1, "a NO\r\n", PLAIN_BAD }, { "pop3", 0, "+OK\r\n", PLAIN_GOOD }, { "pop3", 1, "-ERR\r\n", PLAIN_BAD },
	{ "ftp", 0, "220-x\r\n y\r\n220 z\r\n", PLAIN_GOOD }, { "ftp", 1, "234 AUTH\r\n", PLAIN_GOOD }, { "ftp", 1, "500 what\r\n", PLAIN_BAD },
};
START_TEST(plain)
{
	const struct plain *p = plain_find(plains[_i].name);

	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(plain_read(p, plains[_i].step, plains[_i].text, strlen(plains[_i].text)), plains[_i].says);
}
END_TEST

TEST_MAIN({ "traits", traits, ROWS(named) }, { "registry", registry, 1 }, { "hello", hello, ROWS(versions) },
	  { "answer", answer, ROWS(rows) }, { "plain", plain, ROWS(plains) })
