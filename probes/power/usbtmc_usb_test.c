// SPDX-License-Identifier: Apache-2.0
// SCPI over USBTMC through the real libusb, on a model of a supply with the quirks of real ones.
#include "fixtures/usb/tmc_supply.h"

#include <string.h>

#include "fixtures/usb/mock.h"
#include "harness/base/clock.h"
#include "harness/base/test.h"
#include "probes/power/usbtmc.h"

#define TIMEOUT MS(80)
enum { KEYSIGHT = 0x2a8d, RIGOL = 0x1ab1, SIGLENT = 0xf4ec };

static struct usb_mock *bus;
static struct usb_port *port;
static struct tmc_supply supply;
static struct usbtmc *tmc;
static struct err err;
static char text[4096];

static bool open_it(void)
{
	struct usb_match m = { .vendor = -1, .product = -1, .interface = -1, .serial = "PS1" };
	struct usb_seen seen;

	return usb_find(&m, &seen, &err) && usbtmc_open(&seen, TIMEOUT, &tmc, &err);
}

static void begin(uint16_t vendor)
{
	tmc_supply_init(&supply, vendor);
	bus = usb_mock_new();
	port = usb_mock_plug(bus, "1-1", &supply.model);
	ck_assert_msg(open_it(), "%s", err.text);
}

static void end(void)
{
	usbtmc_close(tmc);
	usb_mock_free(bus);
}

static void tell(const char *what) { ck_assert_msg(usbtmc_tell(tmc, what, &err), "%s", err.text); }
static void asks(const char *what, const char *answer)
{
	ck_assert_msg(usbtmc_ask(tmc, what, text, sizeof(text), &err), "%s", err.text);
	ck_assert_str_eq(text, answer);
}
static void fails(const char *what, const char *words)
{
	err = (struct err){ .kind = ERR_NONE };
	ck_assert(!usbtmc_ask(tmc, what, text, sizeof(text), &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
}

START_TEST(talks)
{
	begin(KEYSIGHT);
	asks("*IDN?", "JUSAN,SUPPLY,1,1.0");
	tell("OUTP ON");
	asks("OUTP?", "1");
	for (int i = 0; i < 300; i++)           /* tags go round, and are never 0 */
		tell("VOLT 3.300");
	asks("MEAS:VOLT?", "3.300");
	ck_assert(usbtmc_ask(tmc, "LONG?", text, sizeof(text), &err));
	ck_assert_uint_eq(strlen(text), 2500);
	ck_assert_int_eq(supply.resets, 0);
	end();
}
END_TEST

START_TEST(first_answer_empty)
{
	begin(RIGOL);
	supply.first_empty = true;
	asks("*IDN?", "JUSAN,SUPPLY,1,1.0");
	asks("OUTP?", "0");
	end();
}
END_TEST

START_TEST(siglent_is_reset)
{
	begin(SIGLENT);
	ck_assert_int_eq(supply.resets, 1);
	asks("OUTP?", "0");
	end();
}
END_TEST

/* What was asked in vain is not the answer to the next question. */
START_TEST(late_answer)
{
	begin(_i ? RIGOL : KEYSIGHT);
	supply.deaf = 1;
	fails("*IDN?", "no answer within");
	ck_assert_int_eq(supply.aborts, 1);
	asks("OUTP?", "0");
	ck_assert_int_eq(supply.clears, 0);
	end();
}
END_TEST

/* A question that it does not know: no bytes, twice. */
START_TEST(no_answer)
{
	begin(KEYSIGHT);
	fails("NONSENSE?", "empty answers");
	asks("OUTP?", "0");
	end();
}
END_TEST

static const struct { struct usb_fault table[3]; const char *words; } fault_row[] = {
	{ { { 1, USB_FAULT_stall, USB_ON_OUT, 0, 0 } }, "stall" },
	{ { { 1, USB_FAULT_stall, USB_ON_OUT, 1, 0 } }, "stall" },
	{ { { 1, USB_FAULT_stall, USB_ON_IN, 0, 0 } }, "stall" },
	{ { { 1, USB_FAULT_silence, USB_ON_OUT, 0, 0 } }, "no answer within" },
	{ { { 1, USB_FAULT_silence, USB_ON_IN, 0, 0 } }, "no answer within" },
	{ { { 1, USB_FAULT_cut, USB_ON_IN, 0, 0 } }, "says" },
	{ { { 1, USB_FAULT_garbage, USB_ON_IN, 0, 0 } }, "is no answer to" },
};

/* Each is told; and after it the instrument answers, and to what it is asked. */
START_TEST(faults)
{
	begin(KEYSIGHT);
	usb_mock_faults(port, fault_row[_i].table, 1);
	fails("*IDN?", fault_row[_i].words);
	ck_assert_int_eq(usb_mock_faulted(port, fault_row[_i].table[0].kind), 1);
	asks("OUTP?", "0");
	end();
}
END_TEST

/* The abort is refused: CLEAR is what is left, but Rigol would hang on it. */
START_TEST(clear)
{
	static const struct usb_fault table[] = { { 1, USB_FAULT_silence, USB_ON_IN, 0, 0 }, { 1, USB_FAULT_stall, USB_ON_CONTROL, 0, 0 }, { 0 } };

	begin(_i ? RIGOL : KEYSIGHT);
	supply.hangs_on_clear = _i;
	usb_mock_faults(port, table, 1);
	fails("*IDN?", "no answer within");
	ck_assert_int_eq(supply.clears, !_i);
	asks("OUTP?", "0");
	end();
}
END_TEST

START_TEST(unplugged)
{
	static const struct usb_fault table[] = { { 1, USB_FAULT_unplug, USB_ON_ANY, 1, 0 }, { 0 } };
	int64_t begun;

	begin(KEYSIGHT);
	usb_mock_faults(port, table, 1);
	begun = clock_ns();
	fails("*IDN?", "unplugged");
	fails("*IDN?", "unplugged");
	ck_assert_int_lt(clock_ns() - begun, SEC(5));
	end();
}
END_TEST

START_TEST(busy)
{
	static const struct usb_fault table[] = { { 1000000, USB_FAULT_busy, USB_ON_ANY, 0, 0 }, { 0 } };

	begin(KEYSIGHT);
	usb_mock_faults(port, table, 1);
	fails("*IDN?", "holds it");
	usb_mock_faults(port, (struct usb_fault[]){ { 0 } }, 1);
	asks("OUTP?", "0");
	end();
}
END_TEST

START_TEST(not_an_instrument)
{
	tmc_supply_init(&supply, KEYSIGHT);
	supply.descriptors[18 + 9 + 5] = 3;     /* a HID */
	bus = usb_mock_new();
	usb_mock_plug(bus, "1-1", &supply.model);
	ck_assert(!open_it());
	ck_assert_ptr_nonnull(strstr(err.text, "no interface of class fe/03"));
	usb_mock_free(bus);
}
END_TEST

START_TEST(too_long)
{
	char small[8];

	begin(KEYSIGHT);
	ck_assert(!usbtmc_ask(tmc, "*IDN?", small, sizeof(small), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "longer than 7 bytes"));
	asks("OUTP?", "0");
	memset(text, 'x', 300);
	text[300] = '\0';
	ck_assert(!usbtmc_tell(tmc, text, &err));
	end();
}
END_TEST

START_TEST(headers)
{
	static const struct { uint8_t bytes[16]; size_t n; bool good; } row[] = {
		{ { 2, 5, 0xFA, 0, 2, 0, 0, 0, 1, 0, 0, 0, '1', '\n' }, 14, true },
		{ { 2, 5, 0xFA, 0, 2, 0, 0, 0, 1, 0, 0, 0, '1', '\n', 0, 0 }, 16, true },
		{ { 2, 5, 0xFA, 0, 0, 0, 0, 0, 1, 0, 0, 0 }, 12, true },
		{ { 2, 5, 0xFA, 0, 3, 0, 0, 0, 1, 0, 0, 0, '1', '\n' }, 14, false },
		{ { 2, 5, 0xFA, 0, 0, 0, 0, 0xFF, 1, 0, 0, 0, '1', '\n' }, 14, false },
		{ { 2, 4, 0xFB, 0, 2, 0, 0, 0, 1, 0, 0, 0, '1', '\n' }, 14, false },
		{ { 2, 5, 0xFB, 0, 2, 0, 0, 0, 1, 0, 0, 0, '1', '\n' }, 14, false },
		{ { 1, 5, 0xFA, 0, 2, 0, 0, 0, 1, 0, 0, 0, '1', '\n' }, 14, false },
		{ { 2, 5, 0xFA, 0, 0, 0, 0, 0, 1, 0, 0 }, 11, false },
	};
	uint8_t message[USBTMC_OUT];
	struct span data;
	bool ends;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_int_eq(usbtmc_answer((struct span){ row[i].bytes, row[i].n }, 5, &data, &ends, &err), row[i].good);
	ck_assert_uint_eq(usbtmc_message(7, "OUTP?", message), 20);
	ck_assert_mem_eq(message, "\1\7\xf8\0\6\0\0\0\1\0\0\0OUTP?\n\0\0", 20);
	usbtmc_request(255, message);
	ck_assert_mem_eq(message, "\2\xff\0\0\0\4\0\0\0\0\0\0", 12);
}
END_TEST

TEST_MAIN({ "talks", talks, 1 }, { "first_answer_empty", first_answer_empty, 1 }, { "siglent_is_reset", siglent_is_reset, 1 },
	  { "late_answer", late_answer, 2 }, { "no_answer", no_answer, 1 }, { "faults", faults, ROWS(fault_row) }, { "clear", clear, 2 },
	  { "unplugged", unplugged, 1 }, { "busy", busy, 1 }, { "not_an_instrument", not_an_instrument, 1 }, { "too_long", too_long, 1 },
	  { "headers", headers, 1 })
