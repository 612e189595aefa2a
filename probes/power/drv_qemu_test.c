// SPDX-License-Identifier: Apache-2.0
// A real QEMU, whose machine is a boot sector that talks on its serial port; and a program of the test that only plays a monitor.
#include "harness/fake.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "harness/proto/event_log.h"

extern const struct probe probe_power, probe_serial;
extern const struct line_driver drv_qemu, drv_process, drv_pty, drv_pins, drv_veth, driver_service_dnsmasq;

/* 16-bit code, at 0000:7c00: counts its boots in its own sector, which it writes back to the disk; says "boot N\n", and "tick\n" 18 times a
 * second; resets itself by the keyboard controller when it reads an 'r'. */
static const uint8_t sector[] = {
	0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0xfb,   /* no interrupts; segments 0; stack; interrupts */
	0xfe, 0x06, 0x5e, 0x7c,                                                         /* inc byte [digit] */
	0xb8, 0x01, 0x03, 0xbb, 0x00, 0x7c, 0xb9, 0x01, 0x00, 0xb6, 0x00, 0xcd, 0x13,   /* int 13h, ax=0301: the sector back */
	0xbe, 0x59, 0x7c, 0xe8, 0x1d, 0x00,                                             /* puts(boot) */
	0xf4, 0xbe, 0x61, 0x7c, 0xe8, 0x16, 0x00,                                       /* loop: hlt; puts(tick) */
	0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xf1,                                 /* nothing received: loop */
	0xba, 0xf8, 0x03, 0xec, 0x3c, 0x72, 0x75, 0xe9,                                 /* not 'r': loop */
	0xb0, 0xfe, 0xe6, 0x64, 0xeb, 0xe3,                                             /* out 64h, feh; loop */
	0xac, 0x84, 0xc0, 0x74, 0x12, 0x88, 0xc3,                                       /* puts: lodsb; at NUL: return */
	0xba, 0xfd, 0x03, 0xec, 0xa8, 0x20, 0x74, 0xfb,                                 /* wait for an empty transmitter */
	0xba, 0xf8, 0x03, 0x88, 0xd8, 0xee, 0xeb, 0xe9, 0xc3,                           /* out; puts; return */
	'b', 'o', 'o', 't', ' ', '0', '\n', 0, 't', 'i', 'c', 'k', '\n', 0,
};

static bool absent(void)
{
	static const char program[] = "/usr/bin/qemu-system-x86_64";

	if (access(program, X_OK) == 0)
		return false;
	printf("skipped: %s is not here (package qemu-system-x86)\n", program);
	return true;
}

static void disk(char path[static 128])
{
	uint8_t image[65536] = { 0 };
	int fd;

	memcpy(image, sector, sizeof(sector));
	image[510] = 0x55;
	image[511] = 0xaa;
	snprintf(path, 128, "%s/a,disk.img", fake.work);        /* a comma is QEMU's own */
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(write(fd, image, sizeof(image)), (ssize_t)sizeof(image));
	close(fd);
}

static json_t *machine(void)
{
	char path[128];

	disk(path);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "machine", "pc", "mem", "16M", "drive", path, "bus", "ide",
			 "console", "serial.console", "interface", "", "timeout", "20s");
}

/* Takes params. */
static void wire_up(json_t *params)
{
	char *text;
	int64_t timeout = 0;

	if (units_time(json_string_value(json_object_get(params, "timeout")), &timeout))
		json_object_set_new(params, "timeout", json_integer(timeout));
	text = json_dumps(params, 0);
	fake_open(&drv_pty, "serial.console", "{}");
	fake_open(&drv_qemu, "power.main", text);
	free(text);
	json_decref(params);
}

static bool bench(void)
{
	if (absent())
		return false;
	fake_bench("{}", true);
	wire_up(machine());
	return true;
}

static void must_say(const char *pattern)
{
	char args[128];

	snprintf(args, sizeof(args), "{\"pattern\":\"%s\",\"within\":25000000000}", pattern);
	fake_step(&probe_serial, "expect", args);
	ck_assert_msg(fake_is("matched"), "no '%s' on the console", pattern);
}

/* How often this stands in the record, with that note (NULL = any). */
static int recorded(const char *word, const char *note)
{
	char path[FS_PATH];
	struct err err = { 0 };
	struct event e;
	struct tail t;
	int n = 0;

	snprintf(path, sizeof(path), "%s/power/main.log", fake.run);
	ck_assert(tail_open(path, false, &t, &err));
	while (event_log_next(&t, &e, &err))
		n += !strcmp(e.word, word) && (!note || !strcmp(e.note, note));
	ck_assert_int_eq(err.kind, ERR_NONE);
	tail_close(&t);
	return n;
}

static bool refused(const char *verb, const char *args, const char *why)
{
	struct err err = { 0 };
	bool ok = fake_try_step(&probe_power, verb, args, 0, &err);

	if (!ok && strstr(err.text, why))
		return true;
	printf("%s %s: %s\n", verb, ok ? "done" : "refused", err.text);
	fflush(stdout);
	return false;
}

/* ---- the real one ---- */

START_TEST(on_off_on)
{
	char path[128];
	static char said[1 << 16];
	ssize_t n;
	int fd;

	if (!bench())
		return;
	for (int round = 1; round <= 2; round++) {
		fake_step(&probe_power, "on", "{\"within\":25000000000}");
		ck_assert_msg(fake_is("confirmed"), "%s", fake.note);
		must_say(round == 1 ? "^boot 1$" : "^boot 2$");         /* what it wrote outlived the cut */
		must_say("^tick$");
		fake_step(&probe_power, "get", "{}");
		ck_assert(fake_is("on") && fake_is("alive"));
		fake_step(&probe_power, "off", "{}");
		ck_assert_msg(fake_is("confirmed"), "%s", fake_text("how"));
		ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	}
	snprintf(path, sizeof(path), "%s/serial/console.raw", fake.run);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, said, sizeof(said) - 1);
	close(fd);
	ck_assert_msg(n > 0 && !memchr(said, '\r', (size_t)n), "bytes were changed on their way");
	ck_assert_int_eq(recorded("on", NULL), 2);
	ck_assert_int_eq(recorded("off", "command"), 2);
	fake_close();
}
END_TEST

START_TEST(cut_at_a_pattern)
{
	if (!bench())
		return;
	fake_step(&probe_power, "on", "{\"within\":25000000000}");
	fake_step(&probe_power, "cut", "{\"when\":\"^tick\",\"for\":100000000,\"within\":25000000000}");
	ck_assert(fake_is("triggered") && fake_is("confirmed"));
	must_say("^boot 2$");
	fake_close();
}
END_TEST

START_TEST(reset)
{
	if (!bench())
		return;
	ck_assert(refused("reset", "{}", "no machine runs that could reset"));
	fake_step(&probe_power, "on", "{\"within\":25000000000}");
	must_say("^boot 1$");
	fake_step(&probe_power, "reset", "{\"within\":25000000000}");
	ck_assert(fake_is("confirmed"));
	ck_assert_int_gt(fake_int("acknowledged"), fake_int("requested"));
	ck_assert_int_gt(fake_int("latency"), 0);
	must_say("^boot 2$");
	ck_assert_int_eq(recorded("on", NULL), 1);              /* the same machine */
	ck_assert_int_eq(recorded("reset", "command"), 1);
	fake_step(&probe_power, "off", "{}");
	fake_settle(MS(50));
	ck_assert(refused("reset", "{}", "no machine runs that could reset"));
	fake_close();
}
END_TEST

/* The guest's own doing is in the record, and not taken for ours. */
START_TEST(resets_itself)
{
	if (!bench())
		return;
	fake_step(&probe_power, "on", "{\"within\":25000000000}");
	must_say("^boot 1$");
	fake_step(&probe_serial, "send", "{\"text\":\"r\"}");
	must_say("^boot 2$");
	ck_assert_int_ge(recorded("reset", "guest-reset"), 1);          /* SeaBIOS does it once more */
	ck_assert_int_eq(recorded("reset", "command"), 0);
	fake_close();
}
END_TEST

START_TEST(frozen)
{
	struct err err = { 0 };
	json_t *args, *reply;

	if (!bench())
		return;
	fake_step(&probe_power, "on", "{\"within\":25000000000}");
	must_say("^tick$");
	fake_step(&probe_power, "freeze", "{\"for\":2000000000}");
	ck_assert_msg(fake_is("confirmed"), "%s", fake_text("how"));
	ck_assert_int_ge(fake_int("frozen_for"), SEC(2) - MS(100));     /* begins when QEMU says so, which is after it did it */
	must_say("^tick$");
	ck_assert_int_eq(recorded("frozen", "command"), 1);
	ck_assert_int_eq(recorded("thawed", NULL), 1);
	/* Twice at once is refused; a supply that goes meanwhile ends it. */
	args = fake_json("{\"for_ns\":100000000000}");
	reply = json_object();
	ck_assert_msg(drv_qemu.command(fake_line("power.main"), "freeze", args, reply, &err), "%s", err.text);
	ck_assert(!drv_qemu.command(fake_line("power.main"), "freeze", args, reply, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "frozen already"));
	fake_step(&probe_power, "off", "{}");
	fake_step(&probe_power, "on", "{\"within\":25000000000}");
	must_say("^boot 2$");
	json_decref(args);
	json_decref(reply);
	fake_close();
}
END_TEST

START_TEST(quits)
{
	json_t *params;

	if (absent())
		return;
	fake_bench("{}", true);
	params = machine();
	json_object_set_new(params, "cut", json_string("quit"));
	wire_up(params);
	fake_step(&probe_power, "on", "{\"within\":25000000000}");
	must_say("^tick$");
	fake_step(&probe_power, "off", "{}");
	ck_assert_msg(fake_is("confirmed"), "%s", fake_text("how"));
	ck_assert_msg(!fake.note[0], "%s", fake.note);
	ck_assert_int_eq(recorded("off", "command"), 1);
	fake_close();
}
END_TEST

/* Its second serial port is the board's; whoever is on its other end sees it die. */
START_TEST(pins)
{
	json_t *params;

	if (absent())
		return;
	fake_bench("{}", true);
	fake_open(&drv_pins, "wire.board", "{\"inputs\":[\"relay\"]}");
	params = machine();
	json_object_set_new(params, "pins", json_string("board"));
	wire_up(params);
	fake_step(&probe_power, "on", "{\"within\":25000000000}");
	ck_assert(fake_is("confirmed"));
	fake_step(&probe_power, "off", "{}");
	ck_assert_msg(fake_is("confirmed") && strstr(fake_text("how"), "its pins are dead"), "%s", fake_text("how"));
	fake_close();
}
END_TEST

/* QEMU's own words say why. */
START_TEST(does_not_start)
{
	static const struct { const char *key, *value, *why; } bad[] = {
		{ "machine", "toaster", "unsupported machine type" },
		{ "drive", "/nonexistent/disk", "/nonexistent/disk" },
		{ "console", "serial.other", "serial.other" },
	};
	json_t *params;

	if (absent())
		return;
	fake_bench("{}", true);
	params = machine();
	json_object_set_new(params, bad[_i].key, json_string(bad[_i].value));
	wire_up(params);
	ck_assert(refused("on", "{}", bad[_i].why));
	fake_step(&probe_power, "get", "{}");
	ck_assert(!fake_is("on") && !fake_is("alive"));
	fake_close();
}
END_TEST

/* ---- the line is killed ---- */

START_TEST(killed_line)
{
	volatile pid_t *machine_pid = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct pollfd gone = { -1, POLLIN, 0 };
	pid_t line;

	if (absent())
		return;
	fake_bench("{}", true);
	line = fork();
	if (line == 0) {
		char path[FS_PATH];
		struct err err = { 0 };
		struct event e = { .t_ns = 0 };
		struct tail t;

		wire_up(machine());
		fake_step(&probe_power, "on", "{\"within\":25000000000}");
		must_say("^tick$");
		snprintf(path, sizeof(path), "%s/power/main.log", fake.run);
		if (tail_open(path, false, &t, &err))
			while (strcmp(e.word, "on") && event_log_next(&t, &e, &err))
				;
		ck_assert_int_eq(sscanf(e.note, "pid %d ", machine_pid), 1);
		for (;;)
			pause();
	}
	for (int64_t until = clock_ns() + SEC(40); !*machine_pid && clock_ns() < until;)
		poll(NULL, 0, 5);
	ck_assert_int_gt(*machine_pid, 0);
	gone.fd = (int)syscall(SYS_pidfd_open, *machine_pid, 0);
	ck_assert_int_ge(gone.fd, 0);
	ck_assert_int_eq(poll(&gone, 1, 0), 0);
	kill(line, SIGKILL);
	ck_assert_int_eq(poll(&gone, 1, 20000), 1);
	waitpid(line, NULL, 0);
	close(gone.fd);
	fake_close();
}
END_TEST

/* ---- its network card ---- */

/* iPXE, QEMU's boot ROM, asks for an address; dnsmasq hears it, and is heard, since its offer is taken up. */
START_TEST(network)
{
	static const char *const want[] = { "DHCPDISCOVER(lan0)", "DHCPREQUEST(lan0)" };
	char path[FS_PATH];
	static char text[1 << 16];
	int64_t until;

	if (absent())
		return;
	if (access("/dev/net/tun", R_OK | W_OK) != 0) {
		printf("skipped: /dev/net/tun cannot be opened here\n");
		return;
	}
	fake_bench("{}", true);
	fake_open(&drv_veth, "net.lan", "{\"mac\":\"02:00:00:48:50:01\"}");
	fake_open(&driver_service_dnsmasq, "service.lan", "{}");
	fake_open(&drv_qemu, "power.main", "{\"machine\":\"pc\",\"mem\":\"32M\",\"card\":\"e1000\",\"mac\":\"02:00:00:48:50:01\","
		  "\"args\":[\"-boot\",\"n\"],\"timeout\":20000000000}");
	snprintf(path, sizeof(path), "%s/evidence/dnsmasq.log", fake.run);
	for (int round = 0; round < 2; round++) {       /* the second tap is wired like the first */
		struct err err = { 0 };
		size_t begin = strlen(text), n = 0;

		fake_step(&probe_power, "on", "{\"within\":1000000}");
		for (until = clock_ns() + SEC(25); clock_ns() < until;) {
			char *now = NULL;

			fake_settle(MS(100));
			if (!fs_read(path, sizeof(text) - 1, &now, &n, &err))
				ck_abort_msg("%s", err.text);
			memcpy(text, now, n);
			text[n] = 0;
			free(now);
			if (n > begin && strstr(text + begin, want[0]) && strstr(text + begin, want[1]))
				break;
		}
		for (int i = 0; i < ROWS(want); i++)
			ck_assert_msg(strstr(text + begin, want[i]), "no %s, round %d: %s; %s", want[i], round, text + begin, fake.note);
		ck_assert_ptr_nonnull(strstr(text + begin, "02:00:00:48:50:01"));
		fake_step(&probe_power, "off", "{}");
	}
	fake_close();
}
END_TEST

/* ---- a program that only plays the monitor ---- */

/* Started instead of QEMU: this test's own binary, with FAKE_QMP in its environment. */
static void __attribute__((constructor)) play(void)
{
	static const char hi[] = "{\"QMP\": {}}\n";
	const char *how = getenv("FAKE_QMP");
	char command[256], answer[128];
	ssize_t n;

	if (!how)
		return;
	if (!strcmp(how, "mute"))
		for (;;)
			pause();
	if (!strcmp(how, "words")) {
		fprintf(stderr, "first\nI cannot \x1b[1mwork\n");
		_exit(1);
	}
	(void)!write(4, hi, sizeof(hi) - 1);
	while ((n = read(4, command, sizeof(command) - 1)) > 0) {
		const char *id;

		command[n] = 0;
		id = strstr(command, "\"id\":");
		if (strstr(command, "quit") && !strcmp(how, "stays"))
			continue;
		if (strstr(command, "quit"))
			_exit(0);
		if (strstr(command, "system_reset") && !strcmp(how, "goes"))
			_exit(0);
		n = snprintf(answer, sizeof(answer), "{\"return\": {}, \"id\": %d}\n", id ? atoi(id + 5) : 0);
		(void)!write(4, answer, (size_t)n);
	}
	_exit(0);
}

static void play_bench(const char *how, const char *cut)
{
	char self[256];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = 0;
	setenv("FAKE_QMP", how, 1);
	fake_bench("{}", true);
	wire_up(json_pack("{s:s,s:s,s:s,s:s}", "program", self, "interface", "", "cut", cut, "timeout", "1s"));
}

START_TEST(no_monitor)
{
	play_bench(_i ? "words" : "mute", "quit");
	ck_assert(refused("on", "{}", _i ? "did not start: first/I cannot ?[1mwork: no greeting" : "does not answer in time"));
	fake_step(&probe_power, "get", "{}");
	ck_assert(!fake_is("on") && !fake_is("alive"));
	fake_close();
}
END_TEST

/* A reset of which nothing comes; a machine that goes instead; one that does not quit is killed in bounded time. */
START_TEST(half_a_monitor)
{
	struct err err = { 0 };
	int64_t begin;

	play_bench(_i == 1 ? "goes" : "stays", "quit");
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	ck_assert(!fake_try_step(&probe_power, "reset", "{}", 0, &err));
	ck_assert_msg(strstr(err.text, _i == 1 ? "QEMU has closed its monitor" : "does not answer in time"), "%s", err.text);
	for (size_t i = 0; i < fake_line("power.main")->n; i++)         /* a closed one would turn the loop without end */
		ck_assert_int_ge(fcntl(fake_line("power.main")->watch[i].fd, F_GETFD), 0);
	begin = clock_ns();
	fake_step(&probe_power, "off", "{}");
	ck_assert_int_lt(clock_ns() - begin, SEC(15));
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	if (_i == 0)
		ck_assert_msg(strstr(fake.note, "it is killed") || strstr(fake.note, "the machine is killed"), "%s", fake.note);
	fake_close();
}
END_TEST

/* Lines that cannot say so, and in words. */
START_TEST(others_refuse)
{
	fake_bench("{}", true);
	fake_open(&drv_process, "power.main", "{\"run\":[\"sleep\",\"1000\"],\"interface\":\"lo\"}");
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	ck_assert(refused("reset", "{}", "power.main cannot do 'reset': its driver switches a supply and no more"));
	ck_assert(refused("freeze", "{\"for\":1000000000}", "cannot do 'freeze'"));
	fake_close();
}
END_TEST

START_TEST(not_on_a_real_bench)
{
	struct err err = { 0 };
	bool ok;

	if (absent())
		return;
	fake_bench("{\"kind\":\"real\"}", true);
	ok = fake_try_open(&drv_qemu, "power.main", "{}", &err);
	ck_assert(!ok);
	ck_assert_ptr_nonnull(strstr(err.text, "belongs to a virtual bench"));
	json_decref(fake.line[--fake.lines].params);    /* what was not opened is not closed */
	fake_close();
}
END_TEST

TEST_MAIN({ "on, off, on", on_off_on, 1 }, { "cut at a pattern", cut_at_a_pattern, 1 }, { "reset", reset, 1 },
	  { "resets itself", resets_itself, 1 }, { "frozen", frozen, 1 }, { "quits", quits, 1 }, { "pins", pins, 1 }, { "does not start", does_not_start, 3 },
	  { "killed line", killed_line, 1 }, { "network", network, 1 }, { "no monitor", no_monitor, 2 },
	  { "half a monitor", half_a_monitor, 2 }, { "others refuse", others_refuse, 1 }, { "not on a real bench", not_on_a_real_bench, 1 })
