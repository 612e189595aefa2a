// SPDX-License-Identifier: Apache-2.0
// The hardware is a folder: an output is energised while its file is there. The lab's program is a shell script.
#include "harness/fake.h"

#include "probes/power/command.h"
#include "probes/power/conform.h"

extern const struct line_driver drv_exec;

static char lab[40];

/* $1: on, off, get; $2: output. The file "fault" makes it misbehave. */
static const char script[] =
	"#!/bin/sh\n"
	"cd \"$(dirname \"$0\")\" || exit 9\n"
	"f=none; [ -e fault ] && f=$(cat fault)\n"
	"case $f in [0-9]*) n=$((($(cat count) * 75 + 74) % 65537)); echo $n > count.$$; mv count.$$ count\n"
	"  case $((n % 5)) in 1) f=wrong;; 2) f=slow;; 3) f=dies;; *) f=none;; esac;; esac\n"
	"[ $f = dies ] && kill -9 $$\n"
	"case $1 in on) : > out$2;; off) rm -f out$2;; esac\n"
	"[ $f = slow ] && sleep 5\n"
	"if [ $f = wrong ]; then echo 'ON or off?'; exit 7; fi\n"
	"[ $1 != get ] && exit 0\n"
	"if [ -e out$2 ]; then echo ON; exit 0; else echo off; exit $3; fi\n";

static void put(const char *name, const char *text, mode_t mode)
{
	char path[80];
	struct err err = { 0 };

	snprintf(path, sizeof(path), "%s/%s", lab, name);
	ck_assert_msg(fs_write(path, text, strlen(text), &err), "%s", err.text);
	chmod(path, mode);
}

static bool lab_start(void)
{
	strcpy(lab, "/tmp/lab-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(lab));
	put("switch", script, 0755);
	put("count", "1\n", 0644);
	return true;
}

static void lab_stop(void)
{
	struct err err = { 0 };

	ck_assert_msg(fs_remove(lab, &err), "%s", err.text);
}

static bool lab_energised(int channel)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/out%d", lab, channel);
	return access(path, F_OK) == 0;
}

static void lab_fault(enum fault f, uint64_t seed)
{
	static const char *const word[] = { "none", "none", "wrong", "slow", "" };
	char path[80], text[24];

	snprintf(path, sizeof(path), "%s/switch", lab);
	chmod(path, f == FAULT_UNPLUGGED ? 0644 : 0755);
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)seed);
	put("fault", f == FAULT_SEEDED ? text : word[f], 0644);
}

static void by_status(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"on\":[\"%s/switch\",\"on\",\"%d\"],\"off\":[\"%s/switch\",\"off\",\"%d\"],"
		 "\"get\":[\"%s/switch\",\"get\",\"%d\",\"1\"],\"timeout\":800000000}", lab, channel, lab, channel, lab, channel);
}
static void by_text(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"on\":[\"%s/switch\",\"on\",\"%d\"],\"off\":[\"%s/switch\",\"off\",\"%d\"],\"says_on\":\"^ON\",\"says_off\":\"off\","
		 "\"get\":[\"%s/switch\",\"get\",\"%d\",\"0\"],\"timeout\":800000000}", lab, channel, lab, channel, lab, channel);
}
static void unasked(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"on\":[\"%s/switch\",\"on\",\"%d\"],\"off\":[\"%s/switch\",\"off\",\"%d\"],\"timeout\":800000000}", lab, channel,
		 lab, channel);
}

#define LAB .driver = &drv_exec, .channels = 2, .start = lab_start, .energised = lab_energised, .fault = lab_fault, .stop = lab_stop
static const struct conform rows[] = {
	{ .name = "text", .params = by_text, LAB },
	{ .name = "no get", .params = unasked, .unasked = true, .cannot = 1 << FAULT_SEEDED, LAB },
};
static const struct conform exit_status = { .name = "exit status", .params = by_status, LAB };
static const struct conform *conform_row(int i) { return i < ROWS(rows) ? &rows[i] : &exit_status; }

START_TEST(says_by_exit_status)
{
	const struct conform *c = conform_begin(ROWS(rows), 0);
	struct line *l = conform_open(c, "power.main", 0);
	struct err err;
	bool on;

	conform_must(c, l, 0, true);
	conform_must(c, l, 0, false);
	lab_fault(FAULT_WRONG, 0);
	ck_assert(!conform_do(c, l, "get", &on, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "exit status 7"));
	lab_fault(FAULT_NONE, 0);
	conform_end(c);
}
END_TEST

/* ---- a program that does not behave ---- */

static bool run(const char *argv, struct command_end *end, struct err *err)
{
	json_t *j = fake_json(argv);
	bool ok = command_check(j, "run", err) && command_run(j, MS(300), end, err);

	json_decref(j);
	return ok;
}

START_TEST(misbehaves)
{
	static const struct { const char *argv, *why; } row[] = {
		{ "[]", "list" }, { "[\"true\",1]", "no text" }, { "[\"/nowhere/at/all\"]", "cannot be started" },
		{ "[\"yes\"]", "more than" }, { "[\"sleep\",\"5\"]", "in time" }, { "[\"sh\",\"-c\",\"kill -9 $$\"]", "signal 9" },
		{ "[\"sh\",\"-c\",\"exec >&- 2>&-; sleep 5\"]", "in time" },
	};
	struct command_end end;
	struct err err = { 0 };
	int64_t begin = clock_ns();

	ck_assert(!run(row[_i].argv, &end, &err));
	ck_assert_msg(strstr(err.text, row[_i].why) != NULL, "%s", err.text);
	ck_assert_int_lt(clock_ns() - begin, SEC(3));
}
END_TEST

/* What it left running does not keep us waiting, and does not outlive it. */
START_TEST(leaves_nothing)
{
	struct command_end end;
	struct err err = { 0 };
	int64_t until = clock_ns() + SEC(5);
	pid_t left;

	ck_assert_msg(run("[\"sh\",\"-c\",\"sleep 60 & echo $!\"]", &end, &err), "%s", err.text);
	left = (pid_t)atoi(end.said);
	ck_assert_int_gt(left, 1);
	while (kill(left, 0) == 0 && clock_ns() < until) {
		char path[32], text[256] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)left);
		fd = open(path, O_RDONLY);
		if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && strstr(text, ") Z"))
			until = 0;      /* dead, and only its parent has not looked yet */
		if (fd >= 0)
			close(fd);
		poll(NULL, 0, 1);
	}
	ck_assert(until == 0 || clock_ns() < until);
}
END_TEST

START_TEST(no_pattern)
{
	static const char *const row[] = { "\"says_on\":\"x\"", "\"says_on\":\"(\",\"says_off\":\"x\"", "\"says_on\":\"x\",\"says_off\":\"(\"" };
	char text[200];
	struct err err = { 0 };

	snprintf(text, sizeof(text), "{\"on\":[\"true\"],\"off\":[\"true\"],\"get\":[\"true\"],%s}", row[_i]);
	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_exec, "power.main", text, &err));
	ck_assert_int_eq(err.kind, ERR_CONF);
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "says_by_exit_status", says_by_exit_status, 1 }, { "misbehaves", misbehaves, 7 }, { "leaves_nothing", leaves_nothing, 1 }, { "no_pattern", no_pattern, 3 })
