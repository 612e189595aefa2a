// SPDX-License-Identifier: Apache-2.0
// Consoles behind a server: ser2net where it is installed, and servers of the test's own that answer wrongly, late or not at all.
#include "harness/fake.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>

#include "harness/base/test.h"
#include "harness/proto/serial_log.h"
#include "probes/serial/console.h"
#include "probes/serial/rfc2217.h"

extern const struct probe probe_serial;
extern const struct line_driver drv_tcp, drv_rfc2217;

static struct err err;

#define UNTIL(condition) \
	do { \
		for (int64_t give_up_ = clock_ns() + SEC(10); !(condition);) { \
			ck_assert_msg(clock_ns() < give_up_, "never: %s", #condition); \
			fake_turn(-1, clock_ns() + MS(20)); \
		} \
	} while (0)

static struct console *console(void) { return fake.line[0].priv; }

static struct serial_log record(void)
{
	struct serial_log l;
	char path[160];

	snprintf(path, sizeof(path), "%s/serial/console", fake.run);
	ck_assert_msg(serial_log_open(path, 0, false, &l, &err), "%s", err.text);
	return l;
}

static char *index_text(void)
{
	char path[160], *text;
	size_t n;

	snprintf(path, sizeof(path), "%s/serial/console.idx", fake.run);
	ck_assert(fs_read(path, 1 << 20, &text, &n, &err));
	return text;
}

/* ---- a server of the test's own ---- */

static int listener = -1, peer = -1;

static const char *address(const char *more)
{
	static char text[256];
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a, &n), 0);
	snprintf(text, sizeof(text), "{\"host\":\"box\",\"port\":%u%s}", ntohs(a.sin_port), more);
	return text;
}

static void serve(in_port_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(listener, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(listener, 4), 0);
}

static void bench(void)
{
	fake_bench("{\"hosts\":{\"box\":\"127.0.0.1\"}}", false);
}

static void take_call(void)
{
	peer = accept(listener, NULL, NULL);
	ck_assert_int_ge(peer, 0);
}

static void stop(void)
{
	if (peer >= 0)
		close(peer);
	if (listener >= 0)
		close(listener);
	fake_close();
}

/* ---- raw TCP ---- */

static void says(const char *text)
{
	ck_assert_int_eq(send(peer, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

START_TEST(tcp)
{
	char b[16] = "";

	bench();
	serve(0);
	fake_open(&drv_tcp, "serial.console", address(""));
	take_call();
	says("hello\n");
	fake_step(&probe_serial, "expect", "{\"pattern\":\"^hello\",\"within\":5000000000}");
	ck_assert(fake_is("matched"));
	fake_step(&probe_serial, "send", "{\"text\":\"yes\\n\"}");
	ck_assert_int_eq(recv(peer, b, sizeof(b) - 1, 0), 4);
	ck_assert_str_eq(b, "yes\n");
	fake_step(&probe_serial, "ready", "{}");
	ck_assert(fake_is("ready") && !fake_is("verified"));
	ck_assert(!fake_try_step(&probe_serial, "break", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	stop();
}
END_TEST

/* The server goes, with half a line said, and comes back on the same port. */
START_TEST(tcp_comes_back)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	struct serial_log l;

	bench();
	serve(0);
	getsockname(listener, (struct sockaddr *)&a, &n);
	fake_open(&drv_tcp, "serial.console", address(""));
	take_call();
	says("half a li");
	UNTIL(console()->received == 9);
	close(listener);
	close(peer);
	UNTIL(!console_is_up(console()));
	serve(a.sin_port);
	UNTIL(console_is_up(console()));
	take_call();
	says("whole line\n");
	UNTIL(console()->received == 20);
	l = record();
	ck_assert_int_eq(l.fault[SERIAL_GAP], 1);
	ck_assert(!l.away);
	serial_log_done(&l);
	stop();
}
END_TEST

static const struct { const char *params, *says; enum err_kind kind; } refused[] = {
	{ "{}", "host and port, or socket", ERR_CONF },
	{ "{\"host\":\"box\"}", "host and port, or socket", ERR_CONF },
	{ "{\"host\":\"box\",\"port\":1,\"socket\":\"/x\"}", "host and port, or socket", ERR_CONF },
	{ "{\"host\":\"no.such.name\",\"port\":1}", "neither an address", ERR_CONF },
	{ "{\"socket\":\"/nowhere/socket\"}", "No such file", ERR_BENCH },
};

START_TEST(tcp_refuses)
{
	bench();
	ck_assert(!fake_try_open(&drv_tcp, "serial.console", refused[_i].params, &err));
	ck_assert_msg(err.kind == refused[_i].kind && strstr(err.text, refused[_i].says), "%d %s", err.kind, err.text);
	fake_close();
}
END_TEST

/* ---- RFC 2217, the machine alone ---- */

static size_t feed(struct rfc2217 *t, const void *p, size_t n, uint8_t *out, enum rfc2217_event *ret)
{
	const uint8_t *in = p;
	size_t k = 0;

	*ret = RFC2217_NOTHING;
	for (size_t i = 0; i < n; i++) {
		k += rfc2217_take(t, in[i], out + k);
		if (t->event)
			*ret = t->event;
	}
	return k;
}
#define FEED(text) feed(&t, text, sizeof(text) - 1, out, &event)

START_TEST(machine)
{
	struct rfc2217 t;
	enum rfc2217_event event;
	uint8_t out[256];

	rfc2217_begin(&t);
	ck_assert_uint_eq(t.out_n, 15);
	t.out_n = 0;
	ck_assert_uint_eq(FEED("a\377\377b"), 3);
	ck_assert(!memcmp(out, "a\377b", 3));
	FEED("\377\375\054");                           /* DO COM-PORT: the answer to our offer */
	ck_assert(event == RFC2217_AGREED && t.agreed && t.out_n == 0);
	FEED("\377\375\054\377\375\054");               /* said again: nothing to say */
	ck_assert_uint_eq(t.out_n, 0);
	FEED("\377\373\001\377\375\037");               /* WILL ECHO, DO window size: refused, once each */
	ck_assert(t.out_n == 6 && !memcmp(t.out, "\377\376\001\377\374\037", 6));
	ck_assert_uint_eq(FEED("\r\0x"), 2);            /* no binary yet */
	FEED("\377\373\000\377\375\000");
	ck_assert(t.binary_in && t.binary_out);
	ck_assert_uint_eq(FEED("\r\0x"), 3);
	FEED("\377\372\054\145\000\001\302\000\377\360");
	ck_assert(event == RFC2217_ANSWER && t.code == COM_BAUD && t.value == 115200);
	FEED("\377\372\054\145\000\000\377\377\001\377\360");   /* 255 doubled in a value */
	ck_assert_uint_eq(t.value, 0xff01);
	FEED("\377\372\054\153\260\377\360");
	ck_assert(event == RFC2217_ANSWER && t.code == COM_MODEM_STATE && t.value == 0xb0);
	FEED("\377\363");
	ck_assert_int_eq(event, RFC2217_BREAK);
	FEED("\377\374\054\377\376\054");
	ck_assert(event == RFC2217_REFUSED && !t.agreed);
}
END_TEST

START_TEST(machine_bounds)
{
	struct rfc2217 t;
	enum rfc2217_event event;
	uint8_t out[4096], long_one[2048];

	rfc2217_begin(&t);
	memset(long_one, 7, sizeof(long_one));
	memcpy(long_one, "\377\372\054\145", 4);
	ck_assert_uint_eq(feed(&t, long_one, sizeof(long_one), out, &event), 0);
	ck_assert_uint_eq(FEED("\377\360"), 0);
	ck_assert(event == RFC2217_NOTHING && t.bad == 1);
	ck_assert_uint_eq(FEED("ok"), 2);
	for (int i = 0; i < 1000; i++)          /* offers without end, never sent: bounded */
		FEED("\377\375\037");
	ck_assert_uint_le(t.out_n, RFC2217_OUT);
	ck_assert_uint_gt(t.bad, 1);
	FEED("\377\372\054\377\360");           /* nothing in it */
	ck_assert_int_eq(event, RFC2217_NOTHING);
	t.out_n = 0;
	rfc2217_ask(&t, COM_BAUD, 0x0000ff00);
	ck_assert(t.out_n == 11 && !memcmp(t.out, "\377\372\054\001\0\0\377\377\0\377\360", 11));
	ck_assert_uint_eq(rfc2217_escape(&t, (const uint8_t *)"\377\r", 2, out), 4);
	ck_assert(!memcmp(out, "\377\377\r\0", 4));
}
END_TEST

/* ---- RFC 2217 against servers that differ: a process of its own answers, as `how` says ---- */

enum how { FAIR, MUTE, NO_OPTION, OTHER_RATE, ODD_CONTROL, LATE, GARBAGE };

static void answer_one(int fd, enum how how, uint8_t code, const uint8_t *value, size_t n)
{
	uint8_t b[32] = { 255, 250, 44, (uint8_t)(100 + code) };
	size_t k = 4;

	if (how == ODD_CONTROL && code == 5)
		b[k++] = 0;
	else
		for (size_t i = 0; i < n && k < 24; i++) {
			b[k] = value[i];
			if (b[k++] == 255)
				b[k++] = 255;
		}
	if (how == OTHER_RATE && code == 1)
		b[k - 1] ^= 0x40;
	b[k++] = 255;
	b[k++] = 240;
	(void)!send(fd, b, k, MSG_NOSIGNAL);
}

static void server(int fd, enum how how)
{
	static const uint8_t agree[] = { 255, 253, 44, 255, 251, 0, 255, 253, 0, 255, 251, 3 }, refuse[] = { 255, 254, 44 };
	uint8_t sub[64], c, data[4] = "ok\n";
	size_t n = 0;
	int state = 0;

	if (how == NO_OPTION)
		(void)!send(fd, refuse, sizeof(refuse), MSG_NOSIGNAL);
	else if (how == GARBAGE)
		for (int i = 0; i < 5000; i++)
			(void)!send(fd, (const uint8_t[]){ 255, (uint8_t)(240 + i % 16), (uint8_t)(i * 7), (uint8_t)i }, 4, MSG_NOSIGNAL);
	else if (how != MUTE)
		(void)!send(fd, agree, sizeof(agree), MSG_NOSIGNAL);
	(void)!send(fd, data, 3, MSG_NOSIGNAL);
	while (recv(fd, &c, 1, 0) == 1) {
		if (state == 2 && c == 240 && n > 1 && how != MUTE && how != NO_OPTION) {
			poll(NULL, 0, how == LATE ? 20 : 0);
			if (sub[0] == 44 && !(how == LATE && sub[1] == 12))
				answer_one(fd, how, sub[1], sub + 2, n - 2);
		}
		if (state == 0)
			state = c == 255 ? 3 : 0;
		else if (state == 3)            /* after IAC */
			state = c == 250 ? 1 : c >= 251 && c <= 254 ? 4 : 0;
		else if (state == 4)
			state = 0;
		else if (state == 1 && c == 255)
			state = 2;
		else if (state == 2 && c == 240)
			state = 0;
		else {
			state = 1;
			if (n < sizeof(sub))
				sub[n++] = c;
		}
		if (state == 0)
			n = 0;
	}
	_exit(0);
}

static pid_t serve_as(enum how how)
{
	pid_t pid;

	serve(0);
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && !fork())
			server(fd, how);
		close(fd);
	}
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#define PATIENT ",\"answer\":10000000000"
#define BRIEF ",\"answer\":50000000"
static const struct { enum how how; bool verified; const char *answer, *wrong, *noted; } server_kind[] = {
	{ FAIR, true, PATIENT, NULL, "" },
	{ LATE, true, PATIENT, NULL, "" },
	{ MUTE, false, BRIEF, NULL, "did not answer: rate, size, parity, stop" },
	{ NO_OPTION, false, PATIENT, NULL, "did not answer" },
	{ OTHER_RATE, false, PATIENT, "answered otherwise: rate", "answered otherwise: rate" },
	{ ODD_CONTROL, false, BRIEF, NULL, "flow" },
	{ GARBAGE, false, BRIEF, NULL, "did not answer" },
};

START_TEST(servers)
{
	pid_t pid;

	bench();
	pid = serve_as(server_kind[_i].how);
	fake_open(&drv_rfc2217, "serial.console", address(server_kind[_i].answer));
	ck_assert_msg(strstr(fake.note, server_kind[_i].noted) != NULL, "noted: %s", fake.note);
	UNTIL(console()->received >= 3);
	if (server_kind[_i].wrong) {
		ck_assert(!fake_try_step(&probe_serial, "ready", "{}", 0, &err));
		ck_assert_msg(err.kind == ERR_BENCH && strstr(err.text, server_kind[_i].wrong), "%s", err.text);
	} else {
		fake_step(&probe_serial, "ready", "{}");
		ck_assert(fake_is("ready"));
		ck_assert_int_eq(fake_is("verified"), server_kind[_i].verified);
	}
	end(pid);
	stop();
}
END_TEST

START_TEST(strict)
{
	char more[80];
	pid_t pid;

	bench();
	pid = serve_as(server_kind[_i].how);
	snprintf(more, sizeof(more), "%s,\"strict\":true", server_kind[_i].answer);
	ck_assert_int_eq(fake_try_open(&drv_rfc2217, "serial.console", address(more), &err), server_kind[_i].verified);
	ck_assert(server_kind[_i].verified || (err.kind == ERR_BENCH && strstr(err.text, "strict")));
	end(pid);
	stop();
}
END_TEST

/* What the server tells of the line stands in the index, after the bytes it follows. */
START_TEST(notifications)
{
	static const uint8_t told[] = { 'a', 'b', 255, 250, 44, 106, 8, 255, 240, 255, 250, 44, 106, 16 | 2, 255, 240, 255, 250, 44, 107, 0x30,
					255, 240, 'c', 255, 250, 44, 108, 255, 240 };
	char *idx;
	struct serial_log l;

	bench();
	serve(0);
	/* nobody answers: it is up when its patience ends */
	fake_open(&drv_rfc2217, "serial.console", address(",\"answer\":20000000"));
	take_call();
	ck_assert_int_eq(send(peer, told, sizeof(told), MSG_NOSIGNAL), (ssize_t)sizeof(told));
	UNTIL(console()->held);
	l = record();
	ck_assert_str_eq(l.text, "abc");
	ck_assert(l.fault[SERIAL_FRAMING] == 1 && l.fault[SERIAL_BREAK] == 1 && l.fault[SERIAL_OVERRUN] == 1);
	serial_log_done(&l);
	idx = index_text();
	ck_assert_ptr_nonnull(strstr(idx, "modem=CDrl"));
	ck_assert_ptr_nonnull(strstr(idx, " x 2 1 framing"));
	free(idx);
	fake_step(&probe_serial, "send", "{\"text\":\"q\",\"within\":20000000}");
	ck_assert_int_eq(fake_int("sent"), 0);          /* it asked to wait */
	ck_assert_int_eq(send(peer, "\377\372\054\155\377\360", 6, MSG_NOSIGNAL), 6);
	UNTIL(console()->sent == 1);
	stop();
}
END_TEST

/* Breaks, errors and ends of the connection by chance, with a seed: every run ends with marks, never without a word. */
START_TEST(trouble)
{
	struct rng r;
	struct serial_log l;
	int64_t gaps = 0;

	bench();
	serve(0);
	rng_init(&r, (uint64_t)_i, "console trouble");
	fake_open(&drv_rfc2217, "serial.console", address(",\"answer\":10000000"));
	take_call();
	for (int round = 0; round < 40; round++) {
		uint8_t b[64];
		size_t n = 1 + rng_below(&r, sizeof(b) - 1);

		rng_bytes(&r, b, n);
		for (size_t i = 0; i < n; i++)
			b[i] = rng_below(&r, 3) ? b[i] : (uint8_t[]){ 255, 250, 240, 44 }[rng_below(&r, 4)];
		(void)!send(peer, b, n, MSG_NOSIGNAL);
		fake_turn(-1, clock_ns() + MS(2));
		if (rng_below(&r, 12) || gaps == 2)
			continue;
		if (rng_below(&r, 2))           /* reset instead of an end */
			setsockopt(peer, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
		close(peer);
		UNTIL(!console_is_up(console()));
		gaps++;
		UNTIL(console()->fd >= 0);
		take_call();
		UNTIL(console_is_up(console()));
	}
	l = record();
	ck_assert_int_eq(l.fault[SERIAL_GAP], gaps);
	ck_assert(!l.away);
	serial_log_done(&l);
	stop();
}
END_TEST

/* ---- ser2net ---- */

static int device;

/* A socket's name is there before it takes calls, and a call only to see that would be the one call ser2net takes. */
static bool listens(const char *sock)
{
	FILE *f = fopen("/proc/net/unix", "re");        /* address, count, protocol, flags (ACCEPTCON), type, state, inode, path */
	char line[512];
	bool yes = false;

	ck_assert_ptr_nonnull(f);
	while (!yes && fgets(line, sizeof(line), f))
		yes = strstr(line, " 00010000 ") && strstr(line, sock);
	fclose(f);
	return yes;
}

static pid_t ser2net(const char *accepter, const char *options)
{
	char conf[160], far[64], sock[160], text[600], *argv[] = { "ser2net", "-n", "-c", conf, NULL };
	pid_t pid;
	int fd;

	if (access("/usr/sbin/ser2net", X_OK) != 0) {
		printf("no ser2net here: skipped\n");
		return 0;
	}
	device = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert(device >= 0 && grantpt(device) == 0 && unlockpt(device) == 0 && ptsname_r(device, far, sizeof(far)) == 0);
	snprintf(conf, sizeof(conf), "%s/ser2net.yaml", fake.work);
	snprintf(sock, sizeof(sock), "%s/sock", fake.work);
	snprintf(text, sizeof(text), "connection: &c\n  accepter: %s,%s\n  connector: serialdev,%s,%s\n", accepter, sock, far, options);
	ck_assert(fs_write(conf, text, strlen(text), &err));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = open("/dev/null", O_RDWR);
		dup2(fd, 1);
		dup2(fd, 2);
		execv("/usr/sbin/ser2net", argv);
		_exit(127);
	}
	for (int64_t give_up = clock_ns() + SEC(10); !listens(sock);) {
		ck_assert_msg(clock_ns() < give_up, "ser2net does not listen");
		poll(NULL, 0, 10);
	}
	return pid;
}

static const char *socket_of(const char *more)
{
	static char text[256];

	snprintf(text, sizeof(text), "{\"socket\":\"%s/sock\"%s}", fake.work, more);
	return text;
}

static void hears(const char *want)
{
	char b[64] = "";
	size_t n = 0;

	fcntl(device, F_SETFL, O_NONBLOCK);
	for (int64_t give_up = clock_ns() + SEC(10); n < strlen(want);) {
		ssize_t k = read(device, b + n, sizeof(b) - 1 - n);

		ck_assert_msg(clock_ns() < give_up, "the device heard only '%s'", b);
		if (k > 0)
			n += (size_t)k;
		else
			fake_turn(-1, clock_ns() + MS(10));
	}
	ck_assert(n == strlen(want) && !memcmp(b, want, n));
}

START_TEST(against_ser2net)
{
	struct serial_log l;
	struct termios t;
	pid_t pid;

	bench();
	pid = ser2net("telnet(rfc2217),unix", "9600n81,local");
	if (!pid) {
		fake_close();
		return;
	}
	fake_open(&drv_rfc2217, "serial.console", socket_of(",\"baud\":57600"));
	UNTIL(console_is_up(console()));
	fake_step(&probe_serial, "ready", "{}");
	ck_assert(fake_is("ready"));
	ck_assert_str_eq(fake_text("settings"), "57600 8N1");
	ck_assert_int_eq(tcgetattr(device, &t), 0);             /* and the port itself has that rate */
	ck_assert_int_eq(cfgetospeed(&t), B57600);
	fake_step(&probe_serial, "send", "{\"text\":\"a\\u00ffb\\r\\n\"}");
	hears("a\303\277b\r\n");
	ck_assert_int_eq(write(device, "x\377\377y\r\0z\n", 8), 8);
	UNTIL(console()->received == 8);
	l = record();
	ck_assert(l.n == 8 && !memcmp(l.text, "x\377\377y\r\1z\n", 8));
	serial_log_done(&l);
	fake_step(&probe_serial, "break", "{\"for\":20000000}");
	ck_assert_int_eq(fake_int("sent"), 1);
	end(pid);
	UNTIL(!console_is_up(console()));
	ck_assert_int_eq(console()->fault[SERIAL_GAP], 1);
	ck_assert(!fake_try_step(&probe_serial, "ready", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	close(device);
	stop();
}
END_TEST

START_TEST(raw_ser2net)
{
	pid_t pid;

	bench();
	pid = ser2net("unix", "115200n81,local");
	if (!pid) {
		fake_close();
		return;
	}
	fake_open(&drv_tcp, "serial.console", socket_of(""));
	fake_step(&probe_serial, "send", "{\"text\":\"ping\\n\"}");
	hears("ping\n");
	ck_assert_int_eq(write(device, "pong\n", 5), 5);
	fake_step(&probe_serial, "expect", "{\"pattern\":\"^pong\",\"within\":10000000000}");
	ck_assert(fake_is("matched"));
	end(pid);
	close(device);
	stop();
}
END_TEST

TEST_MAIN({ "tcp", tcp, 1 }, { "tcp comes back", tcp_comes_back, 1 }, { "tcp refuses", tcp_refuses, ROWS(refused) },
	  { "machine", machine, 1 }, { "machine bounds", machine_bounds, 1 }, { "servers", servers, ROWS(server_kind) },
	  { "strict", strict, ROWS(server_kind) }, { "notifications", notifications, 1 }, { "trouble", trouble, 3 },
	  { "against ser2net", against_ser2net, 1 }, { "raw ser2net", raw_ser2net, 1 })
