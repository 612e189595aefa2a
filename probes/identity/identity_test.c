// SPDX-License-Identifier: Apache-2.0
// Channels and verbs against a label, a console's record, a chip and a TLS server in this process tree.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "harness/base/hash.h"
#include "harness/base/test.h"
#include "harness/fake.h"
#include "harness/proto/serial_log.h"

extern const struct probe probe_identity;

bool step_in_scope(struct step *st, const char *ip, struct err *err)
{
	(void)st;
	return !strcmp(ip, "127.0.0.1") || err_set(err, ERR_BENCH, "%s is outside the bench's scope", ip);
}

#define PUBLIC "\"public\":[\"HP1-000001\",\"02:00:00:48:50:01\"]"

static void label(const char *text)
{
	char path[128];
	struct err err = { 0 };

	snprintf(path, sizeof(path), "%s/label", fake.run);
	ck_assert(fs_write(path, text, strlen(text), &err));
}

/* `verb` with from: a map in which @ stands for the run folder. */
static bool ask(const char *verb, const char *from, struct err *err)
{
	char args[1024], *p = args;

	p += snprintf(p, sizeof(args), "{%s\"from\":", strcmp(verb, "secret") ? "" : PUBLIC ",");
	for (; *from; from++)
		p += snprintf(p, sizeof(args) - (size_t)(p - args), *from == '@' ? "%s" : "%.1s", *from == '@' ? fake.run : from);
	strcpy(p, "}");
	return fake_try_step(&probe_identity, verb, args, 0, err);
}

/* ---- channels ---- */
static bool chip(struct line *l, const char *command, const json_t *args, json_t *reply, struct err *err)
{
	(void)l;
	if (strcmp(command, "peek"))
		return err_set(err, ERR_BENCH, "what?");
	if (json_integer_value(json_object_get(args, "at")) == 16)
		json_object_set_new(reply, "data", json_string("00ff10"));
	return true;
}
static bool nothing(struct line *l, struct err *err) { (void)l; (void)err; return true; }
static void closed(struct line *l) { (void)l; }
static const struct line_driver drv_chip = { .name = "chip", .open = nothing, .command = chip, .safe = closed, .close = closed };

static const struct { const char *what, *from, *value, *why; } row[] = {
	{ "a label", "{\"name\":\"l\",\"file\":\"@/label\",\"find\":\"^code ([A-Z0-9]+)$\"}", "K7Q", "" },
	{ "the whole match", "{\"name\":\"l\",\"file\":\"@/label\",\"find\":\"HP-[0-9]\"}", "HP-1", "" },
	{ "its first line", "{\"name\":\"l\",\"file\":\"@/label\"}", "Hearth HP-1", "" },
	{ "what is not on it", "{\"name\":\"l\",\"file\":\"@/label\",\"find\":\"^pin (.*)\"}", NULL, "the pattern was not there" },
	{ "a chip", "{\"name\":\"c\",\"flash\":\"flash.main\",\"at\":16,\"length\":3}", "00ff10", "" },
	{ "a chip that gives nothing", "{\"name\":\"c\",\"flash\":\"flash.main\",\"at\":9,\"length\":3}", NULL, "gave nothing" },
	{ "a console", "{\"name\":\"s\",\"console\":\"serial.console\",\"find\":\"serial ([A-Z0-9-]+)\"}", "HP1-000001", "" },
	{ "a silent console", "{\"name\":\"s\",\"console\":\"serial.console\",\"find\":\"login:\"}", NULL, "not there" },
};
START_TEST(channels)
{
	static const char said[] = "boot\r\nserial HP1-000001\r\n";
	struct serial_log_writer w;
	struct err err = { 0 };
	char dir[128];

	fake_bench("{}", false);
	fake_open(&drv_chip, "flash.main", "{}");
	label("Hearth HP-1\nserial HP1-000001\ncode K7Q\n");
	snprintf(dir, sizeof(dir), "%s/serial", fake.run);
	ck_assert(fs_mkdirs(dir, &err) && serial_log_create(dir, "console", &w, &err));
	ck_assert(serial_log_add(&w, INT64_MAX / 4, 'r', said, strlen(said), "-", &err));
	serial_log_finish(&w);
	ck_assert_msg(ask("read", row[_i].from, &err), "%s: %s", row[_i].what, err.text);
	ck_assert_int_eq(fake_int("answered"), row[_i].value ? 1 : 0);
	ck_assert_str_eq(fake_text("value"), row[_i].value ? row[_i].value : "");
	ck_assert_msg(strstr(fake.incomplete, row[_i].why), "%s: %s", row[_i].what, fake.incomplete);
	fake_close();
}
END_TEST

static const struct { const char *from, *why; } wrong[] = {
	{ "{\"name\":\"l\"}", "one of url, console, file, certificate and flash" },
	{ "{\"name\":\"l\",\"file\":\"@/label\",\"url\":\"http://dut/\"}", "one of url" },
	{ "{\"name\":\"l\",\"file\":\"@/label\",\"user\":\"x\"}", "'user' means nothing beside file:" },
	{ "{\"name\":\"l\",\"file\":\"@/label\",\"find\":\"([\"}", "not an extended regular expression" },
	{ "{\"name\":\"l\",\"file\":7}", "a text belongs here" },
	{ "{\"name\":\"l\",\"file\":\"@/nowhere\"}", "No such file" },
	{ "{\"name\":\"l\",\"flash\":\"flash.main\",\"at\":0}", "needs at: and length:" },
	{ "{\"name\":\"l\",\"flash\":\"flash.main\",\"at\":0,\"length\":9999}", "needs at: and length:" },
	{ "{\"name\":\"l\",\"console\":\"console\"}", "a line such as serial.console" },
	{ "{\"name\":\"l\",\"certificate\":\"dut\",\"port\":70000}", "1 to 65535" },
	{ "[7]", "a channel is a map" },
};
START_TEST(refuses)
{
	struct err err = { 0 };

	fake_bench("{}", false);
	fake_open(&drv_chip, "flash.main", "{}");
	label("x\n");
	ck_assert(!ask("read", wrong[_i].from, &err));
	ck_assert_msg(strstr(err.text, wrong[_i].why), "%s", err.text);
	fake_close();
}
END_TEST

/* ---- identifiers over several channels ---- */
START_TEST(agreement)
{
	struct err err = { 0 };

	fake_bench("{}", false);
	label("serial A-1\nalso A-1\nother B-2\n");
	ck_assert(ask("read", "[{\"name\":\"a\",\"file\":\"@/label\",\"find\":\"^serial (.*)\"},{\"name\":\"b\",\"file\":\"@/label\",\"find\":\"^also (.*)\"}]", &err));
	ck_assert(fake_is("agree") && fake_int("answered") == 2);
	ck_assert_uint_eq(json_array_size(json_object_get(fake.facts, "values")), 1);
	ck_assert_str_eq(fake.incomplete, "");
	ck_assert(ask("read", "[{\"name\":\"a\",\"file\":\"@/label\",\"find\":\"^serial (.*)\"},{\"name\":\"b\",\"file\":\"@/label\",\"find\":\"^other (.*)\"}]", &err));
	ck_assert(!fake_is("agree"));
	ck_assert_uint_eq(json_array_size(json_object_get(fake.facts, "values")), 2);
	ck_assert(ask("read", "[{\"name\":\"a\",\"file\":\"@/label\",\"find\":\"^none (.*)\"}]", &err));
	ck_assert(!fake_is("agree") && fake_int("answered") == 0);
	ck_assert_str_ne(fake.incomplete, "");
	fake_close();
}
END_TEST

/* ---- secrets ---- */
static const struct { const char *label, *rule; bool answered, complete; } secret_row[] = {
	{ "code K7QWX2M9BDRT\n", "", true, true },
	{ "code 000001\n", "the end of 'HP1-000001'", true, true },
	{ "code FE2BB2D4A805\n", "MD5 of 'HP1-000001'", true, true },
	{ "code 8391\n", "", true, false },                     /* not found is no answer for so short a one */
	{ "no\n", "", false, false },
};
START_TEST(secrets)
{
	struct err err = { 0 };
	char *text;

	fake_bench("{}", false);
	label(secret_row[_i].label);
	ck_assert_msg(ask("secret", "{\"name\":\"l\",\"file\":\"@/label\",\"find\":\"^code (.*)\"}", &err), "%s", err.text);
	ck_assert_int_eq(fake_is("answered"), secret_row[_i].answered);
	ck_assert_int_eq(!fake.incomplete[0], secret_row[_i].complete);
	ck_assert_int_eq(fake_is("derived"), secret_row[_i].rule[0] != 0);
	ck_assert_msg(strstr(fake_text("rule"), secret_row[_i].rule), "%s", fake_text("rule"));
	if (secret_row[_i].answered && !secret_row[_i].rule[0]) {       /* the secret itself is in no fact */
		text = json_dumps(fake.facts, 0);
		ck_assert_ptr_null(strstr(text, secret_row[_i].complete ? "K7QWX2" : "8391"));
		ck_assert(json_object_get(json_object_get(fake.facts, "value"), "hmac"));
		ck_assert_uint_ge(json_array_size(json_object_get(fake.facts, "neighbours")), 1);
		free(text);
	}
	fake_close();
}
END_TEST

START_TEST(planted)
{
	fake_bench("{}", false);
	fake_step(&probe_identity, "plant", "{" PUBLIC "}");
	ck_assert(fake_is("found"));
	fake_step(&probe_identity, "plant", "{\"public\":[\"x\"]}");    /* nothing to make one of: no control */
	ck_assert(!fake_is("found"));
	ck_assert_str_ne(fake.incomplete, "");
	fake_close();
}
END_TEST

/* ---- a TLS server ---- */
static pid_t serve(EVP_PKEY *key, const char *name, int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	X509 *c = X509_new();
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	X509_set_version(c, 2);
	X509_gmtime_adj(X509_getm_notBefore(c), 0);
	X509_gmtime_adj(X509_getm_notAfter(c), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC, (const uint8_t *)name, -1, -1, 0);
	X509_set_pubkey(c, key);
	ck_assert(X509_sign(c, key, EVP_sha256()) > 0 && SSL_CTX_use_certificate(ctx, c) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1);
	ck_assert(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 4) == 0 && getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	*ret_port = ntohs(a.sin_port);
	pid = fork();
	if (pid == 0)
		for (int s; (s = accept(fd, NULL, NULL)) >= 0; close(s)) {
			SSL *ssl = SSL_new(ctx);

			SSL_set_fd(ssl, s);
			SSL_accept(ssl);
			SSL_free(ssl);
		}
	close(fd);
	X509_free(c);
	SSL_CTX_free(ctx);
	return pid;
}

static void certificate_of(int port, char key[static HASH_HEX])
{
	char args[64];

	snprintf(args, sizeof(args), "{\"port\":%d}", port);
	fake_step(&probe_identity, "certificate", args);
	snprintf(key, HASH_HEX, "%s", fake_text("key"));
}

/* Two names and one key share the key; another key is another one; nobody there is no answer. */
START_TEST(keys)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	char a[HASH_HEX], b[HASH_HEX], c[HASH_HEX];
	int port[3];
	pid_t pid[3] = { serve(key, "A-1", &port[0]), serve(key, "A-2", &port[1]), serve(other, "A-3", &port[2]) };

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	certificate_of(port[0], a);
	ck_assert(fake_is("answered"));
	ck_assert_str_eq(fake_text("name"), "A-1");
	certificate_of(port[1], b);
	certificate_of(port[2], c);
	ck_assert_str_eq(a, b);
	ck_assert_str_ne(a, c);
	ck_assert_uint_eq(strlen(a), 64);
	for (int i = 0; i < 3; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	certificate_of(port[0], a);
	ck_assert(!fake_is("answered"));
	ck_assert_str_ne(fake.incomplete, "");
	fake.dut[0] = '\0';
	certificate_of(port[0], a);
	ck_assert(!fake_is("answered"));
	fake_close();
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}
END_TEST

TEST_MAIN({ "channels", channels, ROWS(row) }, { "refused", refuses, ROWS(wrong) }, { "agreement", agreement, 1 },
	  { "secrets", secrets, ROWS(secret_row) }, { "planted", planted, 1 }, { "keys", keys, 1 })
