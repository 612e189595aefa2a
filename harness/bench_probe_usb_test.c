// SPDX-License-Identifier: Apache-2.0
// What is plugged in, on a sysfs of files: every line printed is one that a bench file may hold.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fixtures/usb/mock.h"
#include "harness/base/arena.h"
#include "harness/base/fs.h"
#include "harness/base/test.h"
#include "harness/bench_probe.h"
#include "harness/plan.h"

static struct usb_mock *bus;
static struct err err;

static void put(const char *name, const char *text)
{
	char path[FS_PATH], folder[FS_PATH];

	snprintf(path, sizeof(path), "%s/sys/%s", usb_mock_root(bus), name);
	memcpy(folder, path, sizeof(folder));
	*strrchr(folder, '/') = '\0';
	ck_assert_msg(fs_mkdirs(folder, &err) && fs_write(path, text, strlen(text), &err), "%s", err.text);
}

static void plug(const char *path, const char *vendor, const char *product, const char *serial, const char *name, const char *ports)
{
	const struct { const char *key, *value; } a[] = { { "idVendor", vendor }, { "idProduct", product }, { "serial", serial }, { "product", name },
							  { "maxchild", ports } };
	char file[200];

	for (size_t i = 0; i < sizeof(a) / sizeof(*a); i++) {
		snprintf(file, sizeof(file), "bus/usb/devices/%s/%s", path, a[i].key);
		if (a[i].value)
			put(file, a[i].value);
	}
}

static void tty(const char *path, int interface, const char *node)
{
	char file[200];

	snprintf(file, sizeof(file), "bus/usb/devices/%s:1.%d/%s/x", path, interface, node);
	put(file, "");
}

static char *printed(void)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	err = (struct err){ 0 };
	ck_assert(f && bench_probe(f, &err));
	fclose(f);
	return text;
}

static void must(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text);
}

static void never(const char *text, const char *part)
{
	ck_assert_msg(!strstr(text, part), "'%s' in:\n%s", part, text);
}

/* As a bench file it is whole. */
static void loads(const char *text)
{
	char path[FS_PATH];
	struct arena a = { 0 };
	struct plan plan;
	struct plan_input in = { .bench = path };

	snprintf(path, sizeof(path), "%s/bench.yaml", usb_mock_root(bus));
	ck_assert(fs_write(path, text, strlen(text), &err));
	ck_assert_msg(plan_load_bench(&a, &in, NULL, NULL, &plan, &err), "%u:%u: %s in\n%s", err.at.line, err.at.col, err.text, text);
	plan_done(&plan);
	arena_free(&a);
}

START_TEST(a_lab)
{
	char *text;

	bus = usb_mock_new();
	plug("usb1", "1d6b", "0002", NULL, "xHCI Host Controller", "4");
	plug("1-1", "16c0", "05df", NULL, "USBRelay2", NULL);
	plug("1-2", "16c0", "05df", NULL, "Somebody's mouse", NULL);            /* the same ids, another project */
	plug("1-3", "0403", "6010", "FT2A", "Dual RS232-HS", NULL);
	tty("1-3", 0, "ttyUSB0");
	tty("1-3", 1, "ttyUSB1");
	plug("1-4", "0403", "6001", "A1", "FT245R USB FIFO", NULL);
	tty("1-4", 0, "ttyUSB2");
	plug("1-5", "04d8", "f2f7", "YK1", "YKUSH", NULL);
	plug("1-6", "0403", "6001", "SAME", "one", NULL);
	tty("1-6", 0, "ttyUSB3");
	plug("1-7", "0403", "6001", "SAME", "two", NULL);
	tty("1-7", 0, "ttyUSB4");
	plug("1-8", "0403", "6001", "DAE0004c", "FT245R USB FIFO", NULL);
	plug("1-9", "1ab1", "0e11", "DP8", "DP800", NULL);
	put("bus/usb/devices/1-9:1.0/bInterfaceClass", "fe\n");
	put("bus/usb/devices/1-9:1.0/bInterfaceSubClass", "03\n");
	put("class/net/enp9s0/device/x", "");
	put("class/net/enp10s0/device/x", "");
	put("class/net/br7/x", "");
	put("bus/gpio/devices/gpiochip0/x", "");
	text = printed();
	must(text, "  power.dcttech1_1: {driver: dcttech, match: {path: \"1-1\"}, relay: 1}   # has no serial");
	must(text, "  power.dcttech1_2: {driver: dcttech, match: {path: \"1-1\"}, relay: 2}\n");
	never(text, "{path: \"1-2\"}");
	must(text, "  serial.console: {driver: tty, match: {serial: \"FT2A\", interface: 0}, baud: 115200}\n");
	must(text, "  serial.console2: {driver: tty, match: {serial: \"FT2A\", interface: 1}");
	must(text, "  serial.console3: {driver: tty, match: {serial: \"A1\"}, baud: 115200}\n");
	must(text, "0403:6001 FT245R USB FIFO - a SainSmart or other relay board");
	must(text, "  power.ykush2_3: {driver: ykush, match: {serial: \"YK1\"}, port: 3}\n");
	must(text, "  serial.console4: {driver: tty, match: {path: \"1-6\"}, baud: 115200}   # another device says the same serial");
	must(text, "  power.ftdi3_8: {driver: ftdi, match: {serial: \"DAE0004c\"}, channel: 8, board: denkovi8}\n");
	must(text, "# usb1: hub 1d6b:0002 with 4 ports");
	must(text, "match: {serial: \"DP8\"}");
	must(text, "  net.lan: {driver: bridge, dut: enp9s0}");
	must(text, "  # enp10s0 is free, too\n");
	never(text, "br7");
	must(text, "chip: gpiochip0");
	loads(text);
	free(text);
	usb_mock_free(bus);
}
END_TEST

/* What a device says of itself cannot become a line, and cannot reach the terminal. */
START_TEST(hostile_words)
{
	char *text;

	bus = usb_mock_new();
	plug("1-1", "16c0", "05df", "a\"}\n  power.x: {driver: exec", "USBRelay1", NULL);
	plug("1-2", "0403", "6001", "evil\", baud: 1, x: \"", "x\x1b[2J\r  power.y: {}", NULL);
	tty("1-2", 0, "ttyUSB0");
	plug("1-3", "0403", "6001", "${work}", "USBRelay99999999999999999999", NULL);
	tty("1-3", 0, "ttyUSB1");
	plug("1-4", "16c0", "05df", "\xff\xfe", "USBRelay99999999999999999999", NULL);
	text = printed();
	never(text, "exec\n");
	never(text, "\n  power.x");
	never(text, "\n  power.y");
	never(text, "\x1b");
	never(text, "evil");
	must(text, "match: {path: \"1-2\"}, baud: 115200}   # its serial is no plain text");
	must(text, "match: {path: \"1-3\"}");
	loads(text);
	free(text);
	usb_mock_free(bus);
}
END_TEST

START_TEST(an_empty_host)
{
	char *text;

	bus = usb_mock_new();
	text = printed();
	ck_assert_str_eq(strstr(text, "lines:"), "lines:\n");
	free(text);
	usb_mock_free(bus);
}
END_TEST

TEST_MAIN({ "lab", a_lab, 1 }, { "hostile", hostile_words, 1 }, { "empty", an_empty_host, 1 })
