/* SPDX-License-Identifier: Apache-2.0
 *
 * Effects seen at a pin and on a console, as far as they were recorded; and the other words for a request. */
#include "harness/fake.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "harness/base/test.h"
#include "harness/proto/serial_log.h"
#include "harness/proto/wire_log.h"
#include "probes/api/api.h"
#include "probes/api/loopback.h"

static struct wire_log_writer pins;
static struct serial_log_writer console;

static void begin(void)
{
	struct err err = { 0 };
	char path[128];

	fake_bench("{}", false);
	snprintf(path, sizeof(path), "%s/wire", fake.run);
	mkdir(path, 0700);
	strcat(path, "/board.log");
	ck_assert_msg(wire_log_create(path, &pins, &err), "%s", err.text);
	snprintf(path, sizeof(path), "%s/serial", fake.run);
	mkdir(path, 0700);
	ck_assert_msg(serial_log_create(path, "console", &console, &err), "%s", err.text);
}

static void pin(const char *name, enum wire_kind kind, int64_t value)
{
	struct err err = { 0 };

	ck_assert(wire_log_level(&pins, clock_ns(), kind, name, value, &err));
}

static void says(const char *text)
{
	struct err err = { 0 };

	ck_assert(serial_log_add(&console, clock_ns(), 'r', text, strlen(text), "-", &err));
}

static const char *value(const char *args)
{
	const char *v;

	fake_step(&probe_api, "effect", args);
	v = json_string_value(json_object_get(fake.facts, "value"));
	ck_assert(truth("known") == (v != NULL) && truth("known") == !fake.incomplete[0]);
	return v ? v : "(unknown)";
}

#define RELAY "{\"effect\":{\"pin\":\"relay\"}}"
START_TEST(at_a_pin)
{
	begin();
	ck_assert_str_eq(value(RELAY), "(unknown)");
	pin("led", WIRE_IN, 1);
	pin("relay", WIRE_OUT, 1);              /* the bench's own doing */
	ck_assert_str_eq(value(RELAY), "(unknown)");
	pin("relay", WIRE_IN, 0);
	ck_assert_str_eq(value(RELAY), "0 after 0 changes");
	pin("relay", WIRE_IN, 1);
	pin("relay", WIRE_IN, 1);
	pin("relay", WIRE_IN, 0);               /* there and back again is not nothing */
	ck_assert_str_eq(value(RELAY), "0 after 2 changes");
	fake_close();
}
END_TEST

/* A line of the console that comes while it is awaited. */
static void soon(const char *text)
{
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	poll(NULL, 0, 40);
	says(text);
	_exit(0);
}

#define HEATS "{\"effect\":{\"console\":\"^heats\",\"within\":\"2s\"},\"other_than\":\"said 0 times\"}"
START_TEST(on_a_console)
{
	begin();
	ck_assert_str_eq(value("{\"effect\":{\"console\":\"^heats\"}}"), "(unknown)");
	says("heats\n");                        /* before the step: not its effect */
	ck_assert_str_eq(value("{\"effect\":{\"console\":\"^heats\"}}"), "said 0 times");
	soon("it heats\nheats\r\ncools\nheats\n");
	ck_assert_str_eq(value(HEATS), "said 2 times");
	fake_close();
}
END_TEST

/* What rests is taken; what does not come to rest is unknown. */
START_TEST(settles)
{
	pid_t child;

	begin();
	pin("relay", WIRE_IN, 0);
	ck_assert_str_eq(value("{\"effect\":{\"pin\":\"relay\",\"within\":\"50ms\"}}"), "0 after 0 changes");
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 1;; i++) {
			pin("relay", WIRE_IN, i & 1);
			poll(NULL, 0, 10);
		}
	}
	ck_assert_str_eq(value("{\"effect\":{\"pin\":\"relay\",\"within\":\"150ms\"}}"), "(unknown)");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	fake_close();
}
END_TEST

static const struct { const char *method, *url, *name, *want; } words[] = {
	{ "GET", "http://a/api/x", "slash at the end", "GET http://a/api/x/" },
	{ "GET", "http://a/api/x?q=1", "slash at the end", "GET http://a/api/x/?q=1" },
	{ "GET", "http://a/api/x", "other case", "GET http://a/api/X" },
	{ "GET", "http://a/api/x?q=a", "other case throughout", "GET http://a/API/X?q=a" },
	{ "GET", "http://a:8443/api/x", "two slashes", "GET http://a:8443//api/x" },
	{ "GET", "http://a/api/x", "dot", "GET http://a/api/./x" },
	{ "GET", "http://a/api/x", "encoded", "GET http://a/api/%78" },
	{ "GET", "http://a/api/x", "encoded at the beginning", "GET http://a/%61pi/x" },
	{ "GET", "http://a/admin/", "other case", "GET http://a/ADMIN/" },
	{ "GET", "http://a/admin/", "encoded", "GET http://a/%61dmin/" },
	{ "GET", "http://a/9", "other case", "" },                     /* the same: no other word */
	{ "GET", "http://a/", "encoded at the beginning", "" },
	{ "GET", "http://[fd77::5]/x", "other case", "GET http://[fd77::5]/X" },
	{ "PUT", "http://a/x", "POST", "POST http://a/x" }, { "PUT", "http://a/x", "PATCH", "PATCH http://a/x" },
	{ "POST", "http://a/x", "POST", "" }, { "GET", "http://a/x", "PATCH", "" },
	{ "PUT", "http://a/x", "method in a header", "POST http://a/x X-HTTP-Method-Override: PUT" },
	{ "GET", "http://a/x", "from itself", "GET http://a/x X-Forwarded-For: 127.0.0.1" },
};
START_TEST(in_other_words)
{
	static struct spelling s;
	char got[200] = "none such";

	for (unsigned i = 0; spell(i, words[_i].method, words[_i].url, &s); i++)
		if (!strcmp(s.name, words[_i].name))
			snprintf(got, sizeof(got), "%s%s%.100s%s%s", s.url[0] ? s.method : "", s.url[0] ? " " : "", s.url,
				 s.url[0] && s.header[0] ? " " : "", s.url[0] ? s.header : "");
	ck_assert_str_eq(got, words[_i].want);
}
END_TEST

TEST_MAIN({ "at a pin", at_a_pin, 1 }, { "on a console", on_a_console, 1 }, { "settles", settles, 1 },
	  { "in other words", in_other_words, ROWS(words) })
