/* SPDX-License-Identifier: Apache-2.0
 *
 * All that an SSH server offers and shows, beside nmap's script that reads only the lists: medians of five on OpenSSH. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "harness/base/test.h"
#include "harness/proto/daemon.h"
#include "probes/ssh/exchange.h"

enum { ROUNDS = 5 };
static struct session session;
static struct daemon d;

static void lists(void)
{
	struct err err = { 0 };

	ck_assert(session_open(&session, "127.0.0.1", d.port, SEC(5), &err) && session.said == SAID_KEXINIT);
	session_close(&session);
}

static void keys(void)
{
	static const char *const algorithm[] = { "ssh-ed25519", "rsa-sha2-512" };
	struct err err = { 0 };
	struct hostkey k;
	unsigned bits;

	lists();
	for (int i = 0; i < 2; i++) {
		ck_assert(exchange_hostkey(&session, "127.0.0.1", d.port, SEC(5), algorithm[i], &k, &err) && !session.why[0]);
		session_close(&session);
	}
	ck_assert(exchange_group(&session, "127.0.0.1", d.port, SEC(5), "diffie-hellman-group-exchange-sha256", &bits, &err));
	ck_assert_str_eq(session.why, "");
	session_close(&session);
}

static void nmap(void)
{
	char command[200];

	snprintf(command, sizeof(command), "nmap -n -Pn -p %d --script +ssh2-enum-algos 127.0.0.1 >/dev/null", d.port);
	ck_assert_int_eq(system(command), 0);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of ourselves and of programs that have ended. */
static int64_t cpu_ns(void)
{
	struct rusage own, theirs;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &theirs);
	return SEC(own.ru_utime.tv_sec + own.ru_stime.tv_sec + theirs.ru_utime.tv_sec + theirs.ru_stime.tv_sec) +
	       (own.ru_utime.tv_usec + own.ru_stime.tv_usec + theirs.ru_utime.tv_usec + theirs.ru_stime.tv_usec) * 1000;
}

static void measure(const char *what, void (*f)(void))
{
	int64_t t[ROUNDS], cpu = cpu_ns();

	for (int i = 0; i < ROUNDS; i++) {
		int64_t begin = clock_ns();

		f();
		t[i] = clock_ns() - begin;
	}
	qsort(t, ROUNDS, sizeof(t[0]), by_size);
	printf("  %-52s %9.1f ms, CPU %.1f ms\n", what, (double)t[ROUNDS / 2] / 1e6, (double)(cpu_ns() - cpu) / ROUNDS / 1e6);
}

START_TEST(bench)      /* daemon.h lives in a test */
{
	if (!daemon_open(&d, "/usr/sbin/sshd"))
		return;
	if (!getuid())
		mkdir("/run/sshd", 0755);
	ck_assert_int_eq(system(daemon_text(&d, "cd %s && ssh-keygen -q -N '' -t ed25519 -f key && "
					    "ssh-keygen -q -N '' -t rsa -b 3072 -f key2", d.dir)), 0);
	daemon_put(&d, "conf", "Port %d\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\nStrictModes no\nHostKey %s/key\nHostKey %s/key2\n",
		   d.port, d.dir, d.dir);
	daemon_run(&d, "/usr/sbin/sshd", "-D", "-e", "-f", daemon_text(&d, "%s/conf", d.dir), NULL);
	puts("SSH server (OpenSSH), medians of five:");
	measure("jusan, lists", lists);
	measure("jusan, lists, two host keys and a group", keys);
	if (!access("/usr/bin/nmap", X_OK))
		measure("nmap ssh2-enum-algos, lists", nmap);
	else
		puts("  nmap is not installed: not measured");
	daemon_close(&d);
}
END_TEST

TEST_MAIN({ "bench", bench, 1 })
