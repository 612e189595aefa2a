// SPDX-License-Identifier: Apache-2.0
#include "harness/hub.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/base/clock.h"
#include "harness/ipc.h"

#define SOURCES_MAX 128

struct source { int fd; hub_fn *fn; void *data; };
struct hub {
	struct source source[SOURCES_MAX];
	size_t n;
	bool deaf;                      /* on the way down: an interrupt has been seen to */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	if (interrupted && sig == SIGINT)
		_exit(130);             /* the guard takes the way back */
	interrupted = 1;
}

void hub_catch_signals(void)
{
	struct sigaction a = { .sa_handler = on_signal };

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool hub_interrupted(void)
{
	return interrupted != 0;
}

void hub_ignore_interrupt(struct hub *h)
{
	h->deaf = true;
}

struct hub *hub_new(void)
{
	struct hub *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	return h;
}

struct hub *hub_free(struct hub *h)
{
	free(h);
	return NULL;
}

bool hub_add(struct hub *h, int fd, hub_fn *fn, void *data, struct err *err)
{
	if (h->n == SOURCES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d processes at once", SOURCES_MAX);
	h->source[h->n++] = (struct source){ fd, fn, data };
	return true;
}

void hub_remove(struct hub *h, int fd)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->source[i].fd == fd) {
			h->source[i] = h->source[--h->n];
			return;
		}
}

/* A source may vanish through another's callback within one turn; look it up again before reading. */
static const struct source *find(const struct hub *h, int fd)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->source[i].fd == fd)
			return &h->source[i];
	return NULL;
}

static bool dispatch(struct hub *h, int fd, struct err *err)
{
	const struct source *s = find(h, fd);
	CLEANUP(free_json) json_t *msg = NULL;
	struct err bad = { 0 };
	hub_fn *fn;
	void *data;

	if (!s)
		return true;
	fn = s->fn;
	data = s->data;
	if (!ipc_recv(fd, clock_ns(), &msg, &bad)) {
		if (bad.kind == ERR_TIME)
			return true;
		msg = NULL;             /* a peer that talks nonsense is treated as gone */
	}
	if (!msg)
		hub_remove(h, fd);
	return fn(data, msg, err);
}

static bool once(struct hub *h, int64_t until_ns, struct err *err)
{
	struct pollfd p[SOURCES_MAX];
	size_t n = h->n;
	int64_t left = until_ns < 0 ? SEC(3600) : until_ns - clock_ns();
	struct timespec t = { left > 0 ? left / SEC(1) : 0, left > 0 ? left % SEC(1) : 0 };
	int r;

	for (size_t i = 0; i < n; i++)
		p[i] = (struct pollfd){ h->source[i].fd, POLLIN, 0 };
	r = ppoll(p, (nfds_t)n, &t, NULL);
	if (r < 0 && errno != EINTR)
		return err_sys(err, "poll");
	for (size_t i = 0; r > 0 && i < n; i++)
		if (p[i].revents && !dispatch(h, p[i].fd, err))
			return false;
	return true;
}

bool hub_turn(struct hub *h, const bool *flag, int64_t until_ns, struct err *err)
{
	for (;;) {
		if (interrupted && !h->deaf)
			return err_set(err, ERR_STOP, "interrupted");
		if (flag && *flag)
			return true;
		if (until_ns >= 0 && clock_ns() >= until_ns)
			return true;
		if (!once(h, until_ns, err))
			return false;
	}
}
