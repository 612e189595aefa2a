// SPDX-License-Identifier: Apache-2.0
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/gpio_model.h"

extern const struct probe probe_wire;
extern const struct line_driver drv_gpiopins;

static void edge(int n, int level, int64_t t_ns)
{
	struct gpiod_line_event e = { { t_ns / SEC(1), t_ns % SEC(1) }, level ? GPIOD_LINE_EVENT_RISING_EDGE : GPIOD_LINE_EVENT_FALLING_EDGE };

	gpio[n].level = level;
	ck_assert_int_eq(write(gpio[n].event[1], &e, sizeof(e)), sizeof(e));
	fake_settle(MS(5));
}

#define BOARD "{\"chip\":\"bank\",\"outputs\":{\"button\":{\"line\":\"BTN\",\"drive\":\"open_drain\"},\"sensor\":{\"line\":4,\"initial\":1,\"safe\":0}}," \
	"\"inputs\":{\"led\":{\"line\":\"LED\",\"active_low\":true,\"bias\":\"pull_up\"}}%s}"

static struct line *start(const char *more)
{
	char params[400];

	fake_bench("{}", false);
	snprintf(params, sizeof(params), BOARD, more);
	return fake_open(&drv_gpiopins, "wire.board", params);
}

START_TEST(opens)
{
	start("");
	ck_assert(gpio[0].flags == GPIOD_LINE_REQUEST_FLAG_OPEN_DRAIN && gpio[0].level == 0);
	ck_assert(gpio[1].flags == (GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP));
	ck_assert_int_eq(gpio[4].level, 1);
	fake_step(&probe_wire, "read", "{\"pin\":\"led\"}");
	ck_assert(!fake_is("level"));
	ck_assert_ptr_null(json_object_get(fake.facts, "powered"));     /* this line cannot tell */
	fake_close();
	ck_assert(chip.opened == 0 && gpio[4].level == 0 && !gpio[4].taken);
}
END_TEST

START_TEST(presses)
{
	start("");
	fake_step(&probe_wire, "press", "{\"for\":60000000}");
	ck_assert_int_ge(fake_int("held"), MS(60));
	ck_assert_int_lt(fake_int("held"), MS(500));
	ck_assert_int_eq(gpio[0].level, 0);
	fake_step(&probe_wire, "set", "{\"pin\":\"button\",\"value\":1}");
	ck_assert_int_eq(gpio[0].level, 1);
	fake_close();
}
END_TEST

START_TEST(edges)
{
	int64_t t;

	start("");
	t = fake.since_ns = clock_ns();
	edge(1, 1, t + 1000);           /* the kernel's time, not when we looked */
	fake_step(&probe_wire, "expect", "{\"pin\":\"led\",\"is\":true,\"within\":1000000000}");
	ck_assert(fake_is("matched"));
	ck_assert_int_eq(fake_int("after"), 1000);
	fake.since_ns = clock_ns();
	edge(1, 0, 5);                  /* a stamp of another clock is not believed */
	fake_step(&probe_wire, "expect", "{\"pin\":\"led\",\"is\":false,\"within\":1000000000}");
	ck_assert(fake_is("matched"));
	fake_close();
}
END_TEST

START_TEST(polled)
{
	no_edges = true;
	start(",\"poll\":2000000");
	gpio[1].level = 1;
	fake.since_ns = clock_ns();
	fake_step(&probe_wire, "expect", "{\"pin\":\"led\",\"is\":true,\"within\":2000000000}");
	ck_assert(fake_is("matched"));
	fake_step(&probe_wire, "press", "{\"for\":30000000}");          /* both clocks at once */
	ck_assert_int_ge(fake_int("held"), MS(30));
	fake_close();
}
END_TEST

/* In the guard's fresh process only the parameters are there. */
START_TEST(safe)
{
	struct line *l = start("");

	gpio[0].level = 1;
	for (int i = 0; i < LINES; i++)
		gpio[i].taken = false;          /* the kernel let go of what the dead process held */
	drv_gpiopins.safe(l);
	ck_assert(gpio[0].level == 0 && gpio[4].level == 0 && !gpio[0].taken && chip.opened == 1);
	for (int i = 0; i < LINES; i++)
		gpio[i].taken = i == 0 || i == 1 || i == 4;
	fake_close();
}
END_TEST

static const char *const wrong[] = {
	"{\"chip\":\"none\"}",
	"{\"chip\":\"bank\",\"inputs\":{\"a\":{\"line\":8}}}",
	"{\"chip\":\"bank\",\"inputs\":{\"a\":{\"line\":-1}}}",
	"{\"chip\":\"bank\",\"inputs\":{\"a\":{\"line\":\"twin\"}}}",
	"{\"chip\":\"bank\",\"inputs\":{\"a\":{\"line\":\"none\"}}}",
	"{\"chip\":\"bank\",\"inputs\":{\"a\":{}}}",
	"{\"chip\":\"bank\",\"inputs\":{\"a\":{\"line\":1,\"initial\":1}}}",
	"{\"chip\":\"bank\",\"outputs\":{\"a\":{\"line\":1,\"drive\":\"hard\"}}}",
	"{\"chip\":\"bank\",\"outputs\":{\"a\":{\"line\":1,\"initial\":2}}}",
	"{\"chip\":\"bank\",\"outputs\":{\"a\":{\"line\":5}}}",         /* held by somebody else */
	"{\"chip\":\"bank\",\"outputs\":{\"a b\":{\"line\":1}}}",
	"{\"chip\":\"bank\",\"outputs\":{\"a\":1}}",
};

START_TEST(refused)
{
	struct err err = { 0 };

	gpio[5].busy = true;
	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_gpiopins, "wire.board", wrong[_i], &err));
	ck_assert_int_ne(err.kind, ERR_NONE);
	fake.lines = 0;                 /* it never opened: nothing to close */
	fake_close();
}
END_TEST

START_TEST(says_why)
{
	struct err err = { 0 };

	no_edges = true;
	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_gpiopins, "wire.board", "{\"chip\":\"bank\",\"inputs\":{\"led\":{\"line\":1}}}", &err));
	ck_assert_ptr_nonnull(strstr(err.text, "reports no edges; say poll"));
	fake.lines = 0;
	fake_close();
}
END_TEST

START_TEST(commands)
{
	struct err err = { 0 };

	start("");
	ck_assert(!fake_try_step(&probe_wire, "set", "{\"pin\":\"led\",\"value\":1}", 0, &err));
	ck_assert(!fake_try_step(&probe_wire, "set", "{\"pin\":\"button\",\"value\":2}", 0, &err));
	ck_assert(!fake_try_step(&probe_wire, "set", "{\"pin\":\"attic\",\"value\":1}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	fake_close();
}
END_TEST

TEST_MAIN({ "opens", opens, 1 }, { "press", presses, 1 }, { "edges", edges, 1 }, { "polled", polled, 1 }, { "safe", safe, 1 },
	  { "refused", refused, ROWS(wrong) }, { "says why", says_why, 1 }, { "commands", commands, 1 })
