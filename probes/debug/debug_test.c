// SPDX-License-Identifier: Apache-2.0
// The real OpenOCD; its remote_bitbang driver talks to our model of a JTAG device (tap_model.h).
#include "harness/fake.h"

#include <signal.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "probes/debug/openocd_says.h"
#include "probes/debug/tap_model.h"

extern const struct probe probe_debug;
extern const struct line_driver drv_openocd;

#define MAIN "{\"port\":{\"line\":\"debug.main\"}}"
#define CONTROL "{\"port\":{\"line\":\"debug.main\"},\"of\":\"control\"}"

static pid_t model[2];
static size_t models;

static bool have_openocd(void)
{
	if (access("/usr/bin/openocd", X_OK) == 0)
		return true;
	puts("openocd is not installed: skipped");
	return false;
}

static void serve(enum tap_kind kind, const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", fake.work, name);
	ck_assert_int_eq(bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(s, 4), 0);
	model[models] = fork();
	if (model[models++] == 0)
		tap_serve(s, kind);
	close(s);
}

static void put(const char *name, const char *fmt, const char *arg)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", fake.run, name);
	f = fopen(path, "w");
	fprintf(f, fmt, arg);
	fclose(f);
}

/* Adapter at the model's socket; a JTAG-DP with a MEM-AP behind it. */
static void start(const char *more)
{
	static const char adapter[] = "adapter driver remote_bitbang\nremote_bitbang port 0\nremote_bitbang host %s/jtag\nadapter speed 100000\n"
				      "transport select jtag\n";
	char params[600];

	put("adapter.cfg", adapter, fake.work);
	put("dap.cfg", "jtag newtap dut cpu -irlen 4%s\ndap create dut.dap -chain-position dut.cpu\n"
	    "target create dut.mem mem_ap -dap dut.dap -ap-num 0\n", "");
	put("tap.cfg", "jtag newtap dut cpu -irlen 4%s\n", "");
	put("silent.cfg", "adapter driver remote_bitbang\nremote_bitbang port 0\nremote_bitbang host %s/silent\nadapter speed 100000\n"
	    "transport select jtag\njtag newtap x x -irlen 4\n", fake.work);
	put("dummy.cfg", "adapter driver dummy\nadapter speed 100\ntransport select jtag\njtag newtap x x -irlen 4%s\n", "");
	snprintf(params, sizeof(params), more, fake.run, fake.run, fake.run, fake.run);
	fake_open(&drv_openocd, "debug.main", params);
}

static void stop(void)
{
	while (models > 0) {
		kill(model[--models], SIGKILL);
		waitpid(model[models], NULL, 0);
	}
	fake_close();
}

static const struct { enum tap_kind kind; bool dap, connected, readable; } ports[] = {
	{ TAP_OPEN, true, true, true }, { TAP_LOCKED, true, true, false }, { TAP_IDCODE_ONLY, false, true, false },
	{ TAP_ONES, true, false, false }, { TAP_ZEROES, true, false, false },
};

START_TEST(port)
{
	char path[200], *log;
	struct err err = { 0 };
	size_t n;

	if (!have_openocd())
		return;
	fake_bench("{}", false);
	serve(ports[_i].kind, "jtag");
	start(ports[_i].dap ? "{\"config\":[\"%s/adapter.cfg\",\"%s/dap.cfg\"]}" : "{\"config\":[\"%s/adapter.cfg\",\"%s/tap.cfg\"]}");
	fake_step(&probe_debug, "attempt", MAIN);
	ck_assert_int_eq(fake_is("answered"), ports[_i].connected);
	if (ports[_i].connected)
		ck_assert_str_eq(fake_text("idcode"), "0x4ba00477");
	ck_assert_int_eq(fake_is("readable"), ports[_i].readable);
	ck_assert_int_eq(json_object_get(fake.facts, "readable") != NULL, ports[_i].dap);
	snprintf(path, sizeof(path), "%s/%s", fake.run, fake_text("log"));
	ck_assert(fs_read(path, 8 << 20, &log, &n, &err));
	free(log);
	stop();
}
END_TEST

START_TEST(noise)
{
	if (!have_openocd())
		return;
	fake_bench("{}", false);
	serve(TAP_NOISE, "jtag");
	start("{\"config\":[\"%s/adapter.cfg\",\"%s/tap.cfg\"]}");
	fake_step(&probe_debug, "attempt", MAIN);
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "noise"));
	stop();
}
END_TEST

/* The same adapter reaches what is known to answer, and then nothing: only now the silence is the device's. */
START_TEST(control)
{
	struct err err = { 0 };

	if (!have_openocd())
		return;
	fake_bench("{}", false);
	serve(TAP_OPEN, "jtag");
	serve(TAP_ONES, "silent");
	start("{\"config\":[\"%s/silent.cfg\"],\"control\":[\"%s/adapter.cfg\",\"%s/dap.cfg\"]}");
	fake_step(&probe_debug, "attempt", CONTROL);
	ck_assert(fake_is("answered") && fake_is("readable") && fake_is("halted"));
	fake_step(&probe_debug, "attempt", MAIN);
	ck_assert(json_is_false(json_object_get(fake.facts, "answered")));
	fake.lines = 0;
	drv_openocd.close(&fake.line[0]);
	json_decref(fake.line[0].params);
	start("{\"config\":[\"%s/dummy.cfg\"]}");
	ck_assert(!fake_try_step(&probe_debug, "attempt", CONTROL, 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "has no control"));
	stop();
}
END_TEST

static const struct { const char *params, *why; } faults[] = {
	{ "{\"config\":[\"%s/adapter.cfg\",\"%s/dap.cfg\"]}", "the adapter does not work" },     /* nobody listens */
	{ "{\"config\":[\"%s/missing.cfg\"]}", "the adapter does not work" },
	{ "{\"config\":[\"interface/cmsis-dap.cfg\"],\"commands\":[\"cmsis_dap_vid_pid 0xdead 0xbeef\"]}", "the adapter does not work" },
	{ "{\"config\":[\"%s/dummy.cfg\"],\"commands\":[\"after 60000\"],\"limit\":300000000}", "not done within limit" },
};

START_TEST(bench_faults)
{
	struct err err = { 0 };

	if (!have_openocd())
		return;
	fake_bench("{}", false);
	start(faults[_i].params);
	ck_assert(!fake_try_step(&probe_debug, "attempt", MAIN, 0, &err));
	ck_assert_msg(strstr(err.text, faults[_i].why) != NULL, "%s", err.text);
	ck_assert_int_ne(err.kind, ERR_CONF);
	stop();
}
END_TEST

static const struct { const char *log; bool adapter, answered; uint32_t id; const char *error; } logs[] = {
	{ "Debug: 1 2 o.c:3 f(): Debug Adapter init complete\nInfo : SWD DPIDR 0x2ba01477\n", true, true, 0x2ba01477, "" },
	{ "Info : SWD DPIDR 0x2ba01477\n", false, false, 0, "" },       /* said by whom, when no adapter was there? */
	{ "Debug Adapter init complete\nInfo: tap/device found: 0x00000000\n", true, false, 0, "" },
	{ "Debug Adapter init complete\nInfo: tap/device found: 0xffffffff\n", true, false, 0, "" },
	{ "Debug Adapter init complete\nInfo: tap/device found: 0x999999999999999999\n", true, false, 0, "" },
	{ "Debug Adapter init complete\nError: open failed\n", false, false, 0, "open failed" },
	{ "x\nError: 12 34 a.c:5 f(): bad \x1b[2J\n", false, false, 0, "bad  [2J" },
	{ "Debug Adapter init complete\nInfo: tap/device found: 0x4ba00477\nWarn: Unexpected idcode after end of chain\n", true, false, 0, "" },
	{ "", false, false, 0, "" },
};

START_TEST(sees)
{
	struct openocd_seen s;

	openocd_see(logs[_i].log, &s);
	ck_assert_int_eq(s.adapter, logs[_i].adapter);
	ck_assert_int_eq(s.answered, logs[_i].answered);
	ck_assert_uint_eq(s.idcode, logs[_i].id);
	ck_assert_str_eq(s.error, logs[_i].error);
}
END_TEST

TEST_MAIN({ "port", port, ROWS(ports) }, { "noise", noise, 1 }, { "control", control, 1 }, { "faults", bench_faults, ROWS(faults) },
	  { "sees", sees, ROWS(logs) })
