// SPDX-License-Identifier: Apache-2.0
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/gpio_model.h"

extern const struct probe probe_power;
extern const struct line_driver drv_gpio;

#define RELAY "{\"chip\":\"bank\",\"line\":\"BTN\",\"settle\":0}"

static void start(const char *params)
{
	fake_bench("{}", false);
	fake_open(&drv_gpio, "power.main", params);
}

START_TEST(switches)
{
	start(RELAY);
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	ck_assert_int_eq(gpio[0].level, 1);
	fake_step(&probe_power, "get", "{}");
	ck_assert(fake_is("on"));
	fake_step(&probe_power, "off", "{}");
	ck_assert_int_eq(gpio[0].level, 0);
	fake_close();
}
END_TEST

/* The relay stands as somebody left it: opening the line alone must not move it. */
START_TEST(no_click)
{
	gpio[0].level = 1;
	start(RELAY);
	ck_assert_int_eq(gpio[0].edges, 0);
	fake_step(&probe_power, "off", "{}");
	ck_assert_int_eq(gpio[0].edges, 1);
	fake_close();
}
END_TEST

static const char *const wrong[] = {
	"{\"chip\":\"none\",\"line\":\"0\"}", "{\"chip\":\"bank\",\"line\":\"8\"}", "{\"chip\":\"bank\",\"line\":\"twin\"}",
	"{\"chip\":\"bank\",\"line\":\"5\"}", "{\"chip\":\"bank\",\"line\":\"\"}",
};

START_TEST(refused)
{
	struct err err = { 0 };

	gpio[5].busy = true;
	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_gpio, "power.main", wrong[_i], &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	fake.lines = 0;                 /* it never opened: nothing to close */
	fake_close();
}
END_TEST

START_TEST(safe)
{
	start(RELAY);
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	gpio[0].taken = false;          /* the kernel let go of what the dead process held */
	drv_gpio.safe(&fake.line[0]);
	ck_assert_int_eq(gpio[0].level, 0);
	gpio[0].taken = true;
	fake_close();
}
END_TEST

TEST_MAIN({ "switches", switches, 1 }, { "no click", no_click, 1 }, { "refused", refused, ROWS(wrong) }, { "safe", safe, 1 })
