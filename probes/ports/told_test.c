/* SPDX-License-Identifier: Apache-2.0
 *
 * told_test.c - the verbs ports.identify and ports.told on a real web server: good, bad and silent. */
#include "harness/fake.h"

#include "harness/base/test.h"
#include "harness/proto/daemon.h"
#include "probes/ports/loopback.h"

static struct daemon d;

static bool serve(const char *tag, const char *page)
{
	if (!daemon_open(&d, "/usr/sbin/lighttpd"))
		return false;
	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	json_object_set_new(fake.device, "identity", fake_json("{\"model\":\"GW-7\",\"firmware\":\"4.3.2\",\"units\":[\"SN-000077\"]}"));
	daemon_put(&d, "index.html", "%s", page);
	daemon_put(&d, "conf", "server.document-root=\"%s\"\nserver.bind=\"127.0.0.1\"\nserver.port=%d\nserver.tag=\"%s\"\n"
		   "index-file.names=(\"index.html\")\n", d.dir, d.port, tag);
	daemon_run(&d, "/usr/sbin/lighttpd", "-D", "-f", "conf", NULL);
	return true;
}

static void done(void)
{
	daemon_close(&d);
	fake_close();
}

static void identify(const char *surfaces)
{
	char args[512];

	snprintf(args, sizeof(args), "{\"ports\":[\"tcp/%d\"],\"surfaces\":%s,\"quiet\":150000000}", d.port, surfaces);
	fake_step(&probe_ports, "identify", args);
}

/* Then asks what was told; disclosed is a JSON list. */
static void told(const char *disclosed)
{
	char args[512];

	snprintf(args, sizeof(args), "{\"answers\":\"%s\",\"disclosed\":%s,\"fields\":[\"name\"]}",
		 json_string_value(json_object_get(fake.facts, "answers")), disclosed);
	fake_step(&probe_ports, "told", args);
}

START_TEST(says_little)
{
	if (!serve("Gateway GW-7", "<h1>GW-7</h1>"))
		return;
	identify("[]");
	ck_assert_uint_eq(fake_size("hidden") + fake_size("logins") + fake_size("unknown") + fake_size("gone"), 0);
	ck_assert_uint_eq(fake_size("services"), 1);
	ck_assert_str_eq(fake.incomplete, "");
	told("[]");
	ck_assert(fake_has("found", "model in page") && fake_has("found", "model in header"));
	ck_assert_uint_eq(fake_size("undisclosed"), 0);
	done();
}
END_TEST

START_TEST(says_much)
{
	if (!serve("gw/4.3.2", "<p>Hello " CANARY " at 10.9.8.7, SN-000077</p>"))
		return;
	identify("[]");
	told("[]");
	ck_assert(fake_has("undisclosed", "version gw/4.3.2 in header") || fake_has("undisclosed", "version in header"));
	ck_assert(fake_has("undisclosed", "serial in page") && fake_has("undisclosed", "user data name in page"));
	ck_assert(fake_has("undisclosed", "address 10.9.8.7 in page"));
	ck_assert_uint_ge(fake_size("where"), 4);
	done();
}
END_TEST

START_TEST(may_say_it)
{
	if (!serve("lighttpd/1.4.69", "<p>SN-000077</p>"))
		return;
	identify("[]");
	told("[\"version lighttpd/1.4.69\",\"serial in page\"]");
	ck_assert(fake_has("found", "version lighttpd/1.4.69 in header"));
	ck_assert_uint_eq(fake_size("undisclosed"), 0);
	done();
}
END_TEST

START_TEST(hidden)
{
	char declared[256];

	if (!serve("Gateway", "<form><input type=password></form>"))
		return;
	identify("[{\"name\":\"ssh\",\"type\":\"ssh\",\"port\":22}]");
	ck_assert_uint_eq(fake_size("hidden"), 1);
	ck_assert_uint_eq(fake_size("recognised"), 0);
	snprintf(declared, sizeof(declared), "[{\"name\":\"web\",\"type\":\"http_form\",\"url\":\"http://dut:%d/\"}]", d.port);
	identify(declared);
	ck_assert_uint_eq(fake_size("hidden"), 0);
	ck_assert(fake_has("recognised", "web"));
	done();
}
END_TEST

START_TEST(gone)
{
	if (!serve("Gateway", ""))
		return;
	kill(-d.pid, SIGKILL);
	waitpid(d.pid, NULL, 0);
	d.pid = 0;
	identify("[]");
	ck_assert_uint_eq(fake_size("gone"), 1);
	ck_assert_str_ne(fake.incomplete, "");
	told("[]");
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "nothing was told"));
	ck_assert_uint_eq(fake_size("found"), 0);
	done();
}
END_TEST

/* A device that answers on every port: the first ones are asked, and it is said that they were not all. */
START_TEST(everywhere)
{
	json_t *ports, *args;
	char *text;

	if (!serve("Gateway", ""))
		return;
	ports = json_array();
	for (int i = 0; i < 500; i++)
		json_array_append_new(ports, json_sprintf("tcp/%d", d.port));
	args = json_pack("{s:o,s:I,s:I}", "ports", ports, "quiet", (json_int_t)MS(20), "budget", (json_int_t)SEC(2));
	text = json_dumps(args, 0);
	fake_step(&probe_ports, "identify", text);
	ck_assert_ptr_nonnull(strstr(fake.incomplete, "of 500 ports were asked"));
	free(text);
	json_decref(args);
	done();
}
END_TEST

TEST_MAIN({ "says little", says_little, 1 }, { "says much", says_much, 1 }, { "may say it", may_say_it, 1 }, { "hidden", hidden, 1 },
	  { "gone", gone, 1 }, { "everywhere", everywhere, 1 })
