// SPDX-License-Identifier: Apache-2.0
// A monitor that is well made, lies, dawdles, talks too much or goes.
#include "probes/power/qmp.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/test.h"

#define HI "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"
#define OK1 "{\"return\": {}, \"id\": 1}\r\n"
#define OK2 "{\"return\": {}, \"id\": 2}\r\n"
#define EVENT "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"RTC_CHANGE\", \"data\": {\"offset\": 78}}\r\n"

static struct qmp q;
static int events;
static pid_t peer;

static void heard(void *arg, const char *event, const json_t *data)
{
	(void)arg;
	events += !strcmp(event, "RTC_CHANGE") && json_integer_value(json_object_get(data, "offset")) == 78;
}

/* What the peer does, step by step: sends a text, and then waits for one command before it goes on with the next. */
static void start(const char *const *say, bool stays)
{
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	peer = fork();
	if (peer == 0) {
		char command[256];

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fd[0]);
		for (; *say; say++)
			if (write(fd[1], *say, strlen(*say)) < 0 || (say[1] && read(fd[1], command, sizeof(command)) <= 0))
				break;
		while (stays)
			pause();
		_exit(0);
	}
	close(fd[1]);
	qmp_init(&q, fd[0], heard, NULL);
}

static void end(void)
{
	qmp_close(&q);
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
}

static const struct { const char *name, *say[4]; bool stays; const char *why; int events; } rows[] = {
	{ "well made", { HI, OK1, OK2 }, true, NULL, 0 },
	{ "in one piece, before it was asked", { HI OK1 OK2 }, true, "no message of its protocol", 0 },
	{ "events in between", { EVENT HI, EVENT OK1 EVENT, EVENT EVENT OK2 }, true, NULL, 5 },
	{ "an answer once more", { HI, OK1, "{\"error\": {\"desc\": \"x\"}, \"id\": 1}\n" OK2 }, true, NULL, 0 },
	{ "an answer to nobody", { HI, OK1, "{\"return\": {}, \"id\": 77}\n" OK2 }, true, "no message", 0 },
	{ "empty lines", { "\r\n\n" HI, OK1, "\n" OK2 }, true, NULL, 0 },
	{ "refused", { HI, OK1, "{\"id\": 2, \"error\": {\"class\": \"GenericError\", \"desc\": \"not\\u001b[1m now\"}}\r\n" }, true,
	  "QEMU refuses stop: not?[1m now", 0 },
	{ "refused without a number", { HI, OK1, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"what?\"}}\r\n" }, true,
	  "refuses stop: what?", 0 },
	{ "an error without a text", { HI, OK1, "{\"id\": 2, \"error\": 7}\r\n" }, true, "no message of its protocol", 0 },
	{ "no JSON", { "login: \n" }, true, "no message of its protocol: 'login: '", 0 },
	{ "no object", { HI, "[1]\n" }, true, "no message of its protocol: '[1]'", 0 },
	{ "no message", { HI, "{\"retrun\": {}, \"id\": 1}\n" }, true, "no message", 0 },
	{ "an answer without a number", { HI, "{\"return\": {}}\n" }, true, "no message", 0 },
	{ "an event that is none", { HI, "{\"event\": \"RESET\", \"data\": 3}\n" }, true, "no message", 0 },
	{ "control characters", { "\x1b[2J\x80\n" }, true, "'?[2J?'", 0 },
	{ "gone at once", { "" }, false, "QEMU has closed its monitor", 0 },
	{ "gone in the middle", { HI, OK1, "{\"return\": {}, \"id\"" }, false, "closed its monitor", 0 },
	{ "no greeting", { "" }, true, "no greeting: QEMU's monitor does not answer in time", 0 },
	{ "no answer", { HI, OK1, "" }, true, "stop: QEMU's monitor does not answer in time", 0 },
};

/* The reason stands in plain words; what broke is closed, what only dawdles is not. */
START_TEST(peers)
{
	struct err err = { 0 };
	int64_t begin = clock_ns();
	bool ok, slow = rows[_i].why && strstr(rows[_i].why, "in time");

	events = 0;
	start(rows[_i].say, rows[_i].stays);
	ok = qmp_do(&q, "stop", begin + (slow ? MS(300) : SEC(20)), &err);
	ck_assert_msg(ok == !rows[_i].why, "%s: %s", rows[_i].name, err.text);
	ck_assert_msg(ok || strstr(err.text, rows[_i].why), "%s: %s", rows[_i].name, err.text);
	ck_assert_int_eq(err.kind, ok ? ERR_NONE : slow ? ERR_TIME : ERR_BENCH);
	ck_assert_int_eq(events, rows[_i].events);
	ck_assert_int_lt(clock_ns() - begin, SEC(15));
	ck_assert_msg((q.fd >= 0) == (ok || slow || strstr(rows[_i].why, "refuses")), "%s: open or closed", rows[_i].name);
	end();
}
END_TEST

/* What answers too late is not taken for the answer to the next command. */
START_TEST(late)
{
	/* The refusal of command 2 comes when 3 was asked. */
	static const char *const say[] = { HI, OK1, "",
		"{\"id\": 2, \"error\": {\"desc\": \"too late\"}}\n{\"id\": 3, \"return\": {}}\n", NULL };
	struct err err = { 0 };

	start(say, true);
	ck_assert(qmp_hello(&q, clock_ns() + SEC(20), &err));
	ck_assert(!qmp_do(&q, "stop", clock_ns() + MS(200), &err));
	ck_assert_int_eq(err.kind, ERR_TIME);
	err = (struct err){ 0 };
	ck_assert_msg(qmp_do(&q, "cont", clock_ns() + SEC(20), &err), "%s", err.text);
	end();
}
END_TEST

/* Without end: events of which each is fine, or a line. Neither makes us wait longer than was said, nor hold more than was said. */
static void flood(const char *text)
{
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	peer = fork();
	if (peer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fd[0]);
		(void)!write(fd[1], HI, strlen(HI));
		while (write(fd[1], text, strlen(text)) > 0)
			;
		_exit(0);
	}
	close(fd[1]);
	qmp_init(&q, fd[0], heard, NULL);
}

START_TEST(floods)
{
	struct err err = { 0 };
	int64_t begin = clock_ns();

	events = 0;
	flood(_i ? "{\"event\": \"" : EVENT);
	ck_assert(!qmp_hello(&q, begin + MS(500), &err));
	ck_assert_int_lt(clock_ns() - begin, SEC(15));
	if (_i) {
		ck_assert_msg(strstr(err.text, "no message") || strstr(err.text, "a line without end"), "%s", err.text);
		ck_assert_int_eq(q.fd, -1);
	} else {
		ck_assert_int_eq(err.kind, ERR_TIME);
		ck_assert_int_gt(events, 10);
	}
	end();
}
END_TEST

/* A peer that reads nothing: commands pile up until the socket takes no more, and that is said, too. */
START_TEST(deaf)
{
	static const char *const say[] = { HI, OK1, "", NULL };
	struct err err = { 0 };

	start(say, true);
	ck_assert(qmp_hello(&q, clock_ns() + SEC(20), &err));
	for (int i = 0; i < 100000 && err.kind != ERR_BENCH && !strstr(err.text, "takes no command"); i++)
		ck_assert(!qmp_do(&q, "stop", clock_ns(), &err));
	ck_assert_msg(strstr(err.text, "takes no command"), "%s", err.text);
	ck_assert_int_eq(err.kind, ERR_TIME);
	end();
}
END_TEST

TEST_MAIN({ "peers", peers, ROWS(rows) }, { "late", late, 1 }, { "floods", floods, 2 }, { "deaf", deaf, 1 })
