// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

bool tail_open(const char *path, bool live, struct tail *ret, struct err *err)
{
	struct tail t = { .fd = -1, .notify = -1 };

	t.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (t.fd < 0)
		return err_sys(err, "%s", path);
	/* The watch comes before the first read, so nothing written in between goes unnoticed. */
	if (live) {
		t.notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (t.notify < 0 || inotify_add_watch(t.notify, path, IN_MODIFY) < 0) {
			err_sys(err, "watch %s", path);
			tail_close(&t);
			return false;
		}
	}
	t.buf = malloc(TAIL_BUFFER);
	if (!t.buf) {
		err_sys(err, "%s", path);
		tail_close(&t);
		return false;
	}
	*ret = t;
	return true;
}

static void drain(int notify)
{
	char events[4096] __attribute__((aligned(8)));

	while (notify >= 0 && read(notify, events, sizeof(events)) > 0)
		;
}

bool tail_more(struct tail *t, bool *ret_got, struct err *err)
{
	ssize_t n;

	drain(t->notify);
	if (t->at) {
		memmove(t->buf, t->buf + t->at, t->n - t->at);
		t->n -= t->at;
		t->at = 0;
	}
	if (ret_got)
		*ret_got = false;
	if (t->n == TAIL_BUFFER)
		return true;
	do
		n = read(t->fd, t->buf + t->n, TAIL_BUFFER - t->n);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, "read");
	t->n += (size_t)n;
	if (ret_got)
		*ret_got = n > 0;
	return true;
}

struct span tail_look(const struct tail *t)
{
	return (struct span){ t->buf + t->at, t->n - t->at };
}

void tail_take(struct tail *t, size_t n)
{
	t->at += n;
	t->off += (int64_t)n;
}

bool tail_line(struct tail *t, struct span *ret)
{
	struct span s = tail_look(t);
	const uint8_t *end = s.n ? memchr(s.p, '\n', s.n) : NULL;

	if (!end && s.n < TAIL_BUFFER)
		return false;
	*ret = (struct span){ s.p, end ? (size_t)(end - s.p) : s.n };
	tail_take(t, ret->n + (end ? 1 : 0));
	return true;
}

void tail_close(struct tail *t)
{
	/* 0 is what a struct that was never opened holds; no log is ever opened as standard input. */
	if (t->fd > 0)
		close(t->fd);
	if (t->notify > 0)
		close(t->notify);
	free(t->buf);
	*t = (struct tail){ .fd = -1, .notify = -1 };
}
