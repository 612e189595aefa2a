/* SPDX-License-Identifier: Apache-2.0
 *
 * identify_test.c - services of servers that nobody here wrote are named; peers that lie cost bounded time. */
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/spawn.h"
#include "harness/base/test.h"
#include "harness/proto/daemon.h"
#include "probes/ports/identify.h"
#include "probes/ports/webpage.h"

#define BUSYBOX "/usr/bin/busybox"

static const char *text(const struct port_found *f)
{
	static char buf[256];
	size_t n = (size_t)snprintf(buf, sizeof(buf), "%s%s", f->tls ? "tls/" : "", f->service ? f->service : "unknown");

	for (size_t i = 0; i < f->logins; i++)
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, " %s", f->login[i]);
	return buf;
}

/* Asks, and compares with "tls/http http_basic". Returns what was told, malloc'd. */
static char *expect_on(bool udp, int port, const char *want)
{
	static struct identify x;
	char *told = NULL;
	size_t n = 0;
	struct port_found f;
	struct answers answers = { 0 };
	struct err err = { 0 };

	answers.file = open_memstream(&told, &n);
	x = (struct identify){ .ip = "127.0.0.1", .within_ns = SEC(20), .quiet_ns = MS(200), .deadline_ns = INT64_MAX,
			       .answers = &answers };
	ck_assert_msg(identify_port(&x, udp, (unsigned)port, &f, &err), "%s", err.text);
	fclose(answers.file);
	ck_assert_str_eq(text(&f), want);
	return told;
}

static void expect_service(int port, const char *want)
{
	free(expect_on(false, port, want));
}

/* ---- real servers ---- */

static void self_signed(struct daemon *d)
{
	char *command = daemon_text(d, "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem "
				    "-out cert.pem -subj /CN=HP1-000001 >req.log 2>&1", d->dir);

	ck_assert_int_eq(system(command), 0);
}

START_TEST(ssh)
{
	struct daemon d;

	if (!daemon_open(&d, "/usr/sbin/dropbear"))
		return;
	daemon_run(&d, "/usr/sbin/dropbear", "-F", "-R", "-r", "hostkey", "-p", daemon_text(&d, "127.0.0.1:%d", d.port), NULL);
	expect_service(d.port, "ssh ssh");
	daemon_close(&d);
}
END_TEST

static void lighttpd(struct daemon *d, const char *more)
{
	daemon_put(d, "index.html", "<h1>nothing to log in to</h1><input type=text name=password>");
	daemon_put(d, "users", "a:b\n");
	daemon_put(d, "conf", "server.document-root=\"%s\"\nserver.bind=\"127.0.0.1\"\nserver.port=%d\nindex-file.names=(\"index.html\")\n"
		   "server.modules=(\"mod_auth\",\"mod_authn_file\")\nauth.backend=\"plain\"\nauth.backend.plain.userfile=\"%s/users\"\n%s",
		   d->dir, d->port, d->dir, more);
	daemon_run(d, "/usr/sbin/lighttpd", "-D", "-f", "conf", NULL);
}

static const struct { const char *more, *form, *want; } webs[] = {
	{ "", NULL, "http" },
	{ "auth.require=(\"/admin\"=>(\"method\"=>\"basic\",\"realm\"=>\"r\",\"require\"=>\"valid-user\"))\n", NULL, "http http_basic" },
	{ "auth.require=(\"/service\"=>(\"method\"=>\"digest\",\"realm\"=>\"r\",\"require\"=>\"valid-user\"))\n", NULL, "http http_digest" },
	{ "", "<form><INPUT name=p\n TYPE = 'Password'></form>", "http http_form" },
};
START_TEST(web)
{
	struct daemon d;
	char *told;

	if (!daemon_open(&d, "/usr/sbin/lighttpd"))
		return;
	if (webs[_i].form)
		daemon_put(&d, "login.html", "%s", webs[_i].form);
	lighttpd(&d, webs[_i].more);
	told = expect_on(false, d.port, webs[_i].want);
	ck_assert_ptr_nonnull(strstr(told, "\"place\":\"header\""));
	ck_assert_ptr_nonnull(strstr(told, "Server: lighttpd/1."));
	ck_assert_ptr_nonnull(strstr(told, "\"place\":\"error\""));
	free(told);
	daemon_close(&d);
}
END_TEST

START_TEST(web_in_tls)
{
	struct daemon d;
	char *told;

	if (!daemon_open(&d, "/usr/bin/openssl"))
		return;
	self_signed(&d);
	daemon_run(&d, "/usr/bin/openssl", "s_server", "-accept", daemon_text(&d, "127.0.0.1:%d", d.port), "-www", "-cert", "cert.pem",
		   "-key", "key.pem", _i ? "-Verify" : "-quiet", _i ? "1" : NULL, NULL);
	told = expect_on(false, d.port, _i ? "tls/tls certificate" : "tls/http");
	ck_assert_ptr_nonnull(strstr(told, "HP1-000001"));      /* its certificate says so to everybody */
	free(told);
	daemon_close(&d);
}
END_TEST

START_TEST(mqtt)
{
	struct daemon d;

	if (!daemon_open(&d, "/usr/sbin/mosquitto"))
		return;
	daemon_put(&d, "conf", "listener %d 127.0.0.1\nallow_anonymous %s\n", d.port, _i ? "false" : "true");
	daemon_run(&d, "/usr/sbin/mosquitto", "-c", "conf", NULL);
	expect_service(d.port, _i ? "mqtt mqtt" : "mqtt");
	daemon_close(&d);
}
END_TEST

START_TEST(telnet)
{
	struct daemon d;

	if (!daemon_open(&d, BUSYBOX))
		return;
	daemon_put(&d, "login", "#!/bin/sh\n%s\n", _i ? "exec /bin/sh -i" : "printf 'gateway login: '; read name");
	ck_assert_int_eq(system(daemon_text(&d, "chmod +x %s/login", d.dir)), 0);
	daemon_run(&d, BUSYBOX, "telnetd", "-F", "-b", "127.0.0.1", "-p", daemon_text(&d, "%d", d.port), "-l",
		   daemon_text(&d, "%s/login", d.dir), NULL);
	expect_service(d.port, _i ? "telnet shell" : "telnet telnet");
	daemon_close(&d);
}
END_TEST

START_TEST(ftp)
{
	struct daemon d;

	if (!daemon_open(&d, "/usr/sbin/vsftpd"))
		return;
	daemon_put(&d, "conf", "listen=YES\nlisten_address=127.0.0.1\nlisten_port=%d\nbackground=NO\nrun_as_launching_user=YES\n"
		   "local_enable=YES\nsecure_chroot_dir=%s\nseccomp_sandbox=NO\n", d.port, d.dir);
	daemon_run(&d, "/usr/sbin/vsftpd", daemon_text(&d, "%s/conf", d.dir), NULL);
	expect_service(d.port, "ftp ftp");
	daemon_close(&d);
}
END_TEST

START_TEST(snmp)
{
	struct daemon d;
	char *told;

	if (!daemon_open(&d, "/usr/sbin/snmpd"))
		return;
	d.port = daemon_free_port(SOCK_DGRAM);
	daemon_put(&d, "conf", "rocommunity %s\nsysDescr Gateway 12.3\n", _i ? "k7Qm2" : "public");
	daemon_spawn(&d, (char *[]){ "/usr/sbin/snmpd", "-f", "-C", "-c", daemon_text(&d, "%s/conf", d.dir), "-p",
		     daemon_text(&d, "%s/pid", d.dir), "-Lf", "log2", daemon_text(&d, "udp:127.0.0.1:%d", d.port),
		     daemon_text(&d, "tcp:127.0.0.1:%d", d.port), NULL });
	ck_assert(daemon_listens(&d));
	told = expect_on(true, d.port, "snmp snmp");
	ck_assert_int_eq(strstr(told, "Gateway 12.3") != NULL, !_i);
	free(told);
	daemon_close(&d);
}
END_TEST

START_TEST(dns)
{
	struct daemon d;
	int port;

	if (!daemon_open(&d, "/usr/sbin/dnsmasq"))
		return;
	port = d.port;
	daemon_run(&d, "/usr/sbin/dnsmasq", "-k", "-C", "/dev/null", "--no-resolv", "--bind-interfaces", "--listen-address=127.0.0.1",
		   daemon_text(&d, "--port=%d", port), daemon_text(&d, "--pid-file=%s/pid", d.dir), "--user=root", NULL);
	free(expect_on(true, port, "dns"));
	daemon_close(&d);
}
END_TEST

/* ---- peers that lie ---- */

static const struct { const char *name, *says, *want; } lies[] = {
	{ "silent", "sleep 30", "unknown" },
	{ "never ends", "cat /dev/zero", "unknown" },
	{ "never ends its line", "tr '\\0' a < /dev/zero", "unknown" },
	{ "an SSH banner that never ends", "printf SSH-2.0-; tr '\\0' a < /dev/zero", "ssh ssh" },
	{ "a page that never ends", "printf 'HTTP/1.1 200 OK\\r\\n\\r\\n'; cat /dev/zero", "http" },
	{ "drips", "while printf x; do sleep 0.05; done", "unknown" },
	{ "hangs up", "exit", "unknown" },
	{ "begins like TLS", "printf '\\026\\003\\001\\377\\377junk'; sleep 30", "tls/unknown" },
	{ "alerts", "printf '\\025\\003\\001\\000\\002\\002\\050'", "tls/unknown" },
	{ "all options of telnet", "while printf '\\377\\375\\001\\377\\373\\003'; do :; done", "telnet" },
	{ "half a status", "printf 'HTTP/1.1 2'", "http" },
	{ "a prompt for everybody", "printf '\\r\\nBusyBox v1.35.0\\r\\n/ # '; sleep 30", "shell shell" },
};
START_TEST(lie)
{
	int64_t begin = clock_ns();
	static struct identify x;
	CLEANUP(close_file) FILE *null = fopen("/dev/null", "w");
	struct answers answers = { .file = null };
	struct port_found f;
	struct err err = { 0 };
	struct daemon d;

	if (!daemon_open(&d, BUSYBOX))
		return;
	daemon_put(&d, "lie", "#!/bin/sh\n%s\n", lies[_i].says);
	daemon_run(&d, BUSYBOX, "nc", "-ll", "-p", daemon_text(&d, "%d", d.port), "-e", "/bin/sh", "lie", NULL);
	begin = clock_ns();
	x = (struct identify){ .ip = "127.0.0.1", .within_ns = MS(1500), .quiet_ns = MS(60), .deadline_ns = INT64_MAX, .answers = &answers };
	ck_assert_msg(identify_port(&x, false, (unsigned)d.port, &f, &err), "%s", err.text);
	ck_assert_msg(!strcmp(text(&f), lies[_i].want), "%s: %s, expected %s", lies[_i].name, text(&f), lies[_i].want);
	ck_assert_msg(clock_ns() - begin < SEC(4), "%s: %lld ms", lies[_i].name, (long long)((clock_ns() - begin) / MS(1)));
	daemon_close(&d);
}
END_TEST

START_TEST(nobody)
{
	static struct identify x;
	CLEANUP(close_file) FILE *null = fopen("/dev/null", "w");
	struct answers answers = { .file = null };
	struct port_found f;
	struct err err = { 0 };

	x = (struct identify){ .ip = "127.0.0.1", .within_ns = SEC(5), .quiet_ns = MS(200), .deadline_ns = INT64_MAX, .answers = &answers };
	ck_assert(identify_port(&x, false, (unsigned)daemon_free_port(SOCK_STREAM), &f, &err));
	ck_assert(f.gone && !f.service);
}
END_TEST

/* ---- readers ---- */

static const struct { const char *answer; unsigned status; bool basic, digest, form, other; const char *location; } pages[] = {
	{ "HTTP/1.1 200 OK\r\n\r\n<input TYPE=\"password\">", 200, .form = true, .location = "" },
	{ "HTTP/1.1 200 OK\r\n\r\n<input name=type value=password>", 200, .location = "" },
	{ "HTTP/1.1 200 OK\r\n\r\n<inputs type=password", 200, .location = "" },
	{ "HTTP/1.0 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nwww-authenticate:Digest\r\n\r\n", 401, .basic = true, .digest = true,
	  .location = "" },
	{ "HTTP/1.0 200 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n", 200, .location = "" },
	{ "HTTP/1.1 401 No\n\n", 401, .other = true, .location = "" },
	{ "HTTP/1.1 302 Found\r\nLocation:   /login\r\n\r\n", 302, .location = "/login" },
	{ "HTTP/1.1 xx\r\n\r\n", 0, .location = "" },
	{ "ICY 200 OK\r\n\r\n", 0, .location = "" },
	{ "", 0, .location = "" },
};
START_TEST(webpage)
{
	struct span s = { (const uint8_t *)pages[_i].answer, strlen(pages[_i].answer) };
	struct webpage w = { 0 };

	ck_assert(webpage_read(s, &w) == (pages[_i].status != 0));
	ck_assert_uint_eq(w.status, pages[_i].status);
	ck_assert(w.basic == pages[_i].basic && w.digest == pages[_i].digest && w.form == pages[_i].form && w.other == pages[_i].other);
	ck_assert_str_eq(w.location, pages[_i].location);
}
END_TEST

static const struct { const char *row; bool udp; unsigned port; const char *login; bool declared; } surfaces[] = {
	{ "{\"type\":\"http_basic\",\"url\":\"https://dut/api\"}", false, 443, "http_basic", true },
	{ "{\"type\":\"http_basic\",\"url\":\"https://dut/api\"}", false, 443, "http_form", false },
	{ "{\"type\":\"http_basic\",\"url\":\"https://dut/api\"}", false, 80, "http_basic", false },
	{ "{\"type\":\"http_json\",\"url\":\"http://dut:8080/api\"}", false, 8080, "http_form", true },
	{ "{\"type\":\"ssh\",\"port\":22}", false, 22, "ssh", true },
	{ "{\"type\":\"ssh\",\"port\":22}", false, 22, "telnet", false },
	{ "{\"type\":\"snmp_v3\",\"port\":161}", true, 161, "snmp", true },
	{ "{\"type\":\"http_basic\",\"url\":\"https://cloud.example/\"}", false, 443, "http_basic", false },
};
START_TEST(declared)
{
	static struct identify x;
	struct port_found f = { .udp = surfaces[_i].udp, .port = surfaces[_i].port };
	CLEANUP(free_json) json_t *row = json_loads(surfaces[_i].row, 0, NULL);
	struct err err = { 0 };

	x = (struct identify){ .surfaces = 0 };
	ck_assert_msg(identify_surface(&x, row, &err), "%s", err.text);
	ck_assert(identify_declared(&x, &f, surfaces[_i].login) == surfaces[_i].declared);
}
END_TEST

static bool same_bytes(const struct answer *a, void *data)
{
	const struct span *want = data;

	ck_assert_str_eq(a->port, "tcp/7");
	ck_assert_str_eq(a->place, "greeting");
	ck_assert(a->bytes.n == want->n && !memcmp(a->bytes.p, want->p, want->n));
	return true;
}

START_TEST(answers_come_back)
{
	char path[] = "/tmp/answers-XXXXXX";
	struct answers a = { 0 };
	struct err err = { 0 };
	uint8_t all[256];
	struct span s = { all, sizeof(all) };
	int fd = mkstemp(path);

	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	a.file = fdopen(fd, "w");
	answers_add(&a, "tcp/7", "greeting", "", s);
	fclose(a.file);
	ck_assert_msg(answers_read(path, same_bytes, &s, &err), "%s", err.text);
	ck_assert(fs_write(path, "{\"port\":1}\n", 11, &err) && !answers_read(path, same_bytes, &s, &err));
	unlink(path);
}
END_TEST

TEST_MAIN({ "webpage", webpage, ROWS(pages) }, { "declared", declared, ROWS(surfaces) }, { "answers come back", answers_come_back, 1 },
	  { "nobody", nobody, 1 }, { "ssh", ssh, 1 }, { "web", web, ROWS(webs) }, { "web in tls", web_in_tls, 2 }, { "mqtt", mqtt, 2 },
	  { "telnet", telnet, 2 }, { "ftp", ftp, 1 }, { "snmp", snmp, 2 }, { "dns", dns, 1 }, { "lie", lie, ROWS(lies) })
