// SPDX-License-Identifier: Apache-2.0
// The drivers of USB relay boards, through the real libusb, on models of the boards.
#include "fixtures/usb/relays.h"

#include "fixtures/usb/mock.h"
#include "harness/base/test.h"
#include "harness/fake.h"

#include "probes/power/conform.h"

extern const struct probe probe_power;
extern const struct line_driver drv_dcttech, drv_lcushid, drv_ykush, drv_energenie;

static struct usb_mock *bus;
static struct usb_port *port;
static struct relays board, other;

static void dcttech(struct relays *r) { relays_dcttech(r, 2, "BITFT"); }
static void lcus_deaf(struct relays *r) { relays_lcus(r, NULL); }
static void lcus_ff(struct relays *r) { relays_lcus(r, "FF"); }
static void lcus_0f(struct relays *r) { relays_lcus(r, "0F"); }

/* What every board must do; second: parameters of its relay 2. */
static const struct kind {
	const struct line_driver *driver;
	void (*make)(struct relays *r);
	const char *first, *second, *readback;
	enum usb_fault_on questions;    /* sort of transfer that asks for the state */
	int64_t ppm;                    /* chance of each fault in a transfer, so that some exchanges go well and some do not */
} kind[] = {
	{ &drv_dcttech, dcttech, "{\"timeout\":150000000,\"settle\":0}", "{\"timeout\":150000000,\"relay\":2}",
	  "commanded", USB_ON_CONTROL, 150000 },
	{ &drv_energenie, relays_energenie, "{\"timeout\":150000000,\"settle\":0}", "{\"timeout\":150000000,\"socket\":2}",
	  "commanded", USB_ON_CONTROL, 150000 },
	{ &drv_ykush, relays_ykush, "{\"timeout\":150000000,\"settle\":0}", "{\"timeout\":150000000,\"port\":2}", "commanded", USB_ON_IN, 70000 },
	{ &drv_lcushid, lcus_ff, "{\"timeout\":150000000,\"asks\":\"FF\",\"match\":{\"path\":\"1-1\"}}",
	  "{\"timeout\":150000000,\"channel\":2,\"asks\":\"FF\",\"match\":{\"path\":\"1-1\"}}", "commanded", USB_ON_IN, 25000 },
	{ &drv_lcushid, lcus_deaf, "{\"timeout\":150000000,\"match\":{\"path\":\"1-1\"}}",
	  "{\"timeout\":150000000,\"channel\":2,\"match\":{\"path\":\"1-1\"}}", "none", USB_ON_IN, 300000 },
	{ &drv_lcushid, lcus_0f, "{\"timeout\":150000000,\"asks\":\"0F\",\"match\":{\"vendor\":\"5131\",\"product\":\"2007\"}}",
	  "{\"timeout\":150000000,\"channel\":2,\"asks\":\"0F\",\"match\":{\"path\":\"1-1\"}}", "commanded", USB_ON_IN, 25000 },
};
#define ASKED 4         /* the first rows: boards that can be asked */
#define KINDS 5         /* without the last, which only asks otherwise */

/* ---- what every driver of a supply must do ---- */

static const struct kind *now;

static void plug(void (*make)(struct relays *))
{
	make(&board);
	bus = usb_mock_new();
	port = usb_mock_plug(bus, "1-1", &board.model);
}

static bool start(const struct kind *k)
{
	now = k;
	plug(k->make);
	return true;
}
static bool start_dcttech(void) { return start(&kind[0]); }
static bool start_energenie(void) { return start(&kind[1]); }
static bool start_ykush(void) { return start(&kind[2]); }
static bool start_lcus_ff(void) { return start(&kind[3]); }
static bool start_lcus_deaf(void) { return start(&kind[4]); }

static void params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"timeout\":200000000,%s", strchr(channel ? now->second : now->first, ',') + 1);
}
static void stop(void) { usb_mock_free(bus); }

static bool energised(int channel)
{
	bool on;

	usb_mock_lock(bus);
	on = board.on >> channel & 1;
	usb_mock_unlock(bus);
	return on;
}

static void fault(enum fault f, uint64_t seed)
{
	static const struct usb_fault none[] = { { 0 } }, wrong[] = { { 1000000, USB_FAULT_garbage, USB_ON_ANY, 0, 0 }, { 0 } },
				      slow[] = { { 1000000, USB_FAULT_silence, USB_ON_ANY, 0, 0 }, { 0 } };
	const struct usb_fault seeded[] = {
		{ 1000, USB_FAULT_garbage, USB_ON_ANY, 0, now->ppm }, { 1000, USB_FAULT_stall, USB_ON_ANY, 0, now->ppm },
		{ 1000, USB_FAULT_silence, USB_ON_ANY, 0, now->ppm }, { 1000, USB_FAULT_cut, USB_ON_ANY, 0, now->ppm }, { 0 },
	};
	static bool out;

	if (f == FAULT_UNPLUGGED)
		usb_mock_unplug(port);
	else if (out)
		port = usb_mock_plug(bus, "1-1", &board.model);
	out = f == FAULT_UNPLUGGED;
	if (!out)
		usb_mock_faults(port, f == FAULT_WRONG ? wrong : f == FAULT_SLOW ? slow : f == FAULT_SEEDED ? seeded : none, seed);
}

#define BOARD .channels = 2, .params = params, .energised = energised, .fault = fault, .stop = stop
static const struct conform rows[] = {
	{ .name = "dcttech", .driver = &drv_dcttech, .start = start_dcttech, BOARD },
	{ .name = "energenie", .driver = &drv_energenie, .start = start_energenie, BOARD },
	{ .name = "ykush", .driver = &drv_ykush, .start = start_ykush, BOARD },
	{ .name = "lcushid FF", .driver = &drv_lcushid, .start = start_lcus_ff, BOARD },
	{ .name = "lcushid", .driver = &drv_lcushid, .start = start_lcus_deaf, BOARD, .unasked = true, .cannot = 1 << FAULT_WRONG },
};
static const struct conform *conform_row(int i) { return &rows[i]; }

/* ---- what goes wrong, and what is said ---- */

static void begin(void (*make)(struct relays *))
{
	plug(make);
	fake_bench("{}", false);
}

static void done(void)
{
	fake_close();
	usb_mock_free(bus);
}

static uint8_t relays_on(void)
{
	uint8_t on;

	usb_mock_lock(bus);
	on = board.on;
	usb_mock_unlock(bus);
	return on;
}

static void on(void) { fake_step(&probe_power, "on", "{\"within\":1000000}"); }
static void off(void) { fake_step(&probe_power, "off", "{}"); }

START_TEST(switches)
{
	const struct kind *k = &kind[_i];

	begin(k->make);
	fake_open(k->driver, "power.main", k->second);
	on();
	ck_assert_uint_eq(relays_on(), 2);
	fake_step(&probe_power, "get", "{}");
	ck_assert(fake_is("on"));
	ck_assert_str_eq(fake_text("readback"), k->readback);
	off();
	ck_assert_uint_eq(relays_on(), 0);
	on();
	done();
	ck_assert_uint_eq(board.on, 0);         /* the safe state */
	ck_assert_str_eq(fake.note, "");
}
END_TEST

static const struct { enum usb_fault_kind kind; const char *words; } trouble[] = {
	{ USB_FAULT_stall, "refused (stall)" }, { USB_FAULT_silence, "no answer within" }, { USB_FAULT_cut, "bytes" },
	{ USB_FAULT_unplug, "not plugged in" },
};

/* A switching command of a board that is asked by control transfers is one too, and passes first. */
static int commands_of(const struct kind *k)
{
	return k->questions == USB_ON_CONTROL;
}

#define TROUBLES ROWS(trouble)

/* Once: opened again, tried again, noted. */
START_TEST(trouble_once)
{
	const struct kind *k = &kind[_i / TROUBLES];
	struct usb_fault fault[] = { { 1, trouble[_i % TROUBLES].kind, k->questions, commands_of(k), 0 }, { 0 } };

	if (fault[0].kind == USB_FAULT_unplug)
		return;
	begin(k->make);
	fake_open(k->driver, "power.main", k->first);
	usb_mock_faults(port, fault, 1);
	on();
	ck_assert_uint_eq(relays_on(), 1);
	ck_assert_int_eq(usb_mock_faulted(port, fault[0].kind), 1);
	if (fault[0].kind != USB_FAULT_cut || k->driver != &drv_lcushid)        /* which reads its text on */
		ck_assert_msg(strstr(fake.note, "opened again") != NULL, "%s", fake.note);
	done();
}
END_TEST

/* For ever: an error of the bench, in words, and never a state that was not read. */
START_TEST(trouble_for_ever)
{
	const struct kind *k = &kind[_i / TROUBLES];
	struct usb_fault fault[] = { { 1000000, trouble[_i % TROUBLES].kind, k->questions, commands_of(k), 0 }, { 0 } };
	struct err err = { 0 };

	begin(k->make);
	fake_open(k->driver, "power.main", k->first);
	if (fault[0].kind == USB_FAULT_unplug)
		usb_mock_unplug(port);
	else
		usb_mock_faults(port, fault, 1);
	ck_assert(!fake_try_step(&probe_power, "on", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	if (fault[0].kind != USB_FAULT_cut || k->driver != &drv_lcushid)        /* pieces of a text: it says nothing, or has no end */
		ck_assert_msg(strstr(err.text, trouble[_i % TROUBLES].words) != NULL, "%s", err.text);
	done();
	if (fault[0].kind == USB_FAULT_unplug)
		ck_assert_ptr_nonnull(strstr(fake.note, "NOT in its safe state"));
}
END_TEST

START_TEST(unplugged_in_mid_transfer)
{
	const struct kind *k = &kind[_i];
	struct usb_fault fault[] = { { 1, USB_FAULT_unplug, USB_ON_ANY, _i < ASKED, 0 }, { 0 } };
	struct err err = { 0 };

	begin(k->make);
	fake_open(k->driver, "power.main", k->first);
	usb_mock_faults(port, fault, 1);
	ck_assert(!fake_try_step(&probe_power, "on", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, "unplugged") != NULL, "%s", err.text);
	done();
}
END_TEST

START_TEST(stuck)
{
	struct err err = { 0 };

	begin(kind[_i].make);
	fake_open(kind[_i].driver, "power.main", kind[_i].first);
	board.stuck = 1;
	ck_assert(!fake_try_step(&probe_power, "on", "{}", 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "does not switch"));
	done();
}
END_TEST

/* Interfaces that need a claim: waited for, then said. */
START_TEST(busy)
{
	const struct kind *k = &kind[_i];
	struct usb_fault some[] = { { 5, USB_FAULT_busy, USB_ON_ANY, 0, 0 }, { 0 } };
	struct usb_fault all[] = { { 1000000, USB_FAULT_busy, USB_ON_ANY, 0, 0 }, { 0 } };
	struct err err = { 0 };

	begin(k->make);
	fake_open(k->driver, "power.main", k->first);
	usb_mock_faults(port, some, 1);
	on();
	ck_assert_str_eq(fake.note, "");
	usb_mock_faults(port, all, 1);
	if (k->driver == &drv_dcttech) {
		off();                  /* asks nobody */
	} else {
		ck_assert(!fake_try_step(&probe_power, "off", "{}", 0, &err));
		ck_assert_msg(strstr(err.text, "holds it") != NULL, "%s", err.text);
	}
	usb_mock_faults(port, (struct usb_fault[]){ { 0 } }, 1);
	done();
}
END_TEST

/* ---- which board ---- */

static bool opens(const struct line_driver *d, const char *params, struct err *err)
{
	*err = (struct err){ .kind = ERR_NONE };
	return fake_try_open(d, "power.main", params, err);
}

/* Refused lines are not closed by the bench, so neither here. */
static void refused(const struct line_driver *d, const char *params, const char *words)
{
	struct err err;

	ck_assert_msg(!opens(d, params, &err), "%s", params);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s: %s", params, err.text);
	json_decref(fake.line[fake.lines - 1].params);
	free(fake.line[--fake.lines].priv);
}

START_TEST(others_with_the_same_ids)
{
	begin(dcttech);
	strcpy(board.name, "Numled");
	usb_mock_unplug(port);
	port = usb_mock_plug(bus, "1-1", &board.model);
	refused(&drv_dcttech, "{}", "is not a dcttech USBRelay: it has the ids 16c0:05df but calls itself \"Numled\"");
	refused(&drv_dcttech, "{\"match\":{\"path\":\"1-1\"}}", "is not a dcttech USBRelay");
	refused(&drv_ykush, "{}", "is not plugged in");
	done();
}
END_TEST

START_TEST(several_boards)
{
	begin(dcttech);
	relays_dcttech(&other, 4, "QWERT");
	usb_mock_plug(bus, "1-2", &other.model);
	refused(&drv_dcttech, "{}", "1-1 and 1-2 are both a dcttech USBRelay");
	refused(&drv_dcttech, "{\"id\":\"ABCDE\"}", "no dcttech USBRelay carries the id ABCDE");
	refused(&drv_dcttech, "{\"id\":\"BIT\"}", "5 characters");
	refused(&drv_dcttech, "{\"id\":\"BITFT\",\"relay\":3}", "has no relay 3");
	refused(&drv_dcttech, "{\"match\":{\"path\":\"1-3\"}}", "is not plugged in");
	refused(&drv_dcttech, "{\"match\":{\"vendor\":16}}", "four hex digits");
	fake_open(&drv_dcttech, "power.main", "{\"id\":\"QWERT\",\"relay\":4}");
	on();
	ck_assert_uint_eq(other.on, 8);
	ck_assert_uint_eq(board.on, 0);
	done();
}
END_TEST

/* Ids get corrupted in the field, and two may be the same. */
START_TEST(corrupt_ids)
{
	begin(dcttech);
	memcpy(board.id, "\0\xff\x01\x80", 5);
	relays_dcttech(&other, 2, "");
	usb_mock_plug(bus, "1-2", &other.model);
	fake_open(&drv_dcttech, "power.main", "{\"match\":{\"path\":\"1-1\"}}");
	on();
	ck_assert_uint_eq(relays_on(), 1);
	usb_mock_lock(bus);
	memcpy(board.id, "BITFT", 5);
	memcpy(other.id, "BITFT", 5);
	usb_mock_unlock(bus);
	refused(&drv_dcttech, "{\"id\":\"BITFT\"}", "1-1 and 1-2 both carry the id BITFT");
	done();
}
END_TEST

/* A board that says nothing of itself is taken for none. */
START_TEST(never_by_absence)
{
	begin(dcttech);
	refused(&drv_lcushid, "{\"match\":{\"vendor\":\"5131\",\"product\":\"2007\"}}", "is not plugged in");
	refused(&drv_lcushid, "{\"match\":{}}", "needs a serial");
	done();
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "switches", switches, ROWS(kind) }, { "trouble_once", trouble_once, ASKED * TROUBLES },
	  { "trouble_for_ever", trouble_for_ever, ASKED * TROUBLES }, { "unplugged_in_mid_transfer", unplugged_in_mid_transfer, KINDS },
	  { "stuck", stuck, ASKED }, { "busy", busy, KINDS }, { "others_with_the_same_ids", others_with_the_same_ids, 1 },
	  { "several_boards", several_boards, 1 }, { "corrupt_ids", corrupt_ids, 1 }, { "never_by_absence", never_by_absence, 1 })
