// SPDX-License-Identifier: Apache-2.0
// Ports of USB hubs through the real libusb, on models of hubs and a sysfs of files.
#include "fixtures/usb/hub_model.h"

#include "fixtures/usb/mock.h"
#include "harness/base/test.h"
#include "harness/fake.h"
#include "probes/power/conform.h"
#include "probes/power/hub_pair.h"

extern const struct probe probe_power;
extern const struct line_driver drv_hub;

static struct usb_mock *bus;
static struct hub_model slow, fast;

static void put(const char *name, const char *text)
{
	char path[512];
	struct err err = { 0 };
	FILE *f;

	snprintf(path, sizeof(path), "%s/sys/%s", usb_mock_root(bus), name);
	*strrchr(path, '/') = '\0';
	ck_assert_msg(fs_mkdirs(path, &err), "%s", err.text);
	path[strlen(path)] = '/';
	f = fopen(path, "w");
	ck_assert_msg(f && fputs(text, f) >= 0 && fclose(f) == 0, "%s", path);
}

/* Attributes that the mock does not give. */
static struct usb_port *plug(const char *path, struct hub_model *h)
{
	struct usb_port *p = usb_mock_plug(bus, path, &h->model);
	char name[128];

	snprintf(name, sizeof(name), "devices/usb%c/%s/maxchild", path[0], path);
	put(name, h->ports == 4 ? "4\n" : "7\n");
	snprintf(name, sizeof(name), "devices/usb%c/%s/version", path[0], path);
	put(name, h->fast ? " 3.20\n" : " 2.10\n");
	return p;
}

static void begin(void)
{
	bus = usb_mock_new();
	hub_model_init(&slow, 4, false);
	hub_model_init(&fast, 4, true);
	fake_bench("{}", false);
}

static void done(void)
{
	fake_close();
	usb_mock_free(bus);
}

/* ---- what every driver of a supply must do: one half, or both ---- */

static struct usb_port *port;

static bool start_one(void)
{
	bus = usb_mock_new();
	hub_model_init(&slow, 4, false);
	port = plug("1-1", &slow);
	for (unsigned p = 1; p <= 4; p++)
		slow.off[p] = true;
	return true;
}

static bool start_two(void)
{
	start_one();
	hub_model_init(&fast, 4, true);
	plug("2-1", &fast);
	for (unsigned p = 1; p <= 4; p++)
		fast.off[p] = true;
	return true;
}

static void params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"match\":{\"path\":\"1-1\"},\"port\":%d,\"timeout\":500000000}", channel + 1);
}

static bool vbus(int channel)
{
	bool on;

	usb_mock_lock(bus);
	on = hub_model_powered(&slow, (unsigned)channel + 1) || (fast.ports && hub_model_powered(&fast, (unsigned)channel + 1));
	usb_mock_unlock(bus);
	return on;
}

static void fault(enum fault f, uint64_t seed)
{
	static const struct usb_fault none[] = { { 0 } }, wrong[] = { { 1000000, USB_FAULT_garbage, USB_ON_ANY, 0, 0 }, { 0 } },
				      late[] = { { 1000000, USB_FAULT_silence, USB_ON_ANY, 0, 0 }, { 0 } },
				      seeded[] = { { 1000, USB_FAULT_garbage, USB_ON_ANY, 0, 100000 }, { 1000, USB_FAULT_stall, USB_ON_ANY, 0, 100000 },
						   { 1000, USB_FAULT_silence, USB_ON_ANY, 0, 50000 }, { 1000, USB_FAULT_cut, USB_ON_ANY, 0, 100000 }, { 0 } };
	static bool out;

	if (f == FAULT_UNPLUGGED)
		usb_mock_unplug(port);
	else if (out)
		port = plug("1-1", &slow);
	out = f == FAULT_UNPLUGGED;
	if (!out)
		usb_mock_faults(port, f == FAULT_WRONG ? wrong : f == FAULT_SLOW ? late : f == FAULT_SEEDED ? seeded : none, seed);
}

static void stop(void) { usb_mock_free(bus); }

#define HUB .driver = &drv_hub, .channels = 2, .params = params, .energised = vbus, .fault = fault, .stop = stop
static const struct conform rows[] = {
	{ .name = "hub", .start = start_one, HUB },
	{ .name = "hub of two halves", .start = start_two, HUB },
};
static const struct conform *conform_row(int i) { return &rows[i]; }

/* ---- what hubs have of their own ---- */

#define PORT_3 "{\"match\":{\"path\":\"1-1\"},\"port\":3,\"timeout\":100000000}"

static void refused(const char *params, const char *words)
{
	struct err err = { 0 };

	ck_assert_msg(!fake_try_open(&drv_hub, "power.main", params, &err), "%s", params);
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
	json_decref(fake.line[--fake.lines].params);
	free(fake.line[fake.lines].priv);
}

static void on(void) { fake_step(&probe_power, "on", "{\"within\":1000000}"); }
static void off(void) { fake_step(&probe_power, "off", "{}"); }

START_TEST(by_request)
{
	begin();
	plug("1-1", &slow);
	slow.reluctant = 2;
	fake_open(&drv_hub, "power.main", PORT_3);
	fake_step(&probe_power, "get", "{}");
	ck_assert(fake_is("on"));
	ck_assert_str_eq(fake_text("readback"), "reported");
	off();
	ck_assert(slow.off[3] && !slow.off[2] && !slow.off[4]);
	ck_assert_int_eq(slow.requests, 3);
	on();
	ck_assert(!slow.off[3]);
	done();
	ck_assert(slow.off[3]);
}
END_TEST

/* The kernel's knob comes first, and no request is sent beside it. */
START_TEST(by_the_kernel)
{
	begin();
	plug("1-1", &slow);
	put("bus/usb/devices/1-1:1.0/1-1-port3/disable", "0\n");
	snprintf(slow.knob, sizeof(slow.knob), "%s/sys/bus/usb/devices/1-1:1.0/1-1-port", usb_mock_root(bus));
	fake_open(&drv_hub, "power.main", PORT_3);
	off();
	ck_assert(!hub_model_powered(&slow, 3));
	on();
	ck_assert(hub_model_powered(&slow, 3));
	ck_assert_int_eq(slow.requests, 0);
	done();
}
END_TEST

/* The write succeeds and the port stays on. */
START_TEST(lies)
{
	struct err err = { 0 };

	begin();
	plug("1-1", &slow);
	if (_i)
		put("bus/usb/devices/1-1:1.0/1-1-port3/disable", "0\n");
	slow.dead = true;
	fake_open(&drv_hub, "power.main", PORT_3);
	ck_assert(!fake_try_step(&probe_power, "off", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, "does not switch") != NULL, "%s", err.text);
	done();
}
END_TEST

/* VBUS is gone only when both halves have let go. */
START_TEST(both_halves)
{
	struct err err = { 0 };

	begin();
	plug("1-1", &slow);
	plug("2-4", &fast);
	fake_open(&drv_hub, "power.main", PORT_3);
	off();
	ck_assert(slow.off[3] && fast.off[3]);
	on();
	ck_assert(!slow.off[3] && !fast.off[3]);
	fast.dead = true;
	ck_assert(!fake_try_step(&probe_power, "off", "{}", 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "does not switch"));
	done();
}
END_TEST

/* Ports of the two halves need not have one number: the kernel knows. */
START_TEST(paired_by_the_kernel)
{
	char from[512];

	begin();
	plug("1-1", &slow);
	plug("2-4", &fast);
	memset(fast.container, 7, sizeof(fast.container));
	put("bus/usb/devices/1-1:1.0/1-1-port3/location", "0\n");
	put("bus/usb/devices/2-4:1.0/2-4-port1/location", "0\n");
	snprintf(from, sizeof(from), "%s/sys/bus/usb/devices/1-1:1.0/1-1-port3/peer", usb_mock_root(bus));
	ck_assert_int_eq(symlink("../../2-4:1.0/2-4-port1", from), 0);
	fake_open(&drv_hub, "power.main", PORT_3);
	off();
	ck_assert(slow.off[3] && fast.off[1] && !fast.off[3]);
	done();
}
END_TEST

static struct hub_model another;
static void two_containers(void) { memset(fast.container, 7, sizeof(fast.container)); }
static void serials(void) { slow.model.serial = "A"; fast.model.serial = "B"; }
static void nothing(void) { }

START_TEST(pairing)
{
	static const struct { void (*change)(void); const char *params; bool pairs; } row[] = {
		{ nothing, PORT_3, true },
		{ two_containers, PORT_3, false },
		{ serials, PORT_3, false },
		{ nothing, "{\"match\":{\"path\":\"1-1\"},\"port\":3,\"pair\":\"none\"}", false },
		{ two_containers, "{\"match\":{\"path\":\"1-1\"},\"port\":3,\"pair\":\"2-4\"}", true },
	};

	begin();
	row[_i].change();
	plug("1-1", &slow);
	plug("2-4", &fast);
	fake_open(&drv_hub, "power.main", row[_i].params);
	off();
	ck_assert_int_eq(fast.off[3], row[_i].pairs);
	done();
}
END_TEST

START_TEST(pairing_in_doubt)
{
	begin();
	hub_model_init(&another, 4, true);
	plug("1-1", &slow);
	plug("2-4", &fast);
	plug("2-5", &another);
	refused(PORT_3, "2 hubs may be its other half");
	refused("{\"match\":{\"path\":\"1-1\"},\"port\":3,\"pair\":\"2-9\"}", "other half 2-9");
	fake_close();
	usb_mock_free(bus);

	begin();
	hub_model_init(&another, 4, true);
	plug("1-1", &slow);
	plug("2-1", &fast);                     /* in the same socket */
	plug("2-5", &another);
	fake_open(&drv_hub, "power.main", PORT_3);
	off();
	ck_assert(fast.off[3] && !another.off[3]);
	done();
}
END_TEST

START_TEST(cannot_switch)
{
	begin();
	slow.traits = 2;
	plug("1-1", &slow);
	refused(PORT_3, "cannot switch the power of its ports");
	slow.traits = 0;
	refused(PORT_3, "switches all its 4 ports at once: say gang");
	refused("{\"match\":{\"path\":\"1-1\"},\"port\":5,\"gang\":\"g\"}", "has 4 ports, none is 5");
	refused("{\"match\":{\"path\":\"1-7\"},\"port\":1}", "no such USB device");
	fake_open(&drv_hub, "power.main", "{\"match\":{\"path\":\"1-1\"},\"port\":3,\"gang\":\"shelf\"}");
	off();
	ck_assert(slow.off[1] && slow.off[2] && slow.off[3] && slow.off[4]);
	on();
	ck_assert(!slow.off[1] && !slow.off[2] && !slow.off[3] && !slow.off[4]);
	done();
}
END_TEST

/* The link to the inner hub, at open and when it comes later; and what is no hub. */
START_TEST(never_the_bench_itself)
{
	struct err err = { 0 };

	begin();
	hub_model_init(&another, 4, false);
	plug("1-1", &slow);
	put("bus/usb/devices/1-1.4/bDeviceClass", "09\n");
	refused("{\"match\":{\"path\":\"1-1\"},\"port\":4}", "leads to another hub (1-1.4)");
	slow.traits = 0;
	refused("{\"match\":{\"path\":\"1-1\"},\"port\":1,\"gang\":\"g\"}", "port 4 of hub 1-1 leads to another hub");
	slow.traits = 1;
	fake_open(&drv_hub, "power.main", PORT_3);
	put("bus/usb/devices/1-1.3/bDeviceClass", "09\n");
	ck_assert(!fake_try_step(&probe_power, "off", "{}", 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "leads to another hub"));
	ck_assert(!slow.off[3]);
	done();
}
END_TEST

/* A port that feeds a mounted disk; a mount of any real disk stands in for one, seen through the mock's sysfs. */
START_TEST(never_a_mounted_disk)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	unsigned major = 0, minor = 0;
	char line[1024], name[128], path[512];
	struct err err = { 0 };

	while (f && fgets(line, sizeof(line), f) && sscanf(line, "%*d %*d %u:%u", &major, &minor) == 2 && !major)
		;
	if (f)
		fclose(f);
	begin();
	plug("1-1", &slow);
	if (!major && !minor) {
		done();
		return;
	}
	snprintf(name, sizeof(name), "devices/pci/1-1.3/1-1.3:1.0/block/sdz/size");
	put(name, "1\n");
	put("dev/block/x", "");
	snprintf(path, sizeof(path), "%s/sys/dev/block/%u:%u", usb_mock_root(bus), major, minor);
	ck_assert_int_eq(symlink("../../devices/pci/1-1.3/1-1.3:1.0/block/sdz", path), 0);
	ck_assert(!fake_try_open(&drv_hub, "power.main", PORT_3, &err));
	ck_assert_msg(strstr(err.text, "feeds a disk of the bench") != NULL, "%s", err.text);
	json_decref(fake.line[--fake.lines].params);
	free(fake.line[fake.lines].priv);
	done();
}
END_TEST

static const struct { enum usb_fault_kind kind; const char *words; } trouble[] = {
	{ USB_FAULT_stall, "refused (stall)" }, { USB_FAULT_silence, "no answer within" }, { USB_FAULT_cut, "hub descriptor" },
	{ USB_FAULT_garbage, "hub descriptor" }, { USB_FAULT_unplug, "no such USB device" },
};

/* For ever; the first time it is the switching or the status, then the hub does not even open again. */
START_TEST(faults)
{
	struct usb_fault fault[] = { { 1000000, trouble[_i].kind, USB_ON_CONTROL, 0, 0 }, { 0 } };
	struct err err = { 0 };

	begin();
	port = plug("1-1", &slow);
	fake_open(&drv_hub, "power.main", PORT_3);
	if (trouble[_i].kind == USB_FAULT_unplug)
		usb_mock_unplug(port);
	else
		usb_mock_faults(port, fault, 1);
	ck_assert(!fake_try_step(&probe_power, "off", "{}", 0, &err));
	ck_assert_int_eq(err.kind, ERR_BENCH);
	ck_assert_msg(strstr(err.text, trouble[_i].words) != NULL, "%s", err.text);
	done();
	ck_assert_ptr_nonnull(strstr(fake.note, "NOT in its safe state"));
}
END_TEST

START_TEST(containers)
{
	static const uint8_t good[] = { 5, 15, 27, 0, 1, 3, 16, 1, 20, 16, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	uint8_t id[HUB_CONTAINER];

	ck_assert(hub_container(good, sizeof(good), id));
	ck_assert_mem_eq(id, good + 12, sizeof(id));
	for (size_t n = 0; n < sizeof(good); n++)
		ck_assert(!hub_container(good, n, id));
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "by_request", by_request, 1 }, { "by_the_kernel", by_the_kernel, 1 }, { "lies", lies, 2 },
	  { "both_halves", both_halves, 1 },
	  { "paired_by_the_kernel", paired_by_the_kernel, 1 }, { "pairing", pairing, 5 }, { "pairing_in_doubt", pairing_in_doubt, 1 },
	  { "cannot_switch", cannot_switch, 1 }, { "never_the_bench_itself", never_the_bench_itself, 1 },
	  { "never_a_mounted_disk", never_a_mounted_disk, 1 }, { "faults", faults, ROWS(trouble) }, { "containers", containers, 1 })
