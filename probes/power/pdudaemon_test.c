// SPDX-License-Identifier: Apache-2.0
// Kind pdudaemon of the HTTP line: the daemon is Debian's, its outlets are files that its driver for commands makes and removes,
// behind a network that misbehaves.
#include "harness/fake.h"

#include "probes/power/fault_proxy.h"

extern const struct line_driver drv_http;

#define DAEMON "/usr/sbin/pdudaemon"
static struct { char dir[32]; pid_t pid; int port; } pd;

static bool listens(void)
{
	int64_t until = clock_ns() + SEC(30);
	int s;

	for (; clock_ns() < until; poll(NULL, 0, 20)) {
		s = proxy_dial(SOCK_STREAM, pd.port);
		if (s >= 0) {
			close(s);
			return true;
		}
		if (waitpid(pd.pid, NULL, WNOHANG) == pd.pid)
			return false;
	}
	return false;
}

/* It cannot say which port it got, so it is given one that was free a moment ago. One try of its own: no five seconds' pause. */
static bool run_daemon(void)
{
	char conf[64], text[512];
	struct err err = { 0 };

	close(proxy_bind(SOCK_STREAM, &pd.port));
	snprintf(conf, sizeof(conf), "%s/conf", pd.dir);
	snprintf(text, sizeof(text), "{\"daemon\":{\"hostname\":\"127.0.0.1\",\"port\":%d,\"logging_level\":\"ERROR\",\"listener\":\"http\"},\"pdus\":{\"rack-1\":"
		 "{\"driver\":\"localcmdline\",\"retries\":1,\"cmd_on\":\"touch %s/on%%s\",\"cmd_off\":\"rm -f %s/on%%s\"}}}", pd.port, pd.dir, pd.dir);
	ck_assert_msg(fs_write(conf, text, strlen(text), &err), "%s", err.text);
	pd.pid = fork();
	if (pd.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(127);
		execl(DAEMON, DAEMON, "--conf", conf, (char *)NULL);
		_exit(127);
	}
	return listens();
}

static bool start(void)
{
	if (access(DAEMON, X_OK)) {
		printf("pdudaemon_test: no pdudaemon here: skipped\n");
		return false;
	}
	strcpy(pd.dir, "/tmp/pdudaemon-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(pd.dir));
	for (int i = 0; !run_daemon(); i++)
		ck_assert_msg(i < 3, "pdudaemon does not start");
	proxy_start(SOCK_STREAM, pd.port, MS(800));
	return true;
}
static void stop(void)
{
	struct err err = { 0 };

	proxy_stop();
	kill(pd.pid, SIGKILL);
	waitpid(pd.pid, NULL, 0);
	ck_assert_msg(fs_remove(pd.dir, &err), "%s", err.text);
}
static bool energised(int channel)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/on%d", pd.dir, channel + 1);
	return access(path, F_OK) == 0;
}
static void params(int channel, char *buf, size_t n)
{
	snprintf(buf, n, "{\"kind\":\"pdudaemon\",\"address\":\"127.0.0.1\",\"port\":%d,\"pdu\":\"rack-1\",\"outlet\":%d,\"timeout\":800000000}", proxy.port,
		 channel + 1);
}
static const struct conform rows[] = {
	{ .name = "pdudaemon", .driver = &drv_http, .channels = 2, .unasked = true, .start = start, .params = params, .energised = energised,
	  .fault = proxy_fault, .stop = stop },
};
static const struct conform *conform_row(int i) { return &rows[i]; }

START_TEST(refused)
{
	static const struct { const char *pdu, *why; bool opens; } row[] = {
		{ "", "pdu has to be said", false },
		{ ",\"pdu\":\"rack-1&port=2\"", "letters, digits", false },
		{ ",\"pdu\":\"rack-2\"", "status 500", true },         /* which it says when it is told something */
	};
	struct err err = { 0 };
	char text[256];

	fake_bench("{}", false);
	if (!start())
		return;
	for (int i = 0; i < ROWS(row); i++) {
		err = (struct err){ 0 };
		snprintf(text, sizeof(text), "{\"kind\":\"pdudaemon\",\"address\":\"127.0.0.1\",\"port\":%d%s}", proxy.port, row[i].pdu);
		ck_assert_int_eq(fake_try_open(&drv_http, "power.main", text, &err), row[i].opens);
		if (row[i].opens)
			ck_assert(!conform_do(&rows[0], &fake.line[fake.lines - 1], "on", NULL, &err));
		ck_assert_msg(strstr(err.text, row[i].why) != NULL, "'%s' and not '%s'", err.text, row[i].why);
	}
	fake_close();
	stop();
}
END_TEST

TEST_MAIN(CONFORM(ROWS(rows)), { "refused", refused, 1 })
