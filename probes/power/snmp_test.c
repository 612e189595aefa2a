// SPDX-License-Identifier: Apache-2.0
// The agent is net-snmp's snmpd on a port of the kernel's choice, its PDU a table in a script behind it (pass_persist), with
// the numbers that each MIB lists; the network between misbehaves.
#include "harness/fake.h"

#include "probes/power/fault_proxy.h"

extern const struct line_driver drv_snmp;

static struct { const char *kind, *index, *version; char dir[32]; pid_t pid; int port; } agent;

/* kind, object written for on and off, values written, object read, values read: from the MIBs, beside the driver's own table */
static const char pdu[] =
	"import sys, os\n"
	"d = sys.argv[1]\n"
	"E = '.1.3.6.1.4.1.'\n"
	"K = {  # kind: (index before the outlet, written for on, for off, value on, value off, read, value on, value off)\n"
	"'apc-masterswitch': ('', E+'318.1.1.4.4.2.1.3', 0, 1, 2, 0, 1, 2),\n"
	"'apc-rpdu': ('', E+'318.1.1.12.3.3.1.1.4', 0, 1, 2, 0, 1, 2),\n"
	"'apc-rpdu2': ('', E+'318.1.1.26.9.2.4.1.5', 0, 1, 2, E+'318.1.1.26.9.2.3.1.5', 2, 1),\n"
	"'apc-cpdu': ('1.', E+'318.1.1.32.5.5.1.4', 0, 2, 1, 0, 2, 1),\n"
	"'apc-msp': ('1.', E+'318.1.1.6.5.1.1.5', 0, 1, 3, 0, 1, 3),\n"
	"'eaton': ('0.', E+'534.6.6.7.6.6.1.4', E+'534.6.6.7.6.6.1.3', 0, 0, E+'534.6.6.7.6.6.1.2', 1, 0),\n"
	"'eaton-revelation': ('', E+'534.6.6.6.1.2.2.1.3', 0, 1, 0, 0, 1, 0),\n"
	"'raritan': ('1.', E+'13742.6.4.1.2.1.2', 0, 1, 0, E+'13742.6.4.1.2.1.3', 7, 8),\n"
	"'raritan-px1': ('', E+'13742.4.1.2.2.1.3', 0, 1, 0, 0, 1, 0),\n"
	"'sentry3': ('1.1.', E+'1718.3.2.3.1.11', 0, 1, 2, E+'1718.3.2.3.1.10', 5, 4),\n"
	"'cyberpower': ('', E+'3808.1.1.3.3.3.1.1.4', 0, 1, 2, 0, 1, 2),\n"
	"'poe': ('1.', '.1.3.6.1.2.1.105.1.1.1.3', 0, 1, 2, 0, 1, 2) }\n"
	"path = lambda i: os.path.join(d, 'on%d' % i)\n"
	"def line():\n"
	"    t = sys.stdin.readline()\n"
	"    if not t: sys.exit(0)\n"
	"    return t.strip()\n"
	"def say(t): sys.stdout.write(t + '\\n'); sys.stdout.flush()\n"
	"while True:\n"
	"    c = line()\n"
	"    if c == 'PING': say('PONG')\n"
	"    elif c in ('get', 'set'):\n"
	"        o = line(); v = int(line().split()[1]) if c == 'set' else None\n"
	"        say_ = 'NONE' if c == 'get' else 'wrong-value'\n"
	"        for k in K:\n"
	"            pre, on, off, von, voff, get, ron, roff = K[k]\n"
	"            for i in (0, 1):\n"
	"                at = lambda x: o == (x or on) + '.' + pre + '78'[i]\n"
	"                if c == 'get' and (at(on) or at(off) or at(get)):\n"
	"                    going = k == 'eaton' and os.path.exists(os.path.join(d, 'going'))\n"
	"                    say_ = o + '\\ninteger\\n' + str(2 if going else ron if os.path.exists(path(i)) else roff)\n"
	"                elif c == 'set' and at(on) and v == von: open(path(i), 'w').close(); say_ = 'DONE'; break\n"
	"                elif c == 'set' and at(off) and v == voff:\n"
	"                    if os.path.exists(path(i)): os.unlink(path(i))\n"
	"                    say_ = 'DONE'\n"
	"        say(say_)\n"
	"    elif c == '': continue      # snmpd ends what it sets with two line ends\n"
	"    else: line(); say('NONE')\n";

static void put(const char *name, const char *text)
{
	char path[80];
	struct err err = { 0 };

	snprintf(path, sizeof(path), "%s/%s", agent.dir, name);
	ck_assert_msg(fs_write(path, text, strlen(text), &err), "%s", err.text);
}

/* snmpd cannot say which port it got, so it is given one that was free a moment ago. */
static bool run_snmpd(void)
{
	char conf[64], log[64], pidfile[64], text[1024];
	int64_t until = clock_ns() + SEC(10);
	int fd;

	close(proxy_bind(SOCK_DGRAM, &agent.port));
	snprintf(text, sizeof(text), "agentAddress udp:127.0.0.1:%d\nrwcommunity private 127.0.0.1\ncreateUser bench SHA \"authentic one\" AES \"private one\"\n"
		 "rwuser bench priv\npass_persist .1.3.6.1.4.1 /usr/bin/env python3 %s/pdu.py %s\n"
		 "pass_persist .1.3.6.1.2.1.105 /usr/bin/env python3 %s/pdu.py %s\n", agent.port, agent.dir, agent.dir, agent.dir, agent.dir);
	put("snmpd.conf", text);
	snprintf(conf, sizeof(conf), "%s/snmpd.conf", agent.dir);
	snprintf(log, sizeof(log), "%s/log", agent.dir);
	snprintf(pidfile, sizeof(pidfile), "%s/pid", agent.dir);
	agent.pid = fork();
	if (agent.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setenv("SNMP_PERSISTENT_DIR", agent.dir, 1);
		setenv("SNMPCONFPATH", agent.dir, 1);
		setenv("MIBS", "", 1);
		execlp("snmpd", "snmpd", "-f", "-r", "-C", "-c", conf, "-Lf", log, "-p", pidfile, (char *)NULL);
		_exit(127);
	}
	while (clock_ns() < until) {    /* the log says when it listens */
		char said[4096] = "";
		int status;

		fd = open(log, O_RDONLY);
		if (fd >= 0) {
			(void)!read(fd, said, sizeof(said) - 1);
			close(fd);
		}
		if (strstr(said, "NET-SNMP version"))
			return true;
		if (waitpid(agent.pid, &status, WNOHANG) == agent.pid)
			return false;
		poll(NULL, 0, 5);
	}
	return false;
}

static bool start_as(const char *kind, const char *index, const char *version)
{
	if (access("/usr/sbin/snmpd", X_OK)) {
		printf("snmp_test: no snmpd here: skipped\n");
		return false;
	}
	agent.kind = kind;
	agent.index = index;
	agent.version = version;
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("JUSAN_TEST_COMMUNITY", "private", 1);
	setenv("JUSAN_TEST_AUTH", "authentic one", 1);
	setenv("JUSAN_TEST_PRIV", "private one", 1);
	strcpy(agent.dir, "/tmp/snmpd-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(agent.dir));
	put("pdu.py", pdu);
	for (int i = 0; !run_snmpd(); i++)
		ck_assert_msg(i < 3, "snmpd does not start");
	proxy_start(SOCK_DGRAM, agent.port, MS(600));
	return true;
}
static void stop(void)
{
	struct err err = { 0 };

	proxy_stop();
	kill(agent.pid, SIGTERM);
	waitpid(agent.pid, NULL, 0);
	ck_assert_msg(fs_remove(agent.dir, &err), "%s", err.text);
}
static bool energised(int channel)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/on%d", agent.dir, channel);
	return access(path, F_OK) == 0;
}
static void params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"kind\":\"%s\",\"address\":\"127.0.0.1\",\"port\":%d,\"index\":\"%s%d\",\"version\":\"%s\",\"timeout\":600000000,%s}", agent.kind,
		 proxy.port, agent.index, 7 + channel, agent.version, strcmp(agent.version, "3") ? "\"secret\":{\"env\":\"JUSAN_TEST_COMMUNITY\"}" :
		 "\"user\":\"bench\",\"secret\":{\"env\":\"JUSAN_TEST_AUTH\"},\"privacy_secret\":{\"env\":\"JUSAN_TEST_PRIV\"}");
}
static bool start(void) { return start_as("apc-rpdu2", "", "2c"); }
static bool start_third(void) { return start_as("raritan", "1.", "3"); }
#define AGENT .driver = &drv_snmp, .channels = 2, .params = params, .energised = energised, .fault = proxy_fault, .stop = stop
static const struct conform rows[] = {
	{ .name = "apc-rpdu2", .start = start, AGENT },
	{ .name = "raritan, v3", .start = start_third, .cannot = 1 << FAULT_SEEDED | 1 << FAULT_SLOW | 1 << FAULT_UNPLUGGED, AGENT },
};
static const struct conform *conform_row(int i) { return &rows[i]; }

/* ---- every table ---- */
START_TEST(kind_by_kind)
{
	static const struct { const char *kind, *index, *version; } row[] = {
		{ "apc-masterswitch", "", "1" }, { "apc-rpdu", "", "1" }, { "apc-cpdu", "1.", "2c" }, { "apc-msp", "1.", "2c" }, { "eaton", "0.", "2c" },
		{ "eaton-revelation", "", "1" }, { "raritan-px1", "", "2c" }, { "sentry3", "1.1.", "2c" }, { "cyberpower", "", "1" }, { "poe", "1.", "2c" },
	};
	struct line *l[2];
	struct err err;
	bool on = false;

	fake_bench("{}", false);
	if (!start())
		return;
	for (int k = 0; k < ROWS(row); k++) {
		const struct conform c = { .name = row[k].kind, AGENT };

		agent.kind = row[k].kind;
		agent.index = row[k].index;
		agent.version = row[k].version;
		for (int i = 0; i < 2; i++)
			l[i] = conform_open(&c, i ? "power.b" : "power.a", i);
		conform_must(&c, l[1], 1, true);
		ck_assert(!energised(0));
		conform_must(&c, l[0], 0, true);
		conform_must(&c, l[1], 1, false);
		ck_assert(energised(0));
		if (!strcmp(row[k].kind, "eaton")) {    /* what is going off still is on: not confirmed */
			put("going", "");
			ck_assert(!conform_do(&c, l[0], "off", NULL, &err));
			ck_assert_ptr_nonnull(strstr(err.text, "still reads energised"));
			ck_assert(conform_do(&c, l[0], "get", &on, &err) && on);
		}
		while (fake.lines) {
			struct line *gone = &fake.line[--fake.lines];

			gone->driver->close(gone);
			json_decref(gone->params);
		}
	}
	fake_close();
	stop();
}
END_TEST

START_TEST(refused)
{
	static const struct { const char *text, *why; } row[] = {
		{ "\"kind\":\"apc-rpdu2\",\"index\":\"99\",\"secret\":{\"env\":\"JUSAN_TEST_COMMUNITY\"}", "no such outlet" },
		{ "\"kind\":\"apc-rpdu2\",\"index\":\"7\",\"secret\":{\"env\":\"JUSAN_TEST_AUTH\"}", "no answer" },
		{ "\"kind\":\"apc-rpdu2\",\"index\":\"7;1\",\"secret\":{\"env\":\"JUSAN_TEST_COMMUNITY\"}", "is no object" },
		{ "\"kind\":\"raritan\",\"index\":\"7\",\"secret\":{\"env\":\"JUSAN_TEST_COMMUNITY\"}", "no such outlet" },
		{ "\"kind\":\"free\",\"object\":\"1.3.6.1.4.1.318.1.1.26.9.2.3.1.5.7\",\"value_on\":5,\"value_off\":6,\"secret\":{\"env\":\"JUSAN_TEST_COMMUNITY\"}",
		  "means nothing" },
		{ "\"kind\":\"raritan\",\"index\":\"7\",\"version\":\"3\",\"user\":\"bench\",\"secret\":{\"env\":\"JUSAN_TEST_SHORT\"}", "8 characters" },
		{ "\"kind\":\"raritan\",\"index\":\"7\",\"version\":\"3\",\"user\":\"nobody\",\"secret\":{\"env\":\"JUSAN_TEST_AUTH\"}", "" },
	};
	char text[512];

	fake_bench("{}", false);
	if (!start())
		return;
	setenv("JUSAN_TEST_SHORT", "short", 1);
	for (int i = 0; i < ROWS(row); i++) {
		struct err err = { 0 };

		snprintf(text, sizeof(text), "{\"address\":\"127.0.0.1\",\"port\":%d,\"timeout\":600000000,%s}", proxy.port, row[i].text);
		ck_assert(!fake_try_open(&drv_snmp, "power.main", text, &err));
		ck_assert_msg(strstr(err.text, row[i].why) != NULL, "%s", err.text);
	}
	stop();
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "kind_by_kind", kind_by_kind, 1 }, { "refused", refused, 1 })
