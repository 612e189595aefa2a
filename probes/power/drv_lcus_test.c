// SPDX-License-Identifier: Apache-2.0
// LCUS boards on a serial line: a process that plays the board, on a pseudo-terminal.
#include "probes/power/lcus.h"

#include "harness/base/test.h"
#include "harness/fake.h"
#include "probes/power/conform.h"

#include <sys/mman.h>
#include <termios.h>

extern const struct probe probe_power;
extern const struct line_driver drv_lcus;

/* Shared with the process that is the board. `unplugged` and so on are told by the test. */
static struct { bool on[2]; enum fault fault; uint64_t seed; int frames; } *board;
static char node[64];
static const char *asks;
static pid_t pid;
static int master = -1;

static void say(enum fault f)
{
	char text[64];
	int n = 0;

	for (int i = 0; i < 2; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "CH%d:%s\r\n", i + 1, board->on[i] ? " ON" : "OFF ");
	if (f == FAULT_WRONG)
		n = snprintf(text, sizeof(text), "CH9:ON\r\nwhat?\r\n");
	if (f == FAULT_SLOW)
		poll(NULL, 0, 600);
	(void)!write(master, text, (size_t)n / 2);      /* in two pieces */
	poll(NULL, 0, 2);
	(void)!write(master, text + n / 2, (size_t)(n - n / 2));
}

static void hear(uint8_t byte, struct rng *r)
{
	static uint8_t frame[4];
	static int n;
	static const enum fault some[] = { FAULT_NONE, FAULT_NONE, FAULT_NONE, FAULT_WRONG, FAULT_WRONG, FAULT_SLOW };
	enum fault f = board->fault == FAULT_SEEDED ? some[rng_below(r, 6)] : board->fault;

	if (n == 0 && byte == 0xFF && !strcmp(asks, "FF"))
		say(f);
	if (n || byte == 0xA0)
		frame[n++] = byte;
	if (n < 4)
		return;
	n = 0;
	if (frame[3] != (uint8_t)(frame[0] + frame[1] + frame[2]))
		return;
	if (frame[1] == 0x0F && frame[2] == 2 && !strcmp(asks, "0F"))
		say(f);
	else if (frame[1] >= 1 && frame[1] <= 2) {
		board->on[frame[1] - 1] = frame[2];
		__atomic_add_fetch(&board->frames, 1, __ATOMIC_SEQ_CST);
	}
}

static bool start_as(const char *question)
{
	struct termios t;
	struct rng r;
	uint8_t byte;

	asks = question;
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 && ptsname_r(master, node, sizeof(node)) == 0);
	int slave = open(node, O_RDWR | O_NOCTTY | O_CLOEXEC);          /* held, so that no reader of the master sees EIO */
	ck_assert(slave >= 0 && tcgetattr(slave, &t) == 0);
	cfmakeraw(&t);
	tcsetattr(slave, TCSANOW, &t);
	pid = fork();
	if (pid == 0) {
		rng_init(&r, 5, "board");
		while (read(master, &byte, 1) == 1)
			hear(byte, &r);
		_exit(0);
	}
	close(slave);
	return true;
}
static bool start_ff(void) { return start_as("FF"); }

static void params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"device\":\"%s\",\"channel\":%d,\"asks\":\"%s\",\"timeout\":400000000}", node, channel + 1, asks);
}

static bool energised(int channel) { return board->on[channel]; }
static void fault(enum fault f, uint64_t seed) { board->seed = seed; board->fault = f; }
static void stop(void)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(master);
}

#define BOARD .driver = &drv_lcus, .channels = 2, .params = params, .energised = energised, .fault = fault, .stop = stop, \
	      .cannot = 1 << FAULT_UNPLUGGED    /* a terminal that hangs up does not come back: see unplugged */
static const struct conform rows[] = { { .name = "lcus FF", .start = start_ff, BOARD } };
static const struct conform *conform_row(int i) { return &rows[i]; }

/* ---- its own ---- */

START_TEST(unplugged)
{
	struct err err = { 0 };

	fake_bench("{}", false);
	start_ff();
	char text[256];
	params(0, text, sizeof(text));
	fake_open(&drv_lcus, "power.main", text);
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	stop();
	ck_assert(!fake_try_step(&probe_power, "off", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, "unplugged") != NULL, "%s", err.text);
	fake_close();
	ck_assert_ptr_nonnull(strstr(fake.note, "NOT in its safe state"));
}
END_TEST

/* A board that cannot be asked: its acknowledgement is all there is. */
START_TEST(not_asked)
{
	char text[128];

	fake_bench("{}", false);
	start_as("none");
	snprintf(text, sizeof(text), "{\"device\":\"%s\",\"channel\":2}", node);
	fake_open(&drv_lcus, "power.main", text);
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	for (int64_t until = clock_ns() + SEC(5); !board->on[1] && clock_ns() < until;)
		poll(NULL, 0, 1);
	ck_assert(board->on[1] && !board->on[0]);
	fake_step(&probe_power, "get", "{}");
	ck_assert(fake_is("on"));
	ck_assert_str_eq(fake_text("readback"), "none");
	fake_close();
	stop();
}
END_TEST

START_TEST(refused)
{
	static const struct { const char *params, *words; } row[] = {
		{ "{}", "either device or match" }, { "{\"device\":\"/dev/ttyX\",\"match\":{\"path\":\"1-1\"}}", "either device or match" },
		{ "{\"device\":\"/dev/null\"}", "no serial line" }, { "{\"device\":\"/dev/none-such\"}", "No such file" },
		{ "{\"match\":{\"path\":\"99-9.9\"}}", "no such USB device" },
	};
	struct err err = { 0 };

	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_lcus, "power.main", row[_i].params, &err));
	ck_assert_msg(strstr(err.text, row[_i].words) != NULL, "%s", err.text);
	json_decref(fake.line[--fake.lines].params);
	free(fake.line[fake.lines].priv);
	fake_close();
}
END_TEST

START_TEST(words)
{
	static const struct { const char *text; int says; } row[] = {
		{ "CH1: ON\r\nCH2:OFF \r\n", 0 }, { "CH2: ON\r\n", 1 }, { "CH2:ON", 1 }, { "CH2:O", -1 }, { "CH2", -1 }, { "", -1 },
		{ "CH2: ON\r\nCH1: ON\r\nCH2:OFF\r\n", 0 }, { "CH2:OFF\r\nCH2: ON\r\nCH2:", 1 }, { "CH22: ON", -1 },
	};
	struct lcus_text t = { .n = 0 };
	bool on = false;

	lcus_add(&t, (const uint8_t *)row[_i].text, strlen(row[_i].text));
	ck_assert_int_eq(lcus_says(&t, 2, &on), row[_i].says >= 0);
	if (row[_i].says >= 0)
		ck_assert_int_eq(on, row[_i].says);
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "unplugged", unplugged, 1 }, { "not_asked", not_asked, 1 }, { "refused", refused, 5 },
	  { "words", words, 9 })
