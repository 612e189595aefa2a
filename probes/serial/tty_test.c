// SPDX-License-Identifier: Apache-2.0
// The driver tty on pseudo-terminals: the test has the device's end. What a pseudo-terminal cannot do (rates, breaks, wrong
// stop bits) is tested as bytes in the form in which the kernel marks them.
#include "harness/fake.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "harness/proto/serial_log.h"
#include "harness/proto/usb_match.h"
#include "probes/serial/console.h"
#include "probes/serial/marked.h"
#include "probes/serial/tty.h"

extern const struct probe probe_serial;
extern const struct line_driver drv_tty;

static int device = -1;
static struct err err;

static void plug_in(const char *name)
{
	char path[160], far[64];

	device = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert(device >= 0 && grantpt(device) == 0 && unlockpt(device) == 0 && ptsname_r(device, far, sizeof(far)) == 0);
	snprintf(path, sizeof(path), "%s/%s", fake.work, name);
	unlink(path);
	ck_assert_int_eq(symlink(far, path), 0);
}

static void unplug(const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", fake.work, name);
	unlink(path);
	close(device);
	device = -1;
}

static const char *params(const char *more)
{
	static char text[512];

	snprintf(text, sizeof(text), "{\"path\":\"%s/port\"%s}", fake.work, more);
	return text;
}

static void start(const char *more)
{
	fake_bench("{}", false);
	plug_in("port");
	fake_open(&drv_tty, "serial.console", params(more));
}

static void stop(void)
{
	if (device >= 0)
		close(device);
	fake_close();
}

static void says(const char *p, size_t n)
{
	ck_assert_int_eq(write(device, p, n), (ssize_t)n);
}

/* What was written to a pseudo-terminal reaches the other end in pieces, some of them later. */
static void hears(const char *text)
{
	char b[64] = "";
	size_t n = 0, want = strlen(text);
	int64_t until = clock_ns() + SEC(20);

	while (n < want && clock_ns() < until) {
		struct pollfd p = { device, POLLIN, 0 };
		ssize_t got = poll(&p, 1, 100) == 1 ? read(device, b + n, sizeof(b) - 1 - n) : 0;

		ck_assert_int_ge(got, 0);
		n += (size_t)got;
	}
	ck_assert_str_eq(b, text);
}

static struct serial_log record(int64_t from_ns)
{
	struct serial_log l;
	char path[160];

	snprintf(path, sizeof(path), "%s/serial/console", fake.run);
	ck_assert_msg(serial_log_open(path, from_ns, false, &l, &err), "%s", err.text);
	return l;
}

/* Turns the loop until the condition holds; at most ten seconds, since the machine may be busy. */
#define UNTIL(condition) \
	do { \
		for (int64_t give_up_ = clock_ns() + SEC(10); !(condition);) { \
			ck_assert_msg(clock_ns() < give_up_, "never: %s", #condition); \
			fake_turn(-1, clock_ns() + MS(20)); \
		} \
	} while (0)

static struct console *console(size_t i) { return fake.line[i].priv; }

static void command(const char *name, const char *args)
{
	json_t *a = fake_json(args), *reply = json_object();

	ck_assert_msg(drv_tty.command(&fake.line[0], name, a, reply, &err), "%s", err.text);
	json_decref(a);
	json_decref(reply);
}

START_TEST(ready)
{
	start("");
	fake_step(&probe_serial, "ready", "{}");
	ck_assert(fake_is("ready") && fake_is("verified"));
	ck_assert_str_eq(fake_text("settings"), "115200 8N1");
	ck_assert_int_gt(fake_int("late"), 0);
	ck_assert_int_eq(fake_int("gaps"), 0);
	stop();
}
END_TEST

static const struct { const char *more, *settings; } form[] = {
	{ ",\"baud\":9600,\"stop\":2", "9600 8N2" },
	{ ",\"baud\":250000", "250000 8N1" },
	{ ",\"baud\":74880,\"flow\":\"xonxoff\"", "74880 8N1" },
};

START_TEST(forms)
{
	start(form[_i].more);
	fake_step(&probe_serial, "ready", "{}");
	ck_assert(fake_is("verified"));
	ck_assert_str_eq(fake_text("settings"), form[_i].settings);
	stop();
}
END_TEST

/* A setting that the port does not keep is a fault of the bench; ports of this kind have no parity. */
START_TEST(settings_lost)
{
	start(",\"parity\":\"even\"");
	ck_assert(!fake_try_step(&probe_serial, "ready", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_ptr_nonnull(strstr(err.text, "115200 8N1 instead of 115200 8E1"));
	stop();
}
END_TEST

static const struct { const char *params, *says; enum err_kind kind; } refused[] = {
	{ "{}", "path or match", ERR_CONF },
	{ "{\"path\":\"/nowhere/tty\",\"match\":{\"serial\":\"x\"}}", "path or match", ERR_CONF },
	{ "{\"path\":\"/nowhere/tty\"}", "No such file", ERR_BENCH },
	{ "{\"path\":\"/dev/null\"}", "", ERR_BENCH },
	{ "{\"match\":{\"serial\":\"no such adapter\"}}", "no such USB device", ERR_BENCH },
	{ "{\"match\":{\"colour\":\"red\"}}", "colour", ERR_CONF },
};

START_TEST(refuses)
{
	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_tty, "serial.console", refused[_i].params, &err));
	ck_assert_msg(err.kind == refused[_i].kind && strstr(err.text, refused[_i].says), "%d %s", err.kind, err.text);
	stop();
}
END_TEST

/* Nobody else gets the port, and we do not take it from anybody. */
START_TEST(exclusive)
{
	start("");
	ck_assert(!fake_try_open(&drv_tty, "serial.second", params(""), &err));
	ck_assert_msg(err.kind == ERR_BENCH && strstr(err.text, "in use"), "%s", err.text);
	stop();
}
END_TEST

START_TEST(types)
{
	struct serial_log l;

	start("");
	fake_step(&probe_serial, "send", "{\"text\":\"root\\n\"}");
	ck_assert_int_eq(fake_int("sent"), 5);
	hears("root\n");                        /* raw: nothing is translated or echoed */
	says("\377\0\377ok\n", 6);              /* a byte 377 of the device's is no mark */
	UNTIL(console(0)->received == 6);
	l = record(0);
	ck_assert_uint_eq(l.n, 6);
	ck_assert(!memcmp(l.text, "\377\1\377ok\n", 6) && !l.fault[SERIAL_FRAMING]);
	serial_log_done(&l);
	stop();
}
END_TEST

/* Of a secret neither its text nor its likeness is in the record; the device gets it all the same. */
START_TEST(secret)
{
	char path[160], *raw, *idx;
	size_t n;

	start("");
	command("write", "{\"text\":\"user\"}");
	command("write", "{\"text\":\"hunter2\",\"secret\":true}");
	UNTIL(console(0)->sent == 11);
	hears("userhunter2");
	snprintf(path, sizeof(path), "%s/serial/console.raw", fake.run);
	ck_assert(fs_read(path, 4096, &raw, &n, &err));
	ck_assert_str_eq(raw, "user*******");
	snprintf(path, sizeof(path), "%s/serial/console.idx", fake.run);
	ck_assert(fs_read(path, 4096, &idx, &n, &err));
	ck_assert(strstr(idx, "secret") && !strstr(idx, "hunter"));
	free(raw);
	free(idx);
	stop();
}
END_TEST

START_TEST(paced)
{
	int64_t begin;

	start(",\"chunk\":1,\"every\":20000000");
	begin = clock_ns();
	fake_step(&probe_serial, "send", "{\"text\":\"0123456789\"}");
	ck_assert_int_eq(fake_int("sent"), 10);
	ck_assert_int_ge(clock_ns() - begin, MS(160));
	stop();
}
END_TEST

/* A device that takes nothing: what it took is said, the rest waits, and too much is refused. */
START_TEST(full)
{
	char text[CONSOLE_WRITE + 64];
	int wrote = 0;

	start("");
	memset(text, 'x', sizeof(text));
	memcpy(text, "{\"text\":\"", 9);
	strcpy(text + 4000, "\"}");
	while (wrote++ < 100) {
		json_t *a = fake_json(text), *reply = json_object();
		bool ok = drv_tty.command(&fake.line[0], "write", a, reply, &err);

		json_decref(a);
		json_decref(reply);
		if (!ok)
			break;
	}
	ck_assert_int_lt(wrote, 100);
	ck_assert_msg(err.kind == ERR_BENCH && strstr(err.text, "takes no input"), "%s", err.text);
	for (int64_t taken = 0, all = console(0)->sent + (int64_t)console(0)->queued; taken < all;) {
		char b[8192];
		ssize_t n = read(device, b, sizeof(b));

		ck_assert_int_gt(n, 0);
		taken += n;
		fake_turn(-1, clock_ns());
	}
	ck_assert_uint_eq(console(0)->queued, 0);
	stop();
}
END_TEST

/* Unplugged and plugged in again: a mark, a port of the same name, and no claim on what was said meanwhile. */
START_TEST(unplugged)
{
	struct serial_log l;

	start("");
	says("before\n", 7);
	UNTIL(console(0)->received == 7);
	fake.since_ns = clock_ns();
	unplug("port");
	UNTIL(!console_is_up(console(0)));
	ck_assert_ptr_nonnull(strstr(fake.note, "gone"));
	ck_assert(!fake_try_step(&probe_serial, "ready", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	err = (struct err){ 0 };
	ck_assert(!fake_try_step(&probe_serial, "send", "{\"text\":\"x\"}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	fake_step(&probe_serial, "silence", "{\"for\":20000000}");
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "port is gone"));
	plug_in("port");
	UNTIL(console_is_up(console(0)));
	ck_assert_ptr_nonnull(strstr(fake.note, "back"));
	says("after\n", 6);
	UNTIL(console(0)->received == 13);
	fake_step(&probe_serial, "find", "{\"pattern\":\"before\"}");
	ck_assert(!fake_is("found"));
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "gone for a while"));
	fake_step(&probe_serial, "expect", "{\"pattern\":\"^after\",\"within\":1000000000}");
	ck_assert(fake_is("matched"));
	fake_step(&probe_serial, "ready", "{}");
	ck_assert_int_eq(fake_int("gaps"), 1);
	l = record(0);
	ck_assert_int_eq(l.fault[SERIAL_GAP], 1);
	ck_assert(!l.away);
	serial_log_done(&l);
	stop();
}
END_TEST

/* A port that is there only while the device has power. */
START_TEST(with_power)
{
	fake_bench("{}", false);
	fake_open(&drv_tty, "serial.console", params(",\"with_power\":true"));
	ck_assert(!console_is_up(console(0)));
	plug_in("port");
	UNTIL(console_is_up(console(0)));
	says("boot\n", 5);
	fake_step(&probe_serial, "expect", "{\"pattern\":\"^boot\",\"within\":5000000000}");
	ck_assert(fake_is("matched"));
	stop();
}
END_TEST

/* What the device is typed must be typed into the device as it was then. */
START_TEST(drops_queue)
{
	start(",\"chunk\":1,\"every\":1000000000");
	command("write", "{\"text\":\"reboot\"}");
	unplug("port");
	UNTIL(!console_is_up(console(0)));
	plug_in("port");
	UNTIL(console_is_up(console(0)));
	ck_assert_uint_eq(console(0)->queued, 0);
	command("write", "{\"text\":\"y\"}");
	hears("y");
	stop();
}
END_TEST

/* A break on a pseudo-terminal goes nowhere, but the line is let go again, and nothing is typed meanwhile. */
START_TEST(low_line)
{
	char b[16] = "";

	start("");
	fake_step(&probe_serial, "break", "{\"for\":30000000}");
	ck_assert_int_eq(fake_int("sent"), 1);
	fake_step(&probe_serial, "idle", "{\"level\":\"low\"}");
	ck_assert(fake_is("low"));
	command("write", "{\"text\":\"late\"}");
	fcntl(device, F_SETFL, O_NONBLOCK);
	fake_turn(-1, clock_ns() + MS(10));
	ck_assert_int_lt(read(device, b, sizeof(b)), 0);
	fake_step(&probe_serial, "idle", "{\"level\":\"high\"}");
	hears("late");
	stop();
}
END_TEST

/* A device that can be read at one rate only. */
static void speak_at(int64_t rate)
{
	struct tty_settings s;

	for (;;) {
		bool right = tty_plain_get(device, &s, &err) && s.baud == rate;
		const char *text = right ? "the quick brown fox\r\n" : "\203\301\020\377\201b\367\230\310\001\207\360";

		if (write(device, text, strlen(text)) < 0)
			_exit(1);
		poll(NULL, 0, 20);
	}
}

START_TEST(finds_rate)
{
	pid_t pid;

	start("");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		speak_at(57600);
	}
	fake_step(&probe_serial, "autobaud", "{\"rates\":[\"9600\",\"57600\",\"38400\"],\"for\":800000000,\"share\":900000}");
	ck_assert(fake_is("found"));
	ck_assert_int_eq(fake_int("baud"), 57600);
	ck_assert_int_ge(fake_int("share"), 900000);
	ck_assert_uint_eq(json_array_size(json_object_get(fake.facts, "tried")), 2);
	fake_step(&probe_serial, "ready", "{}");
	ck_assert_str_eq(fake_text("settings"), "57600 8N1");
	fake_step(&probe_serial, "autobaud", "{\"rates\":[\"9600\"],\"for\":100000000}");
	ck_assert(!fake_is("found"));
	fake_step(&probe_serial, "ready", "{}");
	ck_assert_str_eq(fake_text("settings"), "57600 8N1");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	fake_settle(MS(1));
	fake_step(&probe_serial, "autobaud", "{\"rates\":[\"9600\"],\"for\":50000000}");
	ck_assert(!fake_is("found"));
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "nothing came"));
	stop();
}
END_TEST

/* ---- a USB converter, as sysfs shows it (umockdev, which lets nobody open it as a terminal) ---- */

static const char converter[] =
	"P: /devices/pci0000:00/usb1/1-1\nN: bus/usb/001/003\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n"
	"A: idVendor=0403\nA: idProduct=6001\nA: serial=A10K2X7P\nA: busnum=1\nA: devnum=3\n\n"
	"P: /devices/pci0000:00/usb1/1-1/1-1:1.0\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\nA: bInterfaceNumber=00\n\n"
	"P: /devices/pci0000:00/usb1/1-1/1-1:1.0/ttyUSB7\nE: SUBSYSTEM=usb-serial\nA: latency_timer=16\n\n"
	"P: /devices/pci0000:00/usb1/1-1/1-1:1.0/ttyUSB7/tty/ttyUSB7\nN: ttyUSB7\nE: DEVNAME=/dev/ttyUSB7\nE: SUBSYSTEM=tty\n"
	"A: dev=188:7\nL: device=../../../ttyUSB7\n";

/* Only below umockdev-run, started by the next test: found by its serial number, latency timer shortened and both recorded. */
START_TEST(inside)
{
	const struct tty_settings s = { .baud = 115200 };
	struct usb_match m;
	struct usb_seen seen;
	struct tty t;
	char path[64];
	json_t *map;

	if (!getenv("JUSAN_CONVERTER"))
		return;
	map = fake_json("{\"serial\":\"A10K2X7P\"}");
	ck_assert_msg(usb_match_read(map, &m, &err) && usb_find(&m, &seen, &err) && usb_tty(&seen, m.interface, path, &err), "%s", err.text);
	ck_assert_str_eq(path, "/dev/ttyUSB7");
	tty_find_latency(path, &s, &t);
	ck_assert_int_eq(t.latency_was_ms, 16);
	ck_assert_int_eq(t.latency_ms, 1);
	ck_assert_int_eq(t.late_ns, MS(2));
	json_decref(map);
}
END_TEST

START_TEST(usb)
{
	char path[128], self[256] = "", *argv[] = { "umockdev-run", "-d", path, "--", self, NULL };
	int status;
	pid_t pid;

	if (access("/usr/bin/umockdev-run", X_OK) != 0) {
		printf("no umockdev-run here: skipped\n");
		return;
	}
	fake_bench("{}", false);
	snprintf(path, sizeof(path), "%s/converter.umockdev", fake.work);
	ck_assert(fs_write(path, converter, sizeof(converter) - 1, &err));
	ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof(self) - 1), 0);
	pid = fork();
	if (!pid) {
		setenv("JUSAN_CONVERTER", "1", 1);
		setenv("CK_RUN_CASE", "inside", 1);
		setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);  /* its preloaded library comes first */
		execv("/usr/bin/umockdev-run", argv);
		_exit(127);
	}
	ck_assert(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	fake_close();
}
END_TEST

static const struct { const char *in; size_t n; const char *out; size_t k, breaks, bad, first; } marked[] = {
	{ "abc", 3, "abc", 3, 0, 0, 0 },
	{ "a\377\377b", 4, "a\377b", 3, 0, 0, 0 },
	{ "ab\377\0\0c", 6, "abc", 3, 1, 0, 2 },
	{ "a\377\0xb\377\0y", 8, "axby", 4, 0, 2, 1 },
	{ "\377\0\377z", 4, "\377z", 2, 0, 1, 0 },
	{ "\377\0\0\377\0\0", 6, "", 0, 2, 0, 0 },
	{ "\377z", 2, "\377z", 2, 0, 0, 0 },
};

START_TEST(marks)
{
	struct marked m = { 0 }, pieces = { 0 };
	struct marked_errors e;
	uint8_t out[32], one[32];
	size_t k = marked_take(&m, (const uint8_t *)marked[_i].in, marked[_i].n, out, &e), got = 0, breaks = 0;

	ck_assert(k == marked[_i].k && !memcmp(out, marked[_i].out, k));
	ck_assert(e.breaks == marked[_i].breaks && e.bad == marked[_i].bad && e.first == marked[_i].first);
	for (size_t i = 0; i < marked[_i].n; i++) {             /* split anywhere */
		got += marked_take(&pieces, (const uint8_t *)marked[_i].in + i, 1, one + got, &e);
		breaks += e.breaks;
	}
	ck_assert(got == k && !memcmp(one, out, k) && breaks == marked[_i].breaks);
}
END_TEST

#define PORTS 8
#define EACH ((size_t)256 * 1024)

/* Every byte of a device says where it stands, so that a lost or moved one shows. */
static void fill(uint8_t b[static EACH])
{
	uint32_t x = 1;

	for (size_t i = 0; i < EACH; i++) {
		x = x * 1664525 + 1013904223;
		b[i] = (uint8_t)(x >> 24);
	}
}

static void flood(int fd, const uint8_t *b)
{
	for (size_t at = 0; at < EACH;) {
		ssize_t n = write(fd, b + at, EACH - at);

		if (n <= 0)
			_exit(1);
		at += (size_t)n;
	}
	_exit(0);
}

START_TEST(eight_at_once)
{
	static char name[PORTS][32], port[PORTS][32];
	static uint8_t want[EACH];
	pid_t pid[PORTS];
	int status;

	fill(want);
	fake_bench("{}", false);
	for (int i = 0; i < PORTS; i++) {
		char text[160];

		snprintf(port[i], sizeof(port[i]), "port%d", i);
		snprintf(name[i], sizeof(name[i]), "serial.c%d", i);
		plug_in(port[i]);
		snprintf(text, sizeof(text), "{\"path\":\"%s/port%d\"}", fake.work, i);
		fake_open(&drv_tty, name[i], text);
		pid[i] = fork();
		if (!pid[i])
			flood(device, want);
	}
	for (int i = 0; i < PORTS; i++)
		UNTIL(console((size_t)i)->received >= (int64_t)EACH);
	for (int i = 0; i < PORTS; i++) {
		char path[160], *raw;
		size_t n;

		ck_assert(waitpid(pid[i], &status, 0) == pid[i] && status == 0);
		snprintf(path, sizeof(path), "%s/serial/c%d.raw", fake.run, i);
		ck_assert(fs_read(path, 2 * EACH, &raw, &n, &err));
		ck_assert(n == EACH && !memcmp(raw, want, EACH));
		free(raw);
	}
	device = -1;
	fake_close();
}
END_TEST

TEST_MAIN({ "ready", ready, 1 }, { "forms", forms, ROWS(form) }, { "settings lost", settings_lost, 1 }, { "refuses", refuses, ROWS(refused) },
	  { "exclusive", exclusive, 1 }, { "types", types, 1 }, { "secret", secret, 1 }, { "paced", paced, 1 }, { "full", full, 1 },
	  { "unplugged", unplugged, 1 }, { "with power", with_power, 1 }, { "drops queue", drops_queue, 1 }, { "finds rate", finds_rate, 1 }, { "inside", inside, 1 }, { "usb", usb, 1 }, { "low line", low_line, 1 },
	  { "marks", marks, ROWS(marked) }, { "eight at once", eight_at_once, 1 })
