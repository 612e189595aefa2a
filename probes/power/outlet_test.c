// SPDX-License-Identifier: Apache-2.0
// The layer that all real supplies share, on hardware that is three variables.
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/serial_log.h"
#include "probes/power/outlet.h"

extern const struct probe probe_power;

/* ---- an output that can be told to misbehave ---- */
static struct { bool energised, deaf, gone; int sets, opens; int64_t mv, ua; struct serial_log_writer *hears; } hw;

static bool hw_open(struct line *l, void **ret_dev, struct err *err)
{
	(void)l;
	hw.opens++;
	*ret_dev = &hw;
	return !hw.gone || err_set(err, ERR_BENCH, "unplugged");
}
static bool hw_set(void *dev, bool energised, struct err *err)
{
	(void)dev;
	hw.sets++;
	if (hw.gone)
		return err_set(err, ERR_BENCH, "unplugged");
	if (!hw.deaf)
		hw.energised = energised;
	if (hw.hears && energised)      /* the device boots before the switch has answered */
		return serial_log_add(hw.hears, clock_ns(), 'r', "boot\n", 5, "-", err);
	return true;
}
static bool hw_get(void *dev, bool *ret, struct err *err)
{
	(void)dev;
	*ret = hw.energised;
	return !hw.gone || err_set(err, ERR_BENCH, "unplugged");
}
static bool hw_set_mv(void *dev, int64_t mv, struct err *err) { (void)dev; (void)err; hw.mv = mv; return true; }
static bool hw_measure(void *dev, struct reading *ret, struct err *err)
{
	(void)dev;
	(void)err;
	*ret = (struct reading){ hw.mv, hw.energised ? hw.ua : 0 };
	return true;
}
static void hw_close(void *dev) { (void)dev; }

static const struct param params[] = { OUTLET_PARAMS, { 0 } };
static const struct outlet_ops ops = { READBACK_reported, hw_open, hw_set, hw_get, NULL, NULL, hw_close };
static const struct outlet_ops meter_ops = { READBACK_measured, hw_open, hw_set, hw_get, hw_set_mv, hw_measure, hw_close };
OUTLET_DRIVER(plain, "", "", params, ops);
OUTLET_DRIVER(meter, "", "", params, meter_ops);

static void bench(const struct line_driver *d, const char *text)
{
	memset(&hw, 0, sizeof(hw));
	hw.mv = 5000;
	hw.ua = 120000;
	fake_bench("{}", false);
	fake_open(d, "power.main", text);
}

START_TEST(wiring)
{
	static const struct { const char *text; bool energised_when_on; } row[] = {
		{ "{}", true }, { "{\"wiring\":\"NC\"}", false }, { "{\"invert\":true}", false }, { "{\"wiring\":\"NC\",\"invert\":true}", true },
	};

	bench(&drv_plain, row[_i].text);
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	ck_assert_int_eq(hw.energised, row[_i].energised_when_on);
	fake_step(&probe_power, "get", "{}");
	ck_assert(fake_is("on"));
	fake_step(&probe_power, "off", "{}");
	ck_assert_int_eq(hw.energised, !row[_i].energised_when_on);
	ck_assert(!fake_is("confirmed"));               /* only its own word */
	fake_close();
	ck_assert_int_eq(hw.energised, !row[_i].energised_when_on);
}
END_TEST

/* Measured current is a second channel; a device fed from elsewhere is not off. */
START_TEST(current_proves)
{
	bench(&drv_meter, "{}");
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	fake_step(&probe_power, "off", "{}");
	ck_assert_msg(fake_is("confirmed"), "%s", json_dumps(fake.facts, 0));
	ck_assert_int_ge(fake_int("proved"), fake_int("acknowledged"));
	ck_assert_int_ge(fake_int("acknowledged"), fake_int("requested"));
	fake_step(&probe_power, "sample", "{}");
	ck_assert_int_eq(fake_int("ua"), 0);
	fake_close();
}
END_TEST

/* A device that speaks once, while its slow switch has yet to answer, was heard since it was on. */
START_TEST(speaks_before_the_answer)
{
	struct serial_log_writer w;
	struct err err = { 0 };
	char dir[128];

	bench(&drv_plain, "{\"console\":\"serial.console\"}");
	snprintf(dir, sizeof(dir), "%s/serial", fake.run);
	ck_assert_msg(fs_mkdirs(dir, &err) && serial_log_create(dir, "console", &w, &err), "%s", err.text);
	hw.hears = &w;
	fake_step(&probe_power, "on", "{}");
	fake_step(&probe_power, "off", "{}");
	ck_assert_msg(fake_is("confirmed"), "%s", json_dumps(fake.facts, 0));
	serial_log_finish(&w);
	fake_close();
}
END_TEST

/* The bench's fault, not the device's: the verb fails. */
START_TEST(does_not_switch)
{
	struct err err = { 0 };

	bench(&drv_plain, "{\"timeout\":100000000}");
	hw.deaf = true;
	ck_assert(!fake_try_step(&probe_power, "on", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_ptr_nonnull(strstr(err.text, "does not switch"));
	ck_assert_int_eq(hw.opens, 2);                  /* tried on freshly opened hardware, once */
	fake_close();
}
END_TEST

START_TEST(unplugged)
{
	struct err err = { 0 };

	bench(&drv_plain, "{}");
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	hw.gone = true;
	ck_assert(!fake_try_step(&probe_power, "off", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	hw.gone = false;
	fake_step(&probe_power, "off", "{}");
	ck_assert(!hw.energised);
	hw.gone = true;
	fake_close();
	ck_assert_ptr_nonnull(strstr(fake.note, "NOT in its safe state"));
}
END_TEST

START_TEST(shortest_time_off)
{
	int64_t begin;

	bench(&drv_plain, "{\"min_off\":300000000}");
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	fake_step(&probe_power, "off", "{}");
	begin = clock_ns();
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	ck_assert_int_ge(clock_ns() - begin, MS(150));
	ck_assert(hw.energised);
	fake_close();
}
END_TEST

START_TEST(pulses)
{
	bench(&drv_plain, "{}");
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	fake_step(&probe_power, "pulse", "{\"for\":200000000}");
	ck_assert(hw.energised);
	ck_assert_int_ge(fake_int("off_for"), MS(195));
	ck_assert_int_lt(fake_int("off_for"), SEC(2));
	fake_close();
}
END_TEST

START_TEST(brown_out)
{
	bench(&drv_meter, "{}");
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	fake_step(&probe_power, "voltage", "{\"mv\":4800}");
	ck_assert(fake_is("confirmed") && hw.mv == 4800);
	fake_step(&probe_power, "dip", "{\"mv\":3100,\"for\":100000000,\"ramp\":50000000}");
	ck_assert(fake_is("confirmed"));
	ck_assert_int_eq(fake_int("mv"), 3100);
	ck_assert_int_eq(hw.mv, 4800);
	fake_close();
}
END_TEST

START_TEST(safe_in_a_fresh_process)
{
	static const struct { const char *text; bool on_after; } row[] = {
		{ "{}", false }, { "{\"safe_state\":\"on\"}", true }, { "{\"safe_state\":\"keep\"}", true },
	};

	bench(&drv_plain, row[_i].text);
	fake_step(&probe_power, "on", "{\"within\":1000000}");
	outlet_safe(&fake.line[0], &ops);
	ck_assert_int_eq(hw.energised, row[_i].on_after);
	outlet_safe(&fake.line[0], &ops);
	ck_assert_int_eq(hw.energised, row[_i].on_after);
	fake_close();
}
END_TEST

TEST_MAIN({ "wiring", wiring, 4 }, { "speaks_before_the_answer", speaks_before_the_answer, 1 }, { "current_proves", current_proves, 1 }, { "does_not_switch", does_not_switch, 1 },
	  { "unplugged", unplugged, 1 }, { "shortest_time_off", shortest_time_off, 1 }, { "pulses", pulses, 1 },
	  { "brown_out", brown_out, 1 }, { "safe_in_a_fresh_process", safe_in_a_fresh_process, 3 })
