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

const char *const serial_fault_word[] = {
#define X(name, word, doc) word,
	SERIAL_FAULTS(X)
#undef X
	NULL
};

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

static bool add_index(const struct serial_log_writer *w, int64_t t_ns, char kind, int64_t off, int64_t n, const char *note,
		      struct err *err)
{
	char line[160];
	int len = snprintf(line, sizeof(line), "%" PRId64 " %c %" PRId64 " %" PRId64 " %.60s\n", t_ns, kind, off, n, note);

	return fs_write_all(w->idx, line, (size_t)len, err);
}

bool serial_log_add(struct serial_log_writer *w, int64_t t_ns, char kind, const void *p, size_t n, const char *note,
		    struct err *err)
{
	int64_t off = w->off;

	if (n && !fs_write_all(w->raw, p, n, err))
		return false;
	w->off += (int64_t)n;
	return add_index(w, t_ns, kind, off, (int64_t)n, note, err);
}

bool serial_log_fault(struct serial_log_writer *w, int64_t t_ns, enum serial_fault fault, int64_t raw_off, int64_t count,
		      struct err *err)
{
	return add_index(w, t_ns, 'x', raw_off, count, serial_fault_word[fault], err);
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

static void take_fault(struct serial_log *l, int64_t t_ns, const char *word, int64_t count)
{
	size_t f = 0;

	while (f < SERIAL_FAULT_COUNT && strcmp(serial_fault_word[f], word) != 0)
		f++;
	l->away |= f == SERIAL_GAP;
	if (f < SERIAL_FAULT_COUNT && t_ns >= l->from_ns)
		l->fault[f] += count;
}

/* A gap that began before from_ns reaches into the time looked at. */
static void take_event(struct serial_log *l, int64_t t_ns, const char *word)
{
	if (strcmp(word, "back") != 0 || !l->away)
		return;
	l->away = false;
	if (t_ns >= l->from_ns && !l->fault[SERIAL_GAP])
		l->fault[SERIAL_GAP] = 1;
}

static bool take_line(struct serial_log *l, struct span line, struct err *err)
{
	char text[192], kind, note[64] = "";
	int64_t t_ns, off, len;
	size_t n = line.n < sizeof(text) - 1 ? line.n : sizeof(text) - 1;

	memcpy(text, line.p, n);
	text[n] = '\0';
	if (sscanf(text, "%" SCNd64 " %c %" SCNd64 " %" SCNd64 " %63s", &t_ns, &kind, &off, &len, note) < 4 || off < 0 || len < 0)
		return err_set(err, ERR_BENCH, "malformed line in a console index");
	if (kind == 'r')
		l->last_ns = t_ns;
	if (kind == 'x')
		take_fault(l, t_ns, note, len);
	if (kind == 'e')
		take_event(l, t_ns, note);
	if (t_ns < l->from_ns)
		return true;
	if (kind == 't')
		l->sent += len;
	return kind != 'r' || !len || take_piece(l, t_ns, off, (size_t)len, err);
}

bool serial_log_more(struct serial_log *l, struct err *err)
{
	struct span line;
	bool got = true;

	while (got) {
		if (!tail_more(&l->tail, &got, err))
			return false;
		while (tail_line(&l->tail, &line))
			if (!take_line(l, line, err))
				return false;
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
