// SPDX-License-Identifier: Apache-2.0
#include "harness/fake.h"

#include <sys/wait.h>
#include <termios.h>

#include "harness/base/test.h"

extern const struct probe probe_serial;
extern const struct line_driver drv_pty;

static int device;              /* the far end, as the machine has it */

static void start(bool blind)
{
	char path[128];

	fake_bench("{}", false);
	fake_open(&drv_pty, "serial.console", "{}");
	fake.line[0].blind = blind;
	snprintf(path, sizeof(path), "%s/serial.console", fake.work);
	device = open(path, O_RDWR | O_NOCTTY);
	ck_assert_int_ge(device, 0);
}

static void stop(void)
{
	close(device);
	fake_close();
}

static void says(const char *text)
{
	ck_assert_int_eq(write(device, text, strlen(text)), (ssize_t)strlen(text));
	fake_settle(MS(20));
}

/* The device says it later, in pieces of their own. */
static pid_t says_later(const char *a, const char *b)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	poll(NULL, 0, 80);
	(void)!write(device, a, strlen(a));
	poll(NULL, 0, 10);
	(void)!write(device, b, strlen(b));
	_exit(0);
}

START_TEST(expects)
{
	start(false);
	says("before\n");
	fake.since_ns = clock_ns();
	says("ROM: x\r\nFW: ready 1.2.0\r\n");
	/* it was said before we asked, but after the stimulus */
	fake_step(&probe_serial, "expect", "{\"pattern\":\"^FW: ready ([0-9.]+)\",\"within\":100000000}");
	ck_assert(fake_is("matched"));
	ck_assert_str_eq(fake_text("group"), "1.2.0");
	ck_assert_str_eq(fake_text("text"), "FW: ready 1.2.0");
	ck_assert_int_lt(fake_int("after"), MS(500));
	fake_step(&probe_serial, "expect", "{\"pattern\":\"before\",\"within\":50000000}");
	ck_assert(!fake_is("matched"));
	ck_assert_str_eq(fake.incomplete, "");
	stop();
}
END_TEST

/* A group that is still growing is waited for, and a line in two pieces is one line. */
START_TEST(expects_pieces)
{
	pid_t pid;

	start(false);
	fake.since_ns = clock_ns();
	pid = says_later("FW: state initi", "alised");
	fake_step(&probe_serial, "expect", "{\"pattern\":\"^FW: state ([a-z]+)\",\"within\":2000000000}");
	ck_assert(fake_is("matched"));
	ck_assert_str_eq(fake_text("group"), "initialised");
	ck_assert_int_ge(fake_int("after"), MS(70));
	waitpid(pid, NULL, 0);
	stop();
}
END_TEST

START_TEST(finds)
{
	start(false);
	fake.since_ns = clock_ns();
	says("boot 1\nother\nboot 2\n");
	fake_step(&probe_serial, "find", "{\"pattern\":\"^boot ([0-9])\"}");
	ck_assert(fake_is("found"));
	ck_assert_int_eq(fake_int("count"), 2);
	ck_assert_str_eq(fake_text("group"), "2");
	fake_step(&probe_serial, "find", "{\"pattern\":\"x*\"}");     /* matches nothing at all everywhere: must end */
	ck_assert_int_gt(fake_int("count"), 2);
	fake_step(&probe_serial, "find", "{\"pattern\":\"panic\"}");
	ck_assert(!fake_is("found"));
	ck_assert_str_eq(fake.incomplete, "");
	stop();
}
END_TEST

START_TEST(sends)
{
	char b[16] = "";

	start(false);
	fake_step(&probe_serial, "send", "{\"text\":\"root\\n\"}");
	ck_assert_int_eq(fake_int("sent"), 5);
	ck_assert_int_eq(read(device, b, sizeof(b) - 1), 5);    /* raw: nothing is translated or echoed */
	ck_assert_str_eq(b, "root\n");
	fake.since_ns = 1;
	fake_step(&probe_serial, "find", "{\"pattern\":\"root\"}");
	ck_assert(!fake_is("found"));                           /* what we typed is not what it said */
	stop();
}
END_TEST

START_TEST(watches)
{
	struct err err = { 0 };
	pid_t pid;

	start(false);
	says("ROM: old\n");
	pid = says_later("ROM: one\nROM: ", "two\n");
	ck_assert_msg(fake_try_step(&probe_serial, "boots", "{\"pattern\":\"^ROM: ([a-z]+)\"}", MS(300), &err), "%s", err.text);
	ck_assert_uint_eq(json_array_size(fake.series), 2);
	waitpid(pid, NULL, 0);
	stop();
}
END_TEST

START_TEST(listens)
{
	pid_t pid;

	start(false);
	says("x");
	fake_step(&probe_serial, "silence", "{\"for\":100000000}");
	ck_assert(fake_is("silent"));
	pid = says_later("boo", "");
	fake_step(&probe_serial, "silence", "{\"for\":300000000}");
	ck_assert(!fake_is("silent"));
	waitpid(pid, NULL, 0);
	stop();
}
END_TEST

/* A console that was never heard proves nothing by its silence. */
START_TEST(never_heard)
{
	start(false);
	fake_step(&probe_serial, "silence", "{\"for\":20000000}");
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "nothing was ever received"));
	fake_step(&probe_serial, "find", "{\"pattern\":\"x\"}");
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "nothing was ever received"));
	stop();
}
END_TEST

START_TEST(bad_pattern)
{
	struct err err = { 0 };

	start(false);
	ck_assert(!fake_try_step(&probe_serial, "find", "{\"pattern\":\"[\"}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_CONF);
	stop();
}
END_TEST

/* The machine comes and goes: the end of one is no end of the line. */
START_TEST(power_cycle)
{
	char path[128];

	start(false);
	fake.since_ns = clock_ns();
	close(device);
	fake_settle(MS(50));
	snprintf(path, sizeof(path), "%s/serial.console", fake.work);
	device = open(path, O_RDWR | O_NOCTTY);
	says("again\n");
	fake_step(&probe_serial, "find", "{\"pattern\":\"again\"}");
	ck_assert(fake_is("found"));
	stop();
}
END_TEST

TEST_MAIN({ "expect", expects, 1 }, { "pieces", expects_pieces, 1 }, { "find", finds, 1 }, { "send", sends, 1 },
	  { "boots", watches, 1 }, { "silence", listens, 1 }, { "never heard", never_heard, 1 }, { "bad pattern", bad_pattern, 1 },
	  { "power cycle", power_cycle, 1 })
