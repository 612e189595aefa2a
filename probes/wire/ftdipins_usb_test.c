// SPDX-License-Identifier: Apache-2.0
// Wires on an FTDI chip: real libftdi and libusb, the chip as a model.
#include "harness/fake.h"

#include <signal.h>
#include <sys/wait.h>

#include "fixtures/usb/ft245r.h"
#include "fixtures/usb/mock.h"
#include "harness/base/test.h"

extern const struct probe probe_wire;
extern const struct line_driver drv_ftdipins;

#define PINS "{\"match\":{\"serial\":\"WIRES1\"},\"inputs\":{\"led\":{\"bit\":4},\"ready\":{\"bit\":5,\"active_low\":true}}," \
	     "\"outputs\":{\"button\":{\"bit\":0,\"active_low\":true},\"sensor\":{\"bit\":1,\"initial\":1,\"safe\":0}},\"timeout\":150000000}"

static struct usb_mock *bus;
static struct usb_port *port;
static struct ft245r chip;

static void adapter(void)
{
	ft245r_init(&chip, "WIRES1");
	bus = usb_mock_new();
	port = usb_mock_plug(bus, "1-3", &chip.model);
	fake_bench("{}", false);
}

static void start(void)
{
	adapter();
	fake_open(&drv_ftdipins, "wire.board", PINS);
}

static void stop(void)
{
	fake_close();
	usb_mock_free(bus);
}

static uint8_t pins(void)
{
	uint8_t p;

	usb_mock_lock(bus);
	p = ft245r_pins(&chip) & chip.mask;
	usb_mock_unlock(bus);
	return p;
}

static void device(uint8_t outside)
{
	usb_mock_lock(bus);
	chip.outside = outside;
	usb_mock_unlock(bus);
	fake_settle(MS(30));
}

START_TEST(drives)
{
	start();
	ck_assert_uint_eq(chip.mask, 0x03);             /* inputs stay inputs */
	ck_assert_uint_eq(pins(), 0x03);                /* button: 0, low active; sensor: 1 */
	ck_assert_uint_eq(chip.sent_n, 0);              /* no byte left by the UART */
	fake_step(&probe_wire, "set", "{\"pin\":\"button\",\"value\":1}");
	ck_assert(fake_is("level"));
	ck_assert_uint_eq(pins(), 0x02);
	fake_step(&probe_wire, "set", "{\"pin\":\"sensor\",\"value\":0}");
	ck_assert_uint_eq(pins(), 0x00);
	fake_close();
	ck_assert_uint_eq(chip.latch, 0x01);            /* both at their safe level */
	usb_mock_free(bus);
}
END_TEST

START_TEST(sees)
{
	json_t *args = json_pack("{s:s}", "pin", "led"), *reply = json_object();
	struct err err = { 0 };
	int64_t begin;

	start();
	fake_step(&probe_wire, "read", "{\"pin\":\"led\"}");
	ck_assert(!fake_is("level"));
	fake_step(&probe_wire, "read", "{\"pin\":\"ready\"}");
	ck_assert(fake_is("level"));                    /* low active */
	begin = fake.since_ns = clock_ns();
	device(0x10);
	fake_step(&probe_wire, "expect", "{\"pin\":\"led\",\"is\":true,\"within\":2000000000}");
	ck_assert(fake_is("matched"));
	ck_assert_int_le(fake_int("after"), clock_ns() - begin);
	device(0x20);
	fake_step(&probe_wire, "read", "{\"pin\":\"ready\"}");
	ck_assert(!fake_is("level"));
	ck_assert(fake.line[0].driver->command(&fake.line[0], "get", args, reply, &err));
	ck_assert_int_ge(json_integer_value(json_object_get(reply, "late_ns")), MS(4));        /* it looks every 5 ms */
	json_decref(args);
	json_decref(reply);
	stop();
}
END_TEST

START_TEST(presses)
{
	start();
	fake_step(&probe_wire, "press", "{\"pin\":\"button\",\"for\":80000000}");
	ck_assert_int_ge(fake_int("held"), MS(79));
	ck_assert_int_lt(fake_int("held"), MS(600));
	ck_assert_uint_eq(pins(), 0x03);
	stop();
}
END_TEST

START_TEST(safe_after_kill)
{
	int told[2];
	char c;
	pid_t pid;

	adapter();
	ck_assert_int_eq(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		fake_open(&drv_ftdipins, "wire.board", PINS);
		fake_step(&probe_wire, "set", "{\"pin\":\"button\",\"value\":1}");
		(void)!write(told[1], "", 1);
		pause();
	}
	ck_assert_int_eq(read(told[0], &c, 1), 1);
	ck_assert_uint_eq(pins(), 0x02);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	fake_open(&drv_ftdipins, "wire.board", PINS);    /* for its parameters; then as the guard, twice */
	for (int i = 0; i < 2; i++) {
		drv_ftdipins.safe(&fake.line[0]);
		ck_assert_msg(!fake.note[0], "%s", fake.note);
		ck_assert_uint_eq(pins(), 0x01);
	}
	stop();
}
END_TEST

static const struct usb_fault broken[][2] = {
	{ { 1000000, USB_FAULT_stall, USB_ON_ANY, 0, 0 } }, { { 1000000, USB_FAULT_silence, USB_ON_ANY, 0, 0 } },
	{ { 1, USB_FAULT_unplug, USB_ON_ANY, 0, 0 } }, { { 1000000, USB_FAULT_cut, USB_ON_ANY, 0, 0 } },
	{ { 1000000, USB_FAULT_busy, USB_ON_ANY, 0, 0 } },
};

/* The bench's fault, never a level that nobody saw. */
START_TEST(broken_adapter)
{
	struct err err = { 0 };

	start();
	usb_mock_faults(port, broken[_i], 1);
	ck_assert(!fake_try_step(&probe_wire, "set", "{\"pin\":\"button\",\"value\":1}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	err = (struct err){ 0 };
	fake.line[0].timer_ns = 0;
	if (broken[_i][0].kind != USB_FAULT_busy) {
		usleep(5000);
		ck_assert(!drv_ftdipins.event(&fake.line[0], -1, 0, &err));
		ck_assert_int_eq(err.kind, ERR_BENCH);
	}
	fake_close();
	ck_assert_ptr_nonnull(strstr(fake.note, "NOT in its safe state"));
	usb_mock_free(bus);
}
END_TEST

static const char *const bad_row[] = {
	"{\"match\":{\"serial\":\"WIRES1\"},\"inputs\":{\"a\":{\"bit\":8}}}",
	"{\"match\":{\"serial\":\"WIRES1\"},\"inputs\":{\"a\":{\"bit\":1}},\"outputs\":{\"b\":{\"bit\":1}}}",
	"{\"match\":{\"serial\":\"WIRES1\"},\"inputs\":{\"a\":{\"bit\":1,\"safe\":1}}}",
	"{\"match\":{\"serial\":\"WIRES1\"},\"outputs\":{\"a\":{\"line\":1}}}",
	"{\"match\":{\"serial\":\"WIRES1\"},\"outputs\":{\"a b\":{\"bit\":1}}}",
	"{\"match\":{\"serial\":7}}",
};

START_TEST(bad_line)
{
	struct err err = { 0 };

	adapter();
	ck_assert(!fake_try_open(&drv_ftdipins, "wire.board", bad_row[_i], &err));
	ck_assert_int_eq(err.kind, ERR_CONF);
	fake.lines = 0;
	stop();
}
END_TEST

TEST_MAIN({ "drives", drives, 1 }, { "sees", sees, 1 }, { "presses", presses, 1 }, { "safe_after_kill", safe_after_kill, 1 },
	  { "broken_adapter", broken_adapter, ROWS(broken) }, { "bad_line", bad_line, ROWS(bad_row) })
