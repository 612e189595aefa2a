// SPDX-License-Identifier: Apache-2.0
// Runs the program `nft`, and reads its counters.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/fs.h"
#include "probes/net/rules.h"

#define OUTPUT_MAX ((size_t)1 << 20)
#define NFT_NS SEC(8)

static void run_nft(int fd, const char *const *argv)
{
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	execvp("nft", (char *const *)argv);
	execv("/usr/sbin/nft", (char *const *)argv);    /* ordinary users often have no sbin in PATH */
	dprintf(2, "cannot run nft: %s", strerror(errno));
	_exit(127);
}

/* What it says until it ends, in out (bounded, terminated). */
static bool hear(int fd, char *out, size_t room, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t until = clock_ns() + NFT_NS, left;
	size_t n = 0;

	while ((left = until - clock_ns()) > 0) {
		ssize_t got;

		if (poll(&p, 1, (int)(left / MS(1)) + 1) < 1)
			continue;
		got = read(fd, out + n, room - 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || n + (size_t)got == room - 1) {
			out[n] = '\0';
			return true;
		}
		n += (size_t)got;
	}
	return err_set(err, ERR_TIME, "nft does not answer");
}

static bool nft(const char *const *argv, const char *in, char *out, size_t room, struct err *err)
{
	CLEANUP(close_fd) int ours = -1;
	int fd[2], status = 0;
	bool heard;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return err_sys(err, "nft");
	ours = fd[0];
	pid = fork();
	if (pid == 0)
		run_nft(fd[1], argv);
	close(fd[1]);
	if (pid < 0)
		return err_sys(err, "nft");
	heard = fs_write_all(ours, in, strlen(in), err) && shutdown(ours, SHUT_WR) == 0 && hear(ours, out, room, err);
	if (!heard)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!heard)
		return false;
	return status == 0 || err_set(err, ERR_BENCH, "nft: %.300s", out);
}

static const char *const from_stdin[] = { "nft", "-f", "-", NULL };

bool rules_load(const struct rules *r, struct err *err)
{
	char text[RULES_TEXT], out[4096];

	return rules_text(r, text, err) && nft(from_stdin, text, out, sizeof(out), err);
}

bool rules_remove(struct err *err)
{
	char out[4096];

	return nft(from_stdin, "table inet jusan\ndelete table inet jusan\n", out, sizeof(out), err);
}

static int64_t packets(const json_t *rule)
{
	int64_t sum = 0;
	size_t i;
	json_t *e;

	json_array_foreach(json_object_get(rule, "expr"), i, e)
		sum += json_integer_value(json_object_get(json_object_get(e, "counter"), "packets"));
	return sum;
}

bool rules_stopped(int64_t *ret, struct err *err)
{
	static const char *const argv[] = { "nft", "-j", "list", "table", "inet", "jusan", NULL };
	CLEANUP(free_ptr) char *out = malloc(OUTPUT_MAX);
	CLEANUP(free_json) json_t *j = NULL;
	size_t i;
	json_t *item;

	if (!out || !nft(argv, "", out, OUTPUT_MAX, err))
		return out ? false : err_set(err, ERR_LIMIT, "nft: out of memory");
	j = json_loads(out, 0, NULL);
	if (!j)
		return err_set(err, ERR_BENCH, "nft lists no JSON");
	*ret = 0;
	json_array_foreach(json_object_get(j, "nftables"), i, item) {
		const json_t *rule = json_object_get(item, "rule");
		const char *chain = json_string_value(json_object_get(rule, "chain"));

		if (chain && !strncmp(chain, "cut_", 4))
			*ret += packets(rule);
	}
	return true;
}
