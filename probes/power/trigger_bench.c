// SPDX-License-Identifier: Apache-2.0
// From the byte, or the frame, to the cut: The console, the supply and the device are processes
// as in a run. Every round the device says a line, or sends a datagram, whose time is taken before it is written; the
// supply was armed for it and ends the machine. The switch of a virtual device is its cable going down and SIGKILL.
#include "harness/fake.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "harness/proto/event_log.h"

extern const struct line_driver drv_process, drv_pty;

#define ROUNDS 200

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The supply's process: switches on, arms, says so, and turns its loop until it has cut. */
static void supply(int rounds, const char *args, int to_parent, int from_parent)
{
	struct line *l = fake_open(&drv_process, "power.main", "{\"run\":[\"sleep\",\"1000\"],\"console\":\"serial.console\",\"interface\":\"lo\"}");
	json_t *arm = fake_json(args);
	struct err err = { 0 };

	for (int i = 0; i < rounds; i++) {
		json_t *reply = json_object();
		char go;

		if (!l->driver->command(l, "on", NULL, reply, &err) || !l->driver->command(l, "arm", arm, reply, &err) ||
		    write(to_parent, "a", 1) != 1)
			break;
		json_decref(reply);
		while (!fake_turn(from_parent, clock_ns() + MS(100)))
			;
		if (read(from_parent, &go, 1) != 1)
			break;
	}
	if (err.kind != ERR_NONE)
		fprintf(stderr, "%s\n", err.text);
	l->driver->close(l);
	_exit(err.kind != ERR_NONE);
}

/* When the switch was thrown, and when the last process was gone. */
static bool await_cut(struct tail *t, int64_t *ret_thrown_ns, int64_t *ret_gone_ns)
{
	int64_t until = clock_ns() + SEC(5);
	struct err err = { 0 };
	struct event e;

	while (clock_ns() < until) {
		fake_turn(t->notify, until);
		while (event_log_next(t, &e, &err))
			if (!strcmp(e.word, "trigger")) {
				*ret_thrown_ns = e.t_ns;
			} else if (!strcmp(e.word, "off")) {
				*ret_gone_ns = e.t_ns;
				return true;
			}
	}
	return false;
}

static bool round_of(int pty, struct tail *t, int64_t *ret_thrown, int64_t *ret_gone)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7777), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int64_t begin;
	int s = pty < 0 ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	bool ok;

	begin = clock_ns();
	ok = pty < 0 ? sendto(s, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) == 1 : write(pty, "writing block 7\r\n", 17) == 17;
	if (s >= 0)
		close(s);
	if (!ok || !await_cut(t, ret_thrown, ret_gone))
		return false;
	*ret_thrown -= begin;
	*ret_gone -= begin;
	return true;
}

static void show(const char *from, const char *to, int64_t *took)
{
	qsort(took, ROUNDS, sizeof(took[0]), by_size);
	printf("cut at a %s, %d times, from it to the %s: median %.2f ms, 99 %% below %.2f ms, worst %.2f ms\n", from, ROUNDS, to,
	       (double)took[ROUNDS / 2] / 1e6, (double)took[ROUNDS * 99 / 100] / 1e6, (double)took[ROUNDS - 1] / 1e6);
}

static void measure(const char *what, int rounds, const char *args, bool by_console)
{
	int64_t thrown[ROUNDS], gone[ROUNDS];
	int up[2], down[2], pty = -1, status, done = 0;
	struct err err = { 0 };
	char path[FS_PATH], a;
	struct tail t;
	pid_t pid;

	fake_open(&drv_pty, "serial.console", "{}");
	snprintf(path, sizeof(path), "%s/serial.console", fake.work);
	if (by_console)
		pty = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	ck_assert(pipe(up) == 0 && pipe(down) == 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		fake.lines = 0;         /* the console is the parent's */
		supply(rounds, args, up[1], down[0]);
	}
	close(up[1]);
	snprintf(path, sizeof(path), "%s/power/main.log", fake.run);
	while (read(up[0], &a, 1) == 1) {
		if (!done && !tail_open(path, true, &t, &err))
			break;
		if (!round_of(pty, &t, &thrown[done], &gone[done]) || ++done == rounds || write(down[1], "n", 1) != 1)
			break;
	}
	close(down[1]);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ck_assert_int_eq(done, rounds);
	show(what, "switch", thrown);
	show(what, "end of the last process", gone);
}

START_TEST(moments)
{
	fake_bench("{}", true);
	if (_i == 0)
		measure("console pattern", ROUNDS, "{\"when\":\"^writing block 7\"}", true);
	else
		measure("frame", ROUNDS, "{\"frame\":\"udp dst port 7777\",\"interface\":\"lo\"}", false);
	fake_close();
}
END_TEST

TEST_MAIN({ "moments", moments, 2 })
