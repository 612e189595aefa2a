// SPDX-License-Identifier: Apache-2.0
#include "harness/proto/serial_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/fs.h"

static int open_log(const char *dir, const char *name, const char *ending)
{
	char path[FS_PATH];

	if (snprintf(path, sizeof(path), "%s/%s%s", dir, name, ending) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

bool serial_log_create(const char *dir, const char *name, struct serial_log_writer *ret, struct err *err)
{
	struct serial_log_writer w = { .raw = open_log(dir, name, ".raw"), .idx = open_log(dir, name, ".idx") };

	if (w.raw < 0 || w.idx < 0) {
		err_sys(err, "%s/%s", dir, name);
		serial_log_finish(&w);
		return false;
	}
	w.off = lseek(w.raw, 0, SEEK_END);
	*ret = w;
	return true;
}

bool serial_log_add(struct serial_log_writer *w, int64_t t_ns, char kind, const void *p, size_t n, const char *note,
		    struct err *err)
{
	char line[160];
	int len = snprintf(line, sizeof(line), "%" PRId64 " %c %" PRId64 " %zu %.60s\n", t_ns, kind, w->off, n, note);

	if (n && !fs_write_all(w->raw, p, n, err))
		return false;
	w->off += (int64_t)n;
	return fs_write_all(w->idx, line, (size_t)len, err);
}

void serial_log_finish(struct serial_log_writer *w)
{
	if (w->raw >= 0)
		close(w->raw);
	if (w->idx >= 0)
		close(w->idx);
	w->raw = w->idx = -1;
}

bool serial_log_open(const char *path, int64_t from_ns, bool live, struct serial_log *ret, struct err *err)
{
	struct serial_log l = { .raw = -1, .from_ns = from_ns };
	char name[FS_PATH];

	if (snprintf(name, sizeof(name), "%s.raw", path) >= (int)sizeof(name))
		return err_set(err, ERR_LIMIT, "%s: path too long", path);
	l.raw = open(name, O_RDONLY | O_CLOEXEC);
	if (l.raw < 0)
		return err_sys(err, "%s", name);
	memcpy(name + strlen(name) - 4, ".idx", 4);
	if (!tail_open(name, live, &l.tail, err)) {
		close(l.raw);
		return false;
	}
	*ret = l;
	if (serial_log_more(ret, err))
		return true;
	serial_log_done(ret);
	return false;
}

/* The oldest half goes when there is no room for more. */
static void forget(struct serial_log *l)
{
	size_t gone = 0;

	while (gone < l->pieces && l->piece[gone].at < l->n / 2)
		gone++;
	if (gone < l->pieces) {
		size_t at = l->piece[gone].at;

		memmove(l->text, l->text + at, l->n - at);
		l->n -= at;
		memmove(l->piece, l->piece + gone, (l->pieces - gone) * sizeof(*l->piece));
		l->pieces -= gone;
		for (size_t i = 0; i < l->pieces; i++)
			l->piece[i].at -= at;
	} else {
		l->n = l->pieces = 0;
	}
	l->cut = true;
}

static bool grow(struct serial_log *l, size_t n, struct err *err)
{
	if (l->n + n + 1 > l->room) {
		size_t room = 2 * (l->n + n) + 4096;
		char *grown = realloc(l->text, room);

		if (!grown)
			return err_set(err, ERR_LIMIT, "no memory for a console log");
		l->text = grown;
		l->room = room;
	}
	if (l->pieces == l->piece_room) {
		size_t room = 2 * l->piece_room + 64;
		struct serial_piece *grown = realloc(l->piece, room * sizeof(*grown));

		if (!grown)
			return err_set(err, ERR_LIMIT, "no memory for a console log");
		l->piece = grown;
		l->piece_room = room;
	}
	return true;
}

static bool take_piece(struct serial_log *l, int64_t t_ns, int64_t off, size_t n, struct err *err)
{
	char *p;

	if (n > SERIAL_LOG_MAX / 2)
		return err_set(err, ERR_BENCH, "console index names a piece of %zu bytes", n);
	if (l->n + n > SERIAL_LOG_MAX)
		forget(l);
	if (!grow(l, n, err))
		return false;
	p = l->text + l->n;
	for (size_t got = 0; got < n;) {
		ssize_t r = pread(l->raw, p + got, n - got, off + (int64_t)got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return err_set(err, ERR_BENCH, "console log is shorter than its index says");
		got += (size_t)r;
	}
	/* Patterns are matched as C text; a NUL from the device must not hide what follows it. */
	for (size_t i = 0; i < n; i++)
		if (!p[i])
			p[i] = '\1';
	l->piece[l->pieces++] = (struct serial_piece){ t_ns, off, l->n, n };
	l->n += n;
	l->text[l->n] = '\0';
	return true;
}

bool serial_log_more(struct serial_log *l, struct err *err)
{
	struct span line;
	bool got = true;

	while (got) {
		if (!tail_more(&l->tail, &got, err))
			return false;
		while (tail_line(&l->tail, &line)) {
			char text[192], kind;
			int64_t t_ns, off;
			size_t n = line.n < sizeof(text) - 1 ? line.n : sizeof(text) - 1, len;

			memcpy(text, line.p, n);
			text[n] = '\0';
			if (sscanf(text, "%" SCNd64 " %c %" SCNd64 " %zu", &t_ns, &kind, &off, &len) != 4 || off < 0)
				return err_set(err, ERR_BENCH, "malformed line in a console index");
			if (kind == 'r')
				l->last_ns = t_ns;
			if (t_ns < l->from_ns)
				continue;
			if (kind == 't')
				l->sent += (int64_t)len;
			if (kind == 'r' && len && !take_piece(l, t_ns, off, len, err))
				return false;
		}
	}
	return true;
}

bool serial_log_where(const struct serial_log *l, size_t at, int64_t *ret_t_ns, int64_t *ret_raw_off)
{
	size_t lo = 0, hi = l->pieces;

	if (at >= l->n)
		return false;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->piece[mid].at <= at)
			lo = mid;
		else
			hi = mid;
	}
	*ret_t_ns = l->piece[lo].t_ns;
	*ret_raw_off = l->piece[lo].raw_off + (int64_t)(at - l->piece[lo].at);
	return true;
}

void serial_log_done(struct serial_log *l)
{
	tail_close(&l->tail);
	if (l->raw > 0)
		close(l->raw);
	free(l->text);
	free(l->piece);
	*l = (struct serial_log){ .raw = -1 };
}
