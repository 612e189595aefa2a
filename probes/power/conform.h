/* SPDX-License-Identifier: Apache-2.0
 *
 * conform.h - the one test that every driver of a real supply passes, whatever it speaks to. Included by a driver's test,
 * after harness/fake.h. The test says what stands for the hardware, in rows:
 *
 *   static const struct conform rows[] = { { .name = "relay", .driver = &drv_x, .start = ..., ... } };
 *   static const struct conform *conform_row(int i) { return &rows[i]; }
 *   TEST_MAIN(CONFORM(ROWS(rows)), { "own", own_test, 1 })
 *
 * The hardware lives outside the line: in another process or a thread of the test, so that it survives a killed line. */
#ifndef PROBES_POWER_CONFORM_H
#define PROBES_POWER_CONFORM_H

#include <signal.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "probes/power/outlet.h"

enum fault {
	FAULT_NONE,             /* from now on it works again */
	FAULT_UNPLUGGED,        /* nobody there, also for what is already open */
	FAULT_WRONG,            /* every answer is one that the protocol does not have */
	FAULT_SLOW,             /* every answer comes after the line's `timeout`, right as it may be */
	FAULT_SEEDED,           /* each exchange goes well or has one of these faults, as the seed wills */
};

struct conform {
	const char *name;
	const struct line_driver *driver;
	int channels;           /* outputs of one piece of hardware that the test reaches: 1 or 2 */
	unsigned cannot;        /* bits (1 << FAULT_x) of faults that cannot happen here */
	bool unasked;           /* the hardware cannot be asked: `get` repeats what was acknowledged last */
	/* The hardware, working, every output released. false: what that needs is absent here, and it has said so. */
	bool (*start)(void);
	/* JSON text of the line's parameters for that channel (0, 1); `timeout` short (100 to 300 ms). */
	void (*params)(int channel, char *buf, size_t n);
	bool (*energised)(int channel);         /* the truth, from the hardware's side */
	void (*fault)(enum fault f, uint64_t seed);
	void (*stop)(void);
};

static const struct conform *conform_row(int i);

/* ---- a line and what it is told ---- */

static struct line *conform_line(const struct conform *c, const char *name, int channel)
{
	struct line *l = &fake.line[fake.lines++];
	char text[2048];

	c->params(channel, text, sizeof(text));
	*l = (struct line){ .name = name, .driver = c->driver, .params = fake_json(text) };
	fake_defaults(l->params, c->driver->params);
	return l;
}

static struct line *conform_open(const struct conform *c, const char *name, int channel)
{
	struct line *l = conform_line(c, name, channel);
	struct err err = { 0 };

	ck_assert_msg(c->driver->open(l, &err), "%s: open: %s", c->name, err.text);
	return l;
}

/* `ret_on`: what `get` says; NULL for the others. A refusal is the bench's fault, says why, and comes in bounded time. */
static bool conform_do(const struct conform *c, struct line *l, const char *command, bool *ret_on, struct err *err)
{
	json_t *args = json_object(), *reply = json_object();
	int64_t begin = clock_ns(), bound = 8 * line_int(l, "timeout") + SEC(1);
	bool ok;

	*err = (struct err){ 0 };
	ok = c->driver->command(l, command, args, reply, err);
	ck_assert_msg(clock_ns() - begin < bound, "%s: %s took %lld ms", c->name, command, (long long)((clock_ns() - begin) / MS(1)));
	ck_assert_msg(ok || (err->kind == ERR_BENCH && err->text[0]), "%s: %s: kind %d '%s'", c->name, command, (int)err->kind, err->text);
	if (ret_on)
		*ret_on = json_is_true(json_object_get(reply, "on"));
	json_decref(args);
	json_decref(reply);
	return ok;
}

static void conform_must(const struct conform *c, struct line *l, int channel, bool on)
{
	struct err err;
	bool now = !on;

	ck_assert_msg(conform_do(c, l, on ? "on" : "off", NULL, &err), "%s: %s: %s", c->name, on ? "on" : "off", err.text);
	ck_assert_msg(c->energised(channel) == on, "%s: said %s, and it is not", c->name, on ? "on" : "off");
	ck_assert_msg(conform_do(c, l, "get", &now, &err), "%s: get: %s", c->name, err.text);
	ck_assert_msg(now == on, "%s: get says the other", c->name);
}

static const struct conform *conform_begin(int i, unsigned needs)
{
	const struct conform *c = conform_row(i);

	if (c->cannot & needs)
		return NULL;
	fake_bench("{}", false);
	return c->start() ? c : NULL;
}

static void conform_end(const struct conform *c)
{
	fake_close();
	for (int i = 0; i < c->channels; i++)
		ck_assert_msg(!c->energised(i), "%s: channel %d is energised after the line was closed", c->name, i);
	c->stop();
}

/* ---- what is tested ---- */

START_TEST(conform_switches)
{
	const struct conform *c = conform_begin(_i, 0);
	struct line *l[2] = { NULL, NULL };

	if (!c)
		return;
	for (int i = 0; i < c->channels; i++)
		l[i] = conform_open(c, i ? "power.b" : "power.a", i);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < c->channels; i++) {
			conform_must(c, l[i], i, true);
			for (int k = 0; k < c->channels; k++)   /* and nothing else moved */
				ck_assert_msg(c->energised(k) == (k == i), "%s: channel %d moved channel %d", c->name, i, k);
			conform_must(c, l[i], i, true);         /* twice is once */
			conform_must(c, l[i], i, false);
		}
	conform_end(c);
}
END_TEST

/* Gone after it was open: said, and well again when it is back. */
START_TEST(conform_unplugged)
{
	const struct conform *c = conform_begin(_i, 1 << FAULT_UNPLUGGED);
	struct line *l;
	struct err err;
	bool on;

	if (!c)
		return;
	l = conform_open(c, "power.a", 0);
	conform_must(c, l, 0, true);
	c->fault(FAULT_UNPLUGGED, 0);
	ck_assert_msg(!conform_do(c, l, "off", NULL, &err), "%s: off without hardware", c->name);
	ck_assert_msg(c->unasked || !conform_do(c, l, "get", &on, &err), "%s: get without hardware", c->name);
	c->fault(FAULT_NONE, 0);
	conform_must(c, l, 0, false);
	c->fault(FAULT_UNPLUGGED, 0);
	l = conform_line(c, "power.b", 0);
	if (c->driver->open(l, &err))
		ck_assert_msg(!conform_do(c, l, "on", NULL, &err), "%s: on without hardware", c->name);
	c->fault(FAULT_NONE, 0);
	conform_end(c);
}
END_TEST

/* An answer that means nothing is not an answer. */
START_TEST(conform_wrong)
{
	static const char *const told[] = { "on", "get", "off", "get" };
	const struct conform *c = conform_begin(_i, 1 << FAULT_WRONG);
	struct line *l;
	struct err err;
	bool on;

	if (!c)
		return;
	l = conform_open(c, "power.a", 0);
	c->fault(FAULT_WRONG, 0);
	for (int i = 0; i < ROWS(told); i++)
		if (!c->unasked || strcmp(told[i], "get"))
			ck_assert_msg(!conform_do(c, l, told[i], &on, &err), "%s: %s on a wrong answer", c->name, told[i]);
	c->fault(FAULT_NONE, 0);
	conform_must(c, l, 0, true);
	conform_end(c);
}
END_TEST

/* conform_do() bounds the time; and what comes late is not taken for the answer to the next question. */
START_TEST(conform_slow)
{
	const struct conform *c = conform_begin(_i, 1 << FAULT_SLOW);
	struct line *l;
	struct err err;

	if (!c)
		return;
	l = conform_open(c, "power.a", 0);
	c->fault(FAULT_SLOW, 0);
	ck_assert_msg(!conform_do(c, l, "on", NULL, &err), "%s: on, answered too late", c->name);
	c->fault(FAULT_NONE, 0);
	conform_must(c, l, 0, false);
	conform_must(c, l, 0, true);
	conform_end(c);
}
END_TEST

/* A child that switches six times and ends with its output on or off; exit status 0: all was as told. It begins when the other
 * end of `gate` is closed: hardware that is a thread of this test must have nothing to do while the test forks, else the copy
 * may be born with a lock held (AddressSanitizer's allocator has one). */
static pid_t conform_child(const struct conform *c, const int gate[static 2], const char *name, int channel, bool last, bool alone)
{
	struct err err = { 0 };
	struct line *l;
	char byte;
	bool on, ok;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid)
		return pid;
	close(gate[1]);
	(void)!read(gate[0], &byte, 1);
	l = conform_line(c, name, channel);
	ok = c->driver->open(l, &err);
	for (int i = 0; ok && i < 6; i++) {
		bool want = (i & 1) == last;

		on = !want;
		ok = c->driver->command(l, want ? "on" : "off", fake_json("{}"), json_object(), &err) || !alone;
		if (ok && alone)
			ok = conform_do(c, l, "get", &on, &err) && on == want;
	}
	if (!ok)
		fprintf(stderr, "%s: %s: %s\n", c->name, name, err.text[0] ? err.text : "it reads what another process told it");
	fflush(NULL);
	_exit(!ok);
}

static void conform_join(const struct conform *c, pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: a process at the same time: status %x", c->name, status);
}

/* Two children at the same time, on these channels; `alone`: each is the only one on its channel. */
static void conform_both(const struct conform *c, int first, int second, bool alone)
{
	pid_t a, b;
	int gate[2];

	ck_assert_int_eq(pipe(gate), 0);
	a = conform_child(c, gate, "power.a", first, true, alone);
	b = conform_child(c, gate, "power.b", second, false, alone);
	close(gate[0]);
	close(gate[1]);
	conform_join(c, a);
	conform_join(c, b);
}

/* Two lines of one piece of hardware are two processes. One output by two processes is nobody's wish, but ends well defined. */
START_TEST(conform_concurrent)
{
	const struct conform *c = conform_begin(_i, 0);

	if (!c)
		return;
	if (c->channels > 1) {
		conform_both(c, 0, 1, true);
		ck_assert_msg(c->energised(0) && !c->energised(1), "%s: each left its output as it wanted it", c->name);
	}
	conform_both(c, 0, 0, false);
	conform_must(c, conform_open(c, "power.c", 0), 0, true);
	conform_end(c);
}
END_TEST

/* The guard's work: whoever held the line was killed; a process that has only the parameters makes the output safe. */
START_TEST(conform_killed)
{
	const struct conform *c = conform_begin(_i, 0);
	struct err err = { 0 };
	struct line *l;
	int ready[2], status;
	char byte;
	pid_t pid;

	if (!c)
		return;
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		l = conform_line(c, "power.a", 0);
		if (!c->driver->open(l, &err) || !c->driver->command(l, "on", fake_json("{}"), json_object(), &err)) {
			fprintf(stderr, "%s: %s\n", c->name, err.text);
			_exit(1);
		}
		(void)!write(ready[1], "", 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_msg(read(ready[0], &byte, 1) == 1, "%s: it does not switch on", c->name);
	close(ready[0]);
	ck_assert(c->energised(0));
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	for (int round = 0; round < 2; round++) {
		pid = fork();
		if (pid == 0) {
			c->driver->safe(conform_line(c, "power.a", 0));
			if (fake.note[0])
				fprintf(stderr, "%s\n", fake.note);
			fflush(NULL);
			_exit(fake.note[0] != 0);
		}
		conform_join(c, pid);
		ck_assert_msg(!c->energised(0), "%s: not in its safe state", c->name);
	}
	conform_end(c);
}
END_TEST

/* Faults at random: what is said is right, or it is an error. */
START_TEST(conform_seeded)
{
	const struct conform *c = conform_begin(_i, 1 << FAULT_SEEDED);
	struct line *l;
	struct rng r;
	struct err err;
	int right = 0, refused = 0;
	bool on = false;

	if (!c)
		return;
	l = conform_open(c, "power.a", 0);
	rng_init(&r, 1, c->name);
	c->fault(FAULT_SEEDED, 7);
	for (int i = 0; i < 20 || (i < 100 && !(right && refused)); i++) {
		int what = (int)rng_below(&r, 3);

		if (!conform_do(c, l, what == 0 ? "on" : what == 1 ? "off" : "get", &on, &err)) {
			refused++;
			continue;
		}
		right++;
		if (what == 2 ? !c->unasked && on != c->energised(0) : c->energised(0) != (what == 0))
			ck_abort_msg("%s: command %d (%d) was answered, and wrongly", c->name, i, what);
	}
	c->fault(FAULT_NONE, 0);
	ck_assert_msg(right > 0 && refused > 0, "%s: %d right, %d refused: the faults test nothing", c->name, right, refused);
	conform_must(c, l, 0, true);
	conform_end(c);
}
END_TEST

#define CONFORM(n)                                                                                                       \
	{ "conform_switches", conform_switches, n }, { "conform_unplugged", conform_unplugged, n },                      \
	{ "conform_wrong", conform_wrong, n }, { "conform_slow", conform_slow, n },                                      \
	{ "conform_concurrent", conform_concurrent, n }, { "conform_killed", conform_killed, n }, { "conform_seeded", conform_seeded, n }
#endif
