// SPDX-License-Identifier: Apache-2.0
#include "harness/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/hub.h"
#include "harness/identity.h"
#include "harness/ipc.h"
#include "harness/lock_file.h"

#define LOCKS_MAX 64
#define ARGS_MAX 64

struct keep {
	const struct session *s;
	struct lock_file file[LOCKS_MAX];
	size_t n;
	const json_t *outside;          /* lock: of bench.yaml; NULL = none */
	bool acquired;
};

/* ---- commands ---- */
struct command { pid_t pid; int pidfd, out; };

static void exec_it(const json_t *argv, const char *bench, int out)
{
	const char *arg[ARGS_MAX + 1] = { NULL };
	int in = open("/dev/null", O_RDWR);

	for (size_t i = 0; i < json_array_size(argv) && i < ARGS_MAX; i++)
		arg[i] = json_string_value(json_array_get(argv, i));
	setpgid(0, 0);
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	if (in >= 0)
		dup2(in, 0);
	dup2(out >= 0 ? out : in, 1);
	dup2(in, 2);
	close_other_fds(NULL, 0);
	setenv("JUSAN_BENCH", bench, 1);
	execvp(arg[0] ? arg[0] : "", (char *const *)(uintptr_t)arg);
	_exit(127);
}

static bool command_start(const struct keep *k, const char *which, struct command *ret, struct err *err)
{
	const json_t *argv = json_object_get(k->outside, which);
	int fd[2];

	*ret = (struct command){ .pidfd = -1, .out = -1 };
	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(err, "pipe");
	ret->pid = fork();
	if (ret->pid == 0)
		exec_it(argv, k->s->plan->bench.name, fd[1]);
	close(fd[1]);
	ret->out = fd[0];
	if (ret->pid < 0)
		return err_sys(err, "fork");
	ret->pidfd = (int)syscall(SYS_pidfd_open, ret->pid, 0);
	return ret->pidfd >= 0 || err_sys(err, "pidfd_open");
}

/* Its exit status; -1: killed, by us or another. first: the first line it printed. */
static int command_end(struct command *c, char *first, size_t n)
{
	ssize_t got = read(c->out, first, n - 1);
	int status;

	first[got > 0 ? got : 0] = '\0';
	first[strcspn(first, "\r\n")] = '\0';
	kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(c->out);
	close(c->pidfd);
	*c = (struct command){ .pidfd = -1, .out = -1 };
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Waits for it, while nobody interrupts (`may_stop`). */
static int command_run(const struct keep *k, const char *which, bool may_stop, char *first, size_t n, struct err *err)
{
	int64_t until = clock_ns() + LOCK_COMMAND_NS;
	struct command c;

	first[0] = '\0';
	if (!command_start(k, which, &c, err))
		return -1;
	while (clock_ns() < until && !(may_stop && hub_interrupted())) {
		struct pollfd p = { c.pidfd, POLLIN, 0 };

		if (poll(&p, 1, 100) > 0)
			break;
	}
	return command_end(&c, first, n);
}

static bool acquire(struct keep *k, struct err *err)
{
	char first[200];
	int status;

	k->outside = json_object_get(k->s->plan->bench.json, "lock");
	if (!k->outside)
		return true;
	status = command_run(k, "acquire", true, first, sizeof(first), err);
	k->acquired = status == 0;
	if (status == 0)
		return true;
	if (hub_interrupted())
		return err_set(err, ERR_STOP, "interrupted");
	if (status == LOCK_BUSY)
		return err_set(err, ERR_BENCH, "the bench is reserved by somebody else%s%s", *first ? ": " : "", first);
	if (status < 0)
		return err_set(err, ERR_BENCH, "lock: acquire did not end within %lld s", (long long)(LOCK_COMMAND_NS / SEC(1)));
	return err_set(err, ERR_BENCH, "lock: acquire failed with status %d%s%s", status, *first ? ": " : "", first);
}

static void release(struct keep *k)
{
	char first[200];
	struct err err = { 0 };

	if (k->acquired && json_object_get(k->outside, "release"))
		(void)command_run(k, "release", false, first, sizeof(first), &err);
	while (k->n > 0)
		lock_file_release(&k->file[--k->n]);
}

/* ---- the keeper ---- */
static int64_t renewal_of(const struct keep *k)
{
	const char *text = json_string_value(json_object_get(k->outside, "every"));
	int64_t ns = SEC(60);

	if (!k->acquired || !json_object_get(k->outside, "renew"))
		return 0;
	return text && units_time(text, &ns) ? ns : SEC(60);
}

static void lost(int fd, const char *why)
{
	struct err err = { 0 };

	(void)!ipc_send(fd, json_pack("{s:s}", "lost", why), &err);
}

static void beat(struct keep *k, int fd)
{
	for (size_t i = 0; i < k->n; i++)
		if (!lock_file_beat(&k->file[i])) {
			char text[300];

			snprintf(text, sizeof(text), "the lock of %s was taken over by another run",
				 json_string_value(json_object_get(k->file[i].says, "line")));
			lost(fd, text);
			lock_file_release(&k->file[i]);
			k->file[i] = k->file[--k->n];
			i--;
		}
}

struct renewing { struct command c; int64_t due_ns, until_ns, every_ns; };

static void renew(struct keep *k, struct renewing *r, bool ended, int fd)
{
	struct err err = { 0 };
	char first[200], text[300];

	if (r->c.pidfd < 0 && r->every_ns && clock_ns() >= r->due_ns) {
		r->until_ns = clock_ns() + LOCK_COMMAND_NS;
		if (!command_start(k, "renew", &r->c, &err))
			lost(fd, err.text);
	} else if (r->c.pidfd >= 0 && (ended || clock_ns() >= r->until_ns)) {
		int status = command_end(&r->c, first, sizeof(first));

		r->due_ns = clock_ns() + r->every_ns;
		snprintf(text, sizeof(text), "the reservation of the bench is lost%s%s", *first ? ": " : "", first);
		if (status != 0)
			lost(fd, text);
	}
}

static void keeper_main(struct keep *k, int fd)
{
	struct renewing r = { .c = { .pidfd = -1, .out = -1 }, .every_ns = renewal_of(k) };
	int64_t next = clock_ns() + LOCK_BEAT_NS;
	char first[200];

	r.due_ns = clock_ns() + r.every_ns;
	beat(k, fd);            /* the record names who beats */
	for (;;) {
		int64_t wake = r.every_ns && r.due_ns < next && r.c.pidfd < 0 ? r.due_ns : next, left = wake - clock_ns();
		struct pollfd p[2] = { { fd, POLLIN, 0 }, { r.c.pidfd, POLLIN, 0 } };

		if (poll(p, 2, left > 0 ? (int)(left / MS(1)) + 1 : 0) < 0 && errno != EINTR)
			break;
		if (p[0].revents)
			break;
		if (clock_ns() >= next) {
			beat(k, fd);
			next = clock_ns() + LOCK_BEAT_NS;
		}
		renew(k, &r, p[1].revents != 0, fd);
	}
	if (r.c.pidfd >= 0)
		(void)command_end(&r.c, first, sizeof(first));
	release(k);
	_exit(0);
}

static void become_keeper(struct keep *k, int fd)
{
	int keep[LOCKS_MAX + 1];
	size_t n = 0;

	setpgid(0, 0);          /* Ctrl-C is for the controller */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	child_stdio(k->s);
	keep[n++] = fd;
	for (size_t i = 0; i < k->n; i++)
		keep[n++] = k->file[i].fd;
	close_other_fds(keep, n);
	keeper_main(k, fd);
}

/* ---- the controller's side ---- */
static bool take_lines(struct keep *k, char note[static 512], struct err *err)
{
	const struct bench *b = &k->s->plan->bench;

	for (size_t i = 0; i < b->n && k->n < LOCKS_MAX; i++) {
		CLEANUP(free_json) json_t *identity = identity_of(b, &b->line[i]);
		CLEANUP(free_ptr) char *key = identity ? json_dumps(identity, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
		struct lock_file *f = &k->file[k->n];

		if (!key)
			continue;
		k->n++;
		if (!lock_file_take(key, json_pack("{s:s,s:s}", "line", b->line[i].name, "bench", b->name), f, note, 512, err))
			return false;
	}
	return true;
}

static void forget(struct keep *k)
{
	for (size_t i = 0; i < k->n; i++) {
		close(k->file[i].fd);
		json_decref(k->file[i].says);
	}
}

bool lock_take(const struct session *s, struct lock *ret, char note[static 512], struct err *err)
{
	struct keep k = { .s = s };
	int fd[2];

	*ret = (struct lock){ .fd = -1 };
	note[0] = '\0';
	if (s->plan->bench.is_virtual)
		return true;
	if (!take_lines(&k, note, err) || !acquire(&k, err) || !ipc_pair(fd, err)) {
		release(&k);
		return false;
	}
	ret->pid = fork();
	if (ret->pid == 0)
		become_keeper(&k, fd[1]);
	close(fd[1]);
	ret->fd = fd[0];
	if (ret->pid < 0) {
		close(fd[0]);
		release(&k);
		return err_sys(err, "fork");
	}
	forget(&k);
	return true;
}

void lock_end(struct lock *l)
{
	int status;

	if (l->fd < 0)
		return;
	close(l->fd);
	while (waitpid(l->pid, &status, 0) < 0 && errno == EINTR)
		;
	l->fd = -1;
}
