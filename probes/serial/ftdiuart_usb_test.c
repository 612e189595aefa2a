// SPDX-License-Identifier: Apache-2.0
// Consoles on an FTDI chip: real libftdi and libusb, the chip as a model; its packets by hand.
#include "harness/fake.h"

#include "fixtures/usb/ft245r.h"
#include "fixtures/usb/mock.h"
#include "harness/base/test.h"
#include "probes/serial/ftdi_packets.h"

extern const struct probe probe_serial;
extern const struct line_driver drv_ftdiuart;

static struct usb_mock *bus;
static struct usb_port *port;
static struct ft245r chip;

static void adapter(void)
{
	ft245r_init(&chip, "CABLE1");
	bus = usb_mock_new();
	port = usb_mock_plug(bus, "2-1", &chip.model);
	fake_bench("{}", false);
}

static void start(const char *more)
{
	char text[256];

	adapter();
	snprintf(text, sizeof(text), "{\"match\":{\"serial\":\"CABLE1\"}%s}", more);
	fake_open(&drv_ftdiuart, "serial.console", text);
}

static void stop(void)
{
	fake_close();
	usb_mock_free(bus);
}

static void hears(const void *p, size_t n, uint8_t fault)
{
	usb_mock_lock(bus);
	ft245r_hear(&chip, p, n);
	if (fault)
		ft245r_fault(&chip, fault);
	usb_mock_unlock(bus);
}

static void tell(const char *command, json_t *args)
{
	json_t *reply = json_object();
	struct err err = { 0 };

	ck_assert_msg(drv_ftdiuart.command(&fake.line[0], command, args, reply, &err), "%s", err.text);
	json_decref(args);
	json_decref(reply);
}

/* What the line says of itself; the caller's. */
static json_t *state(void)
{
	json_t *args = json_object(), *reply = json_object();
	struct err err = { 0 };

	ck_assert(drv_ftdiuart.command(&fake.line[0], "get", args, reply, &err));
	json_decref(args);
	return reply;
}

static int64_t number(const char *key, const char *sub)
{
	json_t *s = state();
	int64_t n = json_integer_value(sub ? json_object_get(json_object_get(s, key), sub) : json_object_get(s, key));

	json_decref(s);
	return n;
}

static void wait_for(const char *key, const char *sub, int64_t least)
{
	for (int64_t until = clock_ns() + SEC(5); number(key, sub) < least && clock_ns() < until;)
		fake_settle(MS(5));
	ck_assert_int_ge(number(key, sub), least);
}

static size_t recorded(char *buf, size_t room)
{
	char path[128];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/serial/console.raw", fake.run);
	fd = open(path, O_RDONLY);
	n = read(fd, buf, room);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

START_TEST(settings)
{
	json_t *s;

	start(",\"parity\":\"even\",\"bits\":7,\"stop\":2,\"dtr\":\"high\"");
	ck_assert_uint_eq(chip.latency_ms, 1);
	ck_assert_uint_eq(chip.format, 7 | 2 << 8 | 2 << 11);
	ck_assert_uint_eq(chip.lines, 1);               /* RTS was not touched */
	s = state();
	ck_assert_str_eq(json_string_value(json_object_get(s, "settings")), "115200 7E2");
	ck_assert_int_eq(json_integer_value(json_object_get(s, "latency_was")), MS(16));
	ck_assert_int_eq(json_integer_value(json_object_get(s, "latency")), MS(1));
	ck_assert_int_eq(json_integer_value(json_object_get(s, "late")), MS(2));
	ck_assert(json_is_false(json_object_get(s, "verified")));
	json_decref(s);
	stop();
}
END_TEST

/* Nothing of the status bytes is in the record, nothing of the line is missing: with status packets, and as QEMU's. */
START_TEST(bytes)
{
	char sent[4096], got[4100];

	start("");
	chip.mute = _i;
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof(sent); i += 256) {        /* the chip's buffer is small */
		hears(sent + i, 256, 0);
		wait_for("received", NULL, (int64_t)i + 256);
	}
	ck_assert_uint_eq(recorded(got, sizeof(got)), sizeof(sent));
	ck_assert_mem_eq(got, sent, sizeof(sent));
	stop();
}
END_TEST

static const struct { uint8_t status; const char *word; } fault_row[] = {
	{ FT_BREAK, "break" }, { FT_FRAMING, "framing" }, { FT_PARITY, "parity" }, { FT_OVERRUN, "overrun" },
	{ FT_BREAK | FT_FRAMING, "break" },
};

START_TEST(line_errors)
{
	static const char *const all[] = { "break", "framing", "parity", "overrun" };

	start("");
	hears("good", 4, 0);
	wait_for("received", NULL, 4);
	hears("x", 1, fault_row[_i].status);
	wait_for("faults", fault_row[_i].word, 1);
	hears("", 0, fault_row[_i].status);             /* and of no byte */
	wait_for("faults", fault_row[_i].word, 2);
	for (int i = 0; i < ROWS(all); i++)
		ck_assert_int_eq(number("faults", all[i]), strcmp(all[i], fault_row[_i].word) ? 0 : 2);
	stop();
}
END_TEST

START_TEST(talks)
{
	char typed[260];

	start("");
	memset(typed, 'y', sizeof(typed));
	for (int i = 0; i < 3; i++)
		tell("write", json_pack("{s:s#}", "text", typed, sizeof(typed)));
	wait_for("sent", NULL, 780);
	fake_settle(MS(20));
	usb_mock_lock(bus);
	ck_assert_uint_eq(chip.sent_n, 780);
	usb_mock_unlock(bus);
	chip.loopback = true;
	fake.since_ns = clock_ns();
	fake_step(&probe_serial, "send", "{\"text\":\"ready> \"}");
	fake_step(&probe_serial, "expect", "{\"pattern\":\"ready>\",\"within\":3000000000}");
	ck_assert(fake_is("matched"));
	stop();
}
END_TEST

START_TEST(breaks)
{
	start("");
	tell("break", json_pack("{s:I}", "for", (json_int_t)MS(40)));
	ck_assert(chip.format & 1 << 14);
	for (int64_t until = clock_ns() + SEC(5); chip.format & 1 << 14 && clock_ns() < until;)
		fake_settle(MS(5));
	ck_assert(!(chip.format & 1 << 14));
	stop();
}
END_TEST

static const struct usb_fault lost_row[][2] = {
	{ { 1, USB_FAULT_stall, USB_ON_IN, 0, 0 } }, { { 1, USB_FAULT_stall, USB_ON_OUT, 0, 0 } }, { { 1, USB_FAULT_cut, USB_ON_OUT, 0, 0 } },
};

/* Pulled out while it listens: a gap, and the same adapter is found again; a transfer that fails: likewise. */
START_TEST(comes_back)
{
	start("");
	if (_i == ROWS(lost_row)) {
		usb_mock_unplug(port);
		wait_for("faults", "gap", 1);
		ft245r_init(&chip, "CABLE1");
		port = usb_mock_plug(bus, "2-4", &chip.model);
	} else {
		usb_mock_faults(port, lost_row[_i], 1);
		if (lost_row[_i][0].on == USB_ON_OUT)
			tell("write", json_pack("{s:s}", "text", "ab"));
		wait_for("faults", "gap", 1);
	}
	wait_for("latency", NULL, MS(1));               /* it is up again, with its settings */
	hears("back", 4, 0);
	wait_for("received", NULL, 4);
	stop();
}
END_TEST

static const struct { const char *params; bool held; enum err_kind kind; const char *says; } refused_row[] = {
	{ "{\"match\":{\"serial\":\"OTHER\"}}", false, ERR_BENCH, "no such USB device" },
	{ "{\"match\":{\"serial\":\"CABLE1\"},\"bits\":5}", false, ERR_CONF, "7 or 8" },
	{ "{\"match\":{\"serial\":\"CABLE1\"}}", true, ERR_BENCH, "cannot be opened" },
};

START_TEST(refused)
{
	static const struct usb_fault dumb[] = { { 1000000, USB_FAULT_stall, USB_ON_CONTROL, 0, 0 }, { 0 } };
	struct err err = { 0 };

	adapter();
	if (refused_row[_i].held)                       /* whatever it is, it is no FTDI chip */
		usb_mock_faults(port, dumb, 1);
	ck_assert(!fake_try_open(&drv_ftdiuart, "serial.console", refused_row[_i].params, &err));
	ck_assert_msg(err.kind == refused_row[_i].kind && strstr(err.text, refused_row[_i].says), "%s", err.text);
	fake.lines = 0;
	stop();
}
END_TEST

static const struct { const char *in; size_t n, packet; const char *out; size_t breaks, first; } packet_row[] = {
	{ "", 0, 64, "", 0, 0 }, { "\x01", 1, 64, "", 0, 0 }, { "\x01\x60", 2, 64, "", 0, 0 }, { "\x01\x60" "ab", 4, 64, "ab", 0, 0 },
	{ "\x01\x61" "ab\x01\x71" "cd\x01\x61" "e", 11, 4, "abcde", 1, 2 }, { "\x01\x61" "ab\x01", 5, 4, "ab", 0, 0 },
	{ "\x01\x70\x01\x70", 4, 2, "", 0, 0 },
};

START_TEST(packets)
{
	uint8_t out[16];
	struct ftdi_errors e;
	size_t n = ftdi_packets((const uint8_t *)packet_row[_i].in, packet_row[_i].n, packet_row[_i].packet, out, &e);

	ck_assert_uint_eq(n, strlen(packet_row[_i].out));
	ck_assert_mem_eq(out, packet_row[_i].out, n);
	ck_assert_uint_eq(e.count[SERIAL_BREAK], packet_row[_i].breaks);
	ck_assert_uint_eq(e.first[SERIAL_BREAK], packet_row[_i].first);
}
END_TEST

TEST_MAIN({ "settings", settings, 1 }, { "bytes", bytes, 2 }, { "line_errors", line_errors, ROWS(fault_row) }, { "talks", talks, 1 },
	  { "breaks", breaks, 1 }, { "comes_back", comes_back, ROWS(lost_row) + 1 }, { "refused", refused, ROWS(refused_row) },
	  { "packets", packets, ROWS(packet_row) })
