/* SPDX-License-Identifier: Apache-2.0
 *
 * daemon.h - for tests: a real server, not written here, as a child in a scratch folder of its own, on a free port of
 * the loopback. It and its children end with the test, however that ends.
 *
 *     struct daemon d;
 *     if (!daemon_open(&d, "/usr/sbin/dropbear"))       // prints that it is skipped
 *             return;
 *     daemon_put(&d, "conf", "port=%d\n", d.port);
 *     daemon_run(&d, "/usr/sbin/dropbear", "-F", "-p", daemon_text(&d, "127.0.0.1:%d", d.port), NULL);
 *     ...
 *     daemon_close(&d);
 */
#ifndef PROTO_DAEMON_H
#define PROTO_DAEMON_H

#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/fs.h"

enum { DAEMON_ARGS = 48, DAEMON_TEXTS = 12 };
struct daemon {
	char dir[32];                   /* scratch folder; "log" in it is what the server said */
	pid_t pid;                      /* also its process group; 0: not running */
	int port;                       /* was free a moment ago */
	char *text[DAEMON_TEXTS];
	int n_texts;
};

static int daemon_socket(int type, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (port ? connect(fd, (struct sockaddr *)&a, sizeof(a)) : bind(fd, (struct sockaddr *)&a, sizeof(a)))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A port that no other socket of this kind has now. */
static int daemon_free_port(int type)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int fd = daemon_socket(type, 0);

	ck_assert(fd >= 0 && !getsockname(fd, (struct sockaddr *)&a, &n));
	close(fd);
	return ntohs(a.sin_port);
}

/* false: this program is not installed, which is printed. */
static bool daemon_open(struct daemon *d, const char *program)
{
	*d = (struct daemon){ .dir = "/tmp/daemon-XXXXXX" };
	if (access(program, X_OK)) {
		printf("%s: not installed: skipped\n", program);
		return false;
	}
	ck_assert_ptr_nonnull(mkdtemp(d->dir));
	d->port = daemon_free_port(SOCK_STREAM);
	return true;
}

/* A text that lives as long as the daemon, for its arguments. */
__attribute__((format(printf, 2, 3), unused)) static char *daemon_text(struct daemon *d, const char *format, ...)
{
	va_list ap;

	ck_assert(d->n_texts < DAEMON_TEXTS);
	va_start(ap, format);
	ck_assert(vasprintf(&d->text[d->n_texts], format, ap) >= 0);
	va_end(ap);
	return d->text[d->n_texts++];
}

/* Writes the file dir/name. */
__attribute__((format(printf, 3, 4), unused)) static void daemon_put(struct daemon *d, const char *name, const char *format, ...)
{
	struct err err = { 0 };
	char path[256], *text;
	va_list ap;

	va_start(ap, format);
	ck_assert(vasprintf(&text, format, ap) >= 0);
	va_end(ap);
	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	ck_assert_msg(fs_write(path, text, strlen(text), &err), "%s", err.text);
	free(text);
}

/* Starts it; its working folder is dir. Nothing is awaited. */
static void daemon_spawn(struct daemon *d, char *const argv[])
{
	d->pid = fork();
	if (!d->pid) {
		int log, null = open("/dev/null", O_RDONLY);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		if (chdir(d->dir) || (log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600)) < 0 ||
		    dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
			_exit(127);
		execv(argv[0], argv);
		_exit(127);
	}
	ck_assert(d->pid > 0);
	setpgid(d->pid, d->pid);
}

/* Waits until it takes connections; false: it ended, or not within 20 s. */
static bool daemon_listens(struct daemon *d)
{
	int64_t until = clock_ns() + SEC(20);
	int s;

	for (; clock_ns() < until; poll(NULL, 0, 5)) {
		s = daemon_socket(SOCK_STREAM, d->port);
		if (s >= 0) {
			close(s);
			return true;
		}
		if (waitpid(d->pid, NULL, WNOHANG) == d->pid) {
			d->pid = 0;
			return false;
		}
	}
	return false;
}

/* daemon_spawn() and daemon_listens(); what the server said is in the failure's text. The arguments end with NULL. */
__attribute__((sentinel, unused)) static void daemon_run(struct daemon *d, ...)
{
	char *argv[DAEMON_ARGS + 1] = { 0 }, path[48], *log = NULL;
	struct err err = { 0 };
	size_t n = 0;
	va_list ap;
	int i = 0;

	va_start(ap, d);
	while (i < DAEMON_ARGS && (argv[i] = va_arg(ap, char *)))
		i++;
	va_end(ap);
	ck_assert(i < DAEMON_ARGS);
	daemon_spawn(d, argv);
	if (daemon_listens(d))
		return;
	snprintf(path, sizeof(path), "%s/log", d->dir);
	if (!fs_read(path, 4096, &log, &n, &err))
		log = NULL;
	ck_abort_msg("%s does not listen on %d: %.*s", argv[0], d->port, (int)n, log ? log : "");
}

static void daemon_close(struct daemon *d)
{
	struct err err = { 0 };

	if (d->pid > 0) {
		kill(-d->pid, SIGKILL);
		waitpid(d->pid, NULL, 0);
	}
	while (d->n_texts)
		free(d->text[--d->n_texts]);
	ck_assert_msg(fs_remove(d->dir, &err), "%s", err.text);
}
#endif
