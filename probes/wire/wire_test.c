// SPDX-License-Identifier: Apache-2.0
#include "harness/fake.h"

#include <sys/un.h>
#include <sys/wait.h>

#include "harness/base/test.h"

extern const struct probe probe_wire;
extern const struct line_driver drv_pins;

#define PINS "{\"inputs\":[\"relay\",\"led\"],\"outputs\":[\"button\",\"sensor\"],\"initial\":{\"sensor\":21000}}"

static int board = -1;

static void power(bool on)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (on) {
		board = socket(AF_UNIX, SOCK_STREAM, 0);
		snprintf(a.sun_path, sizeof(a.sun_path), "%s/board.sock", fake.work);
		ck_assert_int_eq(connect(board, (struct sockaddr *)&a, sizeof(a)), 0);
	} else {
		close(board);
		board = -1;
	}
	fake_settle(MS(20));
}

static void says(const char *text)
{
	ck_assert_int_eq(write(board, text, strlen(text)), (ssize_t)strlen(text));
	fake_settle(MS(20));
}

static void hears(const char *text)
{
	char b[256] = "";

	ck_assert_int_gt(recv(board, b, sizeof(b) - 1, MSG_DONTWAIT), 0);
	ck_assert_str_eq(b, text);
}

static void start(void)
{
	fake_bench("{}", false);
	fake_open(&drv_pins, "wire.board", PINS);
}

static void stop(void)
{
	if (board >= 0)
		close(board);
	fake_close();
}

START_TEST(levels_kept)
{
	start();
	power(true);
	hears("button 0\nsensor 21000\n");      /* what is wanted is told to each machine that comes */
	fake_step(&probe_wire, "set", "{\"pin\":\"sensor\",\"value\":-5000}");
	ck_assert(fake_is("level"));
	ck_assert_int_eq(fake_int("value"), -5000);
	hears("sensor -5000\n");
	power(false);
	power(true);
	hears("button 0\nsensor -5000\n");
	stop();
}
END_TEST

START_TEST(unpowered)
{
	start();
	power(true);
	says("relay 1\nled 1\n");
	fake_step(&probe_wire, "read", "{\"pin\":\"relay\"}");
	ck_assert(fake_is("level") && fake_is("powered"));
	power(false);
	fake_step(&probe_wire, "read", "{\"pin\":\"relay\"}");
	ck_assert(!fake_is("level") && !fake_is("powered"));
	stop();
}
END_TEST

START_TEST(never_seen)
{
	start();
	fake_step(&probe_wire, "read", "{\"pin\":\"relay\"}");
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "nothing was ever recorded"));
	stop();
}
END_TEST

static const char *const noise[] = { "hello\n", "relay\n", "relay 1 1\n", "button 1\n", "e - unpowered\n", "relay x\n" };

START_TEST(nonsense)
{
	char flood[2000];

	start();
	power(true);
	says("relay 1\n");
	says(noise[_i]);
	ck_assert(fake.note[0]);
	memset(flood, 'x', sizeof(flood) - 1);
	flood[sizeof(flood) - 1] = '\0';
	says(flood);
	says("\nled 1\n");
	fake_step(&probe_wire, "read", "{\"pin\":\"led\"}");
	ck_assert(fake_is("level"));
	fake_step(&probe_wire, "read", "{\"pin\":\"relay\"}");
	ck_assert(fake_is("level") && fake_is("powered"));
	stop();
}
END_TEST

START_TEST(presses)
{
	start();
	power(true);
	hears("button 0\nsensor 21000\n");
	fake_step(&probe_wire, "press", "{\"for\":150000000}");
	ck_assert_int_ge(fake_int("held"), MS(150));
	ck_assert_int_lt(fake_int("held"), MS(600));
	hears("button 1\nbutton 0\n");
	stop();
}
END_TEST

START_TEST(expects)
{
	pid_t pid;

	start();
	power(true);
	says("relay 0\n");
	fake.since_ns = clock_ns();
	fake_step(&probe_wire, "expect", "{\"pin\":\"relay\",\"is\":false,\"within\":50000000}");
	ck_assert(fake_is("matched"));          /* it already stood so */
	ck_assert_int_eq(fake_int("after"), 0);
	fake_step(&probe_wire, "expect", "{\"pin\":\"relay\",\"is\":true,\"within\":50000000}");
	ck_assert(!fake_is("matched"));
	fake.since_ns = clock_ns();
	pid = fork();
	if (pid == 0) {
		poll(NULL, 0, 100);
		_exit(write(board, "relay 1\n", 8) != 8);
	}
	fake_step(&probe_wire, "expect", "{\"pin\":\"relay\",\"is\":true,\"within\":2000000000}");
	ck_assert(fake_is("matched"));
	ck_assert_int_ge(fake_int("after"), MS(90));
	/* and a short level in the past is found from the stimulus on */
	says("relay 0\n");
	fake_step(&probe_wire, "expect", "{\"pin\":\"relay\",\"is\":true,\"within\":50000000}");
	ck_assert(fake_is("matched"));
	waitpid(pid, NULL, 0);
	stop();
}
END_TEST

START_TEST(watches)
{
	struct err err = { 0 };
	pid_t pid;

	start();
	power(true);
	says("led 1\n");
	pid = fork();
	if (pid == 0) {
		poll(NULL, 0, 50);
		_exit(write(board, "led 0\nled 1\nrelay 1\n", 20) != 20);
	}
	ck_assert_msg(fake_try_step(&probe_wire, "levels", "{\"pin\":\"led\"}", MS(250), &err), "%s", err.text);
	ck_assert_uint_eq(json_array_size(fake.series), 3);
	waitpid(pid, NULL, 0);
	stop();
}
END_TEST

static const char *const bad_set[] = { "{\"pin\":\"relay\",\"value\":1}", "{\"pin\":\"none\",\"value\":1}" };

START_TEST(refused)
{
	struct err err = { 0 };

	start();
	ck_assert(!fake_try_step(&probe_wire, "set", bad_set[_i], 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	stop();
}
END_TEST

static const char *const bad_params[] = {
	"{\"inputs\":[\"a b\"]}", "{\"inputs\":[\"a\",\"a\"]}", "{\"inputs\":[\"a\"],\"initial\":{\"a\":1}}", "{\"outputs\":[7]}",
};

START_TEST(bad_line)
{
	struct err err = { 0 };

	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_pins, "wire.board", bad_params[_i], &err));
	ck_assert_int_eq(err.kind, ERR_CONF);
	fake.lines = 0;                 /* it never opened: nothing to close */
	fake_close();
}
END_TEST

TEST_MAIN({ "levels kept", levels_kept, 1 }, { "unpowered", unpowered, 1 }, { "never seen", never_seen, 1 },
	  { "nonsense", nonsense, ROWS(noise) }, { "press", presses, 1 }, { "expect", expects, 1 }, { "levels", watches, 1 },
	  { "refused", refused, ROWS(bad_set) }, { "bad line", bad_line, ROWS(bad_params) })
