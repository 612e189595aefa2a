/* SPDX-License-Identifier: Apache-2.0
 *
 * identify_test.c - services of servers that nobody here wrote are named; peers that lie cost bounded time. */
#include <stdio.h>
#include <string.h>

#include "harness/base/cleanup.h"
#include "harness/base/spawn.h"
#include "harness/base/test.h"
#include "harness/proto/daemon.h"
#include "harness/proto/hostile.h"
#include "harness/proto/packet.h"
#include "harness/proto/peer.h"
#include "probes/ports/identify.h"
#include "probes/ports/mdns_types.h"
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

static struct port_found ask_hostile(const struct hostile *h, bool udp)
{
	static struct identify x;
	CLEANUP(close_file) FILE *null = fopen("/dev/null", "w");
	struct answers answers = { .file = null };
	struct port_found f;
	struct err err = { 0 };

	x = (struct identify){ .ip = "127.0.0.1", .within_ns = MS(1500), .quiet_ns = MS(60), .deadline_ns = INT64_MAX, .answers = &answers };
	ck_assert_msg(identify_port(&x, udp, (unsigned)h->port, &f, &err), "%s", err.text);
	return f;
}

static const struct { struct hostile_case says; const char *want; } lies[] = {
	{ { "an SSH banner that never ends", HOSTILE("SSH-2.0-"), HOSTILE("a"), HOSTILE_FLOODS, false }, "ssh ssh" },
	{ { "a page that never ends", HOSTILE("HTTP/1.1 200 OK\r\n\r\n"), HOSTILE("\0"), HOSTILE_FLOODS, false }, "http" },
	{ { "begins like TLS", HOSTILE("\x16\x03\x01\xff\xffjunk"), { 0 }, HOSTILE_STAYS, false }, "tls/unknown" },
	{ { "alerts", HOSTILE("\x15\x03\x01\x00\x02\x02\x28"), { 0 }, HOSTILE_ENDS, true }, "tls/unknown" },
	{ { "all options of telnet", { 0 }, HOSTILE("\xff\xfd\x01\xff\xfb\x03"), HOSTILE_FLOODS, false }, "telnet" },
	{ { "half a status", HOSTILE("HTTP/1.1 2"), { 0 }, HOSTILE_ENDS, true }, "http" },
	{ { "a prompt for everybody", HOSTILE("\r\nBusyBox v1.35.0\r\n/ # "), { 0 }, HOSTILE_STAYS, false }, "shell shell" },
	{ { "silence", { 0 }, { 0 }, HOSTILE_STAYS, false }, "unknown" },
	{ { "never ends", { 0 }, HOSTILE("\0"), HOSTILE_FLOODS, false }, "unknown" },
	{ { "drips", { 0 }, HOSTILE("x"), HOSTILE_DRIPS, false }, "unknown" },
	{ { "hangs up", { 0 }, { 0 }, HOSTILE_ENDS, false }, "unknown" },
};
START_TEST(lie)
{
	struct port_found f;
	struct hostile h;

	hostile_start(&h, &lies[_i].says);
	f = ask_hostile(&h, false);
	ck_assert_msg(!strcmp(text(&f), lies[_i].want), "%s: %s, expected %s", lies[_i].says.name, text(&f), lies[_i].want);
	hostile_left_early(&h, &lies[_i].says);
	hostile_bounded(&h, &lies[_i].says, SEC(4));
	hostile_stop(&h);
}
END_TEST

/* What it is matters less than that it is found out in time, and that a flood is called one. */
static void identify_hostile(const struct hostile_case *c, int unused)
{
	struct port_found f;
	struct hostile h;

	(void)unused;
	hostile_start(&h, c);
	f = ask_hostile(&h, false);
	ck_assert_msg(!f.gone || c->then == HOSTILE_RESETS, "%s", c->name);
	ck_assert_msg(f.endless || f.cut || f.tls || c->then != HOSTILE_FLOODS, "%s: %s", c->name, text(&f));
	hostile_left_early(&h, c);
	hostile_bounded(&h, c, SEC(4));
	hostile_stop(&h);
}

START_TEST(hostile)
{
	ck_assert_int_eq(hostile_all(identify_hostile, 0), 0);
}
END_TEST

/* The same flood behind a handshake that is as it should be. */
START_TEST(endless_in_tls)
{
	int64_t begin_ns;
	struct port_found f;
	struct daemon d;

	if (!daemon_open(&d, "/usr/bin/openssl"))
		return;
	self_signed(&d);
	daemon_run(&d, "/bin/sh", "-c", daemon_text(&d, "yes | exec openssl s_server -quiet -accept 127.0.0.1:%d -cert cert.pem -key key.pem", d.port),
		   NULL);
	begin_ns = clock_ns();
	f = ask_hostile(&(struct hostile){ .port = d.port }, false);
	ck_assert_str_eq(text(&f), "tls/unknown");
	ck_assert(f.endless || f.cut);
	ck_assert_int_lt(clock_ns() - begin_ns, SEC(4));
	daemon_close(&d);
}
END_TEST

static const struct { struct hostile_case says; const char *want; } datagrams[] = {
	{ { "silence", { 0 }, { 0 }, HOSTILE_STAYS, true }, "unknown" },
	{ { "an echo", { 0 }, { 0 }, HOSTILE_ECHOES, true }, NULL },
	{ { "noise", HOSTILE("\xfe\xfe\xfa\x00\x12{\"a\":[[[[\n%n%n"), { 0 }, HOSTILE_AGAIN, true }, "unknown" },
	{ { "a flood", HOSTILE("\xfe\xfe\xfa\x00\x12{\"a\":[[[[\n%n%n"), { 0 }, HOSTILE_FLOODS, true }, "unknown" },
	{ { "names that point at themselves", HOSTILE("\0\0\x84\0\0\0\0\x02\0\0\0\0\xc0\x0c\0\x0c\0\x01\0\0\0\x78\0\x02\xc0\x0c"), { 0 },
	    HOSTILE_AGAIN, true }, NULL },
	{ { "an SNMP length of 4 GB", HOSTILE("\x30\x84\xff\xff\xff\xff\x02\x01\x03\x30"), { 0 }, HOSTILE_AGAIN, true }, NULL },
	{ { "one byte", HOSTILE("\0"), { 0 }, HOSTILE_AGAIN, true }, "unknown" },
};
START_TEST(hostile_datagram)
{
	struct port_found f;
	struct hostile h;

	hostile_udp_start(&h, &datagrams[_i].says);
	f = ask_hostile(&h, true);
	ck_assert_msg(!datagrams[_i].want || !strcmp(text(&f), datagrams[_i].want), "%s: %s", datagrams[_i].says.name, text(&f));
	hostile_bounded(&h, &datagrams[_i].says, SEC(4));
	hostile_stop(&h);
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

/* ---- a camera that does not know what it is first asked for: only its stream is behind a log-in ---- */

static const char *camera_answer(const char *r)
{
	return strstr(r, "/live ") || strstr(r, "/behind ") ? "RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm=\"c\"\r\n\r\n" :
	       !strncmp(r, "DESCRIBE rtsp://", 16) ? "RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n" : PEER_SILENT;
}
static const char *camera_only_behind(const char *r)
{
	return strstr(r, "/live ") ? "RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n" : camera_answer(r);
}
static const struct { peer_answer *peer; bool declared; const char *want; } cameras[] = {
	{ camera_answer, false, "rtsp rtsp" }, { camera_only_behind, false, "rtsp" }, { camera_only_behind, true, "rtsp rtsp" },
};
START_TEST(camera)
{
	int port = peer_start(cameras[_i].peer, NULL);
	CLEANUP(close_file) FILE *null = fopen("/dev/null", "w");
	struct answers answers = { .file = null };
	static struct identify x;
	struct port_found f;
	struct err err = { 0 };

	x = (struct identify){ .ip = "127.0.0.1", .within_ns = SEC(20), .quiet_ns = MS(200), .deadline_ns = INT64_MAX, .answers = &answers };
	if (cameras[_i].declared) {
		CLEANUP(free_json) json_t *row = json_pack("{s:s,s:i,s:s}", "type", "rtsp", "port", port, "path", "/behind");

		ck_assert_msg(identify_surface(&x, row, &err), "%s", err.text);
	}
	ck_assert_msg(identify_port(&x, false, (unsigned)port, &f, &err), "%s", err.text);
	ck_assert_str_eq(text(&f), cameras[_i].want);
}
END_TEST

/* ---- readers ---- */

#define NETBIOS "JU\x84\0\0\0\0\x01\0\0\0\0\x20" "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0\0\x21\0\x01\0\0\0\0"
static const struct { struct span answer; const char *name; } udp_answers[] = {
	{ HOSTILE(NETBIOS), "netbios" },                                                /* as nmbd writes it */
	{ HOSTILE("JU\x84\0\0\0\0\x01\0\0\0\0\x07version\x04" "bind\0"), "dns" },
	{ HOSTILE("\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x23\x03"), "dtls" },                /* a request to show a cookie */
	{ HOSTILE("\x16\xfe\xff\0\x01\0\0\0\0\0\0\0\x23\x03"), NULL },                /* encrypted, to somebody else */
	{ HOSTILE("\0\x05\0\x01" "File not found\0"), "tftp" },
};
START_TEST(named)
{
	struct service v;

	ck_assert(service_udp(udp_answers[_i].answer, &v) == (udp_answers[_i].name != NULL));
	ck_assert(!udp_answers[_i].name || !strcmp(v.name, udp_answers[_i].name));
}
END_TEST

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

#define LIST "\x00\x00\x84\x00\x00\x01\x00\x05\x00\x00\x00\x00\x09_services\x07_dns-sd\x04_udp\x05local\x00\x00\x0c\x00\x01"
#define ROW(data) "\xc0\x0c\x00\x0c\x00\x01\x00\x00\x00\x78\x00" data

START_TEST(services_of_mdns)
{
	static const char list[] = LIST ROW("\x0d\x05_http\x04_tcp\xc0\x23") ROW("\x0c\x04_hap\x04_tcp\xc0\x23") ROW("\x07\x04_ipp\xc0\x40")
		ROW("\x08\x05" "a.b.c\xc0\x23") ROW("\x02\xc0\x80");   /* the third as avahi writes it */
	struct mdns_type type[MDNS_TYPES];
	struct dns d;

	ck_assert_uint_eq(mdns_types((struct span){ (const uint8_t *)list, sizeof(list) - 1 }, type), 3);
	ck_assert_str_eq(type[0].name, "_http._tcp");
	ck_assert_str_eq(type[1].name, "_hap._tcp");
	ck_assert_str_eq(type[2].name, "_ipp._tcp");
	ck_assert(dns_decode((struct span){ type[1].question, type[1].n }, &d));
	ck_assert_str_eq(d.name, "_hap._tcp.local");
	ck_assert_int_eq(d.type, DNS_PTR);
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
	  { "services of mdns", services_of_mdns, 1 }, { "nobody", nobody, 1 }, { "ssh", ssh, 1 }, { "web", web, ROWS(webs) }, { "web in tls", web_in_tls, 2 }, { "mqtt", mqtt, 2 },
	  { "telnet", telnet, 2 }, { "ftp", ftp, 1 }, { "snmp", snmp, 2 }, { "dns", dns, 1 }, { "lie", lie, ROWS(lies) },
	  { "camera", camera, ROWS(cameras) }, { "hostile", hostile, 1 }, { "endless in TLS", endless_in_tls, 1 },
	  { "hostile datagram", hostile_datagram, ROWS(datagrams) },
	  { "named", named, ROWS(udp_answers) })
