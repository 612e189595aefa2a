// SPDX-License-Identifier: Apache-2.0
// Supply, console and pins together: the verbs confirm one by the others.
#include "harness/fake.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "harness/proto/serial_log.h"
#include "probes/power/plug_net.h"

extern const struct probe probe_power;
extern const struct line_driver drv_process, drv_pty, drv_pins;

/* A device in shell: says a line, drives a pin, forks something that ignores politeness, and goes on talking. */
#define DEVICE "trap '' TERM HUP; echo booted; echo relay 1 >&3; sleep 1000 & while :; do echo tick; sleep 0.02; done"

static void wire_up(const char *script, bool pins)
{
	json_t *params = json_pack("{s:[s,s,s],s:s,s:s}", "run", "sh", "-c", script, "console", "serial.console", "interface", "lo");
	char *text;

	if (pins)
		json_object_set_new(params, "pins", json_string("board"));
	text = json_dumps(params, 0);
	fake_bench("{}", true);
	fake_open(&drv_pty, "serial.console", "{}");
	if (pins)
		fake_open(&drv_pins, "wire.board", "{\"inputs\":[\"relay\"]}");
	fake_open(&drv_process, "power.main", text);
	free(text);
	json_decref(params);
}

static void bench(const char *script)
{
	wire_up(script, true);
}

START_TEST(on_and_off)
{
	bench(DEVICE);
	fake_step(&probe_power, "get", "{}");
	ck_assert(!fake_is("on"));
	fake_step(&probe_power, "on", "{}");
	ck_assert(fake_is("confirmed"));
	ck_assert_int_lt(fake_int("latency"), SEC(3));
	fake_step(&probe_power, "on", "{}");            /* already on: still true, nothing changed */
	ck_assert(fake_is("confirmed"));
	fake_step(&probe_power, "get", "{}");
	ck_assert(fake_is("on") && fake_is("alive"));
	fake_step(&probe_power, "off", "{}");
	ck_assert_msg(fake_is("confirmed"), "%s", json_dumps(fake.facts, 0));
	ck_assert_int_gt(fake_int("latency"), 0);
	ck_assert_int_lt(fake_int("latency"), SEC(2));
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);       /* nothing outlived it */
	fake_close();
}
END_TEST

START_TEST(cut_at_a_time)
{
	int64_t begin;

	bench(DEVICE);
	fake_step(&probe_power, "on", "{}");
	begin = clock_ns();
	fake_step(&probe_power, "cut", "{\"at\":300000000,\"for\":200000000}");
	ck_assert(fake_is("confirmed") && fake_is("triggered"));
	ck_assert_int_ge(fake_int("off_for"), MS(200));
	ck_assert_int_lt(fake_int("off_for"), MS(800));
	ck_assert_int_ge(clock_ns() - begin, MS(500));
	fake_step(&probe_power, "get", "{}");
	ck_assert(fake_is("on") && fake_is("alive"));
	fake_close();
}
END_TEST

START_TEST(cut_at_a_pattern)
{
	bench("sleep 0.3; echo writing block 1; sleep 0.2; echo writing block 2; while :; do sleep 1; done");
	fake_step(&probe_power, "on", "{}");
	fake_step(&probe_power, "cut", "{\"when\":\"^writing block 2\",\"for\":100000000}");
	ck_assert(fake_is("triggered") && fake_is("confirmed"));
	fake_close();
}
END_TEST

/* The pattern never comes: no error of the bench, but nothing was cut and the facts say so. */
START_TEST(cut_never)
{
	bench(DEVICE);
	fake_step(&probe_power, "on", "{}");
	fake_step(&probe_power, "cut", "{\"when\":\"never\",\"for\":100000000,\"within\":200000000}");
	ck_assert(!fake_is("triggered") && !fake_is("confirmed"));
	fake_step(&probe_power, "get", "{}");
	ck_assert(fake_is("on") && fake_is("alive"));
	fake_close();
}
END_TEST

START_TEST(cut_bad_pattern)
{
	struct err err = { 0 };

	bench(DEVICE);
	ck_assert(!fake_try_step(&probe_power, "cut", "{\"when\":\"(\",\"for\":1000000}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	fake_close();
}
END_TEST

/* Dead pins and a silent console are asked for; a console that goes on talking denies the cut. */
static void haunt(int began)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/serial.console", fake.work);
	fd = open(path, O_WRONLY | O_NOCTTY);
	for (bool told = false; write(fd, "boo\n", 4) == 4 && (told || write(began, "b", 1) == 1); told = true)
		poll(NULL, 0, 3);
	_exit(1);
}

START_TEST(not_confirmed)
{
	pid_t ghost;
	int began[2];
	char b;

	bench(DEVICE);
	fake_step(&probe_power, "on", "{}");
	ck_assert_int_eq(pipe(began), 0);
	ghost = fork();
	if (ghost == 0)
		haunt(began[1]);
	ck_assert_int_eq(read(began[0], &b, 1), 1);
	fake_step(&probe_power, "off", "{}");
	ck_assert(!fake_is("confirmed"));
	kill(ghost, SIGKILL);
	waitpid(ghost, NULL, 0);
	fake_close();
}
END_TEST

/* Without pins the console's silence is all there is; of a console that was never heard it says nothing. */
START_TEST(silence_of_a_talker)
{
	wire_up(DEVICE, false);
	fake_step(&probe_power, "on", "{}");
	fake_step(&probe_power, "off", "{}");
	ck_assert(fake_is("confirmed"));
	fake_close();
}
END_TEST

/* The same silence, but the port had vanished before the cut: nobody listened. */
START_TEST(silence_of_a_lost_port)
{
	struct serial_log_writer w;
	struct err err = { 0 };
	char dir[128];

	wire_up("echo booted; exec sleep 1000", false);
	fake_step(&probe_power, "on", "{}");
	snprintf(dir, sizeof(dir), "%s/serial", fake.run);
	ck_assert(serial_log_create(dir, "console", &w, &err));
	if (_i)
		ck_assert(serial_log_fault(&w, clock_ns(), SERIAL_GAP, w.off, 1, &err));
	fake_step(&probe_power, "off", "{}");
	ck_assert_int_eq(fake_is("confirmed"), !_i);
	serial_log_finish(&w);
	fake_close();
}
END_TEST

START_TEST(silence_of_the_mute)
{
	wire_up("exec sleep 1000", false);
	fake_step(&probe_power, "on", "{\"within\":100000000}");
	fake_step(&probe_power, "off", "{}");
	ck_assert(!fake_is("confirmed"));
	fake_close();
}
END_TEST

START_TEST(ends_by_itself)
{
	bench("echo bye; exit 3");
	fake_step(&probe_power, "on", "{}");
	ck_assert(fake_is("confirmed"));
	fake_settle(MS(300));
	fake_step(&probe_power, "get", "{}");
	ck_assert(fake_is("on") && !fake_is("alive"));
	ck_assert_ptr_nonnull(strstr(fake.note, "ended by itself"));
	fake_step(&probe_power, "off", "{}");
	ck_assert(fake_is("confirmed"));
	fake_close();
}
END_TEST

START_TEST(silent_device)
{
	bench("exec sleep 1000");
	fake_step(&probe_power, "on", "{\"within\":300000000}");
	ck_assert(!fake_is("confirmed"));
	fake_close();
}
END_TEST

/* The kernel that stands in for the device's own remembers no address either. */
START_TEST(forgets_its_network)
{
	struct line *power;
	struct ifreq r = { .ifr_name = "lo" };
	int there;

	bench("ip addr add 192.168.77.23/24 dev lo; echo ready; sleep 1000");
	power = fake_line("power.main");
	ck_assert_ptr_nonnull(power);
	there = setns(fake.ns[NETNS_DUT], CLONE_NEWNET) == 0 ? socket(AF_INET, SOCK_DGRAM, 0) : -1;
	ck_assert_int_eq(setns(fake.ns[NETNS_BENCH], CLONE_NEWNET), 0);
	fake_step(&probe_power, "on", "{}");
	fake_settle(MS(100));
	ck_assert_int_eq(ioctl(there, SIOCGIFADDR, &r), 0);
	fake_step(&probe_power, "off", "{}");
	ck_assert(fake_is("confirmed"));
	ck_assert_int_eq(ioctl(there, SIOCGIFADDR, &r), -1);
	close(there);
	fake_close();
}
END_TEST

/* Behind a guest the kernel has no IPv6 at all: one with a stack of its own would answer for the guest's address. */
START_TEST(mute_behind_a_guest)
{
	struct plug_net n = { -1, -1, -1, -1 };
	struct err err = { 0 };
	char c = 0;
	int fd;

	wire_up("exec sleep 1000", false);
	ck_assert_msg(plug_net_open(fake_line("power.main"), &n, &err), "%s", err.text);
	ck_assert_msg(plug_net_ready(&n, "lo", false, &err), "%s", err.text);
	plug_net_close(&n);
	ck_assert_int_eq(setns(fake.ns[NETNS_DUT], CLONE_NEWNET), 0);
	fd = open("/proc/sys/net/ipv6/conf/lo/disable_ipv6", O_RDONLY);
	ck_assert(fd < 0 || (read(fd, &c, 1) == 1 && c == '1'));
	close(fd);
	ck_assert_int_eq(setns(fake.ns[NETNS_BENCH], CLONE_NEWNET), 0);
	fd = open("/proc/sys/net/ipv6/conf/lo/disable_ipv6", O_RDONLY);
	ck_assert(fd < 0 || (read(fd, &c, 1) == 1 && c == '0'));
	close(fd);
	fake_close();
}
END_TEST

TEST_MAIN({ "mute behind a guest", mute_behind_a_guest, 1 }, { "on and off", on_and_off, 1 }, { "at a time", cut_at_a_time, 1 }, { "at a pattern", cut_at_a_pattern, 1 },
	  { "silence of a talker", silence_of_a_talker, 1 },
	  { "silence of a lost port", silence_of_a_lost_port, 2 },
	  { "silence of the mute", silence_of_the_mute, 1 },
	  { "never", cut_never, 1 }, { "bad pattern", cut_bad_pattern, 1 }, { "not confirmed", not_confirmed, 1 },
	  { "ends by itself", ends_by_itself, 1 }, { "silent", silent_device, 1 },
	  { "forgets", forgets_its_network, 1 })
