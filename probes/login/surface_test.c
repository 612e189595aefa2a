/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds of surfaces against servers that nobody here wrote: the planted account is found, nothing else is. */
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/peer.h"
#include "probes/login/loopback.h"
#include "probes/login/servers.h"

extern const struct line_driver drv_pty;

static const char *said(void) { return json_string_value(json_object_get(fake.facts, "answer")); }

static void begin(void)
{
	static const char list[] = "admin:admin\nroot:\nroot:1234\nroot:xc3511\nadmin:12345678\nanonymous:\nO'Brien; `x` & co, ltd.:x\n:public\n";
	static const char short_list[] = "root:xc3511\n";
	char path[FS_PATH];
	struct err err = { 0 };

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	snprintf(path, sizeof(path), "%s/lists", fake.run);
	ck_assert(fs_mkdirs(path, &err));
	snprintf(path, sizeof(path), "%s/lists/t.txt", fake.run);
	ck_assert(fs_write(path, list, sizeof(list) - 1, &err));
	snprintf(path, sizeof(path), "%s/lists/short.txt", fake.run);
	ck_assert(fs_write(path, short_list, sizeof(short_list) - 1, &err));
}

/* JSON of the surface in text[1024] */
static const char *surface(const char *row, int port, char *text)
{
	char filled[512];

	snprintf(filled, sizeof(filled), row, port);
	snprintf(text, 1024, "{\"name\":\"s\",%s}", filled);
	return text;
}

static void try_pair(const char *surface_json, const char *user, const char *secret)
{
	char args[1400];

	snprintf(args, sizeof(args), "{\"surface\":%s,\"user\":\"%s\",\"secret\":\"%s\"}", surface_json, user, secret);
	fake_step(&probe_login, "try", args);
}

#define HTTP(kind) "\"kind\":\"" kind "\",\"url\":\"http://dut:%d/\""
#define PORT(kind) "\"kind\":\"" kind "\",\"timeout\":\"5s\",\"port\":%d"
#define TLS ",\"starttls\":true"
static const struct server servers[] = {
	{ "pyftpdlib", "root", "xc3511", server_ftp, PORT("ftp"), NULL },
	{ "pyftpdlib, sound", "root", NULL, server_ftp, PORT("ftp"), NULL },
	{ "vsftpd, anonymous", "anonymous", "", server_vsftpd, PORT("ftp"), "YES" },
	{ "aiosmtpd", "root", "xc3511", server_smtp, PORT("smtp"), NULL },
	{ "dovecot imap", "root", "xc3511", server_dovecot, PORT("imap"), "imap" },
	{ "dovecot pop3", "root", "xc3511", server_dovecot, PORT("pop3"), "pop3" },
	{ "dovecot imap, sound", "root", NULL, server_dovecot, PORT("imap"), "imap" },
	{ "vsftpd over TLS, anonymous", "anonymous", "", server_vsftpd_tls, PORT("ftp") TLS, "YES" },
	{ "aiosmtpd over TLS", "root", "xc3511", server_smtp, PORT("smtp") TLS, "tls" },
	{ "dovecot imap over TLS", "root", "xc3511", server_dovecot, PORT("imap") TLS, "imap tls" },
	{ "dovecot pop3 over TLS, sound", "root", NULL, server_dovecot, PORT("pop3") TLS, "pop3 tls" },
	{ "lighttpd basic", "root", "xc3511", server_lighttpd, HTTP("http_basic"), "basic" },
	{ "lighttpd digest MD5", "root", "xc3511", server_lighttpd, HTTP("http_digest"), "MD5" },
	{ "lighttpd digest SHA-256", "root", "xc3511", server_lighttpd, HTTP("http_digest"), "SHA-256" },
	{ "nginx basic", "root", "xc3511", server_nginx, HTTP("http_basic"), NULL },
	{ "busybox httpd", "root", "xc3511", server_busybox_httpd, HTTP("http_basic"), NULL },
	{ "busybox telnetd", "root", "xc3511", server_telnetd, PORT("telnet"), "script" },
	{ "snmpd 2c", "", "public", server_snmpd, PORT("snmp") ",\"version\":\"2c\"", "2c" },
	{ "snmpd 3", "admin", "12345678", server_snmpd, PORT("snmp") ",\"version\":\"3\"", "3" },
	{ "coap-server", "root", "xc3511", server_coap, PORT("coap"), "gnutls" },
	{ "mosquitto", "root", "xc3511", server_mosquitto, PORT("mqtt"), NULL },
	{ "dropbear", "root", "xc3511", server_dropbear, PORT("ssh"), NULL },
	{ "OpenSSH for two at once, sound", "root", NULL, server_sshd, PORT("ssh"), "no" },
};
/* What a row claims; a failure of the test library in this child ends it with another status than 0. */
static void check_one(const struct server *s)
{
	char json[1024], args[1400];
	struct daemon d;

	if (!s->start(&d, s))
		return;
	surface(s->row, d.port, json);
	if (s->secret) {
		try_pair(json, s->user, s->secret);
		ck_assert_msg(truth("granted"), "%s: right: %s; %s", s->name, said(), fake.incomplete);
	}
	snprintf(args, sizeof(args), "{\"surfaces\":%s,\"list\":\"%s\",\"patience\":1000000000,\"connections\":8}", json,
		s->start == server_lighttpd ? "short" : "t");
	fake_step(&probe_login, "sweep", args);
	ck_assert_msg(fact("granted") == (s->secret != NULL), "%s: granted %lld", s->name, (long long)fact("granted"));
	ck_assert_msg(truth("complete"), "%s: %s", s->name, fake.incomplete);
	daemon_close(&d);
}

/* All at once, each in a process of its own: some servers let a wrong password wait. */
START_TEST(real)
{
	pid_t child[ROWS(servers)];
	int status, bad = 0;

	begin();
	for (int i = 0; i < ROWS(servers); i++) {
		child[i] = fork();
		if (!child[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			check_one(&servers[i]);
			fflush(stdout);
			_exit(0);
		}
	}
	for (int i = 0; i < ROWS(servers); i++)
		if (waitpid(child[i], &status, 0) != child[i] || status)
			bad++;
	ck_assert_int_eq(bad, 0);
	fake_close();
}
END_TEST

/* ---- a page with a form: a token that changes, a cookie it belongs to, 200 whatever comes of it ---- */
static char page[1200];
static const char *form_page(const char *note, const char *cookie)
{
	static unsigned token = 7;
	char body[700];

	token = token * 1103515245u + 12345u;
	snprintf(body, sizeof(body), "<html><form action=/search><input name=q></form><p>%s</p><form method=post "
		"action='/a/sign/in?x=1'>"
		 "<input type=hidden name=csrf value=\"t&amp;%08xq\"><input name=login><input type=password name=pw><input "
		 "type=checkbox name=keep checked>"
		 "<input type=submit name=go value=In></form></html>", note, token);
	snprintf(page, sizeof(page), "HTTP/1.1 200 OK\r\n%s%08x%sContent-Length: %zu\r\n\r\n%s", cookie ? "Set-Cookie: "
		"sid=" : "X: ", token, "\r\n", strlen(body), body);
	return page;
}
static const char *plain_page(const char *body)
{
	snprintf(page, sizeof(page), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	return page;
}
static bool has(const char *request, const char *text) { return strstr(request, text) != NULL; }
/* A post without the token of the newest page, or without its cookie, is thrown out in the words of a success. */
static const char *csrf_site(const char *r)
{
	static char token[16], sid[16];
	const char *t;

	if (!strncmp(r, "POST /a/sign/in?x=1 ", 20)) {
		if (!has(r, "keep=on&go=In&login=") || !token[0] || !has(r, token) || !has(r, sid))
			return plain_page("<p>who knows</p>");
		if (!has(r, "&login=root&pw=xc3511"))
			t = form_page("Wrong", NULL);
		else
			return plain_page("<p>Welcome</p>");
	} else if (!strncmp(r, "GET /a/page ", 12)) {
		t = form_page("", "c");
		snprintf(sid, sizeof(sid), "sid=%.8s", strstr(t, "sid=") + 4);
	} else {
		return plain_page("<p>elsewhere</p>");
	}
	snprintf(token, sizeof(token), "csrf=t%%26%.8s", strstr(t, "t&amp;") + 6);
	return page;
}
/* Every answer is the same redirect; only the page one then sees tells. */
static const char *redirect_site(const char *r)
{
	bool in = has(r, "login=root&pw=xc3511");

	if (!strncmp(r, "POST", 4))
		return in ? "HTTP/1.1 302 Go\r\nLocation: /a/page\r\nSet-Cookie: s=yes; Path=/\r\nContent-Length: 0\r\n\r\n" :
			    "HTTP/1.1 302 Go\r\nLocation: /a/page\r\nSet-Cookie: s=no; Path=/\r\nContent-Length: 0\r\n\r\n";
	return has(r, "s=yes") ? plain_page("<p>Welcome</p>") : form_page("", "c");
}
/* The form is there, but nothing opens it. */
static const char *sound_site(const char *r)
{
	(void)r;
	return form_page("Wrong", "c");
}
static const char *no_form(const char *r)
{
	(void)r;
	return plain_page("<p>nothing to fill in</p>");
}
static const struct { const char *name; peer_answer *peer; int granted; bool complete; } sites[] = {
	{ "token and cookie", csrf_site, 1, true }, { "redirects", redirect_site, 1, true }, { "sound", sound_site, 0, true },
	{ "no form", no_form, 0, false },
};
START_TEST(pages)
{
	char args[400];

	begin();
	snprintf(args, sizeof(args),
		"{\"surfaces\":{\"kind\":\"http_page\",\"url\":\"http://dut:%d/a/page\"},\"list\":\"t\",\"patience\":300000000}",
		 peer_start(sites[_i].peer, NULL));
	fake_step(&probe_login, "sweep", args);
	ck_assert_msg(fact("granted") == sites[_i].granted, "%s: granted %lld %s", sites[_i].name,
		(long long)fact("granted"), fake.incomplete);
	ck_assert_msg(truth("complete") == sites[_i].complete, "%s: %s", sites[_i].name, fake.incomplete);
	fake_close();
}
END_TEST

/* ---- RTSP: a camera that asks for Basic, one that asks for Digest, one that asks for nothing ---- */
static const char *camera_basic(const char *r)
{
	if (has(r, "Authorization: Basic cm9vdDp4YzM1MTE=\r"))
		return "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nv=0\n";
	return "RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n";
}
static const char *camera_digest(const char *r)
{
	static char want[80], secret[80];
	char a1[65], a2[65], url[100] = "";

	sscanf(r, "DESCRIBE %99s", url);
	server_hex("root:cam:xc3511", EVP_md5(), a1);
	snprintf(want, sizeof(want), "DESCRIBE:%s", url);
	server_hex(want, EVP_md5(), a2);
	snprintf(secret, sizeof(secret), "%.32s:n0nce:%.32s", a1, a2);
	server_hex(secret, EVP_md5(), a1);
	snprintf(want, sizeof(want), "response=\"%.32s\"", a1);
	return has(r, want) ? "RTSP/1.0 200 OK\r\n\r\n" : "RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm=\"cam\", "
		"nonce=\"n0nce\"\r\n"
		"WWW-Authenticate: Basic realm=\"cam\"\r\n\r\n";
}
static const char *camera_open(const char *r)
{
	(void)r;
	return "RTSP/1.0 200 OK\r\n\r\n";
}
static const char *camera_sound(const char *r)
{
	(void)r;
	return "RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm=\"cam\", nonce=\"n0nce\"\r\n\r\n";
}
static const char *babble(const char *r)
{
	(void)r;
	return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
}
static const struct { const char *name; peer_answer *peer; int granted; bool complete; } cameras[] = {
	{ "basic", camera_basic, 1, true }, { "digest", camera_digest, 1, true }, { "open", camera_open, 1, true },
		{ "sound", camera_sound, 0, true },
	{ "another protocol", babble, 0, false },
};
START_TEST(rtsp)
{
	char args[400];

	begin();
	snprintf(args, sizeof(args),
		"{\"surfaces\":{\"kind\":\"rtsp\",\"port\":%d,\"path\":\"/live\",\"timeout\":\"500ms\"},\"list\":\"t\",\"patience\":300000000}",
		 peer_start(cameras[_i].peer, NULL));
	fake_step(&probe_login, "sweep", args);
	ck_assert_msg(fact("granted") == cameras[_i].granted, "%s: granted %lld %s", cameras[_i].name,
		(long long)fact("granted"), fake.incomplete);
	ck_assert_msg(truth("complete") == cameras[_i].complete, "%s: %s", cameras[_i].name, fake.incomplete);
	fake_close();
}
END_TEST

/* ---- a console: busybox's shell behind a log-in, at the far end of a pseudo-terminal ---- */
static void console(const char *path, bool sound)
{
	char *const argv[] = { "/bin/sh", "-c", "exec <\"$1\" >\"$1\" 2>&1; stty icanon echo icrnl onlcr; while :; do printf "
		"'\\r\\nHP-1 login: '; read -r u || exit; [ -n \"$u\" ] || continue; "
		"stty -echo; printf 'Password: '; read -r p; stty echo; echo; if [ \"$u:$p\" = \"$2\" ]; then while printf "
		"'# ' && read -r c; do "
		"[ \"$c\" = exit ] && break; done; else echo 'Login incorrect'; fi; done", "sh", (char *)(uintptr_t)path,
		sound ? "root:b34c" : "root:xc3511", NULL };

	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	execv(argv[0], argv);
	_exit(127);
}
START_TEST(serial)
{
	char path[128];
	bool silent = _i == 2;

	begin();
	fake_open(&drv_pty, "serial.console", "{}");
	snprintf(path, sizeof(path), "%s/serial.console", fake.work);
	if (!silent)
		console(path, _i == 1);
	fake_settle(MS(100));
	fake_step(&probe_login, "sweep", silent ?
		  "{\"surfaces\":{\"kind\":\"serial\",\"line\":\"serial.console\",\"timeout\":\"50ms\"},\"list\":\"short\",\"patience\":0}" :
		  "{\"surfaces\":{\"kind\":\"serial\",\"line\":\"serial.console\",\"timeout\":\"2s\"},\"list\":\"short\",\"patience\":0}");
	ck_assert_msg(fact("granted") == (_i == 0), "granted %lld: %s", (long long)fact("granted"), fake.incomplete);
	ck_assert_msg(truth("complete") == !silent, "%s", fake.incomplete);
	fake_close();
}
END_TEST

/* DTLS is asked of a port that says nothing, or nonsense. */
START_TEST(no_dtls)
{
	int fd = daemon_socket(SOCK_DGRAM, 0);
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	char args[300], in[2048];

	begin();
	ck_assert(fd >= 0 && !getsockname(fd, (struct sockaddr *)&a, &n));
	if (_i && !fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (n = sizeof(a); recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&a, &n) >= 0; n = sizeof(a))
			sendto(fd, _i == 1 ? "nonsense" : in, _i == 1 ? 8 : sizeof(in), 0, (struct sockaddr *)&a, n);
	}
	snprintf(args, sizeof(args), "{\"surface\":{\"kind\":\"coap\",\"port\":%d,\"timeout\":\"300ms\"},\"user\":\"u\",\"secret\":\"s\"}",
		 ntohs(a.sin_port));
	fake_step(&probe_login, "try", args);
	ck_assert(!truth("granted") && !truth("reached") && fake.incomplete[0]);
	fake_close();
}
END_TEST

TEST_MAIN({ "real", real, 1 }, { "pages", pages, ROWS(sites) }, { "rtsp", rtsp, ROWS(cameras) }, { "serial", serial, 3 },
	  { "no DTLS", no_dtls, 3 })
