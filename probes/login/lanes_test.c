/* SPDX-License-Identifier: Apache-2.0
 *
 * Several connections at once against devices that do not take so many: what was not looked at is never taken for a refusal. */
#include "harness/fake.h"

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "harness/base/test.h"
#include "probes/login/loopback.h"

/* ---- an FTP server with little room ---- */
enum how { ROOMY, DROPS, DENIES, BREAKS };
/* connections now, and at most (one that was just left may still be counted); questions now, and at most; it crashed; passwords looked at */
static struct { int live, most, open, open_most, dead, asked; } *shared;
enum { ROOM = 3 };

static const char *reply(enum how how, const char *line)
{
	if (!strncmp(line, "USER", 4))
		return "331 go on\r\n";
	poll(NULL, 0, 8);                       /* so that there are several at once */
	if (how == DENIES && shared->live > ROOM)
		return "530 Sorry, too many users\r\n";
	__atomic_add_fetch(&shared->asked, 1, __ATOMIC_SEQ_CST);
	return strcmp(line, "PASS right\r\n") ? "530 Login incorrect\r\n" : "230 welcome\r\n";
}

static void session(int fd, enum how how)
{
	int live = __atomic_add_fetch(&shared->live, 1, __ATOMIC_SEQ_CST);
	FILE *in = fdopen(fd, "r");
	char line[100];

	if (live > shared->most)
		shared->most = live;
	if (how == BREAKS && live > ROOM)
		shared->dead = 1;
	if (!(how == DROPS && live > ROOM) && !shared->dead && send(fd, "220 x\r\n", 7, MSG_NOSIGNAL) == 7)
		while (fgets(line, sizeof(line), in) && !shared->dead) {
			int open = __atomic_add_fetch(&shared->open, 1, __ATOMIC_SEQ_CST);
			const char *r = reply(how, line);

			if (open > shared->open_most)
				shared->open_most = open;
			__atomic_sub_fetch(&shared->open, 1, __ATOMIC_SEQ_CST);
			if (shared->dead || send(fd, r, strlen(r), MSG_NOSIGNAL) < 0)
				break;
		}
	__atomic_sub_fetch(&shared->live, 1, __ATOMIC_SEQ_CST);
	_exit(0);
}

static int server(enum how how)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), k;
	socklen_t n = sizeof(a);

	ck_assert(!bind(listener, (struct sockaddr *)&a, n) && !listen(listener, 64) && !getsockname(listener, (struct sockaddr *)&a, &n));
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGCHLD, SIG_IGN);
		for (; (k = accept(listener, NULL, NULL)) >= 0; close(k))
			if (!fork()) {
				close(listener);
				session(k, how);
			}
		_exit(0);
	}
	close(listener);
	return ntohs(a.sin_port);
}

static const struct { const char *name; enum how how; int room, granted; bool complete; } rows[] = {
	{ "roomy", ROOMY, 16, 1, true }, { "drops", DROPS, 16, 1, true }, { "denies in other words", DENIES, 16, 1, true },
	{ "breaks", BREAKS, 16, 0, false }, { "one at a time", ROOMY, 1, 1, true },
};
START_TEST(crowd)
{
	char path[FS_PATH], list[2000] = "", args[400];
	struct err err = { 0 };
	size_t n = 0;

	fake_bench("{}", false);
	strcpy(fake.dut, "127.0.0.1");
	json_object_clear(fake.device);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 60; i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, i == 41 ? "root:right\n" : "root:wrong%d\n", i);
	snprintf(path, sizeof(path), "%s/lists", fake.run);
	ck_assert(fs_mkdirs(path, &err));
	snprintf(path, sizeof(path), "%s/lists/t.txt", fake.run);
	ck_assert(fs_write(path, list, n, &err));
	snprintf(args, sizeof(args), "{\"surfaces\":{\"kind\":\"ftp\",\"port\":%d,\"timeout\":\"1s\"},\"list\":\"t\",\"patience\":2000000000,"
		 "\"connections\":%d}", server(rows[_i].how), rows[_i].room);
	fake_step(&probe_login, "sweep", args);
	ck_assert_msg(fact("granted") == rows[_i].granted, "%s: granted %lld: %s", rows[_i].name, (long long)fact("granted"), fake.incomplete);
	ck_assert_msg(truth("complete") == rows[_i].complete, "%s: %s", rows[_i].name, fake.incomplete);
	ck_assert_int_eq(fact("tried") == 60, rows[_i].complete);
	ck_assert_int_ge(shared->asked, (int)fact("tried"));    /* none counts that was not looked at */
	ck_assert_int_le(fact("connections"), rows[_i].room);
	ck_assert_msg(rows[_i].room == 1 ? shared->open_most == 1 : shared->most > ROOM, "%s: %d connections, %d questions at once",
		      rows[_i].name, shared->most, shared->open_most);
	fake_close();
}
END_TEST

TEST_MAIN({ "crowd", crowd, ROWS(rows) })
