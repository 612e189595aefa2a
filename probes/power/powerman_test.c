// SPDX-License-Identifier: Apache-2.0
// The daemon is PowerMan's own, before its own simulator of a switch, behind a network that misbehaves; PowerMan's own client
// is the judge. And a few lies of ours.
#include "harness/fake.h"

#include "probes/power/fault_proxy.h"

extern const struct line_driver drv_powerman;

#define DAEMON "/usr/sbin/powermand"
static struct { char dir[32]; pid_t pid; int port; } pm;

static bool listens(void)
{
	int64_t until = clock_ns() + SEC(10);
	int s;

	for (; clock_ns() < until; poll(NULL, 0, 5)) {
		s = proxy_dial(SOCK_STREAM, pm.port);
		if (s >= 0) {
			close(s);
			return true;
		}
		if (waitpid(pm.pid, NULL, WNOHANG) == pm.pid)
			return false;
	}
	return false;
}

/* It cannot say which port it got, so it is given one that was free a moment ago. */
static bool run_daemon(void)
{
	char conf[64], text[512];
	struct err err = { 0 };

	close(proxy_bind(SOCK_STREAM, &pm.port));
	snprintf(conf, sizeof(conf), "%s/conf", pm.dir);
	snprintf(text, sizeof(text), "include \"/etc/powerman/vpc.dev\"\nlisten \"127.0.0.1:%d\"\ndevice \"v\" \"vpc\" \"/usr/sbin/vpcd |&\"\n"
		 "node \"n[0-15]\" \"v\" \"[0-15]\"\n", pm.port);
	ck_assert_msg(fs_write(conf, text, strlen(text), &err), "%s", err.text);
	pm.pid = fork();
	if (pm.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!freopen("/dev/null", "w", stderr))
			_exit(127);
		execl(DAEMON, DAEMON, "-f", "-c", conf, (char *)NULL);
		_exit(127);
	}
	return listens();
}

static bool start(void)
{
	if (access(DAEMON, X_OK)) {
		printf("powerman_test: no powermand here: skipped\n");
		return false;
	}
	strcpy(pm.dir, "/tmp/powerman-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(pm.dir));
	for (int i = 0; !run_daemon(); i++)
		ck_assert_msg(i < 3, "powermand does not start");
	proxy_start(SOCK_STREAM, pm.port, MS(800));
	return true;
}
static void stop(void)
{
	struct err err = { 0 };

	proxy_stop();
	kill(pm.pid, SIGTERM);
	waitpid(pm.pid, NULL, 0);
	ck_assert_msg(fs_remove(pm.dir, &err), "%s", err.text);
}
static int node(int channel) { return channel ? 12 : 3; }
static bool energised(int channel)
{
	char command[128], line[128];
	bool on = false;
	FILE *f;

	snprintf(command, sizeof(command), "powerman -h 127.0.0.1:%d -q n%d", pm.port, node(channel));
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "on:", 3))
			on = strchr(line + 3, 'n') != NULL;
	ck_assert_int_eq(pclose(f), 0);
	return on;
}
static void params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"address\":\"127.0.0.1\",\"port\":%d,\"node\":\"n%d\",\"timeout\":800000000}", proxy.port, node(channel));
}
static const struct conform rows[] = {
	{ .name = "powerman", .driver = &drv_powerman, .channels = 2, .start = start, .params = params, .energised = energised, .fault = proxy_fault,
	  .stop = stop },
};
static const struct conform *conform_row(int i) { return &rows[i]; }

/* ---- answers that are none, and nodes that are more than one ---- */

static void __attribute__((noreturn)) lie(int listening, const char *hello, const char *answer)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		char q[64];

		(void)!send(fd, hello, strlen(hello), MSG_NOSIGNAL);
		while (recv(fd, q, sizeof(q), 0) > 0)
			(void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
		close(fd);
	}
}

#define HELLO "001 2.3.27\r\npowerman> "
#define DONE "103 Query complete\r\npowerman> "
START_TEST(lies)
{
	static const struct { const char *node, *hello, *answer, *why; } row[] = {
		{ "n[0-15]", HELLO, "", "one node's name" },
		{ "n3,n4", HELLO, "", "one node's name" },
		{ "n3\\r\\noff n4", HELLO, "", "one node's name" },
		{ "n3", "SSH-2.0-x\r\npowerman> ", "", "there is no PowerMan" },
		{ "n3", "001 2.3.27\r\n", "", "in time" },
		{ "n3", HELLO, "302 on:      \r\n302 off:     \r\n302 unknown: n3\r\n" DONE, "unknown" },
		{ "n3", HELLO, "302 on:      n3\r\n302 off:     n3\r\n302 unknown: \r\n" DONE, "does not say clearly" },
		{ "n3", HELLO, "302 on:      n31\r\n302 off:     \r\n302 unknown: \r\n" DONE, "does not say clearly" },
		{ "n3", HELLO, "302 on:      n[3-4]\r\n302 off:     \r\n302 unknown: \r\n" DONE, "does not say clearly" },
		{ "n3", HELLO, DONE, "does not say clearly" },
		{ "n3", HELLO, "209 No such nodes: n3\r\npowerman> ", "209 No such nodes" },
		{ "n3", HELLO, "hello\r\npowerman> ", "no answer: 'hello'" },
		{ "n3", HELLO, "powerman> ", "no answer: ''" },
		{ "n3", HELLO, "302 off: n3\r\n" DONE "302 on: n3\r\n" DONE, "more than one answer" },
	};
	struct err err = { 0 };
	char text[256];
	int port, listening = proxy_bind(SOCK_STREAM, &port);
	pid_t pid = fork();

	if (pid == 0)
		lie(listening, row[_i].hello, row[_i].answer);
	close(listening);
	fake_bench("{}", false);
	snprintf(text, sizeof(text), "{\"address\":\"127.0.0.1\",\"port\":%d,\"node\":\"%s\",\"timeout\":300000000}", port, row[_i].node);
	ck_assert(!fake_try_open(&drv_powerman, "power.main", text, &err));
	ck_assert_msg(strstr(err.text, row[_i].why) != NULL, "'%s' and not '%s'", err.text, row[_i].why);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "lies", lies, 14 })
