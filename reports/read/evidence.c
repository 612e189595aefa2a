/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/read/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/cleanup.h"
#include "harness/proto/pcapng.h"

#define JOURNAL_LINES_MAX (1U << 24)
#define RECORD_MAX 65536
#define CAPTURES_MAX 16
#define FRAMES_MAX 4000         /* looked up in one capture */

struct capture { char name[256]; struct evidence_frame *frame; size_t n; };

struct evidence {
	int dir;
	const json_t *verdicts;
	char name[256];                 /* the file that is open */
	int fd;
	int64_t size;
	off_t *line; size_t lines;      /* where each journal line starts, and one past the last */
	bool journal_read;
	struct capture capture[CAPTURES_MAX]; size_t captures;
};

struct evidence *evidence_open(const char *dir, const json_t *verdicts)
{
	struct evidence *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	e->verdicts = verdicts;
	e->fd = -1;
	e->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return e;
}

struct evidence *evidence_close(struct evidence *e)
{
	if (!e)
		return NULL;
	close_fd(&e->fd);
	close_fd(&e->dir);
	for (size_t i = 0; i < e->captures; i++)
		free(e->capture[i].frame);
	free(e->line);
	free(e);
	return NULL;
}

/* ---- files ---- */

int64_t evidence_use(struct evidence *e, const char *name)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	struct stat st;

	if (strlen(name) >= sizeof(e->name) || !*name)
		return -1;
	if (!strcmp(e->name, name))
		return e->size;
	close_fd(&e->fd);
	snprintf(e->name, sizeof(e->name), "%s", name);
	e->fd = (int)syscall(SYS_openat2, e->dir, name, &how, sizeof(how));
	if (e->fd >= 0 && (fstat(e->fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(e->fd);
		e->fd = -1;
	}
	e->size = e->fd >= 0 ? st.st_size : -1;
	return e->size;
}

size_t evidence_read(struct evidence *e, int64_t from, int64_t to, uint8_t *buf)
{
	size_t got = 0;

	while (e->fd >= 0 && from + (int64_t)got < to) {
		ssize_t n = pread(e->fd, buf + got, (size_t)(to - from) - got, from + (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

/* ---- journal ---- */

static bool add_line(struct evidence *e, size_t *cap, off_t off)
{
	if (e->lines == *cap) {
		off_t *more = realloc(e->line, (*cap = *cap ? *cap * 2 : 1024) * sizeof(*more));

		if (!more)
			return false;
		e->line = more;
	}
	e->line[e->lines++] = off;
	return e->lines < JOURNAL_LINES_MAX;
}

/* Where every line begins, in one pass. */
static void index_journal(struct evidence *e)
{
	uint8_t buf[16384];
	size_t n, cap = 0;
	int64_t off = 0;

	e->journal_read = true;
	if (evidence_use(e, "journal.jsonl") < 0 || !add_line(e, &cap, 0))
		return;
	while ((n = evidence_read(e, off, off + (int64_t)sizeof(buf), buf)) > 0) {
		for (uint8_t *q = buf; (q = memchr(q, '\n', n - (size_t)(q - buf))); q++)
			if (!add_line(e, &cap, off + (q - buf) + 1))
				return;
		off += (int64_t)n;
	}
}

/* Records are numbered from 1, one a line, so number n stands in line n; if it does not, it is not shown. */
json_t *evidence_record(struct evidence *e, int64_t n)
{
	uint8_t buf[RECORD_MAX];
	json_t *rec;
	size_t len;

	if (!e->journal_read)
		index_journal(e);
	if (n < 1 || (uint64_t)n >= e->lines || e->line[n] - e->line[n - 1] > RECORD_MAX || evidence_use(e, "journal.jsonl") < 0)
		return NULL;
	len = evidence_read(e, e->line[n - 1], e->line[n] - 1, buf);
	rec = json_loadb((const char *)buf, len, 0, NULL);
	if (rec && json_integer_value(json_object_get(rec, "n")) != n) {
		json_decref(rec);
		return NULL;
	}
	return rec;
}

/* ---- captures ---- */

static int by_number(const void *a, const void *b)
{
	int64_t x = ((const struct evidence_frame *)a)->number, y = ((const struct evidence_frame *)b)->number;

	return x < y ? -1 : x > y;
}

static bool want(struct capture *c, int64_t number)
{
	for (size_t i = c->n; i-- > 0 && i + 8 > c->n;)         /* claims beside each other point to the same */
		if (c->frame[i].number == number)
			return true;
	if (c->n == FRAMES_MAX)
		return false;
	c->frame[c->n++].number = number;
	return true;
}

/* The numbers that the claims of all tests point to in this capture, sorted. */
static void collect(struct capture *c, const json_t *verdicts)
{
	const json_t *tests = json_object_get(verdicts, "tests");

	for (size_t t = 0; t < json_array_size(tests); t++) {
		const json_t *claims = json_object_get(json_array_get(tests, t), "claims");

		for (size_t k = 0; k < json_array_size(claims); k++) {
			const json_t *at = json_object_get(json_array_get(claims, k), "at");

			for (size_t i = 0; i < json_array_size(at); i++) {
				const json_t *one = json_array_get(at, i);
				const char *name = json_string_value(json_object_get(one, "capture"));

				if (name && !strcmp(name, c->name))
					(void)want(c, json_integer_value(json_object_get(one, "frame")));
			}
		}
	}
	qsort(c->frame, c->n, sizeof(*c->frame), by_number);
}

static void keep(struct capture *c, const struct pcapng_frame *f)
{
	struct evidence_frame key = { .number = f->number }, *at = bsearch(&key, c->frame, c->n, sizeof(key), by_number);

	if (!at)
		return;
	while (at > c->frame && at[-1].number == f->number)     /* the same number may stand there twice */
		at--;
	at->wall_ns = f->wall_ns;
	at->off = f->off;
	at->len = f->len;
	at->stored = f->data.n;
	at->n = f->data.n < FRAME_KEPT ? f->data.n : FRAME_KEPT;
	memcpy(at->data, f->data.p, at->n);
}

static bool open_capture(struct evidence *e, const char *name, struct pcapng_reader *ret)
{
	struct err err = { 0 };
	char path[64];

	if (evidence_use(e, name) < 0)
		return false;
	/* by descriptor: it has been proved to lie inside the run folder */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", e->fd);
	return pcapng_open(path, false, ret, &err);
}

void evidence_frames(struct evidence *e, const char *capture, bool (*f)(int64_t wall_ns, void *data), void *data)
{
	struct pcapng_reader r;
	struct pcapng_frame one;
	struct err err = { 0 };

	if (!open_capture(e, capture, &r))
		return;
	while (pcapng_next(&r, &one, &err) && f(one.wall_ns, data))
		;
	pcapng_done(&r);
}

static void read_capture(struct evidence *e, struct capture *c)
{
	struct pcapng_reader r;
	struct pcapng_frame f;
	struct err err = { 0 };

	c->frame = calloc(FRAMES_MAX, sizeof(*c->frame));
	if (!c->frame)
		return;
	collect(c, e->verdicts);
	if (!c->n || !open_capture(e, c->name, &r))
		return;
	while (pcapng_next(&r, &f, &err) && f.number <= c->frame[c->n - 1].number)
		keep(c, &f);
	pcapng_done(&r);
}

const struct evidence_frame *evidence_frame(struct evidence *e, const char *capture, int64_t number)
{
	struct evidence_frame key = { .number = number }, *at;
	size_t i = 0;

	while (i < e->captures && strcmp(e->capture[i].name, capture))
		i++;
	if (i == e->captures) {
		if (i == CAPTURES_MAX || strlen(capture) >= sizeof(e->capture[i].name))
			return NULL;
		e->captures++;
		snprintf(e->capture[i].name, sizeof(e->capture[i].name), "%s", capture);
		read_capture(e, &e->capture[i]);
	}
	at = e->capture[i].n ? bsearch(&key, e->capture[i].frame, e->capture[i].n, sizeof(key), by_number) : NULL;
	while (at && at > e->capture[i].frame && at[-1].number == number)
		at--;
	return at && at->n ? at : NULL;
}
