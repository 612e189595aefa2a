// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE 1
#include "probes/service/impostor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "probes/service/impostor_in.h"

#define ANSWER_MS 2000

void impostor_note(struct server *s, int conn, bool key, const char *fmt, ...)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "%" PRId64 " %d ", clock_ns(), conn);
	va_list ap;

	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n++] = '\n';
	if (write(s->cfg->log, line, (size_t)n) != n)
		s->log_lost = true;
	if (key) {
		s->tally.log_at = s->log_end;
		s->tally.log_length = n;
	}
	s->log_end += n;
}

void impostor_alert(struct server *s, int conn, const char *text)
{
	s->tally.alerts++;
	snprintf(s->tally.alert, sizeof(s->tally.alert), "%s", text);
	impostor_note(s, conn, !s->tally.app_bytes, "alert: %s", text);
}

void impostor_met(struct server *s)
{
	send(s->cfg->control, "c", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void conn_free(struct server *s, struct conn *c, const char *why)
{
	impostor_note(s, c->id, false, "closed: %s", why);
	if (c->ssl)
		SSL_free(c->ssl);
	if (c->fd >= 0)
		close(c->fd);
	if (c->up >= 0)
		close(c->up);
	free(c->to_peer.buf);
	free(c->to_device.buf);
	*c = (struct conn){ .fd = -1, .up = -1 };
	impostor_met(s);
}

static void accept_one(struct server *s)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int fd = accept4(s->cfg->listener, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	const uint8_t *ip = (const uint8_t *)&from.sin_addr;
	struct conn *c = NULL;

	if (fd < 0)
		return;
	for (int i = 0; i < CONNS && !c; i++)
		if (s->conn[i].fd < 0)
			c = &s->conn[i];
	s->tally.connections++;
	if (!c) {
		close(fd);
		return;
	}
	*c = (struct conn){ .id = ++s->last_id, .fd = fd, .up = -1, .want = POLLIN,
		.until_ns = clock_ns() + IDLE_NS };
	impostor_note(s, c->id, false, "connection from %u.%u.%u.%u:%u", ip[0], ip[1], ip[2], ip[3], ntohs(from.sin_port));
	if (!s->cfg->cert && !relay_begin(s, c))
		conn_free(s, c, "the true peer cannot be reached");
}

/* ---- the loop ---- */
static size_t fill(struct server *s, struct pollfd *p, int64_t *ret_until)
{
	size_t n = 0;

	*ret_until = clock_ns() + SEC(60);
	p[n++] = (struct pollfd){ .fd = s->cfg->control, .events = POLLIN };
	p[n++] = (struct pollfd){ .fd = s->cfg->listener, .events = POLLIN };
	for (int i = 0; i < CONNS; i++) {
		struct conn *c = &s->conn[i];
		int64_t until = c->hold_ns && c->hold_ns < c->until_ns ? c->hold_ns : c->until_ns;

		p[n++] = (struct pollfd){ .fd = c->fd, .events = c->fd < 0 ? 0 : s->cfg->cert ? c->want : relay_want(c, c->fd) };
		p[n++] = (struct pollfd){ .fd = c->up, .events = c->up < 0 ? 0 : relay_want(c, c->up) };
		if (c->fd >= 0 && !p[n - 2].events)     /* nothing to do there now: do not wake for a hang-up either */
			p[n - 2].fd = -1;
		if (c->up >= 0 && !p[n - 1].events)
			p[n - 1].fd = -1;
		if (c->fd >= 0 && until < *ret_until)
			*ret_until = until;
	}
	return n;
}

static void turn_conn(struct server *s, struct conn *c, short down, short up)
{
	bool due = clock_ns() >= (c->hold_ns && c->hold_ns < c->until_ns ? c->hold_ns : c->until_ns);
	const char *why = NULL;

	if (c->fd < 0 || (!down && !up && !due))
		return;
	why = s->cfg->cert ? liar_event(s, c, down != 0) : relay_event(s, c, down, up);
	if (why)
		conn_free(s, c, why);
}

static bool loop(struct server *s, struct err *err)
{
	struct pollfd p[2 + 2 * CONNS];

	for (;;) {
		int64_t until, left;
		size_t n = fill(s, p, &until);

		left = until - clock_ns();
		if (poll(p, (nfds_t)n, left <= 0 ? 0 : (int)(left / MS(1)) + 1) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (p[0].revents)
			return true;
		for (int i = 0; i < CONNS; i++)
			turn_conn(s, &s->conn[i], p[2 + 2 * i].revents, p[3 + 2 * i].revents);
		if (p[1].revents)
			accept_one(s);
	}
}

bool impostor_serve(const struct impostor *i, struct err *err)
{
	struct server *s = calloc(1, sizeof(*s));
	bool ok;

	if (!s)
		return err_set(err, ERR_OS, "out of memory");
	s->cfg = i;
	for (int n = 0; n < CONNS; n++)
		s->conn[n] = (struct conn){ .fd = -1, .up = -1 };
	ok = (!i->cert || liar_context(s, err)) && loop(s, err);
	for (int n = 0; n < CONNS; n++)
		if (s->conn[n].fd >= 0) {
			if (!i->cert)
				relay_count(s, &s->conn[n]);
			conn_free(s, &s->conn[n], "the step is over");
		}
	SSL_CTX_free(s->ctx);
	if (!s->tally.log_length)
		s->tally.log_length = s->log_end;
	if (ok && s->log_lost)
		ok = err_set(err, ERR_OS, "the impostor's log cannot be written");
	if (ok && send(i->control, &s->tally, sizeof(s->tally), MSG_NOSIGNAL) != (ssize_t)sizeof(s->tally))
		ok = err_sys(err, "impostor: tally");
	free(s);
	return ok;
}

/* ---- the child ---- */
bool impostor_listen(int *ret_fd, uint16_t *ret_port, struct err *err)
{
	CLEANUP(close_fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(any);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)&any, &len))
		return err_sys(err, "impostor: listen");
	*ret_port = ntohs(any.sin_port);
	*ret_fd = take_fd(&fd);
	return true;
}

/* Only what it serves with: no socket of the worker's stays open in here. */
static void keep_only(const struct impostor *i)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fd != i->listener && fd != i->control && fd != i->log)
			close(fd);
}

bool impostor_start(struct impostor *i, pid_t *ret_pid, int *ret_control, struct err *err)
{
	pid_t parent = getpid(), pid;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return err_sys(err, "socketpair");
	i->control = pair[1];
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		close(pair[0]);
		close(pair[1]);
		return err_sys(err, "fork");
	}
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		signal(SIGPIPE, SIG_IGN);
		keep_only(i);
		if (!impostor_serve(i, err))
			fprintf(stderr, "impostor: %s\n", err->text);
		_exit(0);
	}
	close(pair[1]);
	*ret_pid = pid;
	*ret_control = pair[0];
	return true;
}

bool impostor_end(pid_t pid, int control, struct impostor_tally *ret, struct err *err)
{
	CLEANUP(close_fd) int fd = control;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = 0;

	shutdown(fd, SHUT_WR);
	while (poll(&p, 1, ANSWER_MS) == 1 && (n = recv(fd, ret, sizeof(*ret), 0)) == 1)
		;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ret->alert[sizeof(ret->alert) - 1] = 0;
	return n == (ssize_t)sizeof(*ret) || err_set(err, ERR_BENCH, "the impostor died");
}
