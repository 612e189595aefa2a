// SPDX-License-Identifier: Apache-2.0
// Relay boards: real libftdi and libusb, the chip as a model.
#include "harness/fake.h"

#include "fixtures/usb/ft245r.h"
#include "fixtures/usb/mock.h"
#include "probes/power/conform.h"

extern const struct line_driver drv_ftdi;

static struct usb_mock *bus;
static struct usb_port *port;
static struct ft245r chip;
static const char *params_mode = "async";

static void plug(void)
{
	port = usb_mock_plug(bus, "1-1.2", &chip.model);
}

static void board_begin(void)
{
	ft245r_init(&chip, "RELAY1");
	bus = usb_mock_new();
	plug();
}

static void board_end(void) { usb_mock_free(bus); }

static uint8_t pins(void)
{
	uint8_t p;

	usb_mock_lock(bus);
	p = ft245r_pins(&chip);
	usb_mock_unlock(bus);
	return p;
}

/* ---- what every driver must do ---- */

static const struct usb_fault refuses[] = { { 1000000, USB_FAULT_stall, USB_ON_ANY, 0, 0 }, { 0 } };
static const struct usb_fault silent[] = { { 1000000, USB_FAULT_silence, USB_ON_ANY, 0, 0 }, { 0 } };
static const struct usb_fault some[] = {
	{ 1000000, USB_FAULT_stall, USB_ON_ANY, 0, 60000 }, { 1000000, USB_FAULT_cut, USB_ON_ANY, 0, 60000 },
	{ 1000000, USB_FAULT_silence, USB_ON_ANY, 0, 15000 }, { 1000000, USB_FAULT_busy, USB_ON_ANY, 0, 200000 }, { 0 },
};
static const struct usb_fault none[] = { { 0 } };

static bool start_async(void) { params_mode = "async"; board_begin(); return true; }
static bool start_sync(void) { params_mode = "sync"; board_begin(); return true; }

static void relay_params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"match\":{\"serial\":\"RELAY1\"},\"channel\":%d,\"mode\":\"%s\",\"timeout\":400000000}", channel + 1, params_mode);
}

static bool relay_energised(int channel) { return pins() & 1 << channel; }

/* A board that was unplugged lost its power, and begins with pins that nobody drives. */
static void relay_fault(enum fault f, uint64_t seed)
{
	static bool gone;

	if (f == FAULT_UNPLUGGED) {
		usb_mock_unplug(port);
		gone = true;
	} else if (gone) {
		ft245r_init(&chip, "RELAY1");
		plug();
		gone = false;
	}
	if (!gone)
		usb_mock_faults(port, f == FAULT_WRONG ? refuses : f == FAULT_SLOW ? silent : f == FAULT_SEEDED ? some : none, seed);
}

static const struct conform rows[] = {
	{ .name = "async", .driver = &drv_ftdi, .channels = 2, .start = start_async, .params = relay_params, .energised = relay_energised,
	  .fault = relay_fault, .stop = board_end },
	{ .name = "sync", .driver = &drv_ftdi, .channels = 2, .start = start_sync, .params = relay_params, .energised = relay_energised,
	  .fault = relay_fault, .stop = board_end },
};
static const struct conform *conform_row(int i) { return &rows[i]; }

/* ---- what is particular to these boards ---- */

static bool told(const char *command, struct err *err)
{
	json_t *args = json_object(), *reply = json_object();
	bool ok = fake.line[0].driver->command(&fake.line[0], command, args, reply, err);

	json_decref(args);
	json_decref(reply);
	return ok;
}

static const struct { const char *params; uint8_t before, after; } map[] = {
	{ "{\"match\":{\"serial\":\"RELAY1\"},\"channel\":8}", 0x41, 0xc1 },
	{ "{\"match\":{\"path\":\"1-1.2\"},\"board\":\"denkovi8\",\"channel\":3}", 0x00, 0x04 },
	{ "{\"match\":{\"vendor\":\"0403\",\"product\":\"6001\"},\"board\":\"denkovi4\",\"channel\":1}", 0x20, 0x22 },
	{ "{\"match\":{\"serial\":\"RELAY1\"},\"board\":\"denkovi4\",\"channel\":4,\"mode\":\"sync\"}", 0x02, 0x82 },
	{ "{\"match\":{\"serial\":\"RELAY1\"},\"board\":\"plain\",\"channel\":5,\"outputs\":16}", 0x00, 0x10 },
};

/* The right bit, and the others as they were: driven by an earlier process, or not driven yet. */
START_TEST(bits)
{
	struct err err = { 0 };

	board_begin();
	if (map[_i].before & 0x0f)
		chip.outside = map[_i].before;
	else {
		chip.mode = FT_ASYNC;
		chip.mask = 0xff;
		chip.latch = map[_i].before;
	}
	fake_bench("{}", false);
	fake_open(&drv_ftdi, "power.main", map[_i].params);
	ck_assert_uint_eq(pins(), map[_i].before);      /* opening moves nothing */
	ck_assert_msg(told("on", &err), "%s", err.text);
	ck_assert_uint_eq(pins(), map[_i].after);
	fake_close();
	ck_assert_uint_eq(pins(), map[_i].before);
	board_end();
}
END_TEST

/* Never a moment in which another relay of the board drops out or pulls in. */
static uint8_t ever_high, ever_low;
static void watch(struct ft245r *c, uint8_t now) { (void)c; ever_high |= now; ever_low |= (uint8_t)~now; }

START_TEST(no_glitch)
{
	struct err err = { 0 };

	board_begin();
	chip.outside = 0x10;                            /* relay 5 is held by a pull-up before anybody drives it */
	chip.fifo = true;
	chip.changed = watch;
	fake_bench("{}", false);
	fake_open(&drv_ftdi, "power.main", "{\"match\":{\"serial\":\"RELAY1\"},\"channel\":2}");
	for (int i = 0; i < 4; i++)
		ck_assert_msg(told(i & 1 ? "off" : "on", &err), "%s", err.text);
	fake_close();
	ck_assert_uint_eq(ever_high & 0xfd, 0x10);
	ck_assert_uint_eq(ever_low & 0x10, 0);
	board_end();
}
END_TEST

/* A console cable with the same ids, as QEMU's: nothing may go out of its UART. */
START_TEST(wrong_chip)
{
	struct err err = { 0 };

	ft245r_init(&chip, "RELAY1");
	ft245r_release(&chip, _i ? 0x0200 : FT_BM);
	chip.no_bitbang = true;
	bus = usb_mock_new();
	plug();
	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_ftdi, "power.main", "{\"match\":{\"serial\":\"RELAY1\"},\"channel\":1}", &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, _i ? "has no asynchronous bit-bang mode" : "cannot bit-bang") != NULL, "%s", err.text);
	ck_assert_uint_eq(chip.sent_n, 0);
	board_end();
}
END_TEST

/* The driver transistor is dead: the pin does not follow. */
START_TEST(does_not_follow)
{
	struct err err = { 0 };

	board_begin();
	chip.stuck = 0x01;
	fake_bench("{}", false);
	fake_open(&drv_ftdi, "power.main", "{\"match\":{\"serial\":\"RELAY1\"},\"channel\":1,\"timeout\":60000000}");
	ck_assert(!told("on", &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_ptr_nonnull(strstr(err.text, "does not switch"));
	fake_close();
	board_end();
}
END_TEST

/* A mode that is refused after the byte before it: nothing follows. */
START_TEST(mode_refused)
{
	static const struct usb_fault second_control[] = { { 1000000, USB_FAULT_stall, USB_ON_CONTROL, 1, 0 }, { 0 } };
	struct err err = { 0 };
	size_t bytes;

	board_begin();
	fake_bench("{}", false);
	fake_open(&drv_ftdi, "power.main", "{\"match\":{\"serial\":\"RELAY1\"},\"channel\":1,\"timeout\":100000000}");
	usb_mock_faults(port, second_control, 1);
	ck_assert(!told("on", &err));
	ck_assert_ptr_nonnull(strstr(err.text, "bit-bang mode refused"));
	usb_mock_lock(bus);
	bytes = chip.sent_n;
	usb_mock_unlock(bus);
	ck_assert_uint_eq(bytes, 1);
	usb_mock_faults(port, none, 1);
	fake_close();
	board_end();
}
END_TEST

static const struct { const char *params, *says; enum err_kind kind; } bad_row[] = {
	{ "{\"match\":{\"serial\":\"RELAY1\"},\"board\":\"denkovi4\",\"channel\":5}", "denkovi4 has 4", ERR_CONF },
	{ "{\"match\":{\"serial\":\"OTHER\"},\"channel\":1}", "no such USB device", ERR_BENCH },
	{ "{\"match\":{\"serial\":\"RELAY1\"},\"channel\":2,\"outputs\":1}", "leaves out the bit", ERR_CONF },
	{ "{\"match\":{},\"channel\":2}", "needs a serial", ERR_CONF },
	{ "{\"match\":{\"serial\":\"RELAY1\",\"interface\":7},\"channel\":2}", "interfaces 0 to 3", ERR_BENCH },
};

START_TEST(refused)
{
	struct err err = { 0 };

	board_begin();
	fake_bench("{}", false);
	ck_assert(!fake_try_open(&drv_ftdi, "power.main", bad_row[_i].params, &err));
	ck_assert_msg(err.kind == bad_row[_i].kind && strstr(err.text, bad_row[_i].says), "%s", err.text);
	board_end();
}
END_TEST

/* A stranger holds the interface and does not let go: said, after the line's own time. */
START_TEST(held_by_a_stranger)
{
	static const struct usb_fault busy[] = { { 1000000, USB_FAULT_busy, USB_ON_ANY, 0, 0 }, { 0 } };
	struct err err = { 0 };

	board_begin();
	fake_bench("{}", false);
	fake_open(&drv_ftdi, "power.main", "{\"match\":{\"serial\":\"RELAY1\"},\"channel\":1,\"timeout\":60000000}");
	usb_mock_faults(port, busy, 1);
	ck_assert(!told("on", &err));
	ck_assert_ptr_nonnull(strstr(err.text, "another program holds it"));
	usb_mock_faults(port, none, 1);
	ck_assert_msg(told("on", &err), "%s", err.text);
	fake_close();
	board_end();
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "bits", bits, ROWS(map) }, { "no_glitch", no_glitch, 1 }, { "wrong_chip", wrong_chip, 2 },
	  { "does_not_follow", does_not_follow, 1 }, { "mode_refused", mode_refused, 1 }, { "refused", refused, ROWS(bad_row) },
	  { "held_by_a_stranger", held_by_a_stranger, 1 })
