/* SPDX-License-Identifier: Apache-2.0
 *
 * Log-in attempts a second beside hydra's, on servers nobody here wrote: the same wrong pairs. Ours begins with eight connections and goes as far as
 * the server takes them, to 32 (the profile uk); hydra has the sixteen that are its default. Four where sixteen confuse it: its telnet module then takes prompts for shells, and waits
 * half a minute for others. hydra is slow where a server is quick because it looks for more after each reply, a tenth of a second
 * (hydra -d shows it). Ours puts three random pairs more, to learn what a refusal is. Medians of five runs, and the processor
 * time of the one who asks.
 * `login_bench`: the figures (`once [NAME]`: of one run). `login_bench truth`: sweeps of configurations whose passwords are known; exit status 1 when what was
 * granted is not what was planted. Prints "login: N passed, N failed". */
#include "harness/fake.h"

#include <sys/resource.h>

#include "probes/login/loopback.h"
#include "probes/login/servers.h"


#define HTTP(kind) "\"kind\":\"" kind "\",\"url\":\"http://dut:%d/\""
#define PORT(kind) "\"kind\":\"" kind "\",\"timeout\":\"5s\",\"port\":%d"

#define STREAM PORT("rtsp") ",\"path\":\"/live\""
#define TLS ",\"starttls\":true"

/* ---- truth ---- */
static const struct server truth_rows[] = {
	{ "pyftpdlib", "root", "xc3511", server_ftp, PORT("ftp"), NULL },
	{ "pyftpdlib, sound", "root", NULL, server_ftp, PORT("ftp"), NULL },
	{ "vsftpd, anonymous", "anonymous", "", server_vsftpd, PORT("ftp"), "YES" },
	{ "vsftpd, sound", "root", NULL, server_vsftpd, PORT("ftp"), "NO" },
	{ "aiosmtpd", "admin", "admin", server_smtp, PORT("smtp"), NULL },
	{ "aiosmtpd, sound", "admin", NULL, server_smtp, PORT("smtp"), NULL },
	{ "dovecot imap", "support", "support", server_dovecot, PORT("imap"), "imap" },
	{ "dovecot imap, sound", "support", NULL, server_dovecot, PORT("imap"), "imap" },
	{ "dovecot pop3", "root", "xc3511", server_dovecot, PORT("pop3"), "pop3" },
	{ "dovecot pop3, sound", "root", NULL, server_dovecot, PORT("pop3"), "pop3" },
	{ "vsftpd over TLS, anonymous", "anonymous", "", server_vsftpd_tls, PORT("ftp") TLS, "YES" },
	{ "vsftpd over TLS, sound", "root", NULL, server_vsftpd_tls, PORT("ftp") TLS, "NO" },
	{ "aiosmtpd over TLS", "admin", "admin", server_smtp, PORT("smtp") TLS, "tls" },
	{ "aiosmtpd over TLS, sound", "admin", NULL, server_smtp, PORT("smtp") TLS, "tls" },
	{ "exim over TLS", "root", "xc3511", server_exim, PORT("smtp") TLS, NULL },
	{ "exim over TLS, sound", "root", NULL, server_exim, PORT("smtp") TLS, NULL },
	{ "dovecot imap over TLS", "support", "support", server_dovecot, PORT("imap") TLS, "imap tls" },
	{ "dovecot imap over TLS, sound", "support", NULL, server_dovecot, PORT("imap") TLS, "imap tls" },
	{ "dovecot pop3 over TLS", "root", "xc3511", server_dovecot, PORT("pop3") TLS, "pop3 tls" },
	{ "dovecot pop3 over TLS, sound", "root", NULL, server_dovecot, PORT("pop3") TLS, "pop3 tls" },
	{ "nginx basic", "root", "xc3511", server_nginx, HTTP("http_basic"), NULL },
	{ "nginx basic, sound", "root", NULL, server_nginx, HTTP("http_basic"), NULL },
	{ "busybox httpd", "admin", "1234", server_busybox_httpd, HTTP("http_basic"), NULL },
	{ "busybox httpd, sound", "admin", NULL, server_busybox_httpd, HTTP("http_basic"), NULL },
	{ "lighttpd basic", "user", "user", server_lighttpd, HTTP("http_basic"), "basic" },
	{ "lighttpd basic, sound", "user", NULL, server_lighttpd, HTTP("http_basic"), "basic" },
	{ "lighttpd digest MD5", "root", "xc3511", server_lighttpd, HTTP("http_digest"), "MD5" },
	{ "lighttpd digest MD5, sound", "root", NULL, server_lighttpd, HTTP("http_digest"), "MD5" },
	{ "lighttpd digest SHA-256", "guest", "guest", server_lighttpd, HTTP("http_digest"), "SHA-256" },
	{ "lighttpd digest SHA-256, sound", "guest", NULL, server_lighttpd, HTTP("http_digest"), "SHA-256" },
	{ "busybox telnetd", "root", "root", server_telnetd, PORT("telnet"), "script" },
	{ "busybox telnetd, sound", "root", NULL, server_telnetd, PORT("telnet"), "script" },
	{ "GStreamer RTSP basic", "root", "xc3511", server_rtsp, STREAM, "basic" },
	{ "GStreamer RTSP basic, sound", "root", NULL, server_rtsp, STREAM, "basic" },
	{ "GStreamer RTSP digest", "admin", "1234", server_rtsp, STREAM, "digest" },
	{ "GStreamer RTSP digest, sound", "admin", NULL, server_rtsp, STREAM, "digest" },
	{ "snmpd 2c", "", "public", server_snmpd, PORT("snmp") ",\"version\":\"2c\"", "2c" },
	{ "snmpd 2c, sound", "", NULL, server_snmpd, PORT("snmp") ",\"version\":\"2c\"", "2c" },
	{ "snmpd 3", "admin", "12345678", server_snmpd, PORT("snmp") ",\"version\":\"3\"", "3" },
	{ "snmpd 3, sound", "admin", NULL, server_snmpd, PORT("snmp") ",\"version\":\"3\"", "3" },
	{ "coap-server, GnuTLS", "root", "xc3511", server_coap, PORT("coap"), "gnutls" },
	{ "coap-server, GnuTLS, sound", "root", NULL, server_coap, PORT("coap"), "gnutls" },
	{ "coap-server, OpenSSL", "root", "xc3511", server_coap, PORT("coap"), "openssl" },
	{ "coap-server, OpenSSL, sound", "root", NULL, server_coap, PORT("coap"), "openssl" },
	{ "hap-nodejs", "", "031-45-154", server_hap, PORT("hap"), NULL },
	{ "hap-nodejs, sound", "", NULL, server_hap, PORT("hap"), NULL },
	{ "mosquitto", "root", "xc3511", server_mosquitto, PORT("mqtt"), NULL },
	{ "mosquitto, sound", "root", NULL, server_mosquitto, PORT("mqtt"), NULL },
	{ "dropbear", "root", "xc3511", server_dropbear, PORT("ssh"), NULL },
	{ "dropbear, sound", "root", NULL, server_dropbear, PORT("ssh"), NULL },
	{ "OpenSSH for two at once, sound", "root", NULL, server_sshd, PORT("ssh"), "no" },
};
enum { TRUTH = sizeof(truth_rows) / sizeof(truth_rows[0]) };
enum { PASSED = 0, FAILED = 1, SKIPPED = 2 };

static const char truth_list[] = "admin:\nadmin:admin\nadmin:1234\nadmin:12345678\nroot:\nroot:root\nroot:1234\nroot:xc3511\n"
	"user:user\nguest:guest\n"
	"support:support\nservice:service\nanonymous:\n:\n:public\n:private\n:031-45-154\n";

static void put_list(const char *name, const char *text)
{
	char path[FS_PATH];
	struct err err = { 0 };

	snprintf(path, sizeof(path), "%s/lists", fake.run);
	ck_assert(fs_mkdirs(path, &err));
	snprintf(path, sizeof(path), "%s/lists/%s.txt", fake.run, name);
	ck_assert(fs_write(path, text, strlen(text), &err));
}

static void sweep(const struct server *s, int port, const char *list)
{
	char row[512], args[900];

	snprintf(row, sizeof(row), s->row, port);
	snprintf(args, sizeof(args), "{\"surfaces\":{\"name\":\"s\",%s},\"list\":\"%s\",\"patience\":10000000000,\"connections\":32}", row, list);
	fake_step(&probe_login, "sweep", args);
}

/* Exactly the planted pair was granted, and every other was refused. */
static int truth_one(const struct server *s)
{
	const json_t *pairs;
	const char *got;
	char want[200];
	struct daemon d;
	bool ok;

	if (!s->start(&d, s))
		return SKIPPED;
	sweep(s, d.port, "truth");
	pairs = json_object_get(fake.facts, "pairs");
	got = json_array_size(pairs) ? json_string_value(json_array_get(pairs, 0)) : "none";
	snprintf(want, sizeof(want), "s %s:%s", s->user[0] ? s->user : "(empty)",
		s->secret && s->secret[0] ? s->secret : "(empty)");
	ok = json_array_size(pairs) == (s->secret ? 1 : 0) && !strcmp(got,
		s->secret ? want : "none") && json_is_true(json_object_get(fake.facts, "complete"));
	printf("%s %s: planted %s, granted %s, %lld of %lld pairs%s%s\n", ok ? "ok  " : "BAD ", s->name,
		s->secret ? want + 2 : "none",
	       got, (long long)json_integer_value(json_object_get(fake.facts, "tried")),
	       (long long)json_integer_value(json_object_get(fake.facts, "of")),
	       fake.incomplete[0] ? ": " : "", fake.incomplete);
	fflush(stdout);
	daemon_close(&d);
	return ok ? PASSED : FAILED;
}

static int compare_truth(void)
{
	pid_t child[TRUTH];
	int count[3] = { 0 }, status;

	put_list("truth", truth_list);
	fflush(stdout);
	for (int i = 0; i < TRUTH; i++) {
		child[i] = fork();
		if (!child[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(truth_one(&truth_rows[i]));
		}
	}
	for (int i = 0; i < TRUTH; i++)
		if (waitpid(child[i], &status, 0) == child[i])
			count[WIFEXITED(status) && WEXITSTATUS(status) <= SKIPPED ? WEXITSTATUS(status) : FAILED]++;
	printf("login: %d passed, %d failed", count[PASSED], count[FAILED]);
	printf(count[SKIPPED] ? ", %d skipped\n" : "\n", count[SKIPPED]);
	return count[FAILED] > 0;
}

/* ---- figures ---- */
enum { ROUNDS = 5 };
static int rounds = ROUNDS;
static const struct bench { struct server s; const char *hydra, *tasks, *waits; int pairs; } benches[] = {
	{ { "SSH (dropbear)", "root", NULL, server_dropbear, PORT("ssh"), NULL }, "ssh://127.0.0.1:%d", "16",
	  "both wait for it: a third of a second, five at once", 128 },
	{ { "SSH (OpenSSH)", "root", NULL, server_sshd, PORT("ssh"), "yes" }, "ssh://127.0.0.1:%d", "16", "both wait for PAM: two to three seconds", 64 },
	{ { "telnet (busybox)", "root", NULL, server_telnetd, PORT("telnet"), "script" }, "telnet://127.0.0.1:%d", "4", "", 64 },
	{ { "FTP (pyftpdlib)", "root", NULL, server_ftp, PORT("ftp"), NULL }, "ftp://127.0.0.1:%d", "16", "", 256 },
	{ { "FTP (vsftpd)", "root", NULL, server_vsftpd, PORT("ftp"), "slow" }, "ftp://127.0.0.1:%d", "16", "both wait for it: one second", 64 },
	{ { "HTTP (nginx)", "root", NULL, server_nginx, HTTP("http_basic"), NULL }, "http-get://127.0.0.1:%d/", "16", "", 1000 },
};
struct took { double wall, cpu; };

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

static struct took ours(const struct bench *b, int port)
{
	struct rusage u, v;
	int64_t begin = clock_ns();

	getrusage(RUSAGE_SELF, &u);
	sweep(&b->s, port, "wrong");
	getrusage(RUSAGE_SELF, &v);
	ck_assert_msg(json_is_true(json_object_get(fake.facts, "complete")), "%s", fake.incomplete);
	return (struct took){ (double)(clock_ns() - begin) / 1e9,
		seconds(v.ru_utime) + seconds(v.ru_stime) - seconds(u.ru_utime) - seconds(u.ru_stime) };
}

static struct took hydra(const struct bench *b, int port)
{
	char url[80], list[FS_PATH];
	struct rusage u, v;
	int64_t begin = clock_ns();
	pid_t pid;

	snprintf(url, sizeof(url), b->hydra, port);
	snprintf(list, sizeof(list), "%s/lists/wrong.txt", fake.run);
	getrusage(RUSAGE_CHILDREN, &u);
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		if (chdir(fake.work) || dup2(null, 1) < 0 || dup2(null, 2) < 0)
			_exit(127);
		execl("/usr/bin/timeout", "timeout", "120", "hydra", "-I", "-q", "-t", b->tasks, "-C", list, url, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	getrusage(RUSAGE_CHILDREN, &v);
	return (struct took){ (double)(clock_ns() - begin) / 1e9,
		seconds(v.ru_utime) + seconds(v.ru_stime) - seconds(u.ru_utime) - seconds(u.ru_stime) };
}

static int by_wall(const void *a, const void *b)
{
	return ((const struct took *)a)->wall < ((const struct took *)b)->wall ? -1 : 1;
}

static void figure(const struct bench *b)
{
	struct took t[2][ROUNDS];
	char wrong[20000] = "";
	struct daemon d;

	for (int i = 0, n = 0; i < b->pairs; i++)
		n += snprintf(wrong + n, sizeof(wrong) - (size_t)n, "root:no%05d\n", i * 7919 % 100000);
	put_list("wrong", wrong);
	if (!b->s.start(&d, &b->s))
		return;
	for (int i = 0; i < rounds; i++) {
		t[0][i] = ours(b, d.port);
		t[1][i] = hydra(b, d.port);
	}
	for (int k = 0; k < 2; k++)
		qsort(t[k], (size_t)rounds, sizeof(t[k][0]), by_wall);
	printf("%-18s", b->s.name);
	for (int k = 0; k < 2; k++)
		printf("  %s%s %7.1f/s %6.3f s CPU", k == 0 ? "jusan" : "hydra -t ", k == 0 ? "" : b->tasks, b->pairs / t[k][rounds / 2].wall,
			t[k][rounds / 2].cpu);
	printf("   %d pairs%s%s\n", b->pairs, b->waits[0] ? "; " : "", b->waits);
	fflush(stdout);
	daemon_close(&d);
}

/* The servers' header asserts as tests do, which needs one around it. */
static bool only_truth;
static const char *only;        /* servers whose name holds this */
static int bad;

START_TEST(all)
{
	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	fake.budget_ns = SEC(300);
	json_object_clear(fake.device);         /* no words of a label */
	if (only_truth) {
		bad = compare_truth();
	} else if (access("/usr/bin/hydra", X_OK)) {
		puts("hydra is not installed: no comparison of log-in rates");
	} else {
		for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++)
			if (!only || strstr(benches[i].s.name, only))
				figure(&benches[i]);
	}
	fake_close();
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("login");
	TCase *t = tcase_create("all");
	SRunner *r = srunner_create(s);

	only_truth = argc > 1 && !strcmp(argv[1], "truth");
	rounds = argc > 1 && !strcmp(argv[1], "once") ? 1 : ROUNDS;
	only = argc > 2 ? argv[2] : NULL;
	tcase_add_test(t, all);
	suite_add_tcase(s, t);
	srunner_set_fork_status(r, CK_NOFORK);
	srunner_run_all(r, CK_MINIMAL);
	bad |= srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
